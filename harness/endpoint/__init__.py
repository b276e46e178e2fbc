"""Endpoints: how a served model is addressed, asked, paid for and recorded.

The names below are loaded on first use, so that importing this package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.endpoint.ask import Ask
    from harness.endpoint.endpoint import Endpoint
    from harness.endpoint.faults import FailedForGood
    from harness.endpoint.keys import read_key
    from harness.endpoint.prices import Prices, current, listed
    from harness.endpoint.profile import Profile, profile_names, resolve
    from harness.endpoint.spend import Spend
    from harness.endpoint.throttle import Throttle

__all__ = [
    "Ask",
    "Endpoint",
    "FailedForGood",
    "Prices",
    "Profile",
    "Spend",
    "Throttle",
    "current",
    "listed",
    "profile_names",
    "read_key",
    "resolve",
]

_HOME = {
    "Ask": "ask",
    "Endpoint": "endpoint",
    "FailedForGood": "faults",
    "Prices": "prices",
    "Profile": "profile",
    "Spend": "spend",
    "Throttle": "throttle",
    "current": "prices",
    "listed": "prices",
    "profile_names": "profile",
    "read_key": "keys",
    "resolve": "profile",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
