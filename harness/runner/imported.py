"""A run made of replies from elsewhere."""

import asyncio
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.canonical import sha256_hex
from harness.contract import Slot
from harness.endpoint.profile import Profile
from harness.errors import UsageError
from harness.journal import Journal
from harness.reported import load_reported
from harness.runner import manifest as manifests
from harness.runner.importing import Index, append, match, read_records
from harness.runner.plan import Choice, Overrides, TaskPlan, plan_task
from harness.runner.registry import TaskRef
from harness.runner.run import OpenRun, rescore, save_summary, start_or_resume


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
    index = Index(plan)
    matched = match(records, index)
    for line in matched.unmatched:
        say(f"unmatched: {line}")
    if not matched.replies:
        raise UsageError(f"no line of {arguments.file} answers an item of {plan.name}")
    plan = as_answered(plan, [slot for slot, _ in matched.replies], index.varies)
    kept = [(slot, text) for slot, text in matched.replies if slot.repeat < plan.repeats]
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
        added = append(journal, kept, source["file"])
        say(f"{added} replies imported, {len(kept) - added} were there, {len(matched.unmatched)} unmatched")
        if further := len(matched.replies) - len(kept):
            say(f"{further} left out: further replies to some items, of which not every item has as many")
        summary = asyncio.run(rescore(run, [plan], journal))
    save_summary(run, summary)
    return run, summary


def as_answered(plan: TaskPlan, slots: Sequence[Slot], varies: bool) -> TaskPlan:
    """The plan cut down to the arms there are replies for and to as many repeats as every answered item has.

    Where the repeats ask differently (``varies``), all of them up to the last that was answered. How the replies were
    sampled, and under which limit, is not known.
    """
    arms = {slot.arm for slot in slots}
    repeats = Counter((slot.arm, slot.item) for slot in set(slots))
    unknown = Choice(None, "nobody here")
    return replace(
        plan,
        arms={name: arm for name, arm in plan.arms.items() if name in arms},
        skipped_arms={name: "not in the file" for name in plan.card.arms if name not in arms},
        repeats=max(slot.repeat for slot in slots) + 1 if varies else min(repeats.values()),
        temperature=unknown,
        top_p=unknown,
        top_k=unknown,
        max_tokens=unknown,
    )
