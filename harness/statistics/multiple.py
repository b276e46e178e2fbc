"""Many rows tested at once."""

from collections.abc import Sequence


def holm(pvalues: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p-values, in the order given.

    S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6 (1979)
    65-70. The family is what the plan fixed: a planned row that has no result enters as 1.0.

    Raises:
        ValueError: for a value outside 0 to 1, or not a number.
    """
    for value in pvalues:
        if not 0 <= value <= 1:
            raise ValueError(f"{value} is not a p-value")
    adjusted = [1.0] * len(pvalues)
    running = 0.0
    for rank, index in enumerate(sorted(range(len(pvalues)), key=lambda i: pvalues[i])):
        running = max(running, min(1.0, (len(pvalues) - rank) * pvalues[index]))
        adjusted[index] = running
    return adjusted
