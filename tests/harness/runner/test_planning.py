"""Forecasts of the toy task (400 items, 20 tokens in, 20 out with thinking and 10 without, at most 4,096)."""

from typing import Any

import pytest

from harness.errors import UsageError
from harness.reported import load_reported
from harness.runner.plan import Overrides
from harness.runner.planned_text import told
from harness.runner.planning import OUTCOMES_ONLY, REPEATS, Asked, Outlook, look_ahead
from harness.runner.predict import Span
from harness.runner.registry import read_card
from harness.statistics import Design, ReportedValue, foresee
from tests.harness.runner.making import NOTHING, THINKING, profile, reported, toy_ref

CARD = read_card(toy_ref())[0]
PRICES = {"input": 1.0, "output": 10.0, "as_of": "2026-11"}


def look(overrides: Overrides | None = None, asked: Asked | None = None, **other: Any) -> Outlook:
    values: dict[str, Any] = {
        "profile": profile(thinking=THINKING, prices=PRICES, concurrency=8),
        "reported": reported(),
        "table_named": True,
        **other,
    }
    return look_ahead([CARD], overrides={CARD.name: overrides or Overrides()}, asked=asked or Asked(), **values)


def text(found: Outlook, asked: Asked | None = None) -> str:
    return " ".join(told(found, asked or Asked()).split())


def test_requests_tokens_and_cost_of_both_arms() -> None:
    [task] = look(Overrides(repeats=3, limit=100)).tasks
    assert (task.items, task.requests, list(task.settings.arms)) == (100, 600, ["thinking", "plain"])
    assert task.input.values() == (12_000, 12_000, 12_000, 24_000)
    assert task.output.values() == pytest.approx((300 * 15, 300 * 30, 300 * 60, 600 * 4096))
    assert task.usd is not None
    worst = (24_000 + 10 * 600 * 4096) / 1e6
    assert task.usd.values() == pytest.approx((0.012 + 0.045, 0.012 + 0.09, 0.012 + 0.18, worst))


def test_a_limit_beyond_the_benchmark_is_the_benchmark() -> None:
    assert look(Overrides(limit=5000)).tasks[0].items == 400


def test_wall_time_is_all_tokens_over_all_places_but_never_less_than_one_reply() -> None:
    found = look(asked=Asked(tokens_per_s=10))
    assert found.seconds.typical == pytest.approx(400 * 30 / 8 / 10)
    assert found.seconds.worst == pytest.approx(800 * 4096 / 8 / 10)
    assert look(Overrides(limit=1), Asked(tokens_per_s=10)).seconds.typical == pytest.approx(2)
    assert look(asked=Asked(tokens_per_s=10, concurrency=2)).seconds.typical == pytest.approx(600)


def test_a_small_budget_lowers_concurrency_and_says_so() -> None:
    each = (4 * 20 + 320) / 1e6 + 10 * 4096 / 1e6
    asked = Asked(budget=3.5 * each)
    found = look(asked=asked)
    assert (found.at_once, found.ceiling, found.worst_request) == (3, 8, pytest.approx(each))
    assert "lowers concurrency from 8 to 3, and further as it is spent" in text(found, asked)
    assert found.seconds.typical == pytest.approx(400 * 30 / 3 / 40)
    assert "Budget" not in text(look(asked=Asked(budget=100)), Asked(budget=100))


def test_a_budget_that_covers_no_request_or_not_all_says_so() -> None:
    assert "does not cover one request" in text(look(asked=Asked(budget=0.01)), Asked(budget=0.01))
    asked = Asked(budget=0.068)
    assert "typically ends after about 50 % of the requests" in text(look(asked=asked), asked)


def test_without_a_price_there_is_no_cost_and_no_budget() -> None:
    found = look(profile=profile())
    assert (found.usd, found.tasks[0].usd, found.worst_request) == (None, None, None)
    assert "no price is known" in text(found)
    with pytest.raises(UsageError, match="--budget needs a price"):
        look(asked=Asked(budget=1.0), profile=profile())


