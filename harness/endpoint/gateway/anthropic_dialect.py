"""Anthropic's ``/v1/messages``: its request read, a reply written whole or as a stream.

Field names follow https://docs.anthropic.com/en/api/messages. Thinking goes both ways: a reply's reasoning becomes a
thinking block, and a thinking block that comes back is the earlier message's ``reasoning_content``.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from harness.contract import Reply, Usage
from harness.endpoint.gateway.anthropic_conversation import messages, tools
from harness.endpoint.gateway.asked import Asked, BadRequest, rest, tokens

KNOWN = ("model", "messages", "system", "tools", "tool_choice", "max_tokens", "stop_sequences", "stream")
STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}
CHOICES = {"auto": "auto", "any": "required", "none": "none"}
KINDS = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error"}
KINDS |= {402: "billing_error", 413: "request_too_large", 429: "rate_limit_error", 529: "overloaded_error"}
CHARACTERS_PER_TOKEN = 3.5
KEEP_ALIVE = b'event: ping\ndata: {"type": "ping"}\n\n'


def read(body: Mapping[str, Any]) -> Asked:
    """Read a request.

    Raises:
        BadRequest: a part of it has no counterpart in a chat completion; the message names the part.
    """
    limit = tokens(body, "max_tokens")
    if limit is None:
        raise BadRequest("max_tokens: this field is required")
    options: dict[str, Any] = {}
    if stops := body.get("stop_sequences"):
        options["stop"] = stops
    choice = body.get("tool_choice")
    if choice is not None:
        options |= _choice(choice)
    options |= _format(body.get("output_config"))
    managed = ("context_management",) if _keeps_all(body.get("context_management")) else ()
    return Asked(
        messages=tuple(messages(body)),
        tools=tuple(tools(body)),
        max_tokens=limit,
        stream=bool(body.get("stream")),
        options=options,
        unknown=rest(body, (*KNOWN, *managed)),
    )


def count(body: Mapping[str, Any]) -> int:
    """Input tokens of a request, estimated from its characters: the model's own tokenizer is not at hand."""
    text = json.dumps([messages(body), tools(body)], ensure_ascii=False)
    return max(1, round(len(text) / CHARACTERS_PER_TOKEN))


def whole(reply: Reply, model: str, name: str) -> dict[str, Any]:
    """The reply as one message; ``name`` is its id."""
    return _head(model, name, reply.usage) | {
        "content": [_block(kind, value) for kind, value in _content(reply)],
        "stop_reason": _stop(reply),
    }


def events(reply: Reply, model: str, name: str) -> Iterator[bytes]:
    """The reply as server-sent events, from ``message_start`` to ``message_stop``."""
    head = _head(model, name, reply.usage) | {"content": [], "stop_reason": None}
    yield _event("message_start", {"message": head | {"usage": head["usage"] | {"output_tokens": 1}}})
    for index, (kind, value) in enumerate(_content(reply)):
        empty, delta = _streamed(kind, value)
        yield _event("content_block_start", {"index": index, "content_block": empty})
        yield _event("content_block_delta", {"index": index, "delta": delta})
        if kind == "thinking":
            signed = {"type": "signature_delta", "signature": ""}
            yield _event("content_block_delta", {"index": index, "delta": signed})
        yield _event("content_block_stop", {"index": index})
    stopped = {"stop_reason": _stop(reply), "stop_sequence": None}
    yield _event("message_delta", {"delta": stopped, "usage": head["usage"]})
    yield _event("message_stop", {})


def error(status: int, message: str) -> dict[str, Any]:
    """The error object of this dialect."""
    return {"type": "error", "error": {"type": KINDS.get(status, "api_error"), "message": message}}


def error_event(status: int, message: str) -> bytes:
    """An error once the stream has begun."""
    return _event("error", error(status, message))


def _choice(choice: Any) -> dict[str, Any]:
    kind = choice.get("type") if isinstance(choice, Mapping) else None
    if kind == "tool":
        chosen: dict[str, Any] = {"tool_choice": {"type": "function", "function": {"name": choice.get("name", "")}}}
    elif kind in CHOICES:
        chosen = {"tool_choice": CHOICES[kind]}
    else:
        raise BadRequest(f"tool_choice: {kind!r} is not auto, any, tool or none")
    return chosen | ({"parallel_tool_calls": False} if choice.get("disable_parallel_tool_use") else {})


def _format(config: Any) -> dict[str, Any]:
    """The form that the reply must have, of an ``output_config`` whose other parts are the run's to set."""
    wanted = config.get("format") if isinstance(config, Mapping) else None
    if wanted is None:
        return {}
    if not isinstance(wanted, Mapping) or wanted.get("type") != "json_schema":
        raise BadRequest("output_config.format: only a json_schema can be passed on")
    schema = {"name": "reply", "schema": wanted.get("schema", {}), "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _keeps_all(management: Any) -> bool:
    """Whether it asks for nothing to be taken out of the conversation, which is what happens here."""
    if not isinstance(management, Mapping) or set(management) - {"edits"}:
        return False
    edits = management.get("edits") or []
    return all(isinstance(edit, Mapping) and edit.get("keep") == "all" for edit in edits)


def _content(reply: Reply) -> Iterator[tuple[str, Any]]:
    if reply.reasoning:
        yield "thinking", reply.reasoning
    if text := reply.content or reply.refusal or ("" if reply.tool_calls else " "):
        yield "text", text
    for call in reply.tool_calls:
        yield "tool_use", call


def _block(kind: str, value: Any) -> dict[str, Any]:
    if kind == "thinking":
        return {"type": "thinking", "thinking": value, "signature": ""}
    if kind == "text":
        return {"type": "text", "text": value}
    return {"type": "tool_use", "id": value["id"], "name": value["function"]["name"], "input": _input(value)}


def _streamed(kind: str, value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The empty block that a stream opens, and the delta that fills it."""
    if kind == "thinking":
        return _block(kind, ""), {"type": "thinking_delta", "thinking": value}
    if kind == "text":
        return _block(kind, ""), {"type": "text_delta", "text": value}
    full = _block(kind, value)
    return full | {"input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(full["input"])}


def _input(call: Mapping[str, Any]) -> dict[str, Any]:
    """A call's arguments; what is no JSON object goes on under a name that no tool has, so that the client says so."""
    try:
        found = json.loads(call["function"]["arguments"] or "{}")
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"malformed_arguments": call["function"]["arguments"]}


def _stop(reply: Reply) -> str:
    if reply.tool_calls and reply.finish_reason in ("stop", "tool_calls", None):
        return "tool_use"
    return STOP_REASONS.get(reply.finish_reason or "stop", "end_turn")


def _head(model: str, name: str, usage: Usage) -> dict[str, Any]:
    cached = usage.cached or 0
    counted = {
        "input_tokens": max(0, (usage.input or 0) - cached),
        "cache_read_input_tokens": cached,
        "cache_creation_input_tokens": 0,
        "output_tokens": usage.output or 0,
    }
    return {
        "id": name,
        "type": "message",
        "role": "assistant",
        "model": model,
        "stop_sequence": None,
        "usage": counted,
    }


def _event(name: str, data: Mapping[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode("ascii")
