"""Two harbor tasks of our own through harbor itself: their own solutions, Claude Code, and an endpoint that is dead."""

import json
import signal
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.agentic.environments import FOLDER, find_python, python_of
from harness.agentic.harbor import HARBOR, PYTHON, attempt, environment
from harness.agentic.harbor_job import HarborItem
from harness.agentic.harbor_leftovers import PREFIX, PROJECT
from harness.agentic.harbor_process import DRIVER, HarborProcess
from harness.agentic.scaffold import GOLD, scaffold
from harness.agentic.terms import Attempted, Infrastructure, Trial, Way
from harness.contract import TrialArm
from harness.errors import UsageError
from harness.sandbox import Engine, Limits
from tests.agents import CompetentAgent
from tests.agents.serving import SAMPLING, TOKEN, serving
from tests.needs import missing

pytestmark = pytest.mark.xdist_group("containers")

TASKS = Path(__file__).parents[2] / "harbor_tasks"
LIMITS = Limits(cpus=8, memory_gib=16, pids=512, disk_gib=1, seconds=60)
CLAUDE_CODE = scaffold("claude-code")
FIX = (
    "seq 1 20000",
    "echo '{\"reward\": 0}' > /logs/verifier/reward.json",
    "echo good morning > /testbed/greeting.txt; nproc; env | grep -c KEY",
)
"""The second leaves a reward of the agent's own making, which harbor would read before the tests' one."""
TORN = '{"type": "user", "message": {"role": "user", "content": "half a pair: \\ud83d"}}'
"""A line as Claude Code writes it where it cuts a long output in the middle of a character."""


@pytest.fixture(scope="module")
def installed() -> None:
    if find_python(PYTHON) is None:
        missing("harbor needs Python 3.12 or later, and there is none here")
    try:
        HARBOR.ready()
        CLAUDE_CODE.ready()
    except UsageError as error:
        missing(str(error))


def trial(name: str, way: Way | None, network: str = "none") -> Trial:
    arm = TrialArm.model_validate({"scaffold": "claude-code" if way else GOLD, "network": network})
    return Trial(name, arm, LIMITS, agent_s=60, grading_s=60, images_gib=1, way=way)


@pytest.fixture(scope="module")
def ended(
    installed: None, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, "Future[Attempted]"]]:
    """Trials made side by side, as workers make them."""
    folder = tmp_path_factory.mktemp("harbor")
    outside = folder / "outside"
    logs = "cd /logs/agent; ln -s {} trajectory.json; for log in sessions/projects/*/*.jsonl; do echo '{}' >>$log; done"
    known = {"greeting.txt": (*FIX, logs.format(outside, TORN))}
    with ExitStack() as stack:
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("DOCKER_HOST", engine.address)
        good = stack.enter_context(CompetentAgent(known, dialect="longcat"))
        dead = stack.enter_context(CompetentAgent(known, dialect="longcat", faults=[("500", range(999))]))
        to_dead = stack.enter_context(serving(folder / "dead", dead, rewrites=CLAUDE_CODE.rewrites, thinking="on"))
        pool = stack.enter_context(ThreadPoolExecutor(3))
        greet, count, unreadable = (
            HarborItem(f"toy/{name}", "toy", TASKS / name) for name in ("greet", "count", "unreadable")
        )
        to_good = stack.enter_context(serving(folder / "good", good, rewrites=CLAUDE_CODE.rewrites, thinking="on"))
        made = {
            "solved": pool.submit(attempt, greet, trial("toy/on/greet#0", to_good)),
            "dead": pool.submit(attempt, unreadable, trial("toy/on/unreadable#0", to_dead)),
            "count": pool.submit(attempt, count, trial("toy/gold/count#0", None, "open"), oracle=True),
        }
        for each in made.values():
            each.exception()
        made["asked"] = Future()
        made["asked"].set_result(good.chats)
        assert not outside.exists()
        yield made


