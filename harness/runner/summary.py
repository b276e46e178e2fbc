"""``summary.json``: the numbers of a run, derived from its table. Schema in results/README.md."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from harness.journal import Entry, Journal
from harness.reported import Reported, ReportedRow
from harness.runner.gap import gap
from harness.runner.measure import Measured, again, arm_rows, headline_metric, measure
from harness.runner.plan import TaskPlan
from harness.runner.recorded import remarks
from harness.runner.verdicts import judge

SCHEMA = 1


def build(
    manifest: Mapping[str, Any],
    plans: Sequence[TaskPlan],
    journal: Journal,
    frame: pd.DataFrame,
    reported: Reported,
) -> dict[str, Any]:
    """The whole summary, verdicts included."""
    measured = {
        (plan.name, arm): measure(
            arm_rows(frame, plan, arm), plan, headline_metric(plan.card, reported.rows.get(plan.name))
        )
        for plan in plans
        for arm in plan.arms
    }
    dates = [str(frame["at"].min())[:10], str(frame["at"].max())[:10]] if len(frame) else None
    providers = _distinct(frame, "provider")
    by = ", ".join(providers) or str(manifest["identity"]["endpoint"].get("profile"))
    on = " to ".join(dict.fromkeys(dates or ["no day"]))
    amendments = list(journal.entries("amendment"))
    looks = {plan.name: 1 + sum(entry.slot.task == plan.name for entry in amendments) for plan in plans}
    verdicts = judge(manifest, plans, measured, reported, f"as served by {by} on {on}", looks)
    tasks = {}
    for plan in plans:
        row = reported.rows.get(plan.name)
        arms = {}
        for arm in plan.arms:
            facts = measured[plan.name, arm].facts
            verdicts[plan.name, arm]["why"] += caveats(plan, arm, row)
            tally = facts["counts"]
            verdicts[plan.name, arm]["why"] += remarks(len(plan.order), tally["unrecorded"], tally["outside"])
            arms[arm] = facts | {
                "gap": _gap(frame, plan, arm, measured, row),
                "reported": row.score if row else None,
                "verdict": verdicts[plan.name, arm],
                "again": again(frame, plan, arm, headline_metric(plan.card, row)) if len(frame) else {},
            }
        scored_by: dict[str, Any] = {"version": plan.card.version, "card_sha256": plan.card_sha256}
        scored_by |= {"planned": {"items": len(plan.order), "of": plan.total, "repeats": plan.repeats}}
        scored_by["looks"] = looks[plan.name]
        tasks[plan.name] = arms[plan.primary] | scored_by | {"primary_arm": plan.primary, "arms": arms}
    return {
        "schema": SCHEMA,
        "run_id": None,
        "model": manifest["model"],
        "endpoint": manifest["identity"]["endpoint"].get("profile"),
        "sample_data": any(plan.sample for plan in plans),
        "journal": {"lines": journal.lines, "head": journal.head},
        "spend": _spend(frame, journal),
        "commands": [shlex.join(command) for command in [manifest["command"], *_commands(journal, amendments)]],
        "dates": dates,
        "providers": providers,
        "served_models": _distinct(frame, "served_model"),
        "tasks": tasks,
    }


def _gap(
    frame: pd.DataFrame,
    plan: TaskPlan,
    arm: str,
    measured: Mapping[tuple[str, str], Measured],
    row: ReportedRow | None,
) -> list[dict[str, Any]]:
    """What could explain an arm's difference, the other arms' scores among it."""
    others = {name: found.estimate.score for name in plan.arms if (found := measured[plan.name, name]).estimate}
    others.pop(arm, None)
    rows = arm_rows(frame, plan, arm)
    return gap(
        rows, plan, headline_metric(plan.card, row), measured[plan.name, arm], None if plan.sample else row, others
    )


def caveats(plan: TaskPlan, arm: str, row: ReportedRow | None) -> list[str]:
    """What a reader of the verdict must know besides its numbers."""
    found = []
    if row is not None and row.metric is None:
        found.append(f"The vendor does not say which metric it prints: {headline_metric(plan.card, row)} is assumed.")
    imported = plan.imported
    if plan.card.trial is not None and not imported and len(plan.order) < plan.total:
        found.append(
            f"{len(plan.order)} of {plan.total} items were tried, drawn in strata by category: for gross gaps only."
        )
    if plan.arms[arm].thinking == "none" and not imported:
        found.append("No thinking switch was sent: this endpoint is not known to have one.")
    return found


def _commands(journal: Journal, amendments: Sequence[Entry]) -> list[list[str]]:
    bodies = [journal.body(entry) for entry in amendments]
    return [body["command"] for body in bodies if body is not None]


def _spend(frame: pd.DataFrame, journal: Journal) -> dict[str, Any]:
    def total(name: str) -> int:
        return int(frame[name].fillna(0).sum()) if name in frame else 0

    costs = [entry.cost for entry in journal.entries() if entry.cost is not None]
    return {
        "usd": round(sum(costs), 9) if costs else None,
        "input_tokens": total("input_tokens"),
        "cached_tokens": total("cached_tokens"),
        "output_tokens": total("output_tokens"),
        "requests": sum(1 for _ in journal.entries("reply")),
    }


def _distinct(frame: pd.DataFrame, name: str) -> dict[str, int]:
    if name not in frame:
        return {}
    return {str(value): int(number) for value, number in frame[name].dropna().value_counts().items()}
