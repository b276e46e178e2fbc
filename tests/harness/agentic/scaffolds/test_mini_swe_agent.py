"""The real package in its own environment, in real containers, through the real gateway, with a scripted model."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.agentic.environments import FOLDER
from harness.agentic.scaffold import Finished, scaffold
from harness.agentic.scaffolds.mini_swe_agent import CONTAINER, SCAFFOLD, End, end_of, observed, serve
from harness.agentic.terms import Infrastructure, Trial, Way
from harness.canonical import sha256_hex
from harness.contract import TrialArm
from harness.errors import UsageError
from harness.journal import Journal
from harness.sandbox import Box, Engine, Limits, Owner, Ran, SandboxFailed
from tests.agents import HANDING_IN, CompetentAgent
from tests.agents.serving import SLOT, TOKEN, serving
from tests.containers import IMAGE
from tests.needs import long_run, missing

pytestmark = pytest.mark.xdist_group("scaffolds")

ISSUE = "The sum is wrong: total(2, 3) is -1."
FIX = ("cat calc.py", "sed -i s/-/+/ calc.py")
REPOSITORY = """\
mkdir -p /app/repo && cd /app/repo && git init -q && echo 'def total(a, b): return a - b' > calc.py
git add -A && git -c user.name=x -c user.email=x@x commit -qm first
"""
FOLDER_INSIDE = "/app/repo"
SMALL = Limits(cpus=1, memory_gib=0.25, pids=64, disk_gib=0.25, seconds=120)


@pytest.fixture(autouse=True)
def installed() -> None:
    try:
        SCAFFOLD.ready()
    except UsageError as error:
        missing(str(error))


def trial(way: Way | None, turns: int | None = None, agent_s: float = 100.0) -> Trial:
    arm = TrialArm(scaffold="mini-swe-agent", turns=turns)
    return Trial("toy/on/item#0", arm, SMALL, agent_s=agent_s, grading_s=60, images_gib=1, way=way)


@contextmanager
def repository(engine: Engine, folder: Path) -> Iterator[Box]:
    """A container with the repository."""
    with Owner(folder / "owners") as owner, Box(engine, owner, IMAGE, SMALL, trial="toy/on/item#0") as box:
        assert box.run(["bash", "-c", REPOSITORY]).code == 0
        yield box


class Hand(Box):
    """A box by hand: each command ends like the next of ``ends``, and all later ones like the last."""

    def __init__(self, *ends: Ran | SandboxFailed) -> None:
        self.ends = list(ends)
        self.commands: list[list[str]] = []

    def run(self, command: Any, **_: Any) -> Ran:
        self.commands.append(list(command))
        end = self.ends.pop(0) if len(self.ends) > 1 else self.ends[0]
        if isinstance(end, SandboxFailed):
            raise end
        return end


def work(box: Box, model: CompetentAgent, folder: Path, turns: int | None = None, agent_s: float = 100.0) -> Finished:
    with model, serving(folder / "run", model) as way:
        return SCAFFOLD.run(box, ISSUE, FOLDER_INSIDE, trial(way, turns, agent_s))


def diff(box: Box) -> str:
    return box.run(["git", "diff"], folder=FOLDER_INSIDE).text


def test_it_solves_an_issue_and_replays_with_the_network_closed(engine: Engine, tmp_path: Path) -> None:
    run = tmp_path / "run"
    with CompetentAgent({ISSUE: FIX}) as model, serving(run, model) as way, repository(engine, tmp_path) as box:
        first = SCAFFOLD.run(box, ISSUE, FOLDER_INSIDE, trial(way))
        patch = diff(box)
    assert (first.ended, first.detail) == ("done", "Submitted")
    assert "+def total(a, b): return a + b" in patch
    assert first.patch == patch.encode()
    assert len(model.chats) == len(FIX) + len(HANDING_IN)
    for body in model.chats:
        assert (body["temperature"], body["top_p"], body["top_k"]) == (0.7, 0.9, 20)
    asked = json.dumps(model.chats[0])
    assert ISSUE in asked
    assert FOLDER_INSIDE in asked
    assert "/testbed" not in asked
    with Journal.open(run, "0" * 64) as journal:
        turns = [entry.slot for entry in journal.entries()]
    assert len(turns) == len(model.chats)
    assert {(slot.task, slot.item, slot.role) for slot in turns} == {(SLOT.task, SLOT.item, SLOT.role)}
    assert TOKEN.encode() not in first.log
    assert b"/tmp" not in first.log
    record = json.loads(first.log)
    assert record["trajectory_format"] == "mini-swe-agent-1.1"
    shown = [message["content"] for message in record["messages"] if message["role"] == "tool"]
    assert shown[0] == "<returncode>0</returncode>\n<output>\ndef total(a, b): return a - b\n</output>"
    with serving(run, None) as way, repository(engine, tmp_path) as box:
        again = SCAFFOLD.run(box, ISSUE, FOLDER_INSIDE, trial(way))
        assert diff(box) == patch
    assert (again.ended, again.patch) == ("done", first.patch)


def test_an_agent_without_a_shell_runs_into_its_turn_limit(engine: Engine, tmp_path: Path) -> None:
    model = CompetentAgent({ISSUE: [*FIX, "rm -f $(type -ap bash)"]})
    with repository(engine, tmp_path) as box:
        done = work(box, model, tmp_path, turns=5)
        assert diff(box)
    assert (done.ended, done.detail, done.patch) == ("turns", "LimitsExceeded", b"")
    assert len(model.chats) == 5
    assert "<returncode>0</returncode>" not in json.loads(done.log)["messages"][-2]["content"]


def test_an_agent_that_sleeps_is_ended_by_the_clock(engine: Engine, tmp_path: Path) -> None:
    with repository(engine, tmp_path) as box:
        done = work(box, CompetentAgent({ISSUE: ["sleep 1000"] * 9}), tmp_path, agent_s=6)
        assert box.run(["true"]).code == 0
    assert (done.ended, done.patch) == ("time", b"")


class Asker:
    """An agent that asks for one command, twice."""

    seconds_left = 60.0

    def __init__(self) -> None:
        self.told: list[Any] = []

    def tell(self, what: Any) -> None:
        self.told.append(what)

    def asks(self) -> Iterator[dict[str, Any]]:
        yield from [{"command": "make"}] * 2


PLACE = {"cwd": "/testbed", "env": {"PAGER": "cat"}, "timeout": 60, "interpreter": ["bash", "-c"]}


@pytest.mark.parametrize("limit", ["disk", "memory"])
def test_a_container_that_ends_ends_the_agent(limit: Any) -> None:
    agent, box = Asker(), Hand(Ran(None, b"", 1.0, ended=limit))
    assert serve(agent, {"task": ISSUE}, box, PLACE) == limit
    assert box.commands == [["bash", "-c", "make"]]
    assert agent.told == [{"task": ISSUE}]


@pytest.mark.parametrize("ends", [(SandboxFailed("no engine"),), (SandboxFailed("no engine"), Ran(0, b"", 1.0))])
def test_an_engine_that_fails_is_no_doing_of_the_agents(ends: Any) -> None:
    with pytest.raises(Infrastructure, match="engine: no engine"):
        serve(Asker(), {}, Hand(*ends), PLACE)


@pytest.mark.parametrize(
    ("end", "how"), [(Ran(127, b"", 1.0), "crashed"), (Ran(None, b"", 1.0, ended="memory"), "memory")]
)
def test_a_container_that_runs_nothing_any_more_ends_the_agent(end: Ran, how: str) -> None:
    assert serve(Asker(), {}, Hand(SandboxFailed("cannot"), end), PLACE) == how


@pytest.mark.parametrize(
    "bends",
    [
        *("rm passwd; mkdir passwd", "rm group; mkdir group", "rm passwd; ln -s passwd passwd"),
        *("seq -s, 99999 > passwd", "rm group; mkfifo group", "mkfifo /tmp/it; ln -sf /tmp/it passwd"),
    ],
)
def test_an_agent_that_bends_the_list_of_users_has_crashed(engine: Engine, tmp_path: Path, bends: str) -> None:
    with repository(engine, tmp_path) as box:
        assert box.run(["sh", "-c", f"cd /etc && {bends}"]).code == 0
        assert serve(Asker(), {}, box, PLACE) == "crashed"


def test_a_record_that_cannot_be_read_says_nothing() -> None:
    told = {"info": {"exit_status": "Submitted", "submission": "a\n"}, "messages": []}
    assert end_of(json.dumps(told).encode()) == End("Submitted", "", "a\n")
    for record in (b"", b"[" * 200_000, b'{"info"'):
        assert end_of(record) == End()


def test_a_model_that_cannot_be_had_crashes_the_agent_at_once(tmp_path: Path) -> None:
    long_run()
    model = CompetentAgent({ISSUE: FIX}, faults=[("500", range(1, 100))])
    done = work(Hand(Ran(0, b"", 1.0)), model, tmp_path)
    assert done.ended == "crashed"
    assert "InternalServerError" in done.detail or "APIError" in done.detail or "502" in done.detail
    assert len(model.chats) == 1


def test_a_gateway_that_is_gone_is_no_doing_of_the_agents(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Infrastructure, match=f"endpoint: the gateway at 127.0.0.1:{port} cannot be reached"):
        SCAFFOLD.run(Hand(Ran(0, b"", 1.0)), ISSUE, FOLDER_INSIDE, trial(Way("127.0.0.1", port, "x", TOKEN, "model")))


def test_no_model_is_no_doing_of_the_agents() -> None:
    with pytest.raises(Infrastructure, match="no way to the model"):
        SCAFFOLD.run(Hand(Ran(0, b"", 1.0)), ISSUE, FOLDER_INSIDE, trial(None))


def test_a_command_that_takes_too_long_is_reported_in_the_packages_words() -> None:
    seen = observed(Ran(None, b"half\r\n", 60.0, timed_out=True), ["bash", "-c", "sleep 99"], PLACE)
    client = ["docker", "exec", "-w", "/testbed", "-e", "PAGER=cat", CONTAINER, "bash", "-c", "sleep 99"]
    words = f"Command '{client}' timed out after 60 seconds"
    assert seen == {
        "output": "half\r\n",
        "returncode": -1,
        "exception_info": f"An error occurred while executing the command: {words}",
        "extra": {"exception_type": "TimeoutExpired", "exception": words},
    }
    assert observed(Ran(3, b"a\r\nb\rc\xff", 1.0), ["x"], PLACE)["output"] == "a\nb\nc\ufffd"


def test_its_settings_are_the_published_ones_with_what_differs() -> None:
    found = SCAFFOLD.settings(TrialArm(scaffold="mini-swe-agent"))
    assert found["version"] == "2.4.6"
    assert found["effective"]["agent"]["step_limit"] == 250
    assert found["effective"]["environment"]["timeout"] == 60
    assert found["effective"]["model"]["model_kwargs"]["num_retries"] == 0
    assert found["published"]["file"].endswith("swebench.yaml")
    assert len(found["published"]["sha256"]) == len(sha256_hex(b""))
    assert SCAFFOLD.settings(TrialArm(scaffold="x", turns=7))["effective"]["agent"]["step_limit"] == 7
    assert json.loads(json.dumps(found)) == found


def test_it_is_found_by_its_name_and_says_how_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert scaffold("mini-swe-agent") is SCAFFOLD
    assert (SCAFFOLD.mounts(), SCAFFOLD.rewrites) == ([], ())
    monkeypatch.setenv(FOLDER, str(tmp_path))
    with pytest.raises(UsageError, match="`longcat-repro scaffold install mini-swe-agent`"):
        SCAFFOLD.ready()
    with pytest.raises(Infrastructure, match=r"scaffold: mini-swe-agent 2\.4\.6 is not installed"):
        SCAFFOLD.run(Hand(Ran(0, b"", 1.0)), ISSUE, FOLDER_INSIDE, trial(Way("127.0.0.1", 9, "x", TOKEN, "model")))
