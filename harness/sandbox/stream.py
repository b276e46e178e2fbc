"""What a command in a container writes, as the engine sends it: frames over a connection taken over from HTTP."""

import select
import socket
from collections.abc import Iterator
from typing import Any

_HEADER = 8
_PIECE = 64 * 1024


class Frames:
    """Takes bytes as they come, gives the payloads of the frames in them.

    A frame is a byte for the stream (1 output, 2 errors), three zeros, the payload's length as four bytes big-endian,
    and the payload: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
    """

    def __init__(self) -> None:
        self._header = b""
        self._left = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The payloads, or parts of them, that these bytes hold."""
        while data:
            if self._left == 0:
                wanted = _HEADER - len(self._header)
                self._header, data = self._header + data[:wanted], data[wanted:]
                if len(self._header) == _HEADER:
                    self._left, self._header = int.from_bytes(self._header[4:], "big"), b""
                continue
            piece, data = data[: self._left], data[self._left :]
            self._left -= len(piece)
            yield piece


class Attached:
    """A connection to a running command. Close it, or use it as a context manager.

    Args:
        stream: what the Docker client's ``exec_start(socket=True)`` returns.
    """

    def __init__(self, stream: Any) -> None:
        self._response = stream._response
        self._socket: socket.socket = stream._sock
        # What came together with the headers sits in the response's buffer, which the client's own reader passes over.
        self._socket.setblocking(False)
        self._first: bytes = self._response.raw._fp.fp.read1(_PIECE) or b""
        self._socket.setblocking(True)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)

    def __enter__(self) -> "Attached":
        return self

    def __exit__(self, *_: object) -> None:
        self._response.close()

    def read(self, seconds: float) -> bytes | None:
        """The next bytes; b"" at the end, None if nothing came for so long."""
        if self._first:
            first, self._first = self._first, b""
            return first
        if not self._poll.poll(max(0.0, seconds) * 1000):
            return None
        return self._socket.recv(_PIECE)
