"""What a journal holds when it is opened: index first, then the tail; or, without a sound index, all of it."""

import os
import shutil
from itertools import count
from pathlib import Path
from typing import NamedTuple

from harness.errors import JournalError
from harness.journal import index
from harness.journal.disk import sync_directory, sync_file
from harness.journal.lines import BadLine, Entry, decode_line
from harness.journal.scan import Fault, scan

JOURNAL = "journal.jsonl"
INDEX = "journal.idx"
LOCK = "journal.lock"


class Snapshot(NamedTuple):
    """The good lines, the byte after the last of them, the sound part of the index, and a torn tail if there is one."""

    entries: list[Entry]
    end: int
    indexed: index.Loaded | None
    torn: Fault | None


def read_snapshot(directory: Path, manifest_hash: str) -> Snapshot:
    """Read the entries of the journal in ``directory`` without changing a file.

    Behind the index stand only lines of the last moments, so a fault there is a torn tail. When the whole file has to
    be read, a fault that sound lines follow is damage, and nothing may be cut.

    Raises:
        JournalError: if the journal is another manifest's, or damaged.
    """
    path = directory / JOURNAL
    loaded = index.load(directory / INDEX, manifest_hash)
    size = path.stat().st_size  # after the index, which a writer at work never lets run ahead
    if loaded and not _agrees(path, loaded, size):
        loaded = None
    known = loaded.entries if loaded else []
    start = loaded.end if loaded else 0
    if not known:
        _check_manifest(path, manifest_hash)
    rest = scan(path, start, size, len(known), known[-1].line_hash if known else manifest_hash)
    if rest.fault and rest.fault.sound_follows and loaded is None:
        raise JournalError(
            f"{path} is damaged at line {rest.fault.n} (counted from 0, byte {rest.fault.offset}): {rest.fault.why}. "
            f"Sound lines stand there or behind it, so it is not a torn end, and nothing was changed. Restore the file "
            f"from a copy; `longcat-repro verify {directory.name}` lists all that is wrong."
        )
    return Snapshot(known + rest.entries, rest.end, loaded, rest.fault)


def set_aside(directory: Path, torn: Fault) -> str:
    """Move a torn tail to a file of its own and cut the journal there; the sentence that tells of it."""
    path = directory / JOURNAL
    with path.open("r+b") as journal:
        aside = next(name for n in count(1) if not (name := directory / f"journal.torn-{n}").exists())
        with aside.open("xb") as copy:
            journal.seek(torn.offset)
            shutil.copyfileobj(journal, copy)
            copy.flush()
            sync_file(copy.fileno())
        sync_directory(directory)
        os.ftruncate(journal.fileno(), torn.offset)
        sync_file(journal.fileno())
    lines = "1 line" if torn.lines == 1 else f"{torn.lines} lines"
    return (
        f"The end of {path} was torn, as by a crash in the middle of writing: {torn.size} bytes in {lines} from line "
        f"{torn.n} on ({torn.why}) were moved to {aside.name}. What they answered will be asked again."
    )


def _agrees(path: Path, loaded: index.Loaded, size: int) -> bool:
    """Whether the last line the index knows stands in the journal where the index says."""
    if loaded.end > size:
        return False
    if not loaded.entries:
        return True
    last = loaded.entries[-1]
    with path.open("rb") as file:
        file.seek(last.offset)
        raw = file.read(last.length)
    try:
        return decode_line(raw, last.offset).entry == last
    except BadLine:
        return False


def _check_manifest(path: Path, manifest_hash: str) -> None:
    """Refuse a journal whose first line is whole and follows another manifest."""
    with path.open("rb") as file:
        raw = file.readline()
    try:
        prev = decode_line(raw, 0).prev
    except BadLine:
        return
    if prev != manifest_hash:
        raise JournalError(
            f"{path} was begun under another manifest (its first line follows {prev[:12]}, the manifest's hash is "
            f"{manifest_hash[:12]}). Restore the manifest.json it was made with, or choose another --run-id."
        )
