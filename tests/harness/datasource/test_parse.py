import io
import zipfile

import pytest

from harness.canonical import sha256_hex
from harness.contract import Door
from harness.datasource.parse import read_table, unpack
from harness.datasource.rows import DoorFailed
from tests.data import real_data


def test_a_line_separator_inside_a_json_line_does_not_split_it() -> None:
    data = '{"a": "x\u2028y\u0085z"}\n\n{"a": 2}'.encode()
    assert read_table("t.jsonl", data) == [{"a": "x\u2028y\u0085z"}, {"a": 2}]


def test_csv_cells_are_strings_whatever_they_look_like() -> None:
    data = b'id,text,n\nr1,"two\nlines, and ""quotes""",007\nr2,,NA\nr3, edge ,None\n'
    assert read_table("t.csv", data) == [
        {"id": "r1", "text": 'two\nlines, and "quotes"', "n": "007"},
        {"id": "r2", "text": "", "n": "NA"},
        {"id": "r3", "text": " edge ", "n": "None"},
    ]


@pytest.mark.parametrize(
    ("name", "data"),
    [("t.jsonl", b"{"), ("t.jsonl", b"[1]"), ("t.jsonl", b'{"a": "\xff"}'), ("t.csv", b""), ("t.txt", b"a")],
)
def test_what_is_not_a_table_is_told_by_name(name: str, data: bytes) -> None:
    with pytest.raises(DoorFailed, match=r"^t\."):
        read_table(name, data)


def _zipped(member: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, data)
    return buffer.getvalue()


def test_a_member_is_taken_out_of_a_zip_and_checked() -> None:
    data = _zipped("folder/t.csv", b"a\n1\n")
    door = Door(kind="file", path="t.zip", member="folder/t.csv", member_sha256=sha256_hex(b"a\n1\n"))
    assert unpack("t.zip", data, door) == ("folder/t.csv", b"a\n1\n")
    assert unpack("t.csv", b"as it is", door) == ("t.csv", b"as it is")
    with pytest.raises(DoorFailed, match=r"folder/t\.csv in t\.zip: expected SHA-256 00, got [0-9a-f]{64}"):
        unpack("t.zip", data, door.model_copy(update={"member_sha256": "00"}))


@pytest.mark.parametrize(
    ("data", "member"),
    [(_zipped("t.csv", b"a"), None), (_zipped("t.csv", b"a"), "other.csv"), (b"no zip at all", "t.csv")],
    ids=["no member named", "another member named", "no zip"],
)
def test_a_zip_that_is_not_as_the_card_says_is_told(data: bytes, member: str | None) -> None:
    with pytest.raises(DoorFailed, match=r"t\.zip"):
        unpack("t.zip", data, Door(kind="file", path="t.zip", member=member))


@pytest.mark.parametrize("password", [None, "wrong"])
def test_a_locked_zip_needs_its_password(password: str | None) -> None:
    data = real_data("gpqa_diamond/gpqa_diamond.zip").read_bytes()
    door = Door(kind="file", path="q.zip", member="dataset/gpqa_diamond.csv", password=password)
    with pytest.raises(DoorFailed, match=r"dataset/gpqa_diamond\.csv cannot be taken out of q\.zip"):
        unpack("q.zip", data, door)
