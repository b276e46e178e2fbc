"""The verdict of every row and arm of a run, corrected over the planned family."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from harness.reported import Reported, ReportedRow
from harness.runner.measure import Measured, reported_value
from harness.runner.plan import TaskPlan
from harness.statistics import holm, p_value, verdict

SERVED = ("reproduced", "lower than reported", "higher than reported")
Place = tuple[str, str]
"""A task and an arm."""


def judge(
    manifest: Mapping[str, Any],
    plans: Sequence[TaskPlan],
    measured: Mapping[Place, Measured],
    reported: Reported,
    served: str,
) -> dict[Place, dict[str, Any]]:
    """The verdict of each arm of each task, as plain JSON with a ``sentence`` for the report.

    ``served`` ends the sentence of a finding: "as served by PROVIDER on DATE".

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
            verdicts[place] = _verdict(manifest, plan, arm, measured[place], row, corrected, served)
    return verdicts


def _verdict(
    manifest: Mapping[str, Any],
    plan: TaskPlan,
    arm: str,
    measured: Measured,
    row: ReportedRow | None,
    p_adjusted: float,
    served: str,
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
        not_comparable=named_difference(manifest, plan, arm, row, measured),
        p_adjusted=p_adjusted,
    )
    sentence = f"{found}, {served}" if found.label in SERVED else str(found)
    return {"sentence": sentence, "margin": row.margin, **asdict(found)}


def named_difference(
    manifest: Mapping[str, Any], plan: TaskPlan, arm: str, row: ReportedRow, measured: Measured
) -> str | None:
    """The first difference from what the vendor disclosed that rules a comparison out, or None."""
    if manifest["identity"]["imported"] is not None:
        return "the replies were made elsewhere, and the settings they were made with are not known"
    model, about = str(manifest["model"]), str(manifest["reported"]["model"])
    if not manifest.get("table_named", False) and _letters(about) not in _letters(model):
        return f"the model asked is {model}, and the table is about {about} (--reported names another table)"
    theirs = row.sampling
    pairs = [
        ("temperature", plan.temperature.value, theirs.temperature),
        ("top_p", plan.top_p.value, theirs.top_p),
        ("top_k", plan.top_k.value, theirs.top_k),
        ("thinking", plan.arms[arm].thinking, row.thinking),
    ]
    for name, ours, disclosed in pairs:
        if disclosed is not None and ours != disclosed and ours != "none":
            return f"{name} is {ours} here and {disclosed} in {_protocol(row, name)}"
    longest = measured.facts["usage"]["output_tokens"]
    if row.max_tokens is not None and longest is not None and longest["max"] > row.max_tokens:
        return f"replies went beyond the output limit of {row.max_tokens} tokens in {_protocol(row, 'max_tokens')}"
    return None


def _protocol(row: ReportedRow, field: str) -> str:
    inferred = field in row.inferred or ("sampling" in row.inferred and field in ("temperature", "top_p", "top_k"))
    return "the vendor's protocol" + (" (as inferred)" if inferred else "")


def _letters(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _none(label: str, why: str) -> dict[str, Any]:
    return {"label": label, "sentence": label, "difference": None, "interval": None, "why": [why], "settled_by": ""}
