"""Patches through the whole path that a run takes: registry, rows, task, container, the benchmark's own tests."""

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from harness.agentic.environments import FOLDER, environment
from harness.agentic.scaffold import scaffold
from harness.agentic.terms import AgenticTask, Attempted, Graded, Infrastructure, Trial, Way
from harness.contract import Card, Item, Reply, Request
from harness.datasource import load_rows
from harness.endpoint.ask import Ask
from harness.endpoint.gateway import Gateway
from harness.errors import UsageError
from harness.journal import Journal
from harness.runner.registry import find_task, load_task
from harness.sandbox import Limits
from tests.agents import SUBMIT, CompetentAgent
from tests.agents.serving import serving
from tests.containers import Podman
from tests.harness.endpoint.gateway.test_route import route
from tests.harness.endpoint.gateway.test_server import Hand
from tests.instances import INSTANCES, Edit, Instance, data_dir, history, patch_of, tasks_path
from tests.instances.images import image
from tests.needs import long_run, missing, package

pytestmark = pytest.mark.xdist_group("containers")
package("swebench")

LIMITS = Limits(cpus=2, memory_gib=1, pids=256, disk_gib=1)
TASKS = ("toy_multilingual", "toy_pro")
LEDGER, SLUGS, RING, HEXES = INSTANCES[:4]
STARVES = "python3 -c 'x = bytearray(2 << 30)'"
"""Is killed for lack of memory; its container and the agent go on."""


@dataclass(frozen=True)
class Judge:
    """A task of the instances, as a run has it."""

    task: AgenticTask
    card: Card
    items: dict[str, Item]

    def item(self, instance: Instance) -> Item:
        """The instance as the task has it."""
        return self.items[f"{instance.owner}/{instance.name}"]

    def trial(self, arm: str, way: Way | None = None) -> Trial:
        """What a worker is told in this arm."""
        chosen = self.card.arms[arm].trial
        assert chosen is not None
        return Trial(f"{self.card.name}/{arm}", chosen, LIMITS, agent_s=60, grading_s=60, images_gib=10, way=way)

    def grade(self, instance: Instance, patch: str | None) -> Graded:
        """What the task says of a patch that an agent left."""
        left = Attempted({}, "done", "", 0.0, patch if patch is None else patch.encode(), b"")
        arm = self.card.primary_arm
        return self.task.grade(self.item(instance), self.card.arms[arm], left, self.trial(arm))


@pytest.fixture(scope="module")
def judge(podman: Podman, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Judge]]:
    """The task called so, its images built, podman found as a user's is."""
    folder = tmp_path_factory.mktemp("toys")
    tasks, data = tasks_path(folder, INSTANCES), data_dir(folder, INSTANCES)

    def named(name: str) -> Judge:
        task: Any = load_task(find_task(name, [tasks]))
        items = task.items(load_rows(task.card.data, data_dir=data).rows)
        task.ready(items)
        return Judge(task, task.card, {item.category: item for item in items})

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DOCKER_HOST", podman.address)
        patched.setenv(FOLDER, str(environment("any").parent))
        patched.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        yield named


@pytest.mark.parametrize("name", TASKS)
def test_gold_patches_resolve_and_wrong_ones_do_not(judge: Callable[[str], Judge], name: str) -> None:
    mine = judge(name)
    patches = [patch for made in map(history, INSTANCES) for patch in (made.gold, made.wrong)]
    with ThreadPoolExecutor(2) as pool:
        grades = list(pool.map(mine.grade, [each for each in INSTANCES for _ in range(2)], patches))
    assert [each.how for each in grades] == ["all tests passed", "tests failed"] * 6
    assert [each.resolved for each in grades] == [True, False] * 6
    for instance, gold, wrong in zip(INSTANCES, grades[::2], grades[1::2], strict=True):
        assert gold.tests == dict.fromkeys([*instance.fail_to_pass, *instance.pass_to_pass], "PASSED")
        assert failed(wrong)
        assert failed(wrong) <= set(instance.fail_to_pass)
        assert gold.image.startswith("docker.io/")


@pytest.mark.parametrize("name", TASKS)
def test_patches_that_say_nothing_are_told_apart(judge: Callable[[str], Judge], name: str) -> None:
    mine = judge(name)
    told = [mine.grade(HEXES, patch) for patch in ("", history(HEXES).unappliable, None)]
    assert [graded.resolved for graded in told] == [False, False, False]
    assert [graded.how for graded in told] == ["empty patch", "the patch does not apply", "no patch: done"]
    assert b"elsewhere/src/hex.c" in told[1].log


@pytest.mark.parametrize("name", TASKS)
def test_a_patch_that_rewrites_the_tests_changes_nothing(judge: Callable[[str], Judge], name: str) -> None:
    names = [*LEDGER.fail_to_pass, *LEDGER.pass_to_pass]
    boast = "".join(f'print("PASSED {each}")\n' for each in names)
    rewritten = Edit(LEDGER.test_file, LEDGER.files[LEDGER.test_file], boast)
    graded = judge(name).grade(LEDGER, patch_of(LEDGER, [rewritten]))
    assert (graded.resolved, graded.how) == (False, "tests failed")
    assert failed(graded) == set(LEDGER.fail_to_pass)


