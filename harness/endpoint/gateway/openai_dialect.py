"""OpenAI's ``/v1/chat/completions``: its request read, a reply written whole or as a stream.

Field names follow https://platform.openai.com/docs/api-reference/chat; reasoning goes back as ``reasoning_content``,
the name that SGLang, vLLM and the vendor's own API use.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from harness.contract import Reply, Usage
from harness.endpoint.gateway.asked import Asked, BadRequest, listed, rest, tokens, uncached

OPTIONS = ("tool_choice", "parallel_tool_calls", "stop", "response_format", "presence_penalty", "frequency_penalty")
ROLES = ("system", "developer", "user", "assistant", "tool", "function")
KNOWN = ("model", "messages", "tools", "max_tokens", "max_completion_tokens", "stream", "n", *OPTIONS)


def read(body: Mapping[str, Any]) -> Asked:
    """Read a request.

    Raises:
        BadRequest: messages are missing or of another form, or it asks for more than one choice.
    """
    messages = listed(body, "messages")
    if not messages:
        raise BadRequest("messages must hold at least one message")
    if body.get("n") not in (None, 1):
        raise BadRequest("n: one choice is given for a request; ask again for another")
    return Asked(
        messages=tuple(_message(message, place) for place, message in enumerate(messages)),
        tools=tuple(uncached(tool) for tool in listed(body, "tools")),
        max_tokens=tokens(body, "max_completion_tokens", "max_tokens"),
        stream=bool(body.get("stream")),
        options={name: body[name] for name in OPTIONS if body.get(name) is not None},
        unknown=rest(body, KNOWN),
    )


def whole(reply: Reply, model: str, name: str) -> dict[str, Any]:
    """The reply as one completion; ``name`` is its id."""
    message = {"role": "assistant", "content": reply.content or (None if reply.tool_calls else "")} | _extras(reply)
    choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason, "logprobs": None}
    return _head(model, name, "chat.completion") | {"choices": [choice], "usage": _usage(reply.usage)}


def events(reply: Reply, model: str, name: str) -> Iterator[bytes]:
    """The reply as server-sent events, the last of them ``[DONE]``."""
    head = _head(model, name, "chat.completion.chunk")

    def chunk(delta: Mapping[str, Any], finish: str | None = None) -> bytes:
        return _event(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    yield chunk({"role": "assistant", "content": ""})
    extras = _extras(reply)
    for field in ("reasoning_content", "refusal"):
        if field in extras:
            yield chunk({field: extras[field]})
    if reply.content:
        yield chunk({"content": reply.content})
    for index, call in enumerate(extras.get("tool_calls", [])):
        yield chunk({"tool_calls": [{"index": index, **call}]})
    yield chunk({}, reply.finish_reason)
    yield _event(head | {"choices": [], "usage": _usage(reply.usage)})
    yield b"data: [DONE]\n\n"


def error(status: int, message: str) -> dict[str, Any]:
    """The error object of this dialect."""
    kind = "invalid_request_error" if 400 <= status < 500 else "server_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": status}}


def error_event(status: int, message: str) -> bytes:
    """An error once the stream has begun."""
    return _event(error(status, message))


KEEP_ALIVE = b": waiting for the model\n\n"


def _message(message: Mapping[str, Any], place: int) -> dict[str, Any]:
    """The message, if it has the form of one: what reads it later relies on that."""
    role, content, where = message.get("role"), message.get("content"), f"messages.{place}"
    if role not in ROLES:
        raise BadRequest(f"{where}.role: {role!r} is none of {', '.join(ROLES)}")
    if not isinstance(content, str | None):
        listed(message, "content")
    listed(message, "tool_calls")
    kept: dict[str, Any] = uncached(message)
    return kept


def _head(model: str, name: str, kind: str) -> dict[str, Any]:
    return {"id": name, "object": kind, "created": 0, "model": model}


def _extras(reply: Reply) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if reply.reasoning is not None:
        found["reasoning_content"] = reply.reasoning
    if reply.refusal is not None:
        found["refusal"] = reply.refusal
    if reply.tool_calls:
        found["tool_calls"] = [dict(call) for call in reply.tool_calls]
    return found


def _usage(usage: Usage) -> dict[str, Any]:
    inside, outside = usage.input or 0, usage.output or 0
    return {
        "prompt_tokens": inside,
        "completion_tokens": outside,
        "total_tokens": inside + outside,
        "prompt_tokens_details": {"cached_tokens": usage.cached or 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
    }


def _event(data: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(data).encode("ascii") + b"\n\n"
