"""What the explorer shows of a trial: how it ended, its patch, and its turns; read from the journal."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness.contract import Slot
from harness.journal import Entry, Journal

TURN_SHOWN = 2000
"""So many characters of a turn are shown."""


def trial_facts(entry: Entry, body: Mapping[str, Any]) -> list[list[Any]]:
    """[name, value] of what the outcome's line says; a value None is not known."""
    told = body.get("outcome") or {}
    failed = ", ".join(told.get("failed_tests") or ())
    return [
        ["outcome", told.get("how")],
        ["tests that did not pass", failed or None],
        ["turns", told.get("turns")],
        ["seconds of the agent", told.get("seconds")],
        ["at its cap", "yes" if told.get("capped") else None],
        ["recorded", entry.at],
        ["imported from", body.get("imported_from")],
    ]


def patch_of(journal: Journal, slot: Slot) -> str | None:
    """The patch of the trial's last attempt; None where none is recorded."""
    found, number = None, 1
    while (entry := journal.find(replace(slot, role="patch", turn=str(number)), "trial")) is not None:
        body = journal.body(entry) or {}
        found = (body.get("patch") or {}).get("text") or found
        number += 1
    return found


def first_asked(journal: Journal, slots: Sequence[Slot]) -> list[Mapping[str, Any]]:
    """What a trial's first turn asked, without the system prompt; nothing where no turn is recorded."""
    for slot in slots:
        entry = journal.find(slot) if slot.role == "turn" else None
        body = journal.body(entry) if entry is not None else None
        if body is not None:
            messages = (body.get("request") or {}).get("messages") or []
            return [message for message in messages if message.get("role") in ("user", "assistant")]
    return []


def turn_text(reply: Mapping[str, Any]) -> str:
    """A turn: what the model said, and the tools it called."""
    parts = [reply.get("content") or ""]
    for call in reply.get("tool_calls") or ():
        function = call.get("function") or {}
        parts.append(f"[{function.get('name')}] {_arguments(function.get('arguments'))}")
    text = "\n".join(part for part in parts if part)
    return text if len(text) <= TURN_SHOWN else f"{text[:TURN_SHOWN]}…"


def _arguments(text: Any) -> str:
    """A tool's only argument as it is, else all of them as JSON."""
    try:
        values = json.loads(text)
    except (TypeError, ValueError):
        return str(text)
    if isinstance(values, dict) and isinstance(command := values.get("command"), str):
        return command
    return json.dumps(values, ensure_ascii=False)
