"""The page as a reader's browser gets it: parsed, not searched, where it matters."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from harness.canonical import readable_json
from harness.errors import UsageError
from harness.journal import Journal
from harness.report import write_report
from harness.report.page import protocol
from harness.reported import Reported, load_reported
from harness.runner.plan import TaskPlan
from harness.runner.summary import build
from tests.harness.runner.making import (
    THINKING,
    frame,
    manifest,
    open_run,
    outcome,
    profile,
    reported,
    right_of,
    toy_plan,
)

HOSTILE = "<script>alert('1')</script>\"><img src=x onerror=alert(2)>{{ 7 * 7 }}&lt;"
HOSTILE += "\u202egnp.exe\u2066\u2028\u2029\x00\x1b[2J"
INVISIBLE = "\u202e\u2066\u2028\u2029\x00\x1b\u200f\ufeff"
ALLOWED = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "h1",
    "h2",
    "h3",
    "p",
    "strong",
    "span",
    "code",
    "pre",
    "main",
    "section",
    "div",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "a",
    "ul",
    "li",
    "svg",
    "desc",
    "line",
    "text",
    "rect",
    "circle",
    "path",
}
IMPORTED = {"file": "replies.jsonl", "sha256": "f" * 64, "unmatched": 3}


class Page(HTMLParser):
    """Elements with their attributes, text, and the bytes of the style element."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.style = ""
        self.cells: list[list[str]] = []
        self._in_style = self._in_cell = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in_style = tag == "style"
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th"):
            self.cells[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False
        self._in_cell = self._in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.style += data
            return
        self.text += data
        if self._in_cell:
            self.cells[-1][-1] += data

    def rows(self, first: str) -> list[list[str]]:
        """The table rows whose first cell is this."""
        return [[cell.strip() for cell in row] for row in self.cells if row and row[0].strip() == first]


def run_of(
    folder: Path, plan: TaskPlan, rows: pd.DataFrame, table: Reported, name: str = "mine", **facts: Any
) -> tuple[Path, dict[str, Any]]:
    """A run directory with a summary; and the summary."""
    made = manifest([plan], table, **facts)
    run = open_run(folder / name, made)
    with Journal.open(run.directory, run.manifest_hash) as journal:
        found = build(made, [plan], journal, rows, table) | {"run_id": run.id}
    (run.directory / "summary.json").write_bytes(readable_json(found))
    return run.directory, found


def page_of(folder: Path, *run: Any, **facts: Any) -> tuple[str, Page, dict[str, Any]]:
    directory, found = run_of(folder, *run, **facts)
    html = write_report(directory, folder / "report").read_text("utf-8")
    return html, Page(html), found


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Page]:
    """A page where everything that comes from outside is hostile."""
    table = reported(
        "toy_sum", "other", title=HOSTILE, margin_reason=HOSTILE, corrections=HOSTILE, inferred={"x": HOSTILE}
    )
    plan = toy_plan(limit=6, table=table, endpoint=profile(thinking=THINKING), arms=("primary",))
    rows = [outcome(plan, n, category=HOSTILE, provider=HOSTILE, served_model=HOSTILE) for n in range(5)]
    rows.append(outcome(plan, 5, None, fault=HOSTILE))
    endpoint = profile(model=HOSTILE, name=HOSTILE, base_url="http://x/" + HOSTILE)
    facts = {
        "profile": endpoint.name,
        "base_url": endpoint.base_url,
        "model": endpoint.model,
        "weights_sha256": HOSTILE,
    }
    name = HOSTILE.replace("/", "").replace("\x00", "")
    imported = {"file": HOSTILE, "sha256": HOSTILE, "unmatched": 1}
    command = ["longcat-repro", HOSTILE.replace("\x00", "")]
    folder = tmp_path_factory.mktemp("hostile")
    html, page, _ = page_of(folder, plan, frame(rows), table, name, endpoint=facts, command=command, imported=imported)
    return html, page


def test_hostile_text_stays_text(hostile: tuple[str, Page]) -> None:
    html, page = hostile
    assert {tag for tag, _ in page.elements} <= ALLOWED
    assert page.text.count("<script>alert('1')</script>") >= 10
    assert "<script" not in html
    assert "<img" not in html
    assert not re.search(r"49&(amp;)?lt;", html)
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)


