import numpy as np
import pytest

from harness.statistics import Sample, estimate, with_unresolved
from tests.harness.statistics.build import sample


@pytest.mark.parametrize(
    ("item", "repeat", "num", "den", "message"),
    [
        ([], [], [], [], "at least 1"),
        ([0, 1], [0], [1.0, 1.0], [1.0, 1.0], "one length"),
        ([0, 0], [0, 0], [1.0, 1.0], [1.0, 1.0], "more than one row"),
        ([0], [0], [2.0], [1.0], "0 <= num <= den"),
        ([0], [0], [-1.0], [1.0], "0 <= num <= den"),
        ([0], [0], [float("nan")], [1.0], "0 <= num <= den"),
        ([0], [0], [1.0], [float("inf")], "0 <= num <= den"),
        ([0], [0], [0.0], [0.0], "denominators are 0"),
    ],
)
def test_a_sample_refuses_contradictions(
    item: list[int], repeat: list[int], num: list[float], den: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Sample.of(item, repeat, num, den)


def test_without_denominators_every_one_is_1() -> None:
    assert np.array_equal(Sample.of([4, 7], [0, 0], [1.0, 0.0]).den, [1.0, 1.0])


def test_unresolved_replies_count_as_0_and_as_their_denominator() -> None:
    prompts, instructions = sample([[1], [0]]), sample([[3], [1]], [[3], [2]])
    low, high = with_unresolved((prompts, instructions), [2, 3], [0, 0], [[1, 1], [2, 1]])

    def scores(parts: tuple[Sample, ...]) -> list[float]:
        return [estimate((part,), planned_items=4).score for part in parts]

    assert scores(low) == pytest.approx([100 * 1 / 4, 100 * 4 / 8])
    assert scores(high) == pytest.approx([100 * 3 / 4, 100 * 7 / 8])


def test_all_replies_unresolved() -> None:
    low, high = with_unresolved((), [0, 1], [0, 0], [[1, 1]])
    assert estimate(low, planned_items=2).score == 0
    assert estimate(high, planned_items=2).score == 100


def test_nothing_unresolved_changes_nothing() -> None:
    parts = (sample([[1], [0]]),)
    assert with_unresolved(parts, [], [], [[]]) == (parts, parts)


def test_every_part_needs_denominators_for_the_unresolved() -> None:
    with pytest.raises(ValueError, match="1 denominators for 2 parts"):
        with_unresolved((sample([[1]]), sample([[1]])), [1], [0], [[1]])


def test_an_unresolved_reply_must_not_be_a_resolved_one() -> None:
    with pytest.raises(ValueError, match="more than one row"):
        with_unresolved((sample([[1]]),), [0], [0], [[1]])
