"""The stand-in against raw sockets and the real client: it must fail as it says it fails."""

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.standin import STRANGE, Answer, Standin, chooser

REPOSITORY = Path(__file__).resolve().parents[2]


def body(text: str = "What is 3 + 4?", **fields: Any) -> dict[str, Any]:
    return {"model": "toy-model", "messages": [{"role": "user", "content": text}], **fields}


def post(standin: Standin, question: Mapping[str, Any], key: str = "") -> bytes:
    """The raw response to one chat request, head and body, up to the end of the connection."""
    data = json.dumps(question).encode()
    fields = f"Authorization: Bearer {key}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    head = f"POST /v1/chat/completions HTTP/1.1\r\n{fields}"
    with socket.create_connection(("127.0.0.1", standin.port), timeout=20) as sock:
        sock.sendall(head.encode() + data)
        received = b""
        while more := sock.recv(1 << 16):
            received += more
    return received


def dechunk(raw: bytes) -> list[bytes]:
    """The HTTP chunks of a response's body."""
    rest = raw.partition(b"\r\n\r\n")[2]
    chunks = []
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        chunks.append(rest[: int(size, 16)])
        rest = rest[int(size, 16) + 2 :]
    return [chunk for chunk in chunks if chunk]


def events(raw: bytes) -> list[bytes]:
    """The data of a stream's events."""
    lines = b"".join(dechunk(raw)).replace(b"\r\n", b"\n").split(b"\n")
    return [line.removeprefix(b"data: ") for line in lines if line.startswith(b"data: ")]


def content(raw: bytes, field: str = "content") -> str:
    """The text of one field of all deltas."""
    deltas = [json.loads(event)["choices"] for event in events(raw) if event != b"[DONE]"]
    return "".join(choices[0]["delta"].get(field) or "" for choices in deltas if choices)


def status(raw: bytes) -> int:
    return int(raw.split(b" ", 2)[1])


def error(raw: bytes) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(raw.partition(b"\r\n\r\n")[2])["error"]
    return value


def test_the_real_client_reads_both_kinds_of_reply() -> None:
    with Standin("echo") as standin:
        client = openai.OpenAI(base_url=standin.base_url, api_key="none", max_retries=0)
        messages: Any = [{"role": "user", "content": "one two"}]
        whole = client.chat.completions.create(model="toy-model", messages=messages)
        stream = client.chat.completions.create(model="toy-model", messages=messages, stream=True)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    assert (whole.choices[0].message.content, text) == ("one two", "one two")
    assert whole.usage is not None
    assert (whole.usage.prompt_tokens, whole.usage.completion_tokens) == (5, 2)
    assert standin.served == standin.asked == len(standin.chats) == 2
    assert standin.requests[0].headers["authorization"] == "Bearer none"
    assert standin.account_usd == pytest.approx(2 * (5 * 0.75 + 2 * 2.95) / 1e6)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_torn_bytes_hold_the_same_text(newline: str) -> None:
    with Standin("echo", suffix=STRANGE, torn=3, newline=newline) as standin:
        raw = post(standin, body("甲乙", stream=True))
    assert content(raw) == "甲乙" + STRANGE
    assert max(len(chunk) for chunk in dechunk(raw)) == 3
    assert b"\xe2\x80\xa8" in b"".join(dechunk(raw))
    with pytest.raises(UnicodeDecodeError):
        [chunk.decode() for chunk in dechunk(raw)]


def test_usage_comes_only_where_it_is_asked_for() -> None:
    with Standin("echo") as standin:
        plain = events(post(standin, body(stream=True)))
        asked = events(post(standin, body(stream=True, stream_options={"include_usage": True})))
    assert len(asked) == len(plain) + 1
    assert json.loads(asked[-2])["usage"]["completion_tokens"] == 4


@pytest.mark.parametrize("fault", ["cut-before", "cut-after", "cut-clean", "done-only", "stream-error"])
def test_a_broken_stream_ends_without_a_finish_reason(fault: str) -> None:
    with Standin("echo", faults=[(fault, [1])]) as standin:
        raw = post(standin, body(stream=True))
        again = post(standin, body(stream=True))
    assert b'"finish_reason": "stop"' not in raw
    assert (b"[DONE]" in raw) == (fault in ("done-only", "stream-error"))
    assert content(again) == "What is 3 + 4?"
    assert (standin.served, standin.asked, standin.met[fault]) == (1, 2, 1)


def test_a_cut_stream_is_charged_for_what_was_generated() -> None:
    with Standin("echo", faults=[("cut-after", [1])]) as standin:
        assert content(post(standin, body("x" * 48, stream=True))) == "x" * 24
        assert standin.account_usd == pytest.approx((15 * 0.75 + 6 * 2.95) / 1e6)
    with Standin("echo", faults=[("cut-after", [1])], bills_on=True) as standin:
        post(standin, body("x" * 48, stream=True))
        assert standin.account_usd == pytest.approx((15 * 0.75 + 12 * 2.95) / 1e6)


