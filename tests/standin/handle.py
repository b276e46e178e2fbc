"""The stand-in as tests hold it."""

import asyncio
import threading
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from tests.standin.answers import Behaviour
from tests.standin.options import Options, behaviour_of
from tests.standin.server import Server
from tests.standin.wire import Received

KEY_VARIABLE = "STANDIN_API_KEY"
LARGEST_HEAD = 1 << 20


async def listen(server: Server, port: int) -> asyncio.Server:
    """Listen on the loopback address; port 0 takes a free one."""
    return await asyncio.start_server(server.connection, "127.0.0.1", port, backlog=2048, limit=LARGEST_HEAD)


class Standin:
    """A stand-in in a thread of this process, as a context manager. Options: :class:`tests.standin.options.Options`."""

    def __init__(self, behaviour: str | Behaviour = "echo", **options: Any) -> None:
        self.options = Options(**options)
        self._server = Server(behaviour_of(behaviour, self.options), self.options)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self.port = 0

    def __enter__(self) -> "Standin":
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def base_url(self) -> str:
        """The address that a client is given."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def requests(self) -> list[Received]:
        """Every request received, in order, whatever became of it."""
        return list(self._server.requests)

    @property
    def chats(self) -> list[dict[str, Any]]:
        """The bodies of all chat requests, in order."""
        return [received.body for received in self.requests if received.path.endswith("/chat/completions")]

    @property
    def asked(self) -> int:
        """How many chat requests came with a valid key."""
        return self._server.asked

    @property
    def served(self) -> int:
        """How many replies were sent completely."""
        return self._server.served

    @property
    def in_flight(self) -> int:
        """How many chat requests are under way."""
        return self._server.in_flight

    @property
    def max_in_flight(self) -> int:
        """The most chat requests that were under way at a time."""
        return self._server.max_in_flight

    @property
    def account_usd(self) -> float:
        """What was charged, cut and abandoned replies included."""
        return self._server.account.usd

    @property
    def met(self) -> Counter[str]:
        """How often each fault was played."""
        return Counter(self._server.plan.met)

    def profile(self, **overrides: Any) -> dict[str, Any]:
        """The profile of this stand-in, as ``harness.endpoint.profile`` reads it."""
        values = {
            "name": "standin",
            "base_url": self.base_url,
            "api_key_env": KEY_VARIABLE if self.options.api_key else None,
            "model": self.options.model,
            "seed": True,
            "prices": None if self.options.free else {**self.options.prices, "as_of": "2026-11-22"},
            "concurrency": 16,
            **self._server.dialect.profile(),
            **overrides,
        }
        return {name: value for name, value in values.items() if value is not None}

    def profile_file(self, folder: Path, **overrides: Any) -> Path:
        """Write the profile into ``folder`` for ``--profile FILE``; None takes a field out."""
        path = folder / "standin.yaml"
        path.write_text(yaml.safe_dump(self.profile(**overrides)), encoding="utf-8")
        return path

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await listen(self._server, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
