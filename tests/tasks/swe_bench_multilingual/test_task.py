import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.contract import Card, Outcome, OutcomeTask, Reply
from harness.datasource import load_rows
from harness.errors import DataUnavailable, UsageError
from tasks.swe_bench_multilingual.task import SWEBenchMultilingual, load
from tests.data import REPOSITORY

FOLDER = REPOSITORY / "tasks" / "swe_bench_multilingual"
CARD = Card.model_validate(yaml.safe_load((FOLDER / "card.yaml").read_text("utf-8")))
SAMPLES: list[dict[str, Any]] = [json.loads(line) for line in (FOLDER / "sample.jsonl").read_bytes().splitlines()]


def task() -> SWEBenchMultilingual:
    return load(CARD, seed=0)


def rows_in(folder: Path, rows: list[dict[str, Any]]) -> Card:
    """A card whose first door is a file with these rows."""
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    door = CARD.data.doors[0].model_copy(update={"path": "rows.jsonl"})
    return CARD.model_copy(
        update={"data": CARD.data.model_copy(update={"doors": [door, CARD.data.doors[1]], "rows": len(rows)})}
    )


def test_the_samples_are_items_that_can_be_scored() -> None:
    items = task().items(SAMPLES)
    assert [(item.id, item.category) for item in items] == [
        ("sample__abacus-1", "sample/abacus"),
        ("sample__abacus-2", "sample/abacus"),
        ("sample__lantern-3", "sample/lantern"),
    ]
    assert items[0].inputs["FAIL_TO_PASS"] == ["test_1"]
    task().check()
    assert isinstance(task(), OutcomeTask)
    counts = task().score_outcome(items[0], Outcome(True)).counts
    assert {name for metric in CARD.metrics.values() for name in metric.of} == set(counts)


def test_lists_and_json_text_are_the_same() -> None:
    listed = [row | {"FAIL_TO_PASS": json.loads(row["FAIL_TO_PASS"]), "PASS_TO_PASS": []} for row in SAMPLES]
    assert task().items(listed) == task().items(SAMPLES)


def test_rows_that_nobody_pinned_are_told_with_their_hash(tmp_path: Path) -> None:
    card = rows_in(tmp_path, SAMPLES)
    found = load_rows(card.data, data_dir=tmp_path)
    assert found.door.endswith(f"whose rows the card does not pin by hash; these have {found.sha256}")
    assert load_rows(card.data, data_dir=tmp_path).sha256 == found.sha256


def test_rows_of_an_old_revision_are_refused_naming_the_one_that_is_read(tmp_path: Path) -> None:
    card = rows_in(tmp_path, [{name: value for name, value in row.items() if name != "image"} for row in SAMPLES])
    with pytest.raises(DataUnavailable, match=r"no column 'image'.*Multilingual at revision 846e647b"):
        load_rows(card.data, data_dir=tmp_path)


def test_rows_without_what_swebench_needs_cannot_be_tried() -> None:
    [old, *_] = task().items([{k: v for k, v in SAMPLES[0].items() if k not in ("image", "eval_script")}])
    with pytest.raises(UsageError, match=r"has no image, eval_script\. swebench 5 evaluates the rows of revision 846e"):
        task().gold(old)


def test_a_correction_takes_an_instance_out_of_one_number_alone() -> None:
    row = SAMPLES[0] | {"instance_id": "jqlang__jq-2839"}
    [item] = task().items([row])
    score = task().score_outcome(item, Outcome(False))
    assert score.counts == {"resolved": (0.0, 1.0), "resolved_of_recorded": (0.0, 1.0)}
    assert score.detail["correction"] == "exclude"


def test_the_wording_names_the_folder_and_the_issue_and_the_other_scaffolds_get_the_issue_alone() -> None:
    told = {"folder": "/testbed", "issue": "<b>It & that</b>"}
    said = task().instruction(CARD.arms["as-published"], **told)
    assert "The git repository in /testbed" in said
    assert "<issue>\n<b>It & that</b>\n</issue>" in said
    assert task().instruction(CARD.arms["mini-swe-agent"], **told) == told["issue"]
    assert task().instruction(CARD.arms["single-turn"], **told) == told["issue"]
    assert {arm.prompt for arm in CARD.arms.values()} <= set(task().prompts())


def test_nothing_can_be_asked_of_it() -> None:
    [item, *_] = task().items(SAMPLES)
    arm = CARD.arms[CARD.primary_arm]
    with pytest.raises(UsageError, match="tried in containers"):
        task().messages(item, 0, arm)
    with pytest.raises(UsageError, match="tried in containers"):
        task().score(item, 0, arm, Reply("resolved"))


def test_both_cards_try_alike() -> None:
    other = Card.model_validate(yaml.safe_load((FOLDER.parent / "swe_bench_pro" / "card.yaml").read_text("utf-8")))
    assert CARD.arms == other.arms
    assert CARD.trial is not None
    assert other.trial is not None
    assert CARD.trial.model_dump(exclude={"grading_minutes", "infrastructure", "why"}) == other.trial.model_dump(
        exclude={"grading_minutes", "infrastructure", "why"}
    )
    assert (CARD.data.rows, CARD.headline, CARD.suites["code-sample"]) == (300, "resolved", 40)
