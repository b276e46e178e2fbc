"""How Claude Code is configured, what is left as it comes, and what of its requests differs from day to day.

Names are those of https://docs.anthropic.com/en/docs/claude-code/settings and ``claude --help``.
"""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from harness.contract import TrialArm
from harness.endpoint.gateway.route import Rewrite

VERSION = "2.1.197"
FOLDER = "/opt/claude-code"
"""Inside the container: the program, its configuration, its temporary files."""
LIMITLESS_MS = "86400000"
"""A day: how long a reply may take, and how often it is asked for, is ``ask``'s to say."""
DATE = "2026-01-01"

ENVIRONMENT: Mapping[str, str] = {
    "API_TIMEOUT_MS": LIMITLESS_MS,
    "CLAUDE_CODE_ATTRIBUTION_HEADER": "0",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK": "1",
    "CLAUDE_CODE_MAX_RETRIES": "0",
    "CLAUDE_CODE_TMPDIR": f"{FOLDER}/tmp",
    "CLAUDE_CONFIG_DIR": f"{FOLDER}/config",
    "CLAUDE_STREAM_IDLE_TIMEOUT_MS": LIMITLESS_MS,
    "CLAUDE_BYTE_STREAM_IDLE_TIMEOUT_MS": LIMITLESS_MS,
    "CLAUDE_ENABLE_BYTE_WATCHDOG": "0",
    "CLAUDE_ENABLE_STREAM_WATCHDOG": "0",
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_TELEMETRY": "1",
    "IS_SANDBOX": "1",
}
"""Set for every trial. ``IS_SANDBOX`` lets it work as root without asking for permission."""

MODELS = (
    "ANTHROPIC_MODEL",
    "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "ANTHROPIC_DEFAULT_HAIKU_MODEL",
    "ANTHROPIC_DEFAULT_FABLE_MODEL",
    "ANTHROPIC_SMALL_FAST_MODEL",
    "CLAUDE_CODE_SUBAGENT_MODEL",
)
"""Every name under which it may ask for a model: all get the one measured."""

DEFAULTS: Mapping[str, str] = {
    "CLAUDE_CODE_MAX_OUTPUT_TOKENS": "32000; the gateway's own limit holds where it is smaller",
    "CLAUDE_CODE_AUTO_COMPACT_WINDOW": "on, for the 200k tokens that are assumed of an unknown model",
    "CLAUDE_CODE_MAX_CONTEXT_TOKENS": "200k tokens, as assumed of an unknown model",
    "CLAUDE_CODE_EFFORT_LEVEL": "high; not passed on, thinking is the run's",
    "BASH_DEFAULT_TIMEOUT_MS": "120000",
    "BASH_MAX_TIMEOUT_MS": "600000",
    "system prompt": "its own, with git status and environment",
}
"""What shapes a trial, is not disclosed by the vendor, and is left as the program has it."""

WEB_TOOLS = "WebSearch,WebFetch"


def flags(arm: TrialArm) -> list[str]:
    """The command line's options."""
    found = ["--print", "--verbose", "--output-format=stream-json", "--permission-mode=bypassPermissions"]
    if arm.turns is not None:
        found.append(f"--max-turns={arm.turns}")
    if not arm.web_tools:
        found.append(f"--disallowedTools={WEB_TOOLS}")
    return found


def session(trial: str) -> str:
    """A session id that follows from the trial's name, so that it is the same on every day."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, trial))


def settings(arm: TrialArm) -> dict[str, Any]:
    """Everything for the manifest; the arm's turn limit is among the flags, or left at none."""
    unset = dict(DEFAULTS) | ({"--max-turns": "no limit"} if arm.turns is None else {})
    return {
        "version": VERSION,
        "flags": flags(arm),
        "environment": dict(ENVIRONMENT) | dict.fromkeys(MODELS, "the model measured"),
        "left_at_default": unset,
        "rewritten": [rewrite.pattern.pattern for rewrite in REWRITES],
    }


_DATE = r"\d{4}[-/]\d\d[-/]\d\d"
_RESULT = ("tool",)
REWRITES: tuple[Rewrite, ...] = (
    Rewrite(re.compile(rf"Today.s date is {_DATE}"), f"Today's date is {DATE}"),
    Rewrite(
        re.compile(rf"\s*The date has changed\. Today.s date is now {_DATE}\. DO NOT mention this[^\n<]*"),
        "",
    ),
    Rewrite(re.compile(r"The current month is \w+ \d{4}"), "The current month is January 2026"),
    Rewrite(re.compile(r"^( - |)OS Version: [^\n]*", re.MULTILINE), r"\1OS Version: Linux", ("system",)),
    Rewrite(re.compile(r"(<usage>(?:\w+: \d+\n)*duration_ms: )\d+(?=</usage>)"), r"\g<1>0", _RESULT),
    Rewrite(re.compile(r"(<usage>(?:\s*<\w+>\d+</\w+>)*?\s*<duration_ms>)\d+(?=</duration_ms>)"), r"\g<1>0"),
    Rewrite(re.compile(r"\. Full output saved to: /\S+/projects/\S+/tool-results/(b[0-9a-z]{8})\.txt\n"), None),
    Rewrite(
        re.compile(r"\bCommand running in background with ID: (b[0-9a-z]{8})\. Output is being written to: "), None
    ),
    Rewrite(re.compile(r"^agentId: (a[0-9a-f]{16}) \((?:use SendMessage|internal ID)", re.MULTILINE), None),
    Rewrite(
        re.compile(r"\bCreated worktree at /\S+/\.claude/worktrees/([a-z]+-[a-z]+-[a-z]+) on branch worktree-\1\b"),
        None,
    ),
)
"""What differs from run to run, as two runs in fresh containers, in other time zones and past midnight, showed it.

The date (the program writes it with slashes, and with other apostrophes, by time zone and by the host of the endpoint),
its change at midnight, the kernel, how long a subagent took; and the random names of long outputs, of background
commands, of subagents and of worktrees.

Each in the program's own sentence and no other: a repository's file must reach the model as it is, or what the model
wants to replace in it is not found there. Of names the sentence decides and not their look, since one in 14 random
names of eight characters holds no digit, and one of a worktree never does.
"""
