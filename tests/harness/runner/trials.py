"""A toy task whose items are tried, not asked: the toy task's rows, with a rule for outcomes."""

from dataclasses import replace
from pathlib import Path

from harness.runner.plan import Choice, TaskPlan
from harness.runner.registry import TaskRef
from tests.harness.runner.making import task_folder, toy_plan

CODE = """
class Task(ToySum):
    def score_outcome(self, item, outcome):
        resolved = float(outcome is not None and outcome.resolved)
        counts = {"right": (resolved, 1.0)} if item is not None else {}
        return Score(counts if outcome is None else counts | {"of_recorded": (resolved, 1.0)})
"""
SECOND = "    of: [right]\n  of_recorded:\n    title: Of the recorded\n    of: [of_recorded]\n"


def trial_task(root: Path, name: str = "trials") -> TaskRef:
    """The task's folder under ``root``."""
    changes = {"scoring:": "scored: outcomes\nscoring:", "    of: [right]\n": SECOND}
    return task_folder(root, name, CODE, **changes)


def trial_plan(root: Path, *, limit: int | None = None) -> TaskPlan:
    """The plan of :func:`trial_task` over so many of its items, as outcomes made elsewhere are read."""
    return replace(toy_plan(ref=trial_task(root), limit=limit), max_tokens=Choice(None, "nobody here"))
