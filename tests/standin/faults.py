"""The faults of real endpoints, by name, and the plan of who meets which.

Before generation, with a status: the names of ``STATUSES``.
In the course of a reply: the names of ``BREAKS``.
Complete but not as hoped: the names of ``OUTCOMES``.
"""

import random
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.standin.options import Options, When

MESSAGES = {
    400: "Invalid request",
    401: "Invalid API key",
    402: "Insufficient quota: please top up",
    403: "This key may not use this model",
    404: "The model does not exist",
    408: "Request timed out",
    409: "Conflict",
    429: "Rate limit exceeded",
    500: "Internal error",
    502: "Bad gateway",
    503: "Overloaded",
}

STATUSES = (*(str(status) for status in MESSAGES), "429-bare", "429-daily", "500-tool-json", "402-afford")
"""429 bears Retry-After, 429-bare does not, 429-daily names a reset far off (milliseconds since 1970)."""

BREAKS = {
    "drop": "the connection closes without a response",
    "html": "status 200 and a page of HTML",
    "empty": "status 200 and an empty stream",
    "done-only": "an empty stream but for [DONE]",
    "cut-before": "the connection closes before any content",
    "cut-after": "the connection closes in the middle of the content",
    "reset": "the connection is reset in the middle of the content",
    "cut-clean": "the stream ends well-formed in the middle of the content, without a finish reason or [DONE]",
    "half-json": "the stream ends in the middle of a JSON line",
    "bad-json": "one line in the middle is broken and its text lost; the rest follows",
    "stream-error": "an error object in the middle of the stream",
    "silence-head": "a pause before the response begins",
    "silence-first": "a pause before the first token",
    "silence-middle": "a pause in the middle of the content",
}

OUTCOMES = {
    "reasoning-only": "reasoning and no content",
    "unclosed-think": "content that opens <think> and never closes it",
    "length": "half the content, finish reason length",
    "content_filter": "no content, finish reason content_filter",
    "empty-content": "no content, finish reason stop",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A response with an error status."""

    status: int
    error: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


def refusal(name: str, options: Options) -> Refusal:
    """The response behind a name of ``STATUSES``."""
    if name == "429":
        return Refusal(429, {"message": MESSAGES[429], "code": 429}, {"Retry-After": options.retry_after})
    if name == "429-bare":
        return Refusal(429, {"message": MESSAGES[429], "code": 429})
    if name == "429-daily":
        reset = {
            "X-RateLimit-Limit": "50",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(int((time.time() + options.reset_in) * 1000)),
        }
        message = "Rate limit exceeded: free-models-per-day"
        return Refusal(429, {"message": message, "code": 429, "metadata": {"headers": reset}}, reset)
    if name == "500-tool-json":
        message = "Failed to parse tool call arguments as JSON: Expecting ',' delimiter: line 1 column 18 (char 17)"
        return Refusal(500, {"message": message, "type": "server_error", "code": 500})
    if name == "402-afford":
        return cannot_afford(65536, 1234)
    status = int(name)
    return Refusal(status, {"message": MESSAGES[status], "code": status})


def cannot_afford(wanted: int, affordable: int) -> Refusal:
    """OpenRouter's 402 with money left: the worst case is more than the credit."""
    message = (
        "This request requires more credits, or fewer max_tokens. "
        f"You requested up to {wanted} tokens, but can only afford {affordable}."
    )
    return Refusal(402, {"message": message, "code": 402})


class Plan:
    """Decides which fault a request meets, and counts them in ``met``."""

    def __init__(self, rules: Sequence[tuple[str, When]], seed: int, per_prompt: int) -> None:
        for name, _ in rules:
            if name not in (*STATUSES, *BREAKS, *OUTCOMES):
                raise ValueError(f"no fault is called {name!r}")
        self._rules = rules
        self._seed = seed
        self._per_prompt = per_prompt
        self._attempts: Counter[str] = Counter()
        self._hits: Counter[str] = Counter()
        self.met: Counter[str] = Counter()

    def pick(self, number: int, identity: str) -> str | None:
        """The fault of request ``number`` (from 1) for the question ``identity``, or None."""
        self._attempts[identity] += 1
        draw = random.Random(f"{self._seed}/{identity}/{self._attempts[identity]}").random()
        for name, when in self._rules:
            if isinstance(when, Collection):
                hit = number in when
            else:
                hit = 0 <= draw < when and self._hits[identity] < self._per_prompt
                draw -= when
                self._hits[identity] += hit
            if hit:
                self.met[name] += 1
                return name
        return None
