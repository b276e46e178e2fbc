"""Error rates by simulation, seeded: 600 reproductions a cell, so a rate of 5 % is met within 1.8 points (2 SE).

Items have p_i from U-shaped Betas. ``within`` is the share of the item variance p(1-p) that is rerun noise.
"""

from math import sqrt

import numpy as np
import pytest

from harness.statistics import Estimate, ReportedValue, estimate, verdict
from tests.harness.statistics.build import draw, sample

RUNS = 600
LIMIT = 0.065 + 2 * sqrt(0.065 * 0.935 / RUNS)


def _items(rng: np.random.Generator, n: int, mean: float, within: float) -> np.ndarray:
    """n probabilities around ``mean``; the Beta with a + b = within / (1 - within), or all alike at 1."""
    if within == 1:
        return np.full(n, mean)
    total = within / (1 - within)
    return rng.beta(mean * total, (1 - mean) * total, n)


def _measure(rng: np.random.Generator, p: np.ndarray, repeats: int) -> Estimate:
    return estimate((draw(rng, p, repeats),), planned_items=len(p))


@pytest.mark.parametrize("within", [1.0, 0.5, 0.25])
@pytest.mark.parametrize(("repeats", "vendor"), [(1, 1), (2, 1), (4, 4)])
def test_the_same_model_is_rarely_called_lower_or_higher(within: float, repeats: int, vendor: int) -> None:
    rng = np.random.default_rng([1, repeats, vendor, int(100 * within)])
    wrong = 0
    for _ in range(RUNS):
        p = _items(rng, 198, 0.85, within)
        printed = round(100 * (rng.random((198, vendor)) < p[:, None]).mean(), 1)
        found = verdict(_measure(rng, p, repeats), ReportedValue(printed, 0.1, repeats=vendor))
        wrong += found.label in ("lower than reported", "higher than reported")
    assert wrong / RUNS <= LIMIT


@pytest.mark.parametrize("within", [1.0, 0.5, 0.25])
@pytest.mark.parametrize("repeats", [1, 2, 4])
@pytest.mark.parametrize("side", [-1, 1])
def test_at_the_edge_of_the_margin_reproduced_is_rare(within: float, repeats: int, side: int) -> None:
    rng = np.random.default_rng([2, repeats, side + 1, int(100 * within)])
    margin, wrong = 8.0, 0
    for _ in range(RUNS):
        p = _items(rng, 198, 0.8, within)
        reported = ReportedValue(100 * float(p.mean()) + side * margin, margin)
        wrong += verdict(_measure(rng, p, repeats), reported).label == "reproduced"
    assert wrong / RUNS <= LIMIT


def test_with_one_reply_in_twenty_unresolved_the_same_model_is_not_called_lower() -> None:
    rng = np.random.default_rng(3)
    wrong = 0
    for _ in range(RUNS):
        p = _items(rng, 198, 0.85, 0.5)
        printed = round(100 * (rng.random(198) < p).mean(), 1)
        right = (rng.random(198) < p).astype(float)
        lost = rng.random(198) < 0.049
        low, high = (_from(np.where(lost, value, right)) for value in (0.0, 1.0))
        kept = _from(right[~lost], planned=198)
        label = verdict(kept, ReportedValue(printed, 2.0), bounds=(low, high)).label
        wrong += label in ("lower than reported", "higher than reported")
    assert wrong / RUNS <= LIMIT


def test_power_is_as_stated() -> None:
    """At the stated number of repeats "reproduced" comes in 80 % of runs; the detectable difference in 80 % of runs."""
    rng = np.random.default_rng(4)
    reproduced = found_lower = 0
    for _ in range(RUNS):
        p = _items(rng, 198, 0.8, 0.5)
        noise = 1e4 * float((p * (1 - p)).sum()) / 198**2
        margin = 2.927 * sqrt(noise / 4)
        reported = ReportedValue(100 * float(p.mean()), margin)
        reproduced += verdict(_measure(rng, p, 4), reported).label == "reproduced"
        gap = 2.802 * sqrt(noise / 4 + noise / 4 + 0.01 / 12)
        printed = 100 * (rng.random((198, 4)) < p[:, None]).mean() + gap
        claim = ReportedValue(min(100.0, round(printed, 1)), 0.1, repeats=4)
        found_lower += verdict(_measure(rng, p, 4), claim).label == "lower than reported"
    assert reproduced / RUNS == pytest.approx(0.8, abs=0.045)
    assert found_lower / RUNS == pytest.approx(0.8, abs=0.045)


def _from(right: np.ndarray, planned: int | None = None) -> Estimate:
    return estimate((sample([[value] for value in right]),), planned_items=planned or len(right))
