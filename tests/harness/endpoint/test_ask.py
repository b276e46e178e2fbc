import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.canonical import digest
from harness.contract import Reply, Request, Sampling, Timing, Usage
from harness.endpoint.ask import Ask
from harness.endpoint.faults import FailedForGood
from harness.endpoint.spend import Spend
from harness.endpoint.wire import recorded
from harness.errors import KeyConflict, NotRecorded, OutOfCredit, UsageError
from harness.journal import Journal
from tests.harness.endpoint.making import profile, request

MANIFEST = digest("a test")
CUT = {"fault": "cut_stream", "detail": "early", "partial_chars": 3, "seconds": 1.0, "cost_usd": 0.25}
REPLY = Reply("hello", usage=Usage(1, 0, 2), cost_usd=0.5, timing=Timing("2026-11-22T00:00:00+00:00", 0.1, 0.2))


class Fake:
    """A model by hand: ``does`` is called with the request and the list of failed attempts."""

    def __init__(self, does: Callable[[Request, list[Mapping[str, Any]]], Coroutine[Any, Any, Reply]]) -> None:
        self._does = does
        self.asked: list[Request] = []

    def recorded(self, request: Request) -> dict[str, Any]:
        return recorded(profile(), request)

    async def chat(
        self, request: Request, spend: Spend | None = None, attempts: list[Mapping[str, Any]] | None = None
    ) -> Reply:
        self.asked.append(request)
        return await self._does(request, [] if attempts is None else attempts)


async def answer(request: Request, attempts: list[Mapping[str, Any]]) -> Reply:
    await asyncio.sleep(0)
    return replace(REPLY, content=f"hello {request.slot.item}")


def raising(error: Exception, *met: Mapping[str, Any]) -> Fake:
    async def fail(request: Request, attempts: list[Mapping[str, Any]]) -> Reply:
        attempts.extend(met)
        raise error

    return Fake(fail)


def run(folder: Path, model: Fake | None, *asked: Request) -> list[Reply]:
    async def play(journal: Journal) -> list[Reply]:
        ask = Ask(journal, None if model is None else {"answer": model})
        return await asyncio.gather(*(ask(one) for one in asked))

    with Journal.open(folder, MANIFEST) as journal:
        return asyncio.run(play(journal))


def lines(folder: Path) -> list[tuple[str, float | None, Any]]:
    with Journal.open(folder, MANIFEST, readonly=True) as journal:
        return [(entry.status, entry.cost, journal.body(entry)) for entry in journal.entries()]


def test_a_reply_is_bought_once_and_then_read(tmp_path: Path) -> None:
    model = Fake(answer)
    assert run(tmp_path, model, request()) == run(tmp_path, model, request())
    assert len(model.asked) == 1


def test_what_a_line_holds(tmp_path: Path) -> None:
    [reply] = run(tmp_path, Fake(answer), request())
    [(status, cost, body)] = lines(tmp_path)
    assert (status, cost) == ("ok", 0.5)
    assert body["reply"] == {**reply.to_json(), "tool_calls": [], "failed_attempts": []}
    assert body["request"]["messages"] == [{"role": "user", "content": "Say hello."}]
    assert body["request"]["max_tokens"] == 1000
    assert body["request"]["sent"]["stream"] is True


def test_a_line_costs_what_its_failed_attempts_cost_too(tmp_path: Path) -> None:
    async def after_a_cut(request: Request, attempts: list[Mapping[str, Any]]) -> Reply:
        return replace(REPLY, failed_attempts=(CUT, {**CUT, "cost_usd": None}))

    run(tmp_path, Fake(after_a_cut), request())
    assert [cost for _, cost, _ in lines(tmp_path)] == [0.75]


def test_an_unknown_cost_stays_unknown(tmp_path: Path) -> None:
    async def free(request: Request, attempts: list[Mapping[str, Any]]) -> Reply:
        return replace(REPLY, cost_usd=None)

    run(tmp_path, Fake(free), request())
    assert [cost for _, cost, _ in lines(tmp_path)] == [None]


def test_the_same_slot_is_asked_once_at_a_time(tmp_path: Path) -> None:
    model = Fake(answer)
    replies = run(tmp_path, model, *[request()] * 5, request(item="2"))
    assert [reply.content for reply in replies] == ["hello 1"] * 5 + ["hello 2"]
    assert len(model.asked) == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model": "other"}, 'model: recorded "toy-model", now "other"'),
        ({"sampling": Sampling(1.0, 0.95)}, "sampling.temperature: recorded 0.7, now 1.0"),
        ({"thinking": "on"}, 'thinking: recorded "none", now "on"'),
        ({"messages": ({"role": "user", "content": "Hi"},)}, 'content: recorded "Say hello.", now "Hi"'),
    ],
)
def test_another_question_in_the_same_slot_is_refused(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    model = Fake(answer)
    run(tmp_path, model, request())
    with pytest.raises(KeyConflict) as caught:
        run(tmp_path, model, request(**change))
    assert told in str(caught.value)
    assert "toy/main/1#0" in str(caught.value)
    assert len(model.asked) == 1


def test_another_output_limit_is_the_same_question(tmp_path: Path) -> None:
    run(tmp_path, Fake(answer), request())
    assert run(tmp_path, None, request(max_tokens=5))[0].content == "hello 1"


def test_an_imported_reply_without_a_key_is_taken(tmp_path: Path) -> None:
    with Journal.open(tmp_path, MANIFEST) as journal:
        journal.append("reply", request().slot, None, "ok", {"reply": Reply("from elsewhere").to_json()}).result()
    assert run(tmp_path, None, request())[0].content == "from elsewhere"


def test_a_closed_network_buys_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotRecorded, match="toy/main/1#0"):
        run(tmp_path, None, request())


