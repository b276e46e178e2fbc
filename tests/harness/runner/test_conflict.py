"""An explicit run id goes on only with what it was started for."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests import toy
from tests.place import Place
from tests.standin import Standin

pytestmark = pytest.mark.xdist_group("conflict")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Standin]]:
    """The run toy of four items, which refused commands leave as it is, and the stand-in it asked."""
    place = Place(tmp_path_factory.mktemp("asked"))
    with Standin("oracle", table=toy.table()) as standin:
        assert place.run_toy(standin, "--limit", 4).code == 0
        yield place, standin


@pytest.mark.parametrize(
    ("more", "profile", "named"),
    [
        ([], {"model": "other-model"}, ["model", "toy-model", "other-model"]),
        (["--temperature", 0.5], {}, ["temperature", "0.0", "0.5"]),
        (["--top-p", 0.9], {}, ["top_p", "1.0", "0.9"]),
        (["--seed", 7], {}, ["seed", "0", "7"]),
        (["--max-tokens", 100], {}, ["max_tokens", "4096", "100"]),
        ([], {"extra_body": {"mode": "x"}}, ["extra_body", "mode", '"x"']),
    ],
)
def test_another_question_is_refused_by_field_and_values(
    asked: tuple[Place, Standin], more: list[str | float], profile: dict[str, object], named: list[str]
) -> None:
    place, standin = asked
    before = (place.results / "toy" / "journal.jsonl").read_bytes()
    refused = place.run_toy(standin, "--limit", 4, *more, **profile)
    assert refused.code == 2, refused.text
    assert all(word in refused.err for word in named), refused.err
    assert standin.asked == 4
    assert (place.results / "toy" / "journal.jsonl").read_bytes() == before


def test_another_prompt_is_refused(asked: tuple[Place, Standin], tmp_path: Path) -> None:
    place, standin = asked
    prompt = tmp_path / "mine.j2"
    prompt.write_text("Add {{ a }} and {{ b }}.")
    refused = place.run_toy(standin, "--limit", 4, "--prompt", f"toy_sum={prompt}")
    assert refused.code == 2, refused.text
    assert "prompt" in refused.err
    assert standin.asked == 4


def test_other_data_are_refused(place: Place) -> None:
    tasks = place.folder / "tasks"
    shutil.copytree(toy.TASKS, tasks)
    with Standin("echo") as standin:
        words = place.toy_words(standin, "--limit", 4, "--tasks-path", tasks)
        assert place(*words).code == 0
        change_rows(tasks / "toy_sum" / "card.yaml", place.folder / "data" / "toy_sum")
        refused = place(*words, "--data-dir", place.folder / "data")
        assert refused.code == 2, refused.text
        assert "rows_sha256" in refused.err
        assert standin.asked == 4


def change_rows(card: Path, data: Path) -> None:
    """Take one row out of the data, and pin the rest in the card."""
    from harness.canonical import sha256_hex
    from harness.datasource import rows_sha256

    text = (toy.DATA / "toy_sum" / "rows.jsonl").read_text("utf-8").partition("\n")[2]
    data.mkdir(parents=True)
    (data / "rows.jsonl").write_text(text)
    values = yaml.safe_load(card.read_text("utf-8"))
    values["data"] |= {"rows": 399, "rows_sha256": rows_sha256(toy.rows()[1:], ["id", "a", "b"])}
    values["data"]["doors"][0]["sha256"] = sha256_hex(text.encode())
    card.write_text(yaml.safe_dump(values))


def test_how_it_is_asked_may_change(asked: tuple[Place, Standin]) -> None:
    place, standin = asked
    words = ("--limit", 4, "--concurrency", 2, "--retries", 3)
    other = place.run_toy(standin, *words, idle_timeout_s=9.0, concurrency=5)
    assert other.code == 0, other.text
    assert standin.asked == 4
