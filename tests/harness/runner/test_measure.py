"""Against numbers made by hand. Scores are points."""

from dataclasses import replace

import pytest

from harness.contract import Erratum, MetricSpec
from harness.runner.measure import again, arm_rows, counts, headline_metric, measure, reported_value
from harness.runner.plan import TaskPlan
from tests.harness.runner.making import THINKING, frame, outcome, profile, reported, right_of, toy_plan

TEN = toy_plan(limit=10)
CUT = {"truncated": True, "unresolved": True}


def with_metrics(plan: TaskPlan, **metrics: list[str]) -> TaskPlan:
    specs = {name: MetricSpec(title=name, of=of) for name, of in metrics.items()}
    return replace(plan, card=plan.card.model_copy(update={"metrics": specs, "headline": next(iter(specs))}))


def test_the_score_of_replies_that_all_came() -> None:
    found = measure(right_of(TEN, 7), TEN, "accuracy")
    assert found.complete
    assert found.bounds is None
    head = found.facts["headline"]
    assert (head["metric"], head["score"], head["k"], head["n"], head["repeats"]) == ("accuracy", 70.0, 7, 10, 1)
    assert head["interval_kind"] == "population"
    assert head["interval"] == pytest.approx([39.68, 89.22], abs=0.005)  # Wilson's for 7 of 10
    assert found.facts["metrics"] == {"accuracy": {"score": 70.0, "k": 7, "n": 10}}
    assert found.facts["score_on_completed"] == {"score": 70.0, "k": 7, "n": 10}
    assert (found.facts["bounds"], found.facts["without_errata"], found.facts["faults"]) == (None, None, {})


def test_a_failed_request_and_an_unresolved_cut_are_no_zeros() -> None:
    rows = [outcome(TEN, place, float(place < 6)) for place in range(8)]
    rows += [outcome(TEN, 8, None), outcome(TEN, 9, 0.0, **CUT)]
    found = measure(frame(rows), TEN, "accuracy")
    head = found.facts["headline"]
    assert (head["score"], head["k"], head["n"]) == (pytest.approx(100 * 6 / 9, abs=1e-4), 6, 9)
    assert found.facts["bounds"] == [60.0, 80.0]
    assert head["interval_kind"] == "bounds"
    assert head["interval"][0] < 60 < 80 < head["interval"][1]
    assert found.facts["score_on_completed"] == {"score": 75.0, "k": 6, "n": 8}
    tally = found.facts["counts"]
    assert (tally["items"], tally["answered"], tally["error"], tally["unresolved_truncated"]) == (10, 9, 1, 1)
    assert found.facts["faults"] == {"timeout": 1}
    assert found.complete


def test_a_cut_at_the_limit_that_counts_is_the_models_own() -> None:
    rows = [outcome(TEN, place, 1.0) for place in range(9)] + [outcome(TEN, 9, 0.0, truncated=True)]
    facts = measure(frame(rows), TEN, "accuracy").facts
    assert facts["headline"]["score"] == 90
    assert facts["bounds"] is None
    assert facts["score_on_completed"] == {"score": 100.0, "k": 9, "n": 9}
    assert (facts["counts"]["truncated"], facts["counts"]["unresolved_truncated"]) == (1, 0)


def test_an_unavailable_judge_is_no_zero_either() -> None:
    rows = [outcome(TEN, place, 1.0) for place in range(9)] + [outcome(TEN, 9, None, status="unavailable")]
    facts = measure(frame(rows), TEN, "accuracy").facts
    assert facts["headline"]["score"] == 100
    assert facts["bounds"] == [90.0, 100.0]
    assert (facts["counts"]["unavailable"], facts["counts"]["error"]) == (1, 0)


def test_repeats_of_an_item_are_averaged_first() -> None:
    plan = toy_plan(limit=3, repeats=2)
    marks = [[1.0, None], [1.0, 0.0], [0.0, 0.0]]
    rows = [outcome(plan, p, mark, repeat=r) for p, repeats in enumerate(marks) for r, mark in enumerate(repeats)]
    found = measure(frame(rows), plan, "accuracy")
    head = found.facts["headline"]
    assert (head["score"], head["k"], head["n"], head["items"], head["repeats"]) == (50.0, 2, 5, 3, 2)
    assert found.facts["metrics"]["accuracy"]["n"] == 5
    assert found.facts["bounds"] == pytest.approx([100 / 3, 50.0], abs=1e-4)
    assert found.complete


