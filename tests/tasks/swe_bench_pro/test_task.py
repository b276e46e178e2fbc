import json
from pathlib import Path

import pytest
import yaml

from harness.agentic.terms import Attempted, Trial
from harness.contract import Card, Outcome, OutcomeTask, Reply
from harness.datasource import load_rows
from harness.errors import UsageError
from harness.sandbox import Limits
from tasks.swe_bench_pro.task import SWEBenchPro, load
from tests.data import REPOSITORY, data_dir, real_data

FOLDER = REPOSITORY / "tasks" / "swe_bench_pro"
CARD = Card.model_validate(yaml.safe_load((FOLDER / "card.yaml").read_text("utf-8")))
ITEM = {"instance_id": "instance_x__y-1", "repo": "x/y"}
WHOLE = ITEM | {
    "base_commit": "1" * 40,
    "problem_statement": '"It is slow.\\nVery."',
    "requirements": "Be fast.",
    "interface": None,
    "patch": "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n",
    "fail_to_pass": "['a', 'b']",
    "pass_to_pass": "[]",
    "selected_test_files_to_run": '["t.py"]',
    "before_repo_set_cmd": "git reset --hard\ngit checkout 2 -- t.py",
    "dockerhub_tag": "x.y-1",
}
TOLD = {"folder": "/app", "issue": "It is slow.", "requirements": "Be fast.", "interface": ""}


def task() -> SWEBenchPro:
    return load(CARD, seed=0)


def test_the_real_rows_are_731_instances_by_repository() -> None:
    real_data("swe_bench_pro/instance_info_731.jsonl")
    items = task().items(load_rows(CARD.data, data_dir=data_dir()).rows)
    assert len({item.id for item in items}) == len(items) == 731
    assert [item.id for item in items] == sorted(item.id for item in items)
    by_repository = [item.category for item in items]
    assert len(set(by_repository)) == 11
    assert (by_repository.count("ansible/ansible"), by_repository.count("tutao/tutanota")) == (96, 20)


def test_the_rows_are_the_same_in_whatever_order_a_door_gives_them(tmp_path: Path) -> None:
    file = real_data("swe_bench_pro/instance_info_731.jsonl")
    rows = [json.loads(line) for line in file.read_bytes().splitlines()]
    lines = [json.dumps({name: row[name] for name in reversed(CARD.data.columns)}) for row in reversed(rows)]
    door = CARD.data.doors[1].model_copy(update={"path": "hub.jsonl", "sha256": None})
    (tmp_path / "hub.jsonl").write_text("\n".join(lines), "utf-8")
    found = load_rows(CARD.data.model_copy(update={"doors": [door]}), data_dir=tmp_path)
    assert found.sha256 == CARD.data.rows_sha256


@pytest.mark.parametrize(
    ("public", "resolved", "counts"),
    [
        (True, True, dict.fromkeys(("resolved", "resolved_corrected", "resolved_of_recorded"), (1.0, 1.0))),
        (True, False, dict.fromkeys(("resolved", "resolved_corrected", "resolved_of_recorded"), (0.0, 1.0))),
        (True, None, {"resolved": (0.0, 1.0), "resolved_corrected": (0.0, 1.0)}),
        (False, True, {"resolved_of_recorded": (1.0, 1.0)}),
        (False, False, {"resolved_of_recorded": (0.0, 1.0)}),
    ],
)
def test_each_outcome_counts_in_the_denominators_it_belongs_to(
    public: bool, resolved: bool | None, counts: dict[str, tuple[float, float]]
) -> None:
    [item] = task().items([ITEM])
    outcome = None if resolved is None else Outcome(resolved)
    score = task().score_outcome(item if public else None, outcome)
    assert score.counts == counts
    assert score.extracted == {True: "resolved", False: "not resolved", None: None}[resolved]


def test_nothing_can_be_asked_of_it() -> None:
    [item] = task().items([ITEM])
    arm = CARD.arms[CARD.primary_arm]
    with pytest.raises(UsageError, match="tried in containers"):
        task().messages(item, 0, arm)
    with pytest.raises(UsageError, match="tried in containers"):
        task().score(item, 0, arm, Reply("resolved"))


def test_the_users_own_wording_takes_the_place_of_ours() -> None:
    [item] = task().items([WHOLE])
    arm = CARD.arms[CARD.primary_arm]
    own = load(CARD, seed=0, prompt="{{ issue }} in {{ folder }}")
    assert own.prompts()["default"].origin.startswith("given by the user")
    assert own.instruction(arm, **TOLD) == "It is slow. in /app"
    assert item.id == WHOLE["instance_id"]
    with pytest.raises(UsageError, match="does not render"):
        load(CARD, seed=0, prompt="{{ patch }}")


