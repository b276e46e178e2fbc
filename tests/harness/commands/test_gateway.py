"""The gateway as a command: a process of its own between an official client and the stand-in."""

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import openai
import pytest

from tests.place import Place
from tests.standin import Standin

HELLO = [{"role": "user", "content": "How much is 2 and 3?"}]


@contextmanager
def served(
    place: Place, standin: Standin, *words: str, ended_by: signal.Signals = signal.SIGINT
) -> "Iterator[tuple[str, str, list[str]]]":
    """The gateway's address and token while it runs; the list is filled with what it said once it has ended."""
    profile = standin.profile_file(place.folder)
    process = place.start("gateway", "--profile", profile, "--run-id", "mine", *words)
    assert process.stdout is not None
    head = [process.stdout.readline() for _ in range(3)]
    url, token = (re.sub(r".*=", "", line.strip()) for line in head[1:])
    said: list[str] = []
    try:
        yield url, token, said
    finally:
        process.send_signal(ended_by)
        try:
            said.append(process.communicate(timeout=60)[1])
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        assert process.returncode == 0, said


def test_clients_of_both_kinds_are_served_and_every_reply_is_kept(place: Place) -> None:
    import anthropic

    with Standin("echo") as standin:
        with served(place, standin, "--temperature", "0.5") as (url, token, said):
            with openai.OpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0) as client:
                one = client.chat.completions.create(model="any", messages=HELLO, temperature=1.5)
            with anthropic.Anthropic(base_url=url, auth_token=token, max_retries=0) as other:
                two = other.messages.create(model="any", max_tokens=50, messages=HELLO)
        assert [body["temperature"] for body in standin.chats] == [0.5, 0.5]
        assert two.content[-1].text == one.choices[0].message.content
        assert "2 replies" in said[0]
        assert "the clients' own temperature were not used" in said[0]
        assert len([line for line in place.lines("mine") if line["envelope"]["kind"] == "reply"]) == 2
        before = standin.asked
        with (
            served(place, standin, "--temperature", "0.5") as (url, token, said),
            openai.OpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0) as client,
        ):
            again = client.chat.completions.create(model="any", messages=HELLO)
        assert again.choices[0].message.content == one.choices[0].message.content
        assert standin.asked == before
        assert "2 replies are recorded" in said[0]


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_what_is_in_flight_at_the_end_is_answered_and_kept(place: Place, ended_by: signal.Signals) -> None:
    with Standin("echo", latency=1.0) as standin, ThreadPoolExecutor() as pool:
        with served(place, standin, ended_by=ended_by) as (url, token, said):
            client = openai.OpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0)
            asked = pool.submit(client.chat.completions.create, model="any", messages=HELLO)
            while standin.asked == 0:
                time.sleep(0.01)
        with client:
            assert asked.result().choices[0].message.content
    assert "1 replies" in said[0]
    assert len([line for line in place.lines("mine") if line["envelope"]["kind"] == "reply"]) == 1


def test_other_settings_are_another_journal(place: Place) -> None:
    with Standin("echo") as standin:
        with served(place, standin):
            pass
        refused = place(
            "gateway", "--profile", standin.profile_file(place.folder), "--run-id", "mine", "--temperature", "0.1"
        )
    assert refused.code == 2
    assert "identity" not in refused.err
    assert "gateway.temperature: recorded 1.0, now 0.1" in refused.err


@pytest.mark.parametrize("token", ["wrong"])
def test_a_wrong_token_asks_nothing(place: Place, token: str) -> None:
    with Standin("echo") as standin:
        with (
            served(place, standin) as (url, _, _),
            openai.OpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0) as client,
            pytest.raises(openai.AuthenticationError),
        ):
            client.chat.completions.create(model="any", messages=HELLO)
        assert standin.asked == 0
