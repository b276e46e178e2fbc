"""Reading a journal's lines one after the other, up to the first that does not hold."""

from dataclasses import dataclass
from pathlib import Path

from harness.journal.lines import BadLine, Entry, Line, decode_line

BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class Fault:
    """The first line that does not hold, and what is behind it.

    ``n`` is its number, ``offset`` where it begins; ``lines`` and ``size`` (bytes) count from it to the
    end of the file.
    ``sound_follows``: a line that is whole in itself stands there or later, which a torn write alone does not explain.
    """

    n: int
    offset: int
    why: str
    lines: int
    size: int
    sound_follows: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """The good lines found, the byte after the last of them, and the fault that ended the reading (None: the end)."""

    entries: list[Entry]
    end: int
    fault: Fault | None


def scan(path: Path, start: int, size: int, n: int, prev: str) -> Scan:
    """Read the lines from byte ``start`` to ``size``, the first of which must be number ``n`` and follow ``prev``."""
    entries: list[Entry] = []
    end = start
    with path.open("rb", buffering=BUFFER) as file:
        file.seek(start)
        while raw := file.readline(size - end):
            try:
                line = sound(raw, end)
            except BadLine as error:
                return Scan(entries, end, _fault(path, end, size, n, str(error)))
            if why := misplaced(line, n, prev):
                return Scan(entries, end, _fault(path, end, size, n, why))
            entries.append(line.entry)
            prev = line.entry.line_hash
            end += len(raw)
            n += 1
    return Scan(entries, end, None)


def sound(raw: bytes, offset: int) -> Line:
    """Take a line apart and check it against its own hash; raises BadLine."""
    line = decode_line(raw, offset)
    line.check_body()
    return line


def misplaced(line: Line, n: int, prev: str) -> str | None:
    """Why a line cannot be number ``n`` after the line of hash ``prev``, or None."""
    if line.entry.n != n:
        return f"it is numbered {line.entry.n}"
    return None if line.prev == prev else "it does not follow the line before it"


def _fault(path: Path, start: int, size: int, n: int, why: str) -> Fault:
    lines = 0
    sound_follows = False
    offset = start
    with path.open("rb", buffering=BUFFER) as file:
        file.seek(start)
        while raw := file.readline(size - offset):
            lines += 1
            offset += len(raw)
            if not sound_follows:
                sound_follows = _is_sound(raw)
    return Fault(n, start, why, lines, size - start, sound_follows)


def _is_sound(raw: bytes) -> bool:
    try:
        sound(raw, 0)
    except BadLine:
        return False
    return True
