"""The run's table: one row for each planned slot that has an outcome, recomputed from the journal.

``scores.parquet`` is a cache of these rows; a row is used again while its line, the task's version and the card are
the same.
"""

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from harness.contract import Ask as Wish
from harness.contract import Outcome, Reply, Score, Slot
from harness.endpoint.ask import Ask
from harness.errors import HarnessError, NotRecorded, RequestFailed
from harness.journal import Entry, Journal
from harness.runner.outcome import cache_key, scored_row, tried_row, unscored_row, visible_reply
from harness.runner.plan import TaskPlan
from harness.runner.recorded import outcome_task
from harness.runner.scoring import SCORER_DIED, Scorer

CACHE = "scores.parquet"
KINDS = ("reply", "outcome")
"""Journal lines that give a row."""
NOT_ROWS = ("judge", "turn")
"""Roles of replies that are part of something else."""
SCORED_AT_ONCE = 64


class ScorerFailed(Exception):
    """A task's scorer raised on a reply: the reply stays unresolved, the run goes on."""


class Table:
    """Rows by cache key, filled as replies arrive and completed from the journal."""

    def __init__(
        self,
        directory: Path,
        plans: Sequence[TaskPlan],
        think_tags: Sequence[str],
        scorer: Scorer,
        *,
        use_cache: bool = True,
    ) -> None:
        self._path = directory / CACHE if use_cache else None
        self._plans = {plan.name: plan for plan in plans}
        self._tags = tuple(think_tags)
        self._scorer = scorer
        self._rows: dict[str, dict[str, Any]] = {}
        self._cached: dict[str, dict[str, Any]] | None = None

    def cached(self, entry: Entry) -> dict[str, Any] | None:
        """The row of a line if it was scored before under the same rules."""
        if self._cached is None:
            self._cached = self._read_cache()
        key = cache_key(entry, self._plans[entry.slot.task], self._tags)
        return self._rows.get(key) or self._cached.get(key)

    async def row(self, entry: Entry, body: Mapping[str, Any] | None, ask: Ask | None = None) -> dict[str, Any]:
        """Score one line, a reply in a scoring process, and keep its row; ``ask`` answers what a scorer asks a judge.

        Raises:
            HarnessError: the line is redacted, so that there is nothing to score.
        """
        plan = self._plans[entry.slot.task]
        key = cache_key(entry, plan, self._tags)
        if body is None:
            raise HarnessError(f"{entry.slot} is redacted: this copy of the run can be verified but not scored again")
        if entry.status == "error":
            row = unscored_row(entry, plan, key, "error", str(body["fault"]["fault"]))
        elif entry.kind == "outcome":
            item, outcome = plan.items.get(entry.slot.item), Outcome.from_json(body["outcome"])
            row = tried_row(entry, plan, key, outcome, outcome_task(plan).score_outcome(item, outcome))
        else:
            reply = Reply.from_json(body["reply"])
            answer, unclosed = visible_reply(reply, self._tags)
            try:
                score = await self._score(plan, entry, answer, ask)
            except (NotRecorded, RequestFailed, ScorerFailed) as error:
                row = unscored_row(entry, plan, key, "unavailable", str(error))
            else:
                row = scored_row(entry, plan, key, reply, answer, unclosed, score)
        self._rows[key] = row
        return row

    async def _score(self, plan: TaskPlan, entry: Entry, answer: Reply, ask: Ask | None) -> Score:
        """Score, and while the scorer asks a judge, have the judge answer and score again."""
        slot = entry.slot
        judgements: dict[Slot, Reply] = {}
        while True:
            future = self._scorer.submit(
                plan.ref, plan.items[slot.item], slot.repeat, plan.arms[slot.arm].arm, answer, judgements
            )
            score = await _result(asyncio.wrap_future(future), slot)
            if isinstance(score, Score):
                return score
            if ask is None:
                raise NotRecorded(f"{slot}: the judge's answer is not in the journal")
            for request in score.requests:
                judgements[request.slot] = await ask(request)

    async def complete(self, journal: Journal, ask: Ask | None = None) -> pd.DataFrame:
        """Every outcome of the planned slots as a frame, scoring what is not scored yet, and save the cache."""
        places = asyncio.Semaphore(SCORED_AT_ONCE)

        async def one(entry: Entry) -> dict[str, Any]:
            async with places:
                return self.cached(entry) or await self.row(entry, journal.body(entry), ask)

        rows = await asyncio.gather(*(one(entry) for entry in self._outcomes(journal)))
        frame = pd.DataFrame(rows)
        if rows and self._path is not None:
            temporary = self._path.with_suffix(f".{os.getpid()}")
            frame.to_parquet(temporary, index=False)
            temporary.replace(self._path)
        return frame

    def _outcomes(self, journal: Journal) -> Iterable[Entry]:
        seen = set()
        for entry in chain.from_iterable(map(journal.entries, KINDS)):
            slot = entry.slot
            plan = self._plans.get(slot.task)
            if plan is None or slot.arm not in plan.arms or slot.role in NOT_ROWS:
                continue
            if (entry.kind, slot) in seen or (entry.kind == "reply" and slot.item not in plan.items):
                continue
            seen.add((entry.kind, slot))
            first = journal.find(slot, entry.kind)
            if first is not None:
                yield first

    def _read_cache(self) -> dict[str, dict[str, Any]]:
        if self._path is None or not self._path.exists():
            return {}
        try:
            frame = pd.read_parquet(self._path)
        except (OSError, ValueError):
            return {}
        frame = frame[frame["status"] != "unavailable"]
        return {str(row["cache_key"]): {str(k): v for k, v in row.items()} for row in frame.to_dict("records")}


async def _result(future: "asyncio.Future[Score | Wish]", slot: Slot) -> "Score | Wish":
    """The scorer's result.

    Raises:
        ScorerFailed: the scorer raised something of its own.
        HarnessError: it cannot score anything: a resource is missing, or its process died.
    """
    await asyncio.wait([future])
    error = future.exception()
    if isinstance(error, BrokenExecutor):
        raise HarnessError(SCORER_DIED) from error
    if error is not None and not isinstance(error, HarnessError):
        raise ScorerFailed(f"the scorer failed on {slot}: {type(error).__name__}: {error}") from error
    return future.result()
