"""What Claude Code tells of its work: one JSON object a line, the last one how it ended."""

import json
from typing import Any

from harness.agentic.terms import Ended
from harness.sandbox import Ran

TURNS = "error_max_turns"
MOST_SAID = 2000
"""Characters of its last message that are kept beside the log."""


def ended(ran: Ran, out_of_memory: bool) -> tuple[Ended, str]:
    """How the agent ended, and in whose words.

    Its last event decides where there is one: its subtype is "success" also where no request was answered, so
    ``is_error`` is asked. Without it the agent's process was ended; the limit that did it is named if there is one.
    """
    last = result(ran.output)
    if last is not None:
        said = str(last.get("result") or last.get("subtype") or "")[:MOST_SAID]
        if last.get("subtype") == TURNS:
            return "turns", f"{last.get('num_turns')} turns"
        return ("crashed" if last.get("is_error") else "done"), said
    if ran.ended is not None:
        return ran.ended, f"the container reached its limit: {ran.ended}"
    if ran.timed_out:
        return "time", f"not done after {ran.seconds:.0f} s"
    if out_of_memory:
        return "memory", "the container ran out of memory"
    return ("done" if ran.code == 0 else "crashed"), f"exit code {ran.code} without a last word"


def result(output: bytes) -> dict[str, Any] | None:
    """The event that says how it ended; None if there is none."""
    return next((event for event in reversed(events(output)) if event.get("type") == "result"), None)


def events(output: bytes) -> list[dict[str, Any]]:
    """All events, other lines left out."""
    found = []
    for line in output.split(b"\n"):
        if line.startswith(b"{"):
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict):
                found.append(event)
    return found
