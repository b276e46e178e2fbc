"""What is asked again, when, and how often.

Retry-After is honoured; otherwise waits grow exponentially with jitter. The HTTP client's own retries are off.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)
from tenacity.wait import wait_base

from harness.endpoint.faults import LONGEST_WAIT_S, Fault, Transient

LONGEST_BACKOFF_S = 60.0


class _Wait(wait_base):
    """Seconds until the next attempt: as the server asked, a little spread, else exponential with jitter."""

    def __init__(self, first_wait_s: float) -> None:
        self._spread = first_wait_s
        self._backoff = wait_exponential(multiplier=first_wait_s, max=LONGEST_BACKOFF_S) + wait_random(0, first_wait_s)

    def __call__(self, retry_state: RetryCallState) -> float:
        fault = retry_state.outcome.exception() if retry_state.outcome else None
        if isinstance(fault, Fault) and fault.wait is not None:
            return min(fault.wait, LONGEST_WAIT_S) + random.uniform(0, self._spread)
        return self._backoff(retry_state)


def retrying(
    attempts: int, first_wait_s: float, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> AsyncRetrying:
    """The policy: at most ``attempts`` attempts, only after :class:`Transient` faults; the last fault is raised.

    ``pause`` waits so many seconds between two attempts.
    """
    return AsyncRetrying(
        sleep=pause,
        retry=retry_if_exception_type(Transient),
        wait=_Wait(first_wait_s),
        stop=stop_after_attempt(max(1, attempts)),
        reraise=True,
    )
