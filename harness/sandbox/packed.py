"""Single files as the engine carries them in and out of a container: in a tar archive."""

import io
import tarfile
from collections.abc import Iterator

_HEADERS = 64 * 1024


def pack(name: str, data: bytes, mode: int) -> bytes:
    """An archive of one file that belongs to root."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(data), mode
        archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def unpack(pieces: Iterator[bytes], most: int) -> bytes | None:
    """The first ``most`` bytes of an archive's first entry; None if that is no regular file.

    No more is read of the archive than that takes.
    """
    packed, size = [], 0
    for piece in pieces:
        packed.append(piece)
        size += len(piece)
        if size > most + _HEADERS:
            break
    try:
        with tarfile.open(fileobj=io.BytesIO(b"".join(packed)), mode="r|") as archive:
            entry = archive.next()
            file = archive.extractfile(entry) if entry is not None and entry.isreg() else None
            return file.read(most) if file is not None else None
    except tarfile.TarError:
        return None
