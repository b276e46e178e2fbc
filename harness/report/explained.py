"""What stands behind a row's score: what became of its replies, categories, and how long and dear they were."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from harness.contract import Card
from harness.report.pages import usd
from harness.report.plots import bars, histogram, intervals
from harness.report.rows import Line, Row
from harness.report.sample_rows import outcome
from harness.report.views import RunView
from harness.runner.cells import flag, records
from harness.runner.item_scores import reply_score
from harness.runner.measure import parts_of
from harness.statistics import estimate

MANY = 40
"""A chart of more categories than this is no chart: the table has them all."""
SAME = 0.01
"""Points by which a category's score from the run's table may differ from the summary's: it is the same."""
UNCLOSED = "unclosed"
BUCKETS = {
    "right": ("right", "good"),
    "partly": ("partly right", "accent"),
    "wrong": ("output wrong", "bad"),
    "unparsed": ("no answer found", "bad"),
    "truncated": ("cut by the limit", "warn"),
    UNCLOSED: ("reasoning not closed", "warn"),
    "capped": ("stopped at its cost cap", "warn"),
    "empty": ("empty", "warn"),
    "refused": ("refused", "warn"),
    "unavailable": ("could not be judged", "soft"),
    "error": ("endpoint failed", "soft"),
    "unrecorded": ("no recorded outcome", "warn"),
    "missing": ("not asked yet", "line"),
}
"""What a planned reply came to, once each: its words and its colour."""
TRIED = {
    "right": "resolved",
    "wrong": "not resolved",
    "error": "infrastructure failed",
    "missing": "not tried yet",
}
"""The words for trials, where they are others."""
MEASURED = {
    "output_tokens": ("Output tokens of a reply", "tokens"),
    "first_token_s": ("Seconds to the first token", "seconds"),
    "total_s": ("Seconds to the last token", "seconds"),
    "cost_usd": ("Cost of a reply", "US dollars"),
}
MEASURED_OF_TRIALS = {
    "turns": ("Turns of a trial", "turns"),
    "output_tokens": ("Output tokens of a trial", "tokens"),
    "total_s": ("Seconds of the agent", "seconds"),
    "cost_usd": ("Cost of a trial", "US dollars"),
}


def tally(line: Line, card: Card) -> dict[str, int]:
    """How many planned replies of an arm came to what, each counted once; only what occurs, and right and wrong."""
    rows = line.run.rows(line.task, line.arm)
    spec = card.metrics[_metric(line, card)]
    found: Counter[str] = Counter()
    for row in records(rows):
        came_to = outcome(row, reply_score(row, spec))
        found[UNCLOSED if came_to == "empty" and flag(row.get("unclosed_think")) else came_to] += 1
    missing = max(0, int(line.facts["counts"]["items"]) - sum(found.values()))
    found["unrecorded" if line.facts["counts"].get("unrecorded") else "missing"] = missing
    return {name: found[name] for name in BUCKETS if found[name] or name in ("right", "wrong")}


def buckets(line: Line, card: Card) -> Markup:
    """The chart of :func:`tally`."""
    counts = tally(line, card)
    words = {name: word for name, (word, _) in BUCKETS.items()} | (TRIED if card.called == "trials" else {})
    told = ", ".join(f"{words[name]}: {number}" for name, number in counts.items())
    shown = {words[name]: (number, BUCKETS[name][1]) for name, number in counts.items()}
    return bars(shown, title=f"What became of the {card.called}, {line.title}", text=told)


def categories(line: Line, card: Card) -> list[dict[str, Any]]:
    """By category: ``name``, ``score``, ``n``, and the 95 % ``interval`` in points.

    The interval is None where the run's table does not give the summary's score.
    """
    rows = line.run.rows(line.task, line.arm)
    scored = rows[rows["status"] == "ok"] if len(rows) else rows
    spec = card.metrics[_metric(line, card)]
    found = []
    for name, metric in line.facts["categories"].items():
        mine = scored[scored["category"] == name] if len(scored) else scored
        interval = None
        if len(mine):
            own = estimate(parts_of(mine, spec), planned_items=mine["item"].nunique())
            interval = own.interval if abs(own.score - metric["score"]) < SAME else None
        found.append({"name": name, "score": metric["score"], "n": metric["n"], "interval": interval})
    return found


def category_chart(found: Sequence[Mapping[str, Any]], line: Line) -> Markup | None:
    """The chart of :func:`categories`; None where there are none, too many, or no intervals."""
    known = [one for one in found if one["interval"] is not None]
    if not 1 < len(known) <= MANY:
        return None
    rows = [(str(one["name"]), one["score"], *one["interval"], one["n"]) for one in known]
    told = "; ".join(f"{name}: {score:.1f}, {low:.1f} to {high:.1f}, n = {n}" for name, score, low, high, n in rows)
    return intervals(rows, title=f"Scores by category, {line.title}", text=told)


def distributions(row: Row, run: RunView) -> list[dict[str, Any]]:
    """For each quantity that was measured: ``title``, ``chart``, and ``told`` of every arm, as :func:`_told` has it."""
    found = []
    many = run.cards[row.name].called
    for column, (title, unit) in (MEASURED_OF_TRIALS if many == "trials" else MEASURED).items():
        groups = {}
        for line in row.of(run):
            rows = run.rows(row.name, line.arm)
            values = rows[column].dropna().astype(float) if column in rows else pd.Series(dtype=float)
            if len(values) and values.max() > 0:
                groups[line.title] = values
        if groups:
            told = {name: _told(values, column, many) for name, values in groups.items()}
            text = ". ".join(
                f"{name}: {', '.join(f'{what} {number}' for what, number in words.items())}"
                for name, words in told.items()
            )
            lists = {name: values.to_list() for name, values in groups.items()}
            found.append({"title": title, "chart": histogram(lists, unit=unit, title=title, text=text), "told": told})
    return found


def served(row: Row, run: RunView) -> dict[str, dict[str, int]]:
    """Who answered this row's requests, and as which model: number of replies by name."""
    frame = run.frame[run.frame["task"] == row.name] if len(run.frame) else run.frame
    return {
        name: {str(value): int(number) for value, number in frame[column].dropna().value_counts().items()}
        for name, column in (("provider", "provider"), ("served model", "served_model"))
        if column in frame
    }


def _told(values: "pd.Series[float]", column: str, many: str) -> dict[str, str]:
    """The figures beside a histogram, by their names; ``many`` is the name of their number."""

    def number(value: float) -> str:
        return usd(value) if column == "cost_usd" else f"{value:,.3g}" if value < 100 else f"{value:,.0f}"

    found = {
        "median": number(float(values.median())),
        "9 in 10 below": number(float(values.quantile(0.9))),
        "largest": number(float(values.max())),
        many: str(len(values)),
    }
    return found | ({"in all": usd(float(values.sum()))} if column == "cost_usd" else {})


def _metric(line: Line, card: Card) -> str:
    head = line.facts["headline"]
    return str(head["metric"]) if head else card.headline
