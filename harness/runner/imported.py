"""A run made of replies from elsewhere."""

import asyncio
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.canonical import sha256_hex
from harness.endpoint.profile import Profile
from harness.errors import UsageError
from harness.journal import Journal
from harness.reported import load_reported
from harness.runner import manifest as manifests
from harness.runner.importing import Index, append, match, read_records
from harness.runner.plan import Overrides, TaskPlan, plan_task
from harness.runner.registry import TaskRef
from harness.runner.run import OpenRun, rescore, save_summary, start_or_resume

SHOWN_UNMATCHED = 10


def import_run(
    ref: TaskRef, arguments: Namespace, data_dir: Path | None, say: Callable[[str], None]
) -> tuple[OpenRun, dict[str, Any]]:
    """Match the file's replies to slots, journal them without a key, score them; return the run and its summary.

    Raises:
        UsageError: the file cannot be read, or none of its lines answers an item of the task.
    """
    reported = load_reported(arguments.reported or "longcat-2.0")
    profile = Profile(name="imported", base_url="http://imported.invalid/v1", model=arguments.model or "")
    plan = plan_task(
        ref,
        profile=profile,
        reported=reported,
        overrides=Overrides(),
        data_dir=data_dir,
        sample=False,
    )
    records = read_records(arguments.file)
    matched = match(records, Index(plan))
    for line in matched.unmatched[:SHOWN_UNMATCHED]:
        say(f"unmatched: {line}")
    if len(matched.unmatched) > SHOWN_UNMATCHED:
        say(f"... and {len(matched.unmatched) - SHOWN_UNMATCHED} more lines")
    if not matched.replies:
        raise UsageError(f"no line of {arguments.file} answers an item of {plan.name}")
    plan = as_answered(plan, {slot.arm for slot, _ in matched.replies}, max(s.repeat for s, _ in matched.replies) + 1)
    source = {"file": arguments.file.name, "sha256": sha256_hex(arguments.file.read_bytes())}

    def make(attempt: int) -> dict[str, Any]:
        return manifests.build(
            [plan],
            endpoint={
                "profile": "imported",
                "base_url": None,
                "model": arguments.model,
                "think_tags": profile.think_tags,
                "weights_sha256": None,
            },
            profile=None,
            reported=reported,
            seed=arguments.seed,
            attempt=attempt,
            command=arguments.command_line,
            imported=source | {"unmatched": len(matched.unmatched)},
        )

    run = start_or_resume(arguments.results, arguments.run_id, False, make, say)
    with Journal.open(run.directory, run.manifest_hash) as journal:
        added = append(journal, matched.replies, source["file"])
        say(f"{added} replies imported, {len(matched.replies) - added} were there, {len(matched.unmatched)} unmatched")
        summary = asyncio.run(rescore(run, [plan], journal))
    save_summary(run, summary)
    return run, summary


def as_answered(plan: TaskPlan, arms: set[str], repeats: int) -> TaskPlan:
    """The plan cut down to the arms and repeats that there are replies for."""
    kept = {name: arm for name, arm in plan.arms.items() if name in arms}
    skipped = dict(plan.skipped_arms) | {name: "not in the file" for name in plan.arms if name not in arms}
    return replace(plan, arms=kept, skipped_arms=skipped, repeats=repeats)