def test_the_card_and_the_task_name_the_same_things() -> None:
    assert CARD.scored == "outcomes"
    assert isinstance(task(), OutcomeTask)
    assert {arm.prompt for arm in CARD.arms.values()} <= set(task().prompts())
    samples = [json.loads(line) for line in (FOLDER / "sample.jsonl").read_bytes().splitlines()]
    assert len(task().items(samples)) == 3
    counts = task().score_outcome(task().items(samples)[0], Outcome(True)).counts
    assert {name for metric in CARD.metrics.values() for name in metric.of} == set(counts)


def test_the_real_rows_can_be_read_without_being_run() -> None:
    real_data("swe_bench_pro/instance_info_731.jsonl")
    items = task().items(load_rows(CARD.data, data_dir=data_dir()).rows)
    assert len(items) == 731
    assert sum(not item.inputs["fail_to_pass"] for item in items) == 0
    assert sum(not item.inputs["pass_to_pass"] for item in items) == 372
    assert all(item.inputs["selected_test_files_to_run"] for item in items)
    names = (item.inputs["fail_to_pass"] + item.inputs["pass_to_pass"] for item in items)
    assert all(isinstance(name, str) and name for listed in names for name in listed)


def test_the_real_rows_score_and_say_what_a_trial_would_need() -> None:
    real_data("swe_bench_pro/instance_info_731.jsonl")
    items = task().items(load_rows(CARD.data, data_dir=data_dir()).rows)
    task().check()
    assert task().score_outcome(items[0], Outcome(True)).counts["resolved"] == (1.0, 1.0)
    with pytest.raises(UsageError, match=r"has no patch, problem_statement, before_repo_set_cmd\..*test\.jsonl"):
        task().ready(items)


def test_a_whole_row_becomes_an_item_that_can_be_tried() -> None:
    [item] = task().items([WHOLE])
    task().ready([item])
    assert (item.id, item.category) == ("instance_x__y-1", "x/y")
    assert item.inputs["fail_to_pass"] == ["a", "b"]
    assert item.inputs["problem_statement"] == "It is slow.\nVery."
    assert task().gold(item) == WHOLE["patch"].encode()


def test_a_list_that_is_none_is_told_with_its_instance() -> None:
    with pytest.raises(UsageError, match="fail_to_pass of instance_x__y-1"):
        task().items([WHOLE | {"fail_to_pass": "__import__('os').getcwd()"}])


def test_the_wording_leaves_out_what_a_row_does_not_have() -> None:
    arm = CARD.arms[CARD.primary_arm]
    said = task().instruction(arm, **TOLD)
    assert "/app" in said
    assert "<requirements>\nBe fast.\n</requirements>" in said
    assert "interface" not in said
    bare = task().instruction(arm, **TOLD | {"requirements": ""})
    assert "requirement" not in bare
    issue = task().instruction(CARD.arms["mini-swe-agent"], **TOLD)
    assert issue == "It is slow."


def test_the_solution_is_what_the_gold_arm_leaves() -> None:
    [item] = task().items([WHOLE | {"run_script": "true", "parser": "pass"}])
    arm = CARD.arms["gold"]
    assert arm.trial is not None
    trial = Trial("gold", arm.trial, Limits(), 1.0, 1.0, 1.0)
    left = task().attempt(item, 0, arm, trial)
    assert (left.ended, left.patch, left.prepared["scaffold"]) == ("done", WHOLE["patch"].encode(), "gold")


@pytest.mark.parametrize(
    ("patch", "how"), [(b"", "empty patch"), (b"\n", "empty patch"), (None, "no patch: out of time")]
)
def test_what_left_no_patch_is_graded_without_a_container(patch: bytes | None, how: str) -> None:
    [item] = task().items([WHOLE])
    arm = CARD.arms["hardened"]
    assert arm.trial is not None
    trial = Trial("x", arm.trial, Limits(), 1.0, 1.0, 1.0)
    left = Attempted({}, "time", "the model's words", 1.0, patch, b"", {"why": "out of time"})
    found = task().grade(item, arm, left, trial)
    assert (found.resolved, found.how, found.tests) == (False, how, {})


def test_the_arms_are_those_of_the_plan() -> None:
    assert CARD.trial is not None
    assert (CARD.trial.cpus, CARD.trial.memory_gib, CARD.trial.cap_usd) == (4, 8, 2.0)
    assert CARD.primary_arm == "as-published"
    assert [name for name, arm in CARD.arms.items() if arm.quick] == ["as-published", "hardened"]
    named = [name for name, arm in CARD.arms.items() if not arm.comparable]
    assert named == ["mini-swe-agent", "single-turn", "trial", "gold"]
    assert {arm.thinking for arm in CARD.arms.values()} == {"on"}
    assert all(not arm.trial.hardened for name, arm in CARD.arms.items() if arm.trial and name == "as-published")
    assert all(arm.trial.network == "none" for arm in CARD.arms.values() if arm.trial and arm.trial.hardened)
