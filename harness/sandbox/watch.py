"""Watches over one running container: ends it at its limits, and finds out why it ended."""

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from harness.sandbox.command import Ended
from harness.sandbox.limits import Limits
from harness.sandbox.processes import is_alive, memory_events, memory_kills, starved
from harness.sandbox.users import waits_for_ever

LOOKS_EVERY_S = 2.0
_PAUSE_PER_LOOK = 10
_NOTICES_WITHIN_S = 10.0
_LOOKS_AGAIN_S = 0.1
_KILLED = (137, 143)


class Watch:
    """A thread that looks at a container every two seconds; more seldom where looking takes long.

    Args:
        api: the low-level client of its engine.
        container: its id; it runs.
        limits: what it may use.
    """

    def __init__(self, api: Any, container: str, limits: Limits) -> None:
        self._api = api
        self._container = container
        self._limits = limits
        self._starved = False
        self._since = time.monotonic()
        self._first = int(self.state().get("Pid") or 0)
        self._seen = is_alive(self._first, container)
        self._events: Path | None = memory_events(self._first)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self.ended: Ended | None = None
        """Why the container ended, if it did."""

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no longer."""
        self._done.set()
        self._thread.join()

    @property
    def out_of_memory(self) -> bool:
        """Whether a program in it was killed for lack of memory, ever."""
        self._starved = self._starved or memory_kills(self._events) > 0 or bool(self.state().get("OOMKilled"))
        self._starved = self._starved or starved(self._first, self._since)
        return self._starved

    def usable(self) -> bool:
        """Whether the engine can do anything in it; what runs inside may make that impossible, and it is ended then."""
        if self.ended is None and waits_for_ever(Path("/proc", str(self._first), "root")):
            self.end("crashed")
        return self.ended is None

    def end(self, why: Ended) -> None:
        """End the container."""
        from docker.errors import DockerException

        self._starved = self.out_of_memory
        self.ended = self.ended or why
        with suppress(DockerException, OSError):
            self._api.kill(self._container)

    def state(self) -> dict[str, Any]:
        """What the engine says of the container; nothing if it does not answer or has none."""
        from docker.errors import DockerException

        with suppress(DockerException, OSError):
            return dict(self._api.inspect_container(self._container)["State"])
        return {}

    def look_why(self) -> None:
        """Notice that the container ended without us.

        Nothing inside can kill its first process, but memory running out can: any other death by a signal came from
        this machine, and is no doing of the program's.
        """
        state, end = self.state(), time.monotonic() + _NOTICES_WITHIN_S
        while self._seen and state.get("Running") and time.monotonic() < end:
            if is_alive(self._first, self._container):
                return
            time.sleep(_LOOKS_AGAIN_S)
            state = self.state()
        if self.ended is None and state and not state.get("Running"):
            if self.out_of_memory:
                self.ended = "memory"
            elif state.get("ExitCode") not in _KILLED:
                self.ended = "crashed"

    def _keep(self) -> None:
        end, pause = time.monotonic() + self._limits.seconds, LOOKS_EVERY_S
        while not self._done.wait(min(pause, max(0.0, end - time.monotonic()))):
            looked = time.monotonic()
            if looked >= end:
                return self.end("time")
            self._starved = self._starved or memory_kills(self._events) > 0
            if self._written() > self._limits.disk_bytes:
                return self.end("disk")
            pause = max(LOOKS_EVERY_S, _PAUSE_PER_LOOK * (time.monotonic() - looked))

    def _written(self) -> int:
        """Bytes that the container has written to its own layer."""
        from docker.errors import DockerException

        with suppress(DockerException, OSError):
            found = self._api.containers(all=True, size=True, filters={"id": self._container})
            return int(found[0].get("SizeRw") or 0) if found else 0
        return 0
