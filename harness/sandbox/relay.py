"""Carries connections from inside a container to an address that only this machine reaches."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

MOST_CONNECTIONS = 128
"""Open at once; more wait to be accepted, so that a program inside cannot use up this machine's threads."""
CONNECTS_WITHIN_S = 30.0
_PIECE = 64 * 1024
_LOOKS_EVERY_S = 0.2


class Listens(Protocol):
    """A box, for what a relay needs of it."""

    def listen(self) -> socket.socket:
        """A socket that listens on 127.0.0.1 inside."""


@contextmanager
def relay(box: Listens, host: str, port: int) -> Iterator[int]:
    """Serve ``host:port`` inside the box, also one without network, and yield the port of 127.0.0.1 there.

    Any number of connections; each direction ends by itself (half-close) and may be silent for as long as it likes.
    An address that does not answer closes the connection. All connections and threads end with the context.

    Raises:
        NoWayIn: the container's network cannot be entered from here.
    """
    with box.listen() as listening:
        connections = _Connections((host, port))
        thread = threading.Thread(target=connections.accept, args=(listening,), daemon=True)
        thread.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            connections.closing.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            connections.close()


class _Connections:
    """The connections of one relay. ``closing`` is set before the listening socket is shut down."""

    def __init__(self, to: tuple[str, int]) -> None:
        self.closing = threading.Event()
        self._to = to
        self._room = threading.Semaphore(MOST_CONNECTIONS)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()

    def accept(self, listening: socket.socket) -> None:
        """Carry each connection in a thread of its own, until the listening socket is shut down."""
        while not self.closing.is_set():
            if not self._room.acquire(timeout=_LOOKS_EVERY_S):
                continue
            try:
                inside, _ = listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._carry, args=(inside,), daemon=True)
            with self._lock:
                self._open.add(inside)
                self._threads.add(thread)
            thread.start()

    def close(self) -> None:
        """End what is still open, and wait for the threads."""
        with self._lock:
            threads = list(self._threads)
            for each in self._open:
                _end(each)
        for thread in threads:
            thread.join()

    def _carry(self, inside: socket.socket) -> None:
        with inside, suppress(OSError), socket.create_connection(self._to, timeout=CONNECTS_WITHIN_S) as outside:
            outside.settimeout(None)
            for each in (inside, outside):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                each.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            with self._lock:
                self._open.add(outside)
                if self.closing.is_set():
                    _end(outside)
            back = threading.Thread(target=_pump, args=(outside, inside), daemon=True)
            back.start()
            _pump(inside, outside)
            back.join()
            with self._lock:
                self._open.discard(outside)
        with self._lock:
            self._open.discard(inside)
            self._threads.discard(threading.current_thread())
        self._room.release()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Copy until the source ends, and end the sink's other half; if either breaks, both are ended."""
    try:
        while piece := source.recv(_PIECE):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        _end(source)
        _end(sink)


def _end(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
