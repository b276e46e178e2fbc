"""OpenAI's dialect, read and written. The official client reads the streams in test_server.py."""

import json
from typing import Any

import pytest

from harness.contract import Reply, Usage
from harness.endpoint.gateway import openai_dialect as dialect
from harness.endpoint.gateway.asked import BadRequest

HELLO = {"role": "user", "content": "Hello"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "bash", "arguments": "{}"}}


def test_messages_and_options_are_taken_as_they_are() -> None:
    marked = {"role": "user", "content": [{"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}]}
    asked = dialect.read(
        {
            "model": "any",
            "messages": [marked],
            "tools": [{"type": "function", "function": {"name": "bash"}}],
            "tool_choice": "auto",
            "stop": ["END"],
            "temperature": 0,
            "user": "me",
            "logit_bias": {"1": 2},
        }
    )
    assert asked.messages == ({"role": "user", "content": [{"type": "text", "text": "Hi"}]},)
    assert asked.tools == ({"type": "function", "function": {"name": "bash"}},)
    assert asked.options == {"tool_choice": "auto", "stop": ["END"]}
    assert asked.unknown == {"logit_bias": {"1": 2}}
    assert (asked.max_tokens, asked.stream) == (None, False)


def test_the_newer_name_of_the_output_limit_comes_first() -> None:
    asked = dialect.read({"messages": [HELLO], "max_completion_tokens": 5, "max_tokens": 9, "stream": True})
    assert (asked.max_tokens, asked.stream) == (5, True)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({}, "messages"),
        ({"messages": "Hello"}, "messages must be a list"),
        ({"messages": [HELLO], "n": 2}, "one choice"),
        ({"messages": [HELLO], "max_tokens": True}, "max_tokens"),
        ({"messages": [HELLO], "tools": ["bash"]}, "tools must be a list"),
        ({"messages": [{"role": "robot", "content": "a"}]}, "messages.0.role: 'robot'"),
        ({"messages": [{"role": ["user"], "content": "a"}]}, "messages.0.role"),
        ({"messages": [HELLO, {"role": "user", "content": ["a"]}]}, "content must be a list"),
        ({"messages": [HELLO, {"role": "assistant", "tool_calls": 7}]}, "tool_calls must be a list"),
    ],
)
def test_bad_requests_say_what_is_wrong(bad: dict[str, Any], says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        dialect.read(bad)


def test_a_reply_as_one_completion() -> None:
    reply = Reply("", reasoning="Hm.", finish_reason="tool_calls", tool_calls=(CALL,), usage=Usage(10, 4, 6, 2))
    found = dialect.whole(reply, "model", "msg_1")
    message = {"role": "assistant", "content": None, "reasoning_content": "Hm.", "tool_calls": [CALL]}
    assert found["choices"] == [{"index": 0, "message": message, "finish_reason": "tool_calls", "logprobs": None}]
    assert found["usage"]["total_tokens"] == 16
    assert found["usage"]["prompt_tokens_details"] == {"cached_tokens": 4}
    assert found["usage"]["completion_tokens_details"] == {"reasoning_tokens": 2}


def test_a_stream_carries_the_same_parts_and_ends() -> None:
    reply = Reply("Text", reasoning="Hm.", finish_reason="stop", tool_calls=(CALL,), usage=Usage(1, 0, 2))
    *chunks, done = [event.decode("ascii").strip().removeprefix("data: ") for event in dialect.events(reply, "m", "n")]
    assert done == "[DONE]"
    read = [json.loads(chunk) for chunk in chunks]
    deltas = [choice["delta"] for chunk in read for choice in chunk["choices"]]
    assert {"content": "Text"} in deltas
    assert {"reasoning_content": "Hm."} in deltas
    assert {"tool_calls": [{"index": 0, **CALL}]} in deltas
    assert [c["finish_reason"] for chunk in read for c in chunk["choices"] if c["finish_reason"]] == ["stop"]
    assert read[-1]["usage"]["completion_tokens"] == 2
