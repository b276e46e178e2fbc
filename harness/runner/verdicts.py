"""The verdict of every row and arm of a run, corrected over the planned family."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from harness.reported import Reported, ReportedRow
from harness.runner.measure import Measured, reported_value
from harness.runner.plan import TaskPlan
from harness.statistics import holm, p_value, verdict

Place = tuple[str, str]
"""A task and an arm."""


def judge(
    manifest: Mapping[str, Any],
    plans: Sequence[TaskPlan],
    measured: Mapping[Place, Measured],
    reported: Reported,
) -> dict[Place, dict[str, Any]]:
    """The verdict of each arm of each task, as plain JSON with a ``sentence`` for the report.

    The primary arms of the planned family share Holm's correction; a member without a result counts as p = 1. Any
    other arm is corrected by the family's size.
    """
    family = [plan for plan in plans if plan.name in manifest["family"]]
    alone: dict[Place, float] = {}
    for place, found in measured.items():
        row = reported.rows.get(place[0])
        if row is not None and found.estimate is not None:
            alone[place] = p_value(found.estimate, reported_value(row), found.bounds)
    adjusted = dict(
        zip(
            [(plan.name, plan.primary) for plan in family],
            holm([alone.get((plan.name, plan.primary), 1.0) for plan in family]),
            strict=True,
        )
    )
    verdicts = {}
    for plan in plans:
        for arm in plan.arms:
            place = (plan.name, arm)
            row = reported.rows.get(plan.name)
            corrected = adjusted.get(place, min(1.0, alone.get(place, 1.0) * max(1, len(family))))
            verdicts[place] = _verdict(manifest, plan, arm, measured[place], row, corrected)
    return verdicts


def _verdict(
    manifest: Mapping[str, Any],
    plan: TaskPlan,
    arm: str,
    measured: Measured,
    row: ReportedRow | None,
    p_adjusted: float,
) -> dict[str, Any]:
    if plan.sample:
        return _none("sample data", "The items are this project's own samples: they show that the machinery works.")
    if row is None:
        return _none("nothing reported", "The vendor's table has no such row.")
    if measured.estimate is None:
        return _none("interim" if not measured.complete else "no result", "No reply could be scored yet.")
    found = verdict(
        measured.estimate,
        reported_value(row),
        bounds=measured.bounds,
        complete=measured.complete,
        not_comparable=named_difference(manifest, plan, arm, row),
        p_adjusted=p_adjusted,
    )
    return {"sentence": str(found), "margin": row.margin, **asdict(found)}


def named_difference(manifest: Mapping[str, Any], plan: TaskPlan, arm: str, row: ReportedRow) -> str | None:
    """The first difference from what the vendor disclosed that rules a comparison out, or None."""
    if manifest["identity"]["imported"] is not None and manifest["model"] is None:
        return "the replies were made elsewhere, and neither their model nor its settings are known"
    theirs = row.sampling
    pairs = [
        ("temperature", plan.temperature.value, theirs.temperature),
        ("top_p", plan.top_p.value, theirs.top_p),
        ("top_k", plan.top_k.value, theirs.top_k),
        ("thinking", plan.arms[arm].thinking, row.thinking),
    ]
    for name, ours, disclosed in pairs:
        if disclosed is not None and ours != disclosed and ours != "none":
            return f"{name} is {ours} here and {disclosed} in the vendor's protocol"
    if row.max_tokens is not None and plan.max_tokens.value < row.max_tokens:
        return f"the output limit is {plan.max_tokens.value} tokens here and {row.max_tokens} in the vendor's protocol"
    return None


def _none(label: str, why: str) -> dict[str, Any]:
    return {"label": label, "sentence": label, "difference": None, "interval": None, "why": [why], "settled_by": ""}
