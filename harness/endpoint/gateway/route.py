"""One trial's way to the model: whose slot its turns fill, how replies are drawn, what it may spend."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.canonical import digest
from harness.contract import Message, Reply, Request, Sampling, Slot, Thinking
from harness.endpoint.gateway.aliases import Aliases, short
from harness.endpoint.gateway.asked import ENFORCED, Asked
from harness.errors import HarnessError

Rewrite = tuple[re.Pattern[str], str | None]
"""A pattern and what stands in its place: dates, kernels and folders that would give every day another key.

None: the pattern's first group holds a name that the client made at random. The model is told another, which follows
from its place in the conversation, and in the model's replies the client finds its own again.
"""

_SAID = ("system", "user")
_TOKEN = 16
"""Characters from which on a token is surely no word of the conversation."""


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
    """Every error that the client was answered with, in order."""
    last_failed: bool = False
    """Whether the last request was answered with the last of these."""
    _seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Take the trial's own address and token out of what the model sees: they are another trial's tomorrow."""
        own = [(re.compile(rf"127\.0\.0\.1:\d+/{re.escape(self.name)}\b"), "127.0.0.1/trial")]
        if len(self.token) >= _TOKEN:
            own.append((re.compile(re.escape(self.token)), "token"))
        self._fixed = [*own, *((pattern, instead) for pattern, instead in self.rewrites if instead is not None)]
        self._aliases = Aliases([pattern for pattern, instead in self.rewrites if instead is None])

    @property
    def capped(self) -> bool:
        """Whether the trial has spent what it may. What is in flight when it does may still cost."""
        return self.cap_usd is not None and self.spent_usd >= self.cap_usd

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
            tools=tuple(self._rewritten(tool) for tool in asked.tools),
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
        self.last_failed = False
        self.charge(reply.failed_attempts)
        self.spent_usd += reply.cost_usd or 0.0
        calls = tuple(
            {**call, "id": f"call_{short(f'{request.slot}/{index}')}"} for index, call in enumerate(reply.tool_calls)
        )
        return self._aliases.show(replace(reply, tool_calls=calls))

    def failed(self, error: HarnessError) -> None:
        """Remember an error that the client is answered with."""
        self.faults.append(error)
        self.last_failed = True

    def _kept(self, messages: Sequence[Message]) -> list[Message]:
        """The messages rewritten, without those of which nothing is left."""
        pairs = [(message, self._rewritten(message)) for message in messages]
        return [after for before, after in pairs if not _emptied(before, after)]

    def _rewritten(self, value: Any) -> Any:
        if isinstance(value, str):
            for pattern, instead in self._fixed:
                value = pattern.sub(instead, value)
            return value
        if isinstance(value, Mapping):
            return {name: self._rewritten(each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._rewritten(each) for each in value]
        return value


def _emptied(before: Message, after: Message) -> bool:
    return before.get("role") in _SAID and after.get("content") == "" != before.get("content")


def message_id(request: Request) -> str:
    """The id of the reply as the client sees it."""
    return f"msg_{short(str(request.slot))}"
