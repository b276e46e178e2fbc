"""What a run would ask, cost, take and be able to say, from cards, profile and table alone: nothing is sent or loaded.

Every forecast stands on assumptions that are said beside it: the cards' typical lengths, a speed of generation, and the
share of an item's variance that is rerun noise, which only repeats can measure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.contract import Card, Request, Sampling, Slot
from harness.endpoint.prices import Prices, listed
from harness.endpoint.profile import Profile
from harness.endpoint.wire import fields
from harness.errors import UsageError
from harness.reported import Reported, ReportedRow, not_run_reason
from harness.runner.measure import reported_value
from harness.runner.plan import Overrides, Settings, settle
from harness.runner.planned_cost import spans_of, tokens_of, usd_of
from harness.runner.predict import Span
from harness.runner.verdicts import planned_difference
from harness.statistics import Design, Foresight, foresee, repeats_for_margin

REPEATS = (1, 2, 4, 8, 16)
TOKENS_PER_S = 40.0
"""Assumed speed of one reply; APIs of large models commonly serve 20 to 80."""
WITHIN = (0.5, 0.25, 1.0)
"""Share of the item variance that is rerun noise: the one assumed, and the range shown beside it."""
OUTCOMES_ONLY = "its card says no trial: it is scored from recorded outcomes (longcat-repro import) alone"


@dataclass(frozen=True, slots=True)
class Asked:
    """How a plan is to be carried out; none of it changes what is asked."""

    budget: float | None = None
    concurrency: int | None = None
    tokens_per_s: float = TOKENS_PER_S
    looks: int = 1
    """How often a verdict is to be read as the run grows."""


@dataclass(frozen=True, slots=True)
class Chance:
    """One number of repeats of a row: what it can say, and P(reproduced) over the range of :data:`WITHIN`."""

    repeats: int
    foresight: Foresight
    reproduced: tuple[float, float]


@dataclass(frozen=True, slots=True)
class ForMargin:
    """What it takes to call an honest vendor's number reproduced within ``margin`` points with 80 % power.

    ``repeats`` None: no number of repeats does it. ``usd`` None: no price is known, or no repeats do it.
    """

    margin: float
    repeats: int | None
    requests: int
    usd: Span | None


@dataclass(frozen=True, slots=True)
class TaskOutlook:
    """One task of a plan."""

    card: Card
    settings: Settings
    row: ReportedRow | None
    items: int
    requests: int
    input: Span
    output: Span
    longest: Span
    """Output tokens of one reply of the wordiest arm."""
    usd: Span | None
    uncached: Span | None
    """The same if the provider read nothing from its cache."""
    not_comparable: str | None
    """The named difference from the vendor's protocol that would rule a verdict out."""
    chances: Sequence[Chance]
    """Empty where the vendor's table has no such row, or no verdict could be given."""
    for_margin: ForMargin | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """A whole plan. ``seconds`` is the wall time; ``not_run`` gives the reason by the row's title."""

    tasks: Sequence[TaskOutlook]
    not_run: Mapping[str, str]
    prices: Prices | None
    at_once: int
    ceiling: int
    """Requests at a time before the budget lowers it to ``at_once``."""
    worst_request: float | None
    """USD that the dearest single request can cost at most."""
    seconds: Span

    @property
    def usd(self) -> Span | None:
        """Of all tasks; None where no price is known."""
        known = [task.usd for task in self.tasks if task.usd is not None]
        return sum(known, Span(0, 0, 0, 0)) if self.prices else None

    @property
    def uncached(self) -> Span:
        """The same if providers read nothing from their caches."""
        return sum((task.uncached for task in self.tasks if task.uncached is not None), Span(0, 0, 0, 0))


def look_ahead(
    cards: Sequence[Card],
    *,
    profile: Profile,
    reported: Reported,
    overrides: Mapping[str, Overrides],
    asked: Asked,
    margin: float | None = None,
    known: Iterable[str] = (),
    table_named: bool = False,
) -> Outlook:
    """Forecast a run of these tasks.

    Args:
        cards: of the tasks chosen.
        profile: the endpoint; its listed prices count.
        reported: the vendor's table.
        overrides: what the user set by hand, by the card's name.
        asked: budget, concurrency, speed and looks.
        margin: also say what it takes for this margin in points.
        known: names of all tasks there are, for the rows that are not run.
        table_named: the user named the table, and so says that the model asked is the one it is about.

    Raises:
        UsageError: an override that a card or the endpoint does not allow, or a budget where no price is known.
    """
    prices = listed(profile)
    if asked.budget is not None and prices is None:
        raise UsageError(f"--budget needs a price, and the profile {profile.name} lists none (see --profile FILE)")
    askable = [card for card in cards if card.scored == "replies" or card.trial is not None]
    family = max(1, sum(card.name in reported.rows for card in askable))
    ours = _Ours(profile, reported, overrides, prices, family, margin, table_named, asked.looks)
    tasks = [_task(card, ours) for card in askable]
    ceiling = asked.concurrency or profile.concurrency
    worst = max((_worst_request(task, prices) for task in tasks), default=0.0) if prices else None
    at_once = ceiling
    if asked.budget is not None and worst:
        at_once = min(ceiling, int(asked.budget / worst + 1e-9))
    return Outlook(
        tasks=tasks,
        not_run=_not_run(cards, reported, set(known)),
        prices=prices,
        at_once=at_once,
        ceiling=ceiling,
        worst_request=worst,
        seconds=_seconds(tasks, max(1, at_once), asked.tokens_per_s),
    )


