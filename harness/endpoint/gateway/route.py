"""One trial's way to the model: whose slot its turns fill, how replies are drawn, what it may spend."""

import asyncio
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from harness.canonical import digest
from harness.contract import Message, Reply, Request, Sampling, Slot, Thinking, Timing
from harness.endpoint.gateway.aliases import Aliases, short
from harness.endpoint.gateway.asked import ENFORCED, Asked
from harness.errors import HarnessError, Stopped

AT_ONCE = 8
"""How many requests of a trial with a cap are asked at a time; the others wait."""
_SAID = ("system", "user")
_TOKEN = 16
"""Characters from which on a token is surely no word of the conversation."""


class Rewrite(NamedTuple):
    """A pattern and what stands in its place: dates, kernels and folders that would give every day another key.

    ``instead`` None: the pattern's first group holds a name that the client made at random. The model is told another,
    which follows from its place in the conversation, and in the model's replies the client finds its own again.

    ``roles`` are those of the messages that are rewritten, ``system`` also means the tools' descriptions. Results of
    tools hold what the model must be able to quote to the letter, so ``tool`` is for what only the client writes there.
    Names made at random are learnt from every message.
    """

    pattern: re.Pattern[str]
    instead: str | None
    roles: Sequence[str] = _SAID


class NotAdmitted(Stopped):
    """The trial may ask no more: it has spent its cap, or is over. No fault of the endpoint's or of the run's."""


