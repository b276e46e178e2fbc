"""The copy of a run that is published: manifest, journal, summary and table, those of redacted tasks without a text."""

import json
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.agentic.logs import logs_of
from harness.agentic.record import TRAJECTORIES
from harness.canonical import readable_json
from harness.contract import Card
from harness.errors import UsageError
from harness.journal import Journal, redact
from harness.journal.lines import decode_line
from harness.journal.opening import JOURNAL
from harness.journal.verify import AMENDMENT
from harness.publish.notes import note
from harness.runner.recomputing import Numbers
from harness.runner.redacting import redacted_summary, redacted_table
from harness.runner.registration import FILE as PLAN
from harness.runner.registry import TaskRef, find_task, read_card
from harness.runner.run import OpenRun
from harness.runner.sealed import SEALED, password_of, seal
from harness.runner.table import CACHE
from harness.runner.table_check import read_table


@dataclass(frozen=True)
class StagedRun:
    """A run and its copy. ``refs`` are its redacted tasks; ``dropped`` of ``lines`` journal lines lost their body."""

    run: OpenRun
    directory: Path
    refs: dict[str, TaskRef]
    lines: int
    dropped: int
    sealed: bool

    @property
    def listing(self) -> dict[str, Any]:
        """What ``publication.json`` says of it."""
        return {
            "id": self.run.id,
            "model": self.run.manifest["model"],
            "tasks": list(self.run.manifest["identity"]["tasks"]),
            "redacted": list(self.refs),
            "sealed": self.sealed,
            "manifest_sha256": self.run.manifest_hash,
        }


def copy_run(run: OpenRun, directory: Path, extra: Sequence[Path] = (), *, sealed: bool) -> StagedRun:
    """Copy a run, which is held, into a new folder.

    Raises:
        UsageError: ``sealed``, and a card names no password, or two redacted benchmarks have different ones.
    """
    cards = {name: _card(run, name, extra) for name in run.manifest["identity"]["tasks"]}
    closed = {name: (ref, card) for name, (ref, card) in cards.items() if card.redact}
    directory.mkdir(parents=True)
    for name in ("manifest.json", "summary.json", CACHE):
        shutil.copyfile(run.directory / name, directory / name)
    if (run.directory / PLAN).is_file():
        shutil.copyfile(run.directory / PLAN, directory / PLAN)
    lines, dropped = _copy_journal(run.directory / JOURNAL, directory / JOURNAL, closed)
    _copy_logs(run, directory, closed)
    if closed:
        _redact_numbers(run, directory, closed, extra)
    sealing = sealed and bool(closed)
    if sealing:
        passwords = {password_of(card) for _, card in closed.values()}
        if len(passwords) > 1:
            raise UsageError(
                f"{run.id} holds redacted benchmarks with different passwords ({', '.join(closed)}): publish runs of "
                "one of them each, or leave out --sealed"
            )
        seal(run.directory / JOURNAL, next(iter(closed.values()))[1], directory / SEALED)
    copy = StagedRun(run, directory, {name: ref for name, (ref, _) in closed.items()}, lines, dropped, sealing)
    (directory / "README.md").write_text(note(run, list(closed), sealed=sealing), "utf-8")
    return copy


def _card(run: OpenRun, name: str, extra: Sequence[Path]) -> tuple[TaskRef, Card]:
    folder = run.manifest["tasks"][name]["folder"]
    ref = find_task(name, [*extra, *([Path(folder).parent] if folder else [])])
    return ref, read_card(ref)[0]


def _copy_journal(source: Path, target: Path, closed: Collection[str]) -> tuple[int, int]:
    """Copy line by line, without the bodies of ``closed`` tasks; the lines there are, and those without a body.

    An amendment says how a run was extended and holds nothing of a question; without it the summary could not be made.
    """
    lines = dropped = 0
    with source.open("rb") as file, target.open("wb") as copy:
        for raw in file:
            line = decode_line(raw, 0)
            hide = line.entry.slot.task in closed and line.entry.kind != AMENDMENT
            copy.write(redact(raw) if hide else raw)
            lines += 1
            dropped += hide or line.redacted
    return lines, dropped


def _copy_logs(run: OpenRun, directory: Path, closed: Collection[str]) -> None:
    """Copy the logs of trials, but those of ``closed`` tasks."""
    with Journal.open(run.directory, run.manifest_hash, readonly=True) as journal:
        names = {name for slot, name in logs_of(journal) if slot.task not in closed}
    for name in sorted(names):
        if (source := run.directory / TRAJECTORIES / Path(name).name).is_file():
            (directory / TRAJECTORIES).mkdir(exist_ok=True)
            shutil.copyfile(source, directory / TRAJECTORIES / source.name)


def _redact_numbers(run: OpenRun, directory: Path, closed: Collection[str], extra: Sequence[Path]) -> None:
    table = read_table(directory)
    if table is not None:
        redacted_table(table, closed).to_parquet(directory / CACHE, index=False)
    path = directory / "summary.json"
    summary = json.loads(path.read_bytes())
    changed = redacted_summary(summary, closed)
    if changed != summary:
        path.write_bytes(readable_json(changed))
    copy = replace(run, directory=directory)
    if problems := Numbers(copy, changed, None, extra).from_table():
        raise UsageError(
            f"{run.id}: the redacted copy would not check out ({problems[0]}). This is a fault of this program: "
            "please report it."
        )
