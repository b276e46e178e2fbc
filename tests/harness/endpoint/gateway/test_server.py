"""The gateway behind the official clients, on loopback, with a model by hand."""

import asyncio
import gc
import io
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import openai
import pytest

from harness.contract import Reply, Request, Usage
from harness.endpoint.ask import Ask
from harness.endpoint.faults import FailedForGood
from harness.endpoint.gateway import Gateway, Route
from harness.endpoint.gateway.answers import status_of
from harness.endpoint.gateway.bodies import DEEPEST, LARGEST
from harness.endpoint.gateway.route import AT_ONCE
from harness.endpoint.spend import Spend
from harness.endpoint.wire import recorded
from harness.errors import BudgetSpent, DailyLimit, HarnessError, Interrupted, Refused, UsageError
from harness.journal import Journal
from tests.harness.endpoint.gateway.test_route import route
from tests.harness.endpoint.making import profile

if TYPE_CHECKING:
    import anthropic

CALL = {"id": "x", "type": "function", "function": {"name": "bash", "arguments": '{"command": "ls"}'}}
REPLY = Reply(
    "Looking.", reasoning="Hm.", finish_reason="tool_calls", tool_calls=(CALL,), usage=Usage(20, 5, 7), cost_usd=0.01
)
TOOL: dict[str, Any] = {"name": "bash", "description": "Runs it.", "input_schema": {"type": "object"}}
HELLO: Any = [{"role": "user", "content": "Hello"}]


class Hand:
    """A model by hand: gives ``reply``, or raises it, after ``seconds``."""

    def __init__(self, reply: Reply | Exception = REPLY, seconds: float = 0.0) -> None:
        self._reply = reply
        self._seconds = seconds
        self.asked: list[Request] = []

    def close_door(self) -> None:
        pass

    def recorded(self, request: Request) -> dict[str, Any]:
        return recorded(profile(thinking={"on": {}, "off": {}}), request)

    async def chat(
        self, request: Request, spend: Spend | None = None, attempts: list[Mapping[str, Any]] | None = None
    ) -> Reply:
        self.asked.append(request)
        await asyncio.sleep(self._seconds)
        if isinstance(self._reply, Exception):
            raise self._reply
        return self._reply


def play(
    folder: Path,
    model: Hand | None,
    act: Callable[[str, Route], Awaitable[None]],
    served: Route | None = None,
    **settings: Any,
) -> Route:
    """Serve one route from ``folder``'s journal and ``model`` (None: the network is closed) while ``act`` runs."""
    mine = served or route(max_tokens=5000)

    async def play_it(journal: Journal) -> None:
        async with Gateway(Ask(journal, {"answer": model} if model else None), **settings) as gateway:
            await act(gateway.open(mine), mine)

    with Journal.open(folder, "0" * 64) as journal:
        asyncio.run(play_it(journal))
    return mine


def claude(url: str, token: str = "secret") -> "anthropic.AsyncAnthropic":
    # Here and below and not above: the import takes seconds in every process that collects the tests.
    import anthropic

    return anthropic.AsyncAnthropic(base_url=url, api_key=token, max_retries=0)


def gpt(url: str, token: str = "secret") -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0)


def test_anthropics_client_streams_a_reply(tmp_path: Path) -> None:
    model = Hand()

    async def act(url: str, mine: Route) -> None:
        async with (
            claude(url) as client,
            client.messages.stream(
                model="claude", max_tokens=4000, messages=HELLO, tools=[TOOL], extra_body={"temperature": 0.3}
            ) as stream,
        ):
            message = await stream.get_final_message()
        assert [block.type for block in message.content] == ["thinking", "text", "tool_use"]
        assert message.content[2].input == {"command": "ls"}
        assert message.stop_reason == "tool_use"
        assert (message.usage.input_tokens, message.usage.cache_read_input_tokens) == (15, 5)
        assert message.usage.output_tokens == 7

    mine = play(tmp_path, model, act)
    assert model.asked[0].sampling == mine.sampling
    assert model.asked[0].max_tokens == 4000
    assert model.asked[0].tools[0]["function"]["name"] == "bash"
    assert (mine.overridden, mine.turns, mine.spent_usd) == ({"temperature"}, 1, 0.01)


