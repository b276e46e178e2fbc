"""The door to a file that comes with this program: rows that are names of what others publish."""

from importlib.resources import files
from typing import Any

from harness.contract import Door
from harness.datasource.parse import read_table
from harness.datasource.rows import DoorFailed


def open_package(door: Door) -> tuple[list[dict[str, Any]], str]:
    """Rows of the file at ``door.path`` among the task folders, and a sentence on it.

    Raises:
        DoorFailed: there is no such file.
    """
    if door.path is None:
        raise DoorFailed("the card gives this door no path")
    file = files("tasks").joinpath(door.path)
    if not file.is_file():
        raise DoorFailed(f"{door.path}: not among the task folders of this program")
    return read_table(file.name, file.read_bytes()), f"the file {door.path} of this program"
