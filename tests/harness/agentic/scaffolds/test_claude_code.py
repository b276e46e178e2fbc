"""The real program from npm, in real containers, through the real gateway, with a scripted model."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.agentic.environments import FOLDER, STAMP, environment
from harness.agentic.scaffold import Finished, scaffold
from harness.agentic.scaffolds.claude_code import PACKAGE, SCAFFOLD
from harness.agentic.scaffolds.claude_code_settings import session
from harness.agentic.terms import Infrastructure, Trial, Way
from harness.contract import TrialArm
from harness.errors import UsageError
from harness.journal import Journal
from harness.sandbox import Box, Engine, Limits, Owner
from tests.agents import CompetentAgent
from tests.agents.serving import SAMPLING, TOKEN, serving
from tests.containers import IMAGE
from tests.needs import missing
from tests.recorder import Recorder

pytestmark = pytest.mark.xdist_group("scaffolds")

ISSUE = "The sum is wrong: total(2, 3) is -1."
LONG = "seq 1 20000 | tail -c 99999"
FIX = ("cat calc.py", LONG, "sed -i s/-/+/ calc.py", "env | grep ^ANTHROPIC_ | sort; git diff")
REPOSITORY = """\
mkdir -p /app/repo && cd /app/repo && git init -q && echo 'def total(a, b): return a - b' > calc.py
git add -A && GIT_COMMITTER_DATE='2020-01-01 00:00 +0000' git -c user.name=x -c user.email=x@x \
commit -qm first --date '2020-01-01 00:00 +0000'
"""
FOLDER_INSIDE = "/app/repo"
SMALL = Limits(cpus=1, memory_gib=1, pids=256, disk_gib=0.5, seconds=120)
PROVOKES = (
    "to=${ANTHROPIC_BASE_URL#http://}; to=${to%%/*};"
    " (printf '?\\r\\n\\r\\n'; sleep 0.3; seq 200000; sleep 0.3; seq 200000) > /dev/tcp/${to%:*}/${to#*:}"
)
"""Has the gateway break off a connection."""
WEST, EAST = "Etc/GMT+12", "Etc/GMT-14"
"""26 hours apart: two dates at any moment."""
FOREIGN = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x02\x00\xb7\x00" + b"\0" * 44
"""The head of a program for another machine."""


@pytest.fixture
def installed() -> None:
    try:
        SCAFFOLD.ready()
    except UsageError as error:
        missing(str(error))


@contextmanager
def repository(engine: Engine, folder: Path, **environment: str) -> Iterator[Box]:
    """A fresh container with the repository, and the program mounted."""
    with (
        Owner(folder / "owners") as owner,
        Box(
            engine,
            owner,
            IMAGE,
            SMALL,
            trial="toy/on/item#0",
            mounts=SCAFFOLD.mounts(),
            environment=environment,
        ) as box,
    ):
        assert box.run(["bash", "-c", REPOSITORY]).code == 0
        yield box


def trial(way: Way | None, turns: int | None = None, agent_s: float = 100.0) -> Trial:
    arm = TrialArm(scaffold="claude-code", turns=turns)
    return Trial("toy/on/item#0", arm, SMALL, agent_s=agent_s, grading_s=60, images_gib=1, way=way)


def work(
    engine: Engine, model: CompetentAgent | None, folder: Path, zone: str = WEST, **trials: Any
) -> tuple[Finished, str, list[dict[str, Any]]]:
    """How a fresh trial over the journal in ``folder`` ends, the repository's diff, and the bodies it sent."""
    with (
        serving(folder / "run", model, rewrites=SCAFFOLD.rewrites, thinking="on") as way,
        Recorder(way.url) as recorder,
        repository(engine, folder, TZ=zone) as box,
    ):
        seen = replace(way, port=int(recorder.base_url.rsplit(":", 1)[1].removesuffix("/v1")))
        finished = SCAFFOLD.run(box, ISSUE, FOLDER_INSIDE, trial(seen, **trials))
        return finished, box.run(["git", "diff"], folder=FOLDER_INSIDE).text, recorder.bodies


def place() -> None:
    """Install a program of another machine as npm would."""
    program = environment("claude-code") / "node_modules" / "@anthropic-ai" / "claude-code-linux-x64" / "claude"
    program.parent.mkdir(parents=True)
    program.write_bytes(FOREIGN)
    program.chmod(0o755)
    (environment("claude-code") / STAMP).write_text(PACKAGE)


def agent(*commands: str, **options: Any) -> CompetentAgent:
    return CompetentAgent({"The sum is wrong": commands}, dialect="longcat", **options)


def dates(bodies: list[dict[str, Any]]) -> set[str]:
    return set(re.findall(r"Today's date is (\S+)\.", str(bodies)))