def test_anthropics_client_gets_a_whole_message_and_counts_tokens(tmp_path: Path) -> None:
    async def act(url: str, mine: Route) -> None:
        async with claude(url) as client:
            message = await client.messages.create(model="claude", max_tokens=100, messages=HELLO)
            assert message.content[1].text == "Looking."
            counted = await client.messages.count_tokens(model="claude", messages=HELLO)
            assert counted.input_tokens > 0

    play(tmp_path, Hand(), act)


def test_openais_client_streams_and_gets_whole_completions(tmp_path: Path) -> None:
    async def act(url: str, mine: Route) -> None:
        async with gpt(url) as client:
            whole = await client.chat.completions.create(model="any", messages=HELLO)
            call = whole.choices[0].message.tool_calls[0]
            assert (call.function.name, call.id[:5]) == ("bash", "call_")
            stream = await client.chat.completions.create(model="any", messages=HELLO, stream=True)
            text, finish = "", None
            async for chunk in stream:
                for choice in chunk.choices:
                    text += choice.delta.content or ""
                    finish = choice.finish_reason or finish
            assert (text, finish) == ("Looking.", "tool_calls")
            assert [model.id async for model in client.models.list()] == ["model"]

    assert play(tmp_path, Hand(), act).turns == 2


def test_a_trial_replays_from_its_journal_with_the_network_closed(tmp_path: Path) -> None:
    seen = []

    async def act(url: str, mine: Route) -> None:
        async with gpt(url) as client:
            for _ in range(2):
                seen.append((await client.chat.completions.create(model="any", messages=HELLO)).to_dict())

    model = Hand()
    play(tmp_path, model, act)
    assert len(model.asked) == 2
    play(tmp_path, None, act)
    assert seen[:2] == seen[2:]


@pytest.mark.parametrize("token", ["wrong", ""])
def test_only_the_trials_own_token_opens_its_route(tmp_path: Path, token: str) -> None:
    import anthropic

    model = Hand()

    async def act(url: str, mine: Route) -> None:
        async with claude(url, token or "-") as client:
            with pytest.raises(anthropic.AuthenticationError):
                await client.messages.create(model="m", max_tokens=9, messages=HELLO)
        async with aiohttp.ClientSession() as session:
            for path in ("chat/completions", "messages", "messages/count_tokens"):
                async with session.post(f"{url}/v1/{path}", json={}) as answer:
                    assert answer.status == 401
            async with session.get(f"{url}/v1/models") as answer:
                assert answer.status == 401
            other = url.replace("/trial", "/other")
            async with session.post(f"{other}/v1/messages", headers={"x-api-key": "secret"}) as answer:
                assert answer.status == 401

    play(tmp_path, model, act)
    assert model.asked == []


def test_an_unknown_field_is_refused_by_name_or_passed_on(tmp_path: Path) -> None:
    model = Hand()

    async def refused(url: str, mine: Route) -> None:
        async with gpt(url) as client:
            with pytest.raises(openai.BadRequestError, match="logit_bias"):
                await client.chat.completions.create(model="any", messages=HELLO, logit_bias={"1": 1})
        assert [type(fault) for fault in mine.faults] == [UsageError]

    async def passed(url: str, mine: Route) -> None:
        async with gpt(url) as client:
            await client.chat.completions.create(model="any", messages=HELLO, logit_bias={"1": 1})

    play(tmp_path, model, refused)
    assert model.asked == []
    play(tmp_path, model, passed, unknown_fields="pass")
    assert model.asked[0].options == {"logit_bias": {"1": 1}}


