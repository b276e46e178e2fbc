"""The last words of a command: what was measured, what is missing, how to go on."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from harness.errors import RequestFailed, Stopped
from harness.runner.execute import Ending
from harness.runner.manifest import resume_command
from harness.runner.run import OpenRun

SHOWN_ERRORS = 5


def tell_result(
    run: OpenRun, summary: Mapping[str, Any], ending: Ending | None, wanted: int, command: Sequence[str]
) -> int:
    """Print the result and how the asking ended (None: nothing was to be asked), and return the exit code."""
    for name, task in summary["tasks"].items():
        print("\n".join([_line(name, task), *_others(task)]))
    return _how_it_ended(run, summary, ending, wanted, command) if ending is not None else 0


def _line(name: str, task: Mapping[str, Any]) -> str:
    head, counts = task["headline"], task["counts"]
    if head is None:
        return f"{name}: no score yet; {counts['answered']} of {counts['items']} answered, {counts['error']} errors"
    low, high = head["interval"]
    reported = f", reported {task['reported']:g}" if task["reported"] is not None else ""
    of = f" ({head['k']} of {head['n']})" if head["k"] is not None else ""
    return (
        f"{name} {head['metric']}: {head['score']:.2f}{of} [{low:.1f}, {high:.1f}]{reported} -> "
        f"{task['verdict']['sentence']}"
    )


def _others(task: Mapping[str, Any]) -> list[str]:
    """A line for each further metric of the same replies, and for each further arm."""
    head = task["headline"]
    numbers = {name: metric for name, metric in task["metrics"].items() if head and name != head["metric"]}
    for name, arm in task["arms"].items():
        if name != task["primary_arm"] and arm["headline"]:
            numbers[f"arm {name}"] = arm["metrics"][arm["headline"]["metric"]]
    return [
        f"    {name}: {number['score']:.2f}" + (f" ({number['k']} of {number['n']})" if number["k"] is not None else "")
        for name, number in numbers.items()
    ]


def _how_it_ended(run: OpenRun, summary: Mapping[str, Any], ending: Ending, wanted: int, command: Sequence[str]) -> int:
    if ending.answered == ending.failed == 0 and ending.stopped is None:
        date = (summary["dates"] or ["", "an earlier day"])[1]
        _say(f"{wanted} of {wanted} answered on {date}, nothing asked; `run --new` measures again")
    for error in ending.errors[:SHOWN_ERRORS]:
        _say(f"failed: {error}")
    if len(ending.errors) > SHOWN_ERRORS:
        _say(f"... and {len(ending.errors) - SHOWN_ERRORS} more; all are in {run.directory / 'journal.jsonl'}")
    if ending.stopped is not None:
        _say(f"longcat-repro: {ending.stopped}")
        if ending.stopped.exit_code == Stopped.exit_code:
            _say(f"nothing is lost; to go on: {resume_command(command, run.id)}")
        return ending.stopped.exit_code
    if ending.failed:
        what = "request or trial" if ending.failed == 1 else "requests or trials"
        _say(f"{ending.failed} {what} failed for good; the same command tries again")
        return RequestFailed.exit_code
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
