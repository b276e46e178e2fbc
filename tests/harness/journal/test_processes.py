"""Processes that are killed, that compete, and that run out of disk."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.errors import RunLocked
from harness.journal import Journal, verify
from tests.data import REPOSITORY
from tests.harness.journal.making import MANIFEST, fill, replies, slot

KILLS = 8


@contextmanager
def appender(directory: Path, begin: int, *limit: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that appends to the journal; it is killed in the end if it still runs."""
    command = [sys.executable, "-m", "tests.harness.journal.appender", str(directory), str(begin), *limit]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def heard(process: "subprocess.Popen[bytes]", lines: int | None = None) -> list[Any]:
    """What the process said: so many lines, or all that is whole until it ended."""
    assert process.stdout is not None
    said = process.stdout if lines is None else (process.stdout.readline() for _ in range(lines))
    return [json.loads(line) for line in said if line.endswith(b"\n")]


def test_nothing_acknowledged_is_lost_however_often_it_is_killed(tmp_path: Path) -> None:
    acknowledged: set[int] = set()
    chance = random.Random()
    lines = 0
    for kill in range(KILLS):
        with appender(tmp_path, begin=kill * 100_000) as process:
            said = heard(process, chance.choice([1, 2, 10, 50, 200, 1000]))
            process.kill()
            said += heard(process)
        assert said[0] == "open"
        acknowledged.update(said[1:])
        with Journal.open(tmp_path, MANIFEST) as journal:
            for n in acknowledged:
                entry = journal.find(slot(n))
                assert entry is not None
                assert entry.status == "ok"
            assert journal.lines >= max(lines, len(acknowledged))
            lines = journal.lines
        found = verify(tmp_path, MANIFEST)
        assert (found.lines, found.problems) == (lines, [])
    with Journal.open(tmp_path, MANIFEST, readonly=True) as journal:
        for n in acknowledged:
            entry = journal.find(slot(n))
            assert entry is not None
            assert (journal.body(entry) or {})["reply"] == f"reply {n}"
        index = list(journal.entries())
    (tmp_path / "journal.idx").unlink()
    with Journal.open(tmp_path, MANIFEST) as journal:
        assert list(journal.entries()) == index


def test_a_second_writer_is_kept_out_until_the_first_is_gone(tmp_path: Path) -> None:
    with appender(tmp_path, 0) as process:
        heard(process, 3)
        with pytest.raises(RunLocked, match="Another process is writing"):
            Journal.open(tmp_path, MANIFEST)
        with Journal.open(tmp_path, MANIFEST, readonly=True) as journal:
            assert journal.lines >= 2
        process.kill()
        process.wait()
        with Journal.open(tmp_path, MANIFEST) as journal:
            assert journal.lines >= 2


def test_a_second_writer_in_the_same_process_is_kept_out_too(tmp_path: Path) -> None:
    with Journal.open(tmp_path, MANIFEST):
        with pytest.raises(RunLocked):
            Journal.open(tmp_path, MANIFEST)
        with pytest.raises(RunLocked):
            Journal.open(tmp_path, MANIFEST)
    Journal.open(tmp_path, MANIFEST).close()


def test_reading_while_another_process_writes(tmp_path: Path) -> None:
    with appender(tmp_path, 0) as process:
        heard(process, 2)
        before = 0
        for _ in range(10):
            with Journal.open(tmp_path, MANIFEST, readonly=True) as journal:
                said = [journal.body(entry) for entry in journal.entries()]
                assert [body["reply"] for body in said if body] == [
                    f"reply {e.slot.item[5:]}" for e in journal.entries()
                ]
                assert journal.lines >= before
                before = journal.lines
    assert verify(tmp_path, MANIFEST).lines >= before


@pytest.mark.parametrize("limit", [20_000, 100_001, 123_456])
def test_a_full_disk_keeps_what_was_acknowledged(tmp_path: Path, limit: int) -> None:
    with appender(tmp_path, 0, str(limit)) as process:
        said = heard(process)
        assert process.wait() == 0
    acknowledged = {n for n in said if isinstance(n, int)}
    errors = [line["error"] for line in said if "error" in (line if isinstance(line, dict) else {})]
    assert len(errors) == 8
    assert all("File too large" in error and "the same command goes on" in error for error in errors)
    assert set(said[-1]["known"]) == {f"item-{n}" for n in acknowledged}
    assert (tmp_path / "journal.jsonl").stat().st_size <= limit
    with Journal.open(tmp_path, MANIFEST) as journal:
        assert journal.recovered is None
        assert {entry.slot for entry in journal.entries()} == {slot(n) for n in acknowledged}
    fill(tmp_path, 1, begin=1_000_000)
    assert replies(tmp_path)[-1] == "reply 1000000"
    assert verify(tmp_path, MANIFEST).problems == []
