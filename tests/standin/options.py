"""How a stand-in is set up."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.standin.answers import BEHAVIOURS, Behaviour, oracle

When = float | Collection[int]
"""A fault's probability for each request, or the numbers (from 1) of the requests that meet it."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """Everything that can be set; times are in seconds, money in USD."""

    dialect: str = "plain"
    """plain, longcat, openrouter or sglang: which server's ways to play."""
    model: str = "toy-model"
    """The one model served."""
    api_key: str | None = None
    """The key that every request must bear; None lets everybody in."""
    echo_key: bool = False
    """Error messages repeat the request's Authorization field, as careless servers do."""
    table: Mapping[str, str] | Path | None = None
    """The oracle's prompt -> reply."""
    suffix: str = ""
    """Added to every reply's content."""
    reasoning: str = "First I think about it, then I answer."
    """What is thought where thinking is on."""

    faults: Sequence[tuple[str, When]] = ()
    """The plan of faults, by names of :mod:`tests.standin.faults`."""
    fault_seed: int = 0
    """Which requests are hit follows from this, the question and the attempt, never from the order of arrival."""
    faults_per_prompt: int = 2
    """How often chance may hit the same question."""
    retry_after: str = "1"
    """Retry-After of a 429."""
    reset_in: float = 20 * 3600.0
    """When the daily limit ends."""
    silence: float = 30.0
    """How long a silence lasts."""

    latency: float = 0.0
    """Time before the first token."""
    tokens_per_s: float | None = None
    """Pace of one stream; None sends all at once."""
    delta_tokens: int = 3
    """Tokens in one streamed piece."""
    torn: int = 0
    """Bytes in one HTTP chunk, so that borders fall inside characters and lines; 0 sends one event in each."""
    newline: str = "\n"
    """How event lines end."""
    keep_alive: float = 0.05
    """OpenRouter's pause between comments before the first token."""
    slots: int | None = None
    """How many are served at a time; the others wait in a queue, as at SGLang. None serves all."""

    prices: Mapping[str, float] = field(default_factory=lambda: {"input": 0.75, "cached_input": 0.015, "output": 2.95})
    """What the account is charged for a million tokens."""
    free: bool = False
    """The free variant: nothing is charged and no cost is named."""
    credit: float | None = None
    """The account's credit; OpenRouter answers 402 where a request's worst case exceeds it."""
    bills_on: bool = False
    """Goes on generating, and charging, when the client has hung up or the stream was cut."""
    max_tokens: int = 32768
    """The limit where a request names none."""
    leak_tag: bool = False
    """``</longcat_think>`` leaks into content."""

    @classmethod
    def parse(cls, pairs: Sequence[str]) -> "Options":
        """Read ``name=value`` pairs, and ``fault=NAME:PROBABILITY`` or ``fault=NAME@FIRST[-LAST]``."""
        kinds = {f.name: f.type for f in dataclasses.fields(cls)}
        values: dict[str, Any] = {"faults": []}
        for pair in pairs:
            name, _, text = pair.partition("=")
            if name == "fault":
                values["faults"].append(_fault(text))
            else:
                values[name] = _value(str(kinds[name]), text)
        return cls(**values)


def _fault(text: str) -> tuple[str, When]:
    name, at, when = text.partition("@")
    if not at:
        name, _, when = text.rpartition(":")
        return name, float(when)
    first, dash, last = when.partition("-")
    return name, range(int(first), (int(last) if last else 10**9) + 1 if dash else int(first) + 1)


def _value(kind: str, text: str) -> Any:
    for word, read in (("bool", lambda t: t == "true"), ("Path", Path), ("int", int), ("float", float)):
        if word in kind and not ("Mapping" in kind and word != "Path"):
            return read(text)
    return text


def behaviour_of(name: str | Behaviour, options: Options) -> Behaviour | None:
    """The function behind a behaviour's name; None for silence."""
    if not isinstance(name, str):
        return name
    if name == "silence":
        return None
    if name == "oracle":
        if options.table is None:
            raise ValueError("an oracle needs a table")
        return oracle(options.table)
    return BEHAVIOURS[name]
