"""The logs of a run's trials: files beside the journal, each named by its SHA-256, which its line says."""

from collections.abc import Iterator
from pathlib import Path

from harness.agentic.record import TRAJECTORIES, TRIAL
from harness.canonical import sha256_hex
from harness.contract import Slot
from harness.journal import Journal


def logs_of(journal: Journal) -> Iterator[tuple[Slot, str]]:
    """Each trial line that names a log, and the log's name; lines without a body are passed over."""
    for entry in journal.entries(TRIAL):
        log = (journal.body(entry) or {}).get("log")
        if log:
            yield entry.slot, str(log["sha256"])


def missing_or_changed(journal: Journal, directory: Path) -> Iterator[str]:
    """A sentence for each log that is not beside the journal, or is not what was recorded."""
    for slot, name in logs_of(journal):
        path = directory / TRAJECTORIES / Path(name).name
        if not path.is_file():
            yield f"{slot}: its log {name} is not in {TRAJECTORIES}/"
        elif sha256_hex(path.read_bytes()) != name:
            yield f"{slot}: its log {name} was changed"
