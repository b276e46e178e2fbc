"""Money: the worst case of every request is reserved before it is sent and settled on what was used.

The sum of what was spent and what is reserved never exceeds the budget, however many requests are in flight, so a
small budget lowers concurrency instead of being overrun.
"""

import asyncio
import json
from collections import deque
from collections.abc import Mapping

from harness.contract import Reply, Request
from harness.endpoint.prices import Prices
from harness.errors import BudgetSpent, UsageError

_PER_MESSAGE = 64
_PER_REQUEST = 256
_ROUNDING = 1e-9


def input_bound(request: Request) -> int:
    """At most so many input tokens: a token is at least a byte; chat templates add a little per message."""
    messages = [dict(message) for message in request.messages]
    tools = [dict(tool) for tool in request.tools]
    text = json.dumps([*messages, *tools], ensure_ascii=False).encode("utf-8", "surrogatepass")
    return len(text) + _PER_MESSAGE * (len(messages) + len(tools)) + _PER_REQUEST


class Reservation:
    """The money set aside for one attempt. Settle it once; without a price all costs are None."""

    __slots__ = ("_open", "_prices", "_spend", "worst")

    def __init__(self, spend: "Spend", prices: Prices | None, worst: float) -> None:
        self._spend = spend
        self._prices = prices
        self._open = True
        self.worst = worst

    def settle(self, reply: Reply) -> float | None:
        """Charge a complete reply: as the provider says, else by its tokens, else the worst case. Returns USD."""
        self._spend.count(reply)
        if reply.cost_usd is not None:
            return self._close(reply.cost_usd)
        if self._prices is None:
            self._close(0.0)
            return None
        used = self._prices.cost(reply.usage)
        return self._close(self.worst if used is None else used)

    def lose(self, *, charged: bool) -> float | None:
        """Close a failed attempt: the worst case if the provider may have charged it, else nothing. Returns USD."""
        if self._open:
            self._spend.requests += 1
        cost = self._close(self.worst if charged else 0.0)
        return cost if self._prices is not None else None

    def release(self) -> None:
        """Give the money back: nothing was sent."""
        self._close(0.0)

    def _close(self, cost: float) -> float:
        if self._open:
            self._open = False
            self._spend.close(self.worst, cost)
        return cost


class Spend:
    """The account of one run.

    ``budget`` is in USD, None for no limit; ``prices`` are those of the model asked, or by model id where several
    are; ``already`` is what earlier sessions of the run spent. ``usd`` includes it; the token and request totals are
    of this session.

    Raises:
        UsageError: a budget was given and a price is not known.
    """

    def __init__(
        self, budget: float | None, prices: Prices | Mapping[str, Prices | None] | None, already: float = 0.0
    ) -> None:
        known = prices.values() if isinstance(prices, Mapping) else [prices]
        if budget is not None and any(price is None for price in known):
            raise UsageError(
                "--budget needs the price of every model asked, and at least one is not known: "
                "write prices into a profile file (--profile FILE), or leave --budget out."
            )
        self.budget = budget
        self.usd = already
        self.input_tokens = 0
        self.cached_tokens = 0
        self.output_tokens = 0
        self.requests = 0
        self._prices = prices
        self._reserved = 0.0
        self._in_flight = 0
        self._waiting: deque[tuple[float, asyncio.Future[None]]] = deque()

    def prices_of(self, model: str) -> Prices | None:
        """Prices of one model, if known."""
        return self._prices.get(model) if isinstance(self._prices, Mapping) else self._prices

    def worst_case(self, request: Request) -> float:
        """USD that one attempt of this request can cost at most; 0 where no price is known."""
        prices = self.prices_of(request.model)
        return prices.worst(input_bound(request), request.max_tokens) if prices else 0.0

    async def reserve(self, request: Request) -> Reservation:
        """Set the worst case of one attempt aside, in order of arrival, waiting while others may free money.

        Raises:
            BudgetSpent: nothing is in flight any more and it still does not fit.
        """
        prices = self.prices_of(request.model)
        worst = self.worst_case(request)
        if self.budget is not None and (self._waiting or not self._fits(worst)):
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append((worst, turn))
            self._serve()
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled() and turn.exception() is None:
                    self.close(worst, 0.0)
                else:
                    self._forget(turn)
                raise
        else:
            self._take(worst)
        return Reservation(self, prices, worst)

    def close(self, worst: float, cost: float) -> None:
        """Turn a reserved worst case into what was spent."""
        self._in_flight -= 1
        self._reserved = self._reserved - worst if self._in_flight else 0.0
        self.usd += cost
        self._serve()

    def count(self, reply: Reply) -> None:
        """Add a reply's tokens to the totals."""
        self.requests += 1
        self.input_tokens += reply.usage.input or 0
        self.cached_tokens += reply.usage.cached or 0
        self.output_tokens += reply.usage.output or 0

    def _fits(self, worst: float) -> bool:
        return self.budget is None or self.usd + self._reserved + worst <= self.budget + _ROUNDING

    def _take(self, worst: float) -> None:
        self._in_flight += 1
        self._reserved += worst

    def _forget(self, turn: asyncio.Future[None]) -> None:
        self._waiting = deque(entry for entry in self._waiting if entry[1] is not turn)
        self._serve()

    def _serve(self) -> None:
        """Let waiters in from the head; when none fits and nothing is in flight, the budget is spent for all."""
        while self._waiting:
            worst, turn = self._waiting[0]
            if turn.done():
                self._waiting.popleft()
            elif self._fits(worst):
                self._waiting.popleft()
                self._take(worst)
                turn.set_result(None)
            elif self._in_flight == 0:
                self._waiting.popleft()
                turn.set_exception(self._spent(worst))
            else:
                return

    def _spent(self, worst: float) -> BudgetSpent:
        budget = self.budget or 0.0
        return BudgetSpent(
            f"The budget of ${budget:.2f} does not cover the next request: ${self.usd:.4f} is spent and it may cost "
            f"up to ${worst:.4f}, ${max(0.0, self.usd + worst - budget):.4f} more than is left. "
            "The same command with a larger --budget goes on."
        )
