"""How many requests may be in flight: additive increase, multiplicative decrease, shared by all tasks of an endpoint.

The rule is TCP's (Chiu and Jain 1989): one more for every reply that completes while the limit is in use, half on a
429. Servers that queue instead of refusing (SGLang) show it in the time to the first token, so the limit also shrinks
when that rises far above the best seen.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_SMOOTHING = 0.1
_DRIFT = 1.02
_RISE = 4.0
_SLACK_S = 2.0


class Place:
    """One request's place in flight; told what happens to it."""

    __slots__ = ("_throttle", "_window")

    def __init__(self, throttle: "Throttle") -> None:
        self._throttle = throttle
        self._window = throttle.window

    def sending(self) -> None:
        """An attempt is about to be sent: what it meets is news of the limit now in force."""
        self._window = self._throttle.window

    def first_token(self, seconds: float) -> None:
        """The first token came after so long."""
        self._throttle.observe(seconds, self._window)

    def refused(self) -> None:
        """The server answered 429."""
        self._throttle.cut(0.5, self._window)

    def completed(self) -> None:
        """A reply is complete."""
        self._throttle.grow()


class Throttle:
    """A changing limit on requests in flight, between 1 and ``ceiling``.

    ``window`` counts the cuts: a request sent before the last cut cannot cause another, so that one burst of 429s
    halves the limit once.
    """

    def __init__(self, ceiling: int) -> None:
        self.ceiling = max(1, ceiling)
        self.limit = float(min(self.ceiling, max(8, self.ceiling // 4)))
        self.in_flight = 0
        self.window = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._smoothed: float | None = None
        self._best = 0.0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        """Wait, in order of arrival, for a place; give it back at the end."""
        await self._enter()
        try:
            yield Place(self)
        finally:
            self.in_flight -= 1
            self._admit()

    def observe(self, seconds: float, window: int) -> None:
        """Take one time to the first token into account."""
        if self._smoothed is None:
            self._smoothed = self._best = seconds
            return
        self._smoothed += _SMOOTHING * (seconds - self._smoothed)
        self._best = min(seconds, self._best * _DRIFT)
        if self._queueing():
            self.cut(0.75, window)

    def cut(self, factor: float, window: int) -> None:
        """Shrink the limit, unless it was cut since ``window``."""
        if window == self.window:
            self.window += 1
            self.limit = max(1.0, self.limit * factor)

    def grow(self) -> None:
        """Allow one more, if what is allowed is in use and the server keeps up."""
        if self.in_flight >= int(self.limit) and not self._queueing():
            self.limit = min(float(self.ceiling), self.limit + 1)
            self._admit()

    def _queueing(self) -> bool:
        return self._smoothed is not None and self._smoothed > _RISE * self._best + _SLACK_S

    async def _enter(self) -> None:
        if self.in_flight < int(self.limit) and not self._waiting:
            self.in_flight += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.in_flight -= 1
                self._admit()
            raise

    def _admit(self) -> None:
        while self._waiting and self.in_flight < int(self.limit):
            turn = self._waiting.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)
