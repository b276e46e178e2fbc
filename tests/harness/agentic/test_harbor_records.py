import json
import os
from pathlib import Path
from typing import Any

import pytest

from harness.agentic.harbor_records import attempted, how_it_ended
from harness.agentic.terms import Infrastructure


def met(*names: str, message: str = "words", reward: bool = False) -> list[dict[str, Any]]:
    """What the driver tells of exceptions, in order."""
    return [{"name": name, "message": message, "reward": reward} for name in names]


def record(*exceptions: str, **more: Any) -> dict[str, Any]:
    """The driver's last word."""
    return {
        "rewards": {"reward": 0.0},
        "exceptions": met(*exceptions),
        "began": True,
        "agent_s": 2.5,
        "verifier_s": 1.5,
        "cleared": [],
        **more,
    }


def last(**event: Any) -> bytes:
    """Claude Code's last event."""
    return json.dumps({"type": "result", **event}).encode()


@pytest.mark.parametrize(
    ("exception", "began", "cause"),
    [
        ("AgentSetupTimeoutError", False, "scaffold"),
        ("EnvironmentStartTimeoutError", False, "engine"),
        ("RuntimeError", False, "engine"),
        ("RuntimeError", True, "engine"),
        ("IsADirectoryError", True, "engine"),
        ("DownloadVerifierDirError", True, "engine"),
        ("NonZeroAgentExitCodeError", False, "engine"),
        ("NetworkConnectionError", False, "engine"),
    ],
)
def test_what_the_agent_could_not_bring_about_is_infrastructure(exception: str, began: bool, cause: str) -> None:
    with pytest.raises(Infrastructure) as raised:
        how_it_ended(record(exception, began=began), b"", None)
    assert raised.value.cause == cause


@pytest.mark.parametrize(
    ("exception", "ended"),
    [
        ("AgentTimeoutError", "time"),
        ("NonZeroAgentExitCodeError", "crashed"),
        ("ContextWindowExceededError", "crashed"),
        ("UnknownApiError", "crashed"),
        ("ApiOverloadedError", "crashed"),
        ("NetworkConnectionError", "crashed"),
        ("AgentAuthenticationError", "crashed"),
        ("VerifierTimeoutError", "done"),
        ("RewardFileNotFoundError", "done"),
        ("VerifierOutputParseError", "done"),
    ],
)
def test_what_the_agent_brought_about_is_its_own(exception: str, ended: str) -> None:
    assert how_it_ended(record(exception), b"", None)[0] == ended
    assert how_it_ended(record(exception, rewards=None), b"", None)[0] == ended
    assert how_it_ended(record(), b"", None) == ("done", "")


@pytest.mark.parametrize("name", ["IsADirectoryError", "ValidationError", "RecursionError", "PermissionError"])
def test_a_reward_that_cannot_be_read_is_the_tests_own(name: str) -> None:
    told = record(rewards=None, exceptions=met(name, reward=True))
    assert how_it_ended(told, b"", None) == ("done", "the tests left no readable reward")
    told["exceptions"] = [*met("AgentTimeoutError"), *met(name, reward=True)]
    assert how_it_ended(told, b"", None)[0] == "time"
    with pytest.raises(Infrastructure, match=name):
        how_it_ended(record(name, rewards=None), b"", None)


def test_no_reward_for_a_cause_of_the_engines_is_infrastructure_whatever_the_agent_met_before() -> None:
    for first in ("AgentTimeoutError", "NonZeroAgentExitCodeError", "ApiOverloadedError", "RewardFileNotFoundError"):
        with pytest.raises(Infrastructure, match="RuntimeError: words") as raised:
            how_it_ended(record(first, "RuntimeError", rewards=None), b"", None, starved=True)
        assert raised.value.cause == "engine"
    assert how_it_ended(record("AgentTimeoutError", "RewardFileNotFoundError", rewards=None), b"", None)[0] == "time"
    assert how_it_ended(record("AgentTimeoutError", "AddTestsDirError", rewards=None), b"", None)[0] == "time"
    assert how_it_ended(record("AgentTimeoutError", "RuntimeError", rewards=None), b"", "disk")[0] == "disk"
    assert how_it_ended(record("AgentTimeoutError", "RuntimeError"), b"", None)[0] == "time"


