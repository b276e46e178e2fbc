"""The instances are what they say, the same wherever they are made."""

import json
from pathlib import Path

import pytest

from harness.datasource import load_rows
from harness.runner.registry import find_task, load_task
from tests.instances import COMMANDS, INSTANCES, Edit, data_dir, history, multilingual_rows, patch_of, tasks_path

BASES = [
    "60e218a08367b7d60b233a947c2e5bd110bb1f28",
    "25279b679835f91bbb44601e4e874e6180333553",
    "7d5b4805ccf5ae8f1d9f522164326453f35b3ca4",
    "44dc13b14858b449af6a32b65db496ac170e5f4d",
    "daffedbd82bc03ae9250de4776e94c9c9d9ffbc1",
    "8aa5c967332ea880fd703a434109c557c6d5b33a",
]
"""Written down, because journals of recorded trials name them."""


def test_base_commits_never_change() -> None:
    assert [history(instance).base for instance in INSTANCES] == BASES


def test_each_issue_is_known_by_its_title() -> None:
    assert len(COMMANDS) == 6
    for title in COMMANDS:
        assert [title in instance.issue for instance in INSTANCES].count(True) == 1


def test_patches_differ_and_an_edit_must_fit() -> None:
    for instance in INSTANCES:
        made = history(instance)
        assert len({made.gold, made.wrong, made.test_patch, made.unappliable}) == 4
        assert instance.test_file not in made.gold + made.wrong
    with pytest.raises(ValueError, match="does not hold 'nothing' once"):
        patch_of(INSTANCES[0], [Edit("README.md", "nothing", "")])


@pytest.mark.parametrize("name", ["toy_multilingual", "toy_pro"])
def test_rows_are_read_by_the_benchmarks_own_tasks(name: str, tmp_path: Path) -> None:
    task = load_task(find_task(name, [tasks_path(tmp_path, INSTANCES)]))
    rows = load_rows(task.card.data, data_dir=data_dir(tmp_path, INSTANCES)).rows
    items = task.items(rows)
    assert sorted(item.category for item in items) == sorted(f"toy/{instance.name}" for instance in INSTANCES)
    of = {item.category: item.inputs for item in items}
    for instance in INSTANCES:
        inputs = of[f"toy/{instance.name}"]
        lists = [inputs.get(key) or inputs[key.lower()] for key in ("FAIL_TO_PASS", "PASS_TO_PASS")]
        assert lists == [list(instance.fail_to_pass), list(instance.pass_to_pass)]


def test_lists_are_text_as_in_the_data_set() -> None:
    for row in multilingual_rows(INSTANCES):
        assert json.loads(row["FAIL_TO_PASS"])
