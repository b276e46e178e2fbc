"""The verdict of every row and arm of a run, corrected over the planned family."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from harness.reported import Reported, ReportedRow
from harness.runner.measure import Measured, reported_value
from harness.runner.named import is_named
from harness.runner.plan import Settings, TaskPlan
from harness.statistics import Looks, Verdict, combine, holm, joint_p, p_value, verdict
from harness.statistics.compare import direction

ALPHA = 0.05
SERVED = ("reproduced", "lower than reported", "higher than reported")
Place = tuple[str, str]
"""A task and an arm."""


def judge(
    manifest: Mapping[str, Any],
    plans: Sequence[TaskPlan],
    measured: Mapping[Place, Measured],
    reported: Reported,
    served: str,
    looks: Mapping[str, int] | None = None,
) -> dict[Place, dict[str, Any]]:
    """The verdict of each arm of each task, as plain JSON with a ``sentence`` for the report.

    ``served`` ends the sentence of a finding: "as served by PROVIDER on DATE". ``looks`` says how many times a task
    has been judged as it grew, this time included (default 1); the manifest, how many looks were planned.

    The primary arm's verdict is the row's, which all arms share (:mod:`harness.statistics.arms`). The rows of the
    planned family share Holm's correction; a row without a full result counts as p = 1. Any other arm is judged alone,
    corrected by the family's size.
    """
    planned, taken = int(manifest.get("looks", 1)), looks or {}
    rows = [
        _Row(manifest, plan, reported.rows.get(plan.name), measured, served, Looks(planned, taken.get(plan.name, 1)))
        for plan in plans
    ]
    family = [row for row in rows if row.plan.name in manifest["family"]]
    adjusted = dict(zip([row.plan.name for row in family], holm([row.p for row in family]), strict=True))
    verdicts: dict[Place, dict[str, Any]] = {}
    size = max(1, len(family))
    for row in rows:
        verdicts |= row.verdicts(adjusted.get(row.plan.name, min(1.0, row.p * size)), size)
    return verdicts


class _Row:
    """One task's arms against its row of the vendor's table."""

    def __init__(
        self,
        manifest: Mapping[str, Any],
        plan: TaskPlan,
        row: ReportedRow | None,
        measured: Mapping[Place, Measured],
        served: str,
        looks: Looks,
    ) -> None:
        self.plan, self.row, self.served, self.looks = plan, row, served, looks
        self.arms = {arm: measured[plan.name, arm] for arm in plan.arms}
        self.apart = {
            arm: None if row is None else named_difference(manifest, plan, arm, row, found)
            for arm, found in self.arms.items()
        }
        self.alone = {arm: self._alone(arm) for arm in plan.arms}
        self.taking = [arm for arm in plan.arms if self.apart[arm] is None]
        self.p = joint_p([self.alone[arm] for arm in self.taking if row is not None and not plan.sample])

    def _alone(self, arm: str) -> tuple[float | None, str | None]:
        """The arm's own p and direction; none while it has no full result."""
        found = self.arms[arm]
        if self.row is None or found.estimate is None or not found.complete:
            return None, None
        value = reported_value(self.row)
        p = p_value(found.estimate, value, found.bounds, looks=self.looks)
        return p, direction(found.estimate, value, found.bounds)

    def verdicts(self, row_adjusted: float, family: int) -> dict[Place, dict[str, Any]]:
        """Every arm's verdict as JSON, the primary one's being the row's."""
        given = {arm: self._given(arm, row_adjusted, family) for arm in self.arms}
        found = {arm: one for arm, one in given.items() if isinstance(one, Verdict)}
        if self.plan.primary in found:
            given[self.plan.primary] = self._combined(found)
        return {(self.plan.name, arm): self._json(one) for arm, one in given.items()}

    def _given(self, arm: str, row_adjusted: float, family: int) -> Verdict | dict[str, Any]:
        measured = self.arms[arm]
        if self.plan.sample:
            return _none("sample data", "The items are this project's own samples: they show that the machinery works.")
        if self.row is None:
            return _none("nothing reported", "The vendor's table has no such row.")
        if measured.estimate is None:
            return _none("interim" if not measured.complete else "no result", "No reply could be scored yet.")
        p = self.alone[arm][0]
        adjusted = row_adjusted if arm == self.plan.primary else min(1.0, (p or 0.0) * family)
        return verdict(
            measured.estimate,
            reported_value(self.row),
            bounds=measured.bounds,
            complete=measured.complete,
            not_comparable=self.apart[arm],
            p_adjusted=None if p is None or self.apart[arm] is not None else adjusted,
            p_joint=self.p if arm == self.plan.primary and p is not None and self.apart[arm] is None else None,
            looks=self.looks,
            arms=max(1, len(self.taking)),
        )

    def _combined(self, found: Mapping[str, Verdict]) -> Verdict:
        unanswered = [arm for arm in self.taking if self.arms[arm].estimate is None and not self.arms[arm].complete]
        row = combine(self.plan.primary, found, list(self.plan.skipped_arms), unanswered)
        own = self.alone[self.plan.primary][0]
        if row.label != "consistent, not conclusive" or own is None or row.p_adjusted is None or not self.p > own:
            return row
        if own * row.p_adjusted / self.p >= ALPHA:
            return row
        others = [arm for arm in self.taking if (p := self.alone[arm][0]) is not None and p > own]
        text = f'What keeps it open is another arm ({", ".join(others)}): "lower" and "higher" need every arm.'
        return replace(row, settled_by=f"{text} {row.settled_by}")

    def _json(self, given: Verdict | dict[str, Any]) -> dict[str, Any]:
        if isinstance(given, dict):
            return given
        sentence = f"{given}, {self.served}" if given.label in SERVED else str(given)
        return {"sentence": sentence, "margin": self.row.margin if self.row else None, **asdict(given)}