def test_half_a_line_and_a_bad_line_are_not_json() -> None:
    for fault in ("half-json", "bad-json"):
        with Standin("echo", faults=[(fault, [1])]) as standin:
            raw = post(standin, body(stream=True))
        with pytest.raises(json.JSONDecodeError):
            [json.loads(event) for event in events(raw) if event != b"[DONE]"]


def test_nothing_and_html_come_with_status_200() -> None:
    with Standin("echo", faults=[("empty", [1]), ("html", [2])]) as standin:
        empty = post(standin, body(stream=True))
        html = post(standin, body(stream=True) | {"seed": 1})
    assert (status(empty), dechunk(empty)) == (200, [])
    assert status(html) == 200
    assert b"Content-Type: text/html" in html


def test_a_reset_connection_raises() -> None:
    with Standin("echo", faults=[("reset", [1])]) as standin, pytest.raises(ConnectionResetError):
        post(standin, body(stream=True))


def test_statuses_say_when_to_come_back() -> None:
    plan = [("429", [1]), ("429-bare", [2]), ("429-daily", [3]), ("500-tool-json", [4])]
    with Standin("echo", faults=plan, retry_after="7") as standin:
        told, bare, daily, broken = (post(standin, body()) for _ in range(4))
    assert [status(raw) for raw in (told, bare, daily, broken)] == [429, 429, 429, 500]
    assert b"Retry-After: 7" in told
    assert b"Retry-After" not in bare
    reset = error(daily)["metadata"]["headers"]["X-RateLimit-Reset"]
    assert len(reset) == 13
    assert f"X-RateLimit-Reset: {reset}".encode() in daily
    assert "JSON" in error(broken)["message"]


def test_chance_hits_the_same_questions_in_any_order_and_not_too_often() -> None:
    met = []
    for order in (range(40), reversed(range(40))):
        with Standin("echo", faults=[("500", 0.3), ("429", 0.3)], faults_per_prompt=1) as standin:
            first = {n: status(post(standin, body(str(n)))) for n in order}
            for _ in range(20):
                assert {status(post(standin, body("0")))} <= {200, 500, 429}
            met.append((first, standin.met.total()))
    assert met[0][0] == met[1][0]
    assert set(met[0][0].values()) == {200, 429, 500}
    assert met[0][1] == met[1][1] <= 40


def test_a_limit_cuts_the_reply_and_thinking_counts() -> None:
    with Standin("echo", dialect="longcat", reasoning="r" * 20) as standin:
        raw = post(standin, body("x" * 40, stream=True, max_tokens=8))
        off = post(standin, body("x" * 40, stream=True, thinking={"type": "disabled"}))
        default = post(standin, body("x" * 200_000, stream=True, thinking={"type": "disabled"}))
    assert (content(raw, "reasoning_content"), content(raw)) == ("r" * 20, "x" * 12)
    assert b'"finish_reason": "length"' in raw
    assert (content(off, "reasoning_content"), content(off)) == ("", "x" * 40)
    assert len(content(default)) == 4 * 32768


@pytest.mark.parametrize(
    ("fields", "expected"),
    [({"model": "Toy-Model"}, 400), ({"temperature": 1.2}, 400), ({"max_tokens": 200_000}, 400), ({}, 200)],
)
def test_longcat_is_strict(fields: dict[str, Any], expected: int) -> None:
    with Standin("echo", dialect="longcat") as standin:
        assert status(post(standin, body() | fields)) == expected


def test_longcat_quota_ends_and_its_tag_leaks() -> None:
    with Standin("echo", dialect="longcat", credit=1e-9, leak_tag=True) as standin:
        first = post(standin, body())
        assert json.loads(first.partition(b"\r\n\r\n")[2])["choices"][0]["message"]["content"].startswith("</longcat_t")
        assert status(post(standin, body())) == 402


def test_openrouter_waits_with_comments_and_names_cost_and_provider() -> None:
    with Standin("echo", dialect="openrouter", latency=0.1) as standin:
        raw = post(standin, body(stream=True))
    assert b"".join(dechunk(raw)).startswith(b": OPENROUTER PROCESSING\n\n")
    last = json.loads(events(raw)[-2])
    assert last["provider"] == "StandIn"
    assert last["usage"]["cost"] == pytest.approx(standin.account_usd)
    assert content(raw, "reasoning") == standin.options.reasoning


def test_openrouter_reserves_the_worst_case() -> None:
    with Standin("echo", dialect="openrouter", credit=0.003) as standin:
        refused = post(standin, body(max_tokens=65536))
        taken = post(standin, body(max_tokens=500, reasoning={"enabled": False}))
    assert (status(refused), status(taken)) == (402, 200)
    assert "can only afford 1015" in error(refused)["message"]


