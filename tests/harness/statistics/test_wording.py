import pytest

from harness.statistics import ReportedValue
from harness.statistics.wording import p_text, printed, rounded_up, signed


@pytest.mark.parametrize(
    ("value", "text"), [(-0.4, "-0.40"), (1.3, "+1.30"), (0.0, "0.00"), (-0.0001, "0.00"), (0.0001, "0.00")]
)
def test_signed(value: float, text: str) -> None:
    assert signed(value) == text


@pytest.mark.parametrize(("step", "text"), [(0.1, "90.0"), (0.01, "90.00"), (1.0, "90"), (0.0, "90.00")])
def test_printed(step: float, text: str) -> None:
    assert printed(ReportedValue(90.0, 2.0, rounding_step=step)) == text


@pytest.mark.parametrize(("value", "text"), [(2.0, "2.0"), (2.01, "2.1"), (2.1, "2.1"), (0.04, "0.1")])
def test_rounded_up(value: float, text: str) -> None:
    assert rounded_up(value) == text


@pytest.mark.parametrize(("p", "text"), [(0.0, "p < 0.001"), (0.0123, "p = 0.012"), (1.0, "p = 1.000")])
def test_p_text(p: float, text: str) -> None:
    assert p_text(p) == text
