"""A listening socket inside a container's network, held by this process.

A container with no network still has its loopback. A child process (:mod:`harness.sandbox.netns_child`) enters the
container's network namespace, opens the socket there and hands it back: whoever holds it serves the container at
127.0.0.1, and nothing else can be reached from inside. Linux only (setns(2)); as root, or as the user whose rootless
engine it is.
"""

import socket
import subprocess
import sys
from pathlib import Path

from harness.errors import HarnessError

_CHILD = Path(__file__).with_name("netns_child.py")


class NoWayIn(HarnessError):
    """The container's network cannot be entered from here."""


def listen(pid: int) -> socket.socket:
    """A socket that listens on a free port of 127.0.0.1 as the container of process ``pid`` sees it.

    Raises:
        NoWayIn: this machine does not see the process (the engine runs elsewhere), or may not enter its namespaces.
    """
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with here, there:
        command = [sys.executable, "-I", str(_CHILD), str(pid), str(there.fileno())]
        done = subprocess.run(command, pass_fds=[there.fileno()], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            why = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
            raise NoWayIn(
                f"the network of process {pid} cannot be entered: {why[0]}. The engine must run on this machine, and "
                "this process as root or as the engine's own user."
            )
        _, descriptors, _, _ = socket.recv_fds(here, 1, 1)
    return socket.socket(fileno=descriptors[0])
