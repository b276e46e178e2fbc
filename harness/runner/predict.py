"""What a run may cost, before anything is asked."""

from collections.abc import Iterable, Mapping

from harness.contract import Request, TypicalTokens
from harness.endpoint.prices import Prices

ASK_ABOVE_USD = 5.0


def predicted_usd(
    requests: Iterable[Request], typical: Mapping[str, TypicalTokens], prices: Prices | None
) -> float | None:
    """The requests' typical tokens, by task, times the prices in USD per million; None where no price is known."""
    if prices is None:
        return None
    total = 0.0
    for request in requests:
        tokens = typical[request.slot.task]
        output = tokens.output_plain if request.thinking == "off" else tokens.output_thinking
        total += tokens.input * prices.input + min(output, request.max_tokens) * prices.output
    return total / 1e6
