"""Group commit: one thread writes all lines that wait with one write and one fsync, then tells those who wait."""

import contextlib
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from harness.errors import JournalError
from harness.journal.disk import sync_file, write_at
from harness.journal.lines import Entry, encode_line

COMMIT_BYTES = 64 << 20
"""A commit takes no further line once it holds this much, which bounds the memory it needs."""


class _Waiting(NamedTuple):
    envelope: Mapping[str, Any]
    body: bytes
    future: "Future[Entry]"


class GroupCommit:
    """Appends lines to the open file ``fd`` from byte ``end`` on.

    ``committed`` is called in the writing thread with the entries of each commit, after they are on the disk and before
    those who wait hear of it. After a write error nothing more is written: the file is cut back to the last commit, and
    all that wait and all later ones get a :class:`JournalError`.
    """

    def __init__(
        self, path: Path, fd: int, end: int, lines: int, head: str, committed: Callable[[Sequence[Entry]], None]
    ) -> None:
        self._path = path
        self._fd = fd
        self._end = end
        self._lines = lines
        self._head = head
        self._committed = committed
        self._fault: str | None = None
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._batch: list[_Waiting] = []
        self._guard = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def submit(self, envelope: Mapping[str, Any], body: bytes) -> "Future[Entry]":
        """Hand over a line. The future cannot be cancelled: what was bought is recorded even if nobody waits for it."""
        future: Future[Entry] = Future()
        future.set_running_or_notify_cancel()
        with self._guard:
            if self._closed:
                raise JournalError(f"{self._path} is closed: nothing more can be recorded.")
            self._queue.put(_Waiting(envelope, body, future))
        return future

    def close(self) -> None:
        """Write what waits, then end the thread."""
        with self._guard:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            more = True
            while more:
                more = self._take()
                if self._batch:
                    self._commit()
        finally:
            self._abandon()

    def _take(self) -> bool:
        """Fill the batch with all that wait, at least one; False when the journal is being closed."""
        self._batch = []
        size = 0
        waiting = self._queue.get()
        while waiting is not None:
            self._batch.append(waiting)
            size += len(waiting.body)
            if size >= COMMIT_BYTES:
                return True
            try:
                waiting = self._queue.get_nowait()
            except Empty:
                return True
        return False

    def _commit(self) -> None:
        if self._fault is None:
            try:
                entries = self._write()
            except (OSError, MemoryError) as error:
                self._give_up(error)
            else:
                self._committed(entries)
                for waiting, entry in zip(self._batch, entries, strict=True):
                    waiting.future.set_result(entry)
        if self._fault is not None:
            for waiting in self._batch:
                waiting.future.set_exception(JournalError(self._fault))

    def _write(self) -> list[Entry]:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        entries: list[Entry] = []
        parts: list[bytes] = []
        end = self._end
        head = self._head
        for waiting in self._batch:
            place = {"n": self._lines + len(entries), "at": at, "prev": head}
            line, entry = encode_line({**waiting.envelope, **place}, waiting.body, end)
            entries.append(entry)
            parts.append(line)
            head = entry.line_hash
            end += entry.length
        write_at(self._fd, b"".join(parts), self._end)
        sync_file(self._fd)
        self._end = end
        self._head = head
        self._lines += len(entries)
        return entries

    def _give_up(self, error: OSError | MemoryError) -> None:
        # After a failed fsync the kernel may drop the pages, so a second try could report what is not there.
        with contextlib.suppress(OSError):
            os.ftruncate(self._fd, self._end)
            sync_file(self._fd)
        why = error.strerror or str(error) if isinstance(error, OSError) else "out of memory"
        self._fault = (
            f"{self._path} could not be written: {why}. Its {self._lines} recorded lines are safe; what was under way "
            f"is not recorded. Once the cause is gone (free some space), the same command goes on from there."
        )

    def _abandon(self) -> None:
        """Let nobody wait for a thread that is gone."""
        with self._guard:
            self._closed = True
        with contextlib.suppress(Empty):
            while True:
                if (waiting := self._queue.get_nowait()) is not None:
                    self._batch.append(waiting)
        for waiting in self._batch:
            if not waiting.future.done():
                waiting.future.set_exception(JournalError(f"{self._path}: the thread that records replies failed."))
