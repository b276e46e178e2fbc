"""Removes the containers that dead processes left."""

from pathlib import Path

from harness.sandbox.engine import Engine, failing
from harness.sandbox.owner import LABEL, LOCKS, default_folder, is_alive


def sweep(engine: Engine, folder: Path | None = None, owner: str | None = None) -> int:
    """Remove the containers of owners that are dead, or those of ``owner``, and return how many there were.

    Owners with locks in another folder, of other users of the engine for instance, are left alone.
    Others may remove them at the same time: what is gone already, or going, is no error.

    Raises:
        SandboxFailed: the engine does not say which there are.
    """
    from docker.errors import DockerException

    folder = folder or default_folder()
    with failing("containers that were left could not be listed"):
        mine = {"label": [LABEL, f"{LOCKS}={folder}"]}
        found = engine.client.containers.list(all=True, filters=mine, ignore_removed=True)
    removed = 0
    for container in found:
        whose = container.labels.get(LABEL, "")
        if whose != owner if owner is not None else is_alive(whose, folder):
            continue
        try:
            container.remove(force=True, v=True)
        except (DockerException, OSError):
            continue
        removed += 1
    return removed
