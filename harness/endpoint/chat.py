"""One streamed chat completion: one attempt, from the request sent to the reply complete.

Transport, measured on two cores (``python -m tests.bench.bench_stream``): openai's client on aiohttp rather than on
httpx. At 256 streams a chunk, parsed and put together, costs 36 to 38 µs of CPU; over httpx 50 to 70 µs unparsed;
through the client's stream objects 290 to 340 µs. At 512 requests at a time a request costs 2 to 3 ms of CPU against
8 to 10 ms, since httpx's pool walks over all its connections whenever a request starts or ends.
"""

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from types import TracebackType
from typing import Any, Self, cast

import aiohttp
import httpx2
import openai
from openai.types.chat import ChatCompletionMessageParam

from harness.contract import Reply, Request, Timing
from harness.endpoint import wire
from harness.endpoint.assembly import Assembly, Malformed, StreamError
from harness.endpoint.faults import Fault, Rejected, Transient, from_status, from_stream_error, parse_body
from harness.endpoint.profile import Profile
from harness.endpoint.sse import DONE, EventSplitter

_CONNECT_S = 30.0
_KEEP_IDLE_S = 4.0
"""Seconds; common servers (uvicorn) close an idle connection after 5, and none should be used as it dies."""
_AFTER_END_S = 0.5
_BROKEN = (openai.APIConnectionError, httpx2.HTTPError, aiohttp.ClientError, OSError)


class ChatClient:
    """A connection pool to one endpoint, as large as ``concurrency``."""

    def __init__(self, profile: Profile, key: str | None, concurrency: int) -> None:
        self.profile = profile
        self._key = key
        limits = httpx2.Limits(
            max_connections=concurrency, max_keepalive_connections=concurrency, keepalive_expiry=_KEEP_IDLE_S
        )
        trust_env = not _is_loopback(profile.base_url)
        self._client = openai.AsyncOpenAI(
            base_url=profile.base_url,
            api_key=key or "EMPTY",
            max_retries=0,
            timeout=httpx2.Timeout(None, connect=_CONNECT_S),
            http_client=openai.DefaultAioHttpClient(limits=limits, trust_env=trust_env, verify=_trusted(trust_env)),
        )
        # The client takes these from OPENAI_* variables, which are not meant for other providers.
        self._client.organization = None
        self._client.project = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def attempt(
        self, request: Request, fields: Mapping[str, Any], on_first_token: Callable[[float], None]
    ) -> Reply:
        """Send the request once and collect its reply. ``on_first_token`` is told the seconds it took.

        Raises:
            Fault: there is no complete reply.
            HarnessError: the endpoint refuses the key, the account or the model, or a limit is far from its reset.
        """
        attempt = _Attempt(self.profile, self._scrub, on_first_token)
        body = {"model": request.model, "messages": wire.messages(self.profile, request), **request.options, **fields}
        if request.tools:
            body["tools"] = [dict(tool) for tool in request.tools]
        try:
            reply = await attempt.run(self._client, body)
        except Fault as fault:
            fault.partial_chars = attempt.assembly.partial_chars
            raise
        return replace(reply, max_tokens=request.max_tokens)

    def _scrub(self, text: str) -> str:
        """Some servers echo the key in their error; it must not reach a journal or a screen."""
        return text.replace(self._key, "[key]") if self._key else text


