"""Files that are either whole or not there."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from harness.errors import UsageError

_BLOCK = 1 << 20


def sha256_of(path: Path) -> str:
    """SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def appearing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to that appears at ``path``, whole and on disk, only when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def copy_checked(source: IO[bytes], path: Path, sha256: str) -> None:
    """Copy ``source`` to ``path`` if its SHA-256 is ``sha256``.

    Raises:
        UsageError: the hash is another one; ``path`` is untouched.
    """
    hasher = hashlib.sha256()
    with appearing(path) as file:
        while block := source.read(_BLOCK):
            hasher.update(block)
            file.write(block)
        if hasher.hexdigest() != sha256:
            raise UsageError(f"{path.name} has SHA-256 {hasher.hexdigest()}, not {sha256}; nothing was kept")
