"""SWE-bench Multilingual: issues of public repositories in nine languages, judged by each repository's own tests.

Yang et al. 2025, *SWE-smith: Scaling Data for Software Engineering Agents*, arXiv 2504.21798 (appendix on the data
set); https://www.swebench.com/multilingual.html. Specification, evaluation and grading are those of ``swebench`` 5.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from harness.agentic.corrections import read_corrections
from harness.agentic.diffs import touched
from harness.agentic.literals import strings
from harness.agentic.swe import Repository, attempt, graded_in_box, solution, ungradable
from harness.agentic.swe_task import TriedTask, is_gold, need_columns, need_packages, need_version
from harness.agentic.terms import Attempted, Graded, Trial
from harness.contract import Arm, Card, Item
from harness.grading.wording import Wording
from tasks.swe_bench_multilingual.grading import FOLDER, tested

NEEDED = ("base_commit", "problem_statement", "patch", "FAIL_TO_PASS", "PASS_TO_PASS", "image", "eval_script")
LISTS = ("FAIL_TO_PASS", "PASS_TO_PASS")
SETUP_AUTHOR = "setup@swebench.config"
"""Who makes the commit that finishes some of the images."""


class SWEBenchMultilingual(TriedTask):
    """The task."""

    __slots__ = ()

    def items(self, rows: Sequence[Mapping[str, Any]]) -> list[Item]:
        """The instances by id; the category is the repository. Lists may be JSON text, as older rows have them."""
        return [Item(row["instance_id"], self._inputs(row), row["repo"]) for row in rows]

    def ready(self, items: Sequence[Item]) -> None:
        """Make sure that swebench is here and that the rows are of a revision it can evaluate.

        Raises:
            UsageError: they are not.
        """
        need_packages(self.card.title, "docker", "swebench")
        need_version("swebench", 5)
        for item in items:
            self._need(item)

    def attempt(self, item: Item, repeat: int, arm: Arm, trial: Trial) -> Attempted:
        """Let the agent work in the instance's image.

        Raises:
            Infrastructure: for a cause outside of the agent's reach.
        """
        self._need(item)
        if is_gold(arm):
            return solution(self.gold(item))
        row = item.inputs
        repository = Repository(
            image=row["image"],
            folder=FOLDER,
            base_commit=row["base_commit"],
            instruction=self.instruction(arm, folder=FOLDER, issue=row["problem_statement"]),
            setup_author=SETUP_AUTHOR,
            files_to_show=touched(row["patch"]) if trial.arm.scaffold == "single-turn" else (),
        )
        return attempt(repository, trial)

    def grade(self, item: Item, arm: Arm, attempted: Attempted, trial: Trial) -> Graded:
        """Judge the patch by the tests of the instance's own evaluation script.

        Raises:
            Infrastructure: for a cause outside of the agent's reach.
        """
        self._need(item)
        known = ungradable(attempted)
        if known is not None or attempted.patch is None:
            return known or Graded(False, "no patch", {}, b"", 0.0)
        work = partial(tested, {**item.inputs, "instance_id": item.id}, attempted.patch, trial.grading_s)
        network = self.card.trial.grading_network if self.card.trial else "none"
        return graded_in_box(item.inputs["image"], trial, work, network=network)

    def gold(self, item: Item) -> bytes:
        """The patch that closed the issue."""
        self._need(item)
        return str(item.inputs["patch"]).encode()

    def _inputs(self, row: Mapping[str, Any]) -> dict[str, Any]:
        lists = {name: strings(row[name], f"{name} of {row['instance_id']}") for name in LISTS if name in row}
        return {name: value for name, value in row.items() if name != "instance_id"} | lists

    def _need(self, item: Item) -> None:
        revision = next((door.revision for door in self.card.data.doors if door.kind == "hub"), None)
        advice = f"swebench 5 evaluates the rows of revision {revision} and later; older ones say less."
        need_columns(self.card.title, item, NEEDED, advice)


def load(card: Card, seed: int, prompt: str | None = None) -> SWEBenchMultilingual:
    """The task; ``prompt`` is the user's own template over ``{{ folder }}`` and ``{{ issue }}``. No seed is used.

    Raises:
        UsageError: the user's template does not render, or the corrections are not those of the card.
    """
    own = Path(__file__).with_name("prompt.j2").read_text("utf-8")
    wording = (
        Wording(own, "worded for this project: where the repository is, the issue, what to leave alone")
        if prompt is None
        else Wording(prompt, "given by the user in place of this project's wording")
    )
    corrections = read_corrections(Path(__file__).with_name("corrections.yaml"), card.corrections)
    return SWEBenchMultilingual(card, wording.checked(["folder", "issue"]), corrections)
