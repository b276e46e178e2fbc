import os
from pathlib import Path

import pytest

from harness.sandbox import owner_of_this_process, retired_owner
from harness.sandbox.owner import default_folder, is_alive


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return default_folder()


def test_a_process_has_one_owner_until_it_is_retired(folder: Path) -> None:
    assert retired_owner() is None
    mine = owner_of_this_process()
    assert owner_of_this_process() is mine
    assert is_alive(mine.id, folder)
    assert retired_owner() is mine
    assert mine.retired
    # It is alive until its containers are gone.
    assert is_alive(mine.id, folder)
    mine.release()
    assert not is_alive(mine.id, folder)
    other = owner_of_this_process()
    assert other.id != mine.id
    assert not other.retired
    assert retired_owner() is other
    other.release()
    assert list(folder.iterdir()) == []


def test_a_process_that_is_forked_off_has_its_own_and_leaves_its_parents(folder: Path) -> None:
    mine = owner_of_this_process()
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        theirs = owner_of_this_process()
        os.write(write, theirs.id.encode())
        theirs.release()
        os._exit(0)
    os.waitpid(pid, 0)
    assert os.read(read, 64).decode() != mine.id
    os.close(read)
    os.close(write)
    assert is_alive(mine.id, folder)
    retired_owner()
    mine.release()
