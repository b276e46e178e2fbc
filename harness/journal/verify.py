"""Reading a whole journal and saying everything that is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.canonical import sha256_hex
from harness.contract import Slot
from harness.errors import JournalError
from harness.journal.lines import OK, BadLine, Line, decode_line, split_line
from harness.journal.opening import JOURNAL
from harness.journal.scan import BUFFER, misplaced

AMENDMENT = "amendment"
MOST_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class Verification:
    """What :func:`verify` found: lines read, hash of the last, bodies dropped, and every problem in order."""

    lines: int
    head: str
    redacted: int
    problems: list[str]


def verify(directory: Path, manifest_hash: str, recorded: tuple[int, str] | None = None) -> Verification:
    """Check numbering, chain and body hashes of every line, and that no slot of a kind was answered twice.

    ``recorded`` is the count of lines and the head hash that a summary states: the only guard against a journal cut at
    a line's end and against a change to the last envelope. Lines are counted from 0. After 200 problems the rest are
    counted only. Reads the file once, line by line; may be used while a run writes.

    Raises:
        JournalError: if there is no journal, or it cannot be read.
    """
    checker = _Checker(manifest_hash, recorded)
    path = directory / JOURNAL
    try:
        with path.open("rb", buffering=BUFFER) as file:
            for raw in file:
                checker.read(raw)
    except OSError as error:
        raise JournalError(f"{path} cannot be read: {error.strerror}.") from error
    return checker.result()


class _Checker:
    def __init__(self, manifest_hash: str, recorded: tuple[int, str] | None) -> None:
        self._recorded = recorded
        self._lines = 0
        self._offset = 0
        self._redacted = 0
        self._head: str | None = manifest_hash
        self._problems: list[str] = []
        self._unsaid = 0
        self._answered: dict[tuple[str, Slot], int] = {}
        self._compare()

    def read(self, raw: bytes) -> None:
        try:
            line = decode_line(raw, self._offset)
        except BadLine as error:
            self._say(f"line {self._lines}: {error}")
            self._head = _hash_of(raw)
        else:
            for problem in self._problems_of(line):
                self._say(f"line {self._lines} ({line.entry.slot}): {problem}")
            self._head = line.entry.line_hash
            self._redacted += line.redacted
        self._lines += 1
        self._offset += len(raw)
        self._compare()

    def result(self) -> Verification:
        if self._recorded and self._recorded[0] > self._lines:
            self._say(f"the summary records {self._recorded[0]} lines, the journal has {self._lines}")
        if self._unsaid:
            self._problems.append(f"and {self._unsaid} more")
        return Verification(self._lines, self._head or "", self._redacted, self._problems)

    def _problems_of(self, line: Line) -> Iterator[str]:
        try:
            line.check_body()
        except BadLine as error:
            yield str(error)
        if self._head is not None and (problem := misplaced(line, self._lines, self._head)):
            yield problem
        if line.entry.status == OK and line.entry.kind != AMENDMENT:
            place = (line.entry.kind, line.entry.slot)
            first = self._answered.setdefault(place, self._lines)
            if first != self._lines:
                yield f"its slot was already answered by line {first}; the first counts"

    def _compare(self) -> None:
        if self._recorded and self._recorded[0] == self._lines and self._recorded[1] != self._head:
            self._say(f"the summary records another head after {self._lines} lines: lines were changed or replaced")

    def _say(self, problem: str) -> None:
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(problem)
        else:
            self._unsaid += 1


def _hash_of(raw: bytes) -> str | None:
    """Hash of a bad line's envelope as the next line would name it, or None if it has none."""
    try:
        return sha256_hex(split_line(raw)[0])
    except BadLine:
        return None
