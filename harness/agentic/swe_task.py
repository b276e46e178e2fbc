"""What the tasks of SWE-bench's kind have in common: nothing of them is asked, all of it is tried."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from importlib.util import find_spec

from harness.agentic.corrections import Corrections
from harness.agentic.swe import GOLD
from harness.agentic.tried import Tried
from harness.contract import Arm, Item, Outcome, Prompt, Score
from harness.errors import UsageError, how_to_install
from harness.grading.wording import Wording

ISSUE = Wording("{{ issue }}", "the text of the issue alone; the scaffold brings its own wording")
"""What is told to scaffolds whose published configuration says how an issue is put."""


@dataclass(frozen=True, slots=True)
class TriedTask(Tried):
    """A benchmark whose items are issues of repositories."""

    wording: Wording
    corrections: Corrections

    def prompts(self) -> Mapping[str, Prompt]:
        """The wording around the issue, and the issue alone."""
        return {"default": self.wording.prompt, "issue": ISSUE.prompt}

    def score_outcome(self, item: Item | None, outcome: Outcome | None) -> Score:
        """Resolved or not, of all instances, of the recorded ones, and by the corrected list."""
        score = Tried.score_outcome(self, item, outcome)
        if item is None:
            return score
        corrected = self.corrections.count(item.id, outcome)
        counts = score.counts if corrected is None else {**score.counts, "resolved_corrected": corrected}
        entry = None if outcome is None else self.corrections.by_instance.get(item.id)
        detail = {} if entry is None else {"correction": entry.action, "reason": entry.reason}
        return replace(score, counts=counts, detail=detail)

    def instruction(self, arm: Arm, **values: str) -> str:
        """What the arm's scaffold is told; ``values`` fill the wording."""
        wording = ISSUE if arm.prompt == "issue" else self.wording
        return wording.render(**values)


def is_gold(arm: Arm) -> bool:
    """Whether the arm grades the benchmark's own solutions."""
    return arm.trial is not None and arm.trial.scaffold == GOLD


def need_packages(title: str, *names: str) -> None:
    """Return if these packages are installed.

    Raises:
        UsageError: one is not; the message says how to install it.
    """
    if missing := [name for name in names if find_spec(name) is None]:
        raise UsageError(
            f"{title} cannot be tried: {', '.join(missing)} not installed, of the extra code; {how_to_install('code')}"
        )


def need_version(package: str, major: int) -> None:
    """Return if an installed package is of this major version.

    Raises:
        UsageError: it is of another.
    """
    found = version(package)
    if found.partition(".")[0] != str(major):
        raise UsageError(f"{package} {found} is installed, and {major}.x is needed; {how_to_install('code')}")


def need_columns(title: str, item: Item, columns: tuple[str, ...], advice: str) -> None:
    """Return if the item's row had these columns.

    Raises:
        UsageError: one is missing; the message ends with ``advice``.
    """
    if missing := [name for name in columns if name not in item.inputs]:
        raise UsageError(f"{title}: {item.id} cannot be tried or graded: its row has no {', '.join(missing)}. {advice}")