def test_the_tested_code_cannot_reach_the_program_that_reads_its_tests(judge: Callable[[str], Judge]) -> None:
    mine, path = judge("toy_pro"), LEDGER.fix[0].path
    told = [{"name": name, "status": "PASSED"} for name in (*LEDGER.fail_to_pass, *LEDGER.pass_to_pass)]
    rigged = f"#!/bin/sh\nprintf %s {json.dumps(json.dumps({'tests': told}))} > /workspace/output.json\n"
    rigs = f"""
import os, pathlib
for name in ("python", "python3"):
    os.path.lexists("/usr/bin/" + name) and os.remove("/usr/bin/" + name)
    pathlib.Path("/usr/bin/" + name).write_text({rigged!r})
    os.chmod("/usr/bin/" + name, 0o755)
"""
    moves = "import os\nos.rename('/workspace', '/elsewhere')\n"
    made = [Edit(path, LEDGER.files[path], code + LEDGER.files[path]) for code in (rigs, moves)]
    patches = [patch_of(LEDGER, [each]) for each in made]
    found = [mine.grade(LEDGER, patch) for patch in patches]
    assert [(each.resolved, each.how) for each in found] == [
        (False, "tests failed"),
        (False, "the tests gave no result"),
    ]
    assert failed(found[0]) == set(LEDGER.fail_to_pass)


@pytest.mark.parametrize("name", TASKS)
def test_a_patch_of_the_repositorys_own_git_is_never_applied(judge: Callable[[str], Judge], name: str) -> None:
    hook = "--- /dev/null\n+++ b/.git/hooks/post-checkout\n@@ -0,0 +1 @@\n+exit 0\n"
    graded = judge(name).grade(LEDGER, history(LEDGER).gold + hook)
    assert (graded.resolved, graded.how) == (False, "the patch does not apply")
    assert b"a path outside of the repository" in graded.log


@pytest.mark.parametrize("name", TASKS)
def test_a_repository_that_is_not_as_the_rows_say_is_no_fault_of_a_patch(
    judge: Callable[[str], Judge], name: str
) -> None:
    mine = judge(name)
    item = mine.item(LEDGER)
    wrong = {"image": image(LEDGER, "pro"), "base_commit": "0" * 40}
    left = Attempted({}, "done", "", 0.0, history(LEDGER).gold.encode(), b"")
    arm = mine.card.primary_arm
    with pytest.raises(Infrastructure) as raised:
        mine.task.grade(replace(item, inputs=item.inputs | wrong), mine.card.arms[arm], left, mine.trial(arm))
    assert raised.value.cause == "image"


@pytest.mark.parametrize(("name", "instance"), [("toy_multilingual", SLUGS), ("toy_pro", RING)])
def test_a_single_reply_is_tried_and_graded(
    judge: Callable[[str], Judge], name: str, instance: Instance, tmp_path: Path
) -> None:
    mine, gold = judge(name), history(instance).gold
    left, asked = replied(mine, instance, f"```diff\n{gold}```", tmp_path)
    prompt = asked.messages[0]["content"]
    shown = [edit.path for edit in instance.fix if edit.path in instance.files]
    assert all(f"==> {path} <==\n{instance.files[path]}" in prompt for path in shown)
    assert instance.test_file not in prompt
    assert (left.ended, left.detail) == ("done", "the patch was applied")
    assert left.patch == gold.encode()
    arm = mine.card.arms["single-turn"]
    assert mine.task.grade(mine.item(instance), arm, left, mine.trial("single-turn")).resolved


@pytest.mark.parametrize(
    ("commands", "faults", "ended", "detail", "patch"),
    [
        (["echo x > stray.py", f"{SUBMIT} && cat ../gold"], [], "done", "Submitted", history(RING).gold.encode()),
        ([f"{SUBMIT} && seq 2000000"], [], "done", "Submitted; the changes are larger than 10 MiB", None),
        (["git apply ../gold", STARVES], [("500", range(4, 9))], "crashed", "APIError: ", b""),
    ],
    ids=["handed in", "too much of it", "not handed in"],
)
def test_what_an_agent_hands_in_is_graded_and_not_what_it_leaves(
    judge: Callable[[str], Judge],
    commands: list[str],
    faults: list[tuple[str, range]],
    ended: str,
    detail: str,
    patch: bytes | None,
    tmp_path: Path,
) -> None:
    try:
        scaffold("mini-swe-agent").ready()
    except UsageError as error:
        missing(str(error))
    if ended == "crashed" or patch is None:
        long_run()
    mine = judge("toy_pro")
    told = mine.item(RING), 0, mine.card.arms["mini-swe-agent"]
    gold = f"cat > ../gold <<'END'\n{history(RING).gold}END"
    with CompetentAgent({RING.title: [gold, *commands]}, faults=faults) as model, serving(tmp_path, model) as way:
        left = mine.task.attempt(*told, mine.trial("mini-swe-agent", way))
    assert (left.ended, left.patch) == (ended, patch)
    assert detail in left.detail
    assert (b"<returncode>137<" in left.log) == (STARVES in commands)


def replied(mine: Judge, instance: Instance, text: str, folder: Path) -> tuple[Attempted, Request]:
    """What a trial of the single-turn arm leaves if the model says ``text``, and what it was asked."""
    model = Hand(Reply(text, finish_reason="stop"))

    async def play(journal: Journal) -> Attempted:
        async with Gateway(Ask(journal, {"answer": model})) as gateway:
            way_in = route(max_tokens=5000)
            gateway.open(way_in)
            way = Way("127.0.0.1", gateway.port, way_in.name, way_in.token, way_in.offered)
            told = mine.item(instance), 0, mine.card.arms["single-turn"], mine.trial("single-turn", way)
            return await asyncio.to_thread(mine.task.attempt, *told)

    with Journal.open(folder / "run", "0" * 64) as journal:
        left = asyncio.run(play(journal))
    (asked,) = model.asked
    return left, asked


def failed(graded: Graded) -> set[str]:
    return {test for test, status in graded.tests.items() if status != "PASSED"}