def named_difference(
    manifest: Mapping[str, Any], plan: TaskPlan, arm: str, row: ReportedRow, measured: Measured
) -> str | None:
    """The first difference from what the vendor disclosed that rules a comparison out, or None."""
    if manifest["identity"]["imported"] is not None:
        return "the replies were made elsewhere, and the settings they were made with are not known"
    model, table_named = str(manifest["model"]), bool(manifest.get("table_named", False))
    planned = planned_difference(model, str(manifest["reported"]["model"]), plan, arm, row, table_named=table_named)
    if planned is not None:
        return planned
    longest = measured.facts["usage"]["output_tokens"]
    one_reply = plan.card.scored == "replies"
    if one_reply and row.max_tokens is not None and longest is not None and longest["max"] > row.max_tokens:
        return f"replies went beyond the output limit of {row.max_tokens} tokens in {_protocol(row, 'max_tokens')}"
    return None


def planned_difference(
    model: str, about: str, settings: Settings, arm: str, row: ReportedRow, *, table_named: bool
) -> str | None:
    """The first such difference that is known before anything is asked, or None.

    Another model than the table is about, unless the user named the table; sampling or thinking other than disclosed.
    """
    if not settings.arms[arm].arm.comparable:
        return f"the arm {arm} is not how the benchmark is run: {settings.arms[arm].arm.title}"
    if not is_named(model, about, table_named=table_named):
        return f"the model asked is {model}, and the table is about {about} (--reported names another table)"
    theirs = row.sampling
    pairs = [
        ("temperature", settings.temperature.value, theirs.temperature),
        ("top_p", settings.top_p.value, theirs.top_p),
        ("top_k", settings.top_k.value, theirs.top_k),
        ("thinking", settings.arms[arm].thinking, row.thinking),
    ]
    for name, ours, disclosed in pairs:
        if disclosed is not None and ours != disclosed and ours != "none":
            return f"{name} is {ours} here and {disclosed} in {_protocol(row, name)}"
    return None


def _protocol(row: ReportedRow, field: str) -> str:
    inferred = field in row.inferred or ("sampling" in row.inferred and field in ("temperature", "top_p", "top_k"))
    return "the vendor's protocol" + (" (as inferred)" if inferred else "")


def _none(label: str, why: str) -> dict[str, Any]:
    return {"label": label, "sentence": label, "difference": None, "interval": None, "why": [why], "settled_by": ""}
