import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from harness.errors import JournalError
from harness.journal import Entry, Journal, redact
from tests.harness.journal.making import KEY, MANIFEST, fill, raw_lines, replies, slot, write_lines


def test_a_new_journal_is_empty(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "results" / "run", MANIFEST) as journal:
        assert (journal.lines, journal.head, journal.recovered) == (0, MANIFEST, None)
        assert list(journal.entries()) == []
        assert journal.find(slot(1)) is None
    assert sorted(os.listdir(tmp_path / "results" / "run")) == ["journal.idx", "journal.jsonl", "journal.lock"]


def test_what_was_appended_is_found_at_once_and_after_reopening(tmp_path: Path) -> None:
    with Journal.open(tmp_path, MANIFEST) as journal:
        future = journal.append("reply", slot(3), KEY, "ok", {"reply": "yes", "n": [1, None]}, cost=0.25)
        entry = future.result()
        assert journal.find(slot(3)) == entry
        assert journal.body(entry) == {"reply": "yes", "n": [1, None]}
        assert (journal.lines, journal.head) == (1, entry.line_hash)
        assert (entry.n, entry.key, entry.status, entry.cost, entry.offset) == (0, KEY, "ok", 0.25, 0)
    with Journal.open(tmp_path, MANIFEST) as journal:
        assert journal.find(slot(3)) == entry
        assert journal.body(entry) == {"reply": "yes", "n": [1, None]}
        assert (journal.lines, journal.head) == (1, entry.line_hash)


def test_every_field_of_the_slot_counts(tmp_path: Path) -> None:
    others: list[dict[str, Any]] = [{"task": "t"}, {"arm": "off"}, {"repeat": 1}, {"role": "judge"}, {"turn": "1"}]
    with Journal.open(tmp_path, MANIFEST) as journal:
        made = [journal.append("reply", slot(1, **other), KEY, "ok", {}).result() for other in others]
        assert journal.find(slot(1)) is None
        assert [journal.find(slot(1, **other)) for other in others] == made


def test_kinds_are_apart(tmp_path: Path) -> None:
    with Journal.open(tmp_path, MANIFEST) as journal:
        reply = journal.append("reply", slot(1), KEY, "ok", {"a": 1}).result()
        amendment = journal.append("amendment", slot(1), None, "ok", {"a": 2}).result()
        assert journal.find(slot(1)) == reply
        assert journal.find(slot(1), kind="amendment") == amendment
        assert list(journal.entries()) == [reply]
        assert list(journal.entries("amendment")) == [amendment]
        assert journal.lines == 2


def test_the_first_complete_line_counts(tmp_path: Path) -> None:
    def append(journal: Journal, status: str) -> Entry:
        return journal.append("reply", slot(1), KEY, status, {}).result()

    with Journal.open(tmp_path, MANIFEST) as journal:
        assert append(journal, "error") == journal.find(slot(1))
        assert append(journal, "error") == journal.find(slot(1))
        first = append(journal, "ok")
        assert journal.find(slot(1)) == first
        append(journal, "ok")
        append(journal, "error")
        assert journal.find(slot(1)) == first
    with Journal.open(tmp_path, MANIFEST) as journal:
        assert journal.find(slot(1)) == first
        assert [entry.status for entry in journal.entries()] == ["error", "error", "ok", "ok", "error"]


@pytest.mark.parametrize(
    "text", ["\ud800 \udfff", "甲\u2028乙\u2029\u0085", "\0\x01\x1f\x7f", "\r\n\n\r", "𝄞" * 3, "", '"}\n{"']
)
def test_odd_characters_come_back_exactly(tmp_path: Path, text: str) -> None:
    with Journal.open(tmp_path, MANIFEST) as journal:
        entry = journal.append("reply", slot(1, item=text), KEY, "ok", {"reply": text, text: 1}).result()
    with Journal.open(tmp_path, MANIFEST) as journal:
        assert journal.find(slot(1, item=text)) == entry
        assert journal.body(entry) == {"reply": text, text: 1}
    assert len(raw_lines(tmp_path)) == 1


def test_ten_megabytes_come_back_exactly(tmp_path: Path) -> None:
    text = "a reply of words, 答\n" * 500_000
    with Journal.open(tmp_path, MANIFEST) as journal:
        entry = journal.append("reply", slot(1), KEY, "ok", {"reply": text}).result()
        journal.append("reply", slot(2), KEY, "ok", {"reply": "short"}).result()
    (tmp_path / "journal.idx").unlink()
    with Journal.open(tmp_path, MANIFEST) as journal:
        assert journal.body(entry) == {"reply": text}
        assert journal.lines == 2


def test_a_redacted_line_has_no_body(tmp_path: Path) -> None:
    made = fill(tmp_path / "whole", 3)
    lines = raw_lines(tmp_path / "whole")
    write_lines(tmp_path / "published", [lines[0], redact(lines[1]), lines[2]])
    assert replies(tmp_path / "published") == ["reply 0", None, "reply 2"]
    with Journal.open(tmp_path / "published", MANIFEST) as journal:
        assert journal.head == made[-1].line_hash
        entry = journal.find(slot(1))
        assert entry is not None
        assert journal.body(entry) is None