GARBAGE = (
    b"{",
    b"[]",
    b"[" * 100_000,
    b'{"messages": ' + b"[" * DEEPEST + b"]" * DEEPEST + b"}",
    b'{"messages": [{"role": "user", "content": NaN}], "max_tokens": 9}',
    b'{"messages": [{"role": "user", "content": "a"}], "max_tokens": 9, "tools": [{"name": 1e999}]}',
    b'{"messages": [{"role": "user", "content": [7]}], "max_tokens": 9}',
    b'{"messages": [{"role": "user", "content": "a"}], "max_tokens": 9, "context_management": {"edits": 7}}',
    b'{"messages": [{"role": "user", "content": "a"}], "max_tokens": 9, "speed": "fast"}',
)
OF_ANTHROPICS = b'{"messages": [{"role": "user", "content": "a"}], "max_tokens": 9, "tool_choice": {"type": []}}'


@pytest.mark.parametrize(("path", "garbage"), [("messages", (*GARBAGE, OF_ANTHROPICS)), ("chat/completions", GARBAGE)])
def test_garbage_is_the_scaffolds_fault_before_any_reply_and_nobodys_later(
    tmp_path: Path, path: str, garbage: tuple[bytes, ...]
) -> None:
    async def act(url: str, mine: Route) -> None:
        async with aiohttp.ClientSession(headers={"x-api-key": "secret"}) as session:

            async def sends_it() -> None:
                for sent in garbage:
                    async with session.post(f"{url}/v1/{path}", data=sent) as answer:
                        assert (answer.status, "error" in await answer.json()) == (400, True)

            await sends_it()
            assert [type(fault) for fault in mine.faults] == [UsageError] * len(garbage)
            assert "toy/on/item#0" in str(mine.faults[0])
            async with session.post(f"{url}/v1/{path}", json={"messages": HELLO, "max_tokens": 9}) as answer:
                assert answer.status == 200
            await sends_it()

    mine = play(tmp_path, Hand(), act)
    assert (mine.turns, len(mine.faults)) == (1, len(garbage))


def test_a_body_that_is_too_large_is_refused_and_strange_tokens_and_counts_are_too(tmp_path: Path) -> None:
    async def act(url: str, mine: Route) -> None:
        async with aiohttp.ClientSession(headers={"x-api-key": "secret"}) as session:
            async with session.post(f"{url}/v1/messages", data=io.BytesIO(b" " * (LARGEST + 1))) as answer:
                assert (answer.status, (await answer.json())["error"]["type"]) == (413, "request_too_large")
            for sent in (b"{", b'{"messages": [{"role": "user", "content": {"a": 1}}]}'):
                async with session.post(f"{url}/v1/messages/count_tokens", data=sent) as answer:
                    assert answer.status == 400
            async with session.get(f"{url}/v1/models", headers={"x-api-key": "s\u00e9cret"}) as answer:
                assert answer.status == 401

    play(tmp_path, Hand(), act)


@pytest.mark.parametrize("stream", [False, True])
def test_what_breaks_in_the_gateway_is_a_fault_that_stops_the_run(tmp_path: Path, stream: bool) -> None:
    import anthropic

    async def act(url: str, mine: Route) -> None:
        async with claude(url) as client:
            with pytest.raises(anthropic.InternalServerError, match="ZeroDivisionError"):
                await client.messages.create(model="m", max_tokens=9, messages=HELLO, stream=stream)

    (fault,) = play(tmp_path, Hand(ZeroDivisionError("by zero")), act).faults
    assert type(fault) is HarnessError
    assert "toy/on/item#0" in str(fault)
    assert "ZeroDivisionError: by zero" in str(fault)
    assert isinstance(fault.__cause__, ZeroDivisionError)


@pytest.mark.parametrize(("cap", "asked"), [(0.01, AT_ONCE), (None, 3 * AT_ONCE)])
def test_many_requests_at_once_pass_the_cap_by_no_more_than_are_in_flight(
    tmp_path: Path, cap: float | None, asked: int
) -> None:
    model = Hand(seconds=0.05)

    async def act(url: str, mine: Route) -> None:
        async with gpt(url) as client:
            each = [
                client.chat.completions.create(model="any", messages=[{"role": "user", "content": str(n)}])
                for n in range(3 * AT_ONCE)
            ]
            ends = await asyncio.gather(*each, return_exceptions=True)
        assert [getattr(end, "status_code", 200) for end in ends].count(402) == len(each) - asked

    mine = play(tmp_path, model, act, route(cap_usd=cap, max_tokens=5000))
    assert (len(model.asked), mine.faults, mine.refused_at_cap) == (asked, [], cap is not None)


