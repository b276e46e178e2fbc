"""The gateway: ``ask`` offered over HTTP, so that any scaffold or client talks to the harness.

Every request needs the bearer token of the route it names. Sampling is the run's; retries, time limits, price, budget
and journal are ``ask``'s, so a client's own retries should be off.

A trial's agent holds its token too, so a request that is refused for what it holds stops nothing but itself once the
trial has had a reply. Before, it is the scaffold's own doing, and a fault of the route.
"""

import asyncio
import hmac
from collections.abc import Iterator, Mapping
from contextlib import nullcontext, suppress
from functools import partial
from time import monotonic
from types import ModuleType, TracebackType
from typing import Any, Self

from aiohttp import web

from harness.contract import Reply, Request
from harness.endpoint.ask import Ask
from harness.endpoint.faults import FailedForGood
from harness.endpoint.gateway import answers, anthropic_dialect, openai_dialect
from harness.endpoint.gateway.asked import Asked, BadRequest
from harness.endpoint.gateway.bodies import LARGEST, body_of
from harness.endpoint.gateway.route import NotAdmitted, Route, message_id
from harness.errors import HarnessError, UsageError

_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, RecursionError)
"""What reading JSON of another form than expected ends with."""


class Gateway:
    """Serves routes on one address. Use as an async context manager.

    Args:
        ask: where requests go.
        unknown_fields: ``refuse`` answers 400 to a field the gateway does not know, ``pass`` sends it on.
        host: the address to listen on: loopback, or the container bridge.
        port: 0 takes a free one.
        patience_s: seconds that a stream waits before it begins; then a sign of life goes out as often.
    """

    def __init__(
        self,
        ask: Ask,
        *,
        unknown_fields: str = "refuse",
        host: str = "127.0.0.1",
        port: int = 0,
        patience_s: float = 10.0,
    ) -> None:
        self._ask = ask
        self._passes = unknown_fields == "pass"
        self._where = (host, port)
        self._patience_s = patience_s
        self._routes: dict[str, Route] = {}
        self._asking: set[asyncio.Task[Reply]] = set()
        self._runner: web.AppRunner | None = None
        self.port = port

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=LARGEST)
        application.router.add_post("/{route}/v1/chat/completions", self._openai)
        application.router.add_post("/{route}/v1/messages", self._anthropic)
        application.router.add_post("/{route}/v1/messages/count_tokens", self._count)
        application.router.add_get("/{route}/v1/models", self._models)
        application.router.add_head("/{route}", _alive)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, *self._where)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            host, port = self._where
            raise UsageError(f"the gateway cannot listen on {host}:{port}: {error.strerror}") from error
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving; replies that were asked for are waited for, since they are paid for."""
        if self._asking:
            await asyncio.wait(self._asking)
        if self._runner is not None:
            await self._runner.cleanup()

    def open(self, route: Route, host: str | None = None) -> str:
        """Serve a route from now on and return its address, under which ``/v1/...`` stands.

        Args:
            route: its ``name`` must be new.
            host: how clients name this machine, where that is not the address listened on.
        """
        if route.name in self._routes:
            raise ValueError(f"there is a route {route.name} already")
        self._routes[route.name] = route
        return f"http://{host or self._where[0]}:{self.port}/{route.name}"

    def close(self, name: str) -> None:
        """Serve the route no more; what waits to be asked for it is not asked."""
        self._routes.pop(name).over = True

    async def settled(self, name: str) -> None:
        """Return when nothing that was asked by way of this route, which may be closed, is on its way."""
        if asking := [task for task in self._asking if task.get_name() == name]:
            await asyncio.wait(asking)

    async def _openai(self, http: web.Request) -> web.StreamResponse:
        return await self._answer(http, openai_dialect)

    async def _anthropic(self, http: web.Request) -> web.StreamResponse:
        return await self._answer(http, anthropic_dialect)

    async def _count(self, http: web.Request) -> web.StreamResponse:
        refused = self._refused(http, anthropic_dialect)
        if refused is not None:
            return refused
        try:
            return web.json_response({"input_tokens": anthropic_dialect.count(await body_of(http))})
        except BadRequest as error:
            return answers.refusal(anthropic_dialect, error.status, str(error))
        except _UNREADABLE as error:
            return answers.refusal(anthropic_dialect, 400, _strange(error))

    async def _models(self, http: web.Request) -> web.StreamResponse:
        refused = self._refused(http, openai_dialect)
        if refused is not None:
            return refused
        offered = self._routes[http.match_info["route"]].offered
        model = {"id": offered, "object": "model", "type": "model", "display_name": offered, "created": 0}
        return web.json_response({"object": "list", "data": [model], "has_more": False})

    def _refused(self, http: web.Request, dialect: ModuleType) -> web.Response | None:
        """The answer to a caller that names no route or shows the wrong token; None if all is well."""
        route = self._routes.get(http.match_info["route"])
        shown = http.headers.get("x-api-key") or http.headers.get("Authorization", "").removeprefix("Bearer ")
        if route is None or not hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), route.token.encode()):
            return answers.refusal(dialect, 401, "this address takes the bearer token of its trial, and this is not it")
        return None

    async def _answer(self, http: web.Request, dialect: ModuleType) -> web.StreamResponse:
        refused = self._refused(http, dialect)
        if refused is not None:
            return refused
        route = self._routes[http.match_info["route"]]
        try:
            asked, request = self._read(await body_of(http), dialect, route)
        except BadRequest as error:
            if route.turns == 0:
                words = f"{route.slot}: the scaffold's own request is refused before any reply: {error}"
                route.faults.append(UsageError(words))
            return answers.refusal(dialect, error.status, str(error))
        asking = asyncio.create_task(self._buy(route, request), name=route.name)
        self._asking.add(asking)
        asking.add_done_callback(partial(self._answered, route))
        if asked.stream:
            return await self._stream(http, dialect, route, request, asking)
        await asyncio.wait({asking})
        if (failure := asking.exception()) is not None:
            return answers.failure(dialect, failure)
        return web.json_response(dialect.whole(asking.result(), route.offered, message_id(request)))

    def _read(self, body: Mapping[str, Any], dialect: ModuleType, route: Route) -> tuple[Asked, Request]:
        """What the client asks, and the request that ``ask`` is given for it.

        Raises:
            BadRequest: the client's bytes are to blame.
        """
        try:
            asked: Asked = dialect.read(body)
            if asked.unknown and not self._passes:
                names = ", ".join(sorted(asked.unknown))
                raise BadRequest(f"{names}: not known here, and this endpoint's profile refuses unknown fields")
            return asked, route.request(asked, body)
        except _UNREADABLE as error:
            raise BadRequest(_strange(error)) from error

    async def _buy(self, route: Route, request: Request) -> Reply:
        """The reply. A trial with a cap asks for few at a time, and what it spent is looked at before each.

        Those in flight when the cap is reached may still cost: at most :data:`harness.endpoint.gateway.route.AT_ONCE`.
        """
        async with route.gate if route.cap_usd is not None else nullcontext():
            route.admit()
            start = monotonic()
            try:
                reply = await self._ask(request)
            except FailedForGood as failure:
                route.waited(start, monotonic())
                route.charge(failure.attempts)
                raise
            if reply.timing is not None:
                route.timed(start, monotonic(), reply.timing)
            return route.took(request, reply)

    async def _stream(
        self, http: web.Request, dialect: ModuleType, route: Route, request: Request, asking: "asyncio.Task[Reply]"
    ) -> web.StreamResponse:
        """The reply as events. An error that comes soon has its status; later it is an event of its own."""
        await asyncio.wait({asking}, timeout=self._patience_s)
        if asking.done() and (failure := asking.exception()) is not None:
            return answers.failure(dialect, failure)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        await response.prepare(http)
        # A client that has left is no error: its reply is waited for and recorded all the same.
        with suppress(ConnectionResetError):
            while not asking.done():
                await response.write(dialect.KEEP_ALIVE)
                await asyncio.wait({asking}, timeout=self._patience_s)
            if (failure := asking.exception()) is not None:
                parts: Iterator[bytes] = iter([answers.event(dialect, failure)])
            else:
                parts = dialect.events(asking.result(), route.offered, message_id(request))
            for part in parts:
                await response.write(part)
            await response.write_eof()
        return response

    def _answered(self, route: Route, asking: "asyncio.Task[Reply]") -> None:
        """Note what a request failed with, whether or not its client is still there; runs before it is answered."""
        self._asking.discard(asking)
        error = None if asking.cancelled() else asking.exception()
        if isinstance(error, NotAdmitted):
            return
        if error is None or isinstance(error, HarnessError):
            route.lost = error
        if isinstance(error, HarnessError):
            route.faults.append(error)
        elif error is not None:
            fault = HarnessError(f"{route.slot}: the gateway broke: {answers.words(error)}. Please report this.")
            fault.__cause__ = error
            route.faults.append(fault)


async def _alive(http: web.Request) -> web.Response:
    """Claude Code looks whether somebody is there before it asks."""
    return web.Response()


def _strange(error: BaseException) -> str:
    return f"the request has another form than this interface's ({type(error).__name__}: {error})"
