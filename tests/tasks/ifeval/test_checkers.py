import random
from typing import Any

import pytest

from harness.errors import HarnessError
from tasks.ifeval.checkers import build, judge, readings
from tests.tasks.ifeval import gpt4

NO_COMMA = "punctuation:no_comma"
LETTERS = "keywords:letter_frequency"


def test_the_eight_readings_of_a_reply() -> None:
    assert readings("*a*\nb\nc*") == ["*a*\nb\nc*", "b\nc*", "*a*\nb", "b", "a\nb\nc", "b\nc", "a\nb"]
    assert readings("one line") == ["one line"]
    assert readings("***") == ["***"]
    assert readings(" \n\n ") == []


def test_strict_reads_the_reply_as_it_is_and_loose_any_reading() -> None:
    followed = judge([NO_COMMA], [{}], "Sure, here it is:\nno comma here")
    assert (followed.strict, followed.loose) == ([False], [True])
    followed = judge([NO_COMMA], [{}], "no comma here")
    assert (followed.strict, followed.loose) == ([True], [True])
    followed = judge([NO_COMMA], [{}], "a, b\nc, d\ne, f")
    assert (followed.strict, followed.loose) == ([False], [False])


@pytest.mark.parametrize("response", ["", " \n\t"])
def test_an_empty_reply_follows_nothing(response: str) -> None:
    followed = judge([NO_COMMA, "change_case:english_lowercase"], [{}, {}], response)
    assert (followed.strict, followed.loose) == ([False, False], [False, False])


def test_the_same_instruction_twice_is_judged_by_position() -> None:
    twice = ["keywords:frequency", "keywords:frequency"]
    arguments = [
        {"keyword": "tea", "relation": "at least", "frequency": 1},
        {"keyword": "milk", "relation": "at least", "frequency": 1},
    ]
    assert judge(twice, arguments, "only milk").strict == [False, True]


@pytest.mark.parametrize(("sign", "reply"), [("#", "#a #b #c"), ("!", "Oh! No! Yes!")])
def test_a_letter_that_is_none_is_counted_as_asked(sign: str, reply: str) -> None:
    arguments = [{"letter": sign, "let_relation": "at least", "let_frequency": 3}]
    assert judge([LETTERS], arguments, reply).strict == [True]
    assert judge([LETTERS], arguments, reply[:-3]).strict == [False]


def test_only_missing_arguments_are_dropped() -> None:
    arguments = {"num_words": 0, "relation": "at least", "keyword": None}
    assert build("length_constraints:number_words", arguments).get_instruction_args() == {
        "num_words": 0,
        "relation": "at least",
    }


def test_building_any_checker_of_the_benchmark_draws_nothing_and_keeps_its_arguments() -> None:
    state = random.getstate()
    for row in gpt4.real_rows():
        for name, arguments in zip(row["instruction_id_list"], row["kwargs"], strict=True):
            checker = build(name, arguments)
            kept: dict[str, Any] = checker.get_instruction_args() or {}
            assert set(arguments) == set(kept)
            for argument, value in arguments.items():
                assert _plain(kept[argument]) == _plain(value), (row["key"], name)
    assert random.getstate() == state


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip().lower()
    return sorted(set(value)) if isinstance(value, list) else value


def test_a_language_is_told_the_same_way_every_time() -> None:
    # Unseeded, langdetect calls this text Polish about two times in three.
    arguments = [{"language": "pl"}]
    told = [judge(["language:response_language"], arguments, "ok nice").strict for _ in range(40)]
    assert told == [told[0]] * 40


def test_a_text_without_a_language_counts_as_following_and_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert judge(["language:response_language"], [{"language": "de"}], "12345").strict == [True]
    assert caplog.records == []


def test_a_checker_that_raises_finds_nothing_followed_and_says_so() -> None:
    deep = "[" * 200_000
    followed = judge([NO_COMMA, "detectable_format:json_format"], [{}, {}], deep)
    assert (followed.strict, followed.loose) == ([True, False], [True, False])
    assert set(followed.crashed) == {1}
    assert followed.crashed[1].startswith("RecursionError")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("keywords:nonsense", {}), (NO_COMMA, {"letter": "a"}), ("combination:repeat_prompt", {})],
)
def test_rows_that_lm_eval_does_not_know_are_told(name: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(HarnessError, match=name):
        build(name, arguments)
