from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.journal import Journal, redact
from harness.runner.again import second_look
from harness.runner.plan import requests
from tests.harness.runner.making import THINKING, named, profile, record, record_error, toy_plan

HASH = "0" * 64
ENDPOINT = profile(thinking=THINKING, think_tags=["think"], max_output_tokens=20000)
PLAN = toy_plan(limit=6, endpoint=ENDPOINT, repeats=2, arms=("primary",))
ASKED = list(requests([PLAN], ENDPOINT))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path, HASH) as journal:
        record(journal, ASKED[0], "Sum: 1", finish_reason="stop")
        record(journal, ASKED[1], "I add and", finish_reason="length", max_tokens=4096)
        record(journal, ASKED[2], "", finish_reason="length", max_tokens=4096)
        record(journal, ASKED[3], " \n", finish_reason="stop")
        record(journal, ASKED[4], "<think>never closed", finish_reason="stop")
        record_error(journal, ASKED[5])
        record(journal, ASKED[7], "again cut", finish_reason="length", max_tokens=4096)
        yield journal


def test_truncated_answers_are_asked_again_under_the_larger_limit(journal: Journal) -> None:
    found = second_look(PLAN, journal, ENDPOINT, "truncated", 9000)
    first = [ASKED[n].slot for n in (1, 2, 7)]
    assert [(one.slot.item, one.slot.repeat, one.slot.arm) for one in found] == [
        (slot.item, slot.repeat, slot.arm) for slot in first
    ]
    assert {one.slot.role for one in found} == {"again-9000"}
    assert {one.max_tokens for one in found} == {9000}
    assert [one.keyed() for one in found] == [ASKED[n].keyed() for n in (1, 2, 7)]


def test_empty_answers_are_those_with_nothing_but_reasoning(journal: Journal) -> None:
    found = second_look(PLAN, journal, ENDPOINT, "empty", 9000)
    assert [one.slot.item for one in found] == [ASKED[n].slot.item for n in (2, 3, 4)]


def test_second_answers_are_not_looked_at_again(journal: Journal) -> None:
    for request in second_look(PLAN, journal, ENDPOINT, "truncated", 9000):
        record(journal, request, "still cut", finish_reason="length", max_tokens=9000)
    assert len(second_look(PLAN, journal, ENDPOINT, "truncated", 18000)) == 3


@pytest.mark.parametrize(
    ("limit", "said"),
    [(4096, "not above the first limit, 4096"), (4000, "not above"), (20001, r"above what toy allows \(20000\)")],
)
def test_a_limit_that_is_no_larger_or_too_large_is_refused(journal: Journal, limit: int, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        second_look(PLAN, journal, ENDPOINT, "truncated", limit)


def test_nothing_to_ask_again_is_said(journal: Journal) -> None:
    with pytest.raises(UsageError, match="no answer of other in this run is truncated"):
        second_look(named(PLAN, "other"), journal, ENDPOINT, "truncated", 9000)


def test_redacted_answers_cannot_be_told_and_are_left_out(tmp_path: Path) -> None:
    with Journal.open(tmp_path, HASH) as journal:
        record(journal, ASKED[0], "", finish_reason="length")
    path = tmp_path / "journal.jsonl"
    path.write_bytes(redact(path.read_bytes()))
    (tmp_path / "journal.idx").unlink()
    with (
        Journal.open(tmp_path, HASH, readonly=True) as journal,
        pytest.raises(UsageError, match="nothing to ask again"),
    ):
        second_look(PLAN, journal, ENDPOINT, "truncated", 9000)
