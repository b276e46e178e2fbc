"""HTTP/1.1 by hand over asyncio streams, so that a test can tear bytes, stop in the middle and reset connections."""

import asyncio
import json
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

_POLL_S = 0.02


class GoneError(Exception):
    """The client has closed the connection."""


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came. ``body`` is the parsed JSON, None where there is none; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    at: float


async def read_request(reader: asyncio.StreamReader) -> Received | None:
    """Read one request; None at the end of the connection."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in lines if line)}
    length = int(headers.get("content-length", "0"))
    try:
        raw = await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return Received(method, path, headers, json.loads(raw) if raw else None, time.time())


class Connection:
    """The sending side of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.open = True
        """Whether another request may follow on this connection."""

    @property
    def gone(self) -> bool:
        """Whether the client has hung up."""
        return self._reader.at_eof() or self._reader.exception() is not None or self._writer.transport.is_closing()

    async def pause(self, seconds: float) -> None:
        """Send nothing for this long; raises GoneError as soon as the client hangs up."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            await asyncio.sleep(min(_POLL_S, left))
            if self.gone:
                raise GoneError

    async def whole(self, status: int, body: bytes, headers: Mapping[str, str], *, missing: int = 0) -> None:
        """Send a complete response; ``missing`` bytes are promised in its length and never sent."""
        await self._head(status, {**headers, "Content-Length": str(len(body) + missing)})
        await self._write(body)
        if missing:
            self.close()

    async def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the head of a response whose body follows in HTTP chunks."""
        await self._head(status, {**headers, "Transfer-Encoding": "chunked"})

    async def send(self, *pieces: bytes) -> None:
        """Send each piece as an HTTP chunk of its own, all in one write."""
        await self._write(b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece))

    async def end(self) -> None:
        """End the body properly."""
        await self._write(b"0\r\n\r\n")

    def close(self) -> None:
        """Close the connection, whatever was promised."""
        self.open = False
        self._writer.close()

    def reset(self) -> None:
        """Reset the connection (TCP RST) instead of closing it."""
        self.open = False
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def _head(self, status: int, headers: Mapping[str, str]) -> None:
        fields = (f"{name}: {value}" for name, value in headers.items())
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *fields]
        await self._write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    async def _write(self, data: bytes) -> None:
        if self.gone:
            raise GoneError
        try:
            self._writer.write(data)
            await self._writer.drain()
        except ConnectionError as error:
            raise GoneError from error
