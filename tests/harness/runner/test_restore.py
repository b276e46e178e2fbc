from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.errors import DataUnavailable, UsageError
from harness.runner.restore import restore_plans
from tests import toy
from tests.harness.runner.making import THINKING, manifest, profile, reported, task_folder, toy_plan, toy_ref

SAME = "class Task(ToySum):\n    pass"


@pytest.mark.parametrize(
    "settings",
    [
        {"limit": 5, "repeats": 3, "temperature": 0.5, "max_tokens": 77},
        {"ref": toy_ref(seed=9, prompt="{{ a }} and {{ b }}"), "limit": 4},
        {"endpoint": profile(thinking=THINKING), "arms": ("plain",), "limit": 4},
        {"table": reported(sampling={"temperature": 0.7}, max_tokens=512), "limit": 2},
        {"sample": True},
    ],
)
def test_a_plan_comes_back_from_its_manifest(settings: dict[str, Any]) -> None:
    plan = toy_plan(**settings)
    assert restore_plans(manifest([plan]), toy.DATA, [toy.TASKS]) == [plan]


def test_the_folder_of_a_users_task_is_remembered() -> None:
    plan = toy_plan(limit=1)
    assert restore_plans(manifest([plan]), toy.DATA) == [plan]


def test_other_rows_are_refused_and_missing_ones_too(tmp_path: Path) -> None:
    made = manifest([toy_plan(limit=2)])
    made["identity"]["tasks"]["toy_sum"]["rows_sha256"] = "0" * 64
    with pytest.raises(UsageError, match=r"asked the rows with hash 0000.*--data-dir"):
        restore_plans(made, toy.DATA)
    with pytest.raises(DataUnavailable):
        restore_plans(manifest([toy_plan(limit=2)]), tmp_path)


def test_an_arm_that_is_gone_from_the_card_is_refused() -> None:
    made = manifest([toy_plan(limit=2)])
    made["identity"]["tasks"]["toy_sum"]["arms"] = {"thinking": "none", "older": "on"}
    with pytest.raises(UsageError, match="toy_sum has no arm older any more"):
        restore_plans(made, toy.DATA)


def test_a_task_that_is_gone_is_refused(tmp_path: Path) -> None:
    ref = task_folder(tmp_path, "gone", SAME)
    made = manifest([toy_plan(ref=ref, limit=1)])
    assert [plan.name for plan in restore_plans(made, toy.DATA)] == ["gone"]
    for file in Path(ref.folder).glob("*.*"):
        file.unlink()
    with pytest.raises(UsageError, match="no task is called 'gone'"):
        restore_plans(made, toy.DATA)


def test_a_card_that_changed_since_is_used_as_it_is_now(tmp_path: Path) -> None:
    ref = task_folder(tmp_path, "moving", SAME)
    plan = toy_plan(ref=ref, limit=1)
    made = manifest([plan])
    card = Path(ref.folder, "card.yaml")
    card.write_text(card.read_text("utf-8").replace("output_limit: 4096", "output_limit: 9999"), "utf-8")
    restored = restore_plans(made, toy.DATA)[0]
    assert restored.card_sha256 != plan.card_sha256
    assert (restored.max_tokens.value, restored.counted_limit) == (4096, 4096)
    assert replace(restored, card=plan.card, card_sha256=plan.card_sha256) == plan
