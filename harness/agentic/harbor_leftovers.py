"""What harbor leaves when it is killed: a compose project's containers, networks and volumes, and a folder.

A project's name tells whose it is, so that what a dead process left can be told from what is in use.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.sandbox import Engine
from harness.sandbox.owner import default_folder, is_alive

PREFIX = "longcat-repro-harbor-"
PROJECT = "com.docker.compose.project"
"""The label of everything that compose makes, Docker's and podman's alike."""
_NAMED = re.compile(rf"{PREFIX}([0-9a-f]{{32}})")


def sweep_harbor(engine: Engine, folder: Path | None = None) -> int:
    """Remove what trials of dead processes left, and return of how many trials that was.

    Args:
        engine: where it may be.
        folder: where owners keep their locks, if not in the usual place.
    """
    locks = folder or default_folder()
    dead = {owner for owner in _owners(engine) if not is_alive(owner, locks)}
    for owner in dead:
        remove(engine, owner)
    return len(dead)


def remove(engine: Engine, owner: str) -> None:
    """Remove everything that harbor made for an owner. What is gone already is no error."""
    from docker.errors import DockerException

    for thing in _made(engine):
        if _owner(thing) != owner:
            continue
        try:
            if hasattr(thing, "image"):
                thing.remove(force=True, v=True)
            else:
                thing.remove()
        except (DockerException, OSError):
            continue
    shutil.rmtree(Path(tempfile.gettempdir(), f"{PREFIX}{owner}"), ignore_errors=True)


def _owners(engine: Engine) -> set[str]:
    folders = Path(tempfile.gettempdir()).glob(f"{PREFIX}*")
    named = {found[1] for path in folders if (found := _NAMED.fullmatch(path.name))}
    return named | {owner for thing in _made(engine) if (owner := _owner(thing))}


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


def _owner(thing: Any) -> str:
    labels = thing.attrs.get("Labels") or (thing.attrs.get("Config") or {}).get("Labels") or {}
    found = _NAMED.match(str(labels.get(PROJECT, "")))
    return found[1] if found else ""
