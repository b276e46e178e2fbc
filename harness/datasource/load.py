"""The doors of a benchmark's data, tried in the card's order."""

from pathlib import Path
from typing import Any

from harness.canonical import digest
from harness.contract import Data, Door
from harness.datasource.beside import with_files
from harness.datasource.file import open_file
from harness.datasource.package import open_package
from harness.datasource.parse import read_table
from harness.datasource.rows import DoorFailed, Rows, select
from harness.datasource.url import open_url
from harness.errors import DataUnavailable


def load_rows(data: Data, *, data_dir: Path | None) -> Rows:
    """The benchmark's rows through the first door that opens.

    Whatever the door, the rows are the pinned ones: their number and the hash of their used columns are checked, so
    that any door gives the same run identity. Where the card pins no hash, the sentence on the door says so.

    Raises:
        DataUnavailable: no door opens, with what was tried, why it failed and what to do; or a file in the data
            directory is not the pinned one.
    """
    attempts: list[str] = []
    for door in data.doors:
        try:
            rows, sentence = _open(door, [*data.columns, *data.if_there], data_dir)
            rows, sha256 = _checked(rows, data)
        except DoorFailed as error:
            if door.kind == "file" and data_dir is not None and door.path and (data_dir / door.path).is_file():
                raise DataUnavailable(f"{data_dir / door.path}: {error}") from error
            attempts.append(f"{door.kind}: {error}")
            continue
        if data.rows_sha256 is None:
            sentence += f", whose rows the card does not pin by hash; these have {sha256}"
        return Rows(with_files(rows, data, data_dir), sha256, sentence, attempts)
    raise DataUnavailable(_advice(data, attempts))


def _open(door: Door, columns: list[str], data_dir: Path | None) -> tuple[list[dict[str, Any]], str]:
    if door.kind == "file":
        return open_file(door, data_dir)
    if door.kind == "url":
        return open_url(door)
    if door.kind == "package":
        return open_package(door)
    from harness.datasource.hub import open_hub

    return open_hub(door, columns)


def _checked(rows: list[dict[str, Any]], data: Data) -> tuple[list[dict[str, Any]], str]:
    try:
        selected = _in_order(select(rows, data.columns, data.if_there), data)
    except DoorFailed as error:
        revisions = [f"{door.id} at revision {door.revision}" for door in data.doors if door.revision]
        raise DoorFailed(f"{error}; the card reads {', '.join(revisions)}" if revisions else str(error)) from error
    if len(selected) != data.rows:
        raise DoorFailed(f"expected {data.rows} rows, got {len(selected)}")
    sha256 = digest([{name: row[name] for name in data.columns} for row in selected])
    if data.rows_sha256 is not None and sha256 != data.rows_sha256:
        raise DoorFailed(f"the rows are not the pinned ones: expected rows_sha256 {data.rows_sha256}, got {sha256}")
    return selected, sha256


def _in_order(rows: list[dict[str, Any]], data: Data) -> list[dict[str, Any]]:
    by = data.sort_by
    return rows if by is None else sorted(rows, key=lambda row: str(row[by]))


def _advice(data: Data, attempts: list[str]) -> str:
    paths = [door.path for door in data.doors if door.kind == "file" and door.path]
    ways = [f"put {' or '.join(paths)} under a directory and name it with --data-dir DIR"] if paths else []
    if any(door.gated for door in data.doors):
        ways.append("set HF_TOKEN to a token whose account has accepted the dataset's terms")
    if any(door.kind != "file" for door in data.doors):
        ways.append("run where the network reaches the other doors")
    tried = "".join(f"\n  - {attempt}" for attempt in attempts)
    return f"no door to the data opens:{tried}\nWhat to do: {'; or '.join(ways)}."


def sample_rows(path: Path, data: Data) -> Rows:
    """The sample items that a task carries in ``path`` (``sample.jsonl``), in the form of its real rows.

    Raises:
        DataUnavailable: the file is damaged.
    """
    try:
        rows = _in_order(select(read_table(path.name, path.read_bytes()), data.columns, data.if_there), data)
    except (OSError, DoorFailed) as error:
        raise DataUnavailable(f"{path}: {error}") from error
    return Rows(rows, digest(rows), f"the {len(rows)} sample items written for this project, not the benchmark's own")
