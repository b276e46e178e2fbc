"""Which images were pulled by us: a file that all processes of this user share."""

import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

_PULLS = 8


@dataclass(frozen=True, slots=True)
class Pulled:
    """An image that was not here before: its id, its size in bytes, and when it was last asked for (Unix time)."""

    id: str
    size: int
    used: float


class Ledger:
    """The images pulled into one engine.

    Args:
        folder: where it is kept, with locks; made if it is not there. Machines may share it.
        engine: a name that no other engine has.
    """

    def __init__(self, folder: Path, engine: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._engine = engine
        self._file = folder / "pulled.json"

    @contextmanager
    def changing(self) -> Iterator[dict[str, Pulled]]:
        """The images by name, to change: no other process reads or writes meanwhile."""
        with FileLock(self._folder / "pulled.lock", thread_local=False):
            every = json.loads(self._file.read_text()) if self._file.exists() else {}
            mine = {name: Pulled(**values) for name, values in every.get(self._engine, {}).items()}
            yield mine
            every[self._engine] = {name: asdict(pulled) for name, pulled in mine.items()}
            written = self._file.with_suffix(".new")
            written.write_text(json.dumps(every, indent=1, sort_keys=True))
            os.replace(written, self._file)

    def pulling(self, image: str) -> FileLock:
        """Held while an image is pulled, so that nobody pulls it twice or takes it for one that was here before.

        There are few locks, so that few images are pulled side by side.
        """
        number = zlib.crc32(f"{self._engine} {image}".encode()) % _PULLS
        return FileLock(self._folder / f"pulling{number}.lock", thread_local=False)
