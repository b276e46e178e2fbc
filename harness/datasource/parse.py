"""Bytes of a published file to rows. Files are read in memory and never written out."""

import io
import json
import zipfile
import zlib
from typing import Any

from harness.canonical import sha256_hex
from harness.contract import Door
from harness.datasource.rows import DoorFailed


def read_table(name: str, data: bytes) -> list[dict[str, Any]]:
    """The rows of a ``.jsonl`` or ``.csv`` file; ``name`` tells which it is. CSV cells are strings, blank ones too.

    Raises:
        DoorFailed: the bytes are not such a file.
    """
    try:
        if name.endswith(".jsonl"):
            return _jsonl(data)
        if name.endswith(".csv"):
            return _csv(data)
    except ValueError as error:
        raise DoorFailed(f"{name} cannot be read: {error}") from error
    raise DoorFailed(f"{name} is neither a .jsonl nor a .csv file")


def _jsonl(data: bytes) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in data.split(b"\n") if line.strip()]
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("a line is not a JSON object")
    return rows


def _csv(data: bytes) -> list[dict[str, Any]]:
    import pandas

    table = pandas.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False, na_filter=False)
    return [{str(column): cell for column, cell in row.items()} for row in table.to_dict(orient="records")]


def unpack(name: str, data: bytes, door: Door) -> tuple[str, bytes]:
    """The name and bytes of the table in a downloaded or local file: the file itself, or a member of a zip.

    Raises:
        DoorFailed: the zip, its member or its password is not as the door says.
    """
    if not name.endswith(".zip"):
        return name, data
    if door.member is None:
        raise DoorFailed(f"{name} is a zip, and the card names no member of it")
    password = door.password.encode("utf-8") if door.password else None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inner = archive.read(door.member, pwd=password)
    except (zipfile.BadZipFile, KeyError, RuntimeError, zlib.error) as error:
        raise DoorFailed(f"{door.member} cannot be taken out of {name}: {error}") from error
    if door.member_sha256 and sha256_hex(inner) != door.member_sha256:
        raise DoorFailed(f"{door.member} in {name}: expected SHA-256 {door.member_sha256}, got {sha256_hex(inner)}")
    return door.member, inner
