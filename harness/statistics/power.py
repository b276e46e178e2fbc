"""What the present design can tell, and how many repeats would tell more. Differences in points."""

from math import ceil, sqrt

from harness.statistics.compare import Bounds, ReportedValue, difference_variance, differences, vendor_variance
from harness.statistics.intervals import quantile
from harness.statistics.ratio import Estimate


def detectable_difference(
    estimate: Estimate, reported: ReportedValue, alpha: float = 0.05, power: float = 0.8
) -> float:
    """The smallest true difference that this design calls lower or higher with the given power (one test at alpha).

    (z_{1-alpha/2} + z_power) times the standard error of the difference (Miller 2024, arXiv 2411.00640, on power).
    """
    return (quantile(1 - alpha / 2) + quantile(power)) * sqrt(difference_variance(estimate, reported))


def repeats_to_reproduce(
    estimate: Estimate, reported: ReportedValue, bounds: Bounds | None = None, power: float = 0.8
) -> int | None:
    """Repeats of every item after which "reproduced" has the given power, if the difference stays as it is.

    At no difference the power of the two one-sided tests needs z_.95 + z_{(1+power)/2} = 2.93 standard errors in the
    margin, K = sigma_w^2/n (2.93/margin)^2; at a difference D, z_.95 + z_power of them in what D leaves of the margin.
    None if no number of repeats will do.
    """
    worst = max(abs(d) for d in differences(estimate, reported, bounds))
    room = reported.margin - worst
    if room <= 0:
        return None
    centred = reported.margin / (quantile(0.95) + quantile((1 + power) / 2))
    aside = room / (quantile(0.95) + quantile(power))
    return _repeats(estimate, min(centred, aside) ** 2)


def repeats_to_detect(
    estimate: Estimate,
    reported: ReportedValue,
    bounds: Bounds | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
) -> int | None:
    """Repeats of every item after which "lower" or "higher" has the given power, if the difference stays as it is.

    The vendor's rerun noise and rounding stay whatever we do. None if no number of repeats will do.
    """
    found = differences(estimate, reported, bounds)
    if min(found) <= 0 <= max(found):
        return None
    least = min(abs(d) for d in found)
    allowed = (least / (quantile(1 - alpha / 2) + quantile(power))) ** 2
    return _repeats(estimate, allowed - vendor_variance(estimate, reported) - reported.rounding_step**2 / 12)


def _repeats(estimate: Estimate, variance: float) -> int | None:
    """Repeats that bring our own rerun variance down to ``variance``."""
    left = variance - estimate.var_floor
    return None if left <= 0 else max(1, ceil(estimate.var_one_repeat / left))
