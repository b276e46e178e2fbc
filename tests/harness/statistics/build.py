"""Small samples to test with."""

from collections.abc import Sequence

import numpy as np

from harness.statistics import Estimate, Sample, estimate


def sample(replies: Sequence[Sequence[float]], dens: Sequence[Sequence[float]] | None = None) -> Sample:
    """One list of numerators an item."""
    return Sample.of(
        [i for i, item in enumerate(replies) for _ in item],
        [k for item in replies for k in range(len(item))],
        [num for item in replies for num in item],
        None if dens is None else [den for item in dens for den in item],
    )


def single(k: int, n: int, **kwargs: int) -> Estimate:
    """k of n right, one reply an item."""
    return estimate((sample([[1.0]] * k + [[0.0]] * (n - k)),), **{"planned_items": n, **kwargs})


def repeated(right: int, wrong: int, mixed: int, **kwargs: int) -> Estimate:
    """Two replies an item: both right, both wrong, or one of each."""
    replies = [[1.0, 1.0]] * right + [[0.0, 0.0]] * wrong + [[1.0, 0.0]] * mixed
    return estimate((sample(replies),), **{"planned_items": len(replies), **kwargs})


def draw(rng: np.random.Generator, p: np.ndarray, repeats: int) -> Sample:
    """``repeats`` 0/1 replies of every item, item i right with probability p[i]."""
    n = len(p)
    right = rng.random((n, repeats)) < p[:, None]
    return Sample(
        np.repeat(np.arange(n), repeats),
        np.tile(np.arange(repeats), n),
        right.astype(np.float64).ravel(),
        np.ones(n * repeats),
    )
