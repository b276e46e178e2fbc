"""The first process of a container, run here, in a session of its own."""

import os
import signal
import subprocess

from harness.sandbox.first_process import first_process


def test_it_ends_by_itself_and_by_no_signal_but_one_that_nobody_inside_can_send() -> None:
    with subprocess.Popen(first_process(1, 0), start_new_session=True) as process:
        assert process.wait() == 0
    with subprocess.Popen(first_process(600), start_new_session=True) as process:
        try:
            sleeper = child(process.pid)
            os.kill(process.pid, signal.SIGTERM)
            os.kill(sleeper, signal.SIGKILL)
            assert child(process.pid, known=sleeper) != sleeper
            assert process.poll() is None
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def child(pid: int, known: int | None = None) -> int:
    """The only child, another one than is ``known``."""
    while True:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            found = [int(word) for word in file.read().split()]
        if len(found) == 1 and found[0] != known:
            return found[0]
