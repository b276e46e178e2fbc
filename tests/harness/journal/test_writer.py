import os
from pathlib import Path

import pytest

from harness.errors import JournalError
from harness.journal.lines import Entry, encode_body, new_envelope
from harness.journal.writer import COMMIT_BYTES, GroupCommit
from tests.harness.journal.making import KEY, MANIFEST, slot


def test_a_full_disk_fails_all_that_wait_and_all_later(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    committed: list[Entry] = []
    fd = os.open("/dev/full", os.O_RDWR)
    writer = GroupCommit(tmp_path / "journal.jsonl", fd, 0, 0, MANIFEST, committed.extend)
    body = encode_body({"reply": "lost"})
    for _ in range(2):
        futures = [writer.submit(new_envelope("reply", slot(n), KEY, "ok", None, body), body) for n in range(5)]
        for future in futures:
            with pytest.raises(JournalError, match=r"No space left on device.*the same command goes on"):
                future.result()
    writer.close()
    os.close(fd)
    assert committed == []


def test_the_future_cannot_be_cancelled_and_comes_after_the_commit(tmp_path: Path) -> None:
    committed: list[Entry] = []
    fd = os.open(tmp_path / "j", os.O_RDWR | os.O_CREAT)
    writer = GroupCommit(tmp_path / "j", fd, 0, 0, MANIFEST, committed.extend)
    body = encode_body({"reply": "yes"})
    future = writer.submit(new_envelope("reply", slot(1), KEY, "ok", None, body), body)
    assert not future.cancel()
    seen: list[list[Entry]] = []
    future.add_done_callback(lambda done: seen.append(list(committed)))
    entry = future.result()
    writer.close()
    os.close(fd)
    assert committed == [entry]
    assert seen == [[entry]]


def test_more_than_one_commit_holds(tmp_path: Path) -> None:
    fd = os.open(tmp_path / "j", os.O_RDWR | os.O_CREAT)
    sizes: list[int] = []
    writer = GroupCommit(tmp_path / "j", fd, 0, 0, MANIFEST, lambda entries: sizes.append(len(entries)))
    body = encode_body({"reply": "x" * (COMMIT_BYTES // 3)})
    futures = [writer.submit(new_envelope("reply", slot(n), KEY, "ok", None, body), body) for n in range(7)]
    writer.close()
    os.close(fd)
    assert [future.result(timeout=0).n for future in futures] == list(range(7))
    assert sum(sizes) == 7
    assert max(sizes) <= 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_nobody_waits_for_a_thread_that_died(tmp_path: Path) -> None:
    died: list[object] = []

    def fail(entries: object) -> None:
        died.append(entries)
        raise SystemExit

    fd = os.open(tmp_path / "j", os.O_RDWR | os.O_CREAT)
    writer = GroupCommit(tmp_path / "j", fd, 0, 0, MANIFEST, fail)
    body = encode_body({"reply": "yes"})
    future = writer.submit(new_envelope("reply", slot(1), KEY, "ok", None, body), body)
    with pytest.raises(JournalError, match="failed"):
        future.result()
    with pytest.raises(JournalError, match="closed"):
        writer.submit(new_envelope("reply", slot(2), KEY, "ok", None, body), body)
    writer.close()
    os.close(fd)
    assert len(died) == 1
