"""A benchmark's protocol card, as ``tasks/<name>/card.yaml`` holds it: data that is checked as it is read."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


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


class TypicalTokens(_Strict):
    """Typical tokens of one request, or of all turns of a trial, for predicting cost.

    ``cached_share`` is the share of the input that an agent's turns send again, so that a provider may read it from its
    cache.
    """

    input: int
    output_thinking: int
    output_plain: int
    cached_share: float = Field(default=0.0, ge=0, le=1)


class Arm(_Strict):
    """One value of every choice the vendor left open. ``quick`` arms are part of the quick suite.

    An arm that is not ``comparable`` is only run where it is named, and gets no verdict. ``typical_tokens`` are its
    own where they are not the card's.
    """

    title: str
    thinking: Literal["on", "off"]
    prompt: str = "default"
    primary: bool = False
    quick: bool = False
    comparable: bool = True
    trial: TrialArm | None = None
    typical_tokens: TypicalTokens | None = None


class SamplingSpec(_Strict):
    """A card's or a vendor's sampling; in a vendor's None means not disclosed, in a card no ``top_k`` means no cut."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None


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

    def tokens_of(self, arm: Arm) -> TypicalTokens:
        """Typical tokens in this arm."""
        return arm.typical_tokens or self.typical_tokens

    @property
    def to_run(self) -> list[str]:
        """Names of the arms in which a model is asked."""
        tried = {name for name, arm in self.arms.items() if arm.trial and self.tokens_of(arm).input}
        return [name for name in self.arms if self.trial is None or name in tried]

    @property
    def primary_arm(self) -> str:
        """Name of the arm whose score is the headline."""
        return next(name for name, arm in self.arms.items() if arm.primary)

    @property
    def called(self) -> str:
        """What a reader calls the things that are scored: "replies" or "trials"."""
        return "trials" if self.scored == "outcomes" else "replies"

    @property
    def recorded_arm(self) -> str:
        """Name of the arm that outcomes made elsewhere stand in: the one no trial of ours is made in, if there is."""
        return next((name for name, arm in self.arms.items() if arm.trial is None), self.primary_arm)
