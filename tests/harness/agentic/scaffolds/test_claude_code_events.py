import json
from typing import Any

import pytest

from harness.agentic.scaffolds.claude_code_events import ended, events
from harness.sandbox import Ran


def told(*lines: Any, **other: Any) -> Ran:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return Ran(**{"code": 1, "output": text.encode(), "seconds": 7.4, **other})


def result(subtype: str, **other: Any) -> dict[str, Any]:
    return {"type": "result", "subtype": subtype, "is_error": False, **other}


@pytest.mark.parametrize(
    ("ran", "starved", "how", "detail"),
    [
        (told(result("success", result="Done.")), False, "done", "Done."),
        (told(result("success", result="Done.")), True, "done", "Done."),
        (told(result("success", is_error=True, result="API Error: 502")), False, "crashed", "API Error: 502"),
        (told(result("error_max_turns", is_error=True, num_turns=3)), False, "turns", "3 turns"),
        (told(result("error_during_execution", is_error=True)), False, "crashed", "error_during_execution"),
        (told(code=None, timed_out=True), False, "time", "not done after 7 s"),
        (told(code=None, timed_out=True), True, "time", "not done after 7 s"),
        (told(code=None, ended="disk"), False, "disk", "the container reached its limit: disk"),
        (told(code=137), True, "memory", "the container ran out of memory"),
        (told(code=137), False, "crashed", "exit code 137 without a last word"),
        (told(code=0, cut=True), False, "done", "exit code 0 without a last word"),
        (told(result("success", result="x" * 3000)), False, "done", "x" * 2000),
    ],
)
def test_how_it_ended(ran: Ran, starved: bool, how: str, detail: str) -> None:
    assert ended(ran, starved) == (how, detail)


def test_lines_that_are_no_events_are_left_out() -> None:
    ran = told("warning: ...", {"type": "system"}, '{"type": "cut', "[1]", '{"deep": ' * 99_999, '{"a": 1}')
    assert events(ran.output) == [{"type": "system"}, {"a": 1}]
