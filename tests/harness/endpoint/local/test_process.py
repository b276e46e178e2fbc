import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from harness.endpoint.local.model import Model
from harness.endpoint.local.process import LocalServer, default_threads
from harness.errors import HarnessError, UsageError

GIVE_UP_S = 60.0


def call(server: LocalServer, path: str, body: Any = None, key: str | None = None) -> tuple[int, dict[str, str], Any]:
    request = urllib.request.Request(
        server.base_url + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {key or server.api_key}", "Origin": "http://page.example"},
    )
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, dict(response.headers), json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), json.load(error)


def question(text: str, **fields: Any) -> dict[str, Any]:
    return {
        "model": "any",
        "messages": [{"role": "user", "content": text}],
        "max_tokens": 12,
        "temperature": 0,
    } | fields


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def port_of(server: LocalServer) -> int:
    port = urlsplit(server.base_url).port
    assert port is not None
    return port


def test_it_answers_and_counts_tokens(local_server: LocalServer) -> None:
    status, _, reply = call(local_server, "/chat/completions", question("Say hello."))
    assert status == 200
    assert reply["model"] == local_server.model == "SmolLM2-135M-Instruct"
    assert reply["choices"][0]["message"]["content"]
    assert 0 < reply["usage"]["completion_tokens"] <= 12


def test_greedy_replies_repeat_and_do_not_depend_on_what_came_before(local_server: LocalServer) -> None:
    texts = []
    for text in ("Name a fruit.", "Name a fruit. Name a tree.", "Name a fruit."):
        _, _, reply = call(local_server, "/chat/completions", question(text))
        texts.append(reply["choices"][0]["message"]["content"])
        assert reply["usage"]["prompt_tokens_details"]["cached_tokens"] == 0
    assert texts[0] == texts[2]


def test_nothing_is_cut_that_was_not_asked_to_be(local_server: LocalServer) -> None:
    request = urllib.request.Request(
        local_server.base_url.removesuffix("/v1") + "/props",
        headers={"Authorization": f"Bearer {local_server.api_key}"},
    )
    with urllib.request.urlopen(request) as response:
        params = json.load(response)["default_generation_settings"]["params"]
    assert (params["min_p"], params["top_k"], params["top_p"]) == (0.0, 0, 1.0)


def test_only_its_key_opens_it(local_server: LocalServer) -> None:
    status, _, reply = call(local_server, "/chat/completions", question("Say hello."), key="another")
    assert status == 401
    assert reply["error"]["type"] == "authentication_error"


def test_no_web_page_may_read_from_it(local_server: LocalServer) -> None:
    _, headers, _ = call(local_server, "/models")
    assert headers["Access-Control-Allow-Origin"] == ""


def test_the_key_is_not_on_the_command_line(local_server: LocalServer) -> None:
    shown = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(local_server.pid)], capture_output=True, text=True)
    assert "server.py" in shown.stdout
    assert local_server.api_key not in shown.stdout


def test_it_stops_with_its_block_whatever_ends_that(local_model: Model) -> None:
    ports = []

    def fail_inside() -> None:
        with LocalServer.start(local_model, slots=2, context=512, threads=1) as server:
            ports.append(port_of(server))
            assert listens(ports[0])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_inside()
    assert not listens(ports[0])


def test_each_slot_has_the_context_asked_for(local_model: Model) -> None:
    with LocalServer.start(local_model, slots=2, context=512, threads=1) as server:
        status, _, reply = call(server, "/chat/completions", question("word " * 600))
    assert status == 400
    assert reply["error"]["n_ctx"] == 512


@contextmanager
def parent_with_a_server(model: Model, then: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A process that starts a server, tells its port, and then does ``then``."""
    code = (
        "import os, sys, time; from harness.endpoint.local.model import Model\n"
        "from harness.endpoint.local.process import LocalServer\n"
        f"with LocalServer.start({model!r}, slots=1, context=512, threads=1) as server:\n"
        f"    print(server.base_url, flush=True)\n    {then}\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        try:
            port = urlsplit(parent.stdout.readline().strip()).port
            assert port is not None
            yield parent, port
        finally:
            parent.kill()


def stops_listening(port: int) -> bool:
    deadline = time.monotonic() + GIVE_UP_S
    while listens(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_it_ends_when_the_parent_is_killed(local_model: Model) -> None:
    with parent_with_a_server(local_model, "time.sleep(600)") as (parent, port):
        assert listens(port)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        assert stops_listening(port)


def test_it_ends_even_if_a_process_forked_by_the_parent_lives_on(local_model: Model) -> None:
    fork = "child = os.fork(); print(child, flush=True) if child else os.close(1); time.sleep(600)"
    with parent_with_a_server(local_model, fork) as (parent, port):
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        try:
            parent.send_signal(signal.SIGKILL)
            parent.wait()
            assert stops_listening(port)
        finally:
            os.kill(child, signal.SIGKILL)


def test_ctrl_c_is_left_to_the_harness(local_model: Model) -> None:
    with LocalServer.start(local_model, slots=1, context=512, threads=1) as server:
        assert os.getpgid(server.pid) != os.getpgid(0)


def test_a_model_that_does_not_load_is_told_with_the_last_words(tmp_path: Path, local_model: Model) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(HarnessError, match=r"ended with code 1:\n(.*\n)*.*RuntimeError"):
        LocalServer.start(Model(str(path), "0" * 64, 68), slots=1, context=512, threads=1).__enter__()


def test_loading_is_given_up_after_the_time_allowed(local_model: Model) -> None:
    with pytest.raises(HarnessError, match="did not load within 0 s"):
        LocalServer.start(local_model, slots=1, context=512, threads=1, ready_s=0.0).__enter__()


def test_without_a_model_it_says_what_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(UsageError, match="run `longcat-repro local fetch`"):
        LocalServer.start().__enter__()


def test_threads_fit_the_machine() -> None:
    assert 1 <= default_threads() <= (os.cpu_count() or 1)
