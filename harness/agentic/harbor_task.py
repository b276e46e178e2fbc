"""A benchmark that is a set of harbor's tasks: an agent works in a task's container, and the tests run there too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.agentic.harbor import attempt, ready
from harness.agentic.harbor_job import HarborItem
from harness.agentic.harbor_records import OF_THE_TESTS
from harness.agentic.scaffold import GOLD
from harness.agentic.terms import Attempted, Graded, Trial
from harness.agentic.tried import Tried
from harness.contract import Arm, Item, Prompt
from harness.grading.wording import Wording

REWARD = "reward"
"""The name under which harbor keeps the number of a task's ``reward.txt``."""
MOST_SHOWN = 1e9
"""Harbor takes any number from the tests, also a whole one of a thousand digits, which no float can hold."""
INSTRUCTION = Wording("{{ instruction }}", "each task's own instruction.md, as harbor hands it to the agent")
PARTS = ("task.toml", "instruction.md", "tests")
"""What the folder of a task must have."""


@dataclass(frozen=True, slots=True)
class HarborTask(Tried):
    """The task.

    ``dataset`` is the name that harbor knows the set by, ``NAME`` or ``NAME@VERSION``. A row gives the ``name`` of a
    task, perhaps a ``task`` as the set calls it, and perhaps a ``folder`` of this machine that holds it.
    """

    dataset: str

    def prompts(self) -> Mapping[str, Prompt]:
        """Harbor's."""
        return {"default": INSTRUCTION.prompt}

    def items(self, rows: Sequence[Mapping[str, Any]]) -> list[Item]:
        """The tasks by name. A folder that lacks a part of a task is not used; harbor then fetches the task."""
        return [
            Item(row["name"], {"task": row.get("task", row["name"]), "folder": _whole(row.get("folder"))})
            for row in rows
        ]

    def ready(self, items: Sequence[Item]) -> None:
        """Return if harbor can make trials here.

        Raises:
            UsageError: harbor, the agent's program or the engine's command line is missing.
        """
        ready()

    def attempt(self, item: Item, repeat: int, arm: Arm, trial: Trial) -> Attempted:
        """Have harbor run agent and tests; for the scaffold ``gold``, the task's own solution and the tests.

        Raises:
            Infrastructure: for a cause outside of the agent's reach.
        """
        folder = item.inputs["folder"]
        told = HarborItem(item.inputs["task"], self.dataset, Path(folder) if folder else None)
        return attempt(told, trial, oracle=trial.arm.scaffold == GOLD)

    def grade(self, item: Item, arm: Arm, attempted: Attempted, trial: Trial) -> Graded:
        """Resolved if the tests' reward is 1: they have run in the agent's container already."""
        state = attempted.state
        rewards = state["rewards"] or {}
        return Graded(
            resolved=rewards.get(REWARD) == 1,
            how=_how(rewards, attempted),
            tests=state["tests"],
            log=state["tests_log"].encode(),
            seconds=state["tests_s"] or 0.0,
            image=str(attempted.prepared["the_tasks_own"].get("digest_of_image", "")),
        )


def _how(rewards: Mapping[str, float], attempted: Attempted) -> str:
    if REWARD not in rewards:
        return OF_THE_TESTS.get(attempted.state["exception"] or "", "the tests left no reward")
    if rewards[REWARD] == 1:
        return "all tests passed"
    shown = f"{rewards[REWARD]:g}" if abs(rewards[REWARD]) < MOST_SHOWN else "too large to show"
    return f"tests failed (reward {shown})"


def _whole(folder: str | None) -> str | None:
    """The folder if every part of a task is in it."""
    return folder if folder and all(Path(folder, part).exists() for part in PARTS) else None
