"""``why`` in points: how much of the gap to the printed number each cause could explain, each taken alone.

The causes are not added up: a truncated reply may also be unparsed. What a cause explains is the change of our score if
it were undone in the vendor's favour, or the range of scores over the choices it stands for; noise is the 95 % range of
the difference between two honest runs.
"""

from collections.abc import Mapping
from math import ceil, sqrt
from typing import Any, NamedTuple

import pandas as pd

from harness.agentic.corrections import bounds_of_unlisted
from harness.contract import MetricSpec
from harness.reported import ReportedRow
from harness.runner.measure import Measured, flagged, reported_value, score_of
from harness.runner.plan import TaskPlan
from harness.statistics import difference_variance, vendor_variance

OUTCOMES = {
    "truncated": ("were cut at the output limit", "cut"),
    "unclosed_think": ("ended inside their reasoning", "unfinished"),
    "empty": ("were empty", "empty"),
    "unparsed": ("held no answer that the rule could read", "unread"),
    "refused": ("were refused", "refused"),
}
"""Flags of a scored reply, what they say of it, and its short name."""

FEW = 10
"""A provider with fewer replies than this says nothing about providers."""


class Cause(NamedTuple):
    """One possible cause. ``points`` is the lowest and highest change of our score, in points."""

    cause: str
    points: tuple[float, float]
    text: str

    def to_json(self) -> dict[str, Any]:
        """As ``summary.json`` holds it."""
        low, high = self.points
        return {"cause": self.cause, "points": [round(low, 4), round(high, 4)], "text": self.text}


def gap(
    rows: pd.DataFrame,
    plan: TaskPlan,
    metric: str,
    measured: Measured,
    row: ReportedRow | None,
    arms: Mapping[str, float],
) -> list[dict[str, Any]]:
    """The causes that could move this arm's score, the largest first.

    Args:
        rows: the outcomes of the arm's planned slots.
        plan: the task's plan.
        metric: name of the headline metric.
        measured: the arm's headline.
        row: the vendor's row, if there is one.
        arms: scores of the task's other arms in the same metric, by the arms' names.
    """
    if measured.estimate is None:
        return []
    scored = rows[rows["status"] == "ok"]
    spec, score = plan.card.metrics[metric], measured.estimate.score
    causes = [*_outcomes(scored, spec, score), *_unresolved(measured, score, plan), *_providers(scored, spec, score)]
    causes += [*_rules(measured, metric, score, plan), *_arms(arms, score), *_errata(measured, plan, scored, score)]
    causes += [*_unlisted(measured, plan, row), *_noise(measured, row)]
    return [cause.to_json() for cause in sorted(causes, key=lambda cause: cause.points[0] - cause.points[1])]


def _outcomes(scored: pd.DataFrame, spec: MetricSpec, score: float) -> list[Cause]:
    """What the replies that went wrong in one way would add, had each been fully right."""
    causes = []
    for flag, (what, short) in OUTCOMES.items():
        mask = flagged(scored, flag)
        if not mask.any():
            continue
        mended = scored.copy()
        for name in spec.of:
            mended.loc[mask, f"num_{name}"] = mended.loc[mask, f"den_{name}"]
        more = score_of(mended, spec)["score"] - score
        number = int(mask.sum())
        text = f"{number} of {len(scored)} replies {what}; with every {short} one right the score would be {more:+.2f}."
        causes.append(Cause(flag, (0.0, more), text))
    return causes


def _unresolved(measured: Measured, score: float, plan: TaskPlan) -> list[Cause]:
    if measured.bounds is None:
        return []
    low, high = (bound.score - score for bound in measured.bounds)
    why = "infrastructure, or stopped at the cost cap" if plan.card.trial else "errors, no judge, cut too early"
    what = plan.card.called.capitalize()
    text = f"{what} without a score ({why}): all wrong {low:+.2f}, all right {high:+.2f}."
    return [Cause("unresolved", (low, high), text)]


