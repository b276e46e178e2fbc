"""``run`` and ``rerun``: ask an endpoint what a run has no answer to."""

from argparse import Namespace
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.commands.carrying import carry_out
from harness.commands.common import Closed, data_dir, say
from harness.contract import Card
from harness.errors import UsageError
from harness.runner.registry import find_task, read_card, task_folders

if TYPE_CHECKING:
    from harness.endpoint.profile import Profile
    from harness.runner.like import Design
    from harness.runner.plan import Overrides
    from harness.runner.registry import TaskRef
    from harness.runner.run import OpenRun

QUICK = "quick"


def run(arguments: Namespace) -> int:
    """Ask, score, summarise, report."""
    from harness.endpoint.local import as_fetched

    if arguments.like is not None:
        return _measure_like(arguments).code
    return measure(arguments, as_fetched(named_endpoint(arguments))).code


def _measure_like(arguments: Namespace) -> Closed:
    """Repeat another run's design, on the endpoint that the command names, else on that run's own."""
    from harness.endpoint.local import as_fetched
    from harness.runner.like import its_profile, other_run, refuse_contradictions, repeat

    refuse_contradictions(arguments)
    other = other_run(arguments.like, arguments.results)
    if arguments.endpoint or arguments.base_url or arguments.profile:
        profile = named_endpoint(arguments)
    elif arguments.model or arguments.api_key_env or arguments.provider:
        raise UsageError("--model, --api-key-env and --provider go with an endpoint: name it too")
    else:
        profile, remarks = its_profile(other)
        for remark in remarks:
            say(remark)
    profile = as_fetched(profile)
    design = repeat(other, profile, data_dir(arguments), arguments.tasks_path)
    for remark in design.remarks:
        say(f"not as in {other.id}: {remark}")
    return _measure(arguments, profile, design)


def named_endpoint(arguments: Namespace) -> "Profile":
    """The endpoint that the command names, its provider pinned if it says so."""
    from harness.endpoint.profile import resolve

    profile = resolve(
        endpoint=arguments.endpoint,
        base_url=arguments.base_url,
        model=arguments.model,
        api_key_env=arguments.api_key_env,
        profile_file=arguments.profile,
    )
    return pin_provider(profile, arguments.provider) if arguments.provider else profile


def pin_provider(profile: "Profile", provider: str) -> "Profile":
    """The profile with its router told to use one provider and no other.

    Raises:
        UsageError: the profile's endpoint is no router.
    """
    routing = profile.extra_body.get("provider")
    if not isinstance(routing, dict):
        raise UsageError(f"--provider: the endpoint {profile.name} does not route to providers")
    pinned = routing | {"order": [provider], "allow_fallbacks": False}
    return profile.model_copy(update={"extra_body": profile.extra_body | {"provider": pinned}})


def measure(arguments: Namespace, profile: "Profile") -> Closed:
    """Start or resume the run that the arguments describe, ask what is missing, and report."""
    return _measure(arguments, profile, _designed(arguments, profile))


def _designed(arguments: Namespace, profile: "Profile") -> "Design":
    """What the command's own options ask for."""
    from harness.endpoint.keys import read_key
    from harness.reported import load_reported
    from harness.runner.like import Design
    from harness.runner.plan import plan_task
    from harness.runner.registry import parse_prompts

    tasks, repeats = chosen(arguments)
    read_key(profile)
    reported = load_reported(arguments.reported or profile.reported or "longcat-2.0")
    prompts = parse_prompts(arguments.prompt)
    if unused := sorted(set(prompts) - {one.ref.name for one in tasks}):
        raise UsageError(f"--prompt {unused[0]}=...: this run does not ask {unused[0]}")
    plans = [
        plan_task(
            replace(one.ref, seed=arguments.seed, prompt=prompts.get(one.ref.name)),
            profile=profile,
            reported=reported,
            overrides=overrides_of(one, arguments, repeats),
            data_dir=data_dir(arguments),
            sample=arguments.sample,
        )
        for one in tasks
    ]
    return Design(plans, reported, arguments.seed, arguments.reported is not None, arguments.looks or 1)


def _measure(arguments: Namespace, profile: "Profile", design: "Design") -> Closed:
    from harness.endpoint.keys import read_key
    from harness.endpoint.prices import current
    from harness.endpoint.spend import Spend
    from harness.runner import manifest as manifests
    from harness.runner.registration import keep_plan, load_plan, start_under
    from harness.runner.run import start_or_resume

    read_key(profile)
    prices = current(profile)
    Spend(arguments.budget, prices)
    facts = manifests.endpoint_facts(profile)
    registered = load_plan(arguments.plan_file) if arguments.plan_file else None

    def make(attempt: int) -> dict[str, Any]:
        made = manifests.build(
            design.plans,
            endpoint=facts,
            profile=profile.model_dump(mode="json"),
            reported=design.reported,
            seed=design.seed,
            attempt=attempt,
            command=arguments.command_line,
            table_named=design.table_named,
            looks=design.looks,
        )
        made |= {"like": dict(design.like)} if design.like else {}
        return start_under(registered, made) if registered else made

    found = start_or_resume(arguments.results, arguments.run_id, arguments.new, make, say)
    if arguments.looks not in (None, planned := found.manifest.get("looks", 1)):
        raise UsageError(
            f"run {found.id} was started with --looks {planned}: looks are planned before the first request. Leave "
            "--looks out to go on with it, or start a run of its own with --new"
        )
    if registered:
        keep_plan(arguments.plan_file, found.manifest, found.directory)
    return carry_out(arguments, found, design.plans, profile, prices)


