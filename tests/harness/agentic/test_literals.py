from pathlib import Path

import pytest

from harness.agentic.literals import strings, unquoted
from harness.errors import UsageError


@pytest.mark.parametrize("text", ['["a", "b\\u00e9"]', "['a', 'bé']", "('a', 'bé')", ["a", "bé"], ("a", "bé")])
def test_a_list_is_read_however_it_is_written(text: object) -> None:
    assert strings(text, "tests") == ["a", "bé"]


def test_an_empty_list_is_a_list() -> None:
    assert strings("[]", "tests") == strings([], "tests") == []


@pytest.mark.parametrize("text", ["", "a", "{'a': 1}", "[1, 2]", "['a', None]", "['a'", "None", "[" * 5000, None, 3])
def test_anything_else_is_refused(text: object) -> None:
    with pytest.raises(UsageError, match="tests of x"):
        strings(text, "tests of x")


def test_nothing_in_it_is_run(tmp_path: Path) -> None:
    made = tmp_path / "made"
    with pytest.raises(UsageError, match="neither JSON nor a Python literal"):
        strings(f"[open({str(made)!r}, 'w').name]", "tests")
    assert not made.exists()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('"one\\ntwo"', "one\ntwo"),
        ('"quoted" words', '"quoted" words'),
        ("plain", "plain"),
        (None, ""),
        ('""', ""),
        ('"half', '"half'),
    ],
)
def test_a_text_that_was_written_as_json_is_read(value: str | None, text: str) -> None:
    assert unquoted(value) == text
