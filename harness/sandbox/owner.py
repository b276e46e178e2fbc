"""Whose containers they are: a process holds a lock while it lives, whatever ends it."""

import threading
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

LABEL = "longcat-repro.owner"
TRIAL = "longcat-repro.trial"


class Owner:
    """This process, as the owner of containers. A context manager that holds the lock.

    Args:
        folder: where owners of one machine keep their locks; the same for all that share an engine.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_folder()
        self.id = uuid.uuid4().hex
        self._lock = FileLock(self.folder / f"{self.id}.lock", thread_local=False)
        self._guard = threading.Lock()
        self._left: set[str] = set()

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
        (self.folder / f"{self.id}.lock").unlink(missing_ok=True)

    def leave(self, container: str) -> None:
        """Remember a container that could not be removed."""
        with self._guard:
            self._left.add(container)

    def remove_left(self, client: Any) -> None:
        """Remove the containers that are left, as far as the engine does it now.

        Args:
            client: the engine's Docker client.
        """
        from docker.errors import DockerException, NotFound

        with self._guard:
            left = list(self._left)
        for container in left:
            try:
                client.api.remove_container(container, force=True, v=True)
            except NotFound:
                pass
            except (DockerException, OSError):
                continue
            with self._guard:
                self._left.discard(container)

    def labels(self, trial: str) -> dict[str, str]:
        """The labels of what this process makes for a trial."""
        return {LABEL: self.id, TRIAL: trial}


def default_folder() -> Path:
    """The folder of this user's owners."""
    return user_cache_path("longcat-repro") / "sandboxes"


def is_alive(owner: str, folder: Path) -> bool:
    """Whether the process that had this id still holds its lock."""
    path = folder / f"{owner}.lock"
    if not path.exists():
        return False
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    lock.release()
    path.unlink(missing_ok=True)
    return False
