from pathlib import Path

import pytest

from harness.cli.reading import EXPORT_FORMATS
from harness.errors import UsageError
from harness.exports import FORMATS
from harness.exports.files import file_word, folder, json_lines, write


def test_the_command_line_offers_every_format() -> None:
    assert EXPORT_FORMATS == FORMATS


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("LongCat-2.0", "LongCat-2.0"),
        ("a/b:free", "a_b_free"),
        ("../..", "unnamed"),
        ("", "unnamed"),
        ("模型", "unnamed"),
    ],
)
def test_any_text_is_one_part_of_a_path(text: str, word: str) -> None:
    assert file_word(text) == word


def test_lines_are_ascii_and_whole() -> None:
    data = json_lines([{"a": "line\u2028break\ud83d"}, {"b": 1}])
    assert data.isascii()
    assert data.count(b"\n") == 2


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "new" / "file", b"one")
    write(path, b"two")
    assert path.read_bytes() == b"two"
    assert [found.name for found in path.parent.iterdir()] == ["file"]


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(UsageError, match="taken"):
        folder(tmp_path / "taken" / "below")
