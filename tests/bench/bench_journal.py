"""How fast a journal of long replies opens and records, as ratios: times on another machine differ, ratios less so.

``python -m tests.bench.bench_journal [REPLIES] [--directory DIR]``; 100,000 replies of 80 kB take 8 GB of disk.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from harness.contract import Slot
from harness.journal import Journal, verify
from harness.journal.lines import OK
from harness.journal.opening import INDEX, JOURNAL

MANIFEST = "0" * 64
LONG, SHORT = 80_000, 2_000
AT_A_TIME = 256
ONE_BY_ONE = 300


def reply(length: int) -> dict[str, str]:
    """A body of ``length`` bytes and a little."""
    words = random.Random(length).choices([f"word{w}" for w in range(1000)], k=length // 6)
    return {"reply": " ".join(words)[:length].ljust(length, ".")}


def slot(n: int) -> Slot:
    return Slot("bench", "thinking-on", f"item-{n}", 0)


def seconds(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def record_together(directory: Path, replies: int, body: dict[str, str]) -> None:
    """As a run does: many coroutines, each waiting for its own line to be durable."""

    async def record() -> None:
        places = iter(range(replies))

        async def worker() -> None:
            for n in places:
                await asyncio.wrap_future(journal.append("reply", slot(n), None, OK, body))

        await asyncio.gather(*(worker() for _ in range(AT_A_TIME)))

    with Journal.open(directory, MANIFEST) as journal:
        asyncio.run(record())


def record_one_by_one(directory: Path, replies: int, body: dict[str, str]) -> None:
    with Journal.open(directory, MANIFEST) as journal:
        for n in range(replies):
            journal.append("reply", slot(n), None, OK, body).result()


def read_all(path: Path) -> None:
    with path.open("rb", buffering=1 << 20) as file:
        for _ in file:
            pass


def open_and_close(directory: Path) -> None:
    Journal.open(directory, MANIFEST).close()


def lines_per_commit(directory: Path) -> float:
    """Lines of one commit bear one time, so distinct times count the commits."""
    with Journal.open(directory, MANIFEST, readonly=True) as journal:
        return journal.lines / len({entry.at for entry in journal.entries()})


def measure_recording(directory: Path, name: str, length: int, replies: int) -> Path:
    """Print how much group commit gains; the directory of the journal it made."""
    body = reply(length)
    alone, together = directory / f"{name}-alone", directory / f"{name}-together"
    one_by_one = ONE_BY_ONE / seconds(lambda: record_one_by_one(alone, ONE_BY_ONE, body))
    grouped = replies / seconds(lambda: record_together(together, replies, body))
    print(
        f"appends/s of {name} replies ({length} bytes): {grouped:.0f} by {AT_A_TIME} at a time, "
        f"{one_by_one:.0f} with one fsync each; ratio {grouped / one_by_one:.1f}; "
        f"lines of one fsync: about {lines_per_commit(together):.0f}"
    )
    return together


def measure_reading(directory: Path, replies: int) -> None:
    """Print how long opening, rebuilding and verifying take."""
    journal, index = directory / JOURNAL, directory / INDEX
    sizes = f"{journal.stat().st_size / 1e9:.2f} GB; index {index.stat().st_size / 1e6:.1f} MB"
    print(f"journal of {replies} replies: {sizes}")
    with_index = seconds(lambda: open_and_close(directory))
    index.unlink()
    without = seconds(lambda: open_and_close(directory))
    plain = seconds(lambda: read_all(journal))
    verified = seconds(lambda: verify(directory, MANIFEST))
    print(f"opening with the index: {with_index:.2f} s, {with_index / replies * 1e6:.0f} us a line")
    print(f"opening without it: {without:.2f} s; ratio {without / with_index:.0f}")
    print(f"  against a plain reading of the lines: {without / plain:.1f}")
    print(f"verifying: {verified:.2f} s; against a plain reading of the lines: {verified / plain:.1f}")


def measure(directory: Path, replies: int) -> None:
    measure_recording(directory, "short", SHORT, 20 * ONE_BY_ONE)
    measure_reading(measure_recording(directory, "long", LONG, replies), replies)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("replies", type=int, nargs="?", default=2000)
    parser.add_argument("--directory", type=Path, help="where to make the journal (default: the temporary directory)")
    options = parser.parse_args()
    free = os.statvfs(options.directory or tempfile.gettempdir())
    if free.f_bavail * free.f_frsize < options.replies * LONG * 1.1:
        parser.error(f"{options.replies} replies need {options.replies * LONG / 1e9:.1f} GB of free disk")
    with tempfile.TemporaryDirectory(dir=options.directory) as directory:
        measure(Path(directory), options.replies)


if __name__ == "__main__":
    main()
