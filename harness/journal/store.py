"""The journal of a run: everything ever bought from outside, in order of arrival, and found again by its slot."""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from filelock import FileLock, Timeout

from harness.contract import Slot
from harness.errors import JournalError, RunLocked
from harness.journal.disk import sync_directory, sync_file
from harness.journal.index import IndexWriter
from harness.journal.lines import OK, BadLine, Entry, decode_body, encode_body, new_envelope
from harness.journal.opening import INDEX, JOURNAL, LOCK, read_snapshot, set_aside
from harness.journal.scan import sound
from harness.journal.writer import GroupCommit


class Journal:
    """An open journal: a context manager, made by :meth:`open`; every method may be called from any thread.

    ``recovered`` is a sentence for the user when a torn tail was set aside on opening, else None.
    """

    def __init__(self, directory: Path, manifest_hash: str, *, readonly: bool) -> None:
        self._path = directory / JOURNAL
        self._manifest_hash = manifest_hash
        self._entries: list[Entry] = []
        self._known: dict[tuple[str, Slot], Entry] = {}
        self._index: IndexWriter | None = None
        self._writer: GroupCommit | None = None
        self._closing = threading.Lock()
        self.recovered: str | None = None
        with ExitStack() as stack:
            if not readonly:
                _prepare(directory, stack)
            snapshot = read_snapshot(directory, manifest_hash)
            self._learn(snapshot.entries)
            if snapshot.torn and not readonly:
                self.recovered = set_aside(directory, snapshot.torn)
            mode = "rb" if readonly else "r+b"
            self._file: IO[bytes] = stack.enter_context(self._path.open(mode, buffering=0))
            if not readonly:
                missing = snapshot.entries[len(snapshot.indexed.entries) if snapshot.indexed else 0 :]
                self._index = IndexWriter(directory / INDEX, manifest_hash, snapshot.indexed, missing)
                stack.callback(self._index.close)
                fd = self._file.fileno()
                sync_file(fd)  # a process killed before its fsync leaves whole lines that no disk has yet
                sync_directory(directory)
                self._writer = GroupCommit(self._path, fd, snapshot.end, self.lines, self.head, self._commit)
                stack.callback(self._writer.close)
            self._resources = stack.pop_all()

    @classmethod
    def open(cls, directory: Path, manifest_hash: str, *, readonly: bool = False) -> Self:
        """Open the journal in ``directory``, making both if they are absent.

        ``manifest_hash`` is the SHA-256 that the first line follows. ``readonly`` takes no lock and changes no file: it
        shows the journal up to the last complete line at this moment, also while another process writes.

        Raises:
            RunLocked: if another process, or another part of this one, has it open for writing.
            JournalError: if it cannot be used: damaged before its tail, another manifest's, or the disk refuses.
        """
        try:
            return cls(directory, manifest_hash, readonly=readonly)
        except FileNotFoundError as error:
            raise JournalError(f"There is no journal in {directory}: no run was made there.") from error
        except OSError as error:
            raise JournalError(f"The journal in {directory} cannot be opened: {error}.") from error

    @property
    def lines(self) -> int:
        """How many lines there are, of all kinds."""
        return len(self._entries)

    @property
    def head(self) -> str:
        """Hash of the last line, or the manifest's while there is none."""
        return self._entries[-1].line_hash if self._entries else self._manifest_hash

    def find(self, slot: Slot, kind: str = "reply") -> Entry | None:
        """The first "ok" line of a slot (first answers count), else its latest "error" line, else None."""
        return self._known.get((kind, slot))

    def entries(self, kind: str = "reply") -> Iterator[Entry]:
        """All lines of a kind up to now, in order of arrival."""
        return (entry for entry in tuple(self._entries) if entry.kind == kind)

    def body(self, entry: Entry) -> dict[str, Any] | None:
        """The body of a line as it was given to :meth:`append`; None if it was redacted.

        Raises:
            JournalError: if the line on the disk is not the one that was recorded.
        """
        if self._file.closed:
            raise JournalError(f"{self._path} is closed.")
        try:
            line = sound(os.pread(self._file.fileno(), entry.length, entry.offset), entry.offset)
            if line.entry != entry:
                raise BadLine("the index says otherwise")
            return decode_body(line)
        except (BadLine, OSError) as error:
            raise JournalError(
                f"{self._path}, line {entry.n} (counted from 0), {entry.slot}: {error}. The file was damaged or "
                f"changed: restore it from a copy, and delete {INDEX} beside it."
            ) from error

    def append(
        self,
        kind: str,
        slot: Slot,
        key: str | None,
        status: str,
        body: Mapping[str, Any],
        cost: float | None = None,
    ) -> "Future[Entry]":
        """Record a line; the future's result is set once it is on the disk. ``cost`` is in USD, None if unknown.

        The future cannot be cancelled. After a write error it holds a :class:`JournalError`, as all later ones do.

        Raises:
            ValueError: for a field or body that the format cannot hold.
            TypeError: for a body that is not JSON.
            JournalError: if the journal is read-only or closed.
        """
        if self._writer is None:
            raise JournalError(f"{self._path} is open for reading only: nothing can be recorded.")
        data = encode_body(body)
        return self._writer.submit(new_envelope(kind, slot, key, status, cost, data), data)

    def close(self) -> None:
        """Write what still waits and let the lock go. Closing twice does nothing."""
        with self._closing:
            self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _commit(self, entries: Sequence[Entry]) -> None:
        self._learn(entries)
        if self._index is not None:
            self._index.append(entries)

    def _learn(self, entries: Sequence[Entry]) -> None:
        self._entries.extend(entries)
        for entry in entries:
            place = (entry.kind, entry.slot)
            known = self._known.get(place)
            if known is None or known.status != OK:
                self._known[place] = entry


def _prepare(directory: Path, stack: ExitStack) -> None:
    """Make the directory and the journal file, and take the lock until ``stack`` closes."""
    new = not directory.exists()
    directory.mkdir(parents=True, exist_ok=True)
    if new:
        sync_directory(directory.parent)
    lock = FileLock(directory / LOCK, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise RunLocked(
            f"Another process is writing to {directory}. Wait for it or stop it; the same command then goes on. "
            f"`score`, `report` and `verify` can be used meanwhile."
        ) from error
    stack.callback(lock.release)
    (directory / JOURNAL).touch()
