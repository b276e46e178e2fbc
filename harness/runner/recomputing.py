"""The numbers of a run whose chain holds, made anew from its replies or its table, against its stored summary."""

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from harness.contract import Card
from harness.differences import differences
from harness.endpoint.ask import Ask
from harness.errors import DataUnavailable, VerificationFailed
from harness.journal import Journal
from harness.runner.plan import TaskPlan
from harness.runner.redacting import redacted_summary
from harness.runner.registry import find_task, read_card
from harness.runner.restore import restore_plans
from harness.runner.run import OpenRun, make_summary, replies_of, think_tags
from harness.runner.scoring import Scorer
from harness.runner.sealed import SEALED, unsealed
from harness.runner.table import CACHE, KINDS, Table
from harness.runner.table_check import read_table, table_plan, table_problems

NOT_CHECKED = "the numbers were NOT checked"
FROM_REPLIES = "every number was recomputed from the replies"

Found = tuple[str, list[str], list[str], DataUnavailable | None]
"""How far the numbers were checked, problems, notes, and the data that were not to be had."""


@dataclass(frozen=True)
class Numbers:
    """The numbers of one run.

    ``hidden`` names tasks whose replies are here but were redacted in the copy that the summary is of.
    """

    run: OpenRun
    stored: Mapping[str, Any]
    data_dir: Path | None
    extra: Sequence[Path]
    hidden: Collection[str] = ()

    def check(self, redacted: int) -> Found:
        """Recompute the summary from the replies where they are, else from the table."""
        with Journal.open(self.run.directory, self.run.manifest_hash, readonly=True) as journal:
            closed = _redacted_tasks(journal) if redacted else set()
            closed &= self.run.manifest["identity"]["tasks"].keys()
            table = read_table(self.run.directory)
            if closed and table is None:
                return NOT_CHECKED, [], ["replies are redacted, and there is no scores.parquet"], None
            if closed and (self.run.directory / SEALED).exists():
                return self._unseal(journal, closed, table)
            return self._recompute(journal, closed, table)

    def from_table(self) -> list[str]:
        """What is wrong with the table and with the summary made from it, replies and questions left aside.

        Raises:
            VerificationFailed: there is no table, or it cannot be read.
        """
        table = read_table(self.run.directory)
        if table is None:
            raise VerificationFailed(f"{self.run.directory} has no {CACHE}; `score {self.run.id}` makes it")
        with Journal.open(self.run.directory, self.run.manifest_hash, readonly=True) as journal:
            return self._compare(journal, list(self.run.manifest["identity"]["tasks"]), table, [])[1]

    def _unseal(self, journal: Journal, closed: Collection[str], table: pd.DataFrame | None) -> Found:
        """The same from the sealed journal, where the questions are to be had; without them from the table."""
        found = self._recompute(journal, closed, table)
        if found[1]:
            return found
        with unsealed(self.run, self._card(min(closed))) as full:
            opened = replace(self, run=full, hidden=closed)
            with Journal.open(full.directory, full.manifest_hash, readonly=True) as whole:
                numbers, more, _, no_data = opened._recompute(whole, (), None)
        if no_data is not None:
            return (
                found[0],
                [],
                [*found[2], f"the sealed journal opens, but its replies were not scored: {no_data}"],
                None,
            )
        if more:
            return NOT_CHECKED, [f"from the sealed journal: {problem}" for problem in more], [], None
        return f"{numbers}, those of redacted tasks from the sealed journal", [], [], None

    def _recompute(self, journal: Journal, closed: Collection[str], table: pd.DataFrame | None) -> Found:
        """The summary made anew, ``closed`` tasks from the table, against the stored one."""
        names = list(self.run.manifest["identity"]["tasks"])
        opened = [name for name in names if name not in closed]
        try:
            restored = restored_plans(self.run, opened, self.data_dir, self.extra)
        except DataUnavailable as error:
            if table is None or any(self._card(name).scored == "outcomes" for name in opened):
                return NOT_CHECKED, [], [], error
            _, problems, notes, _ = self._compare(journal, names, table, [])
            return f"{NOT_CHECKED} against the replies, only against {CACHE}", problems, notes, error
        return self._compare(journal, closed, table, restored)

    def _compare(
        self, journal: Journal, closed: Collection[str], table: pd.DataFrame | None, restored: Sequence[TaskPlan]
    ) -> Found:
        plans = {plan.name: plan for plan in restored}
        rows: list[dict[Any, Any]] = []
        problems: list[str] = []
        if restored:
            rows += asyncio.run(_scored(self.run, self.run.plans(restored, journal), journal)).to_dict("records")
        if table is not None and closed:
            planned = self.run.planned(journal)
            stubs = [self._stub(name, table, planned[name, "items"]) for name in closed]
            plans |= {plan.name: plan for plan in stubs}
            rows += table[table["task"].isin(list(closed))].to_dict("records")
            problems += table_problems(table, journal, closed)
        ordered = [plans[name] for name in self.run.manifest["identity"]["tasks"]]
        fresh = make_summary(self.run, self.run.plans(ordered, journal), journal, pd.DataFrame(rows))
        hidden = {*closed, *self.hidden}
        stored = redacted_summary({**self.stored, "run_id": self.run.id}, hidden)
        made = redacted_summary(json.loads(json.dumps(fresh)), hidden)
        problems += [f"summary.json, {phrase}" for phrase in differences(stored, made)]
        if not closed:
            return FROM_REPLIES, problems, [], None
        told = (
            f"{FROM_REPLIES} or, where redacted ({', '.join(closed)})," if restored else "every number was recomputed"
        )
        numbers = f"{told} from {CACHE}, whose rows agree with the journal"
        return numbers, problems, ["whether redacted replies were scored rightly takes the replies"], None

    def _stub(self, name: str, table: pd.DataFrame, items: int) -> TaskPlan:
        return table_plan(name, self.run.manifest, self.stored["tasks"][name], table, items, self._folders(name))

    def _card(self, name: str) -> Card:
        return read_card(find_task(name, self._folders(name)))[0]

    def _folders(self, name: str) -> list[Path]:
        folder = self.run.manifest["tasks"][name]["folder"]
        return [*self.extra, Path(folder).parent] if folder else list(self.extra)


def restored_plans(
    run: OpenRun, names: Collection[str], data_dir: Path | None, extra: Sequence[Path]
) -> list[TaskPlan]:
    """The plans of these tasks of a run, with their questions.

    Raises:
        DataUnavailable: no door of the data opens.
        UsageError: as :func:`harness.runner.restore.restore_plans`.
    """
    identity = run.manifest["identity"]
    narrowed = {**identity, "tasks": {name: identity["tasks"][name] for name in names}}
    return restore_plans({**run.manifest, "identity": narrowed}, data_dir, extra)


def _redacted_tasks(journal: Journal) -> set[str]:
    """The tasks of which a reply or an outcome is redacted."""
    found: set[str] = set()
    for kind in KINDS:
        for entry in journal.entries(kind):
            if entry.slot.task not in found and journal.body(entry) is None:
                found.add(entry.slot.task)
    return found


async def _scored(run: OpenRun, plans: Sequence[TaskPlan], journal: Journal) -> pd.DataFrame:
    """The rows of the plans' tasks, scored anew; no cache is read or written."""
    with Scorer([plan.ref for plan in plans], replies_of(journal)) as scorer:
        table = Table(run.directory, plans, think_tags(run.manifest), scorer, use_cache=False)
        return await table.complete(journal, Ask(journal, None))
