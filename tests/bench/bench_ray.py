"""What spreading trials gains over one sandbox at a time, as ratios: threads here, and two simulated Ray nodes.

``python -m tests.bench.bench_ray [JOBS] [--containers]``; about a minute. A job waits for two seconds, as for a model,
and then works for a moment: in a process of its own, or in a container, where starting one is most of the work.
"""

import argparse
import asyncio
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from harness.agentic.ray_spread import ray_cluster
from harness.agentic.spread import Spread, here
from harness.sandbox import Box, Engine, Limits, Owner
from tests.containers import IMAGE, Podman, need_engine

JOBS, NODES, EACH = 12, 2, 2
WORK = "import time; time.sleep(2); sum(range(2_000_000))"
LIMITS = Limits(cpus=1, memory_gib=0.5, seconds=120)
NODE = {"num_cpus": 1, "object_store_memory": 80 * 1024**2, "resources": {"sandbox": EACH}}

Job = Callable[[int], None]


def as_process(number: int) -> None:
    subprocess.run([sys.executable, "-c", WORK], check=True)


def in_container(folder: Path, number: int) -> None:
    with (
        Engine.connect() as engine,
        Owner(folder) as owner,
        Box(engine, owner, IMAGE, LIMITS, trial=f"bench-{number}") as box,
    ):
        assert box.run(["python3", "-c", WORK]).code == 0


@contextmanager
def containers() -> Iterator[Job]:
    """The job in a container of a podman of our own."""
    need_engine()
    with tempfile.TemporaryDirectory() as folder:
        podman = Podman(Path(folder, "podman"))
        podman.load()
        try:
            with podman.serve():
                os.environ["DOCKER_HOST"] = podman.address
                yield partial(in_container, Path(folder))
        finally:
            podman.remove()


@contextmanager
def nodes() -> Iterator[Spread]:
    """A spread over simulated nodes, all on this machine, whose workers have started."""
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args=NODE)
    try:
        for _ in range(NODES - 1):
            cluster.add_node(**NODE)
        with ray_cluster(None, cluster.address) as spread:
            seconds(spread, time.sleep, spread.sandboxes)
            yield spread
    finally:
        cluster.shutdown()


def seconds(spread: Spread, job: Job, jobs: int) -> float:
    """How long that many jobs take."""

    async def make() -> None:
        await asyncio.gather(*(spread(job, number) for number in range(jobs)))

    begin = time.perf_counter()
    asyncio.run(make())
    return time.perf_counter() - begin


def measure(job: Job, jobs: int) -> None:
    """Print the ratios; workers that were started once are used for all trials of a run, so that is not in them."""
    with here(1) as one:
        alone = seconds(one, job, jobs)
    print(f"{jobs} jobs one at a time: {alone:.1f} s")
    with here(NODES * EACH) as threads:
        taken = seconds(threads, job, jobs)
    print(f"  {NODES * EACH} threads here: {taken:.1f} s; speed-up {alone / taken:.1f}")
    if find_spec("ray") is None:
        print("  Ray: not measured, it is not installed (pip install 'longcat-repro[ray]')")
        return
    with nodes() as spread:
        taken = seconds(spread, job, jobs)
    print(f"  {NODES} Ray nodes of {EACH} sandboxes: {taken:.1f} s; speed-up {alone / taken:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jobs", type=int, nargs="?", default=JOBS)
    parser.add_argument("--containers", action="store_true", help="as root, with podman")
    options = parser.parse_args()
    with containers() if options.containers else nullcontext(as_process) as job:
        measure(job, options.jobs)


if __name__ == "__main__":
    main()
