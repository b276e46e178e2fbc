"""What a row's page says of one run: the score explained, from the run's table and summary."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.report.explained import buckets, categories, category_chart, distributions, served
from harness.report.rows import Line, Row
from harness.report.views import RunView
from harness.runner.disputes import Disputes, effect

COUNTED = {
    "answered": "answered",
    "truncated": "cut by the output limit",
    "unresolved_truncated": "of these below the limit that counts: unresolved",
    "empty": "empty once reasoning is removed",
    "reasoning_only": "of these with reasoning only",
    "unclosed_think": "of these with an unclosed think tag",
    "unparsed": "no answer found by the rule",
    "refused": "refused",
    "unavailable": "judge unavailable: unresolved",
    "error": "failed for good: unresolved, never a zero",
    "scorer_crashed": "of these a checker failed on the text: not followed",
    "retried_partial": "asked again after a cut stream",
}
"""The summary's counts of replies in words."""
COUNTED_OF_TRIALS = {
    "answered": "with an outcome",
    "capped": "stopped at what one may cost: unresolved unless resolved by then",
    "unresolved_truncated": "with replies cut below the limit that counts, and not resolved: unresolved",
    "error": "infrastructure failed: unresolved, never a zero",
    "unrecorded": "without a recorded outcome: counted as not resolved",
    "outside": "recorded ids that are none of the benchmark's items",
}
"""The summary's counts of trials in words."""
ALWAYS = ("answered", "truncated", "empty", "unparsed", "error")
"""Counts that are shown also where they are 0."""
CAUSES = {
    "truncated": "cut at the limit",
    "unclosed_think": "unfinished reasoning",
    "empty": "empty replies",
    "unparsed": "no answer found",
    "refused": "refusals",
    "unresolved": "unresolved replies",
    "provider": "provider",
    "rule": "scoring rule",
    "arm": "open choices",
    "errata": "faulty items",
    "corrections": "unlisted corrections",
    "noise": "noise",
    "rounding": "rounding",
}
"""The summary's causes in words."""


def part(row: Row, run: RunView, samples: str | None, disputes: Disputes | None) -> dict[str, Any]:
    """One run's part of a row's page, for ``_part.html.j2``; ``samples`` is the href of its explorer."""
    card, lines = run.cards[row.name], row.of(run)
    primary = next(line for line in lines if line.primary)
    found = categories(primary, card)
    gaps = [(line, causes) for line in lines if (causes := line.facts.get("gap"))]
    return {
        "run": run,
        "line": primary,
        "arms": lines,
        "samples": samples,
        "buckets": [(line.title, buckets(line, card)) for line in lines if len(run.rows(row.name, line.arm))],
        "called": card.called,
        "counted": _counted(lines, COUNTED_OF_TRIALS if card.called == "trials" else COUNTED),
        "faults": _by_text(lines, "faults"),
        "ended": _by_text(lines, "ended"),
        "gaps": gaps,
        "widest": max((abs(end) for _, causes in gaps for cause in causes for end in cause["points"]), default=0.0),
        "passes": [(line, passes) for line in lines if (passes := line.facts.get("passes"))],
        "categories": found,
        "category_chart": category_chart(found, primary),
        "distributions": distributions(row, run),
        "served": served(row, run),
        "disputes": _disputed(row, run, primary, disputes),
    }


def _counted(lines: Sequence[Line], words: Mapping[str, str]) -> list[tuple[str, list[int]]]:
    """The words of each count, and the count in every arm."""
    found = [(name, words[name], [int(line.facts["counts"].get(name, 0)) for line in lines]) for name in words]
    return [(label, numbers) for name, label, numbers in found if any(numbers) or name in ALWAYS]


def _by_text(lines: Sequence[Line], name: str) -> list[tuple[str, list[int]]]:
    """Each text that these facts count, and its number in every arm; the most frequent first."""
    texts = sorted({text for line in lines for text in line.facts[name]})
    found = [(text, [int(line.facts[name].get(text, 0)) for line in lines]) for text in texts]
    return sorted(found, key=lambda one: -sum(one[1]))


def _disputed(row: Row, run: RunView, line: Line, disputes: Disputes | None) -> dict[str, Any] | None:
    """The disputes about a row's items, and what they make of the primary arm's score; None where there are none."""
    entries = disputes.of(row.name) if disputes else []
    head = line.facts["headline"]
    if not entries or head is None:
        return None
    ids = [entry.item for entry in entries]
    rows = run.rows(row.name, line.arm)
    found = effect(rows, run.cards[row.name], line.facts, ids)
    return {"entries": entries, "effect": found}
