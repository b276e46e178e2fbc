"""What harbor leaves when it is killed: a compose project's containers, networks and volumes, and a folder.

The name of a trial begins with its owner's id, and so does that of its project: what a dead process left can be told
from what is in use.
"""

import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.sandbox import Engine
from harness.sandbox.owner import default_folder, is_alive

PREFIX = "longcat-repro-harbor-"
PROJECT = "com.docker.compose.project"
"""The label of everything that compose makes, Docker's and podman's alike."""
_NAMED = re.compile(rf"({PREFIX}([0-9a-f]{{32}})-[0-9a-f]{{8}})(?:__env)?")


def named(owner: str) -> str:
    """A name for one trial of an owner."""
    return f"{PREFIX}{owner}-{secrets.token_hex(4)}"


def sweep_harbor(engine: Engine, folder: Path | None = None) -> int:
    """Remove what trials of dead processes left, and return of how many trials that was.

    Args:
        engine: where it may be.
        folder: where owners keep their locks, if not in the usual place.
    """
    locks = folder or default_folder()
    dead = {owner for owner in {name[2] for _, name in _folders(locks)} if not is_alive(owner, locks)}
    for owner in dead:
        remove(engine, owner, folder=locks)
    return len(dead)


def remove(engine: Engine, owner: str, trial: str | None = None, folder: Path | None = None) -> None:
    """Remove everything that harbor made for an owner, or for one trial of it. What is gone already is no error.

    Args:
        engine: where it may be.
        owner: its id.
        trial: its name.
        folder: where owners keep their locks, and trials their files, if not in the usual place.
    """
    from docker.errors import DockerException

    for thing in _made(engine):
        name = _named(thing)
        if name is None or name[2] != owner or name[1] != (trial or name[1]):
            continue
        try:
            if hasattr(thing, "image"):
                thing.remove(force=True, v=True)
            else:
                thing.remove()
        except (DockerException, OSError):
            continue
    for path, name in _folders(folder or default_folder()):
        if name[2] == owner and name[1] == (trial or name[1]):
            shutil.rmtree(path, ignore_errors=True)


def _folders(locks: Path) -> Iterator[tuple[Path, re.Match[str]]]:
    """The trials' folders; they stand beside the locks, so that nobody takes the trials of somebody else for dead."""
    for path in locks.glob(f"{PREFIX}*"):
        if (name := _NAMED.fullmatch(path.name)) is not None:
            yield path, name


def _made(engine: Engine) -> Iterator[Any]:
    """Everything of any compose project: containers first, since they hold the rest."""
    from docker.errors import DockerException

    only = {"label": PROJECT}
    client = engine.client
    try:
        yield from client.containers.list(all=True, filters=only, ignore_removed=True)
        yield from client.networks.list(filters=only)
        yield from client.volumes.list(filters=only)
    except (DockerException, OSError):
        return


def _named(thing: Any) -> re.Match[str] | None:
    labels = thing.attrs.get("Labels") or (thing.attrs.get("Config") or {}).get("Labels") or {}
    return _NAMED.fullmatch(str(labels.get(PROJECT, "")))
