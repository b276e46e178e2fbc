"""What a streamed chunk and a request cost: the client library's ways against ours, as ratios.

``python -m tests.bench.bench_stream``; about two minutes. Times on another machine differ, ratios less so.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import httpx2
import openai

from harness.contract import Request, Sampling, Slot
from harness.endpoint.chat import ChatClient
from harness.endpoint.profile import Profile
from harness.endpoint.wire import fields

STREAMS, CHUNKS, RATE = 256, 200, 90
AT_A_TIME, REQUESTS, LATENCY_S = 512, 2048, 0.5
ASKED = Request(
    slot=Slot("bench", "main", "1", 0),
    model="m",
    messages=({"role": "user", "content": "hi"},),
    sampling=Sampling(0.7, 0.95),
    thinking="none",
    max_tokens=1000,
)

One = Callable[[], Awaitable[None]]
Way = Callable[[str, int], tuple[One, Callable[[], Awaitable[None]]]]


def objects(base_url: str, at_a_time: int) -> tuple[One, Callable[[], Awaitable[None]]]:
    """The library as it comes: default pool, an object for every chunk."""
    client = openai.AsyncOpenAI(base_url=base_url, api_key="x", max_retries=0, timeout=None)

    async def one() -> None:
        stream = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "hi"}], stream=True
        )
        async for _ in stream:
            pass

    return one, client.close


def raw_httpx(base_url: str, at_a_time: int) -> tuple[One, Callable[[], Awaitable[None]]]:
    """Raw bytes over the library's default transport, with a pool as large as the concurrency; nothing parsed."""
    limits = httpx2.Limits(max_connections=at_a_time, max_keepalive_connections=at_a_time)
    transport = openai.DefaultAsyncHttpxClient(limits=limits, timeout=None)
    client = openai.AsyncOpenAI(base_url=base_url, api_key="x", max_retries=0, timeout=None, http_client=transport)

    async def one() -> None:
        async with client.chat.completions.with_streaming_response.create(
            model="m", messages=[{"role": "user", "content": "hi"}], stream=True
        ) as response:
            async for _ in response.iter_bytes():
                pass

    return one, client.close


def ours(base_url: str, at_a_time: int) -> tuple[One, Callable[[], Awaitable[None]]]:
    """The harness: raw bytes over aiohttp, every event parsed and put together."""
    profile = Profile(name="bench", base_url=base_url, model="m")
    client = ChatClient(profile, None, at_a_time)

    async def one() -> None:
        await client.attempt(ASKED, fields(profile, ASKED), lambda seconds: None)

    async def close() -> None:
        await client.__aexit__(None, None, None)

    return one, close


WAYS: dict[str, Way] = {"stream objects, default pool": objects, "raw bytes over httpx": raw_httpx, "ours": ours}


@contextmanager
def server(chunks: int, gap_s: float, latency_s: float) -> Iterator[str]:
    words = [sys.executable, "-m", "tests.bench.stream_server", str(chunks), str(gap_s), str(latency_s)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.kill()


def measured(way: Way, base_url: str, at_a_time: int, requests: int) -> tuple[float, float]:
    """Seconds of CPU and of the clock for so many requests, after one to warm up."""

    async def play() -> tuple[float, float]:
        one, close = way(base_url, at_a_time)
        places = asyncio.Semaphore(at_a_time)

        async def placed() -> None:
            async with places:
                await one()

        await one()
        cpu, clock = time.process_time(), time.perf_counter()
        await asyncio.gather(*(placed() for _ in range(requests)))
        taken = time.process_time() - cpu, time.perf_counter() - clock
        await close()
        return taken

    return asyncio.run(play())


def chunks() -> None:
    ideal = CHUNKS / RATE
    print(f"{STREAMS} streams of {CHUNKS} chunks at {RATE} a second each ({ideal:.1f} s at best)")
    results = {}
    with server(CHUNKS, 1 / RATE, 0.0) as base_url:
        for name, way in WAYS.items():
            cpu, clock = results[name] = measured(way, base_url, STREAMS, STREAMS)
            each = cpu / (STREAMS * CHUNKS) * 1e6
            print(f"  {name:30} {each:6.1f} µs of CPU a chunk, {clock:5.1f} s, {cpu / clock:.0%} of a core")
    ratios(results, 0)


def pool() -> None:
    ideal = LATENCY_S * REQUESTS / AT_A_TIME
    print(f"{REQUESTS} short requests, {AT_A_TIME} at a time, {LATENCY_S} s each ({ideal:.1f} s at best)")
    results = {}
    with server(1, 0.0, LATENCY_S) as base_url:
        for name, way in WAYS.items():
            cpu, clock = results[name] = measured(way, base_url, AT_A_TIME, REQUESTS)
            print(f"  {name:30} {cpu / REQUESTS * 1e3:6.2f} ms of CPU a request, {clock:5.1f} s")
    ratios(results, 1)


def ratios(results: dict[str, tuple[float, float]], what: int) -> None:
    for name, taken in results.items():
        if name != "ours":
            print(f"  {name} : ours = {taken[what] / results['ours'][what]:.1f} in {('CPU', 'time')[what]}")


if __name__ == "__main__":
    chunks()
    pool()
