import json
import os
from pathlib import Path
from typing import Any

import pytest

from harness.agentic.harbor_records import attempted, how_it_ended
from harness.agentic.terms import Infrastructure


def record(exception: str | None = None, message: str = "", **more: Any) -> dict[str, Any]:
    """The driver's last word."""
    return {
        "rewards": {"reward": 0.0},
        "exception": exception,
        "message": message,
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
        ("VerifierOutputParseError", True, "engine"),
        ("NonZeroAgentExitCodeError", False, "engine"),
        ("NetworkConnectionError", False, "engine"),
    ],
)
def test_what_the_agent_could_not_bring_about_is_infrastructure(exception: str, began: bool, cause: str) -> None:
    with pytest.raises(Infrastructure) as raised:
        how_it_ended(record(exception, "words", began=began), b"", None)
    assert raised.value.cause == cause


@pytest.mark.parametrize(
    ("exception", "ended"),
    [
        (None, "done"),
        ("AgentTimeoutError", "time"),
        ("NonZeroAgentExitCodeError", "crashed"),
        ("ContextWindowExceededError", "crashed"),
        ("UnknownApiError", "crashed"),
        ("ApiOverloadedError", "crashed"),
        ("NetworkConnectionError", "crashed"),
        ("AgentAuthenticationError", "crashed"),
        ("VerifierTimeoutError", "done"),
        ("RewardFileNotFoundError", "done"),
    ],
)
def test_what_the_agent_brought_about_is_its_own(exception: str | None, ended: str) -> None:
    assert how_it_ended(record(exception), b"", None)[0] == ended


def test_a_reached_limit_of_the_container_says_why() -> None:
    assert how_it_ended(record("RuntimeError"), b"", "disk")[0] == "disk"
    assert how_it_ended(record("NonZeroAgentExitCodeError"), b"", "memory")[0] == "memory"
    assert how_it_ended(record("RewardFileNotFoundError"), b"", "disk")[0] == "disk"
    assert how_it_ended(record(), b"", "memory")[0] == "done"


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


def test_links_and_pipes_of_the_agents_are_not_opened(tmp_path: Path) -> None:
    for name in ("agent", "verifier"):
        (tmp_path / name).mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "agent" / "claude-code.txt").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "verifier" / "test-stdout.txt")
    (tmp_path / "verifier" / "ctrf.json").write_text('{"results": {"tests": [1]}}')
    left = attempted(record(), {}, tmp_path, None)
    assert (left.log, left.state["tests_log"], left.state["tests"]) == (b"", "", {})
