"""Bytes that are on the disk when these functions return."""

import os
import sys
from pathlib import Path

if sys.platform == "darwin":
    import fcntl

    def sync_file(fd: int) -> None:
        """Wait until the file's bytes are on the medium; macOS's fsync leaves them in the drive's cache."""
        try:
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
        except OSError:
            os.fsync(fd)  # network volumes know no full sync

else:

    def sync_file(fd: int) -> None:
        """Wait until the file's bytes are on the medium."""
        os.fsync(fd)


def sync_directory(directory: Path) -> None:
    """Wait until the names in ``directory`` are on the medium."""
    fd = os.open(directory, os.O_RDONLY)
    try:
        sync_file(fd)
    finally:
        os.close(fd)


def write_at(fd: int, data: bytes, offset: int) -> None:
    """Write all of ``data`` at ``offset``, however many calls that takes."""
    view = memoryview(data)
    done = 0
    while done < len(view):
        done += os.pwrite(fd, view[done:], offset + done)
