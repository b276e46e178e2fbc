"""Whatever the endpoint does, the run ends complete, byte-exact and with nothing scored as zero that was an error."""

import json
from collections import Counter
from typing import Any

import pytest

from tests import toy
from tests.needs import long_run
from tests.place import Outcome, Place
from tests.standin import STRANGE, Standin
from tests.standin.faults import BREAKS

RETRIED = ["429", "429-bare", "500", "502", "503", "408", "409", "500-tool-json", *BREAKS]
SHORT = {"first_token_timeout_s": 3.0, "idle_timeout_s": 3.0}


def failed_attempts(place: Place) -> list[dict[str, Any]]:
    lines = [line for line in place.lines() if line["envelope"]["status"] == "ok"]
    return [attempt for line in lines for attempt in line["body"]["reply"]["failed_attempts"]]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_fault_once_and_the_run_is_complete_and_byte_exact(place: Place, newline: str) -> None:
    if newline == "\r\n":
        long_run()
    plan = [(name, [number]) for number, name in enumerate(RETRIED, start=1)]
    table = toy.table()
    options: dict[str, Any] = {"faults": plan, "suffix": STRANGE, "torn": 7, "newline": newline, "silence": 30.0}
    with Standin("oracle", table=table, **options) as standin:
        run = place.run_toy(standin, "--limit", 40, "--concurrency", 8, **SHORT)
        assert run.code == 0, run.text
        assert standin.met == Counter(RETRIED)
        assert standin.asked == 40 + len(RETRIED)
    task = place.task()
    by_item = {toy.item_of()[prompt]: reply + STRANGE for prompt, reply in table.items()}
    answers = place.answers()
    assert answers == {item: by_item[item] for item in answers}
    assert len(answers) == task["counts"]["answered"] == task["counts"]["items"] == 40
    assert task["counts"]["error"] == 0
    assert (task["headline"]["k"], task["headline"]["n"]) == (40, 40)
    attempts = failed_attempts(place)
    assert len(attempts) == len(RETRIED)
    assert all(attempt["fault"] and attempt["detail"] for attempt in attempts)


def test_partial_output_before_a_cut_is_counted(place: Place) -> None:
    with Standin("oracle", table=toy.table(), faults=[("cut-after", [2, 3]), ("cut-before", [4])]) as standin:
        assert place.run_toy(standin, "--limit", 10, "--concurrency", 1).code == 0
    assert place.task()["counts"]["retried_partial"] in (1, 2)
    assert sum(attempt["partial_chars"] > 0 for attempt in failed_attempts(place)) == 2


def test_chance_faults_on_many_at_a_time(place: Place) -> None:
    plan = [("429", 0.1), ("cut-after", 0.1), ("half-json", 0.1), ("empty", 0.1), ("reset", 0.1)]
    with Standin("oracle", table=toy.table(), faults=plan, retry_after="0") as standin:
        run = place.run_toy(standin, "--limit", 120, "--concurrency", 32, **SHORT)
        assert run.code == 0, run.text
        assert standin.met.total() > 20
        assert standin.max_in_flight <= 32
        assert len(failed_attempts(place)) == standin.met.total()
    assert place.task()["headline"]["score"] == 100


def test_what_fails_for_good_is_an_error_and_the_next_run_asks_it_again(place: Place) -> None:
    with Standin("oracle", table=toy.table(), faults=[("500", range(3, 5))]) as standin:
        first = place.run_toy(standin, "--limit", 10, "--concurrency", 1, "--retries", 2)
        assert first.code == 5, first.text
        task = place.task()
        assert (task["counts"]["error"], task["counts"]["answered"]) == (1, 9)
        assert task["bounds"] == [90, 100]
        assert (task["headline"]["k"], task["headline"]["n"]) != (9, 10)
        assert task["verdict"]["label"] != "lower than reported"
        again = place.run_toy(standin, "--limit", 10, "--concurrency", 1, "--retries", 2)
        assert again.code == 0, again.text
        assert standin.asked == 12
    assert place.task()["headline"]["score"] == 100
    assert place.task()["counts"]["error"] == 0
    assert place("verify", "toy").code == 0


def test_silence_for_good_is_an_error(place: Place) -> None:
    with Standin("silence") as standin:
        run = place.run_toy(standin, "--limit", 2, "--retries", 1, **SHORT)
    assert run.code == 5, run.text
    assert place.task()["counts"]["error"] == 2
    assert place.task()["headline"] is None


@pytest.mark.parametrize("dialect", ["longcat", "openrouter", "sglang"])
def test_reasoning_never_reaches_the_score(place: Place, dialect: str) -> None:
    with Standin("oracle", table=toy.table(), dialect=dialect, reasoning="Sum: 1 or so") as standin:
        run = place.run_toy(standin, "--limit", 10)
        assert run.code == 0, run.text
        on = place("run", "toy_sum", "--profile", place.folder / "standin.yaml", "--limit", 10, "--run-id", "both")
        assert on.code == 0, on.text
    assert place.task()["headline"]["score"] == 100
    both = place.task("both")
    assert sorted(both["arms"]) == ["plain", "thinking"]
    assert all(arm["headline"]["score"] == 100 for arm in both["arms"].values())
    if dialect != "sglang":
        lines = place.lines("both")
        reasoning = {line["envelope"]["slot"]["arm"]: line["body"]["reply"]["reasoning"] for line in lines}
        assert (reasoning["thinking"], reasoning["plain"] or None) == ("Sum: 1 or so", None)