class _Attempt:
    """The state of one attempt: what has come, when, and until when to wait."""

    def __init__(self, profile: Profile, scrub: Callable[[str], str], on_first_token: Callable[[float], None]) -> None:
        self.assembly = Assembly()
        self._profile = profile
        self._scrub = scrub
        self._on_first_token = on_first_token
        self._accepted = False
        self._started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._start = asyncio.get_running_loop().time()
        self._first: float | None = None
        self._end: float | None = None

    async def run(self, client: openai.AsyncOpenAI, body: dict[str, Any]) -> Reply:
        try:
            async with asyncio.timeout(self._profile.first_token_timeout_s) as limit:
                await self._exchange(client, body, limit)
        except TimeoutError as error:
            if not self.assembly.complete:
                raise (self._timed_out() if limit.expired() else self._broken(error)) from None
        except openai.APIStatusError as error:
            text = self._scrub(error.response.text)
            raise from_status(
                error.status_code, parse_body(text), error.response.headers, self._profile, asked=_text_of(body)
            ) from None
        except _BROKEN as error:
            if not self.assembly.complete:
                raise self._broken(error) from None
        except Malformed as error:
            if not self.assembly.complete:
                raise Transient("malformed", self._scrub(str(error)), charged=True) from None
        except StreamError as error:
            if not self.assembly.complete:
                told = parse_body(self._scrub(json.dumps(error.error)))
                raise from_stream_error(told, self._profile, asked=_text_of(body)) from None
        except UnicodeEncodeError:
            raise Rejected("unsendable", "the messages hold half a surrogate pair, which UTF-8 cannot carry") from None
        return self._reply()

    async def _exchange(self, client: openai.AsyncOpenAI, body: dict[str, Any], limit: asyncio.Timeout) -> None:
        messages = cast("list[ChatCompletionMessageParam]", body["messages"])
        rest = {name: value for name, value in body.items() if name not in ("model", "messages", "stream")}
        async with client.chat.completions.with_streaming_response.create(
            model=body["model"], messages=messages, stream=True, extra_body=rest
        ) as response:
            self._accepted = True
            kind = response.headers.get("content-type", "text/event-stream").partition(";")[0].strip().lower()
            if kind == "text/event-stream":
                await self._read_stream(response.http_response, limit)
            elif kind == "application/json":
                await self._read_whole(response.http_response)
            else:
                start = (await response.read())[:200].decode("utf-8", "replace")
                raise Transient(
                    "content_type", self._scrub(f"{kind} instead of an event stream: {start!r}"), charged=True
                )

    async def _read_stream(self, response: httpx2.Response, limit: asyncio.Timeout) -> None:
        splitter = EventSplitter()
        assembly = self.assembly
        clock = asyncio.get_running_loop().time
        idle, patience = self._profile.idle_timeout_s, self._profile.first_token_timeout_s
        step = idle / 20
        moved = last_token = self._start
        async for chunk in response.aiter_bytes():
            now = clock()
            for payload in splitter.feed(chunk):
                if payload == DONE:
                    self._end = now
                    limit.reschedule(now + _AFTER_END_S)
                elif payload and assembly.feed(payload):
                    last_token = now
            if assembly.started and self._first is None:
                self._first = now - self._start
                self._on_first_token(self._first)
                moved = now - step
            # Moving a time-out costs more than reading a chunk: do it now and then.
            if assembly.started and self._end is None and now - moved >= step:
                moved = now
                limit.reschedule(min(now + idle, last_token + patience))
        rest = splitter.rest()
        if rest and rest != DONE:
            assembly.feed(rest)

    async def _read_whole(self, response: httpx2.Response) -> None:
        self.assembly.feed_whole(await response.aread())
        if not self.assembly.complete:
            raise Transient("malformed", "a completion without a finish reason", charged=True)

    def _reply(self) -> Reply:
        if not self.assembly.complete:
            if self.assembly.started:
                raise Transient("cut_stream", "the stream ended without a finish reason", charged=True)
            raise Transient("empty_stream", "the stream ended without a token", charged=True)
        end = self._end if self._end is not None else asyncio.get_running_loop().time()
        timing = Timing(
            started=self._started_at,
            first_token=None if self._first is None else round(self._first, 4),
            total=round(end - self._start, 4),
        )
        return replace(self.assembly.reply(), timing=timing)

    def _timed_out(self) -> Transient:
        if self.assembly.started:
            return Transient(
                "idle_timeout", f"silent for {self._profile.idle_timeout_s:g} s in mid-reply", charged=True
            )
        return Transient("first_token_timeout", f"no token in {self._profile.first_token_timeout_s:g} s", charged=True)

    def _broken(self, error: BaseException) -> Transient:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, aiohttp.ClientError):
            cause = cause.__cause__
        root = cause or error
        detail = self._scrub(str(root) or type(root).__name__)
        if isinstance(root, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
            return Transient("connection", f"no connection to {self._profile.base_url}: {detail}")
        if self._accepted:
            return Transient("cut_stream", f"the connection broke in mid-reply: {detail}", charged=True)
        return Transient("connection", f"the connection broke before an answer: {detail}", charged=True)


def _text_of(body: Mapping[str, Any]) -> str:
    """What a request says, but for its model."""
    return json.dumps({name: value for name, value in body.items() if name != "model"}, ensure_ascii=False)


@cache
def _trusted(trust_env: bool) -> ssl.SSLContext:
    """Whom this machine trusts, read once in a process: that takes longer than asking a small question."""
    return httpx2.create_ssl_context(trust_env=trust_env)


def _is_loopback(url: str) -> bool:
    host = httpx2.URL(url).host
    return host == "localhost" or host == "::1" or host.startswith("127.")