def test_an_endpoint_of_ones_own_costs_nothing() -> None:
    free = look(profile=profile(prices={"input": 0, "output": 0, "as_of": "own hardware"}))
    assert "Cost: nothing, by prices in the profile toy (as of own hardware)." in text(free)


def test_every_row_gets_its_chances_for_the_usual_repeats_and_the_planned_ones() -> None:
    [task] = look(Overrides(repeats=3)).tasks
    assert [chance.repeats for chance in task.chances] == sorted({*REPEATS, 3})
    expected = foresee(Design(400, 400, 3, ReportedValue(80.0, 2.0), 0.5, family=1, arms=2))
    chance = next(chance for chance in task.chances if chance.repeats == 3)
    assert chance.foresight == expected
    assert chance.reproduced[0] <= expected.probabilities["reproduced"] <= chance.reproduced[1]
    shown = told(look(Overrides(repeats=3)), Asked())
    assert sum("(planned)" in line for line in shown.splitlines()) == 1
    assert "need every arm" in shown
    assert "their repeats: unknown, taken as 1" in text(look())
    assert "at temperature 0 it may be far less" in text(look())
    assert "at temperature 0" not in text(look(Overrides(temperature=0.7)))


def test_the_reverse_says_repeats_requests_and_cost() -> None:
    [task] = look(margin=3.0).tasks
    answer = task.for_margin
    assert answer is not None
    assert answer.repeats is not None
    assert answer.requests == 800 * answer.repeats
    assert answer.usd is not None
    assert answer.usd.typical == pytest.approx(answer.repeats * (0.016 + 0.12))
    assert f"For a margin of 3: {answer.repeats} repeats of each of 400 items" in text(look(margin=3.0))
    wide = look(margin=20.0).tasks[0].for_margin
    assert wide is not None
    assert wide.repeats == 1
    assert "For a margin of 20: 1 repeat of each of 400 items" in text(look(margin=20.0))


def test_the_reverse_says_where_no_repeats_decide() -> None:
    found = look(Overrides(limit=50), margin=2.0)
    answer = found.tasks[0].for_margin
    assert answer is not None
    assert (answer.repeats, answer.requests, answer.usd) == (None, 0, None)
    why = "rounding and the vendor's own luck and which 50 of 400 items are asked keep an honest number from"
    assert f"cannot be decided at any number of repeats: {why}" in text(found)
    floor = look(margin=2.0)
    assert '"Lower" or "higher" by 2 cannot be decided at any number of repeats: the floor is' in text(floor)


def test_what_would_not_be_comparable_gets_no_chances() -> None:
    assert look(table_named=False).tasks[0].not_comparable is None
    other = look(table_named=False, profile=profile(model="other"), margin=2.0)
    [task] = other.tasks
    assert (task.chances, task.for_margin, task.requests) == ([], None, 400)
    assert 'the verdict would be "not comparable": the model asked is other' in text(other)
    warm = look(Overrides(temperature=0.5), reported=reported(sampling={"temperature": 0.0}))
    assert warm.tasks[0].not_comparable == "temperature is 0.5 here and 0.0 in the vendor's protocol"


def test_a_task_without_a_row_has_no_verdict() -> None:
    found = look(reported=NOTHING)
    assert found.tasks[0].row is None
    assert found.tasks[0].requests == 800
    assert "no such row, so there will be no verdict" in text(found)


def test_rows_that_are_not_run_say_why() -> None:
    table = load_reported("longcat-2.0")
    found = look_ahead(
        [CARD],
        profile=profile(),
        reported=table,
        overrides={CARD.name: Overrides()},
        asked=Asked(),
        known=["swe_bench_pro"],
    )
    assert len(found.not_run) == len(table.rows) == 10
    assert "15 of 180" in found.not_run["FORTE"]
    assert "5 of 200" in found.not_run["RW-Search"]
    assert "no task" in found.not_run["WritingBench"]
    assert found.not_run["SWE-bench Pro"] == "it was not asked for"
    assert "Not run: Terminal-Bench 2.1:" in text(found)


