from pathlib import Path

import pytest

from harness.agentic.harbor_task import HarborTask
from harness.agentic.terms import Attempted, Trial
from harness.contract import Item, TrialArm
from harness.runner.registry import find_task, read_card
from harness.sandbox import Limits

CARD, _ = read_card(find_task("terminal_bench_2_1"))
TASK = HarborTask(CARD, "someone/some-set")


@pytest.mark.parametrize(
    ("rewards", "how"),
    [
        ({"reward": 10**400}, "tests failed (reward too large to show)"),
        ({"reward": -(10**400)}, "tests failed (reward too large to show)"),
        ({"reward": 2}, "tests failed (reward 2)"),
        ({"reward": -0.5}, "tests failed (reward -0.5)"),
        (None, "the tests left no readable reward"),
    ],
)
def test_whatever_number_the_tests_leave_is_graded(rewards: dict[str, float] | None, how: str) -> None:
    state = {"rewards": rewards, "exception": "VerifierOutputParseError", "tests": {}, "tests_log": "", "tests_s": 1.0}
    left = Attempted({"the_tasks_own": {}}, "done", "", 9.0, b"", b"", state)
    trial = Trial("toy", TrialArm(scaffold="claude-code"), Limits(), 1, 1, 1)
    found = TASK.grade(Item("greet", {}), CARD.arms["as-published"], left, trial)
    assert (found.resolved, found.how) == (False, how)


def test_a_folder_that_lacks_a_part_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "task.toml").write_text("")
    (item,) = TASK.items([{"name": "greet", "folder": str(tmp_path)}])
    assert item.inputs == {"task": "greet", "folder": None}
