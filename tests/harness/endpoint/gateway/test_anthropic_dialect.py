"""Anthropic's dialect, read and written. The official client reads the streams in test_server.py."""

import json
from typing import Any

import pytest

from harness.contract import Reply, Usage
from harness.endpoint.gateway import anthropic_dialect as dialect
from harness.endpoint.gateway.asked import BadRequest

CALL = {"id": "call_1", "type": "function", "function": {"name": "bash", "arguments": '{"command": "ls"}'}}


def body(*messages: dict[str, Any], **other: Any) -> dict[str, Any]:
    turns = list(messages) or [{"role": "user", "content": "Hello"}]
    return {"model": "claude", "max_tokens": 100, "messages": turns, **other}


def test_the_system_prompt_comes_first_without_its_billing_block() -> None:
    system = [
        {"type": "text", "text": "x-anthropic-billing-header: cc_version=2; cch=a1b2"},
        {"type": "text", "text": "You fix bugs.", "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": "Be brief."},
    ]
    asked = dialect.read(body(system=system))
    assert asked.messages == (
        {"role": "system", "content": "You fix bugs.\n\nBe brief."},
        {"role": "user", "content": "Hello"},
    )


def test_a_tool_call_and_its_result_are_a_call_and_a_tool_message() -> None:
    asked = dialect.read(
        body(
            {"role": "user", "content": "Fix it"},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Look first.", "signature": "s"},
                    {"type": "text", "text": "Looking."},
                    {"type": "tool_use", "id": "toolu_1", "name": "bash", "input": {"command": "ls"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Go on."},
                    {"type": "tool_result", "tool_use_id": "toolu_1", "is_error": True, "content": "no such file"},
                ],
            },
        )
    )
    call = {"id": "toolu_1", "type": "function", "function": {"name": "bash", "arguments": '{"command": "ls"}'}}
    assert asked.messages[1:] == (
        {"role": "assistant", "content": "Looking.", "reasoning_content": "Look first.", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "toolu_1", "content": "Error: no such file"},
        {"role": "user", "content": "Go on."},
    )


def test_a_system_message_inside_the_conversation_stays_in_its_place() -> None:
    asked = dialect.read(body({"role": "user", "content": "a"}, {"role": "system", "content": "b"}))
    assert [message["role"] for message in asked.messages] == ["user", "system"]


def test_images_are_passed_on_also_out_of_a_tool_result() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QUJD"}}
    result = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "a plot"}, image]}
    asked = dialect.read(body({"role": "user", "content": [result]}))
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}
    assert asked.messages == (
        {"role": "tool", "tool_call_id": "t", "content": "a plot"},
        {"role": "user", "content": [part]},
    )


def test_tools_and_choices_have_their_counterparts() -> None:
    tool = {"name": "bash", "description": "Runs it.", "input_schema": {"type": "object"}}
    asked = dialect.read(
        body(
            tools=[tool],
            tool_choice={"type": "any", "disable_parallel_tool_use": True},
            stop_sequences=["END"],
            metadata={"user_id": "me"},
        )
    )
    function = {"name": "bash", "description": "Runs it.", "parameters": {"type": "object"}}
    assert asked.tools == ({"type": "function", "function": function},)
    assert asked.options == {"stop": ["END"], "tool_choice": "required", "parallel_tool_calls": False}
    assert asked.unknown == {}
    named = dialect.read(body(tools=[tool], tool_choice={"type": "tool", "name": "bash"}))
    assert named.options["tool_choice"] == {"type": "function", "function": {"name": "bash"}}


def test_what_is_enforced_is_not_unknown_and_what_is_unknown_is_named() -> None:
    asked = dialect.read(body(temperature=0.2, thinking={"type": "adaptive"}, output_config={}, speed="fast"))
    assert asked.unknown == {"speed": "fast"}


