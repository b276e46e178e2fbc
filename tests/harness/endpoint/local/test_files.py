import hashlib
import io
from pathlib import Path

import pytest

from harness.endpoint.local.files import appearing, copy_checked, sha256_of
from harness.errors import UsageError


def test_copy_appears_whole(tmp_path: Path) -> None:
    data = bytes(range(256)) * 9000
    path = tmp_path / "models" / "a.gguf"
    copy_checked(io.BytesIO(data), path, hashlib.sha256(data).hexdigest())
    assert path.read_bytes() == data
    assert sha256_of(path) == hashlib.sha256(data).hexdigest()
    assert [entry.name for entry in path.parent.iterdir()] == ["a.gguf"]


def test_wrong_bytes_leave_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(b"old")
    with pytest.raises(UsageError, match="nothing was kept"):
        copy_checked(io.BytesIO(b"new"), path, hashlib.sha256(b"other").hexdigest())
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.gguf"]


def test_an_interrupted_write_does_not_appear(tmp_path: Path) -> None:
    def interrupted() -> None:
        with appearing(tmp_path / "note.json") as file:
            file.write(b"{")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []
