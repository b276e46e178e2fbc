"""What differs from run to run, in the program's own words as two runs sent them."""

from harness.agentic.scaffolds.claude_code_settings import REWRITES
from harness.endpoint.gateway.asked import Asked
from tests.harness.endpoint.gateway.test_route import route

SYSTEM = """# Environment
 - Platform: linux
 - Shell: unknown
 - OS Version: Linux {kernel}
 - You are powered by the model toy-model."""
CONTEXT = "<system-reminder>\n# currentDate\nToday{mark}s date is {date}.\n\n      IMPORTANT: ...</system-reminder>"
MIDNIGHT = (
    "The date has changed. Today's date is now {date}. DO NOT mention this to the user explicitly because they are "
    "already aware."
)
SAVED = (
    "<persisted-output>\nOutput too large (98.1KB). Full output saved to: /opt/claude-code/config/projects/-testbed/"
    "69b98702/tool-results/{task}.txt\n\nPreview (first 2KB):\n"
)
RUNS = "Command running in background with ID: {task}. Output is being written to: /opt/.../tasks/{task}.output."
NOTICE = (
    "<task-notification>\n<task-id>{task}</task-id>\n<usage><subagent_tokens>9</subagent_tokens><tool_uses>1</tool_uses>"
    "<duration_ms>{took}</duration_ms></usage>\n</task-notification>"
)
SUBAGENT = (
    "Done.\nagentId: {agent} (use SendMessage with to: '{agent}')\n"
    "<usage>subagent_tokens: 9\ntool_uses: 1\nduration_ms: {took}</usage>"
)
LAUNCHED = "Async agent launched successfully.\nagentId: {agent} (internal ID - do not mention to user.)"
TREE = "Created worktree at /testbed/.claude/worktrees/{tree} on branch worktree-{tree}."
SEARCH = "- The current month is {month} \u2014 use this when searching for recent information."

TODAY = {"kernel": "6.18.44-fc-v595", "mark": "'", "date": "2026-11-23", "task": "bdhrx5d81", "took": "273"}
TODAY |= {"agent": "a52eea57c77e6f44f", "tree": "immutable-petting-wozniak", "month": "November 2026"}
LATER = {"kernel": "5.10.0 #1 SMP", "mark": "\u2019", "date": "2027/03/01", "task": "bg2wxvjkj", "took": "9"}
LATER |= {"agent": "a92e68541603f621d", "tree": "wise-tumbling-panda", "month": "March 2027"}


def asked(words: dict[str, str], *, midnight: bool) -> Asked:
    said = [("system", SYSTEM), ("user", CONTEXT), ("tool", SAVED), ("tool", RUNS), ("tool", SUBAGENT), ("tool", TREE)]
    said.append(("tool", LAUNCHED))
    messages = [
        {"role": role, "content": text.format(**words)} | ({"tool_call_id": f"call_{n}"} if role == "tool" else {})
        for n, (role, text) in enumerate(said)
    ]
    if midnight:
        messages.append({"role": "system", "content": MIDNIGHT.format(**words)})
    messages.append({"role": "system", "content": NOTICE.format(**words)})
    tool = {"type": "function", "function": {"name": "WebSearch", "description": SEARCH.format(**words)}}
    return Asked(tuple(messages), (tool,), None, True)


def test_a_request_of_another_day_on_another_machine_is_the_same() -> None:
    first = route(rewrites=REWRITES).request(asked(TODAY, midnight=False), {})
    later = route(rewrites=REWRITES).request(asked(LATER, midnight=True), {})
    assert first == later
    assert "Today's date is 2026-01-01." in first.messages[1]["content"]
    assert not any(word in str(first) for word in TODAY.values() if len(word) > 3)


FILE = """\
Today's date is 2024-02-30. The current month is May 2020
OS Version: Windows 11
 - OS Version: {os}
duration_ms: 500
<duration_ms>500</duration_ms>
<usage>cp SOURCE TARGET</usage>
ID: benchmark
agentId: a52eea57c77e6f44f
benchmark = "/tool-results/b12345678"
git worktree add .claude/worktrees/a-b-c
The date has changed. Today's date is now 2024-02-30. DO NOT mention this to anybody."""


def test_a_file_of_the_repository_reaches_the_model_as_it_is() -> None:
    read = {"role": "tool", "tool_call_id": "call_1", "content": FILE}
    said = {"role": "assistant", "content": FILE}
    later = {"role": "tool", "tool_call_id": "call_2", "content": "Command running in background with ID: bdhrx5d81."}
    request = route(rewrites=REWRITES).request(Asked((read, said, later), (), None, True), {})
    assert request.messages == (read, said, later)


def test_what_the_agent_is_told_of_other_systems_stays() -> None:
    issue = "Mon Nov 23 2026-11-23; 127.0.0.1:8000/index; ID: 7; took 12 ms\n - OS Version: Windows 11"
    request = route(rewrites=REWRITES).request(Asked(({"role": "user", "content": issue},), (), None, True), {})
    assert request.messages[0]["content"] == issue
