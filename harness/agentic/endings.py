"""Whose doing the end of an attempt was, and what the trial came to."""

from dataclasses import replace

from harness.agentic.record import Spent
from harness.agentic.terms import Attempted, Graded, Infrastructure
from harness.contract import Outcome
from harness.endpoint.faults import FailedForGood
from harness.endpoint.gateway import Route

PATIENCE = 0.05
"""The part of its time that an agent may have waited for an endpoint that did not answer, and still be out of time by
its own doing."""
_THE_ITEMS_OWN = ("moderation",)
"""Faults of a request that the item brought about: forbidden words. All else at the first request is a fault of how the
endpoint is asked: its address, its model's template, our limits."""
_THE_AGENTS_OWN = ("rejected", "moderation", "model_output", "unsendable")
"""Faults of a request that an agent's conversation brought about: a context that overflows, an unreadable call."""


def blame(route: Route, left: Attempted, waited_s: float, agent_s: float) -> None:
    """Raise Infrastructure if the agent did not end by itself and its endpoint is to blame.

    That is so if it was out of time and had waited for its endpoint for a good part of it; if it broke off without
    having had a reply; and if it broke off after its last request had failed, not for what it held. What an agent has
    got over since, in a side request for instance, excuses nothing.
    """
    if left.ended == "time" and waited_s > PATIENCE * agent_s:
        raise Infrastructure(
            "endpoint",
            f"the agent was out of time after {agent_s:.0f} s, for {waited_s:.0f} of which its requests waited for "
            "the endpoint (limits, failed attempts); a lower --concurrency may help",
        )
    if left.ended not in ("crashed", "memory") or route.refused_at_cap:
        return
    own = _THE_AGENTS_OWN if route.turns else _THE_ITEMS_OWN
    if isinstance(route.lost, FailedForGood) and route.lost.kind not in own:
        raise Infrastructure("endpoint", str(route.lost))
    if not route.turns and route.lost is None:
        raise Infrastructure("scaffold", f"the agent's program ended before it had a reply: {left.detail}")


def over_its_time(left: Attempted, replayed_s: float, waited_s: float, agent_s: float) -> Attempted:
    """What the attempt is if the replies that the journal gave at once had taken the time they once took."""
    took = left.seconds + replayed_s - waited_s
    if left.ended != "done" or not replayed_s or took <= agent_s:
        return left
    words = f"{took:.0f} s with the {replayed_s:.0f} s that its recorded replies had taken, of {agent_s:.0f} s"
    return replace(left, ended="time", detail=words)


def outcome_of(left: Attempted, spent: Spent, found: Graded) -> Outcome:
    """Resolved if the tests say so and the agent ended by itself, or because our cap was spent.

    An agent that was out of time, memory, disk or turns, or broke off, is not resolved, whatever it left.
    """
    ended = left.ended == "done" or (spent.capped and found.resolved)
    return Outcome(
        resolved=found.resolved and ended,
        how=found.how if ended else f"{found.how} (agent: {left.ended})",
        capped=spent.capped,
        cut=spent.cut,
        failed_tests=tuple(sorted(name for name, status in found.tests.items() if status != "PASSED")),
        turns=spent.turns,
        seconds=round(left.seconds, 3),
        usage=spent.usage,
        cost_usd=spent.cost_usd,
        provider=spent.provider,
        served_model=spent.served_model,
    )