def test_what_waits_when_the_trial_ends_is_not_asked(tmp_path: Path) -> None:
    model = Hand(seconds=0.1)

    async def play_it(journal: Journal) -> None:
        async with Gateway(Ask(journal, {"answer": model})) as gateway:
            mine = route(cap_usd=9.0)
            async with gpt(gateway.open(mine)) as client:
                each = [
                    asyncio.ensure_future(client.chat.completions.create(model="any", messages=HELLO))
                    for _ in range(2 * AT_ONCE)
                ]
                while len(model.asked) < AT_ONCE:
                    await asyncio.sleep(0.01)
                gateway.close(mine.name)
                ends = await asyncio.gather(*each, return_exceptions=True)
            assert [isinstance(end, openai.APIStatusError) for end in ends].count(True) == AT_ONCE
            assert (mine.turns, mine.faults, mine.refused_at_cap) == (AT_ONCE, [], False)

    with Journal.open(tmp_path, "0" * 64) as journal:
        asyncio.run(play_it(journal))
    assert len(model.asked) == AT_ONCE


def test_a_capped_trial_is_told_so_and_nothing_is_asked(tmp_path: Path) -> None:
    model = Hand()

    async def act(url: str, mine: Route) -> None:
        async with gpt(url) as client:
            await client.chat.completions.create(model="any", messages=HELLO)
            with pytest.raises(openai.APIStatusError, match=r"has spent its \$0.01") as caught:
                await client.chat.completions.create(model="any", messages=HELLO)
            assert caught.value.status_code == 402

    mine = play(tmp_path, model, act, route(cap_usd=0.01))
    assert (len(model.asked), mine.refused_at_cap, mine.faults) == (1, True, [])


def test_attempts_that_failed_and_were_paid_count_against_the_cap(tmp_path: Path) -> None:
    paid = {"fault": "cut_stream", "detail": "early", "partial_chars": 3, "seconds": 1.0, "cost_usd": 0.2}
    failing = Hand(FailedForGood(route().slot, "cut_stream", "early", (paid, paid | {"cost_usd": None})))

    async def act(url: str, mine: Route) -> None:
        async with gpt(url) as client:
            with pytest.raises(openai.InternalServerError):
                await client.chat.completions.create(model="any", messages=HELLO)

    assert play(tmp_path / "a", failing, act).spent_usd == 0.2
    late = replace(REPLY, failed_attempts=(paid,))

    async def asks(url: str, mine: Route) -> None:
        async with gpt(url) as client:
            await client.chat.completions.create(model="any", messages=HELLO)

    assert play(tmp_path / "b", Hand(late), asks).spent_usd == pytest.approx(0.21)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (FailedForGood(route().slot, "timeout", "too slow", ()), 502),
        (DailyLimit("tomorrow"), 429),
        (BudgetSpent("spent"), 402),
        (Interrupted("stopping"), 503),
        (Refused("no such key"), 403),
        (UsageError("temperature"), 400),
        (HarnessError("other"), 500),
    ],
)
def test_errors_keep_their_meaning(tmp_path: Path, error: HarnessError, status: int) -> None:
    import anthropic

    assert status_of(error) == status

    async def act(url: str, mine: Route) -> None:
        async with claude(url) as client:
            for stream in (False, True):
                with pytest.raises(anthropic.APIStatusError) as caught:
                    await client.messages.create(model="m", max_tokens=9, messages=HELLO, stream=stream)
                assert caught.value.status_code == status
                assert caught.value.body["error"]["message"] == str(error)

    assert play(tmp_path, Hand(error), act).faults == [error, error]


