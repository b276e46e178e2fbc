"""What a run may cost, before anything is asked."""

from collections.abc import Sequence

from harness.endpoint.prices import Prices
from harness.runner.plan import TaskPlan

ASK_ABOVE_USD = 5.0


def predicted_usd(plans: Sequence[TaskPlan], prices: Prices | None) -> float | None:
    """Requests times the cards' typical tokens times the prices in USD per million; None where no price is known."""
    if prices is None:
        return None
    total = 0.0
    for plan in plans:
        typical = plan.card.typical_tokens
        for arm in plan.arms.values():
            output = typical.output_plain if arm.thinking == "off" else typical.output_thinking
            output = min(output, plan.max_tokens.value)
            each = typical.input * prices.input + output * prices.output
            total += len(plan.order) * plan.repeats * each / 1e6
    return total
