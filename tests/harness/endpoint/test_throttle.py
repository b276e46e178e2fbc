import asyncio

from harness.endpoint.throttle import Throttle


def test_it_starts_with_a_part_of_the_ceiling() -> None:
    assert [Throttle(ceiling).limit for ceiling in (1, 4, 16, 64, 512)] == [1, 4, 8, 16, 128]


def test_never_more_in_flight_than_the_limit_and_in_order_of_arrival() -> None:
    async def play() -> tuple[int, list[int]]:
        throttle = Throttle(3)
        most, order = 0, []

        async def one(n: int) -> None:
            nonlocal most
            async with throttle.place():
                order.append(n)
                most = max(most, throttle.in_flight)
                await asyncio.sleep(0)

        await asyncio.gather(*(one(n) for n in range(20)))
        assert throttle.in_flight == 0
        return most, order

    assert asyncio.run(play()) == (3, list(range(20)))


def test_it_grows_by_one_a_reply_while_it_is_in_use_up_to_the_ceiling() -> None:
    throttle = Throttle(10)
    throttle.in_flight = 8
    throttle.grow()
    assert throttle.limit == 9
    throttle.grow()
    assert throttle.limit == 9
    throttle.in_flight = 10
    throttle.grow()
    throttle.grow()
    assert throttle.limit == 10


def test_a_burst_of_429_halves_it_once() -> None:
    async def play() -> list[float]:
        throttle = Throttle(64)
        limits = []
        async with throttle.place() as first, throttle.place() as second:
            first.refused()
            second.refused()
            limits.append(throttle.limit)
            second.sending()
            second.refused()
            limits.append(throttle.limit)
        return limits

    assert asyncio.run(play()) == [8, 4]


def test_it_never_falls_below_one() -> None:
    throttle = Throttle(8)
    for window in range(9):
        throttle.cut(0.5, window)
    assert throttle.limit == 1


def test_a_queueing_server_shrinks_it_and_a_steady_one_does_not() -> None:
    steady, queueing = Throttle(64), Throttle(64)
    for _ in range(100):
        steady.observe(1.0, steady.window)
    for n in range(100):
        queueing.observe(0.5 + n, queueing.window)
    assert steady.limit == 16
    assert queueing.limit < 16
    queueing.in_flight = 64
    before = queueing.limit
    queueing.grow()
    assert queueing.limit == before


def test_a_server_that_stays_slow_is_used_fully_again() -> None:
    throttle = Throttle(16)
    throttle.observe(0.01, 0)
    for _ in range(1000):
        throttle.observe(20.0, throttle.window)
        throttle.in_flight = 16
        throttle.grow()
    assert throttle.limit == 16


def test_a_cancelled_wait_leaves_no_trace() -> None:
    async def play() -> int:
        throttle = Throttle(1)

        async def hold(until: asyncio.Event) -> None:
            async with throttle.place():
                await until.wait()

        free, never = asyncio.Event(), asyncio.Event()
        holder = asyncio.create_task(hold(free))
        waiters = [asyncio.create_task(hold(never)) for _ in range(3)]
        await asyncio.sleep(0)
        free.set()
        await holder
        for waiter in waiters:
            waiter.cancel()
        await asyncio.gather(*waiters, return_exceptions=True)
        return throttle.in_flight

    assert asyncio.run(play()) == 0
