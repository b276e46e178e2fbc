"""The stand-in that plays an agent, asked as scaffolds ask it."""

import json
import urllib.request
from typing import Any

from tests.agents import HANDING_IN, SUBMIT, CompetentAgent

COMMANDS = {"the sum is wrong": ["ls", "sed -i s/-/+/ calc.py"], "the sum is wrong again": ["true"]}


def tool(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}


def said(role: str, content: Any) -> dict[str, Any]:
    return {"role": role, "content": content}


def next_of(agent: CompetentAgent, messages: list[dict[str, Any]], *tools: str) -> tuple[str, str | None]:
    """The tool called and its command, or "" and what is said."""
    body = {"model": "toy-model", "messages": messages, "tools": [tool(name) for name in tools]}
    asked = urllib.request.Request(
        f"{agent.url}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        message = json.load(answer)["choices"][0]["message"]
    if "tool_calls" not in message:
        return "", message["content"]
    function = message["tool_calls"][0]["function"]
    return function["name"], json.loads(function["arguments"])["command"]


def test_it_sends_one_command_a_turn_and_ends_in_words() -> None:
    issue = said("user", [{"type": "text", "text": "Fix it: the sum is wrong."}])
    result = said("tool", "calc.py")
    with CompetentAgent(COMMANDS) as agent:
        turns = [next_of(agent, [issue, *[result] * n], "Edit", "Bash") for n in range(3)]
        assert len(agent.chats) == 3
    assert turns == [("Bash", "ls"), ("Bash", "sed -i s/-/+/ calc.py"), ("", "The work is done.")]


def test_it_hands_its_work_in_where_it_was_told_to() -> None:
    issue = said("user", f"the sum is wrong. When done: {SUBMIT} && cat patch.txt")
    with CompetentAgent(COMMANDS) as agent:
        last = [next_of(agent, [issue, *[said("tool", "")] * n], "bash") for n in range(2, 5)]
    assert last == [("bash", command) for command in HANDING_IN]
    assert last[-1] == ("bash", f"{SUBMIT} && cat patch.txt")


def test_without_a_shell_it_answers_in_words() -> None:
    issue = said("user", "the sum is wrong")
    with CompetentAgent(COMMANDS, {"the sum": "diff --git a/calc.py b/calc.py"}) as agent:
        assert next_of(agent, [issue]) == ("", "diff --git a/calc.py b/calc.py")
        assert next_of(agent, [said("user", "Make a title")]) == ("", "Work on an issue")


def test_the_longest_key_counts_and_an_unknown_issue_is_given_up() -> None:
    with CompetentAgent(COMMANDS) as agent:
        assert next_of(agent, [said("user", "the sum is wrong again")], "bash") == ("bash", "true")
        assert next_of(agent, [said("user", "something else")], "bash") == ("", "The work is done.")