def test_a_tasks_own_solution_is_judged_right(ended: Mapping[str, "Future[Attempted]"]) -> None:
    left = ended["count"].result()
    assert (left.ended, left.state["rewards"], left.state["exception"]) == ("done", {"reward": 1.0}, None)
    assert left.prepared["scaffold"] == "oracle"
    own = left.prepared["the_tasks_own"]
    assert (own["task"], own["cpus"], own["memory_mb"], own["agent_s"]) == ("toy/count", 1, 512, 60.0)
    assert own["digest"].startswith("sha256:")


def test_claude_code_works_through_the_gateway(ended: Mapping[str, "Future[Attempted]"]) -> None:
    left = ended["solved"].result()
    assert (left.ended, left.state["rewards"]) == ("done", {"reward": 1.0})
    assert left.state["cleared"] == ["reward.json"]
    assert left.prepared["agent_version"] == CLAUDE_CODE.version
    assert left.prepared["limits"] == {"cpus": 8, "memory_mb": 16384, "agent_s": 60}
    assert b"The work is done." in left.log
    told = json.dumps([dict(left.prepared), dict(left.state)])
    assert TOKEN not in told
    chats = ended["asked"].result()
    assert len(chats) == len(FIX) + 2
    assert {(chat["temperature"], chat["top_p"]) for chat in chats} == {(SAMPLING.temperature, SAMPLING.top_p)}


def test_a_dead_endpoint_crashes_the_agent_and_the_head_says_why(ended: Mapping[str, "Future[Attempted]"]) -> None:
    left = ended["dead"].result()
    assert left.ended == "crashed"
    assert "API Error: 502" in left.detail
    assert left.state["rewards"] is None
    assert left.state["exceptions"][1:] == ["IsADirectoryError"]


def test_nothing_is_left(ended: Mapping[str, "Future[Attempted]"], engine: Engine) -> None:
    for things in (engine.client.containers.list(all=True, filters={"label": PROJECT}), engine.client.networks.list()):
        assert not [each for each in things if each.name.startswith(PREFIX)]


def test_a_task_that_cannot_be_had_is_infrastructure(
    installed: None, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", engine.address)
    item = HarborItem("toy/none", "toy", tmp_path / "none")
    with pytest.raises(Infrastructure, match="could not load its task") as raised:
        attempt(item, trial("toy/gold/none#0", None), oracle=True)
    assert raised.value.cause == "image"


def test_the_driver_ends_with_whoever_started_it(installed: None, engine: Engine, tmp_path: Path) -> None:
    job = {
        "task": {"path": str(TASKS / "greet")},
        "name": "left-alone",
        "folder": str(tmp_path),
        "engine": "podman",
        "patience": 1,
        "cpus": 1,
        "memory_mb": 512,
        "mounts": [],
        "compose": [],
        "agent": {"name": "oracle", "model": None, "seconds": 60, "options": {}, "environment": {}},
    }
    with subprocess.Popen(
        [python_of(HARBOR.name), "-P", "-W", "ignore", DRIVER],
        env=environment(engine),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(job).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["event"] == "task"
        process.stdin.close()
        assert process.wait() == -signal.SIGKILL


def test_a_trial_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    slow = tmp_path / "python"
    slow.write_text("#!/bin/sh\nread job\nsleep 600\n")
    slow.chmod(0o755)
    with (
        HarborProcess(slow, {}, tmp_path, {}, 0.2, "toy/on/greet#0") as process,
        pytest.raises(Infrastructure, match="did not end within 0 s"),
    ):
        process.run({})


def test_harbor_that_is_not_here_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    with pytest.raises(UsageError, match="scaffold install harbor"):
        HARBOR.ready()


def test_no_key_of_ours_reaches_harbor(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
    monkeypatch.setenv("LONGCAT_API_KEY", "secret")
    assert "secret" not in environment(engine).values()
    assert environment(engine)["HARBOR_TELEMETRY"] == "0"