def test_a_slow_stream_shows_signs_of_life_and_then_the_reply_or_the_error(tmp_path: Path) -> None:
    async def act(url: str, mine: Route) -> None:
        async with aiohttp.ClientSession(headers={"x-api-key": "secret"}) as session:
            wanted = {"max_tokens": 9, "messages": HELLO, "stream": True}
            async with session.post(f"{url}/v1/messages", json=wanted) as answer:
                texts.append(await answer.text())

    texts: list[str] = []
    play(tmp_path / "a", Hand(seconds=0.3), act, patience_s=0.05)
    late = play(tmp_path / "b", Hand(Refused("no such key"), seconds=0.3), act, patience_s=0.05)
    assert [type(fault) for fault in late.faults] == [Refused]
    assert all(text.startswith("event: ping") for text in texts)
    assert texts[0].rstrip().endswith('{"type": "message_stop"}')
    assert "event: error" in texts[1]
    assert "no such key" in texts[1]


def test_a_client_that_leaves_does_not_lose_the_reply(tmp_path: Path) -> None:
    model = Hand(seconds=0.3)

    async def act(url: str, mine: Route) -> None:
        async with gpt(url) as client:
            with pytest.raises(openai.APITimeoutError):
                await client.with_options(timeout=0.05).chat.completions.create(model="any", messages=HELLO)

    assert play(tmp_path, model, act).turns == 1
    with Journal.open(tmp_path, "0" * 64, readonly=True) as journal:
        assert [entry.status for entry in journal.entries()] == ["ok"]


@pytest.mark.parametrize("error", [None, Refused("no such key")])
def test_a_client_that_leaves_a_stream_is_no_error(
    tmp_path: Path, error: HarnessError | None, caplog: pytest.LogCaptureFixture
) -> None:
    async def act(url: str, mine: Route) -> None:
        wanted = {"max_tokens": 9, "messages": HELLO, "stream": True}
        async with aiohttp.request(
            "POST", f"{url}/v1/messages", json=wanted, headers={"x-api-key": "secret"}
        ) as answer:
            assert answer.status == 200

    mine = play(tmp_path, Hand(error or REPLY, seconds=0.3), act, patience_s=0.02)
    assert (mine.turns, mine.faults) == ((0, [error]) if error else (1, []))
    gc.collect()
    assert caplog.messages == []


def test_bad_bodies_and_taken_addresses_are_told(tmp_path: Path) -> None:
    async def act(url: str, mine: Route) -> None:
        async with aiohttp.ClientSession(headers={"Authorization": "Bearer secret"}) as session:
            for sent in (b"{", b"[]"):
                async with session.post(f"{url}/v1/chat/completions", data=sent) as answer:
                    assert (answer.status, (await answer.json())["error"]["type"]) == (400, "invalid_request_error")
        port = int(url.rsplit(":", 1)[1].split("/")[0])
        with Journal.open(tmp_path / "other", "0" * 64) as journal, pytest.raises(UsageError, match=f"{port}"):
            await Gateway(Ask(journal, None), port=port).__aenter__()

    play(tmp_path, Hand(), act)


def test_somebody_is_there(tmp_path: Path) -> None:
    async def act(url: str, mine: Route) -> None:
        async with aiohttp.request("HEAD", url) as answer:
            assert answer.status == 200

    play(tmp_path, Hand(), act)


def test_a_route_is_closed_with_its_trial(tmp_path: Path) -> None:
    async def play_it(journal: Journal) -> None:
        async with Gateway(Ask(journal, {"answer": Hand()})) as gateway:
            url = gateway.open(route(), host="localhost")
            assert url == f"http://localhost:{gateway.port}/trial"
            with pytest.raises(ValueError, match="trial"):
                gateway.open(replace(route()))
            gateway.close("trial")
            async with aiohttp.request("GET", f"{url}/v1/models", headers={"x-api-key": "secret"}) as answer:
                assert answer.status == 401

    with Journal.open(tmp_path, "0" * 64) as journal:
        asyncio.run(play_it(journal))
