"""Harness, engine and worker killed in the middle of trials: everything resumes, is graded once, and is cleaned up."""

import subprocess
import time
from collections.abc import Iterator

import pytest

from harness.sandbox import sweep
from tests.agents import CompetentAgent
from tests.containers import Podman
from tests.instances import INSTANCES, history
from tests.instances.place import Bench
from tests.needs import package

pytestmark = pytest.mark.xdist_group("scaffolds")
package("swebench")
TASKS = ("toy_multilingual:single-turn", "toy_pro:single-turn")
TRIALS = 12
SERVICE = "killed.sock"


@pytest.fixture(scope="module")
def agent() -> Iterator[CompetentAgent]:
    replies = {instance.title: f"```diff\n{history(instance).gold}```\n" for instance in INSTANCES}
    with CompetentAgent({}, replies) as served:
        yield served


def until(bench: Bench, count: int, process: "subprocess.Popen[str]") -> None:
    """Wait for so many outcomes."""
    end = time.monotonic() + 240
    while sum(bench.outcomes("killed").values()) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)


def test_twelve_trials_survive_the_death_of_harness_and_engine(
    podman: Podman, agent: CompetentAgent, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("killed")
    bench = Bench.lay(folder, INSTANCES, f"unix://{podman.folder / SERVICE}")
    images = podman("images", "--quiet")
    words = bench.run(agent, "killed", *TASKS, "--sandboxes", 2)

    with podman.serve(SERVICE) as service:
        harness = bench.start(*words)
        until(bench, 2, harness)
        harness.kill()
        harness.communicate()
        asked = len(agent.requests)

        harness = bench.start(*words)
        until(bench, 6, harness)
        service.kill()
        _, told = harness.communicate(timeout=240)
        assert harness.returncode == 5, told
        assert "engine" in told

    with podman.serve(SERVICE):
        harness = bench.start(*words)
        _, told = harness.communicate(timeout=240)
        assert harness.returncode == 0, told
        with podman.connect(SERVICE) as engine:
            assert sweep(engine) == 0
            assert engine.client.containers.list(all=True) == []

    assert asked <= TRIALS
    graded = bench.outcomes("killed")
    assert len(graded) == TRIALS
    assert set(graded.values()) == {1}
    for task in ("toy_multilingual", "toy_pro"):
        assert bench.place.task("killed", task)["headline"]["k"] == 6
    recorded = [line for line in bench.place.lines("killed") if line["envelope"]["kind"] == "reply"]
    assert len(recorded) == TRIALS
    assert len(agent.requests) <= TRIALS + 2
    assert podman("images", "--quiet") == images
    assert podman("ps", "--all", "--quiet") == ""
