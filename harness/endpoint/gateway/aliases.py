"""Names that a client makes at random, hidden from the model behind names that are the same in every run."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness.contract import Message, Reply

_ESCAPED = r"(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})"
"""A word may follow an escaped character: a tool call's arguments are JSON inside a string."""


class Aliases:
    """The names of one trial, learnt from its requests.

    Args:
        patterns: each holds a name in its first group, where the client first tells it.
    """

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._patterns = patterns
        self._alias: dict[str, str] = {}

    def hide(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The messages as the model sees them.

        A new name's alias follows from the tool call whose result tells it, or else from the place of the message.
        """
        for place, message in enumerate(messages):
            self._learn(message.get("content"), str(message.get("tool_call_id") or place))
        return tuple(_mapped(message, self._alias) for message in messages)

    def show(self, reply: Reply) -> Reply:
        """The reply as the client understands it."""
        own = {alias: name for name, alias in self._alias.items()}
        text, thought = _mapped(reply.content, own), _mapped(reply.reasoning, own)
        return replace(reply, content=text, reasoning=thought, tool_calls=_mapped(reply.tool_calls, own))

    def _learn(self, content: Any, where: str) -> None:
        parts = content if isinstance(content, list) else [{"text": content}]
        text = "\n".join(str(part.get("text") or "") for part in parts)
        found = [match for pattern in self._patterns for match in pattern.finditer(text)]
        names = [match[1] for match in sorted(found, key=lambda match: match.start(1))]
        new = [name for name in dict.fromkeys(names) if name not in self._alias]
        self._alias |= {name: f"id{short(f'{where}/{n}')[:12]}" for n, name in enumerate(new)}


def short(text: str) -> str:
    """24 characters that follow from the text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _mapped(value: Any, names: Mapping[str, str]) -> Any:
    """The value with each name replaced where it is a word of its own."""
    if not names:
        return value
    longest_first = sorted(names, key=len, reverse=True)
    words = re.compile(rf"(?:(?<!\w)|{_ESCAPED})(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    return _replaced(value, words, names)


def _replaced(value: Any, words: re.Pattern[str], names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return words.sub(lambda found: names[found[0]], value)
    if isinstance(value, Mapping):
        return {key: _replaced(each, words, names) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_replaced(each, words, names) for each in value)
    return value
