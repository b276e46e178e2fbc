"""What the stand-in answers: behaviours are functions from a request's body to an answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import permutations
from pathlib import Path
from typing import Any

STRANGE = "甲\u2028乙\u2029丙\x85丁\r戊\r\n己\x1c\x0b\x0c\x1e😀é\ufeff\u200b data: [DONE]\n\nend"
"""Text that line iterators, careless decoders and naive SSE parsers spoil."""

TOKEN_CHARS = 4
"""The stand-in's token is four characters."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be generated; ``calls`` are tool calls as (name, arguments)."""

    content: str
    reasoning: str = ""
    finish: str = "stop"
    calls: tuple[tuple[str, str], ...] = ()


Behaviour = Callable[[Mapping[str, Any]], Answer]


def tokens(text: str) -> int:
    """The stand-in's own count of a text's tokens."""
    return -(-len(text) // TOKEN_CHARS)


def prompt_of(body: Mapping[str, Any]) -> str:
    """The text of the last user message."""
    return next(str(m["content"]) for m in reversed(body["messages"]) if m["role"] == "user")


def identity(body: Mapping[str, Any]) -> str:
    """What makes two requests the same question: messages and seed, hashed."""
    return sha256(json.dumps([body["messages"], body.get("seed")], sort_keys=True).encode()).hexdigest()


def echo(body: Mapping[str, Any]) -> Answer:
    """Answer with the prompt."""
    return Answer(prompt_of(body))


def uniform(body: Mapping[str, Any]) -> Answer:
    """Guess one of four letters, evenly and always the same for the same messages and seed."""
    return Answer(f"I guess.\n\nAnswer: {'ABCD'[int(identity(body), 16) % 4]}")


def caller(body: Mapping[str, Any]) -> Answer:
    """Call the first tool offered with the prompt as its argument; echo where there is none."""
    if not body.get("tools"):
        return echo(body)
    name = body["tools"][0]["function"]["name"]
    arguments = json.dumps({"text": prompt_of(body)}, ensure_ascii=False)
    return Answer("", finish="tool_calls", calls=((name, arguments),))


def oracle(table: Mapping[str, str] | Path) -> Behaviour:
    """Answer from a table of prompt -> reply, or a JSONL file of {prompt, reply|response}; KeyError for others."""
    replies = _read(table) if isinstance(table, Path) else dict(table)
    return lambda body: Answer(replies[prompt_of(body)])


def chooser(questions: Sequence[tuple[str, Sequence[str]]]) -> Behaviour:
    """Answer multiple-choice questions rightly from (right option, its three wrong options) of each question.

    The question is found in the prompt by its four options, listed in any order as ``A) text`` or ``(A) text``.
    """
    known = [(_plain(right), [_plain(option) for option in (right, *wrong)]) for right, wrong in questions]

    def answer(body: Mapping[str, Any]) -> Answer:
        prompt = _plain(prompt_of(body))
        for right, options in known:
            if all(option in prompt for option in options):
                for order in permutations(options):
                    if any(_listing(order, mark) in prompt for mark in ("", "(")):
                        return Answer(f"It is among them.\n\nAnswer: {'ABCD'[order.index(right)]}")
        raise KeyError("no known question has these options")

    return answer


def _listing(options: Sequence[str], mark: str) -> str:
    return " ".join(f"{mark}{letter}) {text}" for letter, text in zip("ABCD", options, strict=True))


def _plain(text: str) -> str:
    return " ".join(text.replace(" [title]", ". ").split())


def _read(path: Path) -> dict[str, str]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    return {row["prompt"]: row["reply"] if "reply" in row else row["response"] for row in rows}


BEHAVIOURS: dict[str, Behaviour] = {"echo": echo, "uniform": uniform, "caller": caller}
"""Behaviours that need nothing; ``oracle`` needs a table and ``silence`` is the server's own."""
