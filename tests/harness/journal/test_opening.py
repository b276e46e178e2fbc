import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import JournalError
from harness.journal import Journal, verify
from tests.harness.journal.making import KEY, MANIFEST, fill, raw_lines, replies, slot, write_lines


def said(*numbers: int) -> list[str]:
    return [f"reply {n}" for n in numbers]


def tail_after_index(directory: Path, tail: bytes, indexed: int = 3) -> None:
    """A journal whose index covers ``indexed`` lines, with ``tail`` behind them."""
    fill(directory, indexed)
    with (directory / "journal.jsonl").open("ab") as file:
        file.write(tail)


def later_lines(directory: Path, indexed: int, later: int) -> list[bytes]:
    """Make a journal whose files end after ``indexed`` lines; the ``later`` lines that followed."""
    fill(directory, indexed)
    kept = {name: (directory / name).read_bytes() for name in ("journal.jsonl", "journal.idx")}
    fill(directory, later, begin=indexed)
    lines = raw_lines(directory)[indexed:]
    for name, data in kept.items():
        (directory / name).write_bytes(data)
    return lines


def test_lines_behind_the_index_are_taken_in(tmp_path: Path) -> None:
    lines = later_lines(tmp_path, 3, 2)
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(b"".join(lines))
    index = (tmp_path / "journal.idx").stat().st_size
    with Journal.open(tmp_path, MANIFEST) as journal:
        assert (journal.lines, journal.recovered) == (5, None)
        assert journal.find(slot(4)) is not None
    assert (tmp_path / "journal.idx").stat().st_size > index
    assert replies(tmp_path) == said(0, 1, 2, 3, 4)


@pytest.mark.parametrize("change", [b"", b"nonsense\n", b'{"index":1}\n' * 9])
def test_without_a_sound_index_it_is_rebuilt(tmp_path: Path, change: bytes) -> None:
    fill(tmp_path, 4)
    whole = (tmp_path / "journal.idx").read_bytes()
    (tmp_path / "journal.idx").write_bytes(change)
    assert replies(tmp_path) == said(0, 1, 2, 3)
    assert (tmp_path / "journal.idx").read_bytes() == change
    with Journal.open(tmp_path, MANIFEST) as journal:
        assert (journal.lines, journal.recovered) == (4, None)
    assert (tmp_path / "journal.idx").read_bytes() == whole


def test_an_index_of_another_journal_is_not_believed(tmp_path: Path) -> None:
    fill(tmp_path / "a", 4)
    fill(tmp_path / "b", 6, begin=10)
    for name in ("a", "b"):
        other = {"a": "b", "b": "a"}[name]
        (tmp_path / f"{name}.idx").write_bytes((tmp_path / other / "journal.idx").read_bytes())
    for name in ("a", "b"):
        (tmp_path / name / "journal.idx").write_bytes((tmp_path / f"{name}.idx").read_bytes())
    assert replies(tmp_path / "a", readonly=False) == said(0, 1, 2, 3)
    assert replies(tmp_path / "b", readonly=False) == said(*range(10, 16))


@pytest.mark.parametrize("with_index", [True, False])
@settings(max_examples=25, deadline=None)
@given(cut=st.integers(1, 700))
def test_cut_anywhere_the_whole_lines_stay(
    tmp_path_factory: pytest.TempPathFactory, with_index: bool, cut: int
) -> None:
    directory = tmp_path_factory.mktemp("run")
    fill(directory, 3)
    path = directory / "journal.jsonl"
    ends = [sum(map(len, raw_lines(directory)[: n + 1])) for n in range(3)]
    size = path.stat().st_size - cut
    os.truncate(path, size)
    if not with_index:
        (directory / "journal.idx").unlink()
    whole = sum(end <= size for end in ends)
    kept = ends[whole - 1] if whole else 0
    lost = path.read_bytes()[kept:]
    with Journal.open(directory, MANIFEST) as journal:
        assert journal.lines == whole
        assert (journal.recovered is None) == (not lost)
    assert path.stat().st_size == kept
    if lost:
        assert (directory / "journal.torn-1").read_bytes() == lost
    fill(directory, 1, begin=whole)
    assert replies(directory) == said(*range(whole + 1))
    assert verify(directory, MANIFEST).problems == []


