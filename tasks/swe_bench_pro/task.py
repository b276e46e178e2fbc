"""SWE-bench Pro: long software engineering tasks in public repositories, judged by each repository's own tests.

Deng et al. 2025, *SWE-Bench Pro: Can AI Agents Solve Long-Horizon Software Engineering Tasks?*, arXiv 2509.16941;
https://github.com/scaleapi/SWE-bench_Pro-os. An agent tries each instance in its container; outcomes that were recorded
elsewhere are scored by the same rule.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from harness.agentic.corrections import read_corrections
from harness.agentic.diffs import touched
from harness.agentic.literals import strings, unquoted
from harness.agentic.swe import Repository, attempt, graded_in_box, solution, ungradable
from harness.agentic.swe_task import TriedTask, is_gold, need_columns, need_packages
from harness.agentic.terms import Attempted, Graded, Trial
from harness.contract import Arm, Card, Item
from harness.grading.wording import Wording
from tasks.swe_bench_pro.grading import tested
from tasks.swe_bench_pro.image import image_of
from tasks.swe_bench_pro.scripts import scripts_of

FOLDER = "/app"
LISTS = ("fail_to_pass", "pass_to_pass", "selected_test_files_to_run")
TEXTS = ("problem_statement", "requirements", "interface")
NEEDED = ("base_commit", "patch", "problem_statement", "before_repo_set_cmd", *LISTS)
ADVICE = (
    "The file of instances that recorded outcomes are scored with holds ids and tests only. The whole rows are those "
    "of ScaleAI/SWE-bench_Pro on the Hugging Face hub: take swe_bench_pro/instance_info_731.jsonl out of the data "
    "directory, so that they are fetched, or put them there as swe_bench_pro/test.jsonl."
)


class SWEBenchPro(TriedTask):
    """The task."""

    __slots__ = ()

    def items(self, rows: Sequence[Mapping[str, Any]]) -> list[Item]:
        """The instances by id; the category is the repository. Lists are text in the rows: JSON or Python literals."""
        return [Item(row["instance_id"], _inputs(row), row["repo"]) for row in rows]

    def ready(self, items: Sequence[Item]) -> None:
        """Make sure that the rows say enough to try and grade them.

        Raises:
            UsageError: they do not, or a package is missing.
        """
        need_packages(self.card.title, "docker")
        for item in items:
            need_columns(self.card.title, item, NEEDED, ADVICE)

    def attempt(self, item: Item, repeat: int, arm: Arm, trial: Trial) -> Attempted:
        """Let the agent work in the instance's image. The scripts that grade it are fetched first.

        Raises:
            Infrastructure: for a cause outside of the agent's reach.
        """
        need_columns(self.card.title, item, NEEDED, ADVICE)
        scripts_of(item.id, item.inputs)
        if is_gold(arm):
            return solution(self.gold(item))
        row = item.inputs
        told = {name: row.get(name, "") for name in TEXTS}
        issue = told["problem_statement"] if arm.prompt != "issue" else self._whole_issue(told)
        repository = Repository(
            image=image_of(item.id, row),
            folder=FOLDER,
            base_commit=row["base_commit"],
            instruction=self.instruction(
                arm, folder=FOLDER, issue=issue, requirements=told["requirements"], interface=told["interface"]
            ),
            against=row["base_commit"],
            files_to_show=touched(row["patch"]) if trial.arm.scaffold == "single-turn" else (),
        )
        return attempt(repository, trial)

    def grade(self, item: Item, arm: Arm, attempted: Attempted, trial: Trial) -> Graded:
        """Judge the patch by the instance's own tests.

        Raises:
            Infrastructure: for a cause outside of the agent's reach.
        """
        need_columns(self.card.title, item, NEEDED, ADVICE)
        known = ungradable(attempted)
        if known is not None or attempted.patch is None:
            return known or Graded(False, "no patch", {}, b"", 0.0)
        work = partial(tested, item.inputs, scripts_of(item.id, item.inputs), attempted.patch, trial.grading_s)
        network = self.card.trial.grading_network if self.card.trial else "none"
        return graded_in_box(image_of(item.id, item.inputs), trial, work, network=network)

    def gold(self, item: Item) -> bytes:
        """The authors' patch."""
        need_columns(self.card.title, item, NEEDED, ADVICE)
        return str(item.inputs["patch"]).encode()

    def _whole_issue(self, told: Mapping[str, str]) -> str:
        """Issue, requirements and interface as one text, for scaffolds that take an issue alone."""
        parts = [told["problem_statement"]]
        parts += [f"{title}:\n\n{told[name]}" for name, title in _TITLES.items() if told[name].strip()]
        return "\n\n".join(parts)


_TITLES = {"requirements": "Requirements", "interface": "Interface"}


def _inputs(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in row.items() if name not in ("instance_id", *LISTS, *TEXTS)}
    found |= {name: strings(row[name], f"{name} of {row['instance_id']}") for name in LISTS if name in row}
    return found | {name: unquoted(row[name]) for name in TEXTS if name in row}


def load(card: Card, seed: int, prompt: str | None = None) -> SWEBenchPro:
    """The task; ``prompt`` is the user's own template over folder, issue, requirements and interface. No seed is used.

    Raises:
        UsageError: the user's template does not render, or the corrections are not those of the card.
    """
    own = Path(__file__).with_name("prompt.j2").read_text("utf-8")
    wording = (
        Wording(own, "worded for this project: where the repository is, the issue, what it asks, what to leave alone")
        if prompt is None
        else Wording(prompt, "given by the user in place of this project's wording")
    )
    corrections = read_corrections(Path(__file__).with_name("corrections.yaml"), card.corrections)
    return SWEBenchPro(card, wording.checked(["folder", "issue", "requirements", "interface"]), corrections)
