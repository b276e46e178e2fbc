"""Carries out what a command planned: asks, makes trials, scores and reports."""

import asyncio
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.commands.common import Closed, close, say
from harness.errors import Refused, UsageError

if TYPE_CHECKING:
    from harness.agentic.trials import Planned
    from harness.contract import Request
    from harness.endpoint.prices import Prices
    from harness.endpoint.profile import Profile
    from harness.journal import Journal
    from harness.runner.execute import Ending
    from harness.runner.plan import TaskPlan
    from harness.runner.run import Limits, OpenRun
    from harness.runner.trying import Workplace


def carry_out(
    arguments: Namespace,
    found: "OpenRun",
    asked: "Sequence[TaskPlan]",
    profile: "Profile",
    prices: "Prices | None",
    only_task: str | None = None,
) -> Closed:
    """Ask what ``asked`` plans and the run has no answer to (of ``only_task``, if given), and report the whole run."""
    from harness.endpoint.keys import read_key
    from harness.endpoint.local import serve
    from harness.journal import Journal
    from harness.runner.again import second_look
    from harness.runner.plan import requests
    from harness.runner.run import Limits, ask_missing, extend, rescore, save_summary
    from harness.runner.trying import trials

    limits = Limits(arguments.budget, arguments.concurrency, arguments.retries, arguments.minutes)
    key = read_key(profile)
    with serve(profile, key) as (served, served_key), Journal.open(found.directory, found.manifest_hash) as journal:
        if journal.recovered:
            say(journal.recovered)
        extend(journal, found.plans(asked, journal), asked, arguments.command_line)
        plans = found.plans(asked, journal)
        mine = [plan for plan in asked if only_task in (None, plan.name)]
        place = workplace(arguments)
        if getattr(arguments, "only", None):
            wanted = second_look(mine[0], journal, served, arguments.only, arguments.max_tokens)
            tried: list[Planned] = []
        else:
            wanted = list(requests(mine, served))
            tried = list(trials(mine, served, place.images_gib))
        begun, sandboxes = _tell_and_confirm(arguments, journal, mine, wanted, tried, prices, place)
        ending, summary = asyncio.run(ask_missing(found, plans, journal, served, served_key, limits, wanted, prices))
        if begun and ending.stopped is None:
            made = _make(found, journal, served, served_key, limits, tried, prices, place, sandboxes)
            ending = _both(ending, made)
            summary = asyncio.run(rescore(found, plans, journal))
            save_summary(found, summary)
    if isinstance(ending.stopped, Refused) and not ending.answered:
        raise ending.stopped
    return close(arguments, found, summary, ending, len(wanted) + len(tried))


def workplace(arguments: Namespace) -> "Workplace":
    """Where the command says that trials are to be made."""
    from harness.runner.trying import Workplace

    if arguments.ray_address and arguments.engine != "ray":
        raise UsageError("--ray-address is the address of a Ray cluster: add --engine ray")
    ray = (arguments.ray_address or "") if arguments.engine == "ray" else None
    return Workplace(arguments.sandboxes, arguments.images_gib, arguments.gateway_host, ray)


def _tell_and_confirm(
    arguments: Namespace,
    journal: "Journal",
    mine: "Sequence[TaskPlan]",
    wanted: "Sequence[Request]",
    tried: "Sequence[Planned]",
    prices: "Prices | None",
    place: "Workplace",
) -> tuple[bool, int | None]:
    """Say what is missing and what it may cost; whether there is a trial to be made, and in how many sandboxes.

    Raises:
        UsageError: trials cannot be made here, or the user does not agree to the cost.
    """
    from harness.runner.predict import ASK_ABOVE_USD, predicted_trials_usd, predicted_usd
    from harness.runner.run import confirm, unanswered
    from harness.runner.trying import get_ready, untried

    missing, open_trials = unanswered(journal, wanted), untried(journal, tried)
    typical = {plan.name: plan.card.typical_tokens for plan in mine}
    asked_usd = predicted_usd(missing, typical, prices)
    cards = {plan.name: plan.card for plan in mine}
    paid = [
        (card.tokens_of(card.arms[one.slot.arm]), one.thinking, one.cap_usd)
        for one in open_trials
        if (card := cards[one.slot.task])
    ]
    tried_usd = predicted_trials_usd(paid, prices)
    predicted = None if asked_usd is None or tried_usd is None else asked_usd + tried_usd
    about = f", predicted to cost about ${predicted:.2f}" if predicted else ""
    shape = ", ".join(f"{p.name} {len(p.order)} items x {p.repeats} x {len(p.arms)} arms" for p in mine)
    sandboxes: int | None = 0
    if missing:
        say(f"{len(missing)} of {len(wanted)} requests to ask{about}: {shape}")
    if open_trials:
        names = {one.slot.task for one in open_trials}
        sandboxes = get_ready([plan for plan in mine if plan.name in names], place, say)
        at_once = "as many as the cluster takes" if sandboxes is None else sandboxes
        say(f"{len(open_trials)} of {len(tried)} trials to make, {at_once} at a time{about}: {shape}")
    if predicted is not None and predicted > ASK_ABOVE_USD and arguments.budget is None:
        confirm(f"This run is predicted to cost about ${predicted:.2f}.", arguments.yes)
    return bool(open_trials), sandboxes


def _make(
    found: "OpenRun",
    journal: "Journal",
    profile: "Profile",
    key: str | None,
    limits: "Limits",
    tried: "Sequence[Planned]",
    prices: "Prices | None",
    place: "Workplace",
    sandboxes: int | None,
) -> "Ending":
    from harness.runner.trying import make_trials, spread

    with spread(place, sandboxes) as workers:
        return asyncio.run(make_trials(found, journal, profile, key, limits, tried, prices, place, workers, say))


def _both(first: "Ending", then: "Ending") -> "Ending":
    from harness.runner.execute import Ending

    return Ending(
        first.answered + then.answered, first.failed + then.failed, then.stopped, [*first.errors, *then.errors]
    )
