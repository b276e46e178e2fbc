"""The head's side of a trial, with workers that are plain functions and a model by hand."""

import asyncio
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.agentic.logs import missing_or_changed
from harness.agentic.record import Record
from harness.agentic.spread import here
from harness.agentic.terms import Attempted, Graded, Infrastructure, Trial
from harness.agentic.trials import IN_A_ROW, Planned, Trials
from harness.contract import Outcome, Reply, Request, Sampling, Slot, Timing, TrialArm, Usage
from harness.endpoint.ask import Ask
from harness.endpoint.faults import FailedForGood
from harness.endpoint.gateway import Gateway
from harness.endpoint.spend import Spend
from harness.errors import BudgetSpent, HarnessError, KeyConflict, RequestFailed, Stopped
from harness.journal import Journal
from harness.sandbox import Limits
from tests.harness.endpoint.gateway.test_server import Hand

SLOT = Slot("toy", "as-published", "one", 0)
PATCH = b"--- a/x\n+++ b/x\n"
SAID = Reply("Done.", finish_reason="stop", usage=Usage(100, 10, 5), cost_usd=0.25)


def chat(trial: Trial, text: str) -> int:
    """Ask the gateway as a scaffold would; the HTTP status."""
    assert trial.way is not None
    body = {"model": trial.way.model, "messages": [{"role": "user", "content": text}], "temperature": 0.2}
    headers = {"Authorization": f"Bearer {trial.way.token}", "Content-Type": "application/json"}
    address = f"{trial.way.url}/v1/chat/completions"
    try:
        request = urllib.request.Request(address, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request) as http:
            return int(http.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def left(**values: Any) -> Attempted:
    return replace(Attempted({"image": "toy:1"}, "done", "", 2.0, PATCH, b"what it said"), **values)


def agent(texts: Sequence[str] = ("hello",), **values: Any) -> Callable[[Trial], Attempted]:
    """A worker whose agent asks these texts and leaves a patch."""

    def attempt(trial: Trial) -> Attempted:
        for text in texts:
            chat(trial, text)
        return left(**values)

    return attempt


def judge(resolved: bool = True, how: str = "all tests passed") -> Callable[[Attempted, Trial], Graded]:
    def grade(attempted: Attempted, trial: Trial) -> Graded:
        assert attempted.patch in (PATCH, b"", None)
        assert trial.way is None
        tests = {"a": "PASSED", "b": "PASSED" if resolved else "FAILED"}
        return Graded(resolved, how, tests, b"the tests' log", 1.0, "sha256:1")

    return grade


def broken(cause: Any) -> Callable[..., Any]:
    def work(*_: Any) -> Any:
        raise Infrastructure(cause, "it is away")

    return work


def planned(
    attempt: Callable[[Trial], Attempted] | None = None,
    grade: Callable[[Attempted, Trial], Graded] | None = None,
    **values: Any,
) -> Planned:
    arm = TrialArm(scaffold="single-turn")
    trial = Trial("toy/one", arm, Limits(1, 1, 100, 1, 60), 60, 60, 10)
    base = Planned(
        SLOT, trial, attempt or agent(), grade or judge(), "m", Sampling(1.0, 1.0), "on", 1000, 1000, cap_usd=2.0
    )
    return replace(base, **values)


def make(folder: Path, one: Planned, model: Hand | None) -> Outcome:
    async def play(journal: Journal) -> Outcome:
        ask = Ask(journal, {"turn": model} if model else None)
        with here(1) as workers:
            async with Gateway(ask) as gateway:
                return await Trials(journal, folder, ask, gateway, "127.0.0.1", workers)(one)

    with Journal.open(folder, "0" * 64) as journal:
        return asyncio.run(play(journal))


def lines(folder: Path) -> list[tuple[str, str, str]]:
    """(kind, role, status) of each line of the journal."""
    envelopes = [json.loads(line)["envelope"] for line in (folder / "journal.jsonl").read_text().splitlines()]
    return [(e["kind"], e["slot"]["role"], e["status"]) for e in envelopes]


MADE = [
    ("reply", "turn", "ok"),
    ("trial", "prepare", "ok"),
    ("trial", "agent", "ok"),
    ("trial", "patch", "ok"),
    ("trial", "grade", "ok"),
    ("outcome", "answer", "ok"),
]


def test_every_step_is_a_line_and_every_log_a_file_named_by_its_hash(tmp_path: Path) -> None:
    model = Hand(SAID)
    outcome = make(tmp_path, planned(), model)
    assert lines(tmp_path) == MADE
    assert outcome == Outcome(True, "all tests passed", turns=1, seconds=2.0, usage=Usage(100, 10, 5), cost_usd=0.25)
    assert model.asked[0].sampling == Sampling(1.0, 1.0)
    logs = {path.read_bytes() for path in (tmp_path / "trajectories").iterdir()}
    assert logs == {b"what it said", b"the tests' log"}
    with Journal.open(tmp_path, "0" * 64, readonly=True) as journal:
        agent_line = journal.find(replace(SLOT, role="agent", turn="1"), "trial")
        assert agent_line is not None
        body = journal.body(agent_line) or {}
    assert body["not_used"] == ["temperature"]
    assert body["log"]["bytes"] == len(b"what it said")


def test_a_finished_trial_stays(tmp_path: Path) -> None:
    first = make(tmp_path, planned(), Hand(SAID))
    again = make(tmp_path, planned(broken("engine"), broken("engine")), None)
    assert again == first
    assert lines(tmp_path) == MADE


def test_an_unfinished_trial_is_given_its_recorded_turns_until_something_differs(tmp_path: Path) -> None:
    def killed(trial: Trial) -> Attempted:
        agent(("hello", "then"))(trial)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(tmp_path, planned(killed), Hand(SAID))
    replayed = Hand(SAID)
    outcome = make(tmp_path, planned(agent(("hello", "otherwise"))), replayed)
    assert [request.messages[-1]["content"] for request in replayed.asked] == ["otherwise"]
    assert (outcome.turns, outcome.cost_usd) == (2, 0.5)


def test_an_agent_that_got_over_a_lost_request_is_graded(tmp_path: Path) -> None:
    model = Hand(FailedForGood(SLOT, "server_error", "no", ()))
    assert make(tmp_path, planned(agent()), model).resolved


def test_a_kill_between_grade_and_outcome_gives_no_second_draw(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    graded = make(whole, planned(grade=judge(False, "tests failed")), Hand(SAID))
    cut.mkdir()
    kept = (whole / "journal.jsonl").read_bytes().splitlines(keepends=True)[:-1]
    (cut / "journal.jsonl").write_bytes(b"".join(kept))
    assert make(cut, planned(broken("engine"), broken("engine")), None) == graded
    assert lines(cut) == lines(whole)


def test_what_was_left_is_graded_without_the_agent_when_only_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(RequestFailed, match=r"toy/as-published/one#0.*engine: it is away"):
        make(tmp_path, planned(grade=broken("engine")), Hand(SAID))
    assert lines(tmp_path)[-1] == ("outcome", "answer", "error")
    outcome = make(tmp_path, planned(broken("image"), judge(False, "tests failed")), None)
    assert (outcome.resolved, outcome.how, outcome.failed_tests) == (False, "tests failed", ("b",))
    assert (outcome.turns, outcome.cost_usd) == (1, 0.25)


def test_infrastructure_is_tried_again_once_and_then_a_line_says_so(tmp_path: Path) -> None:
    with pytest.raises(RequestFailed, match="image: it is away"):
        make(tmp_path, planned(broken("image")), Hand(SAID))
    assert lines(tmp_path) == [("outcome", "answer", "error")] * 2
    with Journal.open(tmp_path, "0" * 64, readonly=True) as journal:
        assert Record(journal, tmp_path, SLOT).outcome is None
    assert make(tmp_path, planned(), Hand(SAID)).resolved


class Fickle(Hand):
    """Answers what begins with "hello", and fails all else."""

    async def chat(
        self, request: Request, spend: Spend | None = None, attempts: list[Mapping[str, Any]] | None = None
    ) -> Reply:
        if str(request.messages[-1]["content"]).startswith("hello"):
            return SAID
        return await super().chat(request, spend, attempts)


@pytest.mark.parametrize("ended", ["crashed", "memory"])
@pytest.mark.parametrize(
    ("kind", "asked", "infrastructure"),
    [
        ("server_error", ["hello", "more"], True),
        ("timeout", ["hello", "more"], True),
        ("no_such_page", ["hello", "more"], True),
        ("rejected", ["hello", "more"], False),
        ("moderation", ["hello", "more"], False),
        # What the agent got over excuses nothing.
        ("server_error", ["hello", "more", "hello again"], False),
        # Before any reply there was no agent.
        ("rejected", ["more"], True),
        ("moderation", ["more"], False),
    ],
)
def test_an_agent_that_lost_its_endpoint_is_not_to_blame_but_one_that_overflowed_it_is(
    tmp_path: Path, kind: str, asked: list[str], infrastructure: bool, ended: str
) -> None:
    model = Fickle(FailedForGood(SLOT, kind, "no", ()))
    one = planned(agent(asked, patch=b"", ended=ended), judge(False, "empty patch"))
    if infrastructure:
        with pytest.raises(RequestFailed, match="endpoint: "):
            make(tmp_path, one, model)
    else:
        outcome = make(tmp_path, one, model)
        assert (outcome.resolved, outcome.how) == (False, f"empty patch (agent: {ended})")


def test_a_program_that_ends_before_it_asked_anything_is_no_agent(tmp_path: Path) -> None:
    with pytest.raises(RequestFailed, match="scaffold: the agent's program ended before it had a reply: no node"):
        make(tmp_path, planned(agent([], ended="crashed", detail="no node")), Hand(SAID))


@pytest.mark.parametrize("ended", ["time", "turns", "memory", "disk", "crashed"])
def test_an_agent_that_did_not_end_by_itself_is_not_resolved_whatever_it_left(tmp_path: Path, ended: str) -> None:
    outcome = make(tmp_path, planned(agent(ended=ended)), Hand(SAID))
    assert (outcome.resolved, outcome.how, outcome.failed_tests) == (False, f"all tests passed (agent: {ended})", ())


def asks_and_is_lost(trial: Trial) -> Attempted:
    chat(trial, "hello")
    raise Infrastructure("engine", "it is away")


def test_time_that_replies_took_in_an_earlier_session_is_the_agents_too(tmp_path: Path) -> None:
    with pytest.raises(RequestFailed):
        make(tmp_path, planned(asks_and_is_lost), Hand(timed(59.0)))
    outcome = make(tmp_path, planned(), None)
    assert (outcome.resolved, outcome.how, outcome.seconds) == (False, "all tests passed (agent: time)", 2.0)


@pytest.mark.parametrize(("limit", "cut"), [(1000, 0), (2000, 1)])
def test_replies_cut_below_the_limit_that_counts_are_told(tmp_path: Path, limit: int, cut: int) -> None:
    model = Hand(replace(SAID, finish_reason="length"))
    outcome = make(tmp_path, planned(grade=judge(False, "tests failed"), counted_limit=limit), model)
    assert (outcome.cut, outcome.resolved) == (cut, False)


def timed(seconds: float) -> Reply:
    """A reply whose last attempt took so long."""
    return replace(SAID, timing=Timing("2026-11-01T00:00:00.000+00:00", seconds, seconds))


def impatient(trial: Trial) -> Attempted:
    """An agent that is out of time while its request is on its way."""
    asking = threading.Thread(target=chat, args=(trial, "hello"))
    asking.start()
    time.sleep(1.0)
    return left(patch=b"", ended="time")


@pytest.mark.parametrize("attempt", [agent(patch=b"", ended="time"), impatient])
@pytest.mark.parametrize(("answered_in", "tries"), [(1000.0, 1), (0.0, 2)])
def test_an_agent_out_of_time_is_tried_again_where_its_endpoint_had_kept_it_waiting(
    tmp_path: Path, answered_in: float, tries: int, attempt: Callable[[Trial], Attempted]
) -> None:
    one = planned(attempt, judge(False, "empty patch"))
    one = replace(one, trial=replace(one.trial, agent_s=8.0))
    # What was waited for is recorded, and there at once in the second attempt.
    assert make(tmp_path, one, Hand(timed(answered_in), seconds=1.0)).how == "empty patch (agent: time)"
    assert lines(tmp_path).count(("outcome", "answer", "error")) == tries - 1


def test_an_agent_out_of_time_for_an_endpoint_that_fails_has_no_outcome(tmp_path: Path) -> None:
    one = planned(impatient)
    one = replace(one, trial=replace(one.trial, agent_s=8.0))
    with pytest.raises(RequestFailed, match=r"endpoint: the agent was out of time after 8 s, for \d+ of which"):
        make(tmp_path, one, Hand(FailedForGood(SLOT, "server_error", "no", ()), seconds=1.0))


def test_many_failures_in_a_row_end_the_run(tmp_path: Path) -> None:
    good = {IN_A_ROW - 1}

    async def play(journal: Journal) -> list[str]:
        ask, ended = Ask(journal, {"turn": Hand(SAID)}), []
        with here(1) as workers:
            async with Gateway(ask) as gateway:
                trials = Trials(journal, tmp_path, ask, gateway, "127.0.0.1", workers)
                for number in range(2 * IN_A_ROW):
                    one = planned() if number in good else planned(broken("image"))
                    try:
                        await trials(replace(one, slot=replace(SLOT, item=str(number))))
                        ended.append("graded")
                    except (RequestFailed, Stopped) as error:
                        ended.append(type(error).__name__)
        return ended

    with Journal.open(tmp_path, "0" * 64) as journal:
        found = asyncio.run(play(journal))
    before = ["RequestFailed"] * (IN_A_ROW - 1)
    assert found == [*before, "graded", *before, "Stopped"]


@pytest.mark.parametrize("fault", [BudgetSpent("no more"), KeyConflict("another question")])
def test_what_stops_the_run_leaves_the_trial_unfinished(tmp_path: Path, fault: HarnessError) -> None:
    with pytest.raises(type(fault)):
        make(tmp_path, planned(), Hand(fault))
    assert [line for line in lines(tmp_path) if line[0] != "reply"] == []
    assert make(tmp_path, planned(), Hand(SAID)).resolved


def test_a_trial_at_its_cap_is_asked_nothing_more_and_says_so(tmp_path: Path) -> None:
    model = Hand(SAID)
    outcome = make(tmp_path, planned(agent(("one", "two", "three")), cap_usd=0.3), model)
    assert len(model.asked) == 2
    assert (outcome.capped, outcome.cost_usd, outcome.resolved) == (True, 0.5, True)


def test_how_the_agent_ended_is_said_beside_a_failure(tmp_path: Path) -> None:
    outcome = make(tmp_path, planned(agent(ended="time", patch=None), judge(False, "nothing was left")), Hand(SAID))
    assert outcome.how == "nothing was left (agent: time)"


def test_a_patch_that_is_no_text_survives(tmp_path: Path) -> None:
    binary = b"\xff\x00\n"

    def grade(attempted: Attempted, trial: Trial) -> Graded:
        if attempted.log:
            raise Infrastructure("engine", "not now")
        assert attempted.patch == binary
        return Graded(True, "all tests passed", {}, b"", 0.0)

    with pytest.raises(RequestFailed):
        make(tmp_path, planned(agent(patch=binary), broken("engine")), Hand(SAID))
    assert make(tmp_path, planned(broken("engine"), grade), None).resolved


def test_gold_asks_no_model(tmp_path: Path) -> None:
    def attempt(trial: Trial) -> Attempted:
        assert trial.way is None
        return left()

    assert make(tmp_path, planned(attempt, asks=False), None).turns == 0
    assert lines(tmp_path) == MADE[1:]


def test_a_log_that_was_lost_or_changed_is_told(tmp_path: Path) -> None:
    make(tmp_path, planned(), Hand(SAID))
    with Journal.open(tmp_path, "0" * 64, readonly=True) as journal:
        assert list(missing_or_changed(journal, tmp_path)) == []
        changed, lost = sorted((tmp_path / "trajectories").iterdir(), key=lambda path: path.read_bytes())
        changed.write_bytes(b"something else")
        lost.unlink()
        told = sorted(missing_or_changed(journal, tmp_path))
    assert [sentence.split(f"{SLOT.item}#0/")[1].split("/")[0] for sentence in told] == ["agent", "grade"]
    assert {sentence.rsplit(" ", 2)[-1] for sentence in told} == {"changed", "trajectories/"}
