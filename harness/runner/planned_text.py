"""A forecast as the ``plan`` command prints it."""

from collections.abc import Iterator, Sequence
from math import ceil
from textwrap import wrap

from harness.runner.planning import WITHIN, Asked, Chance, ForMargin, Outlook, TaskOutlook
from harness.statistics import Label, critical

_WIDTH = 110
_SHOWN: tuple[tuple[Label, str], ...] = (
    ("consistent, not conclusive", "not conclusive"),
    ("lower than reported", "lower"),
    ("higher than reported", "higher"),
)


def told(outlook: Outlook, asked: Asked) -> str:
    """The whole forecast as plain text, no line of it sent anywhere."""
    lines = [*_requests(outlook), *_money(outlook, asked), *_time(outlook, asked)]
    if asked.looks > 1:
        lines.append(
            f"Looks: {asked.looks} planned; every verdict below pays for all of them (Pocock's bound: "
            f"{critical(asked.looks):.2f} standard errors, {critical(1):.2f} at one look)."
        )
    for task in outlook.tasks:
        lines += ["", *_task(task)]
    if outlook.not_run:
        lines += ["", "Not run:", *(f"  {title}: {reason}" for title, reason in outlook.not_run.items())]
    return "\n".join(folded for line in lines for folded in _folded(line)) + "\n"


def _requests(outlook: Outlook) -> Iterator[str]:
    yield "Requests (nothing is sent now)"
    rows = [("task", "items", "repeats", "arms", "requests", "input", "output tokens", "at the limit")]
    for task in outlook.tasks:
        out = task.output
        rows.append(
            (
                task.card.name,
                f"{task.items} of {task.card.data.rows}",
                str(task.settings.repeats),
                str(len(task.settings.arms)),
                f"{task.requests:,}",
                _count(task.input.typical),
                f"{_count(out.typical)} ({_count(out.low)} to {_count(out.high)})",
                _count(out.worst),
            )
        )
    yield from _columns(rows)
    for task in outlook.tasks:
        yield f"  {task.card.name}: arms {', '.join(task.settings.arms)}; {_settings(task)}"
        for name, why in task.settings.skipped_arms.items():
            yield f"  {task.card.name}: arm {name} is not run: {why}"
        if task.settings.max_tokens.value < task.settings.counted_limit:
            yield (
                f"  {task.card.name}: replies cut at {task.settings.max_tokens.value:,} tokens stay unresolved, since "
                f"they count as the model's own only at {task.settings.counted_limit:,}"
            )
        if task.card.judge:
            yield f"  {task.card.name}: the judge's requests come on top"
    yield (
        f"{sum(task.requests for task in outlook.tasks):,} requests in all. Lengths are the cards' typical ones, with "
        "half and double of them as the range."
    )


def _settings(task: TaskOutlook) -> str:
    chosen = task.settings
    pairs = [
        ("temperature", chosen.temperature),
        ("top_p", chosen.top_p),
        ("top_k", chosen.top_k),
        ("max_tokens", chosen.max_tokens),
    ]
    return ", ".join(f"{name} {choice.value} ({choice.by})" for name, choice in pairs)


def _money(outlook: Outlook, asked: Asked) -> Iterator[str]:
    usd = outlook.usd
    if usd is None or outlook.prices is None or outlook.worst_request is None:
        yield "Cost: no price is known for this endpoint."
        return
    if usd.worst == 0:
        yield f"Cost: nothing, by {outlook.prices.source}."
        return
    limits = "every reply runs to its limit"
    if any(task.card.trial for task in outlook.tasks):
        limits += " and every trial to its cap"
    yield (
        f"Cost: {_usd(usd.typical)}, {_usd(usd.low)} to {_usd(usd.high)}; at most {_usd(usd.worst)} if {limits}. "
        f"By {outlook.prices.source}."
    )
    tried = [task for task in outlook.tasks if task.card.trial and task.uncached and task.uncached.typical > 0]
    if tried:
        shares = sorted({task.card.typical_tokens.cached_share for task in tried})
        said = " to ".join(f"{100 * share:.0f}" for share in dict.fromkeys((shares[0], shares[-1])))
        bare = outlook.uncached
        yield (
            f"  That takes {said} % of a trial's input to be read from the provider's cache; with nothing cached: "
            f"{_usd(bare.typical)}, {_usd(bare.low)} to {_usd(bare.high)}."
        )
    if asked.budget is None:
        return
    each = f"the worst case of a request, {_usd(outlook.worst_request)}, is set aside before it is sent"
    if outlook.at_once < 1:
        yield f"Budget: ${asked.budget:.2f} does not cover one request: {each}."
    elif outlook.at_once < outlook.ceiling:
        yield (
            f"Budget: ${asked.budget:.2f} lowers concurrency from {outlook.ceiling} to {outlook.at_once}, and further "
            f"as it is spent: {each}."
        )
    if outlook.at_once >= 1 and usd.typical > asked.budget:
        share = 100 * asked.budget / usd.typical
        yield f"Budget: it typically ends after about {share:.0f} % of the requests; the same command goes on later."


