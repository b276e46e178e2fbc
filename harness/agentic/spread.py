"""Where trials run: a bounded number at a time, in threads of this process or on a cluster's nodes.

A trial's worker is a plain function of plain values, so it runs here and elsewhere alike. Elsewhere is
:mod:`harness.agentic.ray_spread`.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, ParamSpec, Protocol, TypeVar

from harness.agentic.terms import Infrastructure
from harness.contract import TrialSpec
from harness.sandbox import Engine
from harness.sandbox.limits import GIB

P = ParamSpec("P")
T = TypeVar("T")
KEPT_GIB = 1.0
"""Memory left to the engine, the harness and the system: our choice."""


TRIES = 4
"""How often a function is begun whose worker is lost."""


class Lost(Infrastructure):
    """The worker of a function was lost; ``detail`` says how."""

    def __init__(self, detail: str) -> None:
        super().__init__("worker", detail)
        self.args = (detail,)


class Spread(Protocol):
    """Runs functions, at most ``sandboxes`` at a time; more wait for their turn."""

    sandboxes: int
    head: str
    """The address of this machine as the workers reach it."""

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a picklable function on a worker and return what it returns.

        Whoever is cancelled while its function waits takes it back. One that has begun runs to its end: shield the
        call to have its result.

        Raises:
            BaseException: what the function raised.
            Infrastructure: ("worker") the worker was lost, and so were those that tried again.
        """

    async def once(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The same, tried on one worker alone.

        Raises:
            Lost: the worker was lost: the caller may try again.
        """


@contextmanager
def here(sandboxes: int) -> Iterator[Spread]:
    """A spread over ``sandboxes`` threads of this process.

    The context's end cancels what waits and does not wait for what has begun: that goes on until it ends or the process
    does. So: to stop in order, await the calls first; to stop at once, leave and remove this owner's containers, which
    ends what works in them.
    """
    pool = _Threads(sandboxes)
    try:
        yield pool
    finally:
        pool.stop()


class _Job(NamedTuple):
    done: "Future[Any]"
    run: Callable[[], Any]


class _Threads:
    """Daemon threads, unlike those of a ThreadPoolExecutor: Python's end does not wait for them."""

    def __init__(self, sandboxes: int) -> None:
        self.sandboxes = sandboxes
        self.head = "127.0.0.1"
        self._waiting: SimpleQueue[_Job | None] = SimpleQueue()
        for number in range(sandboxes):
            threading.Thread(target=self._work, name=f"sandbox-{number}", daemon=True).start()

    async def once(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Here no worker is lost without this process."""
        return await self(function, *args, **kwargs)

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        done: Future[T] = Future()
        self._waiting.put(_Job(done, partial(function, *args, **kwargs)))
        return await asyncio.wrap_future(done)

    def stop(self) -> None:
        """Begin nothing more."""
        with suppress(Empty):
            while (job := self._waiting.get_nowait()) is not None:
                job.done.cancel()
        for _ in range(self.sandboxes):
            self._waiting.put(None)

    def _work(self) -> None:
        while (job := self._waiting.get()) is not None:
            if not job.done.set_running_or_notify_cancel():
                continue
            try:
                result = job.run()
            except BaseException as error:
                job.done.set_exception(error)
            else:
                job.done.set_result(result)


@dataclass(frozen=True, slots=True)
class Room:
    """What the engine's machine has: cores and GiB of memory."""

    cpus: float
    memory_gib: float

    @classmethod
    def of(cls, engine: Engine) -> "Room":
        """As the engine says; it may be in a virtual machine, smaller than this one."""
        info = engine.client.info()
        return cls(float(info["NCPU"]), info["MemTotal"] / GIB)


def default_sandboxes(room: Room, spec: TrialSpec) -> int:
    """How many sandboxes have their full limits at the same time on a machine; one, where not even one has."""
    return max(1, min(int(room.cpus // spec.cpus), int((room.memory_gib - KEPT_GIB) // spec.memory_gib)))
