import pytest

from harness.canonical import digest
from harness.datasource.rows import DoorFailed, normalised, rows_sha256, select


def test_what_only_the_container_added_is_dropped() -> None:
    padded = [{"n": 3.0, "word": None, "deep": {"a": None, "b": [1.5, 2.0, None]}}, {"n": None, "word": " x \u2028"}]
    assert normalised(padded) == [{"n": 3, "deep": {"b": [1.5, 2, None]}}, {"word": " x \u2028"}]
    assert isinstance(normalised(3.0), int)


def test_strings_and_truth_values_stay_as_they_are() -> None:
    assert normalised(["3.0", "", True, 0]) == ["3.0", "", True, 0]
    assert normalised(True) is True


def test_only_used_columns_are_kept_and_an_empty_cell_stays() -> None:
    assert select([{"a": 1, "b": 2, "c": None}], ["c", "a"]) == [{"c": None, "a": 1}]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DoorFailed, match=r"row 2 has no column 'b'; it has 'a'"):
        select([{"a": 1, "b": 2}, {"a": 1}], ["a", "b"])


def test_the_hash_is_of_the_used_columns_in_file_order() -> None:
    rows: list[dict[str, float]] = [{"a": 1, "b": 2.0}, {"b": 3, "a": 4}]
    assert rows_sha256(rows, ["b", "a"]) == digest([{"a": 1, "b": 2}, {"a": 4, "b": 3}])
    assert rows_sha256(rows, ["a"]) == digest([{"a": 1}, {"a": 4}])
    assert rows_sha256(rows[::-1], ["a"]) != rows_sha256(rows, ["a"])
