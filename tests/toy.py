"""The toy task as tests use it: where it is, its rows, and what an oracle knows of it."""

import json
from functools import cache
from pathlib import Path
from typing import Any

TASKS = Path(__file__).with_name("toy_tasks")
DATA = Path(__file__).with_name("toy_data")


@cache
def rows() -> tuple[dict[str, Any], ...]:
    """The 400 rows in file order."""
    text = (DATA / "toy_sum" / "rows.jsonl").read_text("utf-8")
    return tuple(json.loads(line) for line in text.splitlines())


def prompt(row: dict[str, Any]) -> str:
    """What the model is asked for a row."""
    return f'What is {row["a"]} + {row["b"]}? End with a line "Sum: N".'


def item_of() -> dict[str, str]:
    """Item id by prompt; every prompt is asked of one item only."""
    return {prompt(row): row["id"] for row in rows()}


def table(wrong_every: int = 0) -> dict[str, str]:
    """Prompt -> reply; every so-many-eth row in file order is answered wrongly."""
    return {
        prompt(row): f"I add.\nSum: {row['a'] + row['b'] + (1 if wrong_every and n % wrong_every == 0 else 0)}"
        for n, row in enumerate(rows())
    }
