"""Scoring in processes of their own, for real."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.contract import Ask, Reply, Score
from harness.runner.scoring import Scorer
from tests.harness.runner.making import task_folder, toy_plan, toy_ref

CODE = """
import os
class Task(ToySum):
    def warm(self):
        self.warmed = True
    def score(self, item, repeat, arm, reply, judgements=None):
        if reply.content == "break":
            raise ValueError("no such rule")
        if reply.content == "judge":
            slot = Slot("strict", "thinking", item.id, repeat, "judge")
            return Ask((Request(slot, "j", (), Sampling(0.0, 1.0), "none", 1),))
        return Score({"right": (1.0, 1.0)}, extracted=str(os.getpid()), detail={"warm": self.warmed})
"""
PARENT = """
import time
from harness.contract import Arm, Item, Reply
from harness.runner.registry import find_task
from harness.runner.scoring import Scorer
from tests.toy import TASKS
if __name__ == "__main__":
    ref = find_task("toy_sum", [TASKS])
    with Scorer([ref], 1) as scorer:
        item, arm = Item("x", {"a": 1, "b": 2}), Arm(title="on", thinking="on")
        scorer.submit(ref, item, 0, arm, Reply("Sum: 3")).result()
        print(*scorer._pool._processes, flush=True)
        time.sleep(600)
"""


def test_replies_are_scored_in_a_warm_process_of_its_own(tmp_path: Path) -> None:
    plan = toy_plan(ref=task_folder(tmp_path, "strict", CODE), limit=1)
    item, arm = plan.order[0], plan.arms["thinking"].arm
    with Scorer([plan.ref], 1) as scorer:
        score = scorer.submit(plan.ref, item, 0, arm, Reply("x")).result()
        assert isinstance(score, Score)
        assert score.detail == {"warm": True}
        assert score.extracted != str(os.getpid())
        asked = scorer.submit(plan.ref, item, 3, arm, Reply("judge")).result()
        assert isinstance(asked, Ask)
        assert (asked.requests[0].slot.item, asked.requests[0].slot.repeat) == (item.id, 3)
        with pytest.raises(ValueError, match="no such rule"):
            scorer.submit(plan.ref, item, 0, arm, Reply("break")).result()
        assert scorer.submit(plan.ref, item, 0, arm, Reply("x")).result() == score


def test_nothing_starts_before_the_first_reply() -> None:
    with Scorer([toy_ref(name="no such task", folder="nowhere")], 1):
        pass


def alive(process: int) -> bool:
    """Whether a process runs; one that has ended but was not collected yet does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes under /proc")
def test_scoring_processes_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(
        [sys.executable, str(script)],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(child)
