"""The door to a file in the data directory."""

from pathlib import Path
from typing import Any

from harness.canonical import sha256_hex
from harness.contract import Door
from harness.datasource.parse import read_table, unpack
from harness.datasource.rows import DoorFailed
from harness.errors import DataUnavailable


def open_file(door: Door, data_dir: Path | None) -> tuple[list[dict[str, Any]], str]:
    """Rows of the file at ``door.path`` under ``data_dir``, and a sentence on it.

    Raises:
        DoorFailed: no data directory was given, or it has no such file.
        DataUnavailable: there is such a file, but it is not the pinned one or cannot be read. Somebody put it there to
            be used, so no other door is tried in its place.
    """
    if door.path is None:
        raise DoorFailed("the card gives this door no path")
    if data_dir is None:
        raise DoorFailed(f"{door.path}: no data directory was given (--data-dir DIR or LONGCAT_REPRO_DATA)")
    path = data_dir / door.path
    if not path.is_file():
        raise DoorFailed(f"{door.path}: not in the data directory {data_dir}")
    try:
        data = path.read_bytes()
        if door.sha256 and sha256_hex(data) != door.sha256:
            raise DoorFailed(f"expected SHA-256 {door.sha256}, got {sha256_hex(data)}")
        rows = read_table(*unpack(path.name, data, door))
    except (OSError, DoorFailed) as error:
        raise DataUnavailable(f"{path}: {error}. Replace the file, or move it away to have it fetched.") from error
    return rows, f"the file {door.path} in the data directory"
