from pathlib import Path

import pytest

from harness.contract import Data, Door
from harness.datasource import load_rows
from harness.errors import DataUnavailable


def data(path: str | None, **values: object) -> Data:
    door = Door(kind="package", path=path)
    made = Data(rows=89, columns=["name"], rows_sha256=None, licence="ours", doors=[door])
    return made.model_copy(update=values)


def test_rows_come_from_a_file_of_this_program() -> None:
    found = load_rows(data("terminal_bench_2_1/tasks.jsonl"), data_dir=None)
    assert len(found.rows) == 89
    assert found.door.startswith("the file terminal_bench_2_1/tasks.jsonl of this program")


@pytest.mark.parametrize("path", [None, "nothing/here.jsonl"])
def test_a_file_that_is_not_there_is_said_so(path: str | None) -> None:
    with pytest.raises(DataUnavailable, match=r"no path|not among the task folders"):
        load_rows(data(path), data_dir=None)


def test_folders_beside_the_rows_are_given_by_their_paths(tmp_path: Path) -> None:
    (tmp_path / "tasks" / "fix-git").mkdir(parents=True)
    made = data("terminal_bench_2_1/tasks.jsonl", beside={"folder": "tasks/{name}"})
    rows = load_rows(made, data_dir=tmp_path).rows
    assert [row for row in rows if "folder" in row] == [
        {"name": "fix-git", "folder": str((tmp_path / "tasks" / "fix-git").resolve())}
    ]
