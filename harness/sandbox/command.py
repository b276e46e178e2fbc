"""One command in a container, from its start to its end."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harness.sandbox.processes import end_command
from harness.sandbox.stream import Attached, Frames

Ended = Literal["time", "disk", "memory", "crashed"]
"""Why a container ended: its time was over, it wrote too much, its first process was killed for lack of memory, or it
stopped by itself."""
MOST_OUTPUT = 64 * 1024**2
_LOOKS_EVERY_S = 5.0
_DRAINS_S = 5.0
_SETTLES_S = 0.1


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended.

    ``output`` holds what it wrote to both streams, up to 64 MiB; ``cut`` says that there was more. ``ended`` says why
    the container ended meanwhile, ``timed_out`` that the command had not ended in the time given; ``code`` is None in
    both cases. As in a shell, a command that could not be started has a code from 125 to 127.
    """

    code: int | None
    output: bytes
    seconds: float
    cut: bool = False
    ended: Ended | None = None
    timed_out: bool = False

    @property
    def text(self) -> str:
        """The output as text, what is no UTF-8 replaced."""
        return self.output.decode("utf-8", "replace")


class Command:
    """A command of one container.

    Args:
        api: the low-level client of the engine.
        container: the container's id.
        end_container: called if the command's processes cannot be ended in any other way.
    """

    def __init__(self, api: Any, container: str, end_container: Callable[[], None]) -> None:
        self._api = api
        self._container = container
        self._end_container = end_container
        self._pieces: list[bytes] = []
        self._size = 0
        self.timed_out = False

    @property
    def output(self) -> bytes:
        """What it has written so far."""
        return b"".join(self._pieces)

    @property
    def cut(self) -> bool:
        """Whether it wrote more than is kept."""
        return self._size > MOST_OUTPUT

    def run(
        self,
        words: Sequence[str],
        folder: str | None,
        environment: Mapping[str, str] | None,
        user: str,
        seconds: float | None,
    ) -> int | None:
        """Run to the end of the command's own process, whatever it leaves in the background, and return its code.

        Raises:
            DockerException, OSError: the engine failed, or the container ended.
        """
        made = self._api.exec_create(
            self._container, list(words), workdir=folder, environment=dict(environment or {}), user=user
        )["Id"]
        end = math.inf if seconds is None else time.monotonic() + seconds
        with Attached(self._api.exec_start(made, socket=True)) as attached:
            self._read(made, attached, end)
        while not self.timed_out and self._runs(made):
            time.sleep(_SETTLES_S)
            if time.monotonic() >= end:
                self._time_out(made)
        return None if self.timed_out else self._api.exec_inspect(made)["ExitCode"]

    def _read(self, made: str, attached: Attached, end: float) -> None:
        """Keep what it writes until its output is closed, it has ended, or its time is over."""
        frames, look = Frames(), time.monotonic() + _LOOKS_EVERY_S
        while (data := attached.read(min(look, end) - time.monotonic())) != b"":
            self._keep(frames, data)
            now = time.monotonic()
            if now >= end:
                self._time_out(made)
                return self._drain(attached, frames)
            if now >= look:
                if not self._runs(made):
                    return self._drain(attached, frames)
                look = now + _LOOKS_EVERY_S

    def _drain(self, attached: Attached, frames: Frames) -> None:
        """Keep what is on its way; a background process that holds the output open may write for ever."""
        end = time.monotonic() + _DRAINS_S
        while (data := attached.read(_SETTLES_S)) and time.monotonic() < end:
            self._keep(frames, data)

    def _keep(self, frames: Frames, data: bytes | None) -> None:
        for piece in frames.feed(data or b""):
            self._size += len(piece)
            if self._size <= MOST_OUTPUT:
                self._pieces.append(piece)

    def _time_out(self, made: str) -> None:
        """End its processes; where that cannot be done, its container."""
        self.timed_out = True
        state = self._api.exec_inspect(made)
        if state["Running"] and not (state["Pid"] and end_command(int(state["Pid"]), self._container)):
            self._end_container()

    def _runs(self, made: str) -> bool:
        return bool(self._api.exec_inspect(made)["Running"])
