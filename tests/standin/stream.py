"""Sends one reply, streamed or whole, with the fault it is to meet."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from tests.standin.generation import Generation
from tests.standin.options import Options
from tests.standin.wire import Connection

EVENTS = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache"}
COMMENT = b": OPENROUTER PROCESSING"
BATCH = 64
"""Events in one write of an unpaced stream."""
TICK = 0.03
"""Seconds between the writes of a paced stream, so that one core paces hundreds of them."""


async def play(
    connection: Connection,
    body: Mapping[str, Any],
    generation: Generation,
    options: Options,
    fault: str | None,
    charge: Callable[[int], None],
    cost: float,
) -> bool:
    """Send the reply, charging tokens as they are generated; whether it was sent completely."""
    if fault == "silence-head":
        await connection.pause(options.silence)
    if not body.get("stream"):
        return await _whole(connection, generation, options, fault, charge, cost)
    return await _Stream(connection, generation, options, charge).run(body, fault, cost)


async def _whole(
    connection: Connection,
    generation: Generation,
    options: Options,
    fault: str | None,
    charge: Callable[[int], None],
    cost: float,
) -> bool:
    pace = generation.output / options.tokens_per_s if options.tokens_per_s else 0.0
    await connection.pause(options.latency + pace)
    if fault in ("silence-first", "silence-middle"):
        await connection.pause(options.silence)
    charge(generation.output)
    data = generation.whole(cost)
    kind = {"Content-Type": "application/json; charset=utf-8"}
    if fault in ("empty", "done-only"):
        await connection.whole(200, b"", kind)
    elif fault == "bad-json":
        await connection.whole(200, b"{not json", kind)
    elif fault == "stream-error":
        await connection.whole(200, generation.error(), kind)
    elif fault == "cut-clean":
        await connection.whole(200, data[: len(data) // 2], kind)
    elif fault in ("cut-before", "cut-after", "half-json", "reset"):
        half = 0 if fault == "cut-before" else len(data) // 2
        await connection.whole(200, data[:half], kind, missing=len(data) - half)
    else:
        await connection.whole(200, data, kind)
        return True
    return False


class _Stream:
    def __init__(
        self, connection: Connection, generation: Generation, options: Options, charge: Callable[[int], None]
    ) -> None:
        self._connection = connection
        self._generation = generation
        self._options = options
        self._charge = charge
        self._end = options.newline.encode()

    async def run(self, body: Mapping[str, Any], fault: str | None, cost: float) -> bool:
        connection, generation = self._connection, self._generation
        await connection.begin(200, EVENTS)
        if fault in ("empty", "done-only"):
            if fault == "done-only":
                await self._events(b"[DONE]")
            await connection.end()
            return False
        await self._wait(self._options.latency)
        if fault == "silence-first":
            await self._wait(self._options.silence)
        await self._events(generation.first())
        if fault == "cut-before":
            connection.close()
            return False
        if not await self._content(fault):
            return False
        await self._events(generation.last())
        if self._wants_usage(body):
            await self._events(generation.accounting(cost))
        await self._events(b"[DONE]")
        await connection.end()
        return True

    def _wants_usage(self, body: Mapping[str, Any]) -> bool:
        options = body.get("stream_options") or {}
        return bool(options.get("include_usage")) or self._generation.always_usage

    async def _content(self, fault: str | None) -> bool:
        chunks = list(self._generation.chunks(self._options.delta_tokens))
        middle = len(chunks) // 2
        await self._pieces(chunks[:middle])
        if fault and not await self._break(fault, chunks[middle][1] if chunks else self._generation.first()):
            return False
        await self._pieces(chunks[middle + 1 if fault == "bad-json" else middle :])
        return True

    async def _break(self, fault: str, event: bytes) -> bool:
        """Play the fault in the middle; whether the stream goes on after it."""
        connection = self._connection
        if fault == "silence-middle":
            await connection.pause(self._options.silence)
        elif fault == "bad-json":
            await self._events(event[:-7])
        elif fault == "cut-after":
            connection.close()
        elif fault == "reset":
            await connection.pause(0.05)
            connection.reset()
        elif fault == "half-json":
            await self._bytes(b"data: " + event[: len(event) * 2 // 3])
            await connection.end()
        elif fault == "stream-error":
            await self._events(self._generation.error(), b"[DONE]")
            await connection.end()
        elif fault == "cut-clean":
            await connection.end()
        return fault in ("silence-middle", "bad-json", "silence-first", "silence-head")

    async def _pieces(self, chunks: list[tuple[int, bytes]]) -> None:
        pace = self._options.tokens_per_s
        step = max(1, round(TICK * pace / self._options.delta_tokens)) if pace else BATCH
        for at in range(0, len(chunks), step):
            batch = chunks[at : at + step]
            count = sum(tokens for tokens, _ in batch)
            if pace:
                await self._connection.pause(count / pace)
            self._charge(count)
            await self._events(*(event for _, event in batch))

    async def _wait(self, seconds: float) -> None:
        """Pause before the first token, sending comments where the server played does so."""
        if not self._generation.comments:
            await self._connection.pause(seconds)
            return
        left = seconds
        while True:
            await self._bytes(COMMENT + self._end * 2)
            if left <= 0:
                return
            await self._connection.pause(min(left, self._options.keep_alive))
            left -= self._options.keep_alive

    async def _events(self, *events: bytes) -> None:
        lines = [b"data: " + event + self._end * 2 for event in events]
        if self._options.torn:
            await self._bytes(b"".join(lines))
        else:
            await self._connection.send(*lines)

    async def _bytes(self, data: bytes) -> None:
        width = self._options.torn or len(data)
        for at in range(0, len(data), width):
            await self._connection.send(data[at : at + width])
            await asyncio.sleep(0)
