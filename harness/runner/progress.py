"""Live progress: one line that renews itself in a terminal, a plain line now and then elsewhere."""

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, TextIO

from harness.statistics import wilson

PLAIN_EVERY_S = 10.0
LIVE_EVERY_S = 0.25
SHOWN_TROUBLE = 100


class Progress:
    """Counts what arrives and shows done/total, running scores with 95 % intervals, spend, speed and time left.

    ``headlines`` maps task/arm to the elementary count of its headline metric. ``spent`` is asked when a line is drawn,
    and gives None where no price is known; ``trouble`` gives the fault for which requests are being asked again. An
    async context manager: the line is drawn by a timer.
    """

    def __init__(
        self,
        total: int,
        headlines: Mapping[str, str],
        spent: Callable[[], float | None],
        stream: TextIO | None = None,
        trouble: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._total = total
        self._headlines = headlines
        self._spent = spent
        self._trouble = trouble
        self._already = self._done = self._failed = self._tokens = 0
        self._sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._start = time.monotonic()
        self._timer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Progress":
        if 0 < self._already < self._total:
            print(f"{self._already} of {self._total} answered before; asking the rest", file=self._stream, flush=True)
        self._start = time.monotonic()
        self._timer = asyncio.create_task(self._redraw())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._done or self._failed:
            self._draw()
            if self._live:
                self._stream.write("\n")

    def answered_before(self, row: Mapping[str, Any] | None) -> None:
        """Count an answer of an earlier session, with its score if that is still known."""
        self._already += 1
        if row is not None:
            self._sum(row)

    def add(self, row: Mapping[str, Any]) -> None:
        """Count one outcome, a row of the table."""
        if row["status"] == "error":
            self._failed += 1
        else:
            self._done += 1
            self._tokens += int(row.get("output_tokens") or 0)
            self._sum(row)

    def _sum(self, row: Mapping[str, Any]) -> None:
        count = self._headlines.get(f"{row['task']}/{row['arm']}")
        if count and row.get(f"num_{count}") is not None:
            sums = self._sums[row["task"]]
            sums[0] += row[f"num_{count}"]
            sums[1] += row[f"den_{count}"]

    async def _redraw(self) -> None:
        while True:
            await asyncio.sleep(LIVE_EVERY_S if self._live else PLAIN_EVERY_S)
            self._draw()

    def line(self) -> str:
        """The line as it stands."""
        seconds = max(time.monotonic() - self._start, 1e-9)
        finished = self._already + self._done
        parts = [f"{finished}/{self._total}"]
        for task, (num, den) in self._sums.items():
            if den:
                low, high = wilson(num, den)
                parts.append(f"{task} {100 * num / den:.1f} [{100 * low:.1f}, {100 * high:.1f}]")
        spent = self._spent()
        parts.append(f"${spent:.4f}" if spent is not None else "cost unknown")
        parts.append(f"{self._tokens / seconds:.0f} tokens/s")
        parts.append(f"{self._failed} errors")
        if self._done and finished < self._total:
            parts.append(f"{clock((self._total - finished) * seconds / self._done)} left")
        if trouble := self._trouble():
            parts.append(f"last fault, being asked again: {trouble[:SHOWN_TROUBLE]}")
        return " · ".join(parts)

    def _draw(self) -> None:
        self._stream.write(f"\r\x1b[2K{self.line()}" if self._live else f"{self.line()}\n")
        self._stream.flush()


def clock(seconds: float) -> str:
    """Seconds as a person says them: ``45 s``, ``12 min``, ``3.4 h``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
