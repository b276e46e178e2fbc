from pathlib import Path
from typing import Any

import pytest

from harness.errors import BudgetSpent, HarnessError, Interrupted, Refused
from harness.journal import Journal
from harness.runner.closing import SHOWN_ERRORS, tell_result
from harness.runner.execute import Ending
from harness.runner.run import OpenRun
from harness.runner.summary import build
from tests.harness.runner.making import frame, manifest, outcome, reported, right_of, toy_plan

PLAN = toy_plan()
TABLE = reported(margin=5.0)
MADE = manifest([PLAN], TABLE)
COMMAND = ["longcat-repro", "run", "toy_sum", "--new"]


def summary(folder: Path, rows: Any) -> dict[str, Any]:
    with Journal.open(folder, "0" * 64) as journal:
        return build(MADE, [PLAN], journal, rows, TABLE)


def told(
    folder: Path, capsys: pytest.CaptureFixture[str], ending: Ending | None, rows: Any = None
) -> tuple[int, str, str]:
    found = summary(folder, right_of(PLAN, 320) if rows is None else rows)
    code = tell_result(OpenRun(folder / "mine", MADE, ""), found, ending, 400, COMMAND)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_result_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(tmp_path, capsys, None)
    assert (code, err) == (0, "")
    number, _, sentence = out.partition(" -> ")
    assert number == "toy_sum accuracy: 80.00 (320 of 400) [75.8, 83.6], reported 80"
    assert sentence == "reproduced, as served by toy on 2026-11-20\n"


def test_replies_are_counted_and_not_planned_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = frame([outcome(PLAN, 0), outcome(PLAN, 0, repeat=0, item=PLAN.order[1].id), outcome(PLAN, 2, None)])
    _, out, _ = told(tmp_path, capsys, None, rows)
    assert "100.00 (2 of 2)" in out


def test_uneven_repeats_are_counted_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = toy_plan(limit=3, repeats=2)
    rows = frame([outcome(plan, place, 1.0, repeat=r) for place, r in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)]])
    with Journal.open(tmp_path, "0" * 64) as journal:
        found = build(manifest([plan], TABLE), [plan], journal, rows, TABLE)
    tell_result(OpenRun(tmp_path / "mine", MADE, ""), found, None, 6, COMMAND)
    assert "100.00 (5 of 5)" in capsys.readouterr().out


def test_without_a_score_the_line_says_what_there_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(tmp_path, capsys, None, frame([outcome(PLAN, place, None) for place in range(3)]))
    assert out == "toy_sum: no score yet; 0 of 400 answered, 3 errors\n"


def test_nothing_to_ask_is_said_with_the_day_of_the_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = told(tmp_path, capsys, Ending())
    assert code == 0
    assert "400 of 400 answered on 2026-11-20, nothing asked; `run --new` measures again" in err


def test_a_finished_run_says_no_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(tmp_path, capsys, Ending(answered=400))[::2] == (0, "")


@pytest.mark.parametrize("stopped", [BudgetSpent("no money"), Interrupted("interrupted")])
def test_a_stop_tells_how_to_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str], stopped: HarnessError) -> None:
    code, _, err = told(tmp_path, capsys, Ending(answered=3, stopped=stopped))
    assert code == 3
    assert f"longcat-repro: {stopped}" in err
    assert "to go on: longcat-repro run toy_sum --run-id mine" in err


def test_a_refusal_is_no_stop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = told(tmp_path, capsys, Ending(answered=3, stopped=Refused("bad key")))
    assert code == 4
    assert "bad key" in err
    assert "to go on" not in err


def test_failures_are_told_a_few_at_a_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    errors = [f"item {n} failed" for n in range(SHOWN_ERRORS + 2)]
    code, _, err = told(tmp_path, capsys, Ending(answered=3, failed=len(errors), errors=errors))
    assert code == 5
    assert err.count("failed: item") == SHOWN_ERRORS
    assert "... and 2 more" in err
    assert str(tmp_path / "mine" / "journal.jsonl") in err
    assert "7 requests or trials failed for good; the same command tries again" in err


def test_a_stop_goes_before_failures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ending = Ending(failed=1, errors=["item 1 failed"], stopped=Interrupted("interrupted"))
    code, _, err = told(tmp_path, capsys, ending)
    assert code == 3
    assert "failed: item 1 failed" in err
