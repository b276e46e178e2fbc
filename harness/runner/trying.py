"""Makes the trials that a run has no outcome of: the runner's side of :mod:`harness.agentic.trials`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from harness.agentic.leftovers import sweep_dead, sweep_own
from harness.agentic.ray_spread import need_ray, ray_cluster
from harness.agentic.scaffold import GOLD, scaffold
from harness.agentic.spread import Room, Spread, default_sandboxes, here
from harness.agentic.terms import AgenticTask, Attempted, Graded, Trial
from harness.agentic.trials import Planned, Trials
from harness.contract import Arm, Item, Sampling, Slot
from harness.endpoint.ask import Ask
from harness.endpoint.endpoint import Endpoint
from harness.endpoint.gateway import Gateway
from harness.endpoint.prices import Prices
from harness.endpoint.profile import Profile
from harness.endpoint.spend import Spend
from harness.errors import HarnessError, UsageError
from harness.journal import Journal
from harness.runner.execute import Ending, execute
from harness.runner.plan import TaskPlan
from harness.runner.registry import TaskRef, load_task
from harness.runner.run import Limits, OpenRun, Say, spent_before
from harness.sandbox import Engine
from harness.sandbox import Limits as SandboxLimits


@dataclass(frozen=True)
class Workplace:
    """Where trials are made, none of which changes how.

    ``sandboxes`` None: as many as fit this machine, or as the cluster offers. ``gateway_host`` is the address under
    which workers reach the gateway (None: as the workers' place says). ``ray`` None: here, in threads; else a Ray
    cluster's address, "" for one that is started here.
    """

    sandboxes: int | None = None
    images_gib: float = 120.0
    gateway_host: str | None = None
    ray: str | None = None


def trials(plans: Sequence[TaskPlan], profile: Profile, images_gib: float) -> Iterator[Planned]:
    """All trials of a run in the order they are made: the primary arms of all tasks first, repeat by repeat."""
    plans = [plan for plan in plans if plan.card.trial is not None and not plan.imported]
    for rank in range(max((len(plan.arms) for plan in plans), default=0)):
        for repeat in range(max(plan.repeats for plan in plans)):
            for plan in plans:
                if rank < len(plan.arms) and repeat < plan.repeats:
                    for item in plan.order:
                        yield planned(plan, item, repeat, list(plan.arms)[rank], profile, images_gib)


def planned(plan: TaskPlan, item: Item, repeat: int, arm: str, profile: Profile, images_gib: float) -> Planned:
    """One trial of a plan.

    Raises:
        UsageError: the card does not say how it is made.
    """
    spec, told = plan.card.trial, plan.arms[arm]
    if spec is None or told.arm.trial is None or plan.cap_usd is None:
        raise UsageError(f"{plan.name}: its card does not say how a trial is made")
    slot = Slot(plan.name, arm, item.id, repeat)
    agent_s, grading_s = 3600 * spec.agent_hours, 60 * spec.grading_minutes
    return Planned(
        slot=slot,
        trial=Trial(
            name=f"{slot.task}/{slot.arm}/{slot.item}#{slot.repeat}",
            arm=told.arm.trial,
            limits=SandboxLimits(spec.cpus, spec.memory_gib, spec.pids, spec.disk_gib, agent_s),
            agent_s=agent_s,
            grading_s=grading_s,
            images_gib=images_gib,
        ),
        attempt=partial(_attempt, plan.ref, item, repeat, told.arm),
        grade=partial(_grade, plan.ref, item, told.arm),
        model=profile.model,
        sampling=Sampling(plan.temperature.value, plan.top_p.value, plan.top_k.value),
        thinking=told.thinking,
        max_tokens=plan.max_tokens.value,
        counted_limit=plan.counted_limit,
        cap_usd=plan.cap_usd,
        asks=told.arm.trial.scaffold != GOLD,
    )


def _attempt(ref: TaskRef, item: Item, repeat: int, arm: Arm, trial: Trial) -> Attempted:
    """The worker's part: make the trial, on a machine where dead workers may have left something."""
    with suppress(HarnessError), Engine.connect() as engine:
        sweep_dead(engine)
    return agentic_task(ref).attempt(item, repeat, arm, trial)


def _grade(ref: TaskRef, item: Item, arm: Arm, attempted: Attempted, trial: Trial) -> Graded:
    """The worker's part: grade what it left."""
    return agentic_task(ref).grade(item, arm, attempted, trial)


def agentic_task(ref: TaskRef) -> AgenticTask:
    """The task as one whose items an agent tries."""
    return cast(AgenticTask, load_task(ref))


def get_ready(plans: Sequence[TaskPlan], place: Workplace, say: Say) -> int | None:
    """Make sure that trials can be made before the first is begun; how many sandboxes there are to be.

    None: as many as the cluster offers.

    What dead processes left is removed. A cluster's nodes do that for themselves, and this machine needs no engine.

    Raises:
        UsageError: the engine, a scaffold or a package is missing; the message says what to do.
    """
    if place.ray is not None:
        need_ray()
    for name in sorted({arm.arm.trial.scaffold for plan in plans for arm in plan.arms.values() if arm.arm.trial}):
        if name != GOLD:
            scaffold(name).ready()
    for plan in plans:
        agentic_task(plan.ref).ready(list(plan.order))
    if place.ray:
        return place.sandboxes
    with Engine.connect() as engine:
        if swept := sweep_dead(engine):
            say(f"{swept} containers that dead processes had left were removed")
        specs = [plan.card.trial for plan in plans if plan.card.trial]
        fitting = min(default_sandboxes(Room.of(engine), spec) for spec in specs)
    return place.sandboxes or (fitting if place.ray is None else None)


@contextmanager
def spread(place: Workplace, sandboxes: int | None) -> Iterator[Spread]:
    """The workers. When they are left, also after an interrupt, no container of this process is."""
    try:
        if place.ray is None:
            with here(sandboxes or 1) as threads:
                yield threads
        else:
            with ray_cluster(sandboxes, place.ray or None) as nodes:
                yield nodes
    finally:
        with suppress(HarnessError), Engine.connect() as engine:
            sweep_own(engine)


async def make_trials(
    run: OpenRun,
    journal: Journal,
    profile: Profile,
    key: str | None,
    limits: Limits,
    wanted: Sequence[Planned],
    prices: Prices | None,
    place: Workplace,
    workers: Spread,
    say: Say,
) -> Ending:
    """Make those of the ``wanted`` trials that have no outcome, a line for each as it ends."""
    missing = untried(journal, wanted)
    done = len(wanted) - len(missing)
    spend = Spend(limits.budget, prices, already=spent_before(journal))
    at_once = limits.concurrency or profile.concurrency
    async with Endpoint(profile, key, concurrency=at_once, retries=limits.retries) as endpoint:
        ask = Ask(journal, {"turn": endpoint}, spend)
        host = place.gateway_host or workers.head
        async with Gateway(ask, unknown_fields=profile.unknown_fields, host=host) as gateway:
            door = Trials(journal, run.directory, ask, gateway, host, workers)

            async def after(one: Planned) -> None:
                nonlocal done
                done += 1
                say(_told(journal, one, done, len(wanted)))

            seconds = 60 * limits.minutes if limits.minutes is not None else None
            return await execute(missing, door, after, at_once=workers.sandboxes, seconds=seconds)


def untried(journal: Journal, wanted: Sequence[Planned]) -> list[Planned]:
    """Those of the trials that have no gradable outcome."""
    return [one for one in wanted if (found := journal.find(one.slot, "outcome")) is None or found.status != "ok"]


def _told(journal: Journal, one: Planned, done: int, of: int) -> str:
    entry = journal.find(one.slot, "outcome")
    body: dict[str, Any] = (journal.body(entry) if entry is not None else None) or {}
    place = f"[{done} of {of}] {one.trial.name}: "
    if "fault" in body:
        return place + f"{body['fault']['fault']}: {body['fault']['detail'][:200]}"
    found = body.get("outcome", {})
    cost = f", ${found['cost_usd']:.2f}" if found.get("cost_usd") is not None else ""
    took = f"{found.get('turns', 0)} turns, {found.get('seconds', 0) / 60:.1f} min{cost}"
    capped = ", at its cap" if found.get("capped") else ""
    return place + f"{'resolved' if found.get('resolved') else 'not resolved'}, {found.get('how', '')} ({took}{capped})"
