"""A client's request as JSON: how large and how deep it may be, and what is answered where it is none."""

import json
from typing import Any

from aiohttp import web

from harness.endpoint.gateway.asked import BadRequest

LARGEST = 32 * 1024**2
"""Bytes."""
DEEPEST = 100
"""Objects and lists inside one another; deeper ones reach the limit of the stack somewhere on their way."""


async def body_of(http: web.Request) -> dict[str, Any]:
    """The JSON object that the client sent.

    Raises:
        BadRequest: it sent something else, or too much of it.
    """
    try:
        body = json.loads(await http.read())
    except web.HTTPRequestEntityTooLarge:
        raise BadRequest(f"the request is larger than {LARGEST // 1024**2} MiB", 413) from None
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the request is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise BadRequest("the request must be a JSON object")
    if _deeper(body):
        raise BadRequest(f"the request has more than {DEEPEST} objects and lists inside one another")
    return body


def _deeper(body: dict[str, Any]) -> bool:
    level: list[Any] = [body]
    for _ in range(DEEPEST):
        nested = [each for each in level if isinstance(each, dict | list)]
        level = [child for each in nested for child in (each.values() if isinstance(each, dict) else each)]
    return any(isinstance(each, dict | list) for each in level)
