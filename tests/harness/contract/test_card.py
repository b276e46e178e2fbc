from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.contract import Card

TESTS = Path(__file__).parents[2]
TASKS = TESTS.parent / "tasks"


def toy(**changes: Any) -> Card:
    path = TESTS / "toy_tasks" / "toy_sum" / "card.yaml"
    return Card.model_validate({**yaml.safe_load(path.read_text("utf-8")), **changes})


def arm(**values: Any) -> dict[str, Any]:
    return {"title": "an arm", "thinking": "on", **values}


TRIAL = {"scaffold": "claude-code"}
LIMITS = {"cpus": 4, "memory_gib": 8, "agent_hours": 3, "grading_minutes": 60, "infrastructure": ["image"], "why": "so"}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"headline": "recall"}, "headline 'recall' is not among the metrics"),
        ({"sampling": {"temperature": 1.0}}, "sampling needs a temperature and a top_p"),
        ({"arms": {"a": arm()}}, "exactly one arm must be marked primary"),
        ({"arms": {"a": arm(primary=True), "b": arm(primary=True)}}, "exactly one arm must be marked primary"),
        ({"arms": {"a": arm(primary=True, trial=TRIAL)}}, "scored: outcomes and trial"),
        ({"arms": {"a": arm(primary=True, trial=TRIAL)}, "trial": LIMITS}, "scored: outcomes and trial"),
        ({"trial": {**LIMITS, "cpus": 0}}, "greater than 0"),
        ({"misspelt": 1}, "Extra inputs are not permitted"),
    ],
)
def test_a_card_that_contradicts_itself_is_refused(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        toy(**changes)


def test_the_arm_of_outcomes_made_elsewhere_is_one_that_no_trial_is_made_in() -> None:
    tried = {"a": arm(primary=True, trial=TRIAL)}
    own = {"scored": "outcomes", "trial": LIMITS}
    assert toy(arms=tried, **own).recorded_arm == "a"
    assert toy(arms={**tried, "b": arm()}, **own).recorded_arm == "b"
    assert toy(arms={**tried, "b": arm()}, **own).primary_arm == "a"


@pytest.mark.parametrize("path", sorted(TASKS.glob("*/card.yaml")), ids=lambda path: path.parent.name)
def test_every_card_is_named_as_its_folder_and_can_be_read_back(path: Path) -> None:
    card = Card.model_validate(yaml.safe_load(path.read_text("utf-8")))
    assert card.name == path.parent.name
    assert Card.model_validate_json(card.model_dump_json()) == card
