"""What a benchmark's code does: items into messages, replies and outcomes into scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from harness.contract.card import Arm, Card
from harness.contract.exchange import Item, Message, Outcome, Reply, Request, Slot


@dataclass(frozen=True, slots=True)
class Score:
    """What the benchmark's rule makes of one reply or outcome.

    ``counts`` maps each elementary count of the card to (numerator, denominator): a metric is the sum of numerators
    over the sum of denominators. A count that does not apply is left out. ``parsed`` is False where the rule found no
    answer to judge. ``detail`` is for the reader: plain JSON.
    """

    counts: Mapping[str, tuple[float, float]]
    extracted: str | None = None
    parsed: bool = True
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """A scorer's wish to have these requests answered (by a judge) before it scores."""

    requests: tuple[Request, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """Where a prompt's wording comes from, and its hash. ``origin`` is a sentence for the report."""

    origin: str
    sha256: str


class Task(Protocol):
    """A benchmark. Everything but :meth:`check` and :meth:`warm` is a pure function of its arguments and the seed."""

    card: Card

    def check(self) -> None:
        """Make sure, quickly and without the network, that replies can be scored later; raise HarnessError if not."""

    def warm(self) -> None:
        """Import and build what scoring needs; called once in every scoring process."""

    def prompts(self) -> Mapping[str, Prompt]:
        """The wordings in use, by the arms' ``prompt`` names."""

    def items(self, rows: Sequence[Mapping[str, Any]]) -> list[Item]:
        """The benchmark's items, in its own order, from the rows of any door."""

    def messages(self, item: Item, repeat: int, arm: Arm) -> list[Message]:
        """What the model is asked."""

    def score(
        self, item: Item, repeat: int, arm: Arm, reply: Reply, judgements: Mapping[Slot, Reply] | None = None
    ) -> Score | Ask:
        """Score a reply whose ``content`` is the visible answer, reasoning already removed."""


@runtime_checkable
class OutcomeTask(Protocol):
    """What a task must do besides if its card says ``scored: outcomes``."""

    def score_outcome(self, item: Item | None, outcome: Outcome | None) -> Score:
        """Score a trial's outcome.

        ``outcome`` None: nothing was recorded for the item. ``item`` None: the outcome is of something that the
        benchmark's items do not include. They are not both None.
        """
