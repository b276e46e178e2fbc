import asyncio
import threading
import time
from pathlib import Path

import pytest

from harness.agentic.spread import Room, default_sandboxes, here
from harness.agentic.terms import Infrastructure
from harness.contract import TrialSpec
from harness.sandbox.engine import Engine

SPEC = TrialSpec(cpus=4, memory_gib=8, agent_hours=1, grading_minutes=10, infrastructure=["the engine fails"], why="")
WAITS_S = 30


class Held:
    """A function that goes on when it is let go, and counts how many run at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.begun = threading.Semaphore(0)
        self.go = threading.Event()
        self.running = self.most = self.ended = 0

    def __call__(self, value: int) -> int:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.begun.release()
        assert self.go.wait(WAITS_S)
        with self.lock:
            self.running -= 1
            self.ended += 1
        return value


async def begun(held: Held, count: int) -> None:
    for _ in range(count):
        assert await asyncio.to_thread(held.begun.acquire, timeout=WAITS_S)


def test_as_many_at_a_time_as_there_are_sandboxes() -> None:
    held = Held()

    async def main() -> list[int]:
        with here(3) as spread:
            assert spread.sandboxes == 3
            calls = [asyncio.create_task(spread(held, number)) for number in range(8)]
            await begun(held, 3)
            held.go.set()
            return await asyncio.gather(*calls)

    assert asyncio.run(main()) == list(range(8))
    assert held.most == 3


def test_what_the_function_raises_travels_and_the_worker_lives_on(tmp_path: Path) -> None:
    def fail() -> None:
        raise Infrastructure("image", "it could not be had")

    async def main() -> str:
        with here(1) as spread:
            with pytest.raises(Infrastructure, match="image: it could not be had"):
                await spread(fail)
            with pytest.raises(FileNotFoundError):
                await spread((tmp_path / "absent").read_text, encoding="utf-8")
            return await spread("{}{a}".format, 1, a=2)

    assert asyncio.run(main()) == "12"


def test_a_cancelled_call_is_taken_back_if_it_waits_and_runs_to_its_end_if_it_has_begun() -> None:
    held, later = Held(), Held()

    async def main() -> int:
        with here(1) as spread:
            running = asyncio.create_task(spread(held, 1))
            await begun(held, 1)
            kept, waiting = asyncio.ensure_future(spread(later, 2)), asyncio.create_task(spread(later, 3))
            shielded = asyncio.shield(kept)
            await asyncio.sleep(0)
            for call in (running, waiting, shielded):
                call.cancel()
            ended = await asyncio.gather(running, waiting, shielded, return_exceptions=True)
            assert all(isinstance(one, asyncio.CancelledError) for one in ended)
            held.go.set()
            later.go.set()
            return await kept

    assert asyncio.run(main()) == 2
    assert (held.ended, later.ended) == (1, 1)


def test_leaving_cancels_what_waits_and_does_not_wait_for_what_has_begun() -> None:
    held = Held()

    async def main() -> None:
        with here(1) as spread:
            running, waiting = (asyncio.create_task(spread(held, number)) for number in range(2))
            await begun(held, 1)
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert not running.done()
        held.go.set()
        assert await running == 0

    asyncio.run(main())
    assert held.ended == 1


def test_a_loop_that_ends_before_its_functions_leaves_no_thread() -> None:
    held, before = Held(), threading.active_count()

    async def main() -> None:
        with here(2) as spread:
            call = asyncio.create_task(spread(held, 0))
            await begun(held, 1)
            call.cancel()

    asyncio.run(main())
    held.go.set()
    end = time.monotonic() + WAITS_S
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.01)
    assert threading.active_count() <= before


@pytest.mark.parametrize(
    ("cpus", "memory", "expected"), [(2, 4, 1), (4, 9, 1), (16, 64, 4), (64, 64, 7), (8, 17, 2), (8, 16.9, 1)]
)
def test_as_many_sandboxes_as_cores_and_memory_allow(cpus: float, memory: float, expected: int) -> None:
    assert default_sandboxes(Room(cpus, memory), SPEC) == expected


@pytest.mark.xdist_group("containers")
def test_room_is_that_of_the_engines_machine(engine: Engine) -> None:
    room = Room.of(engine)
    assert room.cpus >= 1
    assert 0.1 < room.memory_gib < 10_000
