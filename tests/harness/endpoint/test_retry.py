import asyncio

import pytest
from tenacity import RetryCallState

from harness.endpoint.faults import LONGEST_WAIT_S, Fault, Rejected, Transient
from harness.endpoint.retry import LONGEST_BACKOFF_S, retrying


def asked(faults: list[Fault], attempts: int) -> int:
    """How often a call is made that meets these faults in turn."""
    calls = 0

    async def call() -> None:
        nonlocal calls
        calls += 1
        if faults:
            raise faults.pop(0)

    asyncio.run(retrying(attempts, 0.0)(call))
    return calls


def wait_after(fault: Fault, attempt: int) -> float:
    policy = retrying(8, 1.0)
    state = RetryCallState(policy, None, (), {})
    state.attempt_number = attempt
    state.set_exception((type(fault), fault, None))
    return float(policy.wait(state))


def test_transient_faults_are_asked_again() -> None:
    assert asked([Transient("a", "a"), Transient("b", "b")], 8) == 3


def test_rejections_are_not() -> None:
    with pytest.raises(Rejected):
        asked([Rejected("a", "a")], 8)


def test_the_last_fault_is_raised() -> None:
    with pytest.raises(Transient, match="c: third"):
        asked([Transient("a", "first"), Transient("b", "second"), Transient("c", "third")], 3)


def test_what_the_server_asks_is_waited() -> None:
    assert 7 <= wait_after(Transient("a", "a", wait=7.0), 1) <= 8
    assert wait_after(Transient("a", "a", wait=1e9), 1) <= LONGEST_WAIT_S + 1


def test_otherwise_waits_grow_and_are_bounded() -> None:
    fault = Transient("a", "a")
    assert 1 <= wait_after(fault, 1) <= 2
    assert 8 <= wait_after(fault, 4) <= 9
    assert wait_after(fault, 100) <= LONGEST_BACKOFF_S + 1