def test_repeats_are_told_as_passes_too() -> None:
    plan = toy_plan(limit=3, repeats=5)
    marks = [[1.0, 0.0, 0.0, 1.0, None], [0.0, 0.0, 0.0, 0.0, 0.0], [None, None, None, None, 1.0]]
    rows = [outcome(plan, p, mark, repeat=r) for p, repeats in enumerate(marks) for r, mark in enumerate(repeats)]
    found = measure(frame(rows), plan, "accuracy").facts["passes"]
    assert found == [
        {"k": 1, "pass@k": 50.0, "pass^k": 50.0, "mean@k": 66.6667, "items": 3, "dropped": 0},
        {"k": 2, "pass@k": 41.6667, "pass^k": 8.3333, "mean@k": 25.0, "items": 2, "dropped": 1},
        {"k": 4, "pass@k": 50.0, "pass^k": 0.0, "mean@k": 25.0, "items": 2, "dropped": 1},
        {"k": 5, "pass@k": 0.0, "pass^k": 0.0, "mean@k": 0.0, "items": 1, "dropped": 2},
    ]


def test_one_reply_an_item_and_graded_replies_have_no_passes() -> None:
    assert measure(right_of(TEN, 7), TEN, "accuracy").facts["passes"] is None
    plan = toy_plan(limit=2, repeats=2)
    graded = [outcome(plan, place, 0.5, repeat=repeat) for place in range(2) for repeat in range(2)]
    assert measure(frame(graded), plan, "accuracy").facts["passes"] is None
    first = [outcome(plan, place, 1.0) for place in range(2)]
    assert measure(frame(first), plan, "accuracy").facts["passes"] is None
    assert measure(frame([outcome(plan, 0, None)]), plan, "accuracy").facts["passes"] is None


def test_a_failed_reply_of_a_ratio_weighs_as_the_mean_reply() -> None:
    plan = with_metrics(toy_plan(limit=3), parts=["parts"])
    rows = [
        outcome(plan, 0, 1.0, num_parts=2.0, den_parts=3.0),
        outcome(plan, 1, 1.0, num_parts=1.0, den_parts=2.0),
        outcome(plan, 2, None),
    ]
    facts = measure(frame(rows), plan, "parts").facts
    assert (facts["headline"]["score"], facts["headline"]["k"], facts["headline"]["n"]) == (60.0, 3, 5)
    assert facts["bounds"] == pytest.approx([100 * 3 / 7.5, 100 * 5.5 / 7.5], abs=1e-4)
    assert facts["metrics"]["parts"] == {"score": 60.0, "k": 3, "n": 5}


def test_a_composite_is_the_mean_of_its_ratios() -> None:
    plan = with_metrics(toy_plan(limit=2), mean=["right", "parts"], right=["right"], parts=["parts"])
    rows = [
        outcome(plan, 0, 1.0, num_parts=2.0, den_parts=2.0),
        outcome(plan, 1, 0.0, num_parts=1.0, den_parts=3.0),
    ]
    facts = measure(frame(rows), plan, "mean").facts
    assert facts["metrics"] == {
        "mean": {"score": 55.0, "k": None, "n": 2},
        "right": {"score": 50.0, "k": 1, "n": 2},
        "parts": {"score": 60.0, "k": 3, "n": 5},
    }
    assert (facts["headline"]["score"], facts["headline"]["k"]) == (55.0, None)


def test_only_unresolved_replies_leave_everything_open() -> None:
    plan = toy_plan(limit=2)
    facts = measure(frame([outcome(plan, place, 0.0, **CUT) for place in range(2)]), plan, "accuracy").facts
    assert facts["bounds"] == [0.0, 100.0]
    assert facts["score_on_completed"] is None


def test_an_unfinished_run_is_not_complete() -> None:
    found = measure(frame([outcome(TEN, place) for place in range(4)]), TEN, "accuracy")
    assert not found.complete
    assert (found.facts["counts"]["items"], found.facts["counts"]["answered"]) == (10, 4)
    assert found.facts["bounds"] is None


def test_nothing_answered_gives_no_score() -> None:
    failed = measure(frame([outcome(TEN, place, None) for place in range(10)]), TEN, "accuracy")
    assert (failed.estimate, failed.facts["headline"], failed.complete) == (None, None, True)
    assert failed.facts["counts"]["error"] == 10
    empty = measure(frame([]), TEN, "accuracy")
    assert (empty.estimate, empty.facts["headline"], empty.complete) == (None, None, False)
    assert empty.facts["counts"] == dict.fromkeys(empty.facts["counts"], 0) | {"items": 10}


def test_the_number_without_disputed_items_stands_beside_the_headline() -> None:
    disputed = Erratum(id="e", items=[TEN.order[0].id, TEN.order[9].id, "not asked"], what="wrong key", source="x")
    plan = replace(TEN, card=TEN.card.model_copy(update={"errata": [disputed]}))
    facts = measure(right_of(plan, 7), plan, "accuracy").facts
    assert facts["headline"]["score"] == 70
    assert facts["without_errata"] == {"score": 75.0, "k": 6, "n": 8}
    everything = disputed.model_copy(update={"items": [item.id for item in TEN.order]})
    plan = replace(TEN, card=TEN.card.model_copy(update={"errata": [everything]}))
    assert measure(right_of(plan, 7), plan, "accuracy").facts["without_errata"] is None


