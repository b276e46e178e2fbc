import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.journal import Entry
from harness.journal.index import IndexWriter, Loaded, load
from harness.journal.lines import OK
from tests.harness.journal.making import KEY, MANIFEST, slot

LENGTHS = (300, 7, 12_000, 41)


def entries(count: int) -> list[Entry]:
    made: list[Entry] = []
    for n in range(count):
        offset = made[-1].offset + made[-1].length if made else 0
        where = slot(n, item="甲\u2028\ud800\n" if n % 2 else f"item-{n}", repeat=n)
        made.append(Entry(n, "reply", where, KEY, OK, "2026", 0.1, offset, LENGTHS[n % 4], f"{n:064x}"))
    return made


def write(path: Path, *commits: list[Entry]) -> None:
    writer = IndexWriter(path, MANIFEST, load(path, MANIFEST), [])
    for commit in commits:
        writer.append(commit)
    writer.close()


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    made = entries(9)
    write(tmp_path / "i", made[:4], made[4:5])
    write(tmp_path / "i", made[5:])
    loaded = load(tmp_path / "i", MANIFEST)
    assert loaded is not None
    assert loaded.entries == made
    assert loaded.end == made[-1].offset + made[-1].length
    assert loaded.size == (tmp_path / "i").stat().st_size


def test_none_without_a_file_or_of_another_manifest(tmp_path: Path) -> None:
    assert load(tmp_path / "i", MANIFEST) is None
    write(tmp_path / "i", entries(3))
    assert load(tmp_path / "i", "f" * 64) is None


def test_an_index_of_no_lines_covers_nothing(tmp_path: Path) -> None:
    write(tmp_path / "i")
    loaded = load(tmp_path / "i", MANIFEST)
    assert loaded is not None
    assert (loaded.entries, loaded.end) == ([], 0)


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(1, 2000))
def test_cut_anywhere_it_is_a_prefix_and_can_go_on(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.mktemp("index") / "i"
    made = entries(6)
    write(path, made)
    os.truncate(path, max(0, path.stat().st_size - cut))
    loaded = load(path, MANIFEST)
    known = loaded.entries if loaded else []
    assert known == made[: len(known)]
    writer = IndexWriter(path, MANIFEST, loaded, made[len(known) :])
    writer.close()
    again = load(path, MANIFEST)
    assert again is not None
    assert again.entries == made


def changed_at(path: Path, at: int, byte: int) -> Loaded | None:
    data = bytearray(path.read_bytes())
    data[at] ^= byte
    (path.parent / "changed").write_bytes(data)
    return load(path.parent / "changed", MANIFEST)


@settings(max_examples=200, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(1, 255))
def test_a_changed_byte_is_never_believed(tmp_path_factory: pytest.TempPathFactory, place: float, byte: int) -> None:
    path = tmp_path_factory.mktemp("index") / "i"
    made = entries(6)
    write(path, made)
    loaded = changed_at(path, int(place * path.stat().st_size), byte)
    if loaded is not None:
        # A changed end of the line before makes one torn line of the last two.
        assert loaded.entries in (made[:4], made[:5])


def test_a_lost_line_or_page_in_the_middle_discards_all(tmp_path: Path) -> None:
    write(tmp_path / "i", entries(6))
    lines = (tmp_path / "i").read_bytes().splitlines(keepends=True)
    (tmp_path / "i").write_bytes(b"".join(lines[:3] + lines[4:]))
    assert load(tmp_path / "i", MANIFEST) is None
    (tmp_path / "i").write_bytes(b"".join([*lines[:3], b"\0" * len(lines[3]), *lines[4:]]))
    assert load(tmp_path / "i", MANIFEST) is None


def test_rows_of_another_shape_discard_all(tmp_path: Path) -> None:
    made = entries(2)
    write(tmp_path / "i", [made[0], Entry(**{**{f: getattr(made[1], f) for f in Entry.__slots__}, "length": "9"})])
    assert load(tmp_path / "i", MANIFEST) is None
