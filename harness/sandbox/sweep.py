"""Removes the containers that dead processes left."""

from pathlib import Path

from harness.sandbox.engine import Engine
from harness.sandbox.owner import LABEL, default_folder, is_alive


def sweep(engine: Engine, folder: Path | None = None, owner: str | None = None) -> int:
    """Remove the containers of owners that are dead, or those of ``owner``, and return how many there were.

    Others that sweep at the same time may be faster: what is gone already is no error.
    """
    from docker.errors import NotFound

    folder = folder or default_folder()
    removed = 0
    for container in engine.client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True):
        whose = container.labels.get(LABEL, "")
        if whose != owner if owner is not None else is_alive(whose, folder):
            continue
        try:
            container.remove(force=True, v=True)
        except NotFound:
            continue
        removed += 1
    return removed
