"""A reply on its way: its pieces, cut at the output limit, and the JSON they are sent as."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tests.standin.answers import TOKEN_CHARS, Answer, Behaviour, tokens
from tests.standin.dialects import Plain
from tests.standin.options import Options


def input_tokens(body: Mapping[str, Any]) -> int:
    """The stand-in's count of a prompt's tokens."""
    return sum(tokens(str(message.get("content") or "")) + 3 for message in body["messages"])


def output_limit(body: Mapping[str, Any], options: Options) -> int:
    """The output limit of a request, in tokens."""
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or options.max_tokens
    return int(limit)


def compose(
    body: Mapping[str, Any], behaviour: Behaviour, dialect: Plain, options: Options, outcome: str | None
) -> Answer:
    """The complete answer to a request; ``outcome`` is a name of faults.OUTCOMES or None."""
    answer = behaviour(body)
    answer = replace(answer, content=answer.content + options.suffix) if answer.content else answer
    if dialect.thinks(body):
        answer = replace(answer, reasoning=answer.reasoning or options.reasoning)
    if outcome == "unclosed-think":
        return replace(answer, content=f"<think>{answer.content}", reasoning="")
    if outcome == "reasoning-only":
        return Answer("", reasoning=answer.content)
    if outcome == "empty-content":
        return Answer("")
    if outcome == "content_filter":
        return Answer("", finish="content_filter")
    if outcome == "length":
        return replace(answer, content=answer.content[: len(answer.content) // 2], finish="length")
    return dialect.dress(answer)


class Generation:
    """One reply; ``pieces`` are (kind, text) with kind reasoning, content or call."""

    def __init__(self, number: int, body: Mapping[str, Any], answer: Answer, dialect: Plain, options: Options) -> None:
        room = output_limit(body, options) * TOKEN_CHARS
        self.reasoning = answer.reasoning[:room]
        room -= tokens(self.reasoning) * TOKEN_CHARS
        self.content = answer.content[:room]
        cut = len(self.reasoning) < len(answer.reasoning) or len(self.content) < len(answer.content)
        self.finish = "length" if cut else answer.finish
        self.calls = () if cut else answer.calls
        self.input = input_tokens(body)
        self.output = sum(tokens(text) for _, text in self.pieces(options.delta_tokens))
        self.comments = dialect.comments
        self.always_usage = dialect.always_usage
        self._dialect = dialect
        self._model = body["model"]
        self._id = f"chatcmpl-standin-{number}"

    def pieces(self, delta_tokens: int) -> list[tuple[str, str]]:
        """The reply in order of generation, in pieces of so many tokens."""
        width = delta_tokens * TOKEN_CHARS
        texts = [("reasoning", self.reasoning), ("content", self.content), *(("call", args) for _, args in self.calls)]
        return [(kind, text[at : at + width]) for kind, text in texts for at in range(0, len(text), width)]

    def usage(self, cost: float) -> dict[str, Any]:
        """The usage object as the server played would send it."""
        return self._dialect.usage(self.input, tokens(self.reasoning), self.output, cost)

    def whole(self, cost: float) -> bytes:
        """The reply as one JSON object, not streamed."""
        message: dict[str, Any] = {"role": "assistant", "content": self.content or None}
        if self.reasoning:
            message[self._dialect.reasoning_field] = self.reasoning
        if self.calls:
            message["tool_calls"] = [self._call(name, args) for name, args in self.calls]
        choice = {"index": 0, "message": message, "finish_reason": self.finish}
        return _json(self._frame("chat.completion") | {"choices": [choice], "usage": self.usage(cost)})

    def first(self) -> bytes:
        """The chunk that names the role."""
        return self._delta({"role": "assistant", "content": ""})

    def chunks(self, delta_tokens: int) -> Iterator[tuple[int, bytes]]:
        """The chunks of the reply's pieces, each with its count of tokens."""
        for index, (name, _) in enumerate(self.calls):
            yield 0, self._delta({"tool_calls": [{"index": index, **self._call(name, "")}]})
        for kind, text in self.pieces(delta_tokens):
            if kind == "call":
                delta: dict[str, Any] = {"tool_calls": [{"index": 0, "function": {"arguments": text}}]}
            else:
                delta = {"content" if kind == "content" else self._dialect.reasoning_field: text}
            yield tokens(text), self._delta(delta)

    def last(self) -> bytes:
        """The chunk with the finish reason."""
        return self._delta({}, self.finish)

    def accounting(self, cost: float) -> bytes:
        """The chunk with the usage."""
        return _json(self._frame("chat.completion.chunk") | {"choices": [], "usage": self.usage(cost)})

    def error(self) -> bytes:
        """An error in the middle of a stream, as OpenRouter sends it."""
        choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
        error = {"code": 502, "message": "Provider disconnected unexpectedly"}
        return _json(self._frame("chat.completion.chunk") | {"error": error, "choices": [choice]})

    def _delta(self, delta: Mapping[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _json(self._frame("chat.completion.chunk") | {"choices": [choice]})

    def _frame(self, kind: str) -> dict[str, Any]:
        base = {"id": self._id, "object": kind, "created": 1790000000, "model": self._model}
        return {**base, "system_fingerprint": "fp_standin", **self._dialect.additions()}

    @staticmethod
    def _call(name: str, arguments: str) -> dict[str, Any]:
        return {"id": "call_0", "type": "function", "function": {"name": name, "arguments": arguments}}


def _json(value: Any) -> bytes:
    # Characters such as U+2028 go out as themselves, as real servers send them.
    return json.dumps(value, ensure_ascii=False).encode()
