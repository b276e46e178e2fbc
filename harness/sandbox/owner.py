"""Whose containers they are: a process holds a lock while it lives, whatever ends it."""

import atexit
import os
import threading
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

LABEL = "longcat-repro.owner"
LOCKS = "longcat-repro.locks"
"""The label that says where the owner's lock is: who has his locks elsewhere cannot tell whether it lives."""
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
        self.retired = False
        """Whether it makes no more containers."""

    def __enter__(self) -> Self:
        self.hold()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def hold(self) -> None:
        """Take the lock, which says that this process lives."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock.acquire()

    def release(self) -> None:
        """Give the lock back: a sweep removes what is left."""
        self._lock.release()
        (self.folder / f"{self.id}.lock").unlink(missing_ok=True)

    def retire(self) -> None:
        """Make no more containers, also where one is being made at this moment in another thread."""
        self.retired = True

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
        return {LABEL: self.id, LOCKS: str(self.folder), TRIAL: trial}


_owners: dict[tuple[int, Path], Owner] = {}
_making = threading.Lock()


def owner_of_this_process() -> Owner:
    """The one that all trials of this process share, made when it is first asked for.

    It holds its lock until the process ends or it is retired; a process that was forked off has one of its own.
    """
    place = (os.getpid(), default_folder())
    with _making:
        if place not in _owners:
            made = Owner(place[1])
            made.hold()
            _owners[place] = made
            atexit.register(_release, place)
        return _owners[place]


def retired_owner() -> Owner | None:
    """The owner of this process if it has one, retired: whoever asks for it next is given another.

    It still holds its lock; who removed its containers releases it.
    """
    with _making:
        found = _owners.pop((os.getpid(), default_folder()), None)
    if found is not None:
        found.retire()
    return found


def _release(place: tuple[int, Path]) -> None:
    """At the end of the process; one that was forked off has this registered too, and not the lock."""
    found = _owners.pop(place, None)
    if found is not None and place[0] == os.getpid():
        found.release()


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
