import asyncio
import random

import pytest

from harness.contract import Reply, Usage
from harness.endpoint.prices import Prices
from harness.endpoint.spend import Spend, input_bound
from harness.errors import BudgetSpent, UsageError
from tests.harness.endpoint.making import request

PRICES = Prices(input=1.0, cached_input=0.1, output=10.0, source="a test")
DOLLAR = request("x", max_tokens=100_000)


def reply(output: int, cost: float | None = None, counted: bool = True) -> Reply:
    return Reply("x", usage=Usage(100, 40, output) if counted else Usage(), cost_usd=cost)


def test_a_token_is_at_least_a_byte() -> None:
    assert input_bound(request("日本" * 100)) > 600
    assert input_bound(request("x", tools=({"type": "function", "name": "y" * 500},))) > 500
    assert input_bound(request("\ud800")) > 3


def test_a_reply_is_charged_by_its_tokens() -> None:
    async def play() -> tuple[float | None, Spend]:
        spend = Spend(2.0, PRICES)
        cost = (await spend.reserve(DOLLAR)).settle(reply(50))
        return cost, spend

    cost, spend = asyncio.run(play())
    assert cost == pytest.approx((60 * 1.0 + 40 * 0.1 + 50 * 10.0) / 1e6)
    assert spend.usd == cost
    assert (spend.input_tokens, spend.cached_tokens, spend.output_tokens, spend.requests) == (100, 40, 50, 1)


def test_the_providers_own_figure_comes_first() -> None:
    async def play(spend: Spend) -> float | None:
        return (await spend.reserve(DOLLAR)).settle(reply(50, cost=0.125))

    with_prices, without = Spend(2.0, PRICES), Spend(None, None)
    assert asyncio.run(play(with_prices)) == asyncio.run(play(without)) == 0.125
    assert with_prices.usd == without.usd == 0.125


def test_an_uncounted_reply_is_charged_the_worst_case() -> None:
    async def play() -> float | None:
        spend = Spend(2.0, PRICES)
        reservation = await spend.reserve(DOLLAR)
        assert reservation.worst == spend.worst_case(DOLLAR)
        return (reservation).settle(reply(0, counted=False))

    assert asyncio.run(play()) == Spend(None, PRICES).worst_case(DOLLAR)


@pytest.mark.parametrize("charged", [True, False])
def test_a_failed_attempt_costs_its_worst_case_or_nothing(charged: bool) -> None:
    async def play() -> tuple[float | None, Spend]:
        spend = Spend(2.0, PRICES)
        return (await spend.reserve(DOLLAR)).lose(charged=charged), spend

    cost, spend = asyncio.run(play())
    assert cost == spend.usd == (spend.worst_case(DOLLAR) if charged else 0.0)
    assert spend.requests == 1


def test_without_a_price_nothing_is_known() -> None:
    async def play() -> tuple[float | None, float | None]:
        spend = Spend(None, None)
        first, second = await spend.reserve(DOLLAR), await spend.reserve(DOLLAR)
        return first.settle(reply(50)), second.lose(charged=True)

    assert asyncio.run(play()) == (None, None)


@pytest.mark.parametrize("prices", [None, {"toy-model": PRICES, "judge": None}])
def test_a_budget_needs_every_price(prices: dict[str, Prices | None] | None) -> None:
    with pytest.raises(UsageError, match="--budget"):
        Spend(1.0, prices)


def test_prices_by_model() -> None:
    spend = Spend(1.0, {"toy-model": PRICES, "judge": Prices(0, 0, 0, "free")})
    assert spend.worst_case(DOLLAR) > 1.0
    assert spend.worst_case(request(model="judge")) == 0.0


def test_thinking_beyond_the_limit_is_reserved() -> None:
    plain, extra = Spend(None, PRICES), Spend(None, Prices(1.0, 0.1, 10.0, "a test", extra_output_tokens=1000))
    assert extra.worst_case(DOLLAR) - plain.worst_case(DOLLAR) == pytest.approx(0.01)


def test_what_was_spent_before_counts() -> None:
    async def play() -> None:
        await Spend(2.0, PRICES, already=1.5).reserve(DOLLAR)

    with pytest.raises(BudgetSpent, match=r"\$1\.5000 is spent"):
        asyncio.run(play())


def test_a_request_waits_for_money_that_others_free() -> None:
    async def play() -> list[str]:
        spend, events = Spend(1.5, PRICES), []
        first = await spend.reserve(DOLLAR)

        async def second() -> None:
            (await spend.reserve(DOLLAR)).settle(reply(1))
            events.append("second")

        waiting = asyncio.create_task(second())
        await asyncio.sleep(0)
        events.append("first")
        first.settle(reply(1))
        await waiting
        return events

    assert asyncio.run(play()) == ["first", "second"]


def test_all_that_wait_hear_that_the_budget_is_spent() -> None:
    async def play() -> list[BaseException | None]:
        spend = Spend(1.5, PRICES)
        first = await spend.reserve(DOLLAR)
        waiting = [asyncio.create_task(spend.reserve(DOLLAR)) for _ in range(3)]
        await asyncio.sleep(0)
        first.lose(charged=True)
        await asyncio.wait(waiting)
        return [task.exception() for task in waiting]

    assert [type(error) for error in asyncio.run(play())] == [BudgetSpent] * 3


def test_a_cancelled_wait_frees_its_turn() -> None:
    async def play() -> Spend:
        spend = Spend(1.5, PRICES)
        first = await spend.reserve(DOLLAR)
        gone = asyncio.create_task(spend.reserve(DOLLAR))
        stays = asyncio.create_task(spend.reserve(DOLLAR))
        await asyncio.sleep(0)
        first.settle(reply(1))
        gone.cancel()
        await asyncio.wait([gone])
        (await stays).settle(reply(1))
        return spend

    assert asyncio.run(play()).requests == 2


@pytest.mark.parametrize("at_a_time", [1, 16, 256])
def test_spent_and_reserved_never_exceed_the_budget(at_a_time: int) -> None:
    async def play() -> tuple[float, float, int]:
        rng, spend, truth, stopped = random.Random(0), Spend(3.0, PRICES), 0.0, 0
        gate = asyncio.Semaphore(at_a_time)
        asked = request("x", max_tokens=3000)

        async def one() -> None:
            nonlocal truth, stopped
            async with gate:
                try:
                    reservation = await spend.reserve(asked)
                except BudgetSpent:
                    stopped += 1
                    return
                await asyncio.sleep(0)
                if rng.random() < 0.2:
                    truth += reservation.worst * rng.random()
                    reservation.lose(charged=True)
                else:
                    truth += reservation.settle(reply(rng.randrange(3001))) or 0.0
                assert truth <= spend.usd + 1e-9

        await asyncio.gather(*(one() for _ in range(1000)))
        return spend.usd, truth, stopped

    usd, truth, stopped = asyncio.run(play())
    assert truth <= usd <= 3.0 + 1e-9
    assert usd > 3.0 - 0.031
    assert stopped > 0
