"""Carries connections from inside a container to an address that only this machine reaches."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
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


@dataclass
class Relay:
    """What serves an address inside a box, on ``port`` of 127.0.0.1 there."""

    port: int
    failed: bool = False
    """Whether the address could not be reached, or broke off a connection that the box had not left, and nothing has
    come from it since."""


@contextmanager
def relay(box: Listens, host: str, port: int) -> Iterator[Relay]:
    """Serve ``host:port`` inside the box, also one without network.

    Any number of connections; each direction ends by itself (half-close) and may be silent for as long as it likes.
    An address that does not answer closes the connection. All connections and threads end with the context.

    Raises:
        NoWayIn: the container's network cannot be entered from here.
    """
    with box.listen() as listening:
        made = Relay(int(listening.getsockname()[1]))
        connections = _Connections((host, port), made)
        thread = threading.Thread(target=connections.accept, args=(listening,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            connections.closing.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            connections.close()


class _Connections:
    """The connections of one relay. ``closing`` is set before the listening socket is shut down."""

    def __init__(self, to: tuple[str, int], made: Relay) -> None:
        self.closing = threading.Event()
        self._to = to
        self._made = made
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
        with inside:
            try:
                outside = socket.create_connection(self._to, timeout=CONNECTS_WITHIN_S)
            except OSError:
                self._heard(True)
            else:
                with outside:
                    self._between(inside, outside)
        with self._lock:
            self._open.discard(inside)
            self._threads.discard(threading.current_thread())
        self._room.release()

    def _between(self, inside: socket.socket, outside: socket.socket) -> None:
        outside.settimeout(None)
        for each in (inside, outside):
            with suppress(OSError):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                each.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        with self._lock:
            self._open.add(outside)
            if self.closing.is_set():
                _end(outside)
        connection = _Connection(inside, outside, self._heard)
        back = threading.Thread(target=connection.pump, args=(outside, inside), daemon=True)
        back.start()
        connection.pump(inside, outside)
        back.join()
        with self._lock:
            self._open.discard(outside)

    def _heard(self, failed: bool) -> None:
        """Note that the address failed, or said something; what breaks because we end it does not count."""
        if not self.closing.is_set():
            self._made.failed = failed


class _Connection:
    """Two sockets. ``heard`` is told whenever the outer one speaks, or breaks before the inner one has ended."""

    def __init__(self, inside: socket.socket, outside: socket.socket, heard: Callable[[bool], None]) -> None:
        self._inside = inside
        self._outside = outside
        self._heard = heard
        self._left = False

    def pump(self, source: socket.socket, sink: socket.socket) -> None:
        """Copy until the source ends, and end the sink's other half; if either breaks, both are ended."""
        at = source
        try:
            while piece := source.recv(_PIECE):
                if source is self._outside:
                    self._heard(False)
                at = sink
                sink.sendall(piece)
                at = source
            self._left = self._left or source is self._inside
            at = sink
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            if at is self._inside:
                self._left = True
            elif not self._left:
                self._heard(True)
            _end(source)
            _end(sink)


def _end(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
