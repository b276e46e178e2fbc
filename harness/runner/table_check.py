"""A table against its journal, and plans made from a table: how numbers are checked without questions or replies.

A redacted copy of a run has no replies to score. What can be checked is that each row of ``scores.parquet`` is of the
journal's line that counts for its slot and agrees with that line's envelope, and that the summary follows
from the rows.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from harness.contract import Item
from harness.errors import VerificationFailed
from harness.journal import Entry, Journal
from harness.runner.plan import TaskPlan
from harness.runner.registry import find_task, read_card
from harness.runner.restore import settings_of
from harness.runner.table import CACHE, KINDS, NOT_ROWS

NEEDED = ("cache_key", "task", "arm", "item", "repeat", "role", "category", "at", "imported", "status")
MOST_ITEMS = 1_000_000
"""No benchmark has more; a number that a stranger wrote decides how much memory is taken."""
STATUSES = {"ok": "ok", "unavailable": "ok", "error": "error"}
"""A row's status and its line's: a reply whose judge failed is a complete line."""


def read_table(directory: Path) -> pd.DataFrame | None:
    """The run's ``scores.parquet``; None if there is none.

    Raises:
        VerificationFailed: it cannot be read, or columns are missing.
    """
    path = directory / CACHE
    if not path.exists():
        return None
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise VerificationFailed(f"{path} cannot be read: {error}") from error
    if missing := [name for name in NEEDED if name not in frame]:
        raise VerificationFailed(f"{path} has no column {', '.join(missing)}")
    return frame


def table_problems(frame: pd.DataFrame, journal: Journal, tasks: Collection[str]) -> list[str]:
    """What is wrong with the rows of ``tasks``: a row without its line, a line without its row, or the two disagree."""
    return [
        *_row_problems(frame[frame["task"].isin(list(tasks))].to_dict("records"), journal),
        *_missing(frame, journal, tasks),
    ]


def _row_problems(rows: Sequence[Mapping[Any, Any]], journal: Journal) -> Iterator[str]:
    by_hash = {entry.line_hash: entry for entry in _lines(journal)}
    seen: set[str] = set()
    for row in rows:
        name = str(row["cache_key"]).partition("/")[0]
        where = f"scores.parquet, {row['task']}/{row['arm']}/{row['item']}#{row['repeat']}/{row['role']}"
        entry = by_hash.get(name)
        if entry is None:
            yield f"{where}: its line {name[:12]} is not in the journal"
        elif name in seen:
            yield f"{where}: its line {name[:12]} has two rows"
        else:
            yield from (f"{where}: {problem}" for problem in _disagreements(row, entry, journal))
        seen.add(name)


def _disagreements(row: Mapping[Any, Any], entry: Entry, journal: Journal) -> Iterator[str]:
    slot = entry.slot
    if journal.find(slot, entry.kind) != entry:
        yield f"line {entry.n} is not the one that counts for its slot"
    stated = {name: row[name] for name in ("task", "arm", "item", "repeat", "role", "at")}
    recorded = {name: getattr(slot, name) for name in ("task", "arm", "item", "repeat", "role")} | {"at": entry.at}
    stated["imported"], recorded["imported"] = bool(row["imported"]), entry.key is None
    if entry.kind == "reply" and (not pd.isna(row.get("cost_usd")) or entry.cost is not None):
        stated["cost_usd"], recorded["cost_usd"] = row.get("cost_usd"), entry.cost
    for name, value in recorded.items():
        if stated[name] != value:
            yield f"{name} is {stated[name]!r}, and {value!r} in line {entry.n}"
    if STATUSES.get(str(row["status"])) != entry.status:
        yield f"status is {row['status']!r}, and {entry.status!r} in line {entry.n}"
    for name in row:
        if str(name).startswith("num_") and not pd.isna(row[name]):
            whole = row.get(f"den_{str(name).removeprefix('num_')}")
            if pd.isna(whole) or not 0 <= row[name] <= whole:
                yield f"{name} is {row[name]!r} of {whole!r}"


def _missing(frame: pd.DataFrame, journal: Journal, tasks: Collection[str]) -> Iterator[str]:
    known = {str(key).partition("/")[0] for key in frame["cache_key"]}
    for entry in _lines(journal):
        slot = entry.slot
        counts = journal.find(slot, entry.kind) == entry and slot.role not in NOT_ROWS
        if slot.task in tasks and counts and entry.line_hash not in known:
            yield f"scores.parquet has no row for line {entry.n} ({slot})"


def _lines(journal: Journal) -> Iterator[Entry]:
    return chain.from_iterable(map(journal.entries, KINDS))


def table_plan(
    name: str,
    manifest: Mapping[str, Any],
    stored: Mapping[str, Any],
    frame: pd.DataFrame,
    planned: int,
    extra: Sequence[Path],
) -> TaskPlan:
    """A plan with everything but the questions: from the manifest, the card, and the ids in the table.

    ``planned`` items are as many as manifest and journal say: what the summary says of that could be made to fit the
    rows there are. Those without a row have made-up ids. The card is stamped with the version and hash that
    ``stored``, the task's part of the summary, says it was scored with.

    Raises:
        UsageError: the task, or an arm of it, is not to be found here.
        VerificationFailed: more items are planned than the benchmark has, or can have.
    """
    facts, told = manifest["identity"]["tasks"][name], manifest["tasks"][name]
    ref = replace(find_task(name, extra), seed=manifest["identity"]["seed"], prompt=told["prompt_text"])
    card, _ = read_card(ref)
    mine = frame[frame["task"] == name]
    items = {str(row["item"]): Item(str(row["item"]), {}, str(row["category"])) for row in mine.to_dict("records")}
    too_few = card.scored == "replies" and planned < len(items)
    if too_few or planned > min(int(facts["of"]), MOST_ITEMS):
        raise VerificationFailed(
            f"{name}: {planned} items are planned of {facts['of']}, and scores.parquet has rows of {len(items)}"
        )
    items |= {f"?{number}": Item(f"?{number}", {}) for number in range(planned - len(items))}
    return TaskPlan(
        ref=ref,
        card=card.model_copy(update={"version": stored["version"]}),
        card_sha256=stored["card_sha256"],
        prompts={},
        order=tuple(items.values()),
        total=facts["of"],
        rows_sha256=facts["rows_sha256"],
        door=told["door"],
        sample=facts["sample_data"],
        items=items,
        **settings_of(manifest, name, card),
    )
