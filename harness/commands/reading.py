"""Commands that read what is there and ask nothing: cards, scores, imports, verification, reports."""

import asyncio
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from harness.commands.common import close, data_dir, say
from harness.errors import UsageError
from harness.runner.registry import find_task, read_card, task_folders


def tasks(arguments: Namespace) -> int:
    """List the benchmarks, from their cards alone."""
    for ref in task_folders(arguments.tasks_path).values():
        card, _ = read_card(ref)
        print(f"{card.name:24} {card.data.rows:>6} items  {len(card.to_run)} arms  {card.title}")
    return 0


def show(arguments: Namespace) -> int:
    """Print a card as it is written."""
    ref = find_task(arguments.task, arguments.tasks_path)
    read_card(ref)
    print(Path(ref.folder, "card.yaml").read_text("utf-8"), end="")
    return 0


def score(arguments: Namespace) -> int:
    """Score a run again from its journal; the endpoint is not asked."""
    from harness.journal import Journal
    from harness.runner.restore import restore_plans
    from harness.runner.run import find_run, rescore, save_summary

    found = find_run(arguments.run, arguments.results)
    with Journal.open(found.directory, found.manifest_hash, readonly=True) as journal:
        restored = restore_plans(found.manifest, data_dir(arguments), arguments.tasks_path)
        summary = asyncio.run(rescore(found, found.plans(restored, journal), journal))
    save_summary(found, summary)
    return close(arguments, found, summary).code


def import_replies(arguments: Namespace) -> int:
    """Make a run of replies or outcomes that were made elsewhere."""
    from harness.runner.imported import import_run

    ref = replace(find_task(arguments.task, arguments.tasks_path), seed=arguments.seed)
    found, summary = import_run(ref, arguments, data_dir(arguments), say)
    return close(arguments, found, summary).code


def verify(arguments: Namespace) -> int:
    """Check the chain, then recompute the summary and compare."""
    from harness.runner.checking import check_run

    return check_run(arguments.run, arguments.results, data_dir(arguments), arguments.tasks_path)


def report(arguments: Namespace) -> int:
    """Write one site of the runs named."""
    from harness.report.site import write_site
    from harness.runner.run import find_run

    if arguments.output is None and len(arguments.runs) > 1:
        raise UsageError("several runs make one report: name its folder with -o")
    runs = [find_run(name, arguments.results) for name in arguments.runs]
    output = arguments.output or arguments.reports / runs[0].id
    path = write_site(
        [run.directory for run in runs],
        output,
        disputes=arguments.disputes,
        plan=arguments.plan_file,
        tasks_path=arguments.tasks_path,
        foreign=[run.directory for run in runs if run.foreign],
    )
    print(path)
    return 0
