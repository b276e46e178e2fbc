"""A sample's texts as the explorer shows them: what was asked, what came back, and from whom; read from the journal."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from harness.contract import Slot
from harness.grading.think import visible
from harness.journal import Entry, Journal
from harness.report.sample_rows import SampleRow
from harness.report.trial_texts import first_asked, patch_of, trial_facts, turn_text
from harness.report.views import RunView

MOST_CHARACTERS = 100_000
"""A longer text is cut; the page says how much more the journal holds."""

Text = dict[str, Any]
"""A text for the page: {"text": its first :data:`MOST_CHARACTERS`, "more": the number of characters left out}."""


def cut(text: str) -> Text:
    """A text as the page holds it."""
    return {"text": text[:MOST_CHARACTERS], "more": max(0, len(text) - MOST_CHARACTERS)}


def open_journal(run: RunView) -> AbstractContextManager[Journal | None]:
    """The run's journal for reading; None where this copy of the run has none."""
    if not (run.directory / "journal.jsonl").exists():
        return nullcontext(None)
    return Journal.open(run.directory, run.manifest_sha256, readonly=True)


def sample_texts(
    run: RunView, task: str, rows: Sequence[SampleRow], journal: Journal | None
) -> Iterator[Mapping[str, Any]]:
    """The texts of each row, in the rows' order.

    Each is {"prompt": [{"role", **text}] or None, "reply", "reasoning", "received": text or None, "facts": [[name,
    value]], "also": [{"title", **text}], "hash"}; ``received`` is the content before think blocks were taken out,
    where any were. A row whose line is not here or is redacted has its hash alone.

    Raises:
        JournalError: a line is not the one that was recorded.
    """
    if journal is None:
        yield from (
            _without_texts(row, "This copy of the run has no journal, so its texts are not here.") for row in rows
        )
        return
    tags = run.manifest["identity"]["endpoint"].get("think_tags") or []
    others = _others(journal, task)
    for row in rows:
        slot = Slot(task, row.arm, row.item, row.repeat)
        entry = journal.find(slot) or journal.find(slot, "outcome")
        body = journal.body(entry) if entry else None
        if entry is None or body is None:
            missing = "redacted in this copy" if entry else "not in the journal"
            yield _without_texts(row, f"The line of this sample is {missing}: there is no text to show.")
            continue
        mine = others[row.arm, row.item, row.repeat]
        texts = _tried(journal, row, entry, body, mine) if entry.kind == "outcome" else _texts(row, entry, body, tags)
        yield texts | {"also": _also(journal, mine)}


def _without_texts(row: SampleRow, why: str) -> dict[str, Any]:
    nothing: dict[str, Any] = {"prompt": None, "reply": None, "reasoning": None, "received": None, "also": []}
    return nothing | {"facts": [["why", why], *_fault(row)], "hash": row.hash}


def _texts(row: SampleRow, entry: Entry, body: Mapping[str, Any], tags: Sequence[str]) -> dict[str, Any]:
    asked, reply = body.get("request"), body.get("reply") or {}
    content = reply.get("content") or ""
    shown, _unclosed = visible(content, tags)
    reasoning = reply.get("reasoning")
    facts: list[list[Any]] = [
        *_fault(row),
        ["finish reason", reply.get("finish_reason")],
        ["refusal", reply.get("refusal")],
        ["provider", reply.get("provider")],
        ["served model", reply.get("served_model")],
        ["recorded", entry.at],
        ["imported from", body.get("imported_from")],
    ]
    return {
        "prompt": [_message(message) for message in asked["messages"]] if asked else None,
        "reply": cut(shown) if reply else None,
        "reasoning": cut(reasoning) if reasoning else None,
        "received": cut(content) if shown != content else None,
        "facts": [[name, str(value)[:MOST_CHARACTERS]] for name, value in facts if value is not None],
        "hash": entry.line_hash,
    }


def _tried(
    journal: Journal, row: SampleRow, entry: Entry, body: Mapping[str, Any], others: Sequence[Slot]
) -> dict[str, Any]:
    patch, asked = patch_of(journal, entry.slot), first_asked(journal, others)
    facts = [*_fault(row), *trial_facts(entry, body)]
    return {
        "prompt": [_message(message) for message in asked] if asked else None,
        "reply": cut(patch) if patch else None,
        "reasoning": None,
        "received": None,
        "facts": [[name, str(value)[:MOST_CHARACTERS]] for name, value in facts if value is not None],
        "hash": entry.line_hash,
    }


def _fault(row: SampleRow) -> list[list[str]]:
    return [["fault", row.fault[:MOST_CHARACTERS]]] if row.fault else []


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    return {"role": str(message.get("role"))} | cut(content if isinstance(content, str) else repr(content))


def _others(journal: Journal, task: str) -> dict[tuple[str, str, int], list[Slot]]:
    """By (arm, item, repeat) the further lines of its samples: second looks, judges, later turns."""
    found: dict[tuple[str, str, int], list[Slot]] = defaultdict(list)
    for entry in journal.entries():
        slot = entry.slot
        if slot.task == task and (slot.role, slot.turn) != ("answer", "0"):
            place = found[slot.arm, slot.item, slot.repeat]
            if slot not in place:
                place.append(slot)
    return found


def _also(journal: Journal, slots: Sequence[Slot]) -> list[dict[str, Any]]:
    texts, turns = [], 0
    for slot in slots:
        entry = journal.find(slot)
        body = journal.body(entry) if entry else None
        reply = (body or {}).get("reply")
        if reply and slot.role == "turn":
            turns += 1
            texts.append({"title": f"Turn {turns}"} | cut(turn_text(reply)))
        elif reply:
            texts.append({"title": _title(slot)} | cut(reply.get("content") or ""))
    return texts


def _title(slot: Slot) -> str:
    if slot.role.startswith("again-"):
        return f"Asked again under a limit of {slot.role.removeprefix('again-')} tokens (diagnostic)"
    return slot.role if slot.turn == "0" else f"{slot.role}, turn {slot.turn}"
