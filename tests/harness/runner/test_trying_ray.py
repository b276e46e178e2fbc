"""Trials on a Ray cluster, one of whose workers is killed in the middle of one."""

import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.sandbox.owner import LABEL
from tests.agents import CompetentAgent
from tests.containers import Podman
from tests.instances import INSTANCES, history
from tests.instances.place import Bench
from tests.needs import package
from tests.place import REPOSITORY

pytestmark = pytest.mark.xdist_group("scaffolds")
package("swebench")
package("ray")
NODES = Path(__file__).with_name("ray_nodes.py")
TASKS = ("toy_multilingual:single-turn", "toy_pro:single-turn")
TRIALS = 12
WITHIN_S = 240


def marked(token: str) -> list[int]:
    """The processes whose environment has this token."""
    return [int(place.parent.name) for place in Path("/proc").glob("[0-9]*/environ") if token.encode() in told(place)]


def told(place: Path) -> bytes:
    """What a file says, nothing if it is gone."""
    try:
        return place.read_bytes()
    except OSError:
        return b""


@contextmanager
def cluster(folder: Path, own: dict[str, str]) -> Iterator[str]:
    """The address of two nodes, all of whose processes have ``own`` in their environment."""
    process = subprocess.Popen(
        [sys.executable, str(NODES)],
        cwd=folder,
        env={**os.environ, **own},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.communicate(timeout=WITHIN_S)


def kill_one_at_work(podman: Podman, token: str) -> str:
    """Kill a worker that has a container, and return the container's id."""
    end = time.monotonic() + WITHIN_S
    with podman.connect() as engine:
        while time.monotonic() < end:
            for pid in marked(token):
                for owner in owned(pid):
                    made = engine.client.containers.list(filters={"label": f"{LABEL}={owner}"}, ignore_removed=True)
                    if made:
                        os.kill(pid, signal.SIGKILL)
                        return str(made[0].id)
            time.sleep(0.05)
    raise AssertionError("no worker has a container")


def owned(pid: int) -> list[str]:
    """The owners of containers whose locks a process of Ray's holds."""
    if not told(Path("/proc", str(pid), "cmdline")).startswith(b"ray::"):
        return []
    found = []
    for place in Path("/proc", str(pid), "fd").glob("*"):
        try:
            found += re.findall(r"/sandboxes/(\w+)\.lock$", os.readlink(place))
        except OSError:
            continue
    return found


def test_twelve_trials_survive_the_death_of_a_ray_worker(
    podman: Podman, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("ray")
    token = secrets.token_hex(32)
    own = {
        "DOCKER_HOST": podman.address,
        "HOME": str(folder),
        "PYTHONPATH": str(REPOSITORY),
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": token,
    }
    bench = Bench.lay(folder, INSTANCES, podman.address)
    replies = {instance.title: f"```diff\n{history(instance).gold}```\n" for instance in INSTANCES}
    with CompetentAgent({}, replies) as agent, cluster(folder, own) as address:
        words = bench.run(agent, "spread", *TASKS, "--engine", "ray", "--ray-address", address)
        harness = bench.place.start(*bench.words(*words), env=own)
        while sum(bench.outcomes("spread").values()) < 2:
            assert harness.poll() is None, harness.communicate()
            time.sleep(0.05)
        killed = kill_one_at_work(podman, token)
        _, text = harness.communicate(timeout=WITHIN_S)
    assert harness.returncode == 0, text
    assert killed not in podman("ps", "--all", "--quiet", "--no-trunc")
    assert podman("ps", "--all", "--quiet") == ""
    assert marked(token) == []
    graded = bench.outcomes("spread")
    assert len(graded) == TRIALS
    assert set(graded.values()) == {1}
    assert [bench.place.task("spread", task)["headline"]["k"] for task in ("toy_multilingual", "toy_pro")] == [6, 6]
    recorded = [line for line in bench.place.lines("spread") if line["envelope"]["kind"] == "reply"]
    assert TRIALS <= len(recorded) <= TRIALS + 1
