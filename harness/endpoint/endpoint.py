"""One endpoint: its pool, its throttle and its retries."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from harness.contract import Reply, Request
from harness.endpoint import wire
from harness.endpoint.faults import FailedForGood, Fault
from harness.endpoint.profile import Profile
from harness.endpoint.spend import Spend
from harness.endpoint.throttle import Place, Throttle
from harness.errors import HarnessError, Interrupted

if TYPE_CHECKING:
    from harness.endpoint.chat import ChatClient


class Endpoint:
    """A served model. Use as an async context manager.

    Args:
        profile: how it is addressed.
        key: its API key, if any.
        concurrency: ceiling on requests in flight; None takes the profile's.
        retries: attempts for one request.
        first_wait_s: seconds before the second attempt; later waits double.
    """

    def __init__(
        self,
        profile: Profile,
        key: str | None,
        *,
        concurrency: int | None = None,
        retries: int = 8,
        first_wait_s: float = 1.0,
    ) -> None:
        self.profile = profile
        self.concurrency = max(1, concurrency or profile.concurrency)
        self.throttle = Throttle(self.concurrency)
        self._key = key
        self._retries = retries
        self._first_wait_s = first_wait_s
        self.trouble: str | None = None
        """The last fault, while nothing has succeeded since."""
        self._closing = asyncio.Event()
        self._client: ChatClient | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        from harness.endpoint.chat import ChatClient

        self._client = await self._stack.enter_async_context(ChatClient(self.profile, self._key, self.concurrency))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client = None
        await self._stack.aclose()

    def close_door(self) -> None:
        """Begin no further attempt; those that were sent are waited for, pauses between attempts end at once."""
        self._closing.set()

    def recorded(self, request: Request) -> dict[str, Any]:
        """The request as its journal line holds it; raises UsageError where this endpoint cannot be asked so."""
        return wire.recorded(self.profile, request)

    async def chat(
        self, request: Request, spend: Spend | None = None, attempts: list[Mapping[str, Any]] | None = None
    ) -> Reply:
        """Get one complete reply, asking again after transient faults. Every attempt's money is reserved in ``spend``.

        ``attempts`` is filled with the failed ones, so that a caller knows what they cost however this ends.

        Raises:
            UsageError: the endpoint cannot be asked this way; nothing was sent.
            FailedForGood: no attempt gave a complete reply.
            Refused, Stopped: nothing more should be asked; Interrupted once the door is closed.
        """
        from harness.endpoint.retry import retrying

        fields = wire.fields(self.profile, request)
        failed = [] if attempts is None else attempts
        async with self.throttle.place() as place:
            try:
                reply: Reply = await retrying(self._retries, self._first_wait_s, self._pause)(
                    self._attempt, request, fields, place, spend, failed
                )
            except Fault as fault:
                raise FailedForGood(request.slot, fault.kind, fault.detail, tuple(failed)) from None
            place.completed()
        return replace(reply, failed_attempts=tuple(failed))

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    async def _attempt(
        self,
        request: Request,
        fields: Mapping[str, Any],
        place: Place,
        spend: Spend | None,
        failed: list[Mapping[str, Any]],
    ) -> Reply:
        if self._client is None:
            raise RuntimeError("the endpoint is used outside of its async with block")
        reservation = await spend.reserve(request) if spend else None
        if self._closing.is_set():
            if reservation:
                reservation.release()
            raise Interrupted("the run is stopping")
        place.sending()
        start = monotonic()
        try:
            reply = await self._client.attempt(request, fields, place.first_token)
        except Fault as fault:
            self.trouble = f"{fault.kind}: {fault.detail}"
            if fault.status == 429:
                place.refused()
            cost = reservation.lose(charged=fault.charged) if reservation else None
            failed.append(_failed(fault.kind, fault.detail, fault.partial_chars, start, cost))
            raise
        except asyncio.CancelledError:
            cost = reservation.lose(charged=True) if reservation else None
            failed.append(_failed("interrupted", "stopped in mid-request", 0, start, cost))
            raise
        except HarnessError:
            if reservation:
                reservation.lose(charged=False)
            raise
        self.trouble = None
        if reservation:
            reply = replace(reply, cost_usd=reservation.settle(reply))
        return reply


def _failed(kind: str, detail: str, partial_chars: int, start: float, cost: float | None) -> dict[str, Any]:
    return {
        "fault": kind,
        "detail": detail,
        "partial_chars": partial_chars,
        "seconds": round(monotonic() - start, 3),
        "cost_usd": cost,
    }
