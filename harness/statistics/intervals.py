"""Closed forms for one proportion, in fractions (0 to 1)."""

from math import sqrt
from statistics import NormalDist


def quantile(probability: float) -> float:
    """The standard normal's quantile; 0.95 gives 1.645."""
    return NormalDist().inv_cdf(probability)


def wilson(k: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval for k successes in n, as fractions.

    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927) 209-212.

    Raises:
        ValueError: unless 0 <= k <= n, n > 0 and 0 < level < 1.
    """
    if not 0 <= k <= n or n <= 0:
        raise ValueError(f"{k} successes in {n} is not a proportion")
    z = quantile((1 + level) / 2)
    share = k / n
    centre = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    scale = 1 + z * z / n
    low = 0.0 if k == 0 else (centre - half) / scale
    high = 1.0 if k == n else (centre + half) / scale
    return low, high


def plus_four_variance(k: float, n: float) -> float:
    """p(1-p)/n at p = (k+2)/(n+4): a variance that is not zero at k = 0 or k = n.

    The adjusted proportion is that of Agresti and Coull, "Approximate Is Better than 'Exact' for Interval Estimation
    of Binomial Proportions", The American Statistician 52 (1998) 119-126. They divide by n+4; dividing by n is the
    larger of the two, since here the score itself stays unadjusted.
    """
    share = (k + 2) / (n + 4)
    return share * (1 - share) / n
