"""What a client asks of the gateway, freed of the dialect it was asked in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.contract import Message

ENFORCED = ("temperature", "top_p", "top_k", "seed", "thinking", "reasoning_effort", "reasoning", "output_config")
"""Fields a client may send and the gateway sets itself: how a reply is drawn belongs to the run, not to the client."""

LEFT_OUT = ("metadata", "user", "store", "service_tier", "stream_options", "cache_control", "prompt_cache_key")
"""Fields that neither shape the reply nor belong into a request's key: who asks, and how it is cached and billed."""


class BadRequest(Exception):
    """The client's request cannot be taken; the message goes back to it, with the HTTP status ``status``."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a client: messages and tools as OpenAI's chat completions have them.

    ``options`` are further fields in the same dialect that shape the reply (``tool_choice``, ``stop``, ...);
    ``unknown`` are fields the gateway does not know.
    """

    messages: tuple[Message, ...]
    tools: tuple[Mapping[str, Any], ...]
    max_tokens: int | None
    stream: bool
    options: Mapping[str, Any] = field(default_factory=dict)
    unknown: Mapping[str, Any] = field(default_factory=dict)


def rest(body: Mapping[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    """The fields of a body that are neither known, nor enforced, nor left out."""
    return {name: value for name, value in body.items() if name not in (*known, *ENFORCED, *LEFT_OUT)}


def tokens(body: Mapping[str, Any], *names: str) -> int | None:
    """The first output limit named that is there.

    Raises:
        BadRequest: it is not a positive integer.
    """
    for name in names:
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise BadRequest(f"{name} must be a positive integer, not {value!r}")
        return value
    return None


def listed(body: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A field that holds a list of objects; missing or null is an empty one.

    Raises:
        BadRequest: it holds something else.
    """
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise BadRequest(f"{name} must be a list of objects")
    return value


def uncached(value: Any) -> Any:
    """The JSON value without ``cache_control`` marks, which say how to bill a prefix and not what it is."""
    if isinstance(value, Mapping):
        return {name: uncached(each) for name, each in value.items() if name != "cache_control"}
    if isinstance(value, list):
        return [uncached(each) for each in value]
    return value
