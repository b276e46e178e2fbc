"""One arm of a task in numbers: headline, bounds, other metrics, and what became of its replies.

Scores are points, 0 to 100. Unresolved replies (errors, a judge's failure, replies cut below the counted limit) and
trials without a recorded outcome give bounds; a request that failed is never a zero.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from harness.contract import Card, MetricSpec
from harness.reported import ReportedRow
from harness.runner.passes import passes
from harness.runner.plan import TaskPlan
from harness.runner.recorded import with_unrecorded
from harness.statistics import Bounds, Estimate, Metric, ReportedValue, Sample, estimate, with_unresolved

FLAGS = ("truncated", "empty", "unparsed", "refused", "retried_partial", "capped")


@dataclass(frozen=True)
class Measured:
    """One arm's headline: the estimate over scored replies, its bounds if any is unresolved, and what to print."""

    estimate: Estimate | None
    bounds: Bounds | None
    facts: dict[str, Any]
    complete: bool


def counts(rows: pd.DataFrame, plan: TaskPlan) -> dict[str, int]:
    """How many planned slots there are, were answered, and went each way; a reply can be in more than one bucket.

    ``outside`` are recorded outcomes of items that the benchmark does not include; they are in no other bucket.
    """
    outside = ~rows["item"].isin(set(plan.items)) if len(rows) else pd.Series(dtype=bool)
    answered = rows[(rows["status"] == "ok") & ~outside] if len(rows) else rows
    return {
        "items": len(plan.order) * plan.repeats,
        "answered": len(answered),
        **{flag: _count(answered, flag) for flag in FLAGS},
        "unresolved_truncated": int((flagged(answered, "unresolved") & ~flagged(answered, "capped")).sum()),
        "scorer_crashed": _count(answered, "scorer_crashed"),
        "reasoning_only": _count(answered, "reasoning_only"),
        "unclosed_think": _count(answered, "unclosed_think"),
        "unavailable": int((rows["status"] == "unavailable").sum()) if len(rows) else 0,
        "error": int((rows["status"] == "error").sum()) if len(rows) else 0,
        "unrecorded": int((rows["status"] == "unrecorded").sum()) if len(rows) else 0,
        "outside": int(outside.sum()),
    }


def measure(rows: pd.DataFrame, plan: TaskPlan, metric: str) -> Measured:
    """One arm of a task: ``rows`` are the outcomes of its planned slots (role ``answer``)."""
    spec = plan.card.metrics[metric]
    tally = counts(rows, plan)
    complete = len(rows) - tally["outside"] == tally["items"]
    facts: dict[str, Any] = {"headline": None, "metrics": {}, "counts": tally, "faults": _number_of(rows, "fault")}
    facts |= {"score_on_completed": None, "bounds": None, "without_errata": None, "categories": {}}
    facts |= {"usage": _usage(rows), "passes": None, "ended": _number_of(rows, "ended")}
    scored = rows[rows["status"].isin(("ok", "unrecorded"))] if len(rows) else rows
    if not tally["answered"]:
        return Measured(None, None, facts, complete)
    total = plan.total if len(plan.order) < plan.total else None
    parts = parts_of(scored, spec)
    found = estimate(parts, planned_items=len(plan.order), subset_of=total)
    mine = rows[(rows["status"] != "ok") | _applies(rows, spec)]
    open_slots = mine[(mine["status"] != "ok") | flagged(mine, "unresolved")]
    bounds = _bounds(mine, open_slots, spec, len(plan.order), total) if len(open_slots) else None
    interval, kind = found.interval, str(found.interval_kind)
    if bounds is not None:
        interval, kind = (bounds[0].interval[0], bounds[1].interval[1]), "bounds"
    own = score_of(scored, spec)
    facts["headline"] = {
        "metric": metric,
        "score": own["score"],
        "k": own["k"],
        "n": own["n"],
        "items": found.n,
        "repeats": found.repeats[1],
        "interval": [round(end, 4) for end in interval],
        "interval_kind": kind,
    }
    facts["metrics"] = {
        name: score_of(scored, each) for name, each in plan.card.metrics.items() if _applies(scored, each).any()
    }
    facts["passes"] = passes(parts[0]) if found.k is not None and plan.repeats > 1 else None
    facts["bounds"] = [round(bound.score, 4) for bound in bounds] if bounds else None
    completed = scored[(scored["status"] == "ok") & ~flagged(scored, "truncated") & ~flagged(scored, "empty")]
    facts["score_on_completed"] = score_of(completed, spec) if len(completed) else None
    facts["without_errata"] = _without_errata(scored, plan, spec)
    facts["categories"] = {
        str(name): score_of(group, spec) for name, group in scored.groupby("category", sort=True) if name
    }
    return Measured(found, bounds, facts, complete)


def again(frame: pd.DataFrame, plan: TaskPlan, arm: str, metric: str) -> dict[str, Any]:
    """Diagnostic numbers by output limit: first answers, with those asked again replaced by the second answer."""
    mine = frame[(frame["task"] == plan.name) & (frame["arm"] == arm) & (frame["status"] == "ok")]
    found = {}
    for role in sorted({str(role) for role in mine["role"] if str(role).startswith("again-")}):
        second = mine[mine["role"] == role].set_index(["item", "repeat"])
        first = mine[mine["role"] == "answer"].set_index(["item", "repeat"])
        merged = pd.concat([first.drop(second.index.intersection(first.index)), second]).reset_index()
        found[role.removeprefix("again-")] = score_of(merged, plan.card.metrics[metric]) | {"asked": len(second)}
    return found