@dataclass(frozen=True, slots=True)
class _Ours:
    """What all tasks of a plan share."""

    profile: Profile
    reported: Reported
    overrides: Mapping[str, Overrides]
    prices: Prices | None
    family: int
    margin: float | None
    table_named: bool
    looks: int


def _task(card: Card, ours: _Ours) -> TaskOutlook:
    row = ours.reported.rows.get(card.name)
    overrides = ours.overrides[card.name]
    settings = settle(card, ours.profile, row, overrides)
    for name, chosen in settings.arms.items():
        if card.trial is not None and chosen.arm.trial is None:
            raise UsageError(f"{card.name}: nothing is tried in the arm {name}; `import` takes outcomes made elsewhere")
        sampling = Sampling(settings.temperature.value, settings.top_p.value, settings.top_k.value)
        slot, limit = Slot(card.name, name, "any", 0), settings.max_tokens.value
        fields(ours.profile, Request(slot, ours.profile.model, (), sampling, chosen.thinking, limit))
    items = min(card.data.rows, overrides.limit or card.data.rows)
    spans = spans_of(card, settings, ours.profile)
    used = tokens_of(spans, items * settings.repeats)
    differences: dict[str, str | None] = {}
    chances, answer = [], None
    if row is not None:
        model, about = ours.profile.model, ours.reported.model
        for arm in settings.arms:
            differences[arm] = planned_difference(model, about, settings, arm, row, table_named=ours.table_named)
    difference = next(iter(differences.values()), None)
    if row is not None and difference is None:
        arms, value = sum(each is None for each in differences.values()), reported_value(row)
        design = Design(items, card.data.rows, settings.repeats, value, WITHIN[0], ours.family, arms, ours.looks)
        chances = [_chance(replace(design, repeats=k)) for k in sorted({*REPEATS, settings.repeats})]
        if ours.margin is not None:
            needed = repeats_for_margin(design, ours.margin)
            usd = usd_of(card, settings, spans, items * needed, ours.prices) if needed else None
            answer = ForMargin(ours.margin, needed, items * (needed or 0) * len(settings.arms), usd)
    return TaskOutlook(
        card=card,
        settings=settings,
        row=row,
        items=items,
        requests=items * settings.repeats * len(settings.arms),
        input=used[0],
        output=used[1],
        longest=max((output for _, output in spans), key=lambda output: output.typical),
        usd=usd_of(card, settings, spans, items * settings.repeats, ours.prices),
        uncached=usd_of(card, settings, spans, items * settings.repeats, ours.prices, cached=False),
        not_comparable=difference,
        chances=chances,
        for_margin=answer,
    )


def _chance(design: Design) -> Chance:
    found = [foresee(replace(design, within_share=share)) for share in WITHIN]
    reproduced = [each.probabilities["reproduced"] for each in found]
    return Chance(design.repeats, found[0], (min(reproduced), max(reproduced)))


def _worst_request(task: TaskOutlook, prices: Prices) -> float:
    """As the run reserves it: a token is at least a byte, so input is bounded by bytes (about 4 a token).

    A turn of a trial holds a part of what all its turns send, and is not asked beyond the trial's cap.
    """
    bound = 4 * task.card.typical_tokens.input + 320
    worst = prices.worst(bound, task.settings.max_tokens.value)
    return worst if task.settings.cap_usd is None else min(worst, task.settings.cap_usd)


def _seconds(tasks: Sequence[TaskOutlook], at_once: int, tokens_per_s: float) -> Span:
    """All tokens at so many replies a time; never less than the longest reply by itself."""
    total = sum((task.output for task in tasks), Span(0, 0, 0, 0)) * (1 / at_once)
    alone = [task.longest.values() for task in tasks]
    return Span(*(max(values) for values in zip(total.values(), *alone, strict=True))) * (1 / tokens_per_s)


def _not_run(cards: Sequence[Card], reported: Reported, known: set[str]) -> dict[str, str]:
    asked = {card.name: card for card in cards}
    reasons = {}
    for name, row in reported.rows.items():
        if name not in asked:
            reasons[row.title] = not_run_reason(row, name in known)
        elif asked[name].scored == "outcomes" and asked[name].trial is None:
            reasons[row.title] = OUTCOMES_ONLY
    return reasons
