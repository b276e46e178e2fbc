"""``gold``: the benchmark's own solutions through the grading that trials get."""

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from harness.commands.asking import measure
from harness.commands.common import say
from harness.errors import UsageError
from harness.runner.registry import find_task, read_card

if TYPE_CHECKING:
    from harness.runner.run import OpenRun

MODEL = "gold-patches"
NOT_ASKED: dict[str, Any] = {
    "budget": None,
    "yes": True,
    "concurrency": None,
    "retries": 1,
    "minutes": None,
    "repeats": 1,
    "looks": None,
    "arms": None,
    "max_tokens": None,
    "temperature": None,
    "top_p": None,
    "cap_usd": None,
    "prompt": [],
    "reported": None,
    "sample": False,
    "plan_file": None,
}
"""Options of ``run`` that mean nothing where no model is asked."""


def gold(arguments: Namespace) -> int:
    """Grade them, and say which items this machine cannot judge."""
    from harness.agentic.scaffold import GOLD
    from harness.endpoint.profile import Profile

    card, _ = read_card(find_task(arguments.task, arguments.tasks_path))
    if GOLD not in card.arms:
        raise UsageError(f"{arguments.task} has no solutions of its own to grade: its card has no arm {GOLD}")
    for name, value in NOT_ASKED.items():
        setattr(arguments, name, value)
    arguments.tasks = [f"{arguments.task}:{GOLD}"]
    profile = Profile(name=GOLD, base_url="http://gold.invalid/v1", model=MODEL, reported=None)
    closed = measure(arguments, profile)
    found = _judged(closed.run)
    failed = {item: how for item, (resolved, how) in sorted(found.items()) if not resolved}
    say(f"{len(found) - len(failed)} of {len(found)} solutions are judged right on this machine")
    for item, how in failed.items():
        say(f"cannot be judged here: {item}: {how}")
    return closed.code


def _judged(run: "OpenRun") -> dict[str, tuple[bool, str]]:
    """By item whether its solution was judged right, and why."""
    from harness.journal import Journal

    found = {}
    with Journal.open(run.directory, run.manifest_hash, readonly=True) as journal:
        for entry in journal.entries("outcome"):
            last = journal.find(entry.slot, "outcome") or entry
            body = journal.body(last) or {}
            told = body.get("outcome") or {"how": (body.get("fault") or {}).get("detail", "redacted")}
            found[entry.slot.item] = (bool(told.get("resolved")), str(told.get("how", "")))
    return found
