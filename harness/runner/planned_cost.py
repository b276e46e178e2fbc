"""What a task of a plan takes in tokens and dollars."""

from collections.abc import Sequence
from dataclasses import replace

from harness.contract import Card
from harness.endpoint.prices import Prices
from harness.endpoint.profile import Profile
from harness.runner.plan import Settings
from harness.runner.predict import Span, input_price, request_span, trial_span


def spans_of(card: Card, settings: Settings, profile: Profile) -> list[tuple[Span, Span]]:
    """Input and output tokens of one request, or of one trial, of each arm."""
    if card.trial is not None:
        return [trial_span(card.tokens_of(arm.arm), arm.thinking) for arm in settings.arms.values()]
    limit, extra = settings.max_tokens.value, profile.thinking_extra_tokens
    return [request_span(card.tokens_of(arm.arm), arm.thinking, limit, extra) for arm in settings.arms.values()]


def tokens_of(spans: Sequence[tuple[Span, Span]], requests_an_arm: int) -> tuple[Span, Span]:
    """Input and output tokens of so many requests in every arm."""
    start = Span(0, 0, 0, 0)
    return (
        sum((given for given, _ in spans), start) * requests_an_arm,
        sum((output for _, output in spans), start) * requests_an_arm,
    )


def usd_of(
    card: Card,
    settings: Settings,
    spans: Sequence[tuple[Span, Span]],
    requests_an_arm: int,
    prices: Prices | None,
    *,
    cached: bool = True,
) -> Span | None:
    """What the tokens cost; what a trial's turns send again counts as cached if so wished, but in the worst case.

    No trial may spend more than its cap; all that cost anything reach it in the worst case.
    """
    if prices is None:
        return None
    total = Span(0, 0, 0, 0)
    for arm, (given, output) in zip(settings.arms.values(), spans, strict=True):
        price = input_price(card.tokens_of(arm.arm), prices) if cached else prices.input
        usd = (given * price + output * prices.output) * 1e-6
        worst = (given.worst * prices.input + output.worst * prices.output) * 1e-6
        if settings.cap_usd is not None and worst > 0:
            low, typical, high, _ = (min(value, settings.cap_usd) for value in usd.values())
            usd, worst = Span(low, typical, high, 0), settings.cap_usd
        total += replace(usd, worst=worst) * requests_an_arm
    return total
