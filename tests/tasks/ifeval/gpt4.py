"""GPT-4's recorded replies to IFEval, which the benchmark's authors published, and what their checkers make of them."""

import json
from pathlib import Path
from typing import Any

import yaml

from harness.contract import Card, Item, Reply, Score
from harness.datasource import load_rows
from tasks.ifeval.task import IFEval, load
from tests.data import REPOSITORY, data_dir, real_data


def task() -> IFEval:
    """IFEval as its card says."""
    card = Card.model_validate(yaml.safe_load((REPOSITORY / "tasks" / "ifeval" / "card.yaml").read_text("utf-8")))
    return load(card, seed=0)


def real_rows() -> list[dict[str, Any]]:
    """The 541 rows; skips the test where they are not."""
    real_data("ifeval/input_data.jsonl")
    return load_rows(task().card.data, data_dir=data_dir()).rows


def recorded_replies() -> dict[str, str]:
    """GPT-4's replies by prompt."""
    path: Path = real_data("ifeval/input_response_data_gpt4_20231107_145030.jsonl")
    lines = [json.loads(line) for line in path.read_bytes().split(b"\n") if line]
    return {line["prompt"]: line["response"] for line in lines}


def expected_flags() -> dict[str, dict[str, list[bool]]]:
    """Per key the strict and loose flags by position, as the authors' own checkers gave them."""
    expected = json.loads(real_data("ifeval/gpt4_expected_scores.json").read_text("utf-8"))
    flags: dict[str, dict[str, list[bool]]] = expected["per_prompt_seed9"]
    return flags


def scored(ifeval: IFEval, item: Item, content: str) -> Score:
    """The score of one reply under the primary arm."""
    score = ifeval.score(item, 0, ifeval.card.arms[ifeval.card.primary_arm], Reply(content=content))
    assert isinstance(score, Score)
    return score


def flags(score: Score) -> dict[str, list[bool]]:
    """A score's strict and loose flags by position."""
    return {kind: [bool(each[kind]) for each in score.detail["instructions"]] for kind in ("strict", "loose")}
