"""The vocabulary every floor shares. Imports nothing of ours.

An *item* is a question of a benchmark; a *slot* is the place of one reply in a run; a *request* is what is asked for a
slot; a *reply* is what came back, or an *outcome* where an agent tried the item; a *score* is what the benchmark's
rule makes of either. A *card* states a benchmark's protocol; a *task* turns items into messages and replies into
scores, purely.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field, model_validator

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
    that the trial had spent what it may. ``usage`` and ``cost_usd`` (None: no price is known) are of all its turns.
    """

    resolved: bool
    how: str = ""
    capped: bool = False
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


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Door(_Strict):
    """One way to a benchmark's rows.

    ``file`` is looked for under the data directory at ``path``; ``hub`` is ``datasets.load_dataset(id, config,
    split=split, revision=revision)``; ``url`` is downloaded; ``package`` is a file at ``path`` among this program's own
    task folders, where rows are names. ``member`` and ``password`` open a zip in memory.
    """

    kind: Literal["file", "hub", "url", "package"]
    path: str | None = None
    url: str | None = None
    id: str | None = None
    config: str | None = None
    split: str | None = None
    revision: str | None = None
    gated: bool = False
    sha256: str | None = None
    member: str | None = None
    member_sha256: str | None = None
    password: str | None = None


class Data(_Strict):
    """A benchmark's rows: how many, which columns are used, their hash, and the doors to them in order.

    ``sort_by`` names the column that orders the rows where the doors do not keep one order. ``rows_sha256`` is the hash
    of ``columns``; None: nobody here has seen the rows, so that only their number is checked, and every run says so.
    ``if_there`` are columns that only some doors have. ``beside`` gives further columns the text of files in the data
    directory, by path with ``{column}`` for the row's own values. Neither is part of the hash.
    """

    rows: int
    columns: list[str]
    if_there: list[str] = Field(default_factory=list)
    beside: dict[str, str] = Field(default_factory=dict)
    sort_by: str | None = None
    rows_sha256: str | None
    licence: str
    gated: bool = False
    doors: list[Door]


class MetricSpec(_Strict):
    """A metric: the mean of the ratios of these elementary counts (one count: the plain ratio)."""

    title: str
    of: list[str]
    unit: str = "items"


class TrialArm(_Strict):
    """How an arm's trials are made.

    ``scaffold`` names the agent. ``hardened`` takes out of the container what tells the answer (commits and refs of the
    future) and lets nothing in; ``network`` "none" leaves only the model to be reached. ``web_tools``: whether the
    scaffold may search. ``turns`` None: no limit of ours.
    """

    scaffold: str
    hardened: bool = False
    network: Literal["none", "open"] = "none"
    web_tools: bool = False
    turns: int | None = None


class TrialSpec(_Strict):
    """What a trial may use, where items are tried by an agent. Hours and minutes are by the clock.

    ``infrastructure`` lists, for the reader, the causes outside of the agent's reach that leave a trial ungraded.
    ``grading_network``: what the tests can reach, in all arms alike.
    """

    cpus: float = Field(gt=0)
    memory_gib: float = Field(gt=0)
    disk_gib: float = Field(default=20.0, gt=0)
    pids: int = Field(default=4096, gt=0)
    agent_hours: float = Field(gt=0)
    grading_minutes: float = Field(gt=0)
    grading_network: Literal["none", "open"] = "none"
    cap_usd: float = Field(default=2.0, gt=0)
    infrastructure: list[str]
    why: str


class Arm(_Strict):
    """One value of every choice the vendor left open. ``quick`` arms are part of the quick suite.

    An arm that is not ``comparable`` is only run where it is named, and gets no verdict.
    """

    title: str
    thinking: Literal["on", "off"]
    prompt: str = "default"
    primary: bool = False
    quick: bool = False
    comparable: bool = True
    trial: TrialArm | None = None


class SamplingSpec(_Strict):
    """A card's or a vendor's sampling; in a vendor's None means not disclosed, in a card no ``top_k`` means no cut."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None


class TypicalTokens(_Strict):
    """Typical tokens of one request, for predicting cost.

    ``cached_share`` is the share of the input that an agent's turns send again, so that a provider may read it from its
    cache.
    """

    input: int
    output_thinking: int
    output_plain: int
    cached_share: float = Field(default=0.0, ge=0, le=1)


class Erratum(_Strict):
    """A known fault of the benchmark's data. ``items`` are the ids concerned."""

    id: str
    items: list[str]
    what: str
    source: str


class Source(_Strict):
    """Where a benchmark was published."""

    paper: str
    code: str


class HubBenchmark(_Strict):
    """Where the Hugging Face Hub keeps this benchmark's leaderboard: the data set's id and the task's name in it."""

    id: str
    task_id: str


class Card(_Strict):
    """A benchmark's protocol: its published facts and our choices, in ``tasks/<name>/card.yaml``."""

    name: str
    title: str
    version: int
    source: Source
    data: Data
    scored: Literal["replies", "outcomes"] = "replies"
    """``outcomes``: an item is tried by an agent, and how the trial ended is scored (:class:`OutcomeTask`)."""
    redact: bool = False
    scoring: str
    metrics: dict[str, MetricSpec]
    headline: str
    sampling: SamplingSpec
    sampling_why: str
    output_limit: int
    output_limit_why: str
    typical_tokens: TypicalTokens
    repeats: int = 1
    suites: dict[str, int | None] = Field(default_factory=dict)
    """Suites of trials that this benchmark is part of, with how many of its items (None: all)."""
    judge: str | None = None
    arms: dict[str, Arm]
    trial: TrialSpec | None = None
    eval_results: HubBenchmark | None = None
    errata: list[Erratum] = Field(default_factory=list)
    corrections: str | None = None
    """SHA-256 of the task's ``corrections.yaml``, so that a change to it is a change to the card."""
    notes: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _consistent(self) -> "Card":
        if self.headline not in self.metrics:
            raise ValueError(f"headline {self.headline!r} is not among the metrics {sorted(self.metrics)}")
        if self.sampling.temperature is None or self.sampling.top_p is None:
            raise ValueError("sampling needs a temperature and a top_p, for when the vendor discloses none")
        if sum(arm.primary for arm in self.arms.values()) != 1:
            raise ValueError("exactly one arm must be marked primary")
        tried = [arm.trial is not None for arm in self.arms.values()]
        if any(tried) and not (self.trial is not None and self.scored == "outcomes"):
            raise ValueError("where an arm is tried by an agent, the card says scored: outcomes and trial")
        return self

    @property
    def primary_arm(self) -> str:
        """Name of the arm whose score is the headline."""
        return next(name for name, arm in self.arms.items() if arm.primary)

    @property
    def recorded_arm(self) -> str:
        """Name of the arm that outcomes made elsewhere stand in: the one no trial of ours is made in, if there is."""
        return next((name for name, arm in self.arms.items() if arm.trial is None), self.primary_arm)


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
