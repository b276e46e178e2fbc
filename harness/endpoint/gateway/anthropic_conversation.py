"""A conversation in Anthropic's words, as chat messages and tools of OpenAI's.

Thinking comes back as the message's ``reasoning_content``. System messages inside the conversation, which Claude Code
sends, stay where they are.
"""

import json
from collections.abc import Mapping
from typing import Any

from harness.endpoint.gateway.asked import BadRequest, listed, uncached

BILLING = "x-anthropic-billing-header"


def messages(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The system prompt and the conversation as chat messages.

    Raises:
        BadRequest: as :func:`read`.
    """
    found: list[dict[str, Any]] = []
    if system := _text(_blocks(body.get("system") or [], "system")):
        found.append({"role": "system", "content": system})
    turns = listed(body, "messages")
    if not turns:
        raise BadRequest("messages: at least one message is required")
    for place, turn in enumerate(turns):
        role, where = turn.get("role"), f"messages.{place}"
        blocks = _blocks(turn.get("content", []), where)
        if role == "assistant":
            found.append(_assistant(blocks, where))
        elif role == "user":
            found += _user(blocks, where)
        elif role == "system":
            found.append({"role": "system", "content": _text(blocks)})
        else:
            raise BadRequest(f"{where}.role: {role!r} is not user, assistant or system")
    return found


def tools(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tools that the client offers.

    Raises:
        BadRequest: one is not the client's own to run.
    """
    return [_tool(tool) for tool in listed(body, "tools")]


def _blocks(content: Any, where: str) -> list[dict[str, Any]]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if not isinstance(content, list) or not all(isinstance(block, dict) for block in content):
        raise BadRequest(f"{where}.content: a text or a list of blocks is expected")
    return [uncached(block) for block in content]


def _text(blocks: list[dict[str, Any]]) -> str:
    texts = [str(block.get("text", "")) for block in blocks if block.get("type") == "text"]
    return "\n\n".join(text for text in texts if text and not text.startswith(BILLING))


def _assistant(blocks: list[dict[str, Any]], where: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": _text(blocks) or None}
    calls = []
    for block in blocks:
        kind = block.get("type")
        if kind == "tool_use":
            arguments = json.dumps(block.get("input", {}), ensure_ascii=False)
            function = {"name": block.get("name", ""), "arguments": arguments}
            calls.append({"id": block.get("id", ""), "type": "function", "function": function})
        elif kind == "thinking":
            message["reasoning_content"] = message.get("reasoning_content", "") + str(block.get("thinking", ""))
        elif kind not in ("text", "redacted_thinking"):
            raise BadRequest(f"{where}.content: a block of type {kind!r} cannot be passed on")
    if calls:
        message["tool_calls"] = calls
    return message


def _user(blocks: list[dict[str, Any]], where: str) -> list[dict[str, Any]]:
    """Tool results first, each a message of its own, as a chat completion wants them right after the calls."""
    results, parts = [], []
    for block in blocks:
        if block.get("type") == "tool_result":
            inner = _blocks(block.get("content") or [], where)
            failed = "Error: " if block.get("is_error") else ""
            results.append(
                {"role": "tool", "tool_call_id": block.get("tool_use_id", ""), "content": failed + _text(inner)}
            )
            parts += [_part(each, where) for each in inner if each.get("type") != "text"]
        else:
            parts.append(_part(block, where))
    if not parts:
        return results
    plain = all(part["type"] == "text" for part in parts)
    content: Any = "\n\n".join(part["text"] for part in parts) if plain else parts
    return [*results, {"role": "user", "content": content}]


def _part(block: Mapping[str, Any], where: str) -> dict[str, Any]:
    kind, source = block.get("type"), block.get("source")
    if kind == "text":
        return {"type": "text", "text": str(block.get("text", ""))}
    if kind == "image" and isinstance(source, Mapping):
        url = source.get("url")
        if source.get("type") == "base64":
            url = f"data:{source.get('media_type')};base64,{source.get('data')}"
        return {"type": "image_url", "image_url": {"url": url}}
    if kind == "document" and isinstance(source, Mapping):
        if source.get("type") == "text":
            return {"type": "text", "text": str(source.get("data", ""))}
        if source.get("type") == "base64":
            data = f"data:{source.get('media_type')};base64,{source.get('data')}"
            return {"type": "file", "file": {"filename": str(block.get("title") or "document"), "file_data": data}}
    raise BadRequest(f"{where}.content: a block of type {kind!r} cannot be passed on")


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    if tool.get("type") not in (None, "custom"):
        raise BadRequest(f"tools: {tool.get('type')!r} runs on Anthropic's servers; this model has no such tool")
    function = {"name": tool.get("name", ""), "parameters": tool.get("input_schema", {"type": "object"})}
    if tool.get("description"):
        function["description"] = tool["description"]
    return {"type": "function", "function": function}
