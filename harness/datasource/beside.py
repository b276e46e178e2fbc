"""Columns that are files of their own in the data directory: a benchmark's scripts, one folder to the row."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.contract import Data
from harness.errors import DataUnavailable


def with_files(rows: Sequence[Mapping[str, Any]], data: Data, data_dir: Path | None) -> list[dict[str, Any]]:
    """The rows with the text of the files, and the paths of the folders, that ``data.beside`` names, where they are.

    Raises:
        DataUnavailable: a file is there and cannot be read, or a row's name leads out of the data directory.
    """
    if data_dir is None or not data.beside:
        return [dict(row) for row in rows]
    return [{**row, **_files(row, data.beside, data_dir)} for row in rows]


def _files(row: Mapping[str, Any], beside: Mapping[str, str], data_dir: Path) -> dict[str, str]:
    found = {}
    for column, template in beside.items():
        path = data_dir / template.format_map(row)
        if not path.exists():
            continue
        if not path.resolve().is_relative_to(data_dir.resolve()):
            raise DataUnavailable(f"{path} leads out of the data directory {data_dir}")
        if path.is_dir():
            found[column] = str(path.resolve())
            continue
        try:
            found[column] = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DataUnavailable(f"{path} cannot be read: {error}") from error
    return found