def test_recorded_outcomes_cannot_be_asked_for() -> None:
    trials = CARD.model_copy(update={"scored": "outcomes"})
    found = look_ahead([trials], profile=profile(), reported=reported(), overrides={}, asked=Asked())
    assert found.tasks == []
    assert found.not_run == {"Toy sums": OUTCOMES_ONLY}
    assert found.seconds == Span(0, 0, 0, 0)
    assert "0 requests in all" in text(found)


def test_a_limit_below_the_one_that_counts_is_named() -> None:
    found = look(Overrides(max_tokens=100))
    assert "replies cut at 100 tokens stay unresolved" in text(found)


def test_settings_name_who_chose_them() -> None:
    shown = text(look(Overrides(temperature=0.5, arms=("primary",))))
    assert "temperature 0.5 (the user), top_p 1.0 (the card), top_k -1 (the card), max_tokens 4096 (the card)" in shown
    assert "arm plain is not run: not asked for" in shown


def test_a_graded_row_says_that_its_numbers_are_cautious() -> None:
    assert "a cautious guess" in text(look(reported=reported(graded=True)))
    assert "a cautious guess" not in text(look())


def tried(wanted: tuple[str, ...]) -> Outlook:
    """400 items, a million tokens in and 30,000 out a trial, nine tenths of the input cached, at most $2."""
    claude = {"scaffold": "claude-code"}
    arms = {
        "agent": {"title": "an agent", "thinking": "on", "primary": True, "trial": claude},
        "once": {
            "title": "one prompt",
            "thinking": "on",
            "trial": {"scaffold": "single-turn"},
            "typical_tokens": {"input": 10_000, "output_thinking": 1_000, "output_plain": 100},
        },
        "gold": {
            "title": "the solutions",
            "thinking": "on",
            "trial": {"scaffold": "gold"},
            "typical_tokens": {"input": 0, "output_thinking": 0, "output_plain": 0},
        },
        "recorded": {"title": "made elsewhere", "thinking": "on"},
    }
    limits = {"cpus": 1, "memory_gib": 1, "agent_hours": 1, "grading_minutes": 1, "infrastructure": [], "why": "so"}
    values = CARD.model_dump() | {
        "scored": "outcomes",
        "arms": arms,
        "trial": limits,
        "typical_tokens": {"input": 1e6, "output_thinking": 30_000, "output_plain": 20_000, "cached_share": 0.9},
    }
    card = type(CARD).model_validate(values)
    endpoint = profile(thinking=THINKING, prices={**PRICES, "cached_input": 0.1}, concurrency=8)
    overrides = {card.name: Overrides(limit=100, arms=wanted)}
    return look_ahead([card], profile=endpoint, reported=reported(), overrides=overrides, asked=Asked())


def test_a_trial_is_many_replies_and_stops_at_its_cap() -> None:
    found = tried(("agent",))
    [task] = found.tasks
    assert task.output.values() == (1_500_000, 3_000_000, 6_000_000, 6_000_000)
    assert task.input.values() == (5e7, 1e8, 2e8, 2e8)
    assert task.usd is not None
    assert task.usd.values() == pytest.approx((100 * 0.245, 100 * 0.49, 100 * 0.98, 200))
    assert task.uncached is not None
    assert task.uncached.values() == pytest.approx((100 * 0.65, 100 * 1.3, 200, 200))
    assert found.worst_request is not None
    assert found.worst_request <= 2
    said = text(found)
    assert "at most $200.00 if every reply runs to its limit and every trial to its cap" in said
    assert "90 % of a trial's input to be read from the provider's cache; with nothing cached: $130.00" in said


def test_an_arm_has_its_own_lengths_and_gold_costs_nothing() -> None:
    assert tried(("once",)).tasks[0].input.typical == 1_000_000
    gold = tried(("gold",)).tasks[0]
    assert (gold.input.worst, gold.usd) == (0, Span(0, 0, 0, 0))
    with pytest.raises(UsageError, match="nothing is tried in the arm recorded; `import` takes outcomes"):
        tried(("recorded",))
