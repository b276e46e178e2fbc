"""The server: takes requests, keeps the record of them, plays the plan of faults."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from tests.standin.account import Account
from tests.standin.answers import Behaviour, identity
from tests.standin.dialects import DIALECTS
from tests.standin.faults import OUTCOMES, STATUSES, Plan, Refusal, refusal
from tests.standin.generation import Generation, compose, input_tokens, output_limit
from tests.standin.options import Options
from tests.standin.stream import play
from tests.standin.wire import Connection, GoneError, Received, read_request

JSON = {"Content-Type": "application/json; charset=utf-8"}
PAGE = b"<!doctype html><title>502</title><h1>Bad gateway</h1>"


class Server:
    """One stand-in. ``connection`` is an asyncio stream handler."""

    def __init__(self, behaviour: Behaviour | None, options: Options) -> None:
        self.options = options
        self.dialect = DIALECTS[options.dialect](options)
        self.account = Account({"input": 0.0, "output": 0.0} if options.free else options.prices, options.credit)
        self.plan = Plan(options.faults, options.fault_seed, options.faults_per_prompt)
        self.requests: list[Received] = []
        self.asked = 0
        self.served = 0
        self.in_flight = 0
        self.max_in_flight = 0
        self._behaviour = behaviour
        self._slots = asyncio.Semaphore(options.slots) if options.slots else contextlib.nullcontext()

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side closes it."""
        connection = Connection(reader, writer)
        with contextlib.suppress(GoneError):
            while connection.open and (received := await read_request(reader)):
                self.requests.append(received)
                await self._answer(connection, received)
                connection.open &= received.headers.get("connection") != "close"
        writer.close()

    def state(self) -> dict[str, Any]:
        """What ``GET /standin/state`` tells, for a stand-in in another process."""
        return {
            "asked": self.asked,
            "served": self.served,
            "account_usd": self.account.usd,
            "max_in_flight": self.max_in_flight,
            "met": dict(self.plan.met),
        }

    async def _answer(self, connection: Connection, received: Received) -> None:
        path = received.path.removeprefix("/v1")
        if path == "/standin/state":
            await self._json(connection, self.state())
        elif self._barred(received):
            await self._refuse(connection, refusal("401", self.options))
        elif path == "/chat/completions" and received.method == "POST":
            async with self._counted(received.body):
                await self._chat(connection, received.body)
        elif path == "/models":
            await self._json(connection, {"object": "list", "data": [{"id": self.options.model, "object": "model"}]})
        elif path == f"/models/{self.options.model}/endpoints":
            await self._json(connection, {"data": {"id": self.options.model, "endpoints": [self._offer()]}})
        elif path == "/key":
            credit = self.account.credit
            left = None if credit is None else credit - self.account.usd
            balance = {"usage": self.account.usd, "limit": credit, "limit_remaining": left}
            await self._json(connection, {"data": balance})
        else:
            await self._refuse(connection, Refusal(404, {"message": f"no such page: {received.path}", "code": 404}))

    def _barred(self, received: Received) -> bool:
        key = self.options.api_key
        return key is not None and received.headers.get("authorization") != f"Bearer {key}"

    def _offer(self) -> dict[str, Any]:
        prices = self.account.prices
        return {
            "provider_name": "StandIn",
            "context_length": 1048576,
            "max_completion_tokens": 131072,
            "quantization": "fp8",
            "supported_parameters": ["temperature", "top_p", "top_k", "seed", "max_tokens", "reasoning"],
            "pricing": {
                "prompt": f"{prices['input'] / 1e6:.12f}",
                "completion": f"{prices['output'] / 1e6:.12f}",
                "input_cache_read": f"{prices.get('cached_input', prices['input']) / 1e6:.12f}",
            },
        }

    async def _chat(self, connection: Connection, body: Mapping[str, Any]) -> None:
        number = self.asked
        refused = self.dialect.refuse(body, input_tokens(body), self.account)
        fault = None if refused else self.plan.pick(number, identity(body))
        if fault in STATUSES:
            refused = refusal(fault, self.options)
        if refused:
            await self._refuse(connection, refused)
            return
        if self._behaviour is None:
            await connection.pause(float("inf"))
            return
        async with self._slots:
            if connection.gone:
                raise GoneError
            outcome = fault if fault in OUTCOMES else None
            try:
                answer = compose(body, self._behaviour, self.dialect, self.options, outcome)
            except KeyError as unknown:
                message = f"The behaviour has no answer to this prompt: {unknown}"[:200]
                await self._refuse(connection, Refusal(400, {"message": message, "code": "no_answer"}))
                return
            generation = Generation(number, body, answer, self.dialect, self.options)
            with self._held(body):
                await self._generate(connection, body, generation, None if outcome else fault)

    async def _generate(
        self, connection: Connection, body: Mapping[str, Any], generation: Generation, fault: str | None
    ) -> None:
        if fault == "drop":
            connection.reset()
            return
        if fault == "html":
            await connection.whole(200, PAGE, {"Content-Type": "text/html"})
            return
        self.account.charge(generation.input, 0)
        charged = 0

        def charge(tokens: int) -> None:
            nonlocal charged
            charged += tokens
            self.account.charge(0, tokens)

        try:
            complete = await play(connection, body, generation, self.options, fault, charge, self._cost(generation))
            self.served += complete
        finally:
            if self.options.bills_on:
                charge(generation.output - charged)

    def _cost(self, generation: Generation) -> float:
        return self.account.price(generation.input, generation.output)

    @contextlib.asynccontextmanager
    async def _counted(self, body: Mapping[str, Any]) -> AsyncIterator[None]:
        self.asked += 1
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        try:
            yield
        finally:
            self.in_flight -= 1

    @contextlib.contextmanager
    def _held(self, body: Mapping[str, Any]) -> Any:
        worst = self.account.price(input_tokens(body), output_limit(body, self.options))
        self.account.held += worst
        try:
            yield
        finally:
            self.account.held -= worst

    async def _json(self, connection: Connection, value: Any) -> None:
        await connection.whole(200, json.dumps(value).encode(), JSON)

    async def _refuse(self, connection: Connection, refused: Refusal) -> None:
        error = dict(refused.error)
        if self.options.echo_key and self.requests:
            error["message"] += f" (request bore {self.requests[-1].headers.get('authorization')})"
        await connection.whole(refused.status, json.dumps({"error": error}).encode(), {**JSON, **refused.headers})
