"""A budget is never exceeded on the stand-in's own account."""

from typing import Any

import pytest

from tests import toy
from tests.place import Place
from tests.standin import Standin

PRICES = {"input": 100.0, "cached_input": 100.0, "output": 1000.0}
LIMIT = 64
TROUBLES: dict[str, dict[str, Any]] = {
    "calm": {},
    "cut streams that are billed on": {"faults": [("cut-after", 0.2), ("reset", 0.1)], "bills_on": True},
    "pauses that end in a time-out": {"faults": [("silence-middle", 0.05)], "bills_on": True},
}


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("at_once", [1, 16, 256])
def test_a_budget_is_never_exceeded(place: Place, at_once: int, trouble: str) -> None:
    budget = 0.5
    profile = {"idle_timeout_s": 0.5, "first_token_timeout_s": 5.0}
    with Standin("oracle", table=toy.table(), prices=PRICES, latency=0.02, **TROUBLES[trouble]) as standin:
        words = ("--budget", budget, "--concurrency", at_once, "--max-tokens", LIMIT)
        stopped = place.run_toy(standin, *words, **profile)
        assert stopped.code == 3, stopped.text
        assert standin.account_usd <= budget
        assert f"{budget:.2f}" in stopped.err or "budget" in stopped.err.lower()
        again = place.run_toy(standin, *words, **profile)
        assert again.code == 3, again.text
        assert standin.account_usd <= budget
    if trouble == "calm":
        assert standin.account_usd > budget - 2 * (LIMIT * PRICES["output"] + 100 * PRICES["input"]) / 1e6
        assert place.summary()["spend"]["usd"] == pytest.approx(standin.account_usd)


def test_a_budget_that_is_enough_changes_nothing(place: Place) -> None:
    with Standin("oracle", table=toy.table(), prices=PRICES) as standin:
        run = place.run_toy(standin, "--limit", 20, "--budget", 5, "--max-tokens", LIMIT)
        assert run.code == 0, run.text
        assert place.summary()["spend"]["usd"] == pytest.approx(standin.account_usd)


def test_a_small_budget_lowers_concurrency(place: Place) -> None:
    worst = (LIMIT * PRICES["output"] + 30 * PRICES["input"]) / 1e6
    with Standin("oracle", table=toy.table(), prices=PRICES, latency=0.05) as standin:
        place.run_toy(standin, "--budget", 4 * worst, "--concurrency", 256, "--max-tokens", LIMIT)
        assert 1 <= standin.max_in_flight <= 4
        assert standin.account_usd <= 4 * worst


def test_a_budget_below_one_request_asks_nothing(place: Place) -> None:
    with Standin("oracle", table=toy.table(), prices=PRICES) as standin:
        run = place.run_toy(standin, "--budget", 0.01, "--max-tokens", LIMIT)
        assert run.code == 3, run.text
        assert standin.asked == 0


def test_a_larger_budget_goes_on_where_the_smaller_stopped(place: Place) -> None:
    with Standin("oracle", table=toy.table(), prices=PRICES) as standin:
        first = place.run_toy(standin, "--limit", 60, "--budget", 0.2, "--max-tokens", LIMIT)
        assert first.code == 3, first.text
        done = len(place.answers())
        second = place.run_toy(standin, "--limit", 60, "--budget", 5, "--max-tokens", LIMIT)
        assert second.code == 0, second.text
        assert 0 < done < 60
        assert standin.asked == 60


def test_an_unpriced_endpoint_cannot_keep_a_budget(place: Place) -> None:
    with Standin("oracle", table=toy.table()) as standin:
        run = place.run_toy(standin, "--limit", 3, "--budget", 1, prices=None)
        assert run.code == 2, run.text
        assert "price" in run.err.lower()
        assert standin.asked == 0


def test_an_expensive_run_asks_first(place: Place) -> None:
    prices = {"input": 1000.0, "cached_input": 1000.0, "output": 1000.0}
    with Standin("oracle", table=toy.table(), prices=prices) as standin:
        words = place.toy_words(standin)
        nobody = place.start(*words)
        _, said = nobody.communicate()
        assert nobody.returncode == 2, said
        assert "--yes" in said
        assert standin.asked == 0
        agreed = place.start(*words, "--limit", "400", "--yes")
        agreed.communicate()
        assert agreed.returncode == 0
        assert standin.asked == 400


def test_failed_attempts_are_part_of_what_was_spent(place: Place) -> None:
    plan = [("cut-after", [1, 2]), ("reset", [3])]
    with Standin("oracle", table=toy.table(), prices=PRICES, faults=plan) as standin:
        run = place.run_toy(standin, "--limit", 5, "--concurrency", 1)
        assert run.code == 0, run.text
        assert place.summary()["spend"]["usd"] >= 0.9 * standin.account_usd
