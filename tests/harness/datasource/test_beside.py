from pathlib import Path

import pytest

from harness.contract import Data, Door
from harness.datasource import load_rows, rows_sha256
from harness.errors import DataUnavailable

ROWS = [{"id": "a", "n": 1, "more": "x"}, {"id": "b", "n": 2}]


def data(folder: Path, rows: str = '{"id": "a", "n": 1, "more": "x"}\n{"id": "b", "n": 2}\n', **values: object) -> Data:
    (folder / "rows.jsonl").write_text(rows)
    door = Door(kind="file", path="rows.jsonl")
    made = Data(rows=2, columns=["id", "n"], rows_sha256=None, licence="ours", doors=[door])
    return made.model_copy(update=values)


def test_columns_that_only_some_rows_have_are_taken_and_not_hashed(tmp_path: Path) -> None:
    found = load_rows(data(tmp_path, if_there=["more"]), data_dir=tmp_path)
    assert found.rows == ROWS
    assert found.sha256 == rows_sha256(ROWS, ["id", "n"])
    assert load_rows(data(tmp_path), data_dir=tmp_path).rows == [{"id": "a", "n": 1}, {"id": "b", "n": 2}]


def test_without_a_pinned_hash_the_sentence_on_the_door_gives_the_rows_own(tmp_path: Path) -> None:
    found = load_rows(data(tmp_path), data_dir=tmp_path)
    assert found.door.endswith(f", whose rows the card does not pin by hash; these have {found.sha256}")
    pinned = load_rows(data(tmp_path, rows_sha256=found.sha256), data_dir=tmp_path)
    assert "does not pin" not in pinned.door
    with pytest.raises(DataUnavailable, match="not the pinned ones"):
        load_rows(data(tmp_path, rows_sha256="0" * 64), data_dir=tmp_path)


def test_files_named_by_a_rows_own_values_become_its_columns(tmp_path: Path) -> None:
    (tmp_path / "scripts" / "a").mkdir(parents=True)
    (tmp_path / "scripts" / "a" / "run.sh").write_text("echo ü\n", "utf-8")
    found = load_rows(data(tmp_path, beside={"run": "scripts/{id}/run.sh"}), data_dir=tmp_path)
    assert found.rows == [{"id": "a", "n": 1, "run": "echo ü\n"}, {"id": "b", "n": 2}]
    assert found.sha256 == rows_sha256(ROWS, ["id", "n"])


def test_a_rows_value_does_not_lead_out_of_the_data_directory(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret").write_text("x")
    made = data(inside, '{"id": "../secret", "n": 1}\n{"id": "b", "n": 2}\n', beside={"run": "{id}"})
    with pytest.raises(DataUnavailable, match="leads out of the data directory"):
        load_rows(made, data_dir=inside)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\xfe")
    with pytest.raises(DataUnavailable, match="cannot be read"):
        load_rows(data(tmp_path, beside={"run": "{id}"}), data_dir=tmp_path)
