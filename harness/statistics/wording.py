"""Numbers as the verdict's sentences print them."""

from math import ceil, log10

from harness.statistics.compare import ReportedValue


def signed(value: float) -> str:
    """A difference with its sign: -0.40, +1.30, 0.00."""
    text = f"{value:+.2f}"
    return "0.00" if text in ("+0.00", "-0.00") else text


def printed(reported: ReportedValue) -> str:
    """The reported score with the digits it was printed with."""
    digits = max(0, ceil(-log10(reported.rounding_step))) if reported.rounding_step > 0 else 2
    return f"{reported.score:.{digits}f}"


def rounded_up(value: float) -> str:
    """One decimal, never less than the value."""
    return f"{ceil(value * 10 - 1e-6) / 10:.1f}"


def p_text(p: float) -> str:
    """A p-value: "p = 0.012", "p < 0.001"."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
