"""A score against a printed number: two questions, two variances. Everything in points.

*Reproduced?* The printed number is a fixed claim; only our rerun noise counts (two one-sided tests, D. J. Schuirmann,
Journal of Pharmacokinetics and Biopharmaceutics 15 (1987) 657-680: the 90 % interval inside the margin is a test at
5 %). *Lower or higher?* Could luck on either side explain the difference: ours, the vendor's, and rounding.
"""

from dataclasses import dataclass
from math import isfinite, sqrt
from statistics import NormalDist
from typing import Literal

from harness.statistics.intervals import plus_four_variance, quantile
from harness.statistics.ratio import Estimate

Bounds = tuple[Estimate, Estimate]
"""The estimate with every unresolved reply at 0, and with every one at 1."""

_FULL = 100.0


@dataclass(frozen=True, slots=True)
class ReportedValue:
    """A printed score and the margin within which it counts as reproduced, in points.

    ``rounding_step`` is the unit of the last printed digit; ``repeats`` is the vendor's K, None where unknown.

    Raises:
        ValueError: for a score outside 0 to 100, or a margin, step or number of repeats that is not positive.
    """

    score: float
    margin: float
    rounding_step: float = 0.1
    repeats: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.score <= _FULL:
            raise ValueError(f"a reported score lies within 0 and 100, not at {self.score}")
        if not (isfinite(self.margin) and self.margin > 0):
            raise ValueError(f"the margin must be positive, not {self.margin}")
        if not self.rounding_step >= 0:
            raise ValueError(f"the rounding step must not be negative, not {self.rounding_step}")
        if self.repeats is not None and self.repeats < 1:
            raise ValueError(f"a score stands on at least one repeat, not {self.repeats}")


def ends(estimate: Estimate, bounds: Bounds | None) -> list[Estimate]:
    """The estimate and, if anything is unresolved, its two bounds."""
    return [estimate, *bounds] if bounds else [estimate]


def differences(estimate: Estimate, reported: ReportedValue, bounds: Bounds | None = None) -> list[float]:
    """Score minus printed score, for the estimate and its bounds."""
    return [end.score - reported.score for end in ends(estimate, bounds)]


def vendor_variance(estimate: Estimate, reported: ReportedValue) -> float:
    """The vendor's rerun variance on the full benchmark of N items, in points squared.

    Where our repeats measured the rerun noise: our sum of s_i^2 / (K_v N^2). Else its bound R(1-R)/(K_v N) for 0/1
    scores, S^2/(K_v N) for graded ones. An unknown K_v is 1, the noisiest.
    """
    repeats = reported.repeats or 1
    if estimate.k is not None and estimate.rerun_is_bound:
        share = reported.score / _FULL
        items = estimate.full_items
        extreme = round(items * share) in (0, items)
        one = plus_four_variance(items * share, items) if extreme else share * (1 - share) / items
        return _FULL**2 * one / repeats
    return estimate.var_one_repeat * estimate.n / (estimate.full_items * repeats)


def difference_variance(estimate: Estimate, reported: ReportedValue) -> float:
    """Variance of score minus printed score if both come from the same model: both rerun noises and rounding."""
    return estimate.var_rerun + vendor_variance(estimate, reported) + reported.rounding_step**2 / 12


def margin_interval(
    estimate: Estimate, reported: ReportedValue, bounds: Bounds | None = None, level: float = 0.90
) -> tuple[float, float]:
    """Interval of score minus printed score under our rerun noise alone, widened to cover it at both bounds.

    It ends where the score would leave 0 to 100.
    """
    z = quantile((1 + level) / 2)
    halves = [(end.score - reported.score, z * sqrt(end.var_rerun)) for end in ends(estimate, bounds)]
    low, high = min(d - half for d, half in halves), max(d + half for d, half in halves)
    return max(low, -reported.score), min(high, _FULL - reported.score)


def p_value(estimate: Estimate, reported: ReportedValue, bounds: Bounds | None = None) -> float:
    """Two-sided p-value of "luck on either side explains the difference"; the largest over the estimate and its bounds.

    1.0 if the bounds lie on both sides of the printed score: then neither direction holds.
    """
    ratios = [(end.score - reported.score) / sqrt(difference_variance(end, reported)) for end in ends(estimate, bounds)]
    if min(ratios) <= 0 <= max(ratios):
        return 1.0
    return 2 * NormalDist().cdf(-min(abs(ratio) for ratio in ratios))


def direction(
    estimate: Estimate, reported: ReportedValue, bounds: Bounds | None = None
) -> Literal["lower", "higher"] | None:
    """On which side of the printed score the estimate and its bounds lie; None if on both or on it."""
    found = differences(estimate, reported, bounds)
    if max(found) < 0:
        return "lower"
    if min(found) > 0:
        return "higher"
    return None