def _providers(scored: pd.DataFrame, spec: MetricSpec, score: float) -> list[Cause]:
    """Scores by provider; they answered different items, so their differences hold that luck too."""
    if "provider" not in scored:
        return []
    groups = {str(name): group for name, group in scored.groupby("provider") if len(group) >= FEW}
    if len(groups) < 2:
        return []
    scores = {name: score_of(group, spec)["score"] for name, group in groups.items()}
    shares = ", ".join(f"{name} {scores[name]:.2f} (n = {len(group)})" for name, group in groups.items())
    text = f"By provider: {shares}. Each answered other items, so luck is in it too; pin one to know."
    return [Cause("provider", (min(scores.values()) - score, max(scores.values()) - score), text)]


def _rules(measured: Measured, metric: str, score: float, plan: TaskPlan) -> list[Cause]:
    """The same replies or trials under the card's other metrics and rules."""
    others = {name: facts["score"] for name, facts in measured.facts["metrics"].items() if name != metric}
    if not others:
        return []
    low, high = min(others, key=lambda name: others[name]), max(others, key=lambda name: others[name])
    ends = f"{others[low]:.2f} ({low}) to {others[high]:.2f} ({high})"
    text = f"The same {plan.card.called} by other named rules: {ends}."
    return [Cause("rule", (min(0.0, others[low] - score), max(0.0, others[high] - score)), text)]


def _arms(arms: Mapping[str, float], score: float) -> list[Cause]:
    if not arms:
        return []
    shown = ", ".join(f"{name} {value:.2f}" for name, value in arms.items())
    moves = [value - score for value in arms.values()]
    text = f"Choices that the vendor left open, as other arms: {shown}."
    return [Cause("arm", (min(0.0, *moves), max(0.0, *moves)), text)]


def _errata(measured: Measured, plan: TaskPlan, scored: pd.DataFrame, score: float) -> list[Cause]:
    without = measured.facts["without_errata"]
    if without is None:
        return []
    move = without["score"] - score
    disputed = {item for erratum in plan.card.errata for item in erratum.items}
    text = (
        f"Without the {len(disputed & set(scored['item']))} items whose questions or answers are disputed: {move:+.2f}."
    )
    return [Cause("errata", (min(0.0, move), max(0.0, move)), text)]


def _unlisted(measured: Measured, plan: TaskPlan, row: ReportedRow | None) -> list[Cause]:
    """What corrections of the benchmark allow that the vendor made and does not list."""
    head = measured.facts["headline"]
    if plan.card.corrections is None or row is None or head is None or head["k"] is None:
        return []
    k, n = head["k"], head["n"]
    each, every = bounds_of_unlisted(k, n, 1), bounds_of_unlisted(k, n)
    score = every.lowest
    text = f"The vendor does not list its corrections. An unresolved item left out adds {each.left_out - score:.2f}"
    needed = ceil(n - 100 * k / row.score) if row.score else 0
    if k and 0 < needed <= n - k:
        text += f", and {needed} of them ({100 * needed / n:.1f} % of all) would make the printed number"
    text += f"; an item mended so that it resolves adds {each.mended - score:.2f}."
    return [Cause("corrections", (0.0, every.mended - score), text)]


def _noise(measured: Measured, row: ReportedRow | None) -> list[Cause]:
    found = measured.estimate
    if row is None or found is None:
        return []
    value = reported_value(row)
    half = 1.96 * sqrt(difference_variance(found, value))
    ours, theirs = 1.96 * sqrt(found.var_rerun), 1.96 * sqrt(vendor_variance(found, value))
    bound = ", an upper bound with one reply an item" if found.rerun_is_bound else ""
    text = (
        f"Luck of the draw moves our score by ±{ours:.2f}{bound}, the vendor's by ±{theirs:.2f}; together ±{half:.2f}."
    )
    step = row.rounding_step / 2
    return [
        Cause("noise", (-half, half), text),
        Cause("rounding", (-step, step), f"The printed number stands for anything within ±{step:g}."),
    ]
