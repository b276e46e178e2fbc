import asyncio
import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from harness.runner.progress import Progress, clock
from tests.harness.runner.making import outcome, toy_plan

PLAN = toy_plan(limit=10)
HEADLINES = {"toy_sum/thinking": "right"}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def progress(stream: io.StringIO, total: int = 10, already: int = 0, spent: float | None = 0.5) -> Progress:
    shown = Progress(total, HEADLINES, lambda: spent, stream)
    for _ in range(already):
        shown.answered_before(None)
    return shown


def within(shown: Progress, act: Callable[[Progress], None] = lambda shown: None) -> None:
    async def all_of_it() -> None:
        async with shown:
            act(shown)

    asyncio.run(all_of_it())


def add_all(shown: Progress, **other: Any) -> None:
    for place in range(3):
        shown.add(outcome(PLAN, place, float(place < 2), output_tokens=100, **other))


def test_the_line_counts_scores_spend_and_errors() -> None:
    shown = progress(io.StringIO())
    add_all(shown)
    shown.add(outcome(PLAN, 3, None))
    parts = shown.line().split(" · ")
    assert parts[0] == "3/10"
    assert parts[1] == "toy_sum 66.7 [20.8, 93.9]"
    assert parts[2] == "$0.5000"
    assert re.fullmatch(r"\d+ tokens/s", parts[3])
    assert parts[4] == "1 errors"
    assert re.fullmatch(r"\d+ s left", parts[5])


def test_only_the_headlines_arm_makes_the_running_score() -> None:
    shown = progress(io.StringIO())
    add_all(shown, arm="plain")
    shown.add(outcome(PLAN, 3, None, status="unavailable"))
    assert "toy_sum" not in shown.line()
    assert shown.line().startswith("4/10 · $")


def test_an_unknown_cost_is_said_and_a_finished_run_has_no_time_left() -> None:
    shown = progress(io.StringIO(), total=5, already=2, spent=None)
    add_all(shown)
    assert shown.line().startswith("5/5 · toy_sum")
    assert "cost unknown" in shown.line()
    assert "left" not in shown.line()


def test_where_nobody_watches_lines_are_plain() -> None:
    stream = io.StringIO()
    within(progress(stream, already=4), add_all)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "4 of 10 answered before; asking the rest"
    assert lines[-1].startswith("7/10 · toy_sum")
    assert len(lines) == 2
    assert not {"\r", "\x1b"} & set(stream.getvalue())


def test_in_a_terminal_one_line_renews_itself() -> None:
    stream = Terminal()
    within(progress(stream), add_all)
    text = stream.getvalue()
    assert text.startswith("\r\x1b[2K")
    assert text.endswith("\n")
    assert text.count("\n") == 1
    assert text.split("\r\x1b[2K")[-1].startswith("3/10 · toy_sum")


def test_nothing_to_do_shows_nothing() -> None:
    stream = Terminal()
    within(progress(stream))
    within(progress(stream, total=3, already=3))
    assert stream.getvalue() == ""


def test_answers_of_an_earlier_session_count_with_their_scores() -> None:
    shown = progress(io.StringIO(), already=1)
    shown.answered_before(outcome(PLAN, 4, 1.0, output_tokens=10**6))
    add_all(shown)
    assert shown.line().startswith("5/10 · toy_sum 75.0 [")
    assert " 0 errors" in shown.line()


def test_the_line_is_drawn_while_nothing_arrives() -> None:
    stream = Terminal()

    async def wait_for_three() -> None:
        async with progress(stream):
            while stream.getvalue().count("\r") < 3:
                await asyncio.sleep(0.01)

    asyncio.run(wait_for_three())
    assert "0/10" in stream.getvalue()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (89.4, "89 s"), (90, "2 min"), (720, "12 min"), (5399, "90 min"), (5400, "1.5 h"), (12240, "3.4 h")],
)
def test_time_as_a_person_says_it(seconds: float, said: str) -> None:
    assert clock(seconds) == said
