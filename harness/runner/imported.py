"""A run made of replies, or of outcomes of trials, from elsewhere."""

import asyncio
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.canonical import sha256_hex
from harness.contract import Slot
from harness.endpoint.profile import Profile
from harness.errors import UsageError
from harness.journal import Journal
from harness.reported import load_reported
from harness.runner import manifest as manifests
from harness.runner.importing import Index, append, append_outcomes, match, read_outcomes, read_records
from harness.runner.plan import Choice, Overrides, TaskPlan, plan_task
from harness.runner.recorded import remarks
from harness.runner.registry import TaskRef, read_card
from harness.runner.run import OpenRun, rescore, save_summary, start_or_resume


def import_run(
    ref: TaskRef, arguments: Namespace, data_dir: Path | None, say: Callable[[str], None]
) -> tuple[OpenRun, dict[str, Any]]:
    """Journal what the file holds without a key and score it; return the run and its summary.

    Raises:
        UsageError: the file cannot be read, or nothing in it is of an item of the task.
    """
    reported = load_reported(arguments.reported or "longcat-2.0")
    profile = Profile(name="imported", base_url="http://imported.invalid/v1", model=arguments.model or "")
    card, _ = read_card(ref)
    plan = plan_task(
        ref,
        profile=profile,
        reported=reported,
        overrides=Overrides(arms=(card.recorded_arm,) if card.scored == "outcomes" else ("all",)),
        data_dir=data_dir,
        sample=False,
    )
    found = _outcomes(plan, arguments.file) if plan.card.scored == "outcomes" else _replies(plan, arguments.file, say)
    source = {"file": arguments.file.name, "sha256": sha256_hex(arguments.file.read_bytes())}

    def make(attempt: int) -> dict[str, Any]:
        return manifests.build(
            [found.plan],
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
            imported=source | {"unmatched": found.unmatched},
        )

    run = start_or_resume(arguments.results, arguments.run_id, False, make, say)
    with Journal.open(run.directory, run.manifest_hash) as journal:
        say(found.put(journal, source["file"]))
        summary = asyncio.run(rescore(run, [found.plan], journal))
    save_summary(run, summary)
    return run, summary


@dataclass(frozen=True)
class _Found:
    """What a file holds for a task: the plan cut down to it, and how to journal it, giving a sentence on that."""

    plan: TaskPlan
    unmatched: int
    put: Callable[[Journal, str], str]


def _replies(plan: TaskPlan, file: Path, say: Callable[[str], None]) -> _Found:
    """Replies matched to their slots; every line without one is told."""
    index = Index(plan)
    matched = match(read_records(file), index)
    for line in matched.unmatched:
        say(f"unmatched: {line}")
    if not matched.replies:
        raise UsageError(f"no line of {file} answers an item of {plan.name}")
    plan = as_answered(plan, [slot for slot, _ in matched.replies], index.varies)
    kept = [(slot, text) for slot, text in matched.replies if slot.repeat < plan.repeats]
    further = len(matched.replies) - len(kept)

    def put(journal: Journal, source: str) -> str:
        added = append(journal, kept, source)
        told = f"{added} replies imported, {len(kept) - added} were there, {len(matched.unmatched)} unmatched"
        asked = len(plan.order) * plan.repeats * len(plan.arms)
        if len(kept) < asked:
            told += f"\n{asked - len(kept)} of {asked} planned replies are not in the file: the run is not finished"
        if further:
            told += f"\n{further} left out: further replies to some items, of which not every item has as many"
        return told

    return _Found(plan, len(matched.unmatched), put)


def _outcomes(plan: TaskPlan, file: Path) -> _Found:
    """Outcomes by instance id, those of no item of the benchmark too: what was recorded is kept as it is."""
    recorded = read_outcomes(file)
    outside = len(recorded.keys() - plan.items.keys())
    if outside == len(recorded):
        raise UsageError(f"none of the {outside} ids in {file} is an item of {plan.name}")
    slots = {Slot(plan.name, plan.primary, name, 0): outcome for name, outcome in recorded.items()}

    def put(journal: Journal, source: str) -> str:
        added = append_outcomes(journal, slots, source)
        missing = len(plan.items) - (len(recorded) - outside)
        told = f"{added} outcomes imported, {len(slots) - added} were there"
        return "\n".join([told, *remarks(len(plan.items), missing, outside)])

    return _Found(as_answered(plan, list(slots), False), outside, put)


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