def test_a_request_that_failed_for_good_leaves_a_line_and_is_asked_again(tmp_path: Path) -> None:
    failure = FailedForGood(request().slot, "cut_stream", "early", (CUT,))
    with pytest.raises(FailedForGood):
        run(tmp_path, raising(failure, CUT), request())
    [(status, cost, body)] = lines(tmp_path)
    assert (status, cost) == ("error", 0.25)
    assert body["fault"] == {"fault": "cut_stream", "detail": "early", "attempts": [CUT]}
    assert run(tmp_path, Fake(answer), request())[0].content == "hello 1"


def test_a_stop_leaves_a_line_only_where_money_was_spent(tmp_path: Path) -> None:
    for met in ((), (CUT,)):
        with pytest.raises(OutOfCredit):
            run(tmp_path, raising(OutOfCredit("empty"), *met), request())
    assert [(status, cost) for status, cost, _ in lines(tmp_path)] == [("error", 0.25)]


def test_roles_find_their_endpoints(tmp_path: Path) -> None:
    model, judge = Fake(answer), Fake(answer)

    async def play(journal: Journal) -> None:
        ask = Ask(journal, {"answer": model, "judge": judge})
        await ask(request(role="judge"))
        await ask(request(role="again-2000"))
        with pytest.raises(UsageError, match="'searcher'"):
            await ask(request(role="searcher"))

    with Journal.open(tmp_path, MANIFEST) as journal:
        asyncio.run(play(journal))
    assert [one.slot.role for one in model.asked] == ["again-2000"]
    assert [one.slot.role for one in judge.asked] == ["judge"]


def test_a_cancelled_request_is_asked_again_but_its_cost_is_kept(tmp_path: Path) -> None:
    async def never(request: Request, attempts: list[Mapping[str, Any]]) -> Reply:
        try:
            await asyncio.Event().wait()
        finally:
            attempts.append({**CUT, "fault": "interrupted"})
        return REPLY

    async def play(journal: Journal) -> None:
        ask = Ask(journal, {"answer": Fake(never)})
        first = asyncio.create_task(ask(request()))
        second = asyncio.create_task(ask(request()))
        await asyncio.sleep(0)
        second.cancel()
        first.cancel()
        await asyncio.wait([first, second])
        assert first.cancelled()
        assert second.cancelled()

    with Journal.open(tmp_path, MANIFEST) as journal:
        asyncio.run(play(journal))
    assert [(status, cost, body["fault"]["fault"]) for status, cost, body in lines(tmp_path)] == [
        ("error", 0.25, "interrupted")
    ]
    assert run(tmp_path, Fake(answer), request())[0].content == "hello 1"


def test_a_waiter_goes_on_when_the_one_before_it_is_cancelled(tmp_path: Path) -> None:
    gate = asyncio.Event()

    async def slow(request: Request, attempts: list[Mapping[str, Any]]) -> Reply:
        await gate.wait()
        return REPLY

    async def play(journal: Journal) -> Reply:
        ask = Ask(journal, {"answer": Fake(slow)})
        tasks = [asyncio.create_task(ask(request())) for _ in range(3)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        tasks[1].cancel()
        gate.set()
        return await tasks[2]

    with Journal.open(tmp_path, MANIFEST) as journal:
        assert asyncio.run(play(journal)) == REPLY


def test_a_reply_in_hand_is_recorded_even_if_its_asker_is_cancelled(tmp_path: Path) -> None:
    async def play(journal: Journal) -> None:
        ask = Ask(journal, {"answer": Fake(answer)})
        task = asyncio.create_task(ask(request()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    with Journal.open(tmp_path, MANIFEST) as journal:
        asyncio.run(play(journal))
    assert [status for status, _, _ in lines(tmp_path)] == ["ok"]


def test_a_removed_reply_is_not_asked_for_again(tmp_path: Path) -> None:
    from harness.journal import redact

    run(tmp_path, Fake(answer), request())
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"".join(redact(line) for line in path.read_bytes().splitlines(keepends=True)))
    (tmp_path / "journal.idx").unlink()
    model = Fake(answer)
    with pytest.raises(NotRecorded, match="redacted"):
        run(tmp_path, model, request())
    with pytest.raises(KeyConflict, match="key: recorded"):
        run(tmp_path, model, request("Another question."))
    assert model.asked == []