@pytest.mark.usefixtures("installed")
def test_it_solves_an_issue_and_replays_on_another_day_with_the_network_closed(engine: Engine, tmp_path: Path) -> None:
    with agent(*FIX) as model:
        finished, diff, bodies = work(engine, model, tmp_path)
        again, same_diff, sent = work(engine, None, tmp_path, EAST)
    assert (finished.ended, finished.detail) == ("done", "The work is done.")
    assert "+def total(a, b): return a + b" in diff
    assert (again.ended, again.detail, same_diff) == (finished.ended, finished.detail, diff)
    assert len(bodies) == len(sent) == len(model.chats) == len(FIX) + 1
    assert dates(bodies) != dates(sent)
    assert dates(model.chats) == {"2026-01-01"}
    for chat in model.chats:
        drawn = (chat["temperature"], chat["top_p"], chat["top_k"], chat["thinking"])
        assert drawn == (SAMPLING.temperature, SAMPLING.top_p, SAMPLING.top_k, {"type": "enabled"})
        assert "metadata" not in chat
        assert TOKEN not in str(chat)
    assert not {"temperature", "top_p", "top_k"} & set(bodies[0])
    said = [message for message in model.chats[-1]["messages"] if message["role"] == "assistant"]
    assert [message["reasoning_content"] for message in said] == [model.options.reasoning] * len(FIX)
    with Journal.open(tmp_path / "run", "0" * 64, readonly=True) as journal:
        assert [entry.status for entry in journal.entries()] == ["ok"] * len(bodies)


@pytest.mark.usefixtures("installed")
def test_it_ends_at_its_limit_of_turns_or_of_time(engine: Engine, tmp_path: Path) -> None:
    with agent(*FIX) as model:
        finished, _, bodies = work(engine, model, tmp_path / "turns", turns=2)
    assert (finished.ended, len(bodies)) == ("turns", 2)
    with agent("sleep 100") as model:
        finished, _, _ = work(engine, model, tmp_path / "time", agent_s=5)
    assert finished.ended == "time"


@pytest.mark.usefixtures("installed")
def test_an_endpoint_that_fails_is_asked_once_and_a_killed_shell_crashes_it(engine: Engine, tmp_path: Path) -> None:
    with agent(*FIX, faults=[("500", range(2, 99))]) as model:
        finished, _, bodies = work(engine, model, tmp_path / "dead")
    assert (finished.ended, len(bodies)) == ("crashed", 2)
    assert "API Error: 502" in finished.detail
    with agent(f"{PROVOKES}; pkill -9 -f claude") as model:
        finished, _, _ = work(engine, model, tmp_path / "killed")
    assert (finished.ended, finished.detail) == ("crashed", "exit code 137 without a last word")


@pytest.mark.usefixtures("installed")
def test_a_gateway_that_the_worker_cannot_reach_is_no_doing_of_the_agents(engine: Engine, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        way = Way("127.0.0.1", taken.getsockname()[1], "trial", TOKEN, "model")
    with (
        repository(engine, tmp_path) as box,
        pytest.raises(Infrastructure, match="gateway could not be reached") as caught,
    ):
        SCAFFOLD.run(box, ISSUE, FOLDER_INSIDE, trial(way))
    assert caught.value.cause == "endpoint"


def test_a_program_of_another_machine_is_no_doing_of_the_agents(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path / "scaffolds"))
    with pytest.raises(Infrastructure, match="scaffold install claude-code") as caught:
        SCAFFOLD.mounts()
    assert caught.value.cause == "scaffold"
    place()
    with repository(engine, tmp_path) as box, pytest.raises(Infrastructure, match="could not be started") as caught:
        SCAFFOLD.run(box, ISSUE, FOLDER_INSIDE, trial(Way("127.0.0.1", 9, "trial", TOKEN, "model")))
    assert caught.value.cause == "scaffold"


def test_it_is_found_by_its_name_and_says_how_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert scaffold("claude-code") is SCAFFOLD
    monkeypatch.setenv(FOLDER, str(tmp_path / "scaffolds"))
    with pytest.raises(UsageError, match="longcat-repro scaffold install claude-code"):
        SCAFFOLD.ready()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="npm, which is not on PATH"):
        SCAFFOLD.install(lambda _: None)
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error code ETARGET' >&2\nexit 1\n")
    npm.chmod(0o755)
    with pytest.raises(UsageError, match="npm error code ETARGET"):
        SCAFFOLD.install(lambda _: None)
    place()
    told: list[str] = []
    SCAFFOLD.install(told.append)
    (mount,) = SCAFFOLD.mounts()
    assert mount.source.read_bytes() == FOREIGN
    assert told[0].startswith("claude-code: installed already")


def test_its_settings_say_what_is_set_and_what_is_left() -> None:
    found = SCAFFOLD.settings(TrialArm(scaffold="claude-code"))
    assert found["version"] == SCAFFOLD.version
    assert found["environment"]["CLAUDE_CODE_MAX_RETRIES"] == "0"
    assert found["environment"]["ANTHROPIC_DEFAULT_HAIKU_MODEL"] == "the model measured"
    assert "--disallowedTools=WebSearch,WebFetch" in found["flags"]
    assert found["left_at_default"]["--max-turns"] == "no limit"
    other = SCAFFOLD.settings(TrialArm(scaffold="claude-code", turns=30, web_tools=True))
    assert "--max-turns=30" in other["flags"]
    assert not any("WebSearch" in flag for flag in other["flags"])
    assert "--max-turns" not in other["left_at_default"]
    assert session("a#0") == session("a#0") != session("a#1")


def test_without_a_model_nothing_is_started() -> None:
    with pytest.raises(Infrastructure, match="no way to the model"):
        SCAFFOLD.run(Box.__new__(Box), ISSUE, FOLDER_INSIDE, trial(None))
