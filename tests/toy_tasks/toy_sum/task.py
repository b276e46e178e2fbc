"""Sums of two numbers: the cheapest task that has everything a task has. For tests."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.contract import Arm, Card, Item, Message, Prompt, Reply, Score, Slot
from harness.grading.wording import Wording


class ToySum:
    """Asks for a sum and looks for it behind the last ``Sum:``."""

    def __init__(self, card: Card, wording: Wording) -> None:
        self.card = card
        self._wording = wording

    def check(self) -> None:
        """Nothing is needed."""

    def warm(self) -> None:
        """Nothing is needed."""

    def prompts(self) -> Mapping[str, Prompt]:
        """The one wording."""
        return {"default": self._wording.prompt}

    def items(self, rows: Sequence[Mapping[str, Any]]) -> list[Item]:
        """One item a row; the category is the parity of the sum."""
        return [Item(row["id"], {"a": row["a"], "b": row["b"]}, _parity(row["a"] + row["b"])) for row in rows]

    def messages(self, item: Item, repeat: int, arm: Arm) -> list[Message]:
        """The question alone."""
        return [{"role": "user", "content": self._wording.render(**item.inputs)}]

    def score(
        self, item: Item, repeat: int, arm: Arm, reply: Reply, judgements: Mapping[Slot, Reply] | None = None
    ) -> Score:
        """Right or wrong."""
        found = re.findall(r"Sum: (-?\d+)", reply.content)
        right = bool(found) and int(found[-1]) == item.inputs["a"] + item.inputs["b"]
        return Score({"right": (float(right), 1.0)}, extracted=found[-1] if found else None, parsed=bool(found))


def _parity(number: int) -> str:
    return "odd" if number % 2 else "even"


def load(card: Card, seed: int, prompt: str | None = None) -> ToySum:
    """The task with its own wording, or the user's."""
    text = Path(__file__).with_name("prompt.j2").read_text("utf-8") if prompt is None else prompt
    return ToySum(card, Wording(text, "written for the tests" if prompt is None else "the user's").checked(["a", "b"]))