def test_no_invisible_character_reaches_the_page(hostile: tuple[str, Page]) -> None:
    html, page = hostile
    assert set(INVISIBLE).isdisjoint(html)
    assert r"\u202egnp.exe\u2066\u2028\u2029" in page.text
    assert "\\u001b[2J" in page.text


def test_nothing_is_fetched_from_elsewhere(hostile: tuple[str, Page]) -> None:
    html, page = hostile
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form", "image", "use"} & {
        tag for tag, _ in page.elements
    }
    assert not any({"src", "srcset", "style", "xlink:href", "background"} & set(attrs) for _, attrs in page.elements)
    assert all("href" not in attributes or tag == "a" for tag, attributes in page.elements)
    assert "url(" not in page.style
    assert "@import" not in page.style
    assert "http-equiv" in html


def test_the_policy_allows_this_style_and_nothing_else(hostile: tuple[str, Page]) -> None:
    _, page = hostile
    policies = [a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert policies[0] is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policies[0].split(";"))
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert rules == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert [tag for tag, _ in page.elements].count("style") == 1
    before = [tag for tag, _ in page.elements].index("style")
    assert any(a.get("http-equiv") for _, a in page.elements[:before])


def numbers_of(value: Any) -> list[float]:
    """The numbers of the headline's parts, however deep."""
    if isinstance(value, dict):
        return [number for part in value.values() for number in numbers_of(part)]
    if isinstance(value, list | tuple):
        return [number for part in value for number in numbers_of(part)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


def test_every_number_of_the_headline_and_its_verdict_is_shown(tmp_path: Path) -> None:
    table = reported(margin=5.0)
    plan = toy_plan(table=table)
    rows = [outcome(plan, n, float(n < 300), truncated=n >= 380, unresolved=n >= 390) for n in range(398)]
    rows += [outcome(plan, n, None) for n in (398, 399)]
    html, page, found = page_of(tmp_path, plan, frame(rows), table)
    task = found["tasks"]["toy_sum"]
    shown = [
        *(task["headline"][name] for name in ("score", "interval")),
        task["bounds"],
        task["score_on_completed"]["score"],
        *(metric["score"] for metric in task["metrics"].values()),
        *(category["score"] for category in task["categories"].values()),
    ]
    for number in numbers_of(shown):
        assert f"{number:.2f}" in page.text, number
    assert f"{task['headline']['k']} of 398" in page.text
    assert f"(n = {task['score_on_completed']['n']};" in page.text
    for number in (task["verdict"]["difference"], *task["verdict"]["interval"]):
        assert f"{number:+.2f}".replace("-", "−") in page.text
    assert task["verdict"]["sentence"] in page.text
    assert "80.0" in page.text
    assert page.rows("answered") == [["answered", "398"]]
    assert page.rows("cut by the output limit") == [["cut by the output limit", "18"]]
    assert page.rows("failed for good: unresolved, never a zero") == [
        ["failed for good: unresolved, never a zero", "2"]
    ]
    assert page.rows("failed with: timeout") == [["failed with: timeout", "2"]]
    assert "<svg" in html


def test_with_repeats_replies_are_counted_and_nothing_is_said_of_cuts(tmp_path: Path) -> None:
    plan = toy_plan(limit=5, repeats=2)
    rows = [outcome(plan, n, float(n < 4), repeat=r) for n in range(5) for r in range(2)]
    _, page, _ = page_of(tmp_path, plan, frame(rows), reported())
    assert "(8 of 10)" in page.text
    assert "On completed answers alone" not in page.text


def test_rows_that_were_not_run_are_listed(tmp_path: Path) -> None:
    plan = toy_plan(limit=5)
    vendor = load_reported("longcat-2.0")
    _, page, _ = page_of(tmp_path, plan, right_of(plan, 3), vendor)
    not_run = {row[0].strip() for row in page.cells if row and row[-1].strip() == "not run"}
    assert not_run == {row.title for row in vendor.rows.values()}
    assert page.rows("IFEval")[0][:3] == ["IFEval", "unknown", "90.0"]


def test_arms_that_were_not_run_are_listed_with_the_reason(tmp_path: Path) -> None:
    plan = toy_plan(limit=5)
    _, page, _ = page_of(tmp_path, plan, right_of(plan, 3), reported())
    assert page.rows("thinking off")[0][-1].startswith("not run: the endpoint has no thinking switch")


def test_samples_are_marked_and_not_plotted(tmp_path: Path) -> None:
    plan = toy_plan(sample=True)
    html, page, _ = page_of(tmp_path, plan, right_of(plan, 3), reported())
    assert [a for _, a in page.elements if a.get("class") == "banner"]
    assert "SAMPLE: these are a few items written for this project" in page.text
    assert "sample data" in page.text
    assert "<svg" not in html


def test_real_items_have_no_banner(tmp_path: Path) -> None:
    plan = toy_plan(limit=5)
    _, page, _ = page_of(tmp_path, plan, right_of(plan, 3), reported())
    assert "SAMPLE" not in page.text


def test_the_settings_of_imported_replies_are_unknown(tmp_path: Path) -> None:
    plan = toy_plan()
    endpoint = {"profile": "imported", "base_url": None, "model": None, "weights_sha256": None}
    facts = {"endpoint": endpoint, "profile": None, "imported": IMPORTED}
    _, page, _ = page_of(tmp_path, plan, right_of(plan, 300), reported(), **facts)
    for what in ("temperature", "top_p", "top_k", "thinking", "output limit, tokens", "prompt"):
        assert page.rows(what)[0][2] == "unknown", what
    assert "unknown (imported replies)" in page.text
    assert "3 lines unmatched" in page.text
    assert "not comparable" in page.text


def test_the_protocol_says_who_chose_what(tmp_path: Path) -> None:
    table = reported(sampling={"temperature": 0.7}, max_tokens=512, repeats=4)
    plan = toy_plan(table=table, limit=7, top_p=0.5)
    made = manifest([plan], table)
    with Journal.open(tmp_path, "0" * 64) as journal:
        found = build(made, [plan], journal, right_of(plan, 3), table)
    rows = {
        what: (theirs, ours)
        for what, theirs, ours in protocol(found["tasks"]["toy_sum"], plan.card, table.rows["toy_sum"], made)
    }
    assert rows["temperature"] == ("0.7", "0.7 (chosen by the vendor)")
    assert rows["top_p"] == ("unknown", "0.5 (chosen by the user)")
    assert rows["top_k"] == ("unknown", "none sent")
    assert rows["output limit, tokens"] == ("512", "512 (chosen by the vendor)")
    assert rows["repeats"] == ("4", "1")
    assert rows["items"] == ("400", "7 of 400")
    assert rows["thinking"] == ("unknown", "none")
    assert rows["prompt"][1].startswith("written for the tests (sha256 ")
    without = {row[0]: row[1] for row in protocol(found["tasks"]["toy_sum"], plan.card, None, made)}
    assert (without["metric"], without["judge"], without["temperature"]) == ("-", "-", "unknown")


def test_a_run_without_any_score_has_a_page_too(tmp_path: Path) -> None:
    plan = toy_plan(limit=3)
    _, page, _ = page_of(tmp_path, plan, frame([]), reported())
    assert "interim" in page.text
    assert page.rows("answered") == [["answered", "0"]]


def test_a_run_without_a_summary_has_none(tmp_path: Path) -> None:
    open_run(tmp_path / "bare", manifest([toy_plan(limit=1)]))
    with pytest.raises(UsageError, match=r"no summary\.json yet"):
        write_report(tmp_path / "bare", tmp_path / "report")
    assert not (tmp_path / "report").exists()


def test_where_it_comes_from_and_how_to_repeat_it(tmp_path: Path) -> None:
    plan = toy_plan(limit=5)
    directory, found = run_of(tmp_path, plan, right_of(plan, 3), reported(), command=["longcat-repro", "run", "a b"])
    page = Page(write_report(directory, tmp_path / "report").read_text("utf-8"))
    assert "longcat-repro run 'a b'" in page.text
    assert "longcat-repro verify mine" in page.text
    assert found["journal"]["head"] in page.text
    assert hashlib.sha256((directory / "manifest.json").read_bytes()).hexdigest() in page.text
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert "https://vendor.example/card" in links