def rerun(arguments: Namespace) -> int:
    """Go on with one task of a run: what is missing, more repeats, or a second look."""
    from harness.endpoint.prices import current
    from harness.journal import Journal
    from harness.runner.restore import restore_plans
    from harness.runner.run import find_run

    found = find_run(arguments.run_id, arguments.results)
    if found.manifest["profile"] is None:
        raise UsageError(f"run {found.id} was imported: there is no endpoint to ask again")
    if (arguments.only is None) != (arguments.max_tokens is None):
        raise UsageError("a second look takes both --only truncated|empty and --max-tokens N")
    profile = _profile_of(found)
    with Journal.open(found.directory, found.manifest_hash, readonly=True) as journal:
        restored = restore_plans(found.manifest, data_dir(arguments), arguments.tasks_path)
        if arguments.task not in (names := [plan.name for plan in restored]):
            raise UsageError(f"run {found.id} has no task {arguments.task}; it has: {', '.join(names)}")
        plans = found.plans(restored, journal)
    now = plans[names.index(arguments.task)]
    if arguments.repeats is not None and arguments.repeats < now.repeats:
        raise UsageError(f"{now.name} has {now.repeats} repeats in this run already; they cannot be taken back")
    plans[names.index(now.name)] = replace(now, repeats=arguments.repeats or now.repeats)
    return carry_out(arguments, found, plans, profile, current(profile), only_task=now.name).code


def _profile_of(found: "OpenRun") -> "Profile":
    """The endpoint that a run is to go on with; of somebody else's run only one that its manifest may choose."""
    from harness.endpoint.profile import Profile
    from harness.runner.like import its_profile

    if not found.foreign:
        return Profile.model_validate(found.manifest["profile"])
    profile, remarks = its_profile(found)
    for remark in remarks:
        say(remark)
    return profile


@dataclass(frozen=True)
class Chosen:
    """A task that a command means, with its arms and, where a suite says so, how many of its items."""

    ref: "TaskRef"
    arms: tuple[str, ...]
    limit: int | None = None


def chosen(arguments: Namespace) -> tuple[list[Chosen], int | None]:
    """The tasks and repeats (None: the cards') that the command means; nothing named means the quick suite.

    ``TASK:ARM`` means one arm of a task.

    Raises:
        UsageError: a task is unknown, or no endpoint can be asked for its items.
    """
    names = list(dict.fromkeys(arguments.tasks or [QUICK]))
    cards = {ref: read_card(ref)[0] for ref in task_folders(arguments.tasks_path).values()}
    suites = {QUICK, *(suite for card in cards.values() for suite in card.suites)}
    if len(names) > 1 and (named := suites & set(names)):
        raise UsageError(f"{min(named)} is a suite: name it alone, or name tasks")
    arms = tuple(arguments.arms.split(",")) if arguments.arms else None
    if names == [QUICK]:
        quick = [ref for ref, card in cards.items() if card.scored == "replies" and _has_quick_arms(card)]
        return [Chosen(ref, arms or ("quick",)) for ref in quick], arguments.repeats or 1
    if names[0] in suites:
        part = [(ref, card.suites[names[0]]) for ref, card in cards.items() if names[0] in card.suites]
        return [Chosen(ref, arms or ("quick",), limit) for ref, limit in part], arguments.repeats
    found = []
    for name in names:
        task, colon, arm = name.partition(":")
        if colon and arms:
            raise UsageError(f"{name} names an arm already: leave --arms out")
        ref = find_task(task, arguments.tasks_path)
        _refuse_unaskable(ref)
        found.append(Chosen(ref, (arm,) if colon else arms or ("all",)))
    if twice := {one.ref.name for one in found if [other.ref for other in found].count(one.ref) > 1}:
        raise UsageError(f"{min(twice)} is named twice: name its arms with --arms")
    return found, arguments.repeats


def overrides_of(one: Chosen, arguments: Namespace, repeats: int | None) -> "Overrides":
    """What the command sets by hand for a task."""
    from harness.runner.plan import Overrides

    return Overrides(
        arguments.limit or one.limit,
        repeats,
        arguments.max_tokens,
        arguments.temperature,
        arguments.top_p,
        one.arms,
        arguments.cap_usd,
    )


def _has_quick_arms(card: Card) -> bool:
    return any(arm.quick for arm in card.arms.values())


def _refuse_unaskable(ref: "TaskRef") -> None:
    card, _ = read_card(ref)
    if card.scored == "outcomes" and card.trial is None:
        raise UsageError(
            f"{ref.name} cannot be asked: its rows are trials, and its card does not say how they are made; "
            f"`import {ref.name} FILE` takes their recorded outcomes"
        )