def arm_rows(frame: pd.DataFrame, plan: TaskPlan, arm: str) -> pd.DataFrame:
    """The outcomes of an arm's planned slots; where trials are scored, also of those without a recorded outcome."""
    if not len(frame):
        return frame
    wanted = {item.id for item in plan.order}
    mask = (frame["task"] == plan.name) & (frame["arm"] == arm) & (frame["role"] == "answer")
    mask &= frame["repeat"] < plan.repeats
    if plan.card.scored == "outcomes" and plan.imported:
        return with_unrecorded(frame[mask], plan, arm)
    return frame[mask & frame["item"].isin(wanted)]


def headline_metric(card: Card, row: ReportedRow | None) -> str:
    """The metric the vendor's row names, if the card has it, else the card's headline."""
    return row.metric if row and row.metric in card.metrics else card.headline


def reported_value(row: ReportedRow) -> ReportedValue:
    """The printed score as the statistics take it."""
    return ReportedValue(score=row.score, margin=row.margin, rounding_step=row.rounding_step, repeats=row.repeats)


def _applies(rows: pd.DataFrame, spec: MetricSpec) -> "pd.Series[bool]":
    """Which rows have all of the metric's counts."""
    dens = [f"den_{name}" for name in spec.of]
    return rows[dens].notna().all(axis=1) if set(dens) <= set(rows) else pd.Series(False, index=rows.index)


def parts_of(rows: pd.DataFrame, spec: MetricSpec) -> Metric:
    """Scored rows as the statistics take them."""
    rows = rows[_applies(rows, spec)]
    items, _ = pd.factorize(rows["item"])
    repeats = rows["repeat"].to_numpy(dtype=np.int64)
    return tuple(
        Sample(
            items.astype(np.int64),
            repeats,
            rows[f"num_{name}"].to_numpy(dtype=np.float64),
            rows[f"den_{name}"].to_numpy(dtype=np.float64),
        )
        for name in spec.of
    )


def _bounds(rows: pd.DataFrame, open_slots: pd.DataFrame, spec: MetricSpec, planned: int, total: int | None) -> Bounds:
    """The estimate with every unresolved reply at 0 and at its full denominator (unknown: the mean one)."""
    codes = {item: code for code, item in enumerate(sorted(set(rows["item"])))}
    closed = rows.drop(open_slots.index)
    parts: Metric = ()
    if len(closed):
        parts = tuple(
            Sample(closed["item"].map(codes).to_numpy(dtype=np.int64), part.repeat, part.num, part.den)
            for part in parts_of(closed, spec)
        )
    dens = [
        open_slots[f"den_{name}"].fillna(rows[f"den_{name}"].mean()).to_numpy(dtype=np.float64).tolist()
        for name in spec.of
    ]
    items = [codes[item] for item in open_slots["item"]]
    low, high = with_unresolved(parts, items, open_slots["repeat"].astype(int).tolist(), dens)
    return (
        estimate(low, planned_items=planned, subset_of=total),
        estimate(high, planned_items=planned, subset_of=total),
    )


def score_of(rows: pd.DataFrame, spec: MetricSpec) -> dict[str, Any]:
    """Score, and numerator and denominator where the metric is one ratio."""
    rows = rows[_applies(rows, spec)]
    found = estimate(parts_of(rows, spec), planned_items=rows["item"].nunique())
    one = spec.of[0] if len(spec.of) == 1 else None
    num = float(rows[f"num_{one}"].sum()) if one else None
    return {
        "score": round(found.score, 4),
        "k": int(num) if num is not None and num.is_integer() else None,
        "n": int(rows[f"den_{one}"].sum()) if one else found.n,
    }


def _without_errata(scored: pd.DataFrame, plan: TaskPlan, spec: MetricSpec) -> dict[str, Any] | None:
    """The headline without the items that the card's errata dispute, all of them upheld."""
    return score_without(scored, spec, {item for erratum in plan.card.errata for item in erratum.items})


def score_without(scored: pd.DataFrame, spec: MetricSpec, items: Collection[str]) -> dict[str, Any] | None:
    """The score of scored rows without these items, left out of numerator and denominator; None if none is among them.

    None also where no row would be left.
    """
    kept = scored[~scored["item"].isin(list(items))]
    return score_of(kept, spec) if len(kept) and len(kept) < len(scored) else None


def flagged(rows: pd.DataFrame, name: str) -> "pd.Series[bool]":
    """Which rows carry a flag; none do where the table has no such column."""
    if name not in rows:
        return pd.Series(False, index=rows.index)
    return rows[name].map(lambda value: value is True or value is np.True_).astype(bool)


def _count(rows: pd.DataFrame, name: str) -> int:
    return int(flagged(rows, name).sum()) if len(rows) else 0


def _number_of(rows: pd.DataFrame, column: str) -> dict[str, int]:
    """How many rows have each text of the column, the most frequent first."""
    if column not in rows:
        return {}
    return {str(name): int(number) for name, number in rows[column].dropna().value_counts().items()}


def _usage(rows: pd.DataFrame) -> dict[str, Any]:
    """Medians and totals a reader wants of an arm: tokens, seconds, USD."""
    found: dict[str, Any] = {}
    for name in ("input_tokens", "output_tokens", "reasoning_tokens", "first_token_s", "total_s"):
        values = rows[name].dropna().astype(float).to_numpy() if name in rows else np.empty(0)
        found[name] = {"median": float(np.median(values)), "max": float(values.max())} if values.size else None
    return found