def test_256_threads_and_order_of_arrival(tmp_path: Path) -> None:
    numbers: list[int] = []

    def worker(n: int) -> None:
        numbers.append(journal.append("reply", slot(n), KEY, "ok", {"reply": f"reply {n}"}).result().n)

    with Journal.open(tmp_path, MANIFEST) as journal:
        threads = [threading.Thread(target=worker, args=(n,)) for n in range(256)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(numbers) == list(range(256))
        for n in range(256):
            entry = journal.find(slot(n))
            assert entry is not None
            assert journal.body(entry) == {"reply": f"reply {n}"}
        times = [entry.at for entry in journal.entries()]
        assert times == sorted(times)


def test_a_cancelled_wait_does_not_lose_the_reply(tmp_path: Path) -> None:
    async def ask(journal: Journal) -> None:
        waiting = asyncio.wrap_future(journal.append("reply", slot(1), KEY, "ok", {"reply": "paid for"}))
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    with Journal.open(tmp_path, MANIFEST) as journal:
        asyncio.run(ask(journal))
    assert replies(tmp_path) == ["paid for"]


def test_closing_writes_what_waits_and_twice_is_once(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, MANIFEST)
    futures = [journal.append("reply", slot(n), KEY, "ok", {"reply": str(n)}) for n in range(50)]
    journal.close()
    journal.close()
    assert [future.result(timeout=0).n for future in futures] == list(range(50))
    with pytest.raises(JournalError, match="closed"):
        journal.append("reply", slot(99), KEY, "ok", {})
    with pytest.raises(JournalError, match="closed"):
        journal.body(futures[0].result())


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"status": "done"}, ValueError),
        ({"key": "abc"}, ValueError),
        ({"cost": float("nan")}, ValueError),
        ({"body": {"x": float("inf")}}, ValueError),
        ({"body": {"x": b"bytes"}}, TypeError),
        ({"body": {"salt": "mine"}}, ValueError),
        ({"slot": slot(1, repeat="0")}, ValueError),
    ],
)
def test_what_the_format_cannot_hold_is_refused_and_harms_nothing(
    tmp_path: Path, change: dict[str, object], error: type[Exception]
) -> None:
    good: dict[str, Any] = {"kind": "reply", "slot": slot(1), "key": KEY, "status": "ok", "body": {"reply": "yes"}}
    with Journal.open(tmp_path, MANIFEST) as journal:
        with pytest.raises(error):
            journal.append(**{**good, **change})
        assert journal.append(**good).result().n == 0
    assert replies(tmp_path) == ["yes"]


def test_readonly_neither_writes_nor_needs_the_lock(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    (tmp_path / "journal.idx").unlink()
    (tmp_path / "journal.lock").unlink()
    before = (tmp_path / "journal.jsonl").read_bytes()
    with Journal.open(tmp_path, MANIFEST, readonly=True) as journal:
        assert journal.lines == 3
        with pytest.raises(JournalError, match="reading only"):
            journal.append("reply", slot(9), KEY, "ok", {})
    assert os.listdir(tmp_path) == ["journal.jsonl"]
    assert (tmp_path / "journal.jsonl").read_bytes() == before


def test_readonly_is_a_snapshot_while_a_writer_goes_on(tmp_path: Path) -> None:
    with Journal.open(tmp_path, MANIFEST) as writer:
        writer.append("reply", slot(0), KEY, "ok", {"reply": "reply 0"}).result()
        with Journal.open(tmp_path, MANIFEST, readonly=True) as reader:
            writer.append("reply", slot(1), KEY, "ok", {"reply": "reply 1"}).result()
            assert (reader.lines, writer.lines) == (1, 2)
        assert replies(tmp_path) == ["reply 0", "reply 1"]


def test_readonly_overlooks_a_torn_end(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    torn = (tmp_path / "journal.jsonl").read_bytes()[:-5]
    (tmp_path / "journal.jsonl").write_bytes(torn)
    with Journal.open(tmp_path, MANIFEST, readonly=True) as journal:
        assert journal.lines == 2
        assert journal.recovered is None
    assert (tmp_path / "journal.jsonl").read_bytes() == torn


def test_no_journal_to_read(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="no run was made there"):
        Journal.open(tmp_path / "absent", MANIFEST, readonly=True)
    assert not (tmp_path / "absent").exists()


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match="cannot be opened"):
        Journal.open(tmp_path / "file" / "run", MANIFEST)


def test_a_body_changed_behind_its_back_is_not_handed_out(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    path = tmp_path / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b"reply 1", b"reply 7"))
    with Journal.open(tmp_path, MANIFEST, readonly=True) as journal:
        entry = journal.find(slot(1))
        assert entry is not None
        with pytest.raises(JournalError, match=r"line 1 .*ifeval/on/item-1#0.*hash"):
            journal.body(entry)
        assert [journal.body(e) for e in journal.entries() if e.n != 1] == [{"reply": "reply 0"}, {"reply": "reply 2"}]
