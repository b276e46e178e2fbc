import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from harness.contract import Reply, Request
from harness.endpoint.endpoint import Endpoint
from harness.endpoint.faults import FailedForGood
from harness.endpoint.prices import listed
from harness.endpoint.spend import Spend
from harness.errors import BudgetSpent, Interrupted, OutOfCredit, UsageError
from tests.harness.endpoint.making import at, profile, request
from tests.standin import Standin


def chat(endpoint: Endpoint, *asked: Request, spend: Spend | None = None) -> list[Reply]:
    async def play() -> list[Reply]:
        async with endpoint:
            return await asyncio.gather(*(endpoint.chat(one, spend) for one in asked))

    return asyncio.run(play())


def questions(count: int, **other: Any) -> list[Request]:
    return [request(f"Question {n}?", item=str(n), **other) for n in range(count)]


def test_the_attempts_before_a_reply_are_told() -> None:
    with Standin("echo", faults=[("500", {1}), ("cut-after", {2}), ("429", {3})], retry_after="0") as standin:
        [reply] = chat(at(standin), request("A reply that is long enough to be cut."))
    assert reply.content == "A reply that is long enough to be cut."
    assert [attempt["fault"] for attempt in reply.failed_attempts] == ["server_error", "cut_stream", "rate_limited"]
    assert [attempt["partial_chars"] > 0 for attempt in reply.failed_attempts] == [False, True, False]
    assert all(attempt["seconds"] >= 0 and attempt["detail"] for attempt in reply.failed_attempts)
    assert standin.asked == 4


def test_a_request_fails_for_good_after_its_attempts() -> None:
    with Standin("echo", faults=[("500", range(1, 9))]) as standin, pytest.raises(FailedForGood) as caught:
        chat(at(standin, retries=3), request())
    assert (caught.value.kind, len(caught.value.attempts), standin.asked) == ("server_error", 3, 3)


def test_a_rejected_request_is_asked_once() -> None:
    with Standin("echo", faults=[("400", {1})]) as standin, pytest.raises(FailedForGood, match="after one attempt"):
        chat(at(standin), request())
    assert standin.asked == 1


def test_many_at_a_time_through_faults() -> None:
    plan = [(name, 0.1) for name in ("429-bare", "500", "cut-after", "half-json", "drop")]
    asked = questions(100)
    with Standin("echo", faults=plan) as standin:
        replies = chat(at(standin, concurrency=32), *asked)
        assert standin.served == 100
        assert standin.max_in_flight <= 32
    assert [reply.content for reply in replies] == [one.messages[0]["content"] for one in asked]
    assert sum(len(reply.failed_attempts) for reply in replies) == standin.asked - 100 > 10


def test_429_lowers_the_limit() -> None:
    with Standin("echo", faults=[("429", {1})], retry_after="0") as standin:
        endpoint = at(standin)
        before = endpoint.throttle.limit
        chat(endpoint, request())
    assert endpoint.throttle.limit < before


def test_a_failed_attempt_that_may_be_charged_is_paid_for() -> None:
    with Standin("echo", faults=[("500", {1}), ("cut-after", {2})]) as standin:
        endpoint = at(standin)
        spend = Spend(10.0, listed(endpoint.profile))
        [reply] = chat(endpoint, request("A reply that is long enough to be cut."), spend=spend)
    worst = spend.worst_case(request("A reply that is long enough to be cut."))
    assert [attempt["cost_usd"] for attempt in reply.failed_attempts] == [0.0, worst]
    assert reply.cost_usd is not None
    assert spend.usd == pytest.approx(worst + reply.cost_usd)
    assert spend.usd >= standin.account_usd
    assert spend.requests == 3


@pytest.mark.parametrize("at_a_time", [1, 16, 256])
def test_a_budget_is_never_exceeded(at_a_time: int) -> None:
    faults = [("cut-after", 0.1), ("half-json", 0.1), ("500", 0.1)]
    with Standin("echo", faults=faults, bills_on=True) as standin:
        endpoint = at(standin, concurrency=at_a_time)
        spend = Spend(0.05, listed(endpoint.profile))

        async def play() -> list[Reply | BaseException]:
            async with endpoint:
                asking = (endpoint.chat(one, spend) for one in questions(300, max_tokens=100))
                return await asyncio.gather(*asking, return_exceptions=True)

        outcomes = asyncio.run(play())
    assert any(isinstance(outcome, Reply) for outcome in outcomes)
    assert any(isinstance(outcome, BudgetSpent) for outcome in outcomes)
    assert all(isinstance(outcome, Reply | BudgetSpent) for outcome in outcomes)
    assert standin.account_usd <= spend.usd <= 0.05 + 1e-9


def test_a_stop_leaves_the_others_alone() -> None:
    with Standin("echo", faults=[("402", {1})], latency=0.1) as standin:
        endpoint = at(standin)

        async def play() -> list[Reply | BaseException]:
            async with endpoint:
                asking = (endpoint.chat(one) for one in questions(4))
                return await asyncio.gather(*asking, return_exceptions=True)

        outcomes = asyncio.run(play())
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["OutOfCredit", "Reply", "Reply", "Reply"]
    assert any(isinstance(outcome, OutOfCredit) for outcome in outcomes)


def test_a_closed_door_lets_the_reply_in_flight_come_and_ends_pauses() -> None:
    with Standin("echo", faults=[("429", {1})], retry_after="600", latency=0.2) as standin:
        endpoint = at(standin)

        async def play() -> list[Reply | BaseException]:
            async with endpoint:
                asking = asyncio.gather(*(endpoint.chat(one) for one in questions(2)), return_exceptions=True)
                while standin.asked < 2:
                    await asyncio.sleep(0.01)
                await asyncio.sleep(0.05)
                endpoint.close_door()
                return await asking

        outcomes = asyncio.run(play())
    assert sorted(type(outcome) is Interrupted for outcome in outcomes) == [False, True]
    assert standin.asked == 2


def test_a_cancelled_request_is_told_among_the_attempts_with_its_worst_cost() -> None:
    attempts: list[Mapping[str, Any]] = []
    with Standin("echo", latency=30.0) as standin:
        endpoint = at(standin)
        spend = Spend(10.0, listed(endpoint.profile))

        async def play() -> None:
            async with endpoint:
                asking = asyncio.create_task(endpoint.chat(request(), spend, attempts))
                while not standin.in_flight:
                    await asyncio.sleep(0.01)
                asking.cancel()
                await asyncio.wait([asking])
                assert asking.cancelled()
                while standin.in_flight:
                    await asyncio.sleep(0.01)

        asyncio.run(play())
    assert [(attempt["fault"], attempt["cost_usd"]) for attempt in attempts] == [("interrupted", spend.usd)]
    assert spend.usd == spend.worst_case(request())


def test_what_cannot_be_asked_is_not_sent() -> None:
    with Standin("echo") as standin, pytest.raises(UsageError):
        chat(at(standin), request(thinking="on"))
    assert standin.asked == 0


def test_an_endpoint_outside_of_its_block() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        asyncio.run(Endpoint(profile(), None).chat(request()))
