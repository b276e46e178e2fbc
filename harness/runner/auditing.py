"""What can be said of a vendor's table before anything is asked: no key, no network, no cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from harness.contract import Card
from harness.endpoint.prices import Prices
from harness.endpoint.prices import listed as listed_prices
from harness.endpoint.profile import named, profile_names
from harness.reported import (
    Choice,
    Claims,
    ClaimSource,
    Reported,
    ReportedRow,
    SourceLink,
    load_claims,
    load_reported,
    not_run_reason,
)
from harness.runner.claims import Checked, check_claims
from harness.runner.effort import Power, Price, power_of, price_of
from harness.runner.grids import GridTest, grid_tests
from harness.runner.rankings import NOISE, Gap, comparisons, listed
from harness.runner.registry import read_card, task_folders


@dataclass(frozen=True, slots=True)
class RowAudit:
    """One row of the table."""

    name: str
    title: str
    group: str
    printed: str
    margin: float
    items: int | None
    units: str
    graded: bool
    grid: list[GridTest]
    rankings: list[Gap]
    choices: list[Choice]
    """Open in this row; what is open in every row stands with the audit."""
    unknown: list[str]
    power: Power | None
    """None where the benchmark's size is not known."""
    price: Price | None
    not_run: str | None
    """Why the row cannot be run here; None if it can."""

    @property
    def clear(self) -> int:
        """How many of the row's rankings are clear of the noise, corrected over the table's."""
        return sum(found.clear for found in self.rankings)

    @property
    def clear_alone(self) -> int:
        """How many are, each taken alone."""
        return sum(found.clear_alone for found in self.rankings)

    @property
    def one_run(self) -> str:
        """Whether the printed value can be a single run over the row's questions, in a few words."""
        if not self.grid:
            return "not tested"
        first = self.grid[0]
        if not first.informative:
            return "says nothing"
        counts = sorted({count for found in first.counts.values() for count in found})
        return f"{listed(counts, 'or')} of {first.units}" if counts else "no"

    @property
    def most_open(self) -> float | None:
        """The most that an open choice has been seen to move a score, in points; None where none was measured."""
        return max((choice.points[1] for choice in self.choices if choice.points), default=None)


@dataclass(frozen=True, slots=True)
class Audit:
    """A vendor's table as it stands."""

    table: str
    model: str
    developer: str
    released: date | None
    sources: list[SourceLink]
    rows: list[RowAudit]
    contradictions: list[str]
    undisclosed: list[str]
    choices: list[Choice]
    """Open in every row."""
    claims: list[Checked]
    said_in: list[ClaimSource]
    """Where the claims were made."""
    priced_by: str | None
    """Whose prices the cost is in; None where no endpoint of this model is known."""

    @property
    def findings(self) -> list[str]:
        """What a reader should know first, in sentences."""
        found = list(self.contradictions)
        close = [claim.claim.says for claim in self.claims if claim.outcome == "too close to call at this size"]
        if close:
            found.append(
                f"Said, and too close to call at the benchmarks' size: {' '.join(f'“{says}”' for says in close)}"
            )
        for row in self.rows:
            told = [test for test in row.grid if test.fewest_runs != 1]
            found += [f"{row.title}: {' '.join(test.text)}" for test in told]
        pairs = sum(len(row.rankings) for row in self.rows)
        if pairs:
            alone, clear = sum(row.clear_alone for row in self.rows), sum(row.clear for row in self.rows)
            found.append(
                f"Of {pairs} printed comparisons with other models {alone} are clear of {NOISE} if each is taken "
                f"alone, and {clear} once corrected for all {pairs} (Holm). Two models that fail on the same questions "
                "could be told apart by less, but the table does not say how far they do."
            )
        return found


def audit(table: str | Path, tasks: Sequence[Path] = ()) -> Audit:
    """Audit the table of that name or in that file, with the claims beside it; ``tasks`` are more task folders.

    Raises:
        UsageError: the table or its claims cannot be read or contradict themselves; named with file and line.
    """
    reported, claims = load_reported(table), load_claims(table)
    cards = {name: read_card(ref)[0] for name, ref in task_folders(tasks).items() if name in reported.rows}
    return audited(reported, claims, cards, _prices(reported))


def audited(reported: Reported, claims: Claims | None, cards: Mapping[str, Card], prices: Prices | None) -> Audit:
    """Audit a table that was read, with the cards of the rows that have a task."""
    checked = check_claims(reported, claims) if claims else []
    gaps = comparisons(reported)
    rows = [
        _row(row, [found for found in gaps.values() if found.row == name], cards.get(name), prices)
        for name, row in reported.rows.items()
    ]
    return Audit(
        table=reported.name,
        model=reported.model,
        developer=reported.developer,
        released=reported.released,
        sources=list(reported.sources),
        rows=rows,
        contradictions=[*_contradictions(reported, rows, cards), *_contradicted(checked)],
        undisclosed=list(reported.undisclosed),
        choices=list(reported.choices),
        claims=checked,
        said_in=list(claims.sources.values()) if claims else [],
        priced_by=prices.source if prices else None,
    )


def _prices(reported: Reported) -> Prices | None:
    """The listed prices of the first endpoint whose profile is about this table and that costs anything."""
    profiles = [named(name) for name in profile_names()]
    found = [listed_prices(profile) for profile in profiles if profile.reported == reported.name]
    return next((prices for prices in found if prices is not None and prices.output > 0), None)


def _row(row: ReportedRow, rankings: list[Gap], card: Card | None, prices: Prices | None) -> RowAudit:
    power = power_of(row)
    runnable = card is not None and row.public_items is None
    return RowAudit(
        name=row.name,
        title=row.title,
        group=row.group,
        printed=row.printed(),
        margin=row.margin,
        items=row.items,
        units=row.units,
        graded=row.graded,
        grid=grid_tests(row),
        rankings=rankings,
        choices=list(row.choices),
        unknown=row.unknown,
        power=power,
        price=price_of(row.items, power, card if runnable else None, prices) if row.items and power else None,
        not_run=_not_run(row, card),
    )


def _not_run(row: ReportedRow, card: Card | None) -> str | None:
    if card is None or row.public_items is not None:
        return not_run_reason(row, card is not None)
    if card.scored == "outcomes" and card.trial is None:
        return "its task scores outcomes recorded elsewhere (import) and starts no trial; the price is of whole trials"
    return None


def _contradictions(reported: Reported, rows: Sequence[RowAudit], cards: Mapping[str, Card]) -> list[str]:
    found = []
    for row in rows:
        said, card = reported.rows[row.name], cards.get(row.name)
        if said.repeats is not None and row.grid and all(said.repeats in test.refuted for test in row.grid):
            runs = "one run" if said.repeats == 1 else f"a mean of {said.repeats} runs"
            found.append(f"{row.title}: {row.printed} is said to be {runs}, and its digits refute that.")
        if card is not None and row.items is not None and card.data.rows != row.items:
            found.append(f"{row.title}: the table gives {row.items} {row.units}, the task's card {card.data.rows}.")
    return found


def _contradicted(checked: Sequence[Checked]) -> list[str]:
    return [
        f"“{found.claim.says}” ({listed([source.short for source in found.said_by])}) {found.why[0]}"
        for found in checked
        if found.outcome == "does not"
    ]
