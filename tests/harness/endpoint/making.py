"""Requests, profiles and endpoints to test with."""

import time
from typing import Any

from harness.contract import Request, Sampling, Slot
from harness.endpoint.endpoint import Endpoint
from harness.endpoint.profile import Profile
from tests.standin import Standin


def request(text: str = "Say hello.", item: str = "1", **other: Any) -> Request:
    slot = Slot("toy", "main", item, 0, role=other.pop("role", "answer"))
    values: dict[str, Any] = {
        "model": "toy-model",
        "messages": ({"role": "user", "content": text},),
        "sampling": Sampling(temperature=0.7, top_p=0.95),
        "thinking": "none",
        "max_tokens": 1000,
    }
    return Request(slot=slot, **{**values, **other})


def profile(**other: Any) -> Profile:
    return Profile.model_validate({"name": "toy", "base_url": "http://127.0.0.1:9/v1", "model": "toy-model", **other})


def at(standin: Standin, key: str | None = None, retries: int = 8, **other: Any) -> Endpoint:
    """An endpoint at the stand-in that does not wait long between attempts."""
    return Endpoint(Profile.model_validate(standin.profile(**other)), key, retries=retries, first_wait_s=0.001)


def settle(standin: Standin) -> None:
    """Wait until the stand-in has noticed that its clients are gone."""
    while standin.in_flight:
        time.sleep(0.01)