def test_categories_are_those_of_the_items() -> None:
    rows = [outcome(TEN, place, float(place < 2), category="odd" if place < 4 else "") for place in range(10)]
    assert measure(frame(rows), TEN, "accuracy").facts["categories"] == {"odd": {"score": 50.0, "k": 2, "n": 4}}


def test_every_bucket_is_counted_and_a_reply_may_stand_in_several() -> None:
    rows = [
        outcome(TEN, 0, 0.0, empty=True, reasoning_only=True),
        outcome(TEN, 1, 0.0, empty=True, unclosed_think=True, truncated=True),
        outcome(TEN, 2, 0.0, unparsed=True, scorer_crashed=True),
        outcome(TEN, 3, 0.0, refused=True, retried_partial=True),
        outcome(TEN, 4, None),
        outcome(TEN, 5, None, status="unavailable"),
    ]
    assert counts(frame(rows), TEN) == {
        "items": 10,
        "answered": 4,
        "truncated": 1,
        "capped": 0,
        "empty": 2,
        "unparsed": 1,
        "refused": 1,
        "retried_partial": 1,
        "unresolved_truncated": 0,
        "reasoning_only": 1,
        "unclosed_think": 1,
        "unavailable": 1,
        "error": 1,
        "scorer_crashed": 1,
        "unrecorded": 0,
        "outside": 0,
    }


def test_tokens_and_seconds_are_medians_and_the_longest() -> None:
    lengths = [10, 30, 90]
    rows = [outcome(TEN, place, output_tokens=tokens) for place, tokens in enumerate(lengths)]
    usage = measure(frame([*rows, outcome(TEN, 3, None)]), TEN, "accuracy").facts["usage"]
    assert usage["output_tokens"] == {"median": 30.0, "max": 90.0}
    assert usage["reasoning_tokens"] is None


def test_the_rows_of_an_arm_are_those_that_were_planned() -> None:
    plan = toy_plan(limit=2, endpoint=profile(thinking=THINKING))
    rows = [
        outcome(plan, 0),
        outcome(plan, 1, repeat=1),
        outcome(plan, 1, role="again-9000"),
        outcome(plan, 1, arm="plain"),
        outcome(plan, 1, task="other"),
        outcome(TEN, 5),
        outcome(plan, 1, None),
    ]
    mine = arm_rows(frame(rows), plan, "thinking")
    assert list(mine["item"]) == [plan.order[0].id, plan.order[1].id]
    assert list(mine["status"]) == ["ok", "error"]
    assert list(arm_rows(frame(rows), plan, "plain")["item"]) == [plan.order[1].id]
    assert len(arm_rows(frame([]), plan, "plain")) == 0


def test_a_second_look_replaces_only_what_was_asked_again() -> None:
    plan = toy_plan(limit=4)
    first = [outcome(plan, place, mark) for place, mark in enumerate([1.0, 0.0, 0.0, 0.0])]
    second = [outcome(plan, 1, 1.0, role="again-9000"), outcome(plan, 2, 0.0, role="again-9000")]
    third = [outcome(plan, 1, 1.0, role="again-50000"), outcome(plan, 3, None, role="again-50000")]
    found = again(frame([*first, *second, *third]), plan, "thinking", "accuracy")
    assert found == {
        "9000": {"score": 50.0, "k": 2, "n": 4, "asked": 2},
        "50000": {"score": 50.0, "k": 2, "n": 4, "asked": 1},
    }
    assert again(frame(first), plan, "thinking", "accuracy") == {}
    assert measure(arm_rows(frame([*first, *second]), plan, "thinking"), plan, "accuracy").facts["headline"]["k"] == 1


def test_the_vendors_metric_is_the_headline_where_the_card_has_it() -> None:
    plan = with_metrics(TEN, accuracy=["right"], strict=["right"])
    assert headline_metric(plan.card, reported(metric="strict").rows["toy_sum"]) == "strict"
    assert headline_metric(plan.card, reported(metric="pass@8").rows["toy_sum"]) == "accuracy"
    assert headline_metric(plan.card, reported(metric=None).rows["toy_sum"]) == "accuracy"
    assert headline_metric(plan.card, None) == "accuracy"


def test_the_printed_score_as_the_statistics_take_it() -> None:
    value = reported_value(reported(score=81.5, margin=1.5, repeats=4).rows["toy_sum"])
    assert (value.score, value.margin, value.rounding_step, value.repeats) == (81.5, 1.5, 0.1, 4)
