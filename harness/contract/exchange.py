"""What is asked and what comes back: items, slots, requests, replies, and the outcomes of an agent's trials."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Thinking = Literal["on", "off", "none"]
"""``none``: the endpoint has no switch for it, so nothing is sent."""

Message = Mapping[str, Any]
"""One chat message as the OpenAI chat-completions API takes it: ``{"role": ..., "content": ...}``."""


@dataclass(frozen=True, slots=True)
class Item:
    """One question. ``inputs`` holds plain JSON values; ``category`` is the benchmark's own grouping."""

    id: str
    inputs: Mapping[str, Any]
    category: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """The place of one reply in a run.

    ``role`` is ``answer`` for the headline, ``judge`` for a judge, ``again-N`` for a diagnostic second answer under an
    output limit of N tokens, ``turn`` for one reply within an agent's trial, whose ``turn`` is "0" nowhere else.
    """

    task: str
    arm: str
    item: str
    repeat: int
    role: str = "answer"
    turn: str = "0"

    def __str__(self) -> str:
        return f"{self.task}/{self.arm}/{self.item}#{self.repeat}/{self.role}/{self.turn}"


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a reply is drawn. ``top_k`` -1 means no cut; ``seed`` None means that none is sent."""

    temperature: float
    top_p: float
    top_k: int = -1
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for one slot. ``max_tokens`` is recorded with the reply but is not part of the key.

    ``options`` are further fields of the chat-completions API that shape the reply (``tool_choice``, ``stop``, ...).
    """

    slot: Slot
    model: str
    messages: tuple[Message, ...]
    sampling: Sampling
    thinking: Thinking
    max_tokens: int
    tools: tuple[Mapping[str, Any], ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def keyed(self) -> dict[str, Any]:
        """The part of the request whose hash is the line's key."""
        options = {"options": dict(self.options)} if self.options else {}
        return options | {
            "model": self.model,
            "messages": [dict(message) for message in self.messages],
            "tools": [dict(tool) for tool in self.tools],
            "sampling": asdict(self.sampling),
            "thinking": self.thinking,
        }


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counts them; ``output`` includes ``reasoning``, ``input`` includes ``cached``."""

    input: int | None = None
    cached: int | None = None
    output: int | None = None
    reasoning: int | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """``started`` is ISO 8601 in UTC; the others are seconds from sending the request that was answered."""

    started: str
    first_token: float | None
    total: float


@dataclass(frozen=True, slots=True)
class Reply:
    """One complete reply, as it was received.

    ``finish_reason`` None means unknown (an imported reply). ``cost_usd`` None means that no price is known.
    ``failed_attempts`` are the faults that came before it, each {"fault", "detail", "partial_chars", "seconds",
    "cost_usd"}.
    """

    content: str
    reasoning: str | None = None
    finish_reason: str | None = None
    refusal: str | None = None
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = None
    provider: str | None = None
    served_model: str | None = None
    fingerprint: str | None = None
    response_id: str | None = None
    max_tokens: int | None = None
    timing: Timing | None = None
    failed_attempts: tuple[Mapping[str, Any], ...] = ()

    @property
    def truncated(self) -> bool:
        """Whether the output limit cut the reply."""
        return self.finish_reason == "length"

    def to_json(self) -> dict[str, Any]:
        """A plain JSON object that :meth:`from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Reply":
        """Read :meth:`to_json`'s object."""
        values = dict(data)
        values["usage"] = Usage(**values["usage"])
        values["timing"] = Timing(**values["timing"]) if values["timing"] else None
        values["tool_calls"] = tuple(values["tool_calls"])
        values["failed_attempts"] = tuple(values["failed_attempts"])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an agent's trial of one item ended, by the benchmark's own tests.

    ``resolved`` False says only that they did not all pass: an imported outcome does not tell why. Of a trial of ours,
    ``how`` says it in words, ``failed_tests`` are the tests that should have passed and did not, and ``capped`` says
    that the trial had spent what it may; ``cut`` is how many of its replies an output limit cut that is below the one
    that counts. ``usage`` and ``cost_usd`` (None: no price is known) are of all its turns.
    """

    resolved: bool
    how: str = ""
    capped: bool = False
    cut: int = 0
    failed_tests: tuple[str, ...] = ()
    turns: int = 0
    seconds: float | None = None
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = None
    provider: str | None = None
    served_model: str | None = None

    def to_json(self) -> dict[str, Any]:
        """A plain JSON object that :meth:`from_json` reads back; what is not known is left out."""
        unknown = asdict(Outcome(self.resolved))
        return {"resolved": self.resolved} | {k: v for k, v in asdict(self).items() if v != unknown[k]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Outcome":
        """Read :meth:`to_json`'s object."""
        values = dict(data)
        values["usage"] = Usage(**values.get("usage", {}))
        values["failed_tests"] = tuple(values.get("failed_tests", ()))
        return cls(**values)
