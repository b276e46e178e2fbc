from typing import Any

import pytest

from harness.report.forest import LABEL, RIGHT, WIDTH, forest


def row(**values: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("score", "low", "high", "reported", "margin"))
    return {"title": "A", "text": "reproduced", **nothing, **values}


def test_without_a_number_there_is_no_plot() -> None:
    assert forest([]) is None
    assert forest([row(), row(margin=2.0)]) is None


def test_every_number_stands_at_its_place_on_one_scale() -> None:
    plot = forest([row(score=70.0, low=65.0, high=75.0, reported=80.0, margin=5.0), row(reported=90.0)])
    assert plot is not None
    assert [label for _, label in plot.ticks] == ["60", "65", "70", "75", "80", "85", "90", "95", "100"]
    at = {int(label): x for x, label in plot.ticks}
    assert (at[60], at[100]) == (LABEL, WIDTH - RIGHT)
    first, second = plot.marks
    assert (first.point, first.low, first.high, first.reported) == (at[70], at[65], at[75], at[80])
    assert (first.margin_x, first.margin_width) == (at[75], pytest.approx(at[85] - at[75], abs=0.11))
    assert (second.point, second.low, second.margin_x, second.reported) == (None, None, None, at[90])
    assert second.y > first.y
    assert plot.height > second.y


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ({"score": 0.0}, ("0", "10")),
        ({"score": 100.0}, ("95", "100")),
        ({"score": 2.0, "reported": 98.0}, ("0", "100")),
        ({"score": 50.0, "low": -20.0, "high": 130.0}, ("0", "100")),
    ],
)
def test_the_scale_stays_within_0_and_100(values: dict[str, Any], ends: tuple[str, str]) -> None:
    plot = forest([row(**values)])
    assert plot is not None
    assert (plot.ticks[0][1], plot.ticks[-1][1]) == ends
    drawn = [x for mark in plot.marks for x in (mark.point, mark.low, mark.high, mark.reported) if x is not None]
    assert all(LABEL <= x <= WIDTH - RIGHT for x in drawn)


def test_a_margin_beyond_the_scale_is_cut_off() -> None:
    plot = forest([row(reported=97.0, margin=20.0)])
    assert plot is not None
    mark = plot.marks[0]
    assert mark.margin_x is not None
    assert mark.margin_width is not None
    assert mark.margin_x >= LABEL
    assert mark.margin_x + mark.margin_width <= WIDTH - RIGHT + 0.1
