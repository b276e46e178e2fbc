"""What harbor's records of a trial say: whose doing its end was, and what the agent and the tests printed.

Harbor records the class of an exception beside the reward, and counts a trial without a reward as 0. Here a trial that
ended for a cause outside of the agent's reach is no result.
"""

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.agentic.scaffolds.claude_code_events import TURNS, result
from harness.agentic.terms import Attempted, Cause, Ended, Infrastructure

INFRASTRUCTURE: Mapping[str, Cause] = {
    "AgentSetupTimeoutError": "scaffold",
    "EnvironmentStartTimeoutError": "engine",
    "SandboxBuildFailedError": "image",
    "HealthcheckError": "engine",
    "VerifierOutputParseError": "engine",
    "DownloadVerifierDirError": "engine",
}
AGENTS_OWN: Mapping[str, Ended] = {
    "AgentTimeoutError": "time",
    "AgentSafetyRefusalError": "crashed",
    "ContextWindowExceededError": "crashed",
    "OutputTokenExceededError": "crashed",
    "NonZeroAgentExitCodeError": "crashed",
    "ApiError": "crashed",
    "ApiRateLimitError": "crashed",
    "ApiUsageLimitError": "crashed",
    "ApiInternalServerError": "crashed",
    "ApiOverloadedError": "crashed",
    "ApiConnectionClosedError": "crashed",
    "ApiResponseStalledError": "crashed",
    "ApiProviderResourceNotFoundError": "crashed",
    "UnknownApiError": "crashed",
    "NetworkConnectionError": "crashed",
    "AgentAuthenticationError": "crashed",
    "ModelNotFoundError": "crashed",
}
"""How the agent's part ended, by harbor's classes. After a failed exit harbor tells the class from words in the agent's
log (``ErrorPattern`` in harbor/agents/installed/base.py), which the agent can write: whether its endpoint failed it is
for the head to say, which answered it."""
OF_THE_TESTS: Mapping[str, str] = {
    "VerifierTimeoutError": "the tests ran out of time",
    "RewardFileNotFoundError": "the tests left no reward",
    "RewardFileEmptyError": "the tests left no reward",
    "AddTestsDirError": "the container takes no tests any more",
}
"""What the agent's work can bring about: what the tests run is the agent's, and so is the state of its container."""
MOST_BYTES = 16 * 1024**2
MOST_OF_THE_TESTS = 256 * 1024


def attempted(record: Mapping[str, Any], prepared: Mapping[str, Any], folder: Path, limit: Ended | None) -> Attempted:
    """What the agent left, from harbor's record and the trial's folder.

    Args:
        record: the driver's last word.
        prepared: for our own record.
        folder: harbor's, of this trial. What is in it was written by the agent, links and pipes perhaps among it.
        limit: the container's limit that was reached, if one was.

    Raises:
        Infrastructure: the trial ended for a cause outside of the agent's reach.
    """
    log = _read(folder / "agent" / "claude-code.txt") or _read(folder / "agent" / "oracle.txt") or b""
    ended, detail = how_it_ended(record, log, limit)
    tests = _read(folder / "verifier" / "test-stdout.txt", MOST_OF_THE_TESTS) or b""
    state = {
        "rewards": record["rewards"],
        "exception": record["exception"],
        "cleared": record["cleared"],
        "tests": _tests(folder / "verifier" / "ctrf.json"),
        "tests_log": tests.decode("utf-8", "replace"),
        "tests_s": record["verifier_s"],
    }
    return Attempted(prepared, ended, detail, record["agent_s"] or 0.0, b"", log, state)


def how_it_ended(record: Mapping[str, Any], log: bytes, limit: Ended | None) -> tuple[Ended, str]:
    """How the agent's part ended, and in whose words.

    Raises:
        Infrastructure: for a cause outside of the agent's reach.
    """
    name, said = record["exception"], str(record["message"])
    if name is None or name in OF_THE_TESTS:
        return limit if name and limit else "done", OF_THE_TESTS.get(name or "", "")
    what = f"{name}: {said.strip()[-500:]}"
    if not record["began"]:
        raise Infrastructure(INFRASTRUCTURE.get(name, "engine"), what)
    if limit is not None:
        return limit, f"the container reached its limit: {limit}; {what}"
    last = result(log) or {}
    if name not in AGENTS_OWN:
        raise Infrastructure(INFRASTRUCTURE.get(name, "engine"), what)
    if last.get("subtype") == TURNS:
        return "turns", f"{last.get('num_turns')} turns"
    return AGENTS_OWN[name], str(last.get("result") or what)[:500]


def _tests(path: Path) -> dict[str, str]:
    """Each test's status by its name, from a report in the common test report format (ctrf.io), if there is one."""
    try:
        told = json.loads(_read(path) or b"{}")
        tests = told["results"]["tests"]
        return {str(each["name"]): str(each["status"]).upper() for each in tests}
    except (ValueError, KeyError, TypeError):
        return {}


def _read(path: Path, most: int = MOST_BYTES) -> bytes | None:
    """The first bytes of a regular file; None where there is none, and nothing else is opened."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
