"""What the tasks of SWE-bench's kind have in common: nothing of them is asked, all of it is tried."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from typing import NoReturn

from harness.agentic.corrections import Corrections
from harness.agentic.swe import GOLD
from harness.contract import Arm, Card, Item, Message, Outcome, Prompt, Reply, Score, Slot
from harness.errors import UsageError
from harness.grading.wording import Wording

ISSUE = Wording("{{ issue }}", "the text of the issue alone; the scaffold brings its own wording")
"""What is told to scaffolds whose published configuration says how an issue is put."""


@dataclass(frozen=True, slots=True)
class TriedTask:
    """A benchmark whose items an agent tries in a container. Nothing in it is random."""

    card: Card
    wording: Wording
    corrections: Corrections

    def check(self) -> None:
        """Nothing is needed to score an outcome."""

    def warm(self) -> None:
        """Nothing is needed to score an outcome."""

    def prompts(self) -> Mapping[str, Prompt]:
        """The wording around the issue, and the issue alone."""
        return {"default": self.wording.prompt, "issue": ISSUE.prompt}

    def messages(self, item: Item, repeat: int, arm: Arm) -> list[Message]:
        """Raise UsageError: an instance is tried in its container, not asked."""
        self._refuse()

    def score(
        self, item: Item, repeat: int, arm: Arm, reply: Reply, judgements: Mapping[Slot, Reply] | None = None
    ) -> Score:
        """Raise UsageError: a reply is no outcome of a trial."""
        self._refuse()

    def score_outcome(self, item: Item | None, outcome: Outcome | None) -> Score:
        """Resolved or not, of all instances, of the recorded ones, and by the corrected list.

        An instance without an outcome is not resolved and is not among the recorded; an outcome of something that the
        benchmark does not include is among the recorded alone.
        """
        resolved = float(outcome is not None and outcome.resolved)
        counts: dict[str, tuple[float, float]] = {"resolved": (resolved, 1.0)} if item is not None else {}
        corrected = None if item is None else self.corrections.count(item.id, outcome)
        if corrected is not None:
            counts["resolved_corrected"] = corrected
        if outcome is None:
            return Score(counts)
        entry = None if item is None else self.corrections.by_instance.get(item.id)
        return Score(
            counts | {"resolved_of_recorded": (resolved, 1.0)},
            extracted="resolved" if outcome.resolved else "not resolved",
            detail={} if entry is None else {"correction": entry.action, "reason": entry.reason},
        )

    def instruction(self, arm: Arm, **values: str) -> str:
        """What the arm's scaffold is told; ``values`` fill the wording."""
        wording = ISSUE if arm.prompt == "issue" else self.wording
        return wording.render(**values)

    def _refuse(self) -> NoReturn:
        raise UsageError(f"{self.card.title} is tried in containers and cannot be asked through an endpoint")


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
            f"{title} cannot be tried: {', '.join(missing)} not installed; install longcat-repro with its extra code: "
            "pip install 'longcat-repro[code]'"
        )


def need_version(package: str, major: int) -> None:
    """Return if an installed package is of this major version.

    Raises:
        UsageError: it is of another.
    """
    found = version(package)
    if found.partition(".")[0] != str(major):
        raise UsageError(f"{package} {found} is installed, and {major}.x is needed: pip install 'longcat-repro[code]'")


def need_columns(title: str, item: Item, columns: tuple[str, ...], advice: str) -> None:
    """Return if the item's row had these columns.

    Raises:
        UsageError: one is missing; the message ends with ``advice``.
    """
    if missing := [name for name in columns if name not in item.inputs]:
        raise UsageError(f"{title}: {item.id} cannot be tried or graded: its row has no {', '.join(missing)}. {advice}")
