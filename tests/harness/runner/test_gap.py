"""Causes of a gap, against numbers made by hand. Everything in points."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from harness.contract import Erratum, MetricSpec
from harness.reported import ReportedRow
from harness.runner.gap import gap
from harness.runner.measure import measure
from harness.runner.plan import TaskPlan
from tests.harness.runner.making import frame, outcome, reported, right_of, toy_plan

TEN = toy_plan(limit=10)
ROW = reported(score=80.0, margin=2.0).rows["toy_sum"]


def causes(
    rows: pd.DataFrame, plan: TaskPlan = TEN, row: ReportedRow | None = ROW, arms: dict[str, float] | None = None
) -> dict[str, dict[str, Any]]:
    metric = plan.card.headline
    found = gap(rows, plan, metric, measure(rows, plan, metric), row, arms or {})
    assert len({cause["cause"] for cause in found}) == len(found)
    return {cause["cause"]: cause for cause in found}


def test_replies_that_went_wrong_are_told_by_what_they_would_add() -> None:
    rows = [outcome(TEN, place, float(place < 6)) for place in range(7)]
    rows += [outcome(TEN, 7, 0.0, truncated=True), outcome(TEN, 8, 0.0, truncated=True, empty=True)]
    rows += [outcome(TEN, 9, 0.0, unparsed=True)]
    found = causes(frame(rows))
    assert found["truncated"]["points"] == [0.0, 20.0]
    assert found["truncated"]["text"].startswith("2 of 10 replies were cut at the output limit; ")
    assert (found["empty"]["points"], found["unparsed"]["points"]) == ([0.0, 10.0], [0.0, 10.0])
    assert "refused" not in found


def test_a_cut_reply_that_was_right_anyway_explains_nothing() -> None:
    rows = right_of(TEN, 9)
    rows.loc[0, "truncated"] = True
    assert causes(rows)["truncated"]["points"] == [0.0, 0.0]


def test_unresolved_replies_go_both_ways() -> None:
    rows = frame([*(outcome(TEN, place, float(place < 6)) for place in range(8)), outcome(TEN, 8, None)])
    low, high = causes(rows)["unresolved"]["points"]
    assert (low, high) == (pytest.approx(100 * 6 / 9 - 75, abs=1e-3), pytest.approx(100 * 7 / 9 - 75, abs=1e-3))


def test_providers_with_enough_replies_are_compared() -> None:
    plan = toy_plan(limit=40)
    rows = right_of(plan, 25)
    rows["provider"] = ["A"] * 20 + ["B"] * 15 + ["C"] * 5
    found = causes(rows, plan)["provider"]
    assert found["points"] == [pytest.approx(100 * 5 / 15 - 62.5, abs=1e-3), 37.5]
    assert "A 100.00 (n = 20), B 33.33 (n = 15)" in found["text"]
    rows["provider"] = "A"
    assert "provider" not in causes(rows, plan)


def test_noise_and_rounding_need_a_printed_number() -> None:
    found = causes(right_of(TEN, 7))
    low, high = found["noise"]["points"]
    assert low == -high
    # ours: S^2/n of 7 in 10, theirs: .8 (1 - .8)/N with N = 200 questions, and rounding
    assert high > 1.96 * (100**2 * 0.8 * 0.2 / 200) ** 0.5
    assert "an upper bound with one reply an item" in found["noise"]["text"]
    assert found["rounding"]["points"] == [-0.05, 0.05]
    assert {"noise", "rounding"}.isdisjoint(causes(right_of(TEN, 7), row=None))


def test_other_rules_arms_and_errata_are_ranges_around_the_score() -> None:
    specs = {"accuracy": MetricSpec(title="ours", of=["right"]), "loose": MetricSpec(title="theirs", of=["loose"])}
    erratum = Erratum(id="e", items=[TEN.order[9].id], what="no right choice", source="a thread")
    plan = replace(
        TEN, card=TEN.card.model_copy(update={"metrics": specs, "headline": "accuracy", "errata": [erratum]})
    )
    rows = right_of(plan, 9).assign(num_loose=1.0, den_loose=1.0)
    found = causes(rows, plan, arms={"off": 40.0, "other": 95.0})
    assert found["rule"]["points"] == [0.0, 10.0]
    assert "(loose)" in found["rule"]["text"]
    assert found["arm"]["points"] == [-50.0, 5.0]
    assert found["errata"]["points"] == [0.0, 10.0]


def test_corrections_that_nobody_lists_could_explain_much() -> None:
    plan = replace(TEN, card=TEN.card.model_copy(update={"corrections": "0" * 64}))
    found = causes(right_of(plan, 7), plan)["corrections"]
    assert found["points"] == [0.0, 30.0]
    # 7 of 9 is 77.78; the printed 80 takes a second item left out: 7 of 8
    assert "An unresolved item left out adds 7.78, and 2 of them (20.0 % of all)" in found["text"]
    assert "resolves adds 10.00" in found["text"]
    assert "corrections" not in causes(right_of(TEN, 7))


def test_the_largest_comes_first_and_nothing_scored_has_no_causes() -> None:
    rows = right_of(TEN, 3)
    rows["unparsed"] = [False] * 3 + [True] * 7
    found = gap(rows, TEN, "accuracy", measure(rows, TEN, "accuracy"), ROW, {})
    widths = [cause["points"][1] - cause["points"][0] for cause in found]
    assert widths == sorted(widths, reverse=True)
    nothing = frame([outcome(TEN, 0, None)])
    assert gap(nothing, TEN, "accuracy", measure(nothing, TEN, "accuracy"), ROW, {}) == []
