"""A trial at the head: its way to the model is opened, workers make and grade it, every step is a journal line."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

from harness.agentic.endings import blame, outcome_of, over_its_time
from harness.agentic.record import Record, Spent
from harness.agentic.scaffold import scaffold
from harness.agentic.spread import TRIES as WORKERS
from harness.agentic.spread import Lost, Spread
from harness.agentic.terms import Attempted, Graded, Infrastructure, Trial, Way
from harness.contract import Outcome, Reply, Request, Sampling, Slot, Thinking, Usage
from harness.endpoint.ask import Ask
from harness.endpoint.gateway import Gateway, Route
from harness.errors import RequestFailed, Stopped
from harness.journal import Journal

TURN = "turn"
"""The role of the slots of a trial's turns."""
TRIES = 2
"""How often in one session a trial is begun that fails for a cause outside of the agent's reach."""
IN_A_ROW = 10
"""So many trials that fail one after the other for such causes end the run: the next would too."""
_SAME_LIMIT = 0.98
"""Share of the limit that counts from which a limit counts as the same."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A trial to be made.

    ``trial`` is what its worker is told, still without a way to the model. ``attempt`` and ``grade`` are picklable
    functions that run on a worker. A reply cut at ``max_tokens`` is the model's own doing if these are
    ``counted_limit`` or more. ``asks`` False: no model takes part (gold patches).
    """

    slot: Slot
    trial: Trial
    attempt: Callable[[Trial], Attempted]
    grade: Callable[[Attempted, Trial], Graded]
    model: str
    sampling: Sampling
    thinking: Thinking
    max_tokens: int
    counted_limit: int
    cap_usd: float
    asks: bool = True


@dataclass
class _TrialRoute(Route):
    """A route that adds up the tokens of its replies."""

    usage: Usage = field(default_factory=Usage)

    def took(self, request: Request, reply: Reply) -> Reply:
        self.usage = _added(self.usage, reply.usage)
        return super().took(request, reply)


class Trials:
    """Makes trials, one journal for all. Called like ``ask``, with a planned trial.

    Args:
        journal: the run's.
        directory: the run's, for logs.
        ask: the only door to the model; closing the trials closes it.
        gateway: offers ``ask`` to the agents.
        host: the name under which workers reach the gateway.
        spread: where workers are.
    """

    def __init__(
        self, journal: Journal, directory: Path, ask: Ask, gateway: Gateway, host: str, spread: Spread
    ) -> None:
        self._journal = journal
        self._directory = directory
        self._ask = ask
        self._gateway = gateway
        self._host = host
        self._spread = spread
        self._failed = 0

    async def __call__(self, planned: Planned) -> Outcome:
        """The trial's outcome, durable; a recorded one is given as it is.

        Raises:
            RequestFailed: it could not be made or graded, for a cause outside of the agent's reach; a line says why.
            Stopped, Refused: the model can be asked no more, or :data:`IN_A_ROW` trials failed one after the other.
        """
        record = Record(self._journal, self._directory, planned.slot)
        known = record.outcome or await record.finish()
        if known is not None:
            return known
        for left in reversed(range(TRIES)):
            try:
                outcome = await self._once(planned, record)
                self._failed = 0
                return outcome
            except Infrastructure as fault:
                await record.failed(fault)
                if left == 0:
                    self._count(planned, fault)
                    raise RequestFailed(f"{planned.slot}: {fault}") from fault
        raise AssertionError("a trial ends in its loop")

    def close(self) -> None:
        """Ask the model nothing more: running trials end unfinished."""
        self._ask.close()

    def _count(self, planned: Planned, fault: Infrastructure) -> None:
        """Count a trial that failed for good; raises Stopped if it is one too many."""
        self._failed += 1
        if self._failed >= IN_A_ROW:
            raise Stopped(
                f"{IN_A_ROW} trials in a row failed for causes outside of the agents' reach, the last of them "
                f"{planned.slot}: {fault}. Mend that (`longcat-repro doctor` may help), and the same command goes on."
            ) from fault

    async def _once(self, planned: Planned, record: Record) -> Outcome:
        attempted, spent = record.ungraded() or await self._attempt(planned, record)
        found = await self._spread(planned.grade, attempted, planned.trial)
        outcome = outcome_of(attempted, spent, found)
        await record.graded(found, outcome)
        return outcome

    async def _attempt(self, planned: Planned, record: Record) -> tuple[Attempted, Spent]:
        if not planned.asks:
            left = await self._spread(planned.attempt, planned.trial)
            spent = Spent(0, Usage(), None, capped=False)
            await record.attempted(left, spent, {})
            return left, spent
        for again in reversed(range(WORKERS)):
            try:
                return await self._ask_and_attempt(planned, record)
            except Lost:
                if not again:
                    raise
        raise AssertionError("the last worker returns or raises")

    async def _ask_and_attempt(self, planned: Planned, record: Record) -> tuple[Attempted, Spent]:
        """One worker's attempt, on a route of its own: another is given the recorded turns from the first on."""
        route = _TrialRoute(
            name=secrets.token_hex(8),
            token=secrets.token_urlsafe(24),
            slot=replace(planned.slot, role=TURN),
            model=planned.model,
            sampling=planned.sampling,
            thinking=planned.thinking,
            max_tokens=planned.max_tokens,
            offered=planned.model,
            rewrites=scaffold(planned.trial.arm.scaffold).rewrites,
            cap_usd=planned.cap_usd,
        )
        self._gateway.open(route)
        way = Way(self._host, self._gateway.port, route.name, route.token, route.offered)
        try:
            left = await self._spread.once(planned.attempt, replace(planned.trial, way=way))
        except Infrastructure:
            _stop(route)
            raise
        finally:
            end = monotonic()
            self._gateway.close(route.name)
        if left.ended == "time":
            await self._gateway.settled(route.name)
        waited_s = route.waited_s(end)
        _stop(route)
        blame(route, left, waited_s, planned.trial.agent_s)
        left = over_its_time(left, route.replayed_s, waited_s, planned.trial.agent_s)
        left = replace(left, log=left.log.replace(route.token.encode(), b"token"))
        spent = Spent(
            turns=route.turns,
            usage=route.usage,
            cost_usd=route.spent_usd if route.priced else None,
            capped=route.refused_at_cap,
            cut=route.cut if planned.max_tokens < _SAME_LIMIT * planned.counted_limit else 0,
            provider=", ".join(sorted(route.providers)) or None,
            served_model=", ".join(sorted(route.served_models)) or None,
        )
        remarks = {
            "cap_usd": planned.cap_usd,
            "not_used": sorted(route.overridden),
            "waited_s": round(waited_s, 3),
            "replayed_s": round(route.replayed_s, 3),
        }
        await record.attempted(left, spent, remarks)
        return left, spent


def _stop(route: Route) -> None:
    """Raise what the run cannot go on with, if a request met it: budget, credit, key, Ctrl-C, a full disk."""
    for fault in route.faults:
        if not isinstance(fault, RequestFailed):
            raise fault


def _added(a: Usage, b: Usage) -> Usage:
    def add(x: int | None, y: int | None) -> int | None:
        return None if x is None and y is None else (x or 0) + (y or 0)

    return Usage(add(a.input, b.input), add(a.cached, b.cached), add(a.output, b.output), add(a.reasoning, b.reasoning))
