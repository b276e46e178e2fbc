"""What the stand-in charges by its own price list, whatever its client believes."""

from collections.abc import Mapping
from dataclasses import dataclass

MILLION = 1_000_000


@dataclass
class Account:
    """Money spent and money that running requests may still cost, in USD; ``credit`` None is unlimited."""

    prices: Mapping[str, float]
    credit: float | None = None
    usd: float = 0.0
    held: float = 0.0

    def price(self, input_tokens: int, output_tokens: int) -> float:
        """The price of so many tokens."""
        return (input_tokens * self.prices["input"] + output_tokens * self.prices["output"]) / MILLION

    def charge(self, input_tokens: int, output_tokens: int) -> None:
        """Take the price of these tokens."""
        self.usd += self.price(input_tokens, output_tokens)

    def affordable(self, input_tokens: int) -> int | None:
        """How many output tokens the credit left still pays for; None without a limit."""
        if self.credit is None:
            return None
        left = self.credit - self.usd - self.held - self.price(input_tokens, 0)
        return max(0, int(left * MILLION / self.prices["output"]))
