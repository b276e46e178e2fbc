import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from harness.contract import Reply, Request, Sampling, Usage
from harness.endpoint.chat import ChatClient
from harness.endpoint.faults import Fault, Rejected, Transient
from harness.endpoint.profile import Profile
from harness.endpoint.wire import fields
from harness.errors import DailyLimit, OutOfCredit, Refused
from tests.harness.endpoint.making import profile, request, settle
from tests.harness.endpoint.scripted import Scripted
from tests.standin import STRANGE, Standin

KEY = "sk-test-0123456789"


def attempt(endpoint: Profile, asked: Request, key: str | None = None) -> tuple[Reply, list[float]]:
    first: list[float] = []

    async def play() -> Reply:
        async with ChatClient(endpoint, key, 4) as client:
            return await client.attempt(asked, fields(endpoint, asked), first.append)

    return asyncio.run(play()), first


def against(standin: Standin, asked: Request | None = None, key: str | None = None, **other: Any) -> Reply:
    try:
        return attempt(Profile.model_validate(standin.profile(**other)), asked or request(), key)[0]
    finally:
        settle(standin)


def fault_of(name: str, **other: Any) -> Fault:
    with (
        Standin("echo", faults=[(name, range(1, 100))], silence=5.0) as standin,
        pytest.raises(Fault) as caught,
    ):
        against(standin, request("A reply that is long enough to be cut."), **other)
    return caught.value


@pytest.mark.parametrize("torn", [0, 1, 5])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_reply_is_exact_wherever_its_bytes_are_cut(torn: int, newline: str) -> None:
    with Standin("echo", torn=torn, newline=newline) as standin:
        reply = against(standin, request(STRANGE))
    assert reply.content == STRANGE
    assert reply.finish_reason == "stop"


def test_what_is_recorded_of_a_reply() -> None:
    thinks = request(thinking="on")
    with Standin("echo", dialect="openrouter", latency=0.12) as standin:
        reply, first = attempt(Profile.model_validate(standin.profile()), thinks)
    assert (reply.content, reply.reasoning) == ("Say hello.", "First I think about it, then I answer.")
    assert (reply.provider, reply.served_model, reply.max_tokens) == ("StandIn", "toy-model", 1000)
    assert reply.response_id
    assert reply.cost_usd == standin.account_usd
    assert reply.usage.input
    assert reply.usage.output
    assert reply.timing
    assert reply.timing.first_token is not None
    assert reply.timing.total >= reply.timing.first_token >= 0.1
    assert first == [pytest.approx(reply.timing.first_token, abs=1e-3)]
    assert Reply.from_json(reply.to_json()) == reply


def test_usage_is_asked_for_and_thinking_always_sent() -> None:
    with Standin("echo", dialect="longcat") as standin:
        reply = against(standin, request(thinking="off", sampling=Sampling(0.5, 0.9, seed=7)))
    [body] = standin.chats
    assert reply.usage.output
    assert reply.reasoning is None
    assert body["stream_options"] == {"include_usage": True}
    assert (body["thinking"], body["temperature"], body["seed"]) == ({"type": "disabled"}, 0.5, 7)
    assert (body["messages"], body["model"], body["stream"]) == (
        [{"role": "user", "content": "Say hello."}],
        "toy-model",
        True,
    )


def test_tool_calls() -> None:
    tool: Mapping[str, Any] = {"type": "function", "function": {"name": "say", "parameters": {"type": "object"}}}
    with Standin("caller") as standin:
        reply = against(standin, request("hi", tools=(tool,)))
    assert [call["function"] for call in reply.tool_calls] == [{"name": "say", "arguments": '{"text": "hi"}'}]
    assert standin.chats[0]["tools"] == [tool]


@pytest.mark.parametrize(
    ("name", "kind", "charged"),
    [
        ("429", "rate_limited", False),
        ("500", "server_error", False),
        ("500-tool-json", "model_output", True),
        ("408", "timeout", False),
        ("drop", "connection", True),
        ("html", "content_type", True),
        ("empty", "empty_stream", True),
        ("done-only", "empty_stream", True),
        ("cut-before", "cut_stream", True),
        ("cut-after", "cut_stream", True),
        ("reset", "cut_stream", True),
        ("cut-clean", "cut_stream", True),
        ("half-json", "malformed", True),
        ("bad-json", "malformed", True),
        ("stream-error", "server_error", True),
    ],
)
def test_faults(name: str, kind: str, charged: bool) -> None:
    fault = fault_of(name)
    assert isinstance(fault, Transient)
    assert (fault.kind, fault.charged) == (kind, charged)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("silence-head", "first_token_timeout"),
        ("silence-first", "first_token_timeout"),
        ("silence-middle", "idle_timeout"),
    ],
)
def test_silences_end_in_time_outs(name: str, kind: str) -> None:
    fault = fault_of(name, first_token_timeout_s=0.4, idle_timeout_s=0.4)
    assert isinstance(fault, Transient)
    assert (fault.kind, fault.charged) == (kind, True)
    assert (fault.partial_chars > 0) == (kind == "idle_timeout")


