"""The single-turn scaffold in a real container, asking the real gateway."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.agentic.scaffold import Finished, scaffold
from harness.agentic.scaffolds.single_turn import with_files
from harness.agentic.terms import Infrastructure, Trial, Way
from harness.canonical import sha256_hex
from harness.contract import Reply, Request, Slot, TrialArm
from harness.endpoint.ask import Ask
from harness.endpoint.faults import FailedForGood
from harness.endpoint.gateway import Gateway
from harness.errors import HarnessError
from harness.journal import Journal
from harness.sandbox import Box, Engine, Limits, Owner
from tests.containers import Podman
from tests.harness.endpoint.gateway.test_route import route
from tests.harness.endpoint.gateway.test_server import Hand
from tests.instances import INSTANCES, history
from tests.instances.images import image

pytestmark = pytest.mark.xdist_group("containers")

LEDGER = INSTANCES[0]
LIMITS = Limits(cpus=1, memory_gib=0.5, pids=64, seconds=120)
TRIAL = Trial("toy/single/1#0", TrialArm(scaffold="single-turn"), LIMITS, agent_s=30, grading_s=30, images_gib=1)
MISCOUNTED = "@@ -5,9 +5,3 @@"


@pytest.fixture
def box(podman: Podman, engine: Engine, tmp_path: Path) -> Iterator[Box]:
    """The first instance's container."""
    with (
        Owner(tmp_path / "owners") as owner,
        Box(engine, owner, image(LEDGER, "multilingual"), LIMITS, trial=TRIAL.name) as mine,
    ):
        yield mine


def tried(box: Box, folder: Path, reply: Reply | HarnessError, *, agent_s: float = 30) -> tuple[Finished, Request]:
    """What the scaffold does with a reply, and what it asked for it."""
    model = Hand(reply, seconds=0.5 if agent_s < 0.5 else 0)

    async def play(journal: Journal) -> Finished:
        async with Gateway(Ask(journal, {"answer": model})) as gateway:
            mine = route(max_tokens=5000)
            gateway.open(mine)
            way = Way("127.0.0.1", gateway.port, mine.name, mine.token, mine.offered)
            trial = replace(TRIAL, way=way, agent_s=agent_s)
            return await asyncio.to_thread(scaffold("single-turn").run, box, LEDGER.issue, "/testbed", trial)

    with Journal.open(folder, "0" * 64) as journal:
        finished = asyncio.run(play(journal))
    (asked,) = model.asked
    return finished, asked


def changed(box: Box) -> str:
    """The working folder's difference to its commit, which is then undone."""
    ran = box.run(["sh", "-c", "git add -A && git diff --cached HEAD && git reset -q --hard"], folder="/testbed")
    assert ran.code == 0
    return ran.text


def test_a_reply_is_applied_or_leaves_the_folder_as_it_is(box: Box, tmp_path: Path) -> None:
    made = history(LEDGER)
    finished, asked = tried(
        box, tmp_path / "1", Reply(f"<think>{made.wrong}</think>So:\n```diff\n{made.gold}```", finish_reason="stop")
    )
    assert (finished.ended, finished.detail) == ("done", "the patch was applied")
    assert changed(box) == made.gold
    assert LEDGER.issue in asked.messages[0]["content"]
    assert not asked.tools
    assert b"So:" in finished.log

    miscounted = made.gold.replace("@@ -5,8 +5,8 @@", MISCOUNTED)
    assert MISCOUNTED in miscounted
    tried(box, tmp_path / "2", Reply(miscounted, finish_reason="stop"))
    assert changed(box) == made.gold

    finished, _ = tried(box, tmp_path / "3", Reply(made.unappliable, finish_reason="length"))
    assert finished.detail == "the patch does not apply (the reply was cut at its output limit)"
    assert (finished.ended, changed(box)) == ("done", "")
    assert b"error: elsewhere/ledger/money.py" in finished.log

    finished, _ = tried(box, tmp_path / "4", Reply("I cannot tell.", finish_reason="stop"))
    assert (finished.ended, finished.detail, changed(box)) == ("done", "the reply holds no patch", "")


def test_without_a_reply_the_folder_stays_as_it_is(box: Box, tmp_path: Path) -> None:
    finished, _ = tried(
        box, tmp_path / "1", FailedForGood(Slot("toy", "single", "1", 0), "status 503", "overloaded", ())
    )
    assert finished.ended == "crashed"
    assert finished.detail.startswith("HTTP 502: ")
    assert "overloaded" in finished.detail

    finished, _ = tried(box, tmp_path / "2", Reply("too late", finish_reason="stop"), agent_s=0.1)
    assert (finished.ended, finished.detail) == ("time", "the reply did not come in time")
    assert changed(box) == ""

    nowhere = replace(TRIAL, way=Way("127.0.0.1", 1, "path", "token", "model"))
    with pytest.raises(Infrastructure, match=r"^scaffold: the gateway could not be asked"):
        scaffold("single-turn").run(box, LEDGER.issue, "/testbed", nowhere)
    with pytest.raises(Infrastructure, match="no way to the model"):
        scaffold("single-turn").run(box, LEDGER.issue, "/testbed", TRIAL)


def test_files_are_given_below_the_issue() -> None:
    shown = with_files("The issue.\n", {"a.py": "x = 1\n", "b.txt": "no end"})
    assert shown == (
        "The issue.\n\nThe repository's files that the issue is about:\n\n"
        "==> a.py <==\nx = 1\n==> end of a.py <==\n\n"
        "==> b.txt <==\nno end\n(the file ends without a line break)\n==> end of b.txt <==\n"
    )
    assert with_files("The issue.", {}) == "The issue."


def test_it_is_always_ready_and_says_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    found = scaffold("single-turn")
    found.ready()
    found.install(print)
    assert "nothing to install" in capsys.readouterr().out
    prompt = Path("harness/agentic/scaffolds/single_turn.j2").read_bytes()
    assert found.settings(TRIAL.arm)["prompt_sha256"] == sha256_hex(prompt)
    assert list(found.mounts()) == []