@pytest.mark.parametrize(
    ("management", "known"),
    [
        ({"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}, True),
        ({}, True),
        ({"edits": [{"type": "clear_thinking_20251015", "keep": {"type": "thinking_turns", "value": 1}}]}, False),
        ({"edits": [{"type": "clear_tool_uses_20250919"}]}, False),
        ({"edits": [], "other": 1}, False),
        ("all", False),
    ],
)
def test_context_management_that_keeps_all_asks_for_nothing(management: Any, known: bool) -> None:
    asked = dialect.read(body(context_management=management))
    assert asked.unknown == ({} if known else {"context_management": management})


def test_a_form_asked_for_is_passed_on_without_the_effort() -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string"}}}
    form = {"type": "json_schema", "schema": schema}
    asked = dialect.read(body(output_config={"effort": "high", "format": form}))
    wanted = {"name": "reply", "schema": schema, "strict": True}
    assert asked.options == {"response_format": {"type": "json_schema", "json_schema": wanted}}
    with pytest.raises(BadRequest, match=r"output_config\.format"):
        dialect.read(body(output_config={"format": {"type": "xml"}}))
    assert dialect.read(body(output_config="high")).options == {}


def test_documents_are_passed_on() -> None:
    pdf = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "QUJD"}}
    text = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "abc"}}
    asked = dialect.read(body({"role": "user", "content": [pdf, text]}))
    file = {"filename": "document", "file_data": "data:application/pdf;base64,QUJD"}
    assert asked.messages[0]["content"] == [{"type": "file", "file": file}, {"type": "text", "text": "abc"}]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"messages": [{"role": "user", "content": "a"}]}, "max_tokens"),
        (body() | {"messages": []}, "messages: at least one"),
        (body() | {"max_tokens": 0}, "max_tokens must be a positive integer"),
        (body({"role": "robot", "content": "a"}), "messages.0.role"),
        (body({"role": "user", "content": 7}), "messages.0.content"),
        (body({"role": "user", "content": [{"type": "document"}]}), "'document'"),
        (body({"role": "assistant", "content": [{"type": "server_tool_use"}]}), "'server_tool_use'"),
        (body(tools=[{"type": "web_search_20250305", "name": "web_search"}]), "web_search_20250305"),
        (body(tool_choice={"type": "all"}), "tool_choice"),
    ],
)
def test_what_has_no_counterpart_is_refused_by_name(bad: dict[str, Any], says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        dialect.read(bad)


def test_a_reply_as_one_message() -> None:
    reply = Reply("Looking.", reasoning="Hm.", finish_reason="tool_calls", tool_calls=(CALL,), usage=Usage(100, 40, 7))
    message = dialect.whole(reply, "model", "msg_1")
    assert message["content"] == [
        {"type": "thinking", "thinking": "Hm.", "signature": ""},
        {"type": "text", "text": "Looking."},
        {"type": "tool_use", "id": "call_1", "name": "bash", "input": {"command": "ls"}},
    ]
    assert (message["stop_reason"], message["id"], message["model"]) == ("tool_use", "msg_1", "model")
    usage = message["usage"]
    assert (usage["input_tokens"], usage["cache_read_input_tokens"], usage["output_tokens"]) == (60, 40, 7)


@pytest.mark.parametrize(
    ("finish", "stop"),
    [("stop", "end_turn"), ("length", "max_tokens"), ("content_filter", "refusal"), (None, "end_turn")],
)
def test_stop_reasons(finish: str | None, stop: str) -> None:
    assert dialect.whole(Reply("a", finish_reason=finish), "m", "n")["stop_reason"] == stop


def test_a_cut_tool_call_is_cut_and_not_used() -> None:
    reply = Reply("", finish_reason="length", tool_calls=(CALL,))
    assert dialect.whole(reply, "m", "n")["stop_reason"] == "max_tokens"


def test_arguments_that_are_no_object_reach_the_client_as_such() -> None:
    broken = CALL | {"function": {"name": "bash", "arguments": '{"command": "ls'}}
    content = dialect.whole(Reply("", tool_calls=(broken,)), "m", "n")["content"]
    assert content == [
        {"type": "tool_use", "id": "call_1", "name": "bash", "input": {"malformed_arguments": '{"command": "ls'}}
    ]


def test_an_empty_reply_still_has_a_block() -> None:
    assert dialect.whole(Reply(""), "m", "n")["content"] == [{"type": "text", "text": " "}]


def test_a_stream_says_what_the_whole_message_says() -> None:
    reply = Reply("Text\u2028.", reasoning="Hm.", finish_reason="tool_calls", tool_calls=(CALL,), usage=Usage(9, 0, 3))
    names, blocks = [], {}
    for event in dialect.events(reply, "model", "msg_1"):
        name, data = event.decode("ascii").strip().split("\n")
        names.append(name.removeprefix("event: "))
        found = json.loads(data.removeprefix("data: "))
        assert found["type"] == names[-1]
        if found["type"] == "content_block_start":
            blocks[found["index"]] = found["content_block"] | {"deltas": []}
        elif found["type"] == "content_block_delta":
            blocks[found["index"]]["deltas"].append(found["delta"])
    assert (names[0], names[-2:]) == ("message_start", ["message_delta", "message_stop"])
    assert [block["type"] for block in blocks.values()] == ["thinking", "text", "tool_use"]
    assert blocks[1]["deltas"] == [{"type": "text_delta", "text": "Text\u2028."}]
    assert json.loads(blocks[2]["deltas"][0]["partial_json"]) == {"command": "ls"}


def test_counting_tokens_is_an_estimate_that_grows_with_the_text() -> None:
    short = dialect.count({"messages": [{"role": "user", "content": "a" * 350}]})
    long = dialect.count({"messages": [{"role": "user", "content": "a" * 3500}]})
    assert 90 < short < 130
    assert 990 < long < 1030