def test_comments_keep_no_one_waiting_for_ever() -> None:
    with Standin("echo", dialect="openrouter", latency=5.0) as standin, pytest.raises(Transient) as caught:
        against(standin, request(thinking="on"), first_token_timeout_s=0.4)
    assert caught.value.kind == "first_token_timeout"


def test_a_slow_but_steady_stream_meets_no_time_out() -> None:
    text = "slow " * 16
    with Standin("echo", tokens_per_s=40) as standin:
        reply = against(standin, request(text), first_token_timeout_s=0.4, idle_timeout_s=0.4)
    assert reply.content == text
    assert reply.timing
    assert reply.timing.total > 0.4


def test_400_is_rejected() -> None:
    with Standin("echo", faults=[("400", {1})]) as standin, pytest.raises(Rejected) as caught:
        against(standin)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("name", "error"),
    [("401", Refused), ("403", Refused), ("404", Refused), ("402", OutOfCredit), ("429-daily", DailyLimit)],
)
def test_what_stops_a_run(name: str, error: type[Exception]) -> None:
    with Standin("echo", faults=[(name, {1})]) as standin, pytest.raises(error):
        against(standin)


def test_words_that_the_request_holds_too_do_not_stop_a_run() -> None:
    with Standin("echo", faults=[("404", {1})]) as standin, pytest.raises(Rejected):
        against(standin, request("It answers 'The model does not exist' (model_not_found). Why?"))


def test_an_echoed_key_is_not_repeated() -> None:
    with Standin("echo", api_key="another", echo_key=True) as standin, pytest.raises(Refused) as caught:
        against(standin, key=KEY)
    assert KEY not in str(caught.value)
    assert "STANDIN_API_KEY" in str(caught.value)


def test_the_key_is_borne() -> None:
    with Standin("echo", api_key=KEY) as standin:
        assert against(standin, key=KEY).content == "Say hello."


def test_headers_meant_for_openai_go_to_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-secret")
    with Standin("echo") as standin:
        against(standin)
    assert "secret" not in str(standin.requests[0].headers)


def test_nobody_there() -> None:
    with pytest.raises(Transient) as caught:
        attempt(profile(), request())
    assert (caught.value.kind, caught.value.charged) == ("connection", False)


def test_half_a_surrogate_pair_cannot_be_asked() -> None:
    with Standin("echo") as standin, pytest.raises(Rejected) as caught:
        against(standin, request("\ud800"))
    assert caught.value.kind == "unsendable"
    assert standin.asked == 0


WHOLE = b'{"id":"x","choices":[{"message":{"role":"assistant","content":"all"},"finish_reason":"stop"}]}'
EVENT = b'data: {"choices":[{"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\n'


@pytest.mark.parametrize(
    ("kind", "body", "content"),
    [
        ("application/json", WHOLE, "all"),
        ("text/event-stream; charset=utf-8", EVENT, "hi"),
        ("text/event-stream", EVENT.rstrip(), "hi"),
        ("text/event-stream", EVENT + b"data: {broken\n\n", "hi"),
        (
            "text/event-stream",
            b'data: {"choices":[{"delta":{"content":"\\ud83d\\ude00\xe2\x80\xa8"},"finish_reason":"stop"}]}',
            "😀\u2028",
        ),
    ],
)
def test_complete_replies_in_other_forms(kind: str, body: bytes, content: str) -> None:
    with Scripted(kind, body) as server:
        reply, _ = attempt(profile(base_url=server.base_url), request())
    assert reply.content == content


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("application/json", b'{"error": {"code": 503, "message": "busy"}}', "server_error"),
        ("application/json", b'{"choices": [{"message": {"content": "x"}}]}', "malformed"),
        ("application/json", b"{", "malformed"),
        ("text/plain", b"hello", "content_type"),
        ("text/event-stream", b": only a comment\n\n", "empty_stream"),
    ],
)
def test_incomplete_replies_in_other_forms(kind: str, body: bytes, expected: str) -> None:
    with Scripted(kind, body) as server, pytest.raises(Transient) as caught:
        attempt(profile(base_url=server.base_url), request())
    assert caught.value.kind == expected


def test_a_stream_left_open_after_its_end_is_complete() -> None:
    with Scripted("text/event-stream", EVENT + b"data: [DONE]\n\n", hold_s=5.0) as server:
        reply, _ = attempt(profile(base_url=server.base_url), request())
    assert reply.content == "hi"
    assert reply.usage == Usage()
