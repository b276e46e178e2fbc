"""A container's processes and memory as this machine sees them; Linux, and the engine on this machine."""

import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
_CGROUPS = Path("/sys/fs/cgroup")
_LOG = Path("/dev/kmsg")
_RECORD = 8192
_CLOCKS_DIFFER_S = 600.0
_STARVED = "Memory cgroup out of memory: Killed process "
_ENDS_WITHIN_S = 5.0
_BETWEEN_S = 0.02
_LOOKS = 2
_EXITING = 0x4
"""PF_EXITING of the Linux kernel's include/linux/sched.h, among the flags in proc_pid_stat(5)."""


class _Process(NamedTuple):
    pid: int
    parent: int
    session: int
    dead: bool


def end_command(leader: int, container: str) -> bool:
    """Kill a command and what it started; what it put into a session of its own after its parent ended is spared.

    Args:
        leader: the command's process, which leads a session of its own.
        container: the container's id; no process outside of its control group is touched.

    Returns:
        Whether nothing of it is left. False: this process may not, or does not see them.
    """
    known, nothing_seen = {leader}, 0
    end = time.monotonic() + _ENDS_WITHIN_S
    while time.monotonic() < end:
        alive = [each for each in _inside(container) if not each.dead]
        if not alive:
            return False
        while more := {each.pid for each in alive if each.session == leader or each.parent in known} - known:
            known |= more
        victims = [each.pid for each in alive if each.pid in known]
        # One look can miss a child of a process that ended during it.
        nothing_seen = 0 if victims else nothing_seen + 1
        if nothing_seen == _LOOKS:
            return True
        for pid in victims:
            if not _kill(pid, container):
                return False
        time.sleep(_BETWEEN_S)
    return False


def is_alive(pid: int, container: str) -> bool:
    """Whether a process of the container lives, as far as this machine sees it."""
    return any(each.pid == pid and not each.dead for each in _inside(container, [pid]))


def memory_events(pid: int) -> Path | None:
    """The file that counts the kills for lack of memory in a process's control group; None where there is none."""
    try:
        lines = (_PROC / str(pid) / "cgroup").read_text().splitlines()
    except OSError:
        return None
    places = []
    for line in lines:
        _, kinds, path = line.split(":", 2)
        if "memory" in kinds.split(","):
            places.append(_CGROUPS / "memory" / path.strip("/") / "memory.oom_control")
        elif not kinds:
            places.append(_CGROUPS / path.strip("/") / "memory.events")
    return next((place for place in places if place.is_file()), None)


def memory_kills(events: Path | None) -> int:
    """How often a program was killed for lack of memory; 0 if the control group is gone."""
    if events is not None:
        with suppress(OSError, ValueError):
            counts = dict(line.split() for line in events.read_text().splitlines())
            return int(counts.get("oom_kill", 0))
    return 0


def starved(pid: int, since: float) -> bool:
    """Whether the kernel's log says that a process was killed at its control group's limit of memory.

    The group and its count are gone soon after its last process; the log stays, for those who may read it.

    Args:
        pid: the process's number on this machine.
        since: on the monotonic clock, from which the log's drifts; earlier processes may have had the number.
    """
    try:
        log = os.open(_LOG, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return any(at > since - _CLOCKS_DIFFER_S and f"{_STARVED}{pid} (" in text for at, text in _records(log))
    finally:
        os.close(log)


def _records(log: int) -> Iterator[tuple[float, str]]:
    """When and what, of each record: https://www.kernel.org/doc/Documentation/ABI/testing/dev-kmsg."""
    while True:
        try:
            record = os.read(log, _RECORD).decode("utf-8", "replace")
        except BrokenPipeError:
            continue
        except OSError:
            return
        head, _, text = record.partition(";")
        yield int(head.split(",")[2]) / 1e6, text


def _inside(container: str, pids: Iterable[int] | None = None) -> list[_Process]:
    """The processes of a container, all or those named; an empty list where this machine does not see them."""
    found = []
    for pid in _all() if pids is None else pids:
        place = _PROC / str(pid)
        with suppress(OSError):
            if container in (place / "cgroup").read_text():
                fields = (place / "stat").read_text().rpartition(")")[2].split()
                dead = fields[0] in "ZX" or bool(int(fields[6]) & _EXITING)
                found.append(_Process(pid, int(fields[1]), int(fields[3]), dead))
    return found


def _all() -> list[int]:
    return [int(place.name) for place in _PROC.iterdir() if place.name.isdigit()] if _PROC.is_dir() else []


def _kill(pid: int, container: str) -> bool:
    """Kill one process of the container; False if this process may not."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        # The number may have passed to another process since it was read; the descriptor cannot.
        if container in (_PROC / str(pid) / "cgroup").read_text():
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    except PermissionError:
        return False
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return True
