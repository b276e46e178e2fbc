"""Journals to test with."""

from pathlib import Path
from typing import Any

from harness.canonical import digest
from harness.contract import Slot
from harness.journal import Entry, Journal

MANIFEST = digest({"run": "test"})
KEY = digest("what was asked")


def slot(n: int, **other: Any) -> Slot:
    return Slot(**{"task": "ifeval", "arm": "on", "item": f"item-{n}", "repeat": 0, **other})


def fill(directory: Path, lines: int, begin: int = 0) -> list[Entry]:
    """Append ``lines`` replies to the journal in ``directory``; ``item-n`` says ``reply n``."""
    with Journal.open(directory, MANIFEST) as journal:
        places = range(begin, begin + lines)
        futures = [journal.append("reply", slot(n), KEY, "ok", {"reply": f"reply {n}"}, cost=0.5) for n in places]
        return [future.result() for future in futures]


def replies(directory: Path, *, readonly: bool = True) -> list[Any]:
    """What a journal's lines say, in order."""
    with Journal.open(directory, MANIFEST, readonly=readonly) as journal:
        return [(journal.body(entry) or {}).get("reply") for entry in journal.entries()]


def raw_lines(directory: Path) -> list[bytes]:
    return (directory / "journal.jsonl").read_bytes().splitlines(keepends=True)


def write_lines(directory: Path, lines: list[bytes]) -> None:
    """Put ``lines`` where a journal is looked for, without an index."""
    directory.mkdir(exist_ok=True)
    (directory / "journal.jsonl").write_bytes(b"".join(lines))
    (directory / "journal.idx").unlink(missing_ok=True)
