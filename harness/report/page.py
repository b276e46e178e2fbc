"""Builds ``reports/<run-id>/index.html`` from a run's summary and manifest."""

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.canonical import sha256_hex
from harness.contract import Card
from harness.errors import UsageError
from harness.report.forest import forest
from harness.reported import Reported, ReportedRow
from harness.runner.registry import find_task, read_card

UNKNOWN = "unknown"
INVISIBLE = {
    code: f"\\u{code:04x}"
    for codes in (
        range(0x09),
        range(0x0B, 0x20),
        range(0x7F, 0xA0),
        (0xAD, 0x61C, 0xFEFF),
        range(0x200B, 0x2010),
        range(0x2028, 0x202F),
        range(0x2060, 0x2070),
        range(0xD800, 0xE000),
    )
    for code in codes
}
"""Controls, bidirectional and zero-width characters, line separators and half surrogate pairs, as escapes."""
LABEL_CLASSES = {
    "reproduced": "good",
    "lower than reported": "bad",
    "higher than reported": "bad",
    "consistent, not conclusive": "open",
}
BUCKETS = {
    "answered": "answered",
    "truncated": "cut by the output limit",
    "unresolved_truncated": "of these below the limit that counts: unresolved",
    "empty": "empty once reasoning is removed",
    "reasoning_only": "of these with reasoning only",
    "unclosed_think": "of these with an unclosed think tag",
    "unparsed": "no answer found by the rule",
    "refused": "refused",
    "unavailable": "judge unavailable: unresolved",
    "error": "failed for good: unresolved, never a zero",
    "scorer_crashed": "of these a checker failed on the text: not followed",
    "retried_partial": "asked again after a cut stream",
}


def write_report(run: Path, output: Path) -> Path:
    """Write the report of the run in directory ``run`` to ``output``/index.html and return that path.

    Raises:
        UsageError: the run has no summary yet.
    """
    try:
        summary = json.loads((run / "summary.json").read_bytes())
    except OSError as error:
        raise UsageError(f"{run} has no summary.json yet: run or score it first") from error
    manifest_bytes = (run / "manifest.json").read_bytes()
    manifest = json.loads(manifest_bytes)
    style = (files("harness.report") / "templates" / "style.css").read_text("utf-8")
    environment = Environment(
        loader=PackageLoader("harness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = _points
    environment.filters["signed"] = _signed
    html = environment.get_template("report.html.j2").render(
        style=style,
        style_hash="sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        summary=summary,
        manifest=manifest,
        manifest_sha256=sha256_hex(manifest_bytes),
        reported=Reported.model_validate(manifest["reported"]),
        **_views(summary, manifest),
    )
    output.mkdir(parents=True, exist_ok=True)
    path = output / "index.html"
    path.write_text(html, "utf-8")
    return path


def _views(summary: Mapping[str, Any], manifest: Mapping[str, Any]) -> dict[str, Any]:
    reported = Reported.model_validate(manifest["reported"])
    rows = []
    for name, task in summary["tasks"].items():
        told = manifest["tasks"][name]
        ref = find_task(name, [Path(told["folder"]).parent] if told["folder"] else [])
        card, _ = read_card(ref)
        rows.append(_row(name, task, card, reported.rows.get(name), manifest))
    plot = forest([row["plot"] for row in rows]) if not summary["sample_data"] else None
    return {"rows": rows, "plot": plot, "buckets": BUCKETS, "label_classes": LABEL_CLASSES}


def _row(
    name: str, task: Mapping[str, Any], card: Card, row: ReportedRow | None, manifest: Mapping[str, Any]
) -> dict[str, Any]:
    head, verdict = task["headline"], task["verdict"]
    interval = verdict["interval"] or (None, None)
    claimed = task["reported"]
    low, high = (None if end is None else claimed + end for end in interval)
    title = card.title
    return {
        "name": name,
        "title": title,
        "card": card,
        "task": task,
        "vendor": row,
        "told": manifest["tasks"][name],
        "facts": manifest["identity"]["tasks"][name],
        "protocol": protocol(task, card, row, manifest),
        "plot": {
            "title": title,
            "score": head["score"] if head else None,
            "low": low,
            "high": high,
            "reported": claimed,
            "margin": row.margin if row else None,
            "text": verdict["sentence"],
        },
    }


def protocol(
    task: Mapping[str, Any],
    card: Card,
    row: ReportedRow | None,
    manifest: Mapping[str, Any],
) -> list[tuple[str, str, str]]:
    """The protocol side by side: (what, theirs, ours); "unknown" where the vendor says nothing."""
    facts, told = manifest["identity"]["tasks"][card.name], manifest["tasks"][card.name]
    sampling, by = facts["sampling"], told["chosen_by"]
    head = task["headline"]
    imported = manifest["identity"]["imported"] is not None
    no_top_k = not imported and sampling["top_k"] == -1 and manifest["identity"]["endpoint"]["top_k_off"] is None
    unsent = {"top_k"} if no_top_k else set()

    def theirs(value: Any) -> str:
        return UNKNOWN if value is None else str(value)

    vendor = (
        {name: theirs(getattr(row, name)) for name in ("metric", "thinking", "judge", "repeats", "max_tokens")}
        if row
        else {}
    )
    drawn = row.sampling.model_dump() if row else {}
    prompt = told["prompts"].get(card.arms[task["primary_arm"]].prompt)
    asked = f"{prompt['origin']} (sha256 {prompt['sha256'][:12]}…)" if prompt else UNKNOWN

    def ours(value: Any, chosen: str | None = None) -> str:
        if imported:
            return UNKNOWN
        return f"{value} (chosen by {chosen})" if chosen else str(value)

    return [
        ("metric", vendor.get("metric", "-"), head["metric"] if head else card.headline),
        (
            "items",
            theirs(row.public_items) if row and row.public_items else f"{card.data.rows}",
            f"{task['planned']['items']} of {task['planned']['of']}",
        ),
        ("repeats", vendor.get("repeats", "-"), str(head["repeats"] if head else task["planned"]["repeats"])),
        *(
            (name, theirs(drawn.get(name)), "none sent" if name in unsent else ours(sampling[name], by[name]))
            for name in ("temperature", "top_p", "top_k")
        ),
        ("thinking", vendor.get("thinking", "-"), ours(facts["arms"][task["primary_arm"]])),
        (
            "output limit, tokens",
            vendor.get("max_tokens", "-"),
            ours(facts["max_tokens"], by["max_tokens"]),
        ),
        ("prompt", UNKNOWN, ours(asked)),
        ("judge", vendor.get("judge", "-"), card.judge or "none: scored by rule"),
        ("corrections", theirs(row.corrections) if row else "-", "none applied; disputed items are listed below"),
    ]


def _shown(value: Any) -> Any:
    """A text with its invisible characters as escapes, so that none reorders or hides what stands around it."""
    return value.translate(INVISIBLE) if isinstance(value, str) else value


def _points(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}".replace("-", "−")
