"""The index of a journal: one short line for each of its lines, so that opening a run does not read 8 GB.

It is derived and may be deleted. Its first line names the format and the run's manifest; every other is a JSON array of
one :class:`Entry` (number and offset follow from the lines before). Each line ends with a CRC-32 that runs on from the
line before, so that a lost, swapped or damaged line is noticed. It is appended after each commit without waiting for
the disk: after a power cut it may lack its end, and the journal's tail is read instead.
"""

import contextlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from harness.canonical import canonical_json
from harness.contract import Slot
from harness.journal.disk import sync_file, write_at
from harness.journal.lines import Entry

FORMAT = 1


class Loaded(NamedTuple):
    """What a sound index holds; ``size`` is its length in bytes and ``crc`` the running checksum at that point."""

    entries: list[Entry]
    size: int
    crc: int

    @property
    def end(self) -> int:
        """How many bytes of the journal the index covers."""
        return self.entries[-1].offset + self.entries[-1].length if self.entries else 0


def load(path: Path, manifest_hash: str) -> Loaded | None:
    """Read the index; None if there is none, or it is another manifest's, or it is damaged before its last line."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    header, crc = _line(_header(manifest_hash), 0)
    if not data.startswith(header):
        return None
    entries: list[Entry] = []
    size = len(header)
    offset = 0
    for raw in data[size:].splitlines(keepends=True):
        row = raw[:-10]
        following = zlib.crc32(row, crc)
        if raw[-10:] != b" %08x\n" % following:
            torn_last_line = size + len(raw) == len(data)
            return Loaded(entries, size, crc) if torn_last_line else None
        try:
            entry = _entry(row, len(entries), offset)
            offset += entry.length
        except (ValueError, TypeError):
            return None
        entries.append(entry)
        size += len(raw)
        crc = following
    return Loaded(entries, size, crc)


class IndexWriter:
    """Appends to an index. A failure to write it is no failure of the run: the next opening reads the tail instead."""

    def __init__(self, path: Path, manifest_hash: str, loaded: Loaded | None, missing: Iterable[Entry]) -> None:
        """Go on after ``loaded`` (None: start anew), add the entries it is ``missing``, and wait for the disk."""
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        self._size = loaded.size if loaded else 0
        self._crc = loaded.crc if loaded else 0
        self._failed = False
        try:
            os.ftruncate(self._fd, self._size)
            rows = map(_row, missing)
            self._write(rows if loaded else _with_header(manifest_hash, rows))
            sync_file(self._fd)
        except OSError:
            os.close(self._fd)
            raise

    def append(self, entries: Iterable[Entry]) -> None:
        """Add the lines of one commit, without waiting for the disk."""
        if self._failed:
            return
        try:
            self._write(map(_row, entries))
        except OSError:
            self._failed = True

    def close(self) -> None:
        """Bring the index to the disk as far as that goes."""
        with contextlib.suppress(OSError):
            sync_file(self._fd)
        os.close(self._fd)

    def _write(self, rows: Iterable[bytes]) -> None:
        crc = self._crc
        lines = []
        for row in rows:
            line, crc = _line(row, crc)
            lines.append(line)
        data = b"".join(lines)
        write_at(self._fd, data, self._size)
        self._size += len(data)
        self._crc = crc


def _with_header(manifest_hash: str, rows: Iterable[bytes]) -> Iterator[bytes]:
    yield _header(manifest_hash)
    yield from rows


def _header(manifest_hash: str) -> bytes:
    return canonical_json({"index": FORMAT, "manifest": manifest_hash})


def _line(row: bytes, crc: int) -> tuple[bytes, int]:
    crc = zlib.crc32(row, crc)
    return b"%b %08x\n" % (row, crc), crc


def _row(entry: Entry) -> bytes:
    slot = entry.slot
    place = [entry.kind, slot.task, slot.arm, slot.item, slot.repeat, slot.role, slot.turn]
    return canonical_json([*place, entry.key, entry.status, entry.at, entry.cost, entry.length, entry.line_hash])


def _entry(row: bytes, n: int, offset: int) -> Entry:
    kind, task, arm, item, repeat, role, turn, key, status, at, cost, length, line_hash = json.loads(row)
    slot = Slot(task, arm, item, repeat, role, turn)
    return Entry(n, kind, slot, key, status, at, cost, offset, length, line_hash)
