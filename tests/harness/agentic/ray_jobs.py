"""Twelve jobs on a Ray cluster of two simulated nodes, one of whose workers is killed; prints what happened as JSON.

A process of its own (``python ray_jobs.py FOLDER``), because Ray warns of much and leaves threads behind.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ray
from ray.cluster_utils import Cluster

from harness.agentic.ray_spread import check_versions, ray_cluster
from harness.agentic.spread import Spread
from harness.agentic.terms import Infrastructure
from harness.errors import HarnessError, UsageError

JOBS, KILLED = 12, 5
NODE = {"num_cpus": 1, "object_store_memory": 80 * 1024**2, "resources": {"sandbox": 2}}
HEALTH = {"health_check_period_ms": 1000, "health_check_failure_threshold": 3, "health_check_timeout_ms": 5000}
"""A lost node is noticed after three seconds; Ray's own setting is fifteen."""
WAITS_S = 60


def job(folder: Path, number: int) -> dict[str, Any]:
    """Leave a mark; the first try of one job waits to be killed."""
    tries = len(list(folder.glob(f"{number}-*")))
    (folder / f"{number}-{tries}").write_text(str(os.getpid()))
    time.sleep(WAITS_S if number == KILLED and tries == 0 else 0.3)
    return {"number": number, "node": ray.get_runtime_context().get_node_id(), "tries": tries + 1}


def lasting(folder: Path, number: int) -> str:
    """Leave a mark and wait for the word to go."""
    node = str(ray.get_runtime_context().get_node_id())
    (folder / f"lasting-{number}").write_text(node)
    wait_for(folder / "go")
    return node


def wait_for(path: Path) -> str:
    """What a file says, as soon as it says something."""
    end = time.monotonic() + WAITS_S
    while not (path.exists() and path.read_text()) and time.monotonic() < end:
        time.sleep(0.05)
    return path.read_text()


def fails() -> None:
    raise Infrastructure("image", "it could not be had")


def dies() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def kill(folder: Path) -> None:
    """Kill the worker of a job as soon as it has left its mark."""
    os.kill(int(await asyncio.to_thread(wait_for, folder / f"{KILLED}-0")), signal.SIGKILL)


async def lose(spread: Spread, folder: Path, made: Cluster, node: Any) -> dict[str, Any]:
    """Lose a node while three jobs last, one of them at least on it."""
    jobs = asyncio.gather(*(spread(lasting, folder, n) for n in range(3)))
    begun = [await asyncio.to_thread(wait_for, folder / f"lasting-{n}") for n in range(3)]
    made.remove_node(node, allow_graceful=False)
    while sum(one["Alive"] for one in ray.nodes()) > 1:
        await asyncio.sleep(0.1)
    (folder / "go").write_text("go")
    return {"begun": begun, "ended": await jobs, "left": made.head_node.node_id}


async def raised(spread: Spread, function: Any) -> list[str]:
    try:
        await spread(function)
    except HarnessError as error:
        return [type(error).__name__, getattr(error, "cause", ""), str(error)]
    return []


async def trials(spread: Spread, folder: Path) -> dict[str, Any]:
    cancelled = asyncio.create_task(spread(time.sleep, 1))
    await asyncio.sleep(0.2)
    cancelled.cancel()
    done, *_ = await asyncio.gather(asyncio.gather(*(spread(job, folder, n) for n in range(JOBS))), kill(folder))
    return {"done": done, "fails": await raised(spread, fails), "dies": await raised(spread, dies)}


async def together(spread: Spread, folder: Path, made: Cluster, node: Any) -> dict[str, Any]:
    return await trials(spread, folder) | await lose(spread, folder, made, node)


def refused(version: str) -> str:
    try:
        check_versions(version)
    except UsageError as error:
        return str(error)
    return "nothing was refused"


@contextmanager
def cluster() -> Iterator[Cluster]:
    made = Cluster(initialize_head=True, head_node_args=NODE | {"_system_config": HEALTH})
    try:
        yield made
    finally:
        made.shutdown()


def main(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with cluster() as made:
        node = made.add_node(**NODE)
        with ray_cluster(None, made.address) as spread:
            found["sandboxes"], found["head"] = spread.sandboxes, spread.head
            found["other"] = refused("0.0.2")
            found |= asyncio.run(together(spread, folder, made, node))
    with ray_cluster(2) as spread:
        found["alone"] = [spread.sandboxes, spread.head, asyncio.run(spread(max, 3, 4))]
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
