"""The door to a file that the benchmark's authors, or another harness, publish on the web."""

import os
import tempfile
import urllib.error
import urllib.request
import zlib
from http.client import HTTPException
from pathlib import Path
from typing import Any

from harness.canonical import sha256_hex
from harness.contract import Door
from harness.datasource.network import network_reachable
from harness.datasource.parse import read_table, unpack
from harness.datasource.rows import DoorFailed

SECONDS = 30.0
"""The longest silence while downloading."""


def open_url(door: Door) -> tuple[list[dict[str, Any]], str]:
    """Rows of the file at ``door.url``, and a sentence on it.

    A file with a pinned hash is kept in the user's cache, compressed so that no question lies there in plain text, and
    is not downloaded again: replies are scored without a network.

    Raises:
        DoorFailed: the host does not answer, or the file is not the pinned one.
    """
    if door.url is None:
        raise DoorFailed("the card gives this door no address")
    kept = _kept(door.sha256)
    data = _read_kept(kept, door.sha256)
    if data is None:
        data = _download(door.url)
        if door.sha256 and sha256_hex(data) != door.sha256:
            raise DoorFailed(f"{door.url}: expected SHA-256 {door.sha256}, got {sha256_hex(data)}")
        _keep(kept, data)
        sentence = f"downloaded from {door.url}"
    else:
        sentence = f"downloaded earlier from {door.url}"
    return read_table(*unpack(door.url.rsplit("/", 1)[-1], data, door)), sentence


def fetch(url: str) -> bytes:
    """The file at an address whose content never changes (of a commit), kept in the user's cache.

    Raises:
        DoorFailed: it is not in the cache, and the host does not answer or has no such file.
    """
    from platformdirs import user_cache_path

    path = user_cache_path("longcat-repro") / "fetched" / f"{sha256_hex(url.encode())}.zlib"
    try:
        return zlib.decompress(path.read_bytes())
    except (OSError, zlib.error):
        data = _download(url)
    _keep(path, data)
    return data


def _download(url: str) -> bytes:
    if not network_reachable(url):
        raise DoorFailed(f"{url}: the host does not answer")
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as response:
            data: bytes = response.read()
    except urllib.error.HTTPError as error:
        error.close()
        raise DoorFailed(f"{url}: {error}") from error
    except (OSError, HTTPException) as error:
        raise DoorFailed(f"{url}: {error}") from error
    return data


def _kept(sha256: str | None) -> Path | None:
    if sha256 is None:
        return None
    from platformdirs import user_cache_path

    return user_cache_path("longcat-repro") / "downloads" / f"{sha256}.zlib"


def _read_kept(path: Path | None, sha256: str | None) -> bytes | None:
    if path is None:
        return None
    try:
        data = zlib.decompress(path.read_bytes())
    except (OSError, zlib.error):
        return None
    return data if sha256_hex(data) == sha256 else None


def _keep(path: Path | None, data: bytes) -> None:
    """Keep a download, if the cache can be written; a run does not depend on it."""
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(zlib.compress(data))
        os.replace(temporary, path)
    except OSError:
        return
