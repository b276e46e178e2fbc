"""The elementary counts a metric is made of, in the benchmark's own units."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Counts of one ratio, one row a reply; four arrays of shape (rows,).

    ``item`` and ``repeat`` are integers that together name a row; 0 <= num <= den.

    Raises:
        ValueError: for arrays of other shapes, no rows, a row named twice, counts out of range, or no denominator.
    """

    item: Ints
    repeat: Ints
    num: Floats
    den: Floats

    def __post_init__(self) -> None:
        shapes = {array.shape for array in (self.item, self.repeat, self.num, self.den)}
        if len(shapes) != 1 or self.item.ndim != 1 or not self.item.size:
            raise ValueError(f"a sample needs four arrays of one length, at least 1; got shapes {sorted(shapes)}")
        if not np.all((self.num >= 0) & (self.num <= self.den)) or not np.all(np.isfinite(self.den)):
            raise ValueError("every row needs 0 <= num <= den")
        if not np.any(self.den > 0):
            raise ValueError("all denominators are 0")
        if len(set(zip(self.item.tolist(), self.repeat.tolist(), strict=True))) != self.item.size:
            raise ValueError("an (item, repeat) pair stands in more than one row")

    @classmethod
    def of(
        cls, item: Sequence[int], repeat: Sequence[int], num: Sequence[float], den: Sequence[float] | None = None
    ) -> "Sample":
        """A sample from plain sequences; without ``den`` every denominator is 1."""
        return cls(
            np.asarray(item, dtype=np.int64),
            np.asarray(repeat, dtype=np.int64),
            np.asarray(num, dtype=np.float64),
            np.ones(len(num)) if den is None else np.asarray(den, dtype=np.float64),
        )


Metric = tuple[Sample, ...]
"""The ratios whose mean the metric is; all over the same rows."""


def with_unresolved(
    parts: Metric, item: Sequence[int], repeat: Sequence[int], dens: Sequence[Sequence[float]]
) -> tuple[Metric, Metric]:
    """The metric with replies added that have no score yet: once all at 0, once all at their denominator.

    Args:
        parts: the resolved replies, possibly none (an empty tuple).
        item: the unresolved replies' items, shape (rows,).
        repeat: their repeats.
        dens: for every part the rows' denominators.

    Raises:
        ValueError: if the number of ``dens`` is not that of the parts, or as :class:`Sample` does.
    """
    if parts and len(dens) != len(parts):
        raise ValueError(f"{len(dens)} denominators for {len(parts)} parts")
    if not len(item):
        return parts, parts
    low = tuple(Sample.of(item, repeat, [0.0] * len(item), den) for den in dens)
    high = tuple(Sample.of(item, repeat, den, den) for den in dens)
    if not parts:
        return low, high
    return _joined(parts, low), _joined(parts, high)


def _joined(left: Metric, right: Metric) -> Metric:
    names = ("item", "repeat", "num", "den")
    return tuple(
        Sample(*(np.concatenate([getattr(a, name), getattr(b, name)]) for name in names))
        for a, b in zip(left, right, strict=True)
    )
