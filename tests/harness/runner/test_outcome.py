from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.contract import Outcome, Reply, Score, Timing, Usage
from harness.journal import Entry, Journal
from harness.runner.outcome import cache_key, scored_row, tried_row, unscored_row, visible_reply
from tests.harness.runner.making import profile, record, toy_plan

PLAN = toy_plan(limit=2)
FLAGS = (
    "truncated",
    "unresolved",
    "empty",
    "unclosed_think",
    "reasoning_only",
    "refused",
    "unparsed",
    "retried_partial",
    "scorer_crashed",
)


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    with Journal.open(tmp_path, "0" * 64) as journal:
        return record(journal, PLAN.request(PLAN.order[0], 0, "thinking", profile()), cost=0.25)


def flags(entry: Entry, reply: Reply, score: Score) -> set[str]:
    answer, unclosed = visible_reply(reply, ["think"])
    row = scored_row(entry, PLAN, "key", reply, answer, unclosed, score)
    return {name for name in FLAGS if row[name]}


@pytest.mark.parametrize(
    ("reply", "parsed", "found"),
    [
        ({"content": "Sum: 3", "finish_reason": "stop"}, True, set()),
        ({"content": "no idea"}, False, {"unparsed"}),
        ({"content": "Sum", "finish_reason": "length", "max_tokens": 4096}, False, {"truncated", "unparsed"}),
        ({"content": "Sum: 3", "finish_reason": "length", "max_tokens": 4000}, True, {"truncated", "unresolved"}),
        ({"content": "Sum: 3", "finish_reason": "length", "max_tokens": 4060}, True, {"truncated"}),
        (
            {"content": "S", "finish_reason": "length", "max_tokens": 4096, "usage": Usage(9, 0, 700)},
            True,
            {"truncated", "unresolved"},
        ),
        ({"content": "Sum: 3", "finish_reason": "length"}, True, {"truncated"}),
        ({"content": " \n"}, False, {"empty"}),
        ({"content": "", "reasoning": "long"}, False, {"empty", "reasoning_only"}),
        ({"content": "<think>long</think>"}, False, {"empty"}),
        ({"content": "<think>long"}, False, {"empty", "unclosed_think"}),
        ({"content": "I will not", "refusal": "no"}, False, {"refused"}),
        ({"content": "", "finish_reason": "content_filter"}, False, {"empty", "refused"}),
        ({"content": "Sum: 3", "failed_attempts": ({"partial_chars": 9},)}, True, {"retried_partial"}),
        ({"content": "Sum: 3", "failed_attempts": ({"partial_chars": 0}, {})}, True, set()),
    ],
)
def test_what_became_of_a_reply(entry: Entry, reply: dict[str, Any], parsed: bool, found: set[str]) -> None:
    assert flags(entry, Reply(**reply), Score({"right": (0.0, 1.0)}, parsed=parsed)) == found


@pytest.mark.parametrize(
    ("outcome", "unresolved", "capped"),
    [
        (Outcome(True), False, False),
        (Outcome(False, "tests failed"), False, False),
        (Outcome(False, "tests failed", capped=True), True, True),
        (Outcome(True, "all tests passed", capped=True), False, True),
        (Outcome(False, "tests failed", cut=1), True, False),
        (Outcome(True, "all tests passed", cut=1), False, False),
    ],
)
def test_what_became_of_a_trial(entry: Entry, outcome: Outcome, unresolved: bool, capped: bool) -> None:
    row = tried_row(entry, PLAN, "key", outcome, Score({"right": (float(outcome.resolved), 1.0)}))
    assert {name for name in FLAGS if row[name]} == ({"unresolved"} if unresolved else set())
    assert (row["capped"], row["ended"], row["turns"]) == (capped, outcome.how or None, None)


def test_a_scored_row_holds_its_place_counts_and_costs(entry: Entry) -> None:
    reply = Reply(
        content="Sum: 3",
        usage=Usage(10, 4, 7, 5),
        timing=Timing("2026-11-20T12:00:00Z", 0.5, 2.0),
        provider="P",
        served_model="M",
    )
    score = Score({"right": (1.0, 1.0), "parts": (2.0, 3.0)}, extracted="3")
    row = scored_row(entry, PLAN, "key", reply, reply, False, score)
    place = ("cache_key", "task", "arm", "item", "repeat", "role", "category", "imported", "at")
    item = PLAN.order[0]
    expected = ["key", "toy_sum", "thinking", item.id, 0, "answer", item.category, False, entry.at]
    assert [row[name] for name in place] == expected
    assert (row["num_right"], row["den_right"], row["num_parts"], row["den_parts"]) == (1.0, 1.0, 2.0, 3.0)
    tokens = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")
    assert [row[name] for name in tokens] == [10, 4, 7, 5]
    assert (row["cost_usd"], row["first_token_s"], row["total_s"]) == (0.25, 0.5, 2.0)
    assert (row["status"], row["extracted"], row["provider"], row["served_model"]) == ("ok", "3", "P", "M")


def test_a_row_without_a_score_has_no_counts(entry: Entry) -> None:
    row = unscored_row(entry, PLAN, "key", "error", "timeout")
    assert (row["status"], row["fault"], row["cost_usd"]) == ("error", "timeout", 0.25)
    assert not any(name.startswith(("num_", "den_")) for name in row)


def test_an_imported_line_has_no_key(entry: Entry) -> None:
    assert unscored_row(replace(entry, key=None), PLAN, "key", "error", "x")["imported"] is True


def test_the_reasoning_in_the_content_is_not_the_answer() -> None:
    answer, unclosed = visible_reply(Reply(content="<think>Sum: 1</think>\nSum: 2", reasoning="r"), ["think"])
    assert (answer.content, answer.reasoning, unclosed) == ("Sum: 2", "r", False)
    assert visible_reply(Reply(content="<think>Sum: 1"), []) == (Reply(content="<think>Sum: 1"), False)


def test_a_row_is_used_again_only_under_the_same_rules(entry: Entry) -> None:
    newer = replace(PLAN, card=PLAN.card.model_copy(update={"version": 2}))
    keys = [
        cache_key(entry, PLAN, ["think"]),
        cache_key(entry, PLAN, []),
        cache_key(entry, newer, ["think"]),
        cache_key(entry, replace(PLAN, card_sha256="f" * 64), ["think"]),
        cache_key(replace(entry, line_hash="f" * 64), PLAN, ["think"]),
    ]
    assert len(set(keys)) == 5
    assert cache_key(entry, PLAN, ["think"]) == keys[0]


def test_half_a_surrogate_pair_can_be_stored(entry: Entry) -> None:
    reply = Reply(content="x", provider="P\ud800", served_model="M\udfff")
    row = scored_row(entry, PLAN, "key", reply, reply, False, Score({"right": (0.0, 1.0)}, extracted="3\ud83d"))
    assert (row["provider"], row["served_model"], row["extracted"]) == ("P\\ud800", "M\\udfff", "3\\ud83d")


def test_a_rule_that_failed_on_the_text_is_told(entry: Entry) -> None:
    assert flags(entry, Reply(content="x"), Score({"right": (0.0, 1.0)}, detail={"crashed": ["rule"]})) == {
        "scorer_crashed"
    }