@dataclass
class Route:
    """A path of the gateway and the trial it belongs to.

    ``slot`` is the trial's; each request gets the turn that its content and how-many-eth occurrence name, so that a
    trial that asks the same again finds its replies. ``token`` is the bearer token the client must show. ``offered`` is
    the model name the client is told. What is rewritten is also what is sent: the journal holds what the model saw.
    """

    name: str
    token: str
    slot: Slot
    model: str
    sampling: Sampling
    thinking: Thinking
    max_tokens: int
    offered: str = "model"
    rewrites: Sequence[Rewrite] = ()
    cap_usd: float | None = None
    spent_usd: float = 0.0
    turns: int = 0
    overridden: set[str] = field(default_factory=set)
    """Fields of the client's that the run's own sampling replaced."""
    faults: list[HarnessError] = field(default_factory=list)
    """What requests failed with, in order, also where the client had left. What the client alone brought about is
    among them only before the trial's first reply, when no agent has acted and the scaffold itself is refused."""
    lost: HarnessError | None = None
    """What the request that was answered last failed with; None where it got its reply."""
    cut: int = 0
    """Replies that were cut at ``max_tokens``."""
    refused_at_cap: bool = False
    """Whether a request was refused for what the trial had spent."""
    priced: bool = True
    """False once a reply had no cost: then the cap cannot hold."""
    providers: Counter[str] = field(default_factory=Counter)
    """Who answered, where the endpoint says so, by the number of replies."""
    served_models: Counter[str] = field(default_factory=Counter)
    """Which model answered, as the endpoint names it, by the number of replies."""
    over: bool = False
    """Whether the trial has ended: what waits is not asked any more."""
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE), repr=False, compare=False)
    """Where the requests of a trial with a cap wait their turn."""
    _seen: Counter[str] = field(default_factory=Counter)
    _waits: list[tuple[float, float]] = field(default_factory=list)
    _replays: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take the trial's own address and token out of what the model sees: they are another trial's tomorrow."""
        self._own = [(re.compile(rf"127\.0\.0\.1:\d+/{re.escape(self.name)}\b"), "127.0.0.1/trial")]
        if len(self.token) >= _TOKEN:
            self._own.append((re.compile(re.escape(self.token)), "token"))
        self._aliases = Aliases([rewrite.pattern for rewrite in self.rewrites if rewrite.instead is None])

    @property
    def capped(self) -> bool:
        """Whether the trial has spent what it may. What is in flight when it does may still cost."""
        return self.cap_usd is not None and self.spent_usd >= self.cap_usd

    def waited_s(self, last: float = math.inf) -> float:
        """Seconds up to ``last`` in which a request was not being answered: throttled, failing, or between attempts."""
        return _covered((start, min(end, last)) for start, end in self._waits)

    @property
    def replayed_s(self) -> float:
        """Seconds that replies had taken which the journal gave at once."""
        return _covered(self._replays)

    def waited(self, start: float, end: float) -> None:
        """Note such a time, both by the same clock as ``last``."""
        self._waits.append((start, end))

    def timed(self, start: float, end: float, timing: Timing) -> None:
        """Note of a reply that was asked for and given at these times what of it was waiting, or that it was recorded.

        A recorded one is there sooner than it once took.
        """
        if end - start < timing.total:
            began = datetime.fromisoformat(timing.started).timestamp()
            self._replays.append((began, began + timing.total))
        else:
            self.waited(start, end - timing.total)

    def admit(self) -> None:
        """Return if another request may be asked.

        Raises:
            NotAdmitted: it may not.
        """
        if self.over:
            raise NotAdmitted("this trial is over; nothing more is asked for it")
        if self.capped:
            self.refused_at_cap = True
            raise NotAdmitted(f"this trial has spent its ${self.cap_usd:.2f}; nothing more is asked for it")

    def request(self, asked: Asked, body: Mapping[str, Any]) -> Request:
        """The request that ``ask`` is given for what the client asked; ``body`` is the client's own."""
        self.overridden |= {name for name in ENFORCED if body.get(name) is not None}
        plain = Request(
            slot=self.slot,
            model=self.model,
            messages=self._aliases.hide(self._kept(asked.messages)),
            sampling=self.sampling,
            thinking=self.thinking,
            max_tokens=min(asked.max_tokens or self.max_tokens, self.max_tokens),
            tools=tuple(self._rewritten(tool, "system") for tool in asked.tools),
            options={**asked.options, **asked.unknown},
        )
        key = digest(plain.keyed())[:32]
        turn = f"{key}-{self._seen[key]}"
        self._seen[key] += 1
        return replace(plain, slot=replace(self.slot, turn=turn))

    def charge(self, attempts: Sequence[Mapping[str, Any]]) -> None:
        """Count what attempts without a complete reply cost."""
        self.spent_usd += sum(attempt["cost_usd"] or 0.0 for attempt in attempts)

    def took(self, request: Request, reply: Reply) -> Reply:
        """Count the reply, and make it the client's: its own names are in it again.

        Tool calls get ids that follow from the slot: providers' own are random.
        """
        self.turns += 1
        self.cut += reply.truncated and request.max_tokens == self.max_tokens
        self.charge(reply.failed_attempts)
        self.spent_usd += reply.cost_usd or 0.0
        self.priced = self.priced and reply.cost_usd is not None
        self.providers.update([reply.provider] if reply.provider else [])
        self.served_models.update([reply.served_model] if reply.served_model else [])
        calls = tuple(
            {**call, "id": f"call_{short(f'{request.slot}/{index}')}"} for index, call in enumerate(reply.tool_calls)
        )
        return self._aliases.show(replace(reply, tool_calls=calls))

    def _kept(self, messages: Sequence[Message]) -> list[Message]:
        """The messages rewritten, without those of which nothing is left."""
        pairs = [(message, self._rewritten(message, str(message.get("role")))) for message in messages]
        return [after for before, after in pairs if not _emptied(before, after)]

    def _rewritten(self, value: Any, role: str) -> Any:
        chosen = [(one.pattern, one.instead) for one in self.rewrites if one.instead is not None and role in one.roles]
        return _replaced(value, [*self._own, *chosen])


def _covered(intervals: Iterable[tuple[float, float]]) -> float:
    """The length of what at least one of the intervals covers."""
    total, until = 0.0, -math.inf
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total


def _replaced(value: Any, rewrites: Sequence[tuple[re.Pattern[str], str]]) -> Any:
    if isinstance(value, str):
        for pattern, instead in rewrites:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, Mapping):
        return {name: _replaced(each, rewrites) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(each, rewrites) for each in value]
    return value


def _emptied(before: Message, after: Message) -> bool:
    return before.get("role") in _SAID and after.get("content") == "" != before.get("content")


def message_id(request: Request) -> str:
    """The id of the reply as the client sees it."""
    return f"msg_{short(str(request.slot))}"
