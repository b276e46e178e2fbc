import functools
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import JournalError
from harness.journal import Journal, Verification, redact, verify
from tests.harness.journal.making import KEY, MANIFEST, fill, raw_lines, slot, write_lines

LINES = 4


@functools.cache
def whole() -> tuple[tuple[bytes, ...], str]:
    """The lines of a journal and its head."""
    with tempfile.TemporaryDirectory() as directory:
        entries = fill(Path(directory), LINES)
        return tuple(raw_lines(Path(directory))), entries[-1].line_hash


def check(directory: Path, lines: list[bytes], recorded: tuple[int, str] | None = None) -> Verification:
    write_lines(directory, lines)
    return verify(directory, MANIFEST, recorded)


def test_a_good_journal(tmp_path: Path) -> None:
    lines, head = whole()
    assert check(tmp_path, list(lines)) == Verification(LINES, head, 0, [])
    assert check(tmp_path, list(lines), (LINES, head)).problems == []


def test_an_empty_journal(tmp_path: Path) -> None:
    assert check(tmp_path, []) == Verification(0, MANIFEST, 0, [])
    assert check(tmp_path, [], (0, MANIFEST)).problems == []


def test_no_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be read"):
        verify(tmp_path, MANIFEST)


@settings(max_examples=20, deadline=None)
@given(dropped=st.sets(st.integers(0, LINES - 1)))
def test_any_lines_redacted_the_chain_still_verifies(
    tmp_path_factory: pytest.TempPathFactory, dropped: set[int]
) -> None:
    lines, head = whole()
    published = [redact(line) if n in dropped else line for n, line in enumerate(lines)]
    found = check(tmp_path_factory.mktemp("run"), published, (LINES, head))
    assert found == Verification(LINES, head, len(dropped), [])


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_changed_byte_is_found(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    lines, head = whole()
    redacted = data.draw(st.sets(st.integers(0, LINES - 1), max_size=2))
    journal = bytearray(b"".join(redact(line) if n in redacted else line for n, line in enumerate(lines)))
    at = data.draw(st.integers(0, len(journal) - 1))
    journal[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != journal[at]))
    found = check(tmp_path_factory.mktemp("run"), [bytes(journal)], (LINES, head))
    assert found.problems != []


@settings(max_examples=50, deadline=None)
@given(cut=st.integers(1, 5000))
def test_any_cut_is_found(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    lines, head = whole()
    journal = b"".join(lines)
    found = check(tmp_path_factory.mktemp("run"), [journal[: max(0, len(journal) - cut)]], (LINES, head))
    assert any("summary" in problem for problem in found.problems)


def test_a_journal_that_grew_since_the_summary_is_good(tmp_path: Path) -> None:
    first = fill(tmp_path, 2)
    fill(tmp_path, 2, begin=2)
    assert verify(tmp_path, MANIFEST, (2, first[-1].line_hash)).problems == []


def test_lines_replaced_since_the_summary_are_found(tmp_path: Path) -> None:
    _, head = whole()
    fill(tmp_path, LINES + 1)
    assert verify(tmp_path, MANIFEST).problems == []
    assert verify(tmp_path, MANIFEST, (LINES, head)).problems == [
        f"the summary records another head after {LINES} lines: lines were changed or replaced"
    ]


def test_each_problem_names_its_line(tmp_path: Path) -> None:
    lines = list(whole()[0])
    place = [f"line {n} (ifeval/on/item-{n}#0/answer/0): " for n in range(LINES)]
    body = check(tmp_path, [lines[0], lines[1].replace(b"reply 1", b"reply 9"), *lines[2:]])
    assert body.problems == [place[1] + "the body does not match its hash"]
    envelope = check(tmp_path, [lines[0], lines[1].replace(b'"cost":0.5', b'"cost":0.1'), *lines[2:]])
    assert envelope.problems == [place[2] + "it does not follow the line before it"]
    status = check(tmp_path, [lines[0], lines[1].replace(b'"status":"ok"', b'"status":"no"'), *lines[2:]])
    assert status.problems == [
        "line 1: the envelope is wrong: not a valid value of status",
        place[2] + "it does not follow the line before it",
    ]
    nonsense = check(tmp_path, [lines[0], b"nonsense\n", *lines[2:]])
    assert nonsense.problems == ["line 1: it is not an envelope and a body"]
    lost = check(tmp_path, [lines[0], *lines[2:]])
    assert lost.problems[0] == "line 1 (ifeval/on/item-2#0/answer/0): it is numbered 2"
    torn = check(tmp_path, [*lines[:3], lines[3][:-9]])
    assert torn.problems == ["line 3: it has no end: torn, or being written at this moment"]
    assert torn.lines == LINES


def test_another_manifest_breaks_the_first_link(tmp_path: Path) -> None:
    write_lines(tmp_path, list(whole()[0]))
    assert verify(tmp_path, "e" * 64).problems == [
        "line 0 (ifeval/on/item-0#0/answer/0): it does not follow the line before it"
    ]


def test_two_answers_to_one_slot_are_found(tmp_path: Path) -> None:
    other_key = "a" * 64
    with Journal.open(tmp_path, MANIFEST) as journal:
        for kind, key, status in [
            ("reply", KEY, "error"),
            ("reply", KEY, "error"),
            ("reply", KEY, "ok"),
            ("judgement", KEY, "ok"),
            ("amendment", None, "ok"),
            ("amendment", None, "ok"),
            ("reply", KEY, "error"),
        ]:
            journal.append(kind, slot(1), key, status, {})
        journal.append("reply", slot(2), KEY, "ok", {}).result()
        assert verify(tmp_path, MANIFEST).problems == []
        journal.append("reply", slot(1), other_key, "ok", {}).result()
    assert verify(tmp_path, MANIFEST).problems == [
        "line 8 (ifeval/on/item-1#0/answer/0): its slot was already answered by line 2; the first counts"
    ]


def test_a_ruined_file_does_not_fill_the_screen(tmp_path: Path) -> None:
    found = check(tmp_path, [b"x\n"] * 1000)
    assert len(found.problems) == 201
    assert found.problems[-1] == "and 800 more"
    assert found.lines == 1000