def test_the_user_hears_what_was_set_aside(tmp_path: Path) -> None:
    tail_after_index(tmp_path, b'{"envelope":{"at":"2026')
    with Journal.open(tmp_path, MANIFEST) as journal:
        assert journal.recovered is not None
        assert "23 bytes in 1 line from line 3" in journal.recovered
        assert "journal.torn-1" in journal.recovered
    assert (tmp_path / "journal.torn-1").read_bytes() == b'{"envelope":{"at":"2026'
    with Journal.open(tmp_path, MANIFEST) as journal:
        assert journal.recovered is None


def test_the_second_torn_end_has_a_file_of_its_own(tmp_path: Path) -> None:
    for tail in (b"one", b"two"):
        tail_after_index(tmp_path, tail, indexed=1)
        Journal.open(tmp_path, MANIFEST).close()
    assert (tmp_path / "journal.torn-1").read_bytes() == b"one"
    assert (tmp_path / "journal.torn-2").read_bytes() == b"two"


@pytest.mark.parametrize("how", ["zeros", "body", "order", "nonsense"])
def test_all_from_the_first_bad_line_behind_the_index_is_set_aside(tmp_path: Path, how: str) -> None:
    first, second, third = later_lines(tmp_path, 3, 3)
    tail = {
        "zeros": [first, b"\0" * (len(second) - 1) + b"\n", third],
        "body": [first, second.replace(b"reply 4", b"reply 9"), third],
        "order": [first, third],
        "nonsense": [first, b"{}\n", third],
    }[how]
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(b"".join(tail))
    with Journal.open(tmp_path, MANIFEST) as journal:
        assert journal.lines == 4
        assert journal.recovered is not None
        assert f"in {len(tail) - 1} line" in journal.recovered
    assert (tmp_path / "journal.torn-1").read_bytes() == b"".join(tail[1:])
    assert replies(tmp_path) == said(0, 1, 2, 3)


@pytest.mark.parametrize("readonly", [True, False])
@pytest.mark.parametrize("how", ["body", "envelope", "lost", "zeros", "swapped"])
def test_damage_before_the_tail_is_never_cut(tmp_path: Path, how: str, readonly: bool) -> None:
    fill(tmp_path, 5)
    lines = raw_lines(tmp_path)
    write_lines(
        tmp_path,
        {
            "body": [lines[0], lines[1].replace(b"reply 1", b"reply 9"), *lines[2:]],
            "envelope": [lines[0], lines[1].replace(b'"cost":0.5', b'"cost":0.1'), *lines[2:]],
            "lost": [lines[0], *lines[2:]],
            "zeros": [lines[0], b"\0" * len(lines[1]), *lines[2:]],
            "swapped": [lines[0], lines[2], lines[1], *lines[3:]],
        }[how],
    )
    before = (tmp_path / "journal.jsonl").read_bytes()
    with pytest.raises(JournalError, match=r"damaged at line [12] .*Nothing was changed|nothing was changed"):
        Journal.open(tmp_path, MANIFEST, readonly=readonly)
    assert (tmp_path / "journal.jsonl").read_bytes() == before
    assert not list(tmp_path.glob("journal.torn-*"))
    assert verify(tmp_path, MANIFEST).problems != []


def test_a_last_line_that_does_not_follow_is_damage_not_a_torn_end(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    lines = raw_lines(tmp_path)
    write_lines(tmp_path, [lines[0], lines[1].replace(b'"cost":0.5', b'"cost":0.1'), lines[2]])
    with pytest.raises(JournalError, match="damaged at line 2"):
        Journal.open(tmp_path, MANIFEST)


def test_damage_the_index_covers_does_not_keep_the_run_from_opening(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    path = tmp_path / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b"reply 1", b"reply 9"))
    with Journal.open(tmp_path, MANIFEST) as journal:
        assert (journal.lines, journal.recovered) == (3, None)
        journal.append("reply", slot(3), KEY, "ok", {}).result()
    assert verify(tmp_path, MANIFEST).problems == [
        "line 1 (ifeval/on/item-1#0/answer/0): the body does not match its hash"
    ]


@pytest.mark.parametrize("with_index", [True, False])
@pytest.mark.parametrize("readonly", [True, False])
def test_another_manifest_is_refused(tmp_path: Path, with_index: bool, readonly: bool) -> None:
    fill(tmp_path, 2)
    if not with_index:
        (tmp_path / "journal.idx").unlink()
    before = (tmp_path / "journal.jsonl").read_bytes()
    with pytest.raises(JournalError, match="another manifest"):
        Journal.open(tmp_path, "e" * 64, readonly=readonly)
    assert (tmp_path / "journal.jsonl").read_bytes() == before
    assert replies(tmp_path, readonly=False) == said(0, 1)
