"""When a server wants to be asked again, as its headers say it."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any


def reset_in(headers: Mapping[str, str], inner: Any, now: float, *, limit: bool) -> float | None:
    """Seconds from ``now`` (of the epoch) until the server wants to be asked again; None where it does not say.

    Retry-After comes first, then, where the answer is about a rate ``limit``, X-RateLimit-Reset. ``inner`` are the
    headers of the provider behind the one asked, which OpenRouter repeats in ``error.metadata.headers``.
    """
    told = {name.lower(): str(value) for name, value in headers.items()}
    if isinstance(inner, Mapping):
        told = {str(name).lower(): str(value) for name, value in inner.items()} | told
    if (after := _retry_after(told.get("retry-after"), now)) is not None:
        return after
    return _reset(told.get("x-ratelimit-reset"), now) if limit else None


def _retry_after(value: str | None, now: float) -> float | None:
    """Seconds or an HTTP date: RFC 9110, section 10.2.3."""
    if value is None:
        return None
    if (seconds := _number(value)) is not None:
        return max(0.0, seconds)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None


def _reset(value: str | None, now: float) -> float | None:
    """Milliseconds or seconds since the epoch, or seconds from now: providers differ, the magnitude tells."""
    number = _number(value or "")
    if number is None:
        return None
    if number > 1e11:
        number /= 1000
    return max(0.0, number - now if number > 1e8 else number)


def _number(value: str) -> float | None:
    return float(value) if re.fullmatch(r"\s*\d+(\.\d+)?\s*", value) else None
