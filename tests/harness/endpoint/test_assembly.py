import json
from typing import Any

import pytest

from harness.contract import Usage
from harness.endpoint.assembly import Assembly, Malformed, StreamError


def event(delta: dict[str, Any] | None = None, finish: str | None = None, **other: Any) -> bytes:
    return json.dumps({"choices": [{"index": 0, "delta": delta or {}, "finish_reason": finish}], **other}).encode()


def assembled(*events: bytes) -> Assembly:
    assembly = Assembly()
    for one in events:
        assembly.feed(one)
    return assembly


def test_content_reasoning_and_refusal_are_kept_apart() -> None:
    reply = assembled(
        event({"role": "assistant", "content": ""}),
        event({"reasoning_content": "th"}),
        event({"reasoning": "ink"}),
        event({"content": "Hel"}),
        event({"content": "lo"}),
        event({"refusal": "no"}, "stop"),
    ).reply()
    assert (reply.content, reply.reasoning, reply.refusal, reply.finish_reason) == ("Hello", "think", "no", "stop")


def test_a_field_given_under_both_names_counts_once() -> None:
    assert assembled(event({"reasoning_content": "a", "reasoning": "a"}, "stop")).reply().reasoning == "a"


def test_tokens_are_told_from_other_events() -> None:
    assembly = Assembly()
    assert not assembly.feed(event({"role": "assistant", "content": ""}))
    assert not assembly.feed(event(None, "stop"))
    assert not assembly.started
    assert assembly.feed(event({"tool_calls": [{"index": 0, "function": {"name": "f"}}]}))
    assert assembly.started


def test_tool_calls_are_put_together_by_index() -> None:
    reply = assembled(
        event({"tool_calls": [{"index": 1, "id": "b", "function": {"name": "g", "arguments": "{"}}]}),
        event({"tool_calls": [{"index": 0, "id": "a", "type": "function", "function": {"name": "f"}}]}),
        event({"tool_calls": [{"index": 1, "function": {"arguments": "}"}}, {"index": 0, "function": {}}]}),
        event(None, "tool_calls"),
    ).reply()
    assert reply.tool_calls == (
        {"id": "a", "type": "function", "function": {"name": "f", "arguments": ""}},
        {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}},
    )


def test_what_the_provider_says_of_itself_and_of_the_cost() -> None:
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 3},
        "cost": 0.25,
    }
    reply = assembled(
        event({"content": "x"}, id="gen-1", model="served", system_fingerprint="fp", provider="P"),
        event(None, "length", id="gen-1"),
        json.dumps({"choices": [], "usage": usage}).encode(),
    ).reply()
    assert reply.usage == Usage(input=9, cached=4, output=5, reasoning=3)
    assert (reply.cost_usd, reply.provider, reply.served_model) == (0.25, "P", "served")
    assert (reply.fingerprint, reply.response_id, reply.truncated) == ("fp", "gen-1", True)


@pytest.mark.parametrize("details", [None, {}, {"cached_tokens": None}])
def test_usage_without_details_leaves_them_unknown(details: Any) -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "prompt_tokens_details": details}
    assert assembled(event(None, "stop", usage=usage)).reply().usage == Usage(input=1, output=2)


def test_strange_characters_come_through_exactly() -> None:
    text = "甲\u2028乙\x85丙\x00\ufeff"
    assert assembled(event({"content": text}, "stop")).reply().content == text


def test_a_surrogate_pair_cut_between_events_is_one_character_and_a_lone_half_stays() -> None:
    reply = assembled(event({"content": "\ud83d"}), event({"content": "\ude00 \ud800"}, "stop")).reply()
    assert reply.content == "\U0001f600 \ud800"


@pytest.mark.parametrize(
    "payload",
    [b'{"choices": [{"del', b"[]", b'{"choices": "x"}', b'{"choices": [{"delta": {"content": ["x"]}}]}', b'"\xff"'],
)
def test_what_is_no_completion_is_malformed(payload: bytes) -> None:
    with pytest.raises(Malformed):
        Assembly().feed(payload)


def test_an_error_object_is_raised_as_such() -> None:
    with pytest.raises(StreamError) as caught:
        Assembly().feed(b'{"error": {"code": 502, "message": "bad"}, "choices": [{"finish_reason": "error"}]}')
    assert caught.value.error == {"code": 502, "message": "bad"}


def test_a_finish_reason_error_is_an_error() -> None:
    with pytest.raises(StreamError):
        Assembly().feed(event(None, "error"))


def test_a_completion_that_was_not_streamed() -> None:
    assembly = Assembly()
    message = {"role": "assistant", "content": "hi", "reasoning_content": None}
    assembly.feed_whole(json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode())
    assert assembly.complete
    assert assembly.reply().content == "hi"
    assert assembly.partial_chars == 2
