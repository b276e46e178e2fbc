"""What a row's page says of one run: the score explained, from the run's table and summary."""

from typing import Any

from harness.report.explained import buckets, categories, category_chart, distributions, served
from harness.report.rows import Line, Row
from harness.report.views import RunView
from harness.runner.disputes import Disputes, effect

COUNTED = {
    "answered": "answered",
    "truncated": "cut by the output limit",
    "unresolved_truncated": "of these below the limit that counts: unresolved",
    "capped": "trials stopped at what one may cost: unresolved unless resolved by then",
    "empty": "empty once reasoning is removed",
    "reasoning_only": "of these with reasoning only",
    "unclosed_think": "of these with an unclosed think tag",
    "unparsed": "no answer found by the rule",
    "refused": "refused",
    "unavailable": "judge unavailable: unresolved",
    "error": "failed for good: unresolved, never a zero",
    "scorer_crashed": "of these a checker failed on the text: not followed",
    "retried_partial": "asked again after a cut stream",
    "unrecorded": "trials without a recorded outcome: counted as not resolved",
    "outside": "recorded ids that are none of the benchmark's items",
}
"""The summary's counts in words."""
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
        "faults": sorted({fault for line in lines for fault in line.facts["faults"]}),
        "gaps": gaps,
        "widest": max((abs(end) for _, causes in gaps for cause in causes for end in cause["points"]), default=0.0),
        "passes": [(line, passes) for line in lines if (passes := line.facts.get("passes"))],
        "categories": found,
        "category_chart": category_chart(found, primary),
        "distributions": distributions(row, run),
        "served": served(row, run),
        "disputes": _disputed(row, run, primary, disputes),
    }


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
