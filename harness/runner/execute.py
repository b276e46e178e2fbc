"""Asks what has no reply yet, in order, many at a time, and lets what is in flight finish before it stops."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from harness.errors import HarnessError, Interrupted, RequestFailed

Wanted = TypeVar("Wanted")
Asked = TypeVar("Asked", contravariant=True)


class Door(Protocol[Asked]):
    """What is asked: :class:`~harness.endpoint.ask.Ask` of a request, or of a trial what makes trials."""

    def __call__(self, wanted: Asked, /) -> Coroutine[Any, Any, Any]:
        """Answer it, durably."""

    def close(self) -> None:
        """Buy nothing more."""


@dataclass
class Ending:
    """How a run's asking ended: ``stopped`` holds why it did not reach its end."""

    answered: int = 0
    failed: int = 0
    stopped: HarnessError | None = None
    errors: list[str] = field(default_factory=list)


async def execute(
    requests: Iterable[Wanted],
    ask: Door[Wanted],
    after: Callable[[Wanted], Awaitable[None]],
    *,
    at_once: int,
    seconds: float | None = None,
) -> Ending:
    """Ask every request, or make every trial, at most ``at_once`` at a time; ``after`` follows each.

    A stop (budget, credit, limit, a refusal, a full disk, Ctrl-C, or ``seconds`` gone by) lets no further request
    begin; those in flight are paid for and are waited for. A second Ctrl-C cancels them.
    """
    ending = Ending()
    queue = iter(requests)
    stop = asyncio.Event()

    def end(why: HarnessError) -> None:
        ending.stopped = ending.stopped or why
        stop.set()
        ask.close()

    def broke(task: "asyncio.Task[None]") -> None:
        """A fault of this program ends all work, instead of one worker's."""
        if not task.cancelled() and task.exception() is not None:
            stop.set()
            ask.close()

    async def worker() -> None:
        for request in queue:
            if stop.is_set():
                return
            try:
                await ask(request)
                ending.answered += 1
            except RequestFailed as error:
                ending.failed += 1
                ending.errors.append(str(error))
            except HarnessError as error:
                end(error)
                return
            try:
                await after(request)
            except HarnessError as error:
                end(error)
                return

    loop = asyncio.get_running_loop()
    timer = loop.call_later(seconds, end, Interrupted("the time given is used up")) if seconds is not None else None
    workers = [asyncio.create_task(worker()) for _ in range(at_once)]
    for each in workers:
        each.add_done_callback(broke)
    with _interrupts(loop, end, workers):
        results = await asyncio.gather(*workers, return_exceptions=True)
    if timer:
        timer.cancel()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return ending


@contextmanager
def _interrupts(
    loop: asyncio.AbstractEventLoop, end: Callable[[HarnessError], None], workers: list["asyncio.Task[None]"]
) -> Iterator[None]:
    """First SIGINT or SIGTERM: finish what is in flight. Second: cancel it."""
    pressed = 0

    def interrupt() -> None:
        nonlocal pressed
        pressed += 1
        if pressed == 1:
            end(Interrupted("interrupted"))
        else:
            for task in workers:
                task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
