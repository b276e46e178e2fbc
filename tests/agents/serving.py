"""The gateway in a thread of the test's process, for agents that are processes of their own."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

from harness.agentic.terms import Way
from harness.contract import Sampling, Slot
from harness.endpoint.ask import Ask
from harness.endpoint.endpoint import Endpoint
from harness.endpoint.gateway import Gateway, Route
from harness.endpoint.profile import Profile
from harness.journal import Journal
from tests.standin import Standin

SLOT = Slot("toy", "on", "item", 0, "turn")
TOKEN = "token-of-the-trial"
SAMPLING = Sampling(0.7, 0.9, 20)


@contextmanager
def serving(folder: Path, model: Standin | None, **settings: Any) -> Iterator[Way]:
    """A trial's way to ``model`` through the journal in ``folder``; None closes the network, all but the journal's.

    ``settings`` are those of the route.
    """
    own = {"name": "trial", "token": TOKEN, "slot": SLOT, "model": "toy-model", "sampling": SAMPLING}
    route = Route(**{**own, "thinking": "none", "max_tokens": 4096, **settings})
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def wait(act: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(act, loop).result()

    async def start(journal: Journal, stack: AsyncExitStack) -> Gateway:
        endpoints = None
        if model is not None:
            endpoint = Endpoint(Profile.model_validate(model.profile()), None, retries=1, first_wait_s=0.001)
            endpoints = dict.fromkeys(("answer", SLOT.role), await stack.enter_async_context(endpoint))
        return await stack.enter_async_context(Gateway(Ask(journal, endpoints)))

    try:
        with Journal.open(folder, "0" * 64) as journal:
            stack = AsyncExitStack()
            try:
                gateway = wait(start(journal, stack))
                gateway.open(route)
                yield Way("127.0.0.1", gateway.port, route.name, route.token, route.offered)
            finally:
                wait(stack.aclose())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
