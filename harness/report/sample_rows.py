"""A sample's row in the explorer's index: what became of one reply, without its text."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from harness.contract import Card, MetricSpec
from harness.report.shards import coded
from harness.runner.cells import flag, records
from harness.runner.item_scores import reply_score
from harness.runner.redacting import redacted_text

OUTCOMES = {
    "right": "",
    "partly": "right in part",
    "wrong": "",
    "outside": "recorded, but none of the benchmark's items: the metric leaves it out",
    "unparsed": "no answer found by the rule",
    "truncated": "cut by the output limit",
    "capped": "the trial had spent what it may: unresolved, never a zero",
    "empty": "nothing is left once reasoning is removed",
    "refused": "the model or a filter declined",
    "unavailable": "could not be judged: unresolved, never a zero",
    "error": "the request failed for good: unresolved, never a zero",
}
"""What a reply can come to, with an explanation, in the order in which a reader is offered them."""
TEXT_SHOWN = 300
"""So many characters of an id, a category or an extracted answer stand in the index."""


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One sample. ``score`` is in [0, 1], ``seconds`` of waiting, ``hash`` that of its journal line ("" if unknown)."""

    item: str
    arm: str
    repeat: int
    category: str
    outcome: str
    score: float | None
    extracted: str | None
    tokens: int | None
    cost: float | None
    seconds: float | None
    fault: str | None
    hash: str


def outcome(row: Mapping[str, Any], score: float | None) -> str:
    """What a row of the run's table came to; a cut reply that is right all the same counts as right.

    A reply cut below the limit that counts is ``truncated`` whatever it scored: the score leaves it open.
    """
    status = str(row.get("status"))
    if status != "ok":
        return status if status in OUTCOMES else "error"
    if score is None:
        return "outside"
    if flag(row.get("refused")):
        return "refused"
    right = score >= 1
    if flag(row.get("capped")) and not right:
        return "capped"
    if flag(row.get("unresolved")) or (flag(row.get("truncated")) and not right):
        return "truncated"
    for name in ("empty", "unparsed"):
        if flag(row.get(name)) and not right:
            return name
    return "right" if right else "partly" if score else "wrong"


def sample_rows(frame: pd.DataFrame, card: Card, metric: str, *, redacted: bool) -> list[SampleRow]:
    """The first answers of the card's task, by item in natural order, arm and repeat.

    Args:
        frame: a run's table (runner/outcome.py).
        card: the task's.
        metric: whose score a row shows: one of the card's.
        redacted: an extracted answer that is no short choice is given as its SHA-256, so that it cannot be read.
    """
    if not len(frame):
        return []
    chosen = frame[(frame["task"] == card.name) & (frame["role"] == "answer")]
    rows = [_row(row, card.metrics[metric], redacted) for row in records(chosen)]
    return sorted(rows, key=lambda row: (_natural(row.item), row.item, row.arm, row.repeat))


def columns(rows: list[SampleRow], *, with_hash: bool) -> dict[str, Any]:
    """Rows as the columns of an index shard: texts coded, numbers as they are."""
    numbers = ("repeat", "score", "tokens", "cost", "seconds")
    texts = ("item", "arm", "category", "outcome", "extracted")
    found: dict[str, Any] = {"rows": len(rows)}
    found |= {name: coded([short(getattr(row, name)) for row in rows]) for name in texts}
    found |= {name: [getattr(row, name) for row in rows] for name in numbers}
    return found | ({"hash": [row.hash for row in rows]} if with_hash else {})


def short(text: str | None) -> str | None:
    """A text as the index holds it."""
    return text if text is None or len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN]}…"


def _row(row: Mapping[str, Any], spec: MetricSpec, redacted: bool) -> SampleRow:
    score = reply_score(row, spec) if row.get("status") == "ok" else None
    extracted, tokens = _text(row.get("extracted")), _number(row.get("output_tokens"))
    cost, seconds = _number(row.get("cost_usd")), _number(row.get("total_s"))
    return SampleRow(
        item=str(row["item"]),
        arm=str(row["arm"]),
        repeat=int(row["repeat"]),
        category=_text(row.get("category")) or "",
        outcome=outcome(row, score),
        score=None if score is None else round(score, 4),
        extracted=redacted_text(extracted) if redacted and extracted is not None else extracted,
        tokens=None if tokens is None else int(tokens),
        cost=None if cost is None else float(f"{cost:.6g}"),
        seconds=None if seconds is None else round(seconds, 2),
        fault=None if redacted else _text(row.get("fault")),
        hash=_line_hash(str(row.get("cache_key", ""))),
    )


def _line_hash(cache_key: str) -> str:
    """The line's hash, which begins the key under which its row is kept."""
    first = cache_key.partition("/")[0]
    return first if re.fullmatch("[0-9a-f]{64}", first) else ""


def _number(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _natural(text: str) -> list[tuple[int, int | str]]:
    """Sort ``item-9`` before ``item-10``."""

    def parts() -> Iterator[tuple[int, int | str]]:
        for part in re.findall(r"[0-9]{1,18}|[^0-9]+", text):
            yield (0, int(part)) if part.isdigit() else (1, part)

    return list(parts())
