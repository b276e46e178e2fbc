"""With the real :class:`Ask` over a real journal, and a model that is told when to answer."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.contract import Reply, Request
from harness.endpoint.ask import Ask
from harness.endpoint.faults import FailedForGood
from harness.endpoint.spend import Spend
from harness.errors import BudgetSpent, HarnessError, Interrupted
from harness.journal import Journal
from harness.runner.execute import Ending, execute
from harness.runner.plan import requests
from tests.harness.runner.making import profile, toy_plan

ITEMS = 12
ASKED = list(requests([toy_plan(limit=ITEMS)], profile()))


class Model:
    """Answers at once, or where ``held`` only when released; the n-th request (from 1) may fail in its own way."""

    def __init__(self, failures: Mapping[int, HarnessError] | None = None, held: bool = False) -> None:
        self.failures = failures or {}
        self.begun = self.answered = self.in_flight = self.most = 0
        self.release = asyncio.Event()
        self.full = asyncio.Event()
        self.closed = False
        if not held:
            self.release.set()

    def close_door(self) -> None:
        self.closed = True

    def recorded(self, request: Request) -> dict[str, Any]:
        return request.keyed()

    async def chat(
        self, request: Request, spend: Spend | None = None, attempts: list[Mapping[str, Any]] | None = None
    ) -> Reply:
        self.begun += 1
        number = self.begun
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        try:
            if number == 3:
                self.full.set()
            await asyncio.sleep(0)
            if failure := self.failures.get(number):
                raise failure
            await self.release.wait()
            self.answered += 1
            return Reply(content="Sum: 1")
        finally:
            self.in_flight -= 1


def run(
    folder: Path,
    make: Callable[[], Model],
    meanwhile: Callable[[Model], Awaitable[None]] | None = None,
    after: Callable[[Request], None] = lambda request: None,
    at_once: int = 3,
    seconds: float | None = None,
) -> tuple[Ending, Model, int]:
    """How the asking ended, the model, and how many replies the journal holds."""

    async def all_of_it(journal: Journal) -> tuple[Ending, Model]:
        model = make()

        async def told(request: Request) -> None:
            after(request)

        helper = asyncio.create_task(meanwhile(model)) if meanwhile else None
        ending = await execute(ASKED, Ask(journal, {"answer": model}), told, at_once=at_once, seconds=seconds)
        if helper:
            await helper
        return ending, model

    with Journal.open(folder, "0" * 64) as journal:
        ending, model = asyncio.run(all_of_it(journal))
        return ending, model, sum(entry.status == "ok" for entry in journal.entries())


@pytest.mark.parametrize("at_once", [1, 3, 50])
def test_everything_is_asked_and_never_more_at_once_than_allowed(tmp_path: Path, at_once: int) -> None:
    told: list[str] = []
    ending, model, recorded = run(
        tmp_path, Model, after=lambda request: told.append(request.slot.item), at_once=at_once
    )
    assert (ending.answered, ending.failed, ending.stopped, recorded) == (ITEMS, 0, None, ITEMS)
    assert sorted(told) == sorted(request.slot.item for request in ASKED)
    assert model.most == min(at_once, ITEMS)
    assert not model.closed


def test_a_request_that_fails_for_good_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    failure = FailedForGood(ASKED[1].slot, "timeout", "nothing came", ())
    told: list[str] = []
    ending, _, recorded = run(
        tmp_path, lambda: Model({2: failure}), after=lambda request: told.append(request.slot.item)
    )
    assert (ending.answered, ending.failed, ending.stopped, recorded) == (ITEMS - 1, 1, None, ITEMS - 1)
    assert ending.errors == [str(failure)]
    assert sorted(told) == sorted(request.slot.item for request in ASKED)


def test_a_stop_lets_nothing_begin_and_what_is_in_flight_finish(tmp_path: Path) -> None:
    async def release_when_closed(model: Model) -> None:
        while not model.closed:
            await asyncio.sleep(0.001)
        assert model.answered == 0
        model.release.set()

    spent = BudgetSpent("no money")
    ending, model, recorded = run(tmp_path, lambda: Model({3: spent}, held=True), release_when_closed)
    assert ending.stopped is spent
    assert (model.begun, ending.answered, recorded) == (3, 2, 2)


def test_the_first_reason_to_stop_is_the_one_told(tmp_path: Path) -> None:
    first, second = BudgetSpent("first"), BudgetSpent("second")
    ending, model, _ = run(tmp_path, lambda: Model({1: first, 2: second, 3: second}))
    assert ending.stopped is first
    assert model.begun == 3


def test_the_time_given_ends_the_asking_and_not_what_was_asked(tmp_path: Path) -> None:
    async def release_when_closed(model: Model) -> None:
        while not model.closed:
            await asyncio.sleep(0.001)
        model.release.set()

    ending, model, recorded = run(tmp_path, lambda: Model(held=True), release_when_closed, seconds=0.05)
    assert isinstance(ending.stopped, Interrupted)
    assert "time" in str(ending.stopped)
    assert model.begun == ending.answered == recorded == 3


def test_no_time_at_all_is_a_limit_too(tmp_path: Path) -> None:
    ending, model, recorded = run(tmp_path, Model, seconds=0.0)
    assert isinstance(ending.stopped, Interrupted)
    assert model.begun == recorded < ITEMS


def test_one_interrupt_waits_for_what_is_in_flight(tmp_path: Path) -> None:
    async def press(model: Model) -> None:
        await model.full.wait()
        signal.raise_signal(signal.SIGINT)
        while not model.closed:
            await asyncio.sleep(0.001)
        model.release.set()

    before = signal.getsignal(signal.SIGINT)
    ending, model, recorded = run(tmp_path, lambda: Model(held=True), press)
    assert isinstance(ending.stopped, Interrupted)
    assert model.begun == ending.answered == recorded == 3
    assert signal.getsignal(signal.SIGINT) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_interrupt_cancels_what_is_in_flight(tmp_path: Path, number: signal.Signals) -> None:
    async def press_twice(model: Model) -> None:
        await model.full.wait()
        signal.raise_signal(number)
        while not model.closed:
            await asyncio.sleep(0.001)
        signal.raise_signal(number)

    ending, model, recorded = run(tmp_path, lambda: Model(held=True), press_twice)
    assert isinstance(ending.stopped, Interrupted)
    assert (model.begun, model.answered, model.in_flight, recorded) == (3, 0, 0, 0)
    assert ending.answered == 0


def test_what_was_recorded_before_is_not_asked_again(tmp_path: Path) -> None:
    run(tmp_path, Model)
    ending, model, recorded = run(tmp_path, Model)
    assert (model.begun, ending.answered, recorded) == (0, ITEMS, ITEMS)


def test_a_fault_of_ours_comes_out(tmp_path: Path) -> None:
    def broken(request: Request) -> None:
        raise ZeroDivisionError("ours")

    with pytest.raises(ZeroDivisionError, match="ours"):
        run(tmp_path, Model, after=broken)


def test_what_cannot_be_scored_stops_the_asking(tmp_path: Path) -> None:
    why = HarnessError("no dictionary")

    def unscorable(request: Request) -> None:
        raise why

    ending, model, recorded = run(tmp_path, Model, after=unscorable)
    assert ending.stopped is why
    assert model.begun == recorded == 3
