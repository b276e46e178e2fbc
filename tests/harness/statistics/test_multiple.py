import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from harness.statistics import holm

PVALUES = st.lists(st.floats(0, 1), min_size=1, max_size=15)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@settings(max_examples=12)
@given(PVALUES)
def test_holm_agrees_with_statsmodels(pvalues: list[float]) -> None:
    assert holm(pvalues) == pytest.approx(multipletests(pvalues, method="holm")[1].tolist(), abs=1e-12)


@given(PVALUES)
def test_holm_never_lowers_a_p_value(pvalues: list[float]) -> None:
    assert all(after >= before for before, after in zip(pvalues, holm(pvalues), strict=True))


def test_a_planned_row_without_a_result_makes_the_others_harder() -> None:
    assert holm([0.03])[0] == 0.03
    assert holm([0.03, 1.0])[0] == pytest.approx(0.06)


def test_no_rows_no_values() -> None:
    assert holm([]) == []


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_holm_refuses_what_is_no_p_value(value: float) -> None:
    with pytest.raises(ValueError, match="is not a p-value"):
        holm([0.5, value])
