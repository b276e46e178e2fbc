"""Enters a process's network namespace, opens a listening socket there and sends it to the parent.

A process of its own, without threads, because entering another user namespace takes a single-threaded one. Imports
nothing of ours. Usage: ``python netns_child.py PID DESCRIPTOR``.
"""

import ctypes
import os
import socket
import sys

_WAITING = 128


def enter(pid: int, kind: str) -> None:
    """Enter one namespace of a process, if this process is in another."""
    place, own = f"/proc/{pid}/ns/{kind}", f"/proc/self/ns/{kind}"
    if os.readlink(place) == os.readlink(own):
        return
    descriptor = os.open(place, os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), place)


def hand_over(pid: int, to: int) -> None:
    """Open the socket in the network of process ``pid`` and send it over the descriptor ``to``."""
    enter(pid, "user")
    enter(pid, "net")
    with socket.create_server(("127.0.0.1", 0), backlog=_WAITING) as opened, socket.socket(fileno=to) as there:
        socket.send_fds(there, [b"+"], [opened.fileno()])


if __name__ == "__main__":
    try:
        hand_over(int(sys.argv[1]), int(sys.argv[2]))
    except OSError as error:
        sys.exit(str(error))
