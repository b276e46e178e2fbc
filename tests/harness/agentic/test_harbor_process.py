"""What is seen of a container that harbor made; here it is made by hand, with the labels that harbor's has."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from harness.agentic.harbor_leftovers import PROJECT
from harness.agentic.harbor_process import Inside
from harness.agentic.terms import Infrastructure, Trial, Way
from harness.contract import TrialArm
from harness.sandbox import Engine, Limits
from tests.containers import IMAGE

pytestmark = pytest.mark.xdist_group("containers")

NAME = "toy-of-harbors"
ALLOCATE = "x = [bytearray(1 << 20) for _ in range(1 << 10)]"
STARVE_THE_FIRST = f"import os; open('/proc/1/oom_score_adj', 'w').write('1000'); os.fork(); os.fork()\n{ALLOCATE}"


def kernel_log() -> bool:
    """Whether the kernel's log can be read here."""
    try:
        os.close(os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


@contextmanager
def made(engine: Engine) -> Iterator[Any]:
    labels = {PROJECT: f"{NAME}__env", "com.docker.compose.service": "main"}
    memory: dict[str, Any] = {"mem_limit": "64m", "memswap_limit": "64m"}
    container = engine.client.containers.run(
        IMAGE, ["sleep", "600"], detach=True, labels=labels, network_mode="none", **memory
    )
    try:
        yield container
    finally:
        container.remove(force=True)


def inside(engine: Engine) -> Inside:
    limits = Limits(cpus=1, memory_gib=0.0625, pids=64, disk_gib=1, seconds=60)
    way = Way("127.0.0.1", 1, "path", "token", "model")
    arm = TrialArm(scaffold="claude-code")
    return Inside(engine, NAME, Trial("toy/on/1#0", arm, limits, agent_s=60, grading_s=60, images_gib=1, way=way), 60)


def test_a_program_killed_for_memory_does_not_explain_a_lost_container(engine: Engine) -> None:
    with made(engine) as container, inside(engine) as seen:
        assert seen.way()["ANTHROPIC_API_KEY"] == "token"
        seen.check()
        assert (seen.starved, seen.ended()) == (False, None)
        assert container.exec_run(["python3", "-c", ALLOCATE]).exit_code == 137
        seen.check()
        assert (seen.starved, seen.ended()) == (True, None)
        container.kill()
        with pytest.raises(Infrastructure, match="lost before the tests") as raised:
            seen.check()
        assert raised.value.cause == "engine"


@pytest.mark.skipif(not kernel_log(), reason="only the kernel's log names the process that was killed")
def test_a_container_whose_first_process_was_killed_for_memory_ended_for_it(engine: Engine) -> None:
    with made(engine) as container, inside(engine) as seen:
        seen.way()
        container.exec_run(["python3", "-c", STARVE_THE_FIRST])
        container.wait(timeout=60)
        seen.check()
        assert (seen.starved, seen.ended()) == (True, "memory")


def test_without_a_container_there_is_no_way_to_the_model(engine: Engine) -> None:
    with inside(engine) as seen:
        with pytest.raises(Infrastructure, match="container is not there"):
            seen.way()
        with pytest.raises(Infrastructure, match="lost before the tests"):
            seen.check()
        assert seen.gone()
