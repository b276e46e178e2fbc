"""One row of a run's table: what became of one slot."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import Any

from harness.contract import Item, Outcome, Reply, Score
from harness.grading.think import visible
from harness.journal import Entry
from harness.runner.plan import TaskPlan

SAME_LIMIT = 0.98
"""Share of the counted limit from which a cut counts as one at that limit; servers count a few tokens differently."""


def visible_reply(reply: Reply, think_tags: Sequence[str]) -> tuple[Reply, bool]:
    """The reply with its reasoning removed from the content, and whether a think tag was left open."""
    content, unclosed = visible(reply.content, think_tags)
    return replace(reply, content=content), unclosed


def cache_key(entry: Entry, plan: TaskPlan, think_tags: Sequence[str]) -> str:
    """Under this key a scored row may be used again: the line, the task's version, its card and the tags."""
    return "/".join([entry.line_hash, str(plan.card.version), plan.card_sha256, ",".join(think_tags)])


def unscored_row(entry: Entry, plan: TaskPlan, key: str, status: str, fault: str) -> dict[str, Any]:
    """The row of a request that failed for good, or of a reply whose judge did: no score."""
    return _place(entry, plan, key) | {"status": status, "fault": fault, "cost_usd": entry.cost}


def scored_row(
    entry: Entry, plan: TaskPlan, key: str, reply: Reply, answer: Reply, unclosed: bool, score: Score
) -> dict[str, Any]:
    """The row of a reply and its score.

    ``num_*`` and ``den_*`` are the elementary counts; ``unresolved`` marks a reply cut below the counted limit.
    """
    empty = not answer.content.strip()
    refused = bool(reply.refusal) or reply.finish_reason == "content_filter"
    row = _place(entry, plan, key) | {
        "status": "ok",
        "truncated": reply.truncated,
        "unresolved": reply.truncated and _cut_at(reply) < SAME_LIMIT * plan.counted_limit,
        "empty": empty,
        "unclosed_think": unclosed,
        "reasoning_only": empty and bool(reply.reasoning),
        "refused": refused,
        "unparsed": not score.parsed and not empty and not refused,
        "scorer_crashed": bool(score.detail.get("crashed")),
        "retried_partial": any(attempt.get("partial_chars") for attempt in reply.failed_attempts),
        "extracted": _storable(score.extracted),
        "provider": _storable(reply.provider),
        "served_model": _storable(reply.served_model),
        "fingerprint": _storable(reply.fingerprint),
        "input_tokens": reply.usage.input,
        "cached_tokens": reply.usage.cached,
        "output_tokens": reply.usage.output,
        "reasoning_tokens": reply.usage.reasoning,
        "cost_usd": entry.cost,
        "first_token_s": reply.timing.first_token if reply.timing else None,
        "total_s": reply.timing.total if reply.timing else None,
    }
    return row | _counts(score.counts)


def tried_row(entry: Entry, plan: TaskPlan, key: str, outcome: Outcome, score: Score) -> dict[str, Any]:
    """The row of a trial's outcome and its score: the columns of a reply's row, its tokens those of all turns.

    A trial that is not resolved and had spent our cap, or had replies cut below the counted limit, is unresolved: with
    more of either it might have been.
    """
    last = Reply("", usage=outcome.usage, provider=outcome.provider, served_model=outcome.served_model)
    nothing = scored_row(entry, plan, key, last, Reply(""), False, score)
    return nothing | {
        "empty": False,
        "unparsed": not score.parsed,
        "unresolved": (outcome.capped or outcome.cut > 0) and not outcome.resolved,
        "capped": outcome.capped,
        "ended": _storable(outcome.how or None),
        "turns": outcome.turns or None,
        "cost_usd": outcome.cost_usd,
        "total_s": outcome.seconds,
    }


def unrecorded_row(plan: TaskPlan, arm: str, item: Item, repeat: int, score: Score) -> dict[str, Any]:
    """The row of a planned trial that no outcome was recorded of, with what the benchmark counts it as."""
    place = {"task": plan.name, "arm": arm, "item": item.id, "repeat": repeat, "role": "answer"}
    return place | {"category": item.category, "status": "unrecorded"} | _counts(score.counts)


def _place(entry: Entry, plan: TaskPlan, key: str) -> dict[str, Any]:
    slot = entry.slot
    item = plan.items.get(slot.item)
    return {
        "cache_key": key,
        "task": slot.task,
        "arm": slot.arm,
        "item": slot.item,
        "repeat": slot.repeat,
        "role": slot.role,
        "category": item.category if item else "",
        "at": entry.at,
        "imported": entry.key is None,
    }


def _cut_at(reply: Reply) -> float:
    """Tokens at which a truncated reply was cut: at the limit asked for, or earlier by a router or a full context."""
    known = [count for count in (reply.max_tokens, reply.usage.output) if count is not None]
    return min(known, default=inf)


def _storable(text: str | None) -> str | None:
    """The text as UTF-8 can hold it: half a surrogate pair becomes its escape."""
    return None if text is None else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _counts(counts: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    return {
        f"{side}_{name}": float(value)
        for name, (num, den) in counts.items()
        for side, value in (("num", num), ("den", den))
    }