def _time(outlook: Outlook, asked: Asked) -> Iterator[str]:
    spent = outlook.seconds
    yield (
        f"Wall time: {_time_of(spent.typical)}, {_time_of(spent.low)} to {_time_of(spent.high)}, with "
        f"{max(1, outlook.at_once)} requests at a time at an assumed {asked.tokens_per_s:g} tokens/s each."
    )
    if any(task.card.trial for task in outlook.tasks):
        yield "Of tasks with trials a request is a whole trial, whose containers take time besides: see doctor."


def _task(task: TaskOutlook) -> Iterator[str]:
    row = task.row
    if row is None:
        yield f"{task.card.title}: the vendor's table has no such row, so there will be no verdict."
        return
    if task.not_comparable is not None:
        yield f'{task.card.title}: the verdict would be "not comparable": {task.not_comparable}.'
        return
    vendor = "unknown, taken as 1" if row.repeats is None else str(row.repeats)
    yield (
        f"{task.card.title}: {row.printed()} reported (their repeats: {vendor}), margin {row.margin:g}. Probability of "
        "each verdict if the vendor is honest, its number one measurement of this model with its own luck; and of "
        f'"reproduced" if the expected score were {row.printed()} exactly:'
    )
    heads = ("repeats", "reproduced", *(head for _, head in _SHOWN), "if exact", "finds a difference of")
    yield from _columns([heads, *(_chance(chance, task.settings.repeats) for chance in task.chances)])
    if len(task.settings.arms) > 1:
        yield (
            "  These are the primary arm's, at a level that pays for all arms; another arm may also be the one that is "
            'reproduced, and "lower" and "higher" need every arm.'
        )
    floor = task.chances[-1].foresight.floor
    yield (
        f"  No number of repeats finds a true difference under {_up(floor)} points (80 % power): the vendor's own noise"
        + (", rounding and the items not asked stay." if task.items < task.card.data.rows else " and rounding stay.")
    )
    if row.graded:
        yield "  The score is graded, and these numbers take every reply as right or wrong: a cautious guess."
    if task.for_margin is not None:
        yield from _for_margin(task.for_margin, task, floor)
    cold = "; at temperature 0 it may be far less" if task.settings.temperature.value == 0 else ""
    yield (
        f"  Assumed: {WITHIN[0]:g} of the items' variance is rerun noise (in brackets: "
        f"{min(WITHIN):g} to {max(WITHIN):g}){cold}."
    )


def _chance(chance: Chance, planned: int) -> tuple[str, ...]:
    chances = chance.foresight.probabilities
    low, high = chance.reproduced
    return (
        f"{chance.repeats}{' (planned)' if chance.repeats == planned else ''}",
        f"{_percent(chances['reproduced'])} ({100 * low:.0f} to {100 * high:.0f})",
        *(_percent(chances[label]) for label, _ in _SHOWN),
        _percent(chance.foresight.if_exact["reproduced"]),
        f"{_up(chance.foresight.detectable)} points",
    )


def _for_margin(answer: ForMargin, task: TaskOutlook, floor: float) -> Iterator[str]:
    head = f"  For a margin of {answer.margin:g}:"
    if answer.repeats is None:
        some = f" and which {task.items} of {task.card.data.rows} items are asked"
        luck = f"rounding and the vendor's own luck{some if task.items < task.card.data.rows else ''}"
        why = f"{luck} keep an honest number from being reproduced in 80 % of cases"
        yield f"{head} the row cannot be decided at any number of repeats: {why}."
        return
    cost = (
        ""
        if answer.usd is None
        else f", {_usd(answer.usd.typical)} ({_usd(answer.usd.low)} to {_usd(answer.usd.high)})"
    )
    repeats = "1 repeat" if answer.repeats == 1 else f"{answer.repeats} repeats"
    yield (
        f'{head} {repeats} of each of {task.items} items make an honest number "reproduced" with 80 % '
        f"probability: {answer.requests:,} requests{cost}."
    )
    if floor > answer.margin:
        yield (
            f'  "Lower" or "higher" by {answer.margin:g} cannot be decided at any number of repeats: the floor is '
            f"{_up(floor)}."
        )


def _folded(line: str) -> list[str]:
    """Sentences folded at 110 columns; lines of a table (several spaces in a row) as they are."""
    indent = " " * (len(line) - len(line.lstrip()))
    if "  " in line.strip():
        return [line]
    return wrap(line, _WIDTH, subsequent_indent=indent + "  ", break_long_words=False, break_on_hyphens=False) or [""]


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for name, *cells in rows:
        numbers = [cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True)]
        yield "  ".join(["", name.ljust(widths[0]), *numbers])


def _percent(probability: float) -> str:
    return f"{100 * probability:.1f} %"


def _up(points: float) -> str:
    return f"{ceil(points * 10 - 1e-6) / 10:.1f}"


def _count(tokens: float) -> str:
    if tokens >= 1e6:
        return f"{tokens / 1e6:.1f} M"
    return f"{tokens / 1e3:.0f} k" if tokens >= 1e4 else f"{tokens:,.0f}"


def _usd(amount: float) -> str:
    return f"${amount:,.2f}" if amount >= 0.01 or amount == 0 else f"${amount:.4f}"


def _time_of(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
