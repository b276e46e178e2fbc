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
UNREADABLE = "the tests left no readable reward"
OF_THE_TESTS: Mapping[str, str] = {
    "VerifierTimeoutError": "the tests ran out of time",
    "RewardFileNotFoundError": "the tests left no reward",
    "RewardFileEmptyError": "the tests left no reward",
    "VerifierOutputParseError": UNREADABLE,
    "AddTestsDirError": "the container takes no tests any more",
}
"""What the agent's work can bring about: what the tests run is the agent's, and so is the state of its container.
Whatever else harbor meets while it reads the reward (a folder in its place, brackets too deep) is of the tests too."""
UNTOLD = "NonZeroAgentExitCodeError"
"""The agent's program failed, and harbor found no words in its log that say why."""
MOST_BYTES = 16 * 1024**2
MOST_OF_THE_TESTS = 256 * 1024


def attempted(
    record: Mapping[str, Any], prepared: Mapping[str, Any], folder: Path, limit: Ended | None, *, starved: bool = False
) -> Attempted:
    """What the agent left, from harbor's record and the trial's folder.

    Args:
        record: the driver's last word.
        prepared: for our own record.
        folder: harbor's, of this trial. What is in it was written by the agent, links and pipes perhaps among it.
        limit: the limit for which the container was ended, if it was.
        starved: whether a program in it had been killed for lack of memory before the agent ended.

    Raises:
        Infrastructure: the trial ended for a cause outside of the agent's reach.
    """
    log = _read(folder / "agent" / "claude-code.txt") or _read(folder / "agent" / "oracle.txt") or b""
    ended, detail = how_it_ended(record, log, limit, starved=starved)
    tests = _read(folder / "verifier" / "test-stdout.txt", MOST_OF_THE_TESTS) or b""
    names = [each["name"] for each in record["exceptions"]]
    state = {
        "rewards": record["rewards"],
        "exception": names[0] if names else None,
        "exceptions": names,
        "cleared": record["cleared"],
        "tests": _tests(folder / "verifier" / "ctrf.json"),
        "tests_log": tests.decode("utf-8", "replace"),
        "tests_s": record["verifier_s"],
    }
    return Attempted(prepared, ended, detail, record["agent_s"] or 0.0, b"", log, state)


def how_it_ended(
    record: Mapping[str, Any], log: bytes, limit: Ended | None, *, starved: bool = False
) -> tuple[Ended, str]:
    """How the agent's part ended, and in whose words.

    After an agent that ran out of time or failed, harbor runs the tests all the same. Where these left no reward, what
    kept them from it is asked too. Any program may have been killed for lack of memory, and long before the end: that
    explains a failed agent only where nothing else does.

    Raises:
        Infrastructure: for a cause outside of the agent's reach.
    """
    met = record["exceptions"]
    if not met:
        return "done", ""
    name, what = met[0]["name"], _said(met[0])
    if not record["began"]:
        raise Infrastructure(INFRASTRUCTURE.get(name, "engine"), what)
    if limit is not None:
        return limit, f"the container reached its limit: {limit}; {what}"
    for each in met if record["rewards"] is None else met[:1]:
        if each["name"] not in AGENTS_OWN and _of_the_tests(each) is None:
            raise Infrastructure(INFRASTRUCTURE.get(each["name"], "engine"), _said(each))
    words = _of_the_tests(met[0])
    if words is not None:
        return "done", words
    last = result(log) or {}
    if last.get("subtype") == TURNS:
        return "turns", f"{last.get('num_turns')} turns"
    if starved and name == UNTOLD and not last:
        return "memory", f"a program in the container was killed for lack of memory; {what}"
    return AGENTS_OWN[name], str(last.get("result") or what)[:500]


def _said(met: Mapping[str, Any]) -> str:
    return f"{met['name']}: {str(met['message']).strip()[-500:]}"


def _of_the_tests(met: Mapping[str, Any]) -> str | None:
    """In words, if agent or tests can have brought it about after the agent's end; else None."""
    name = met["name"]
    unreadable = met["reward"] and name not in INFRASTRUCTURE
    return OF_THE_TESTS.get(name, UNREADABLE if unreadable else None)


def _tests(path: Path) -> dict[str, str]:
    """Each test's status by its name, from a report in the common test report format (ctrf.io), if there is one."""
    try:
        told = json.loads(_read(path) or b"{}")
        tests = told["results"]["tests"]
        return {str(each["name"]): str(each["status"]).upper() for each in tests}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}


def _read(path: Path, most: int = MOST_BYTES) -> bytes | None:
    """The first bytes of a regular file; None where there is none, and nothing else is opened."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
