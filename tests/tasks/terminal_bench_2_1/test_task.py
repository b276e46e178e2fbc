import json
import pickle
from importlib.resources import files
from pathlib import Path

import pytest

from harness.agentic.scaffold import GOLD
from harness.agentic.terms import Attempted, Trial
from harness.contract import Item, Outcome, Reply, TrialArm
from harness.datasource import load_rows
from harness.errors import UsageError
from harness.runner.registry import find_task, load_task, read_card
from harness.sandbox import Limits
from tasks.terminal_bench_2_1.task import HarborTask, load

CARD, _ = read_card(find_task("terminal_bench_2_1"))
TASK = load(CARD, 0)
ARM = CARD.arms["as-published"]


def graded(rewards: dict[str, float] | None, exception: str | None = None) -> tuple[bool, str]:
    state = {"rewards": rewards, "exception": exception, "tests": {}, "tests_log": "printed", "tests_s": 3.0}
    left = Attempted({"the_tasks_own": {}}, "done", "the model's words", 9.0, b"", b"", state)
    trial = Trial("toy", TrialArm(scaffold="claude-code"), Limits(), 1, 1, 1)
    found = TASK.grade(Item("greet", {}), ARM, left, trial)
    assert (found.log, found.seconds) == (b"printed", 3.0)
    return found.resolved, found.how


def test_the_card_is_the_vendors_and_the_rows_are_the_89_names() -> None:
    assert CARD.trial is not None
    assert (CARD.trial.cpus, CARD.trial.memory_gib, CARD.trial.agent_hours, CARD.trial.cap_usd) == (8, 16, 6, 2)
    assert (CARD.sampling.temperature, CARD.sampling.top_p) == (1.0, 0.95)
    assert CARD.arms[GOLD].trial == TrialArm(scaffold=GOLD, network="open")
    items = TASK.items(load_rows(CARD.data, data_dir=None).rows)
    assert len({item.id for item in items}) == 89
    assert items[0] == Item("adaptive-rejection-sampler", {"task": f"terminal-bench/{items[0].id}", "folder": None})


def test_the_published_list_has_the_same_names(tmp_path: Path) -> None:
    rows = [
        json.loads(line) for line in files("tasks").joinpath(CARD.data.doors[0].path or "").read_bytes().splitlines()
    ]
    assert all(row["task"] == f"terminal-bench/{row['name']}" for row in rows)
    assert sorted(row["name"] for row in rows) == [row["name"] for row in load_rows(CARD.data, data_dir=tmp_path).rows]


def test_a_whole_folder_in_the_data_directory_goes_before_harbors_hub(tmp_path: Path) -> None:
    folders = tmp_path / "terminal_bench_2_1" / "tasks"
    (folders / "fix-git").mkdir(parents=True)
    (folders / "fix-git" / "task.toml").write_text("")
    (folders / "build-pmars").mkdir()
    for part in ("task.toml", "instruction.md", "tests"):
        (folders / "build-pmars" / part).mkdir()
    items = {item.id: item for item in TASK.items(load_rows(CARD.data, data_dir=tmp_path).rows)}
    assert items["fix-git"].inputs["folder"] is None
    assert items["build-pmars"].inputs["folder"] == str((folders / "build-pmars").resolve())


def test_only_the_reward_1_resolves() -> None:
    assert graded({"reward": 1.0}) == (True, "all tests passed")
    assert graded({"reward": 0.0}) == (False, "tests failed (reward 0)")
    assert graded({"reward": 0.75}) == (False, "tests failed (reward 0.75)")
    assert graded({"other": 1.0}) == (False, "the tests left no reward")
    assert graded(None, "VerifierTimeoutError") == (False, "the tests ran out of time")
    assert graded(None, "NonZeroAgentExitCodeError") == (False, "the tests left no reward")


def test_every_task_counts() -> None:
    item = Item("greet", {})
    assert TASK.score_outcome(item, None).counts == {"resolved": (0.0, 1.0)}
    both = {"resolved": (1.0, 1.0), "resolved_of_recorded": (1.0, 1.0)}
    assert TASK.score_outcome(item, Outcome(True)).counts == both
    assert TASK.score_outcome(None, Outcome(False)).counts == {"resolved_of_recorded": (0.0, 1.0)}


def test_nothing_is_asked() -> None:
    with pytest.raises(UsageError, match="tried in containers"):
        TASK.messages(Item("greet", {}), 0, ARM)
    with pytest.raises(UsageError, match="tried in containers"):
        TASK.score(Item("greet", {}), 0, ARM, Reply(""))
    with pytest.raises(UsageError, match="brings its own instruction"):
        load(CARD, 0, "my words")


def test_any_other_set_of_harbors_is_a_folder_with_a_card(tmp_path: Path) -> None:
    folder = tmp_path / "my_set"
    folder.mkdir()
    card = Path(str(files("tasks")), "terminal_bench_2_1", "card.yaml").read_text()
    (folder / "card.yaml").write_text(card.replace("name: terminal_bench_2_1", "name: my_set", 1))
    code = "from harness.agentic.harbor_task import HarborTask\ndef load(card, seed, prompt=None):\n"
    (folder / "task.py").write_text(code + '    return HarborTask(card, "someone/some-set@2")\n')
    task = load_task(find_task("my_set", [tmp_path]))
    assert isinstance(task, HarborTask)
    assert (task.dataset, task.card.name) == ("someone/some-set@2", "my_set")
    assert pickle.loads(pickle.dumps(TASK)) == TASK
