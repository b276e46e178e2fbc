"""The forest plot: where each reported number stands, and what was measured, on one scale."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, LABEL, RIGHT, ROW = 860.0, 210.0, 30.0, 46.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of the plot, in SVG units; ``None`` where there is nothing to draw."""

    title: str
    text: str
    y: float
    point: float | None
    low: float | None
    high: float | None
    reported: float | None
    margin_x: float | None
    margin_width: float | None


@dataclass(frozen=True, slots=True)
class Forest:
    """The plot: its size, its rows, and its ticks as (x, label)."""

    width: float
    height: float
    marks: list[Mark]
    ticks: list[tuple[float, str]]


def forest(rows: Sequence[Mapping[str, Any]]) -> Forest | None:
    """Lay out rows of {"title", "score", "low", "high", "reported", "margin", "text"}, in points.

    The scale spans what is drawn, in steps of 5 points. None if no row has a number.
    """
    values: list[float] = [
        row[name] for row in rows for name in ("score", "low", "high", "reported") if row[name] is not None
    ]
    if not values:
        return None
    low = max(0.0, 5 * (min(values) // 5) - 5)
    high = min(100.0, 5 * (max(values) // 5) + 10)
    step = 5 if high - low <= 40 else 10 if high - low <= 70 else 20

    def x(value: float) -> float:
        inside = min(max(value, low), high)
        return float(round(LABEL + (inside - low) / (high - low) * (WIDTH - LABEL - RIGHT), 1))

    marks = []
    for number, row in enumerate(rows):
        reported, margin = row["reported"], row["margin"]
        band = (x(reported - margin), x(reported + margin)) if reported is not None and margin is not None else None
        marks.append(
            Mark(
                title=row["title"],
                text=row["text"],
                y=round(30 + number * ROW, 1),
                point=_maybe(x, row["score"]),
                low=_maybe(x, row["low"]),
                high=_maybe(x, row["high"]),
                reported=_maybe(x, reported),
                margin_x=band[0] if band else None,
                margin_width=round(band[1] - band[0], 1) if band else None,
            )
        )
    first = int(-(-low // step) * step)
    ticks = [(x(value), str(value)) for value in range(first, int(high) + 1, step)]
    return Forest(WIDTH, 30 + len(marks) * ROW + 24, marks, ticks)


def _maybe(scale: Callable[[float], float], value: float | None) -> float | None:
    return scale(value) if value is not None else None
