"""What all benchmarks have in common whose items an agent tries in a container: nothing of them is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from harness.contract import Arm, Card, Item, Message, Outcome, Reply, Score, Slot
from harness.errors import UsageError


@dataclass(frozen=True, slots=True)
class Tried:
    """The base of such a benchmark. Nothing in it is random."""

    card: Card

    def check(self) -> None:
        """Nothing is needed to score an outcome."""

    def warm(self) -> None:
        """Nothing is needed to score an outcome."""

    def messages(self, item: Item, repeat: int, arm: Arm) -> list[Message]:
        """Raise UsageError: an item is tried in its container, not asked."""
        self._refuse()

    def score(
        self, item: Item, repeat: int, arm: Arm, reply: Reply, judgements: Mapping[Slot, Reply] | None = None
    ) -> Score:
        """Raise UsageError: a reply is no outcome of a trial."""
        self._refuse()

    def score_outcome(self, item: Item | None, outcome: Outcome | None) -> Score:
        """Resolved or not, of all items and of the recorded ones.

        An item without an outcome is not resolved and is not among the recorded; an outcome of something that the
        benchmark does not include is among the recorded alone.
        """
        resolved = float(outcome is not None and outcome.resolved)
        counts = {} if item is None else {"resolved": (resolved, 1.0)}
        if outcome is None:
            return Score(counts)
        extracted = "resolved" if outcome.resolved else "not resolved"
        return Score(counts | {"resolved_of_recorded": (resolved, 1.0)}, extracted=extracted)

    def _refuse(self) -> NoReturn:
        raise UsageError(f"{self.card.title} is tried in containers and cannot be asked through an endpoint")