def test_openrouter_tells_its_prices_and_the_free_variant_no_cost() -> None:
    with Standin("echo", dialect="openrouter", model="meituan/longcat-2.0", free=True) as standin:
        with urllib.request.urlopen(f"{standin.base_url}/models/meituan/longcat-2.0/endpoints") as response:
            offers = json.load(response)["data"]["endpoints"]
        reply = post(standin, body() | {"model": "meituan/longcat-2.0"})
    assert float(offers[0]["pricing"]["completion"]) == 0
    assert "cost" not in json.loads(reply.partition(b"\r\n\r\n")[2])["usage"]


def test_sglang_puts_thinking_into_the_content() -> None:
    with Standin("echo", dialect="sglang") as standin:
        on = content(post(standin, body("hello", stream=True)))
        off = content(post(standin, body("hello", stream=True, chat_template_kwargs={"enable_thinking": False})))
    assert on == f"<longcat_think>{standin.options.reasoning}</longcat_think>\nhello"
    assert off == "hello"


def test_outcomes_are_complete_replies() -> None:
    plan = [("reasoning-only", [1]), ("unclosed-think", [2]), ("length", [3]), ("content_filter", [4])]
    with Standin("echo", faults=plan) as standin:
        replies = [post(standin, body("hello hello", stream=True)) for _ in plan]
    assert [content(raw) for raw in replies] == ["", "<think>hello hello", "hello", ""]
    assert content(replies[0], "reasoning_content") == "hello hello"
    assert standin.served == 4


def test_only_the_key_opens() -> None:
    with Standin("echo", api_key="right") as standin:
        assert status(post(standin, body(), key="wrong")) == 401
        assert status(post(standin, body(), key="right")) == 200
        assert standin.asked == 1
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{standin.base_url}/models")


def test_guesses_depend_on_question_and_seed_only() -> None:
    with Standin("uniform") as standin:
        guesses = [content(post(standin, body(str(n), stream=True, seed=n % 3)))[-1] for n in range(40)]
        again = [content(post(standin, body(str(n), stream=True, seed=n % 3)))[-1] for n in range(40)]
    assert guesses == again
    assert set(guesses) == set("ABCD")


def test_an_oracle_knows_its_table(tmp_path: Path) -> None:
    table = tmp_path / "table.jsonl"
    table.write_text('{"prompt": "a", "response": "one"}\n{"prompt": "b", "reply": "two\u2028"}\n', encoding="utf-8")
    with Standin("oracle", table=table) as standin:
        assert [content(post(standin, body(text, stream=True))) for text in "ab"] == ["one", "two\u2028"]
        assert status(post(standin, body("c"))) == 400


def test_a_chooser_finds_the_letter() -> None:
    choose = chooser([("4", ["5", "45", "4 kg"]), ("blue", ["green", "red", "grey"])])
    listed = "Which?\n\nA) 45\nB) 4 kg\nC) 5\nD) 4\n\nAnswer."
    bracketed = "Which?\n(A) green\n(B) blue\n(C) red\n(D) grey\nLet's think"
    assert [choose(body(text)).content[-1] for text in (listed, bracketed)] == ["D", "B"]
    with pytest.raises(KeyError):
        choose(body("A) 1\nB) 2\nC) 3\nD) 4"))


def test_tool_calls_are_streamed_in_fragments() -> None:
    tools = [{"type": "function", "function": {"name": "look", "parameters": {}}}]
    with Standin("caller") as standin:
        raw = post(standin, body("x" * 40, stream=True, tools=tools))
    calls = [json.loads(event)["choices"][0]["delta"].get("tool_calls") for event in events(raw)[:-1]]
    fragments = [call[0]["function"]["arguments"] for call in calls if call]
    assert json.loads("".join(fragments)) == {"text": "x" * 40}
    assert len(fragments) > 2


def test_any_function_is_a_behaviour() -> None:
    with Standin(lambda asked: Answer(str(asked["seed"]))) as standin:
        assert content(post(standin, body(stream=True, seed=5))) == "5"


def test_it_runs_as_a_process() -> None:
    command = [sys.executable, "-m", "tests.standin", "--behaviour", "echo", "--port", "0"]
    options = ["dialect=longcat", "model=other", "latency=0.01", "torn=5", "fault=500@1", "leak_tag=true"]
    with subprocess.Popen([*command, *options], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/chat/completions", json.dumps(body() | {"model": "other"}).encode()
        )
        with pytest.raises(urllib.error.HTTPError, match="500"):
            urllib.request.urlopen(request)
        with urllib.request.urlopen(request) as response:
            assert "What is 3 + 4?" in json.load(response)["choices"][0]["message"]["content"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/standin/state") as response:
            assert json.load(response)["met"] == {"500": 1}
        process.terminate()
