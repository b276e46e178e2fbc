"""A stand-in that knows the commands which solve each item, and sends them one a turn."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Self, TypeVar

from tests.standin import Answer, Standin

SUBMIT = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"
"""How mini-swe-agent is told that the work is done; it says so itself in its first message."""
HANDING_IN = (
    "git add --intent-to-add . && git diff --binary > patch.txt",
    "cat patch.txt",
    f"{SUBMIT} && cat patch.txt",
)
"""The steps by which it wants its patch made, looked at and handed in."""

DONE = "The work is done."
ASIDE = "Work on an issue"

T = TypeVar("T")


class CompetentAgent(Standin):
    """An OpenAI-compatible server that plays an agent; a context manager, like :class:`tests.standin.Standin`.

    It keeps no state: what it says follows from the conversation alone, so that replays and trials side by side work.

    Args:
        commands: a key, found in a user's message of the conversation, and the shell commands to send for it.
        replies: a key, and what to answer where no shell tool is offered (a patch, say).
        options: those of :class:`tests.standin.options.Options` (``model``, ``dialect``, ``faults``, ``latency``, ...).
    """

    def __init__(
        self, commands: Mapping[str, Sequence[str]], replies: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        self.commands = {key: tuple(each) for key, each in commands.items()}
        self.replies = dict(replies or {})
        super().__init__(self._answer, **options)

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    @property
    def url(self) -> str:
        """The address that a client is given, with ``/v1``."""
        return self.base_url

    def profile(self, **overrides: Any) -> dict[str, Any]:
        """As the stand-in's own, of a server that takes a top_k."""
        return super().profile(**{"top_k_off": -1, **overrides})

    def _answer(self, body: Mapping[str, Any]) -> Answer:
        said = [_text(message.get("content")) for message in body["messages"] if message["role"] == "user"]
        tool = next((name for name in _tools(body) if name.lower() == "bash"), None)
        if tool is None:
            return Answer(_found(self.replies, said) or ASIDE)
        steps = _found(self.commands, said) or ()
        turn = sum(message["role"] == "tool" for message in body["messages"])
        if any(SUBMIT in text for text in said):
            steps = (*steps, *HANDING_IN)
        return _call(tool, steps[turn]) if turn < len(steps) else Answer(DONE)


def _found(known: Mapping[str, T], said: Sequence[str]) -> T | None:
    """What is known for the first key that a message holds; of several in one message, the longest."""
    for text in said:
        if keys := [key for key in known if key in text]:
            return known[max(keys, key=len)]
    return None


def _tools(body: Mapping[str, Any]) -> list[str]:
    return [str(tool["function"]["name"]) for tool in body.get("tools") or ()]


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content)
    return str(content or "")


def _call(tool: str, command: str) -> Answer:
    return Answer("", finish="tool_calls", calls=((tool, json.dumps({"command": command})),))
