"""The events of one streamed chat completion, put together again.

Shapes: https://platform.openai.com/docs/api-reference/chat-streaming, with the reasoning fields of DeepSeek-like
servers (``reasoning_content``) and of OpenRouter (``reasoning``), and OpenRouter's ``provider``, ``usage.cost`` and
mid-stream ``error``.
"""

import json
from collections.abc import Mapping
from typing import Any

from harness.contract import Reply, Usage

BROKEN_OFF = frozenset({"error", "abort", "aborted", "cancelled", "insufficient_system_resource"})
"""Finish reasons by which a server says that it stopped, not the model: OpenRouter's, SGLang's, DeepSeek's."""


class StreamError(Exception):
    """An ``error`` object arrived in place of an event. ``error`` is that object."""

    def __init__(self, error: Any) -> None:
        super().__init__("the stream carried an error")
        self.error = error


class Malformed(Exception):
    """A payload is not the JSON that a chat completion is made of."""


class Assembly:
    """Collects one reply. ``complete`` once a finish reason was seen; ``started`` once a token of any kind was."""

    __slots__ = (
        "_content",
        "_reasoning",
        "_refusal",
        "_tools",
        "complete",
        "cost",
        "fingerprint",
        "finish_reason",
        "provider",
        "response_id",
        "served_model",
        "started",
        "usage",
    )

    def __init__(self) -> None:
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self._refusal: list[str] = []
        self._tools: dict[int, dict[str, Any]] = {}
        self.started = False
        self.complete = False
        self.finish_reason: str | None = None
        self.usage: Usage | None = None
        self.cost: float | None = None
        self.provider: str | None = None
        self.served_model: str | None = None
        self.fingerprint: str | None = None
        self.response_id: str | None = None

    def feed(self, payload: bytes) -> bool:
        """Take one event's JSON text; return whether it carried a token.

        Raises:
            Malformed: the payload is not a JSON object of the expected shape.
            StreamError: it is an error object.
        """
        try:
            event = json.loads(payload.decode("utf-8", "surrogatepass"))
            return self._add(event, "delta")
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise Malformed(f"{type(error).__name__} in {payload[:120]!r}") from None

    def feed_whole(self, body: bytes) -> None:
        """Take a completion that was not streamed, from a server that ignores ``stream``.

        Raises:
            Malformed, StreamError: as :meth:`feed`.
        """
        try:
            self._add(json.loads(body.decode("utf-8", "surrogatepass")), "message")
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise Malformed(f"{type(error).__name__} in {body[:120]!r}") from None

    def _add(self, event: dict[str, Any], part: str) -> bool:
        if event.get("error"):
            raise StreamError(event["error"])
        token = False
        choices = event.get("choices")
        if choices:
            choice = choices[0]
            delta = choice.get(part)
            if delta:
                token = self._take(delta)
            if (reason := choice.get("finish_reason")) is not None:
                self._finish(reason, choice)
        if self.response_id is None:
            self._identify(event)
        if self.provider is None and "provider" in event:
            self.provider = _text(event["provider"])
        if event.get("usage"):
            self._count(event["usage"])
        return token

    def _take(self, delta: dict[str, Any]) -> bool:
        token = False
        if text := delta.get("content"):
            self._content.append(_str(text))
            token = True
        if text := delta.get("reasoning_content") or delta.get("reasoning"):
            self._reasoning.append(_str(text))
            token = True
        if text := delta.get("refusal"):
            self._refusal.append(_str(text))
            token = True
        if calls := delta.get("tool_calls"):
            for place, call in enumerate(calls):
                self._take_call(place, call)
            token = True
        if token:
            self.started = True
        return token

    def _take_call(self, place: int, delta: dict[str, Any]) -> None:
        index = delta.get("index")
        call = self._tools.setdefault(
            place if index is None else index,
            {"id": None, "type": "function", "function": {"name": "", "arguments": ""}},
        )
        call["id"] = delta.get("id") or call["id"]
        call["type"] = delta.get("type") or call["type"]
        function = delta.get("function") or {}
        call["function"]["name"] += _str(function.get("name") or "")
        call["function"]["arguments"] += _str(function.get("arguments") or "")

    def _finish(self, reason: Any, choice: dict[str, Any]) -> None:
        if reason in BROKEN_OFF:
            raise StreamError(choice.get("error") or {"message": f"the provider gave the finish reason {reason}"})
        self.finish_reason = _str(reason)
        self.complete = True

    def _identify(self, event: dict[str, Any]) -> None:
        self.response_id = _text(event.get("id"))
        self.served_model = _text(event.get("model"))
        self.fingerprint = _text(event.get("system_fingerprint"))

    def _count(self, usage: dict[str, Any]) -> None:
        inside = usage.get("prompt_tokens_details") or {}
        outside = usage.get("completion_tokens_details") or {}
        self.usage = Usage(
            input=_count(usage, "prompt_tokens"),
            cached=_count(inside, "cached_tokens"),
            output=_count(usage, "completion_tokens"),
            reasoning=_count(outside, "reasoning_tokens"),
        )
        cost = usage.get("cost")
        if isinstance(cost, int | float) and not isinstance(cost, bool):
            self.cost = float(cost)

    @property
    def partial_chars(self) -> int:
        """Characters of content and reasoning received so far."""
        return sum(map(len, self._content)) + sum(map(len, self._reasoning))

    def reply(self) -> Reply:
        """The reply as received; ``cost_usd`` is what the provider itself said, if it did."""
        return Reply(
            content=_joined(self._content),
            reasoning=_joined(self._reasoning) if self._reasoning else None,
            finish_reason=self.finish_reason,
            refusal=_joined(self._refusal) if self._refusal else None,
            tool_calls=tuple(self._tools[index] for index in sorted(self._tools)),
            usage=self.usage or Usage(),
            cost_usd=self.cost,
            provider=self.provider,
            served_model=self.served_model,
            fingerprint=self.fingerprint,
            response_id=self.response_id,
        )


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text expected, {type(value).__name__} found")
    return value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _count(values: Mapping[str, Any], name: str) -> int | None:
    value = values.get(name)
    return value if isinstance(value, int) and value >= 0 else None


def _joined(parts: list[str]) -> str:
    """Join; a surrogate pair cut between two events becomes the character it stands for, a lone half stays."""
    text = "".join(parts)
    if any("\ud800" <= part[-1] <= "\udbff" for part in parts):
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text