def test_a_server_that_queues_is_waited_for(place: Place) -> None:
    with Standin("oracle", table=toy.table(), dialect="sglang", slots=3, latency=0.05) as standin:
        run = place.run_toy(standin, "--limit", 60, "--concurrency", 32)
        assert run.code == 0, run.text
        assert standin.asked == standin.served == 60
    assert place.task()["counts"]["error"] == 0


def test_a_leaking_tag_is_not_part_of_the_answer(place: Place) -> None:
    with Standin("oracle", table=toy.table(), dialect="longcat", leak_tag=True) as standin:
        assert place.run_toy(standin, "--limit", 10).code == 0
    assert place.task()["headline"]["score"] == 100


def test_empty_answers_count_and_score_zero(place: Place) -> None:
    plan = [("reasoning-only", [1]), ("unclosed-think", [2]), ("empty-content", [3]), ("content_filter", [4])]
    with Standin("oracle", table=toy.table(), faults=plan) as standin:
        run = place.run_toy(standin, "--limit", 20)
        assert run.code == 0, run.text
        assert standin.asked == 20
    task = place.task()
    assert (task["headline"]["k"], task["headline"]["n"]) == (16, 20)
    assert task["counts"]["empty"] in (3, 4)
    assert task["counts"]["refused"] == 1
    assert task["counts"]["error"] == 0
    assert task["bounds"] in (None, [80, 80])


def test_a_reply_cut_at_the_limit_is_counted(place: Place) -> None:
    with Standin("oracle", table=toy.table(), faults=[("length", [1, 2, 3])]) as standin:
        assert place.run_toy(standin, "--limit", 20).code == 0
    task = place.task()
    assert task["counts"]["truncated"] == 3
    assert (task["headline"]["k"], task["headline"]["n"]) == (17, 20)
    assert task["score_on_completed"]["score"] == 100
    assert (task["score_on_completed"]["k"], task["score_on_completed"]["n"]) == (17, 17)


def test_a_reply_cut_below_the_cards_limit_is_unresolved(place: Place) -> None:
    with Standin("echo") as standin:
        run = place.run_toy(standin, "--limit", 10, "--max-tokens", 3)
        assert run.code == 0, run.text
        assert {body["max_tokens"] for body in standin.chats} == {3}
    task = place.task()
    assert task["counts"]["truncated"] == 10
    assert task["bounds"] == [0, 100]


def test_the_endpoint_is_asked_as_the_profile_says(place: Place) -> None:
    with Standin("oracle", table=toy.table(), dialect="longcat") as standin:
        place("run", "toy_sum", "--profile", standin.profile_file(place.folder), "--limit", 3)
        thinking = Counter(body["thinking"]["type"] for body in standin.chats)
        assert thinking == {"enabled": 3, "disabled": 3}
        assert all(body["stream"] for body in standin.chats)
        assert {body["max_tokens"] for body in standin.chats} == {4096}
        assert {body["temperature"] for body in standin.chats} == {0.0}
        assert len({json.dumps(body["messages"]) for body in standin.chats}) == 3


@pytest.mark.parametrize(
    ("options", "profile", "word"),
    [
        ({"api_key": "right"}, {}, "401"),
        ({"faults": [("403", range(1, 1000))]}, {}, "403"),
        ({}, {"model": "no-such-model"}, "no-such-model"),
        ({"dialect": "longcat"}, {"model": "TOY-model"}, "TOY-model"),
        ({"dialect": "openrouter"}, {"model": "toy-model:x"}, "toy-model:x"),
    ],
)
def test_a_refusal_is_one_clear_line_and_exit_4(
    place: Place, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], profile: dict[str, Any], word: str
) -> None:
    monkeypatch.setenv("STANDIN_API_KEY", "wrong")
    with Standin("oracle", table=toy.table(), **options) as standin:
        run = place.run_toy(standin, "--limit", 30, "--concurrency", 4, **profile)
        assert run.code == 4, run.text
        assert len(standin.chats) <= 4
    assert len([line for line in run.err.splitlines() if word in line]) == 1, run.err
    assert "Traceback" not in run.text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"dialect": "longcat", "faults": [("402", [6])]}, ["credit"]),
        ({"dialect": "openrouter", "faults": [("429-daily", [6])]}, ["reset"]),
        ({"dialect": "openrouter", "faults": [("402-afford", [6])]}, ["1234", "max-tokens"]),
    ],
)
def test_the_end_of_credit_or_of_the_day_stops_and_the_same_command_goes_on(
    place: Place, options: dict[str, Any], words: list[str]
) -> None:
    with Standin("oracle", table=toy.table(), **options) as standin:
        stopped = place.run_toy(standin, "--limit", 20, "--concurrency", 1)
        assert stopped.code == 3, stopped.text
        assert len(place.answers()) == 5
        assert all(word in stopped.err.lower() for word in words), stopped.err
        assert place.task()["counts"]["error"] == 0
        resumed = place.run_toy(standin, "--limit", 20, "--concurrency", 1)
        assert resumed.code == 0, resumed.text
        assert standin.asked == 21
    assert place.task()["headline"]["score"] == 100


def test_credit_that_runs_out_keeps_every_paid_reply(place: Place) -> None:
    with Standin("oracle", table=toy.table(), dialect="longcat", credit=0.0004, latency=0.05) as standin:
        stopped: Outcome = place.run_toy(standin, "--limit", 100, "--concurrency", 8)
        assert stopped.code == 3, stopped.text
        assert 0 < len(place.answers()) == standin.served < 100
    assert place.summary()["spend"]["usd"] == pytest.approx(standin.account_usd, abs=1e-6)
