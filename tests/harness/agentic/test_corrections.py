from pathlib import Path

import pytest

from harness.agentic.corrections import Bounds, Corrections, bounds_of_unlisted, read_corrections
from harness.canonical import sha256_hex
from harness.contract import Outcome
from harness.errors import UsageError

TEXT = """
version: 1
why: Made for the test.
entries:
  - {instance: broken, action: exclude, reason: Its reference patch fails., source: "https://example.invalid/1"}
  - instance: vague
    action: drop_tests
    tests: [a, b]
    reason: No statement says what they ask.
    source: https://example.invalid/2
"""


def corrections(tmp_path: Path, text: str = TEXT) -> Corrections:
    path = tmp_path / "corrections.yaml"
    path.write_text(text)
    return read_corrections(path, None)


@pytest.mark.parametrize(
    ("instance", "outcome", "counted"),
    [
        ("plain", Outcome(True), (1.0, 1.0)),
        ("plain", Outcome(False, failed_tests=("a",)), (0.0, 1.0)),
        ("plain", None, (0.0, 1.0)),
        ("broken", Outcome(False), None),
        ("broken", Outcome(True), None),
        ("broken", None, None),
        ("vague", Outcome(True), (1.0, 1.0)),
        ("vague", Outcome(False, failed_tests=("b",)), (1.0, 1.0)),
        ("vague", Outcome(False, failed_tests=("a", "b")), (1.0, 1.0)),
        ("vague", Outcome(False, failed_tests=("a", "c")), (0.0, 1.0)),
        ("vague", Outcome(False), (0.0, 1.0)),
        ("vague", None, (0.0, 1.0)),
    ],
)
def test_an_instance_counts_as_the_corrected_list_has_it(
    tmp_path: Path, instance: str, outcome: Outcome | None, counted: tuple[float, float] | None
) -> None:
    assert corrections(tmp_path).count(instance, outcome) == counted


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version: 1", "version: one", "version"),
        ("tests: [a, b]", "tests: []", "vague: tests are named where the action is drop_tests"),
        ("action: exclude,", "action: exclude, tests: [a],", "broken: tests are named"),
        ("instance: vague", "instance: broken", "broken stands in it twice"),
        ("reason: No", "because: No", "because"),
        ("version: 1", "version: [", "no valid list"),
    ],
)
def test_a_file_that_does_not_follow_the_schema_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(UsageError, match=r"corrections\.yaml") as refused:
        corrections(tmp_path, TEXT.replace(old, new, 1))
    assert said in str(refused.value)


def test_the_file_is_the_one_that_the_card_names(tmp_path: Path) -> None:
    corrections(tmp_path)
    path = tmp_path / "corrections.yaml"
    assert read_corrections(path, sha256_hex(path.read_bytes())).version == 1
    with pytest.raises(UsageError, match="is not the file that the card names"):
        read_corrections(path, "0" * 64)
    with pytest.raises(UsageError, match="no valid list"):
        read_corrections(tmp_path / "none.yaml", None)


def test_unlisted_corrections_allow_so_much() -> None:
    assert bounds_of_unlisted(400, 731, 0) == Bounds(40000 / 731, 40000 / 731, 40000 / 731)
    assert bounds_of_unlisted(400, 731, 24) == Bounds(40000 / 731, 40000 / 707, 42400 / 731)
    assert bounds_of_unlisted(400, 731) == Bounds(40000 / 731, 100.0, 100.0)
    assert bounds_of_unlisted(700, 731, 100) == Bounds(70000 / 731, 100.0, 100.0)
    assert bounds_of_unlisted(0, 10) == Bounds(0.0, 0.0, 100.0)


@pytest.mark.parametrize("numbers", [(1, 0, 0), (-1, 3, 0), (4, 3, 0), (1, 3, -1)])
def test_bounds_of_what_cannot_be_are_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="instances"):
        bounds_of_unlisted(*numbers)