def test_a_reached_limit_of_the_container_says_why() -> None:
    assert how_it_ended(record("RuntimeError"), b"", "disk")[0] == "disk"
    assert how_it_ended(record("NonZeroAgentExitCodeError"), b"", "memory")[0] == "memory"
    assert how_it_ended(record("RewardFileNotFoundError"), b"", "disk")[0] == "disk"
    assert how_it_ended(record(), b"", "memory")[0] == "done"


def test_a_program_killed_for_memory_explains_only_what_nothing_else_does() -> None:
    def ended(*names: str, log: bytes = b"") -> str:
        return how_it_ended(record(*names), log, None, starved=True)[0]

    assert ended("NonZeroAgentExitCodeError") == "memory"
    assert ended("NonZeroAgentExitCodeError", log=last(subtype="success", is_error=True)) == "crashed"
    assert ended("NonZeroAgentExitCodeError", log=last(subtype="error_max_turns", num_turns=7)) == "turns"
    assert ended("ApiOverloadedError") == "crashed"
    assert ended("AgentTimeoutError") == "time"
    assert ended("RewardFileNotFoundError") == "done"
    assert ended() == "done"
    for name in ("RuntimeError", "DownloadVerifierDirError"):
        with pytest.raises(Infrastructure):
            ended(name)


def test_the_limit_of_turns_is_told_from_a_crash() -> None:
    log = last(subtype="error_max_turns", num_turns=7)
    assert how_it_ended(record("NonZeroAgentExitCodeError"), log, None) == ("turns", "7 turns")


@pytest.mark.parametrize("status", [400, 401, 429, 500, 502])
def test_an_agent_whose_log_tells_of_its_api_crashed_whatever_it_says(status: int) -> None:
    log = last(subtype="success", is_error=True, result=f"API Error: {status} no")
    assert how_it_ended(record("UnknownApiError"), log, None) == ("crashed", f"API Error: {status} no")


def test_logs_and_the_tests_report_are_read(tmp_path: Path) -> None:
    for name in ("agent", "verifier"):
        (tmp_path / name).mkdir()
    (tmp_path / "agent" / "claude-code.txt").write_text("said")
    (tmp_path / "verifier" / "test-stdout.txt").write_text("2 tests")
    report = {"results": {"tests": [{"name": "a", "status": "passed"}, {"name": "b", "status": "failed"}]}}
    (tmp_path / "verifier" / "ctrf.json").write_text(json.dumps(report))
    left = attempted(record(), {"scaffold": "claude-code"}, tmp_path, None)
    assert (left.ended, left.seconds, left.log) == ("done", 2.5, b"said")
    assert left.state["tests"] == {"a": "PASSED", "b": "FAILED"}
    assert left.state["tests_log"] == "2 tests"


@pytest.mark.parametrize(
    "report", ["[" * 200_000, "{", "[]", '{"results": {"tests": [{"name": 1}]}}', "\0", "1" * 9999]
)
def test_a_report_that_is_none_names_no_tests(tmp_path: Path, report: str) -> None:
    (tmp_path / "agent").mkdir()
    (tmp_path / "agent" / "claude-code.txt").write_bytes(b'{"a":' * 200_000 + b"\n" + last(result="bye"))
    (tmp_path / "verifier").mkdir()
    (tmp_path / "verifier" / "ctrf.json").write_text(report)
    left = attempted(record("UnknownApiError", "RewardFileEmptyError", rewards=None), {}, tmp_path, None)
    assert (left.state["tests"], left.ended, left.detail) == ({}, "crashed", "bye")
    assert left.state["exception"] == "UnknownApiError"
    assert left.state["exceptions"] == ["UnknownApiError", "RewardFileEmptyError"]


def test_links_and_pipes_of_the_agents_are_not_opened(tmp_path: Path) -> None:
    for name in ("agent", "verifier"):
        (tmp_path / name).mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "agent" / "claude-code.txt").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "verifier" / "test-stdout.txt")
    (tmp_path / "verifier" / "ctrf.json").write_text('{"results": {"tests": [1]}}')
    left = attempted(record(), {}, tmp_path, None)
    assert (left.log, left.state["tests_log"], left.state["tests"]) == (b"", "", {})
