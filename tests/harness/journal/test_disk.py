import os
from pathlib import Path

import pytest

from harness.journal.disk import sync_directory, sync_file, write_at


def test_all_bytes_are_written_where_they_belong(tmp_path: Path) -> None:
    fd = os.open(tmp_path / "f", os.O_RDWR | os.O_CREAT)
    write_at(fd, b"0123456789", 0)
    write_at(fd, b"abc", 4)
    write_at(fd, b"", 100)
    sync_file(fd)
    os.close(fd)
    assert (tmp_path / "f").read_bytes() == b"0123abc789"


def test_a_directory_that_is_not_there_cannot_be_synced(tmp_path: Path) -> None:
    sync_directory(tmp_path)
    with pytest.raises(FileNotFoundError):
        sync_directory(tmp_path / "absent")
