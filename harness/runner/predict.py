"""What a run may cost, before anything is asked."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass

from harness.contract import Request, Thinking, TypicalTokens
from harness.endpoint.prices import Prices

ASK_ABOVE_USD = 5.0


@dataclass(frozen=True, slots=True)
class Span:
    """A forecast: at half the typical length, at the typical one, at double it, and with every reply at its limit."""

    low: float
    typical: float
    high: float
    worst: float

    def values(self) -> tuple[float, ...]:
        """The four, in this order."""
        return astuple(self)

    def __add__(self, other: "Span") -> "Span":
        return Span(*(a + b for a, b in zip(self.values(), other.values(), strict=True)))

    def __mul__(self, factor: float) -> "Span":
        return Span(*(value * factor for value in self.values()))


def typical_output(tokens: TypicalTokens, thinking: Thinking, max_tokens: int) -> int:
    """Output tokens of a typical request; where thinking has no switch the model is taken to think."""
    return min(tokens.output_plain if thinking == "off" else tokens.output_thinking, max_tokens)


def request_span(
    tokens: TypicalTokens, thinking: Thinking, max_tokens: int, extra_tokens: int = 0
) -> tuple[Span, Span]:
    """Input and output tokens of one request. Input is known better: it is doubled only in the worst case.

    ``extra_tokens`` may be charged beyond ``max_tokens`` (a provider that counts thinking apart).
    """
    output = typical_output(tokens, thinking, max_tokens)
    given = float(tokens.input)
    return (
        Span(given, given, given, 2 * given),
        Span(output / 2, output, min(2 * output, max_tokens), max_tokens + extra_tokens),
    )


def trial_span(tokens: TypicalTokens, thinking: Thinking) -> tuple[Span, Span]:
    """Input and output tokens of one trial: of all its turns, whose number no limit on a reply bounds."""
    given, output = float(tokens.input), tokens.output_plain if thinking == "off" else tokens.output_thinking
    return Span(given / 2, given, 2 * given, 2 * given), Span(output / 2, output, 2 * output, 2 * output)


def predicted_usd(
    requests: Iterable[Request], typical: Mapping[str, TypicalTokens], prices: Prices | None
) -> float | None:
    """The requests' typical tokens, by task, times the prices in USD per million; None where no price is known."""
    if prices is None:
        return None
    total = 0.0
    for request in requests:
        tokens = typical[request.slot.task]
        output = typical_output(tokens, request.thinking, request.max_tokens)
        total += tokens.input * prices.input + output * prices.output
    return total / 1e6


def predicted_trials_usd(
    trials: Iterable[tuple[TypicalTokens, Thinking, float]], prices: Prices | None
) -> float | None:
    """The same of whole trials, each given as its task's typical tokens, its thinking and its cap in USD."""
    if prices is None:
        return None
    total = 0.0
    for tokens, thinking, cap in trials:
        output = tokens.output_plain if thinking == "off" else tokens.output_thinking
        total += min(cap, (tokens.input * input_price(tokens, prices) + output * prices.output) / 1e6)
    return total


def input_price(tokens: TypicalTokens, prices: Prices) -> float:
    """USD per million input tokens, of which the card's share is read from the provider's cache."""
    return (1 - tokens.cached_share) * prices.input + tokens.cached_share * prices.cached_input
