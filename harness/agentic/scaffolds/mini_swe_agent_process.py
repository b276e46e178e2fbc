"""The process that mini-swe-agent runs in, and the lines exchanged with it."""

import json
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

DRIVER = Path(__file__).with_name("mini_swe_agent_driver.py")
GOES_WITHIN_S = 10.0
MOMENT_S = 0.1
LAST_WORDS = 2000


class AgentProcess:
    """A running agent. Use as a context manager: afterwards it has ended, by itself or not.

    Args:
        python: of the package's own environment.
        told: all of its environment variables.
        folder: its working directory, where its standard error is kept.
        seconds: how long it may take.
    """

    def __init__(self, python: Path, told: Mapping[str, str], folder: Path, seconds: float) -> None:
        self._errors = folder / "stderr"
        self._end_at = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self.out_of_time = False
        """Whether it was ended because its time was over."""
        with self._errors.open("wb") as errors:
            # A session of its own: Ctrl-C is ours to handle.
            self._process = subprocess.Popen(
                [python, "-I", DRIVER],
                cwd=folder,
                env=dict(told),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        self._gone()

    @property
    def seconds_left(self) -> float:
        """How long it may still take; never less than a moment."""
        return max(MOMENT_S, self._end_at - time.monotonic())

    @property
    def last_words(self) -> str:
        """The end of what it wrote to its standard error."""
        with suppress(OSError):
            return self._errors.read_bytes()[-LAST_WORDS:].decode("utf-8", "replace").strip()
        return ""

    def tell(self, what: Mapping[str, Any]) -> None:
        """Write it a line. One that has ended hears nothing."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.write(json.dumps(what).encode() + b"\n")
                self._process.stdin.flush()

    def asks(self) -> Iterator[dict[str, Any]]:
        """Its lines, until it ends."""
        for line in self._process.stdout or ():
            if line.endswith(b"\n"):
                yield json.loads(line)

    def _end(self) -> None:
        """End it by a signal that lets it write its record, then by one that does not."""
        self.out_of_time = True
        self._process.terminate()
        self._gone()

    def _gone(self) -> None:
        try:
            self._process.wait(GOES_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
