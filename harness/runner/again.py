"""A second look: truncated or empty answers asked again under a larger limit, for a diagnostic number.

Asking only those again draws them from easier luck, so the headline never changes: the number stands beside it.
"""

from harness.contract import Reply, Request
from harness.endpoint.profile import Profile
from harness.errors import UsageError
from harness.journal import Journal
from harness.runner.outcome import visible_reply
from harness.runner.plan import TaskPlan


def second_look(plan: TaskPlan, journal: Journal, profile: Profile, only: str, max_tokens: int) -> list[Request]:
    """The requests of a second look at the answers that are ``truncated`` or ``empty``.

    Raises:
        UsageError: the limit is not larger than the first one, or there is nothing to ask.
    """
    if max_tokens <= plan.max_tokens.value:
        raise UsageError(f"--max-tokens {max_tokens} is not above the first limit, {plan.max_tokens.value}")
    if profile.max_output_tokens is not None and max_tokens > profile.max_output_tokens:
        raise UsageError(f"--max-tokens {max_tokens} is above what {profile.name} allows ({profile.max_output_tokens})")
    found = []
    for entry in journal.entries("reply"):
        slot = entry.slot
        if slot.task != plan.name or slot.role != "answer" or entry.status != "ok" or slot.item not in plan.items:
            continue
        body = journal.body(entry)
        if body is None:
            continue
        reply = Reply.from_json(body["reply"])
        answer, _ = visible_reply(reply, profile.think_tags)
        if reply.truncated if only == "truncated" else not answer.content.strip():
            found.append(plan.request(plan.items[slot.item], slot.repeat, slot.arm, profile, again=max_tokens))
    if not found:
        raise UsageError(f"no answer of {plan.name} in this run is {only}: there is nothing to ask again")
    return found
