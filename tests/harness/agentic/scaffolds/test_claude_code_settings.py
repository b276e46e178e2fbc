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
SAVED = "Full output saved to: /opt/claude-code/config/projects/-testbed/69b98702/tool-results/{task}.txt\n\nPreview"
RUNS = "Command running in background with ID: {task}. Output is being written to: /opt/.../tasks/{task}.output."
NOTICE = "<task-notification>\n<task-id>{task}</task-id>\n<duration_ms>{took}</duration_ms>"
SUBAGENT = "agentId: {agent} (use SendMessage with to: '{agent}')\n<usage>tool_uses: 1\nduration_ms: {took}</usage>"
TREE = "Created worktree at /testbed/.claude/worktrees/{tree} on branch worktree-{tree}."
SEARCH = "- The current month is {month} \u2014 use this when searching for recent information."

TODAY = {"kernel": "6.18.44-fc-v595", "mark": "'", "date": "2026-11-23", "task": "bdhrx5d81", "took": "273"}
TODAY |= {"agent": "a52eea57c77e6f44f", "tree": "immutable-petting-wozniak", "month": "November 2026"}
LATER = {"kernel": "5.10.0 #1 SMP", "mark": "\u2019", "date": "2027/03/01", "task": "bg2wxvjkj", "took": "9"}
LATER |= {"agent": "a92e68541603f621d", "tree": "wise-tumbling-panda", "month": "March 2027"}


def asked(words: dict[str, str], *, midnight: bool) -> Asked:
    said = [("system", SYSTEM), ("user", CONTEXT), ("tool", SAVED), ("tool", RUNS), ("tool", SUBAGENT), ("tool", TREE)]
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


def test_what_the_agent_reads_of_dates_and_systems_stays() -> None:
    text = "Mon Nov 23 2026-11-23; Linux 6.18; 127.0.0.1:8000/index; ID: 7; took 12 ms"
    request = route(rewrites=REWRITES).request(Asked(({"role": "user", "content": text},), (), None, True), {})
    assert request.messages[0]["content"] == text
