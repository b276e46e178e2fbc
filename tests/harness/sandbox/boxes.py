"""What the tests of containers share."""

from pathlib import Path
from typing import Any

from harness.sandbox import Box, Engine, Limits, Owner
from harness.sandbox.owner import LABEL
from tests.containers import IMAGE

SMALL = Limits(cpus=1, memory_gib=0.25, pids=64, disk_gib=0.125, seconds=120)


def box(engine: Engine, owner: Owner, limits: Limits = SMALL, **other: Any) -> Box:
    return Box(engine, owner, IMAGE, limits, trial="toy/on/1#0", **other)


def left(engine: Engine, owner: Owner) -> list[str]:
    """The owner's containers."""
    mine = {"label": f"{LABEL}={owner.id}"}
    return [each.id for each in engine.client.containers.list(all=True, filters=mine, ignore_removed=True)]


def processes(container: str) -> list[int]:
    """The processes in the control groups of a container."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cgroup"):
        try:
            if container in place.read_text():
                found.append(int(place.parent.name))
        except OSError:
            continue
    return found
