"""The relay over this machine's own loopback; in a container: test_network.py."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from harness.sandbox import relay
from harness.sandbox.relay import MOST_CONNECTIONS


class Here:
    """Listens where a box would."""

    def listen(self) -> socket.socket:
        return socket.create_server(("127.0.0.1", 0))


@pytest.fixture
def served() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def call(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def everything(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def reverse_once(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.sendall(everything(connection)[::-1])


def test_a_request_that_ends_its_half_still_gets_the_reply(served: socket.socket) -> None:
    data = bytes(range(256)) * 4096
    with relay(Here(), *served.getsockname()) as made:
        for _ in range(2):
            answering = threading.Thread(target=reverse_once, args=(served,))
            answering.start()
            with call(made.port) as connection:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                assert everything(connection) == data[::-1]
            answering.join()


def test_connections_are_carried_side_by_side(served: socket.socket) -> None:
    with relay(Here(), *served.getsockname()) as made, call(made.port) as first, call(made.port) as second:
        ends = {each.recv(1): each for each in [say(served, first, b"1"), say(served, second, b"2")]}
        ends[b"2"].sendall(b"to 2")
        assert second.recv(9) == b"to 2"
        ends[b"1"].sendall(b"to 1")
        assert first.recv(9) == b"to 1"
        for each in ends.values():
            each.close()


def say(server: socket.socket, connection: socket.socket, what: bytes) -> socket.socket:
    connection.sendall(what)
    return server.accept()[0]


def test_nothing_is_open_after_the_context(served: socket.socket) -> None:
    before = threading.active_count()
    with relay(Here(), *served.getsockname()) as made:
        connection = call(made.port)
        other = say(served, connection, b"x")
        assert other.recv(9) == b"x"
        assert threading.active_count() > before
    with connection, other:
        assert everything(connection) == b""
        assert everything(other) == b""
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        call(made.port)


def test_where_nothing_answers_the_connection_is_closed_until_something_does(served: socket.socket) -> None:
    address = served.getsockname()
    served.close()
    with relay(Here(), *address) as made:
        with call(made.port) as connection:
            assert everything(connection) == b""
        assert made.failed
        with socket.create_server(address) as later, call(made.port) as connection, say(later, connection, b"x") as end:
            end.sendall(b"y")
            assert connection.recv(9) == b"y"
            assert not made.failed


def test_an_address_that_resets_a_connection_has_failed(served: socket.socket) -> None:
    with relay(Here(), *served.getsockname()) as made, call(made.port) as connection:
        resets(say(served, connection, b"unread"))
        with suppress(ConnectionResetError):
            assert everything(connection) == b""
        assert made.failed


def test_a_program_inside_that_leaves_is_no_failure_of_the_address(served: socket.socket) -> None:
    with relay(Here(), *served.getsockname()) as made:
        for leaves in (socket.socket.close, resets):
            connection = call(made.port)
            with say(served, connection, b"x") as end:
                assert end.recv(9) == b"x"
                end.sendall(bytes(1 << 20))
                leaves(connection)
                with suppress(ConnectionResetError):
                    assert everything(end) == b""
                resets(end)
    assert not made.failed


def resets(connection: socket.socket) -> None:
    """Close it without a word, whatever is on its way."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_a_flood_of_connections_is_bounded(served: socket.socket) -> None:
    before = threading.active_count()
    with relay(Here(), *served.getsockname()) as made, ExitStack() as opened:
        for _ in range(MOST_CONNECTIONS + 20):
            opened.enter_context(call(made.port))
        for _ in range(MOST_CONNECTIONS):
            opened.enter_context(served.accept()[0])
        served.settimeout(0.3)
        with pytest.raises(TimeoutError):
            served.accept()
        assert threading.active_count() <= before + 2 * MOST_CONNECTIONS + 1
    assert threading.active_count() == before
