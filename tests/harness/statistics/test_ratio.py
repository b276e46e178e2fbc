from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t
from statsmodels.regression.linear_model import WLS

from harness.statistics import Sample, estimate, plus_four_variance
from tests.harness.statistics.build import draw, repeated, sample, single


def test_one_repeat_is_a_proportion_with_wilson_and_the_sample_variance() -> None:
    found = single(416, 541)
    share = 416 / 541
    assert (found.k, found.n, found.replies, found.repeats) == (416, 541, 541, (1, 1))
    assert found.score == pytest.approx(100 * share)
    assert found.var_rerun == pytest.approx(1e4 * share * (1 - share) / 540)
    assert found.rerun_is_bound
    assert found.interval_kind == "population"
    assert [round(end, 1) for end in found.interval] == [73.2, 80.2]


def test_two_repeats_by_hand() -> None:
    found = repeated(right=5, wrong=2, mixed=3)
    means = np.array([1] * 5 + [0] * 2 + [0.5] * 3)
    assert found.score == pytest.approx(65)
    assert found.k == 13
    assert found.var_rerun == pytest.approx(1e4 * (3 * 0.5 / 2) / 10**2)
    assert found.var_one_repeat == pytest.approx(2 * found.var_rerun)
    assert found.var_population == pytest.approx(1e4 * means.var(ddof=1) / 10)
    assert not found.rerun_is_bound
    assert found.interval_kind == "rerun"
    shares = np.array([0.5] * 3 + [0.0] * 7)
    assert found.freedom == pytest.approx(2 * shares.sum() ** 2 / (10 * shares.var(ddof=1)))
    half = t.ppf(0.975, found.freedom) * np.sqrt(found.var_rerun)
    assert found.interval == pytest.approx((65 - half, 65 + half), abs=0.02)


def test_with_unequal_repeats_items_weigh_alike_and_single_replies_take_the_pooled_variance() -> None:
    found = estimate((sample([[1, 0, 1], [1, 1], [0]]),), planned_items=3)
    s2 = (2 / 3) / 2
    pooled = (2 / 3) / 3
    assert found.score == pytest.approx(100 * (2 / 3 + 1 + 0) / 3)
    assert found.repeats == (1, 3)
    assert found.var_rerun == pytest.approx(1e4 * (s2 / 3 + 0 / 2 + pooled) / 9)
    assert found.k == 4


def test_with_few_items_repeated_the_spread_over_items_still_bounds() -> None:
    found = estimate((sample([[1, 0], [1], [0], [1], [0]]),), planned_items=5)
    assert found.rerun_is_bound
    assert found.var_rerun == pytest.approx(1e4 * np.var([0.5, 1, 0, 1, 0], ddof=1) / 5)


def test_a_ratio_is_clustered_by_item_as_weighted_least_squares_does() -> None:
    rng = np.random.default_rng(5)
    den = rng.integers(1, 4, 200).astype(float)
    num = rng.binomial(den.astype(int), rng.beta(4, 1, 200)).astype(float)
    found = estimate((Sample.of(range(200), [0] * 200, num, den),), planned_items=200)
    fit = WLS(num / den, np.ones(200), weights=den).fit(cov_type="HC1")
    assert found.score == pytest.approx(100 * num.sum() / den.sum())
    assert found.score == pytest.approx(100 * fit.params[0])
    assert found.var_rerun == pytest.approx(1e4 * fit.bse[0] ** 2)
    assert found.k is None


def test_a_composite_is_the_mean_of_its_parts_and_knows_their_correlation() -> None:
    prompts, same = sample([[1], [0], [1], [1]]), sample([[2], [0], [2], [2]], [[2]] * 4)
    alone, both = estimate((prompts,), planned_items=4), estimate((prompts, same), planned_items=4)
    assert both.score == pytest.approx(alone.score)
    assert both.var_rerun == pytest.approx(alone.var_rerun)
    opposite = sample([[0], [1], [0], [0]])
    cancelled = estimate((sample([[1], [0], [1], [1]]), opposite), planned_items=4)
    assert cancelled.score == pytest.approx(50)
    assert both.k is None


@pytest.mark.parametrize(("k", "n"), [(0, 30), (30, 30), (1, 1)])
def test_all_right_or_all_wrong_is_not_certainty(k: int, n: int) -> None:
    found = single(k, n)
    assert found.var_rerun == pytest.approx(1e4 * plus_four_variance(k, n))
    assert found.var_population == pytest.approx(1e4 * plus_four_variance(k, n))


def test_all_right_twice_counts_all_replies() -> None:
    found = repeated(right=30, wrong=0, mixed=0)
    assert found.var_rerun == pytest.approx(1e4 * plus_four_variance(60, 60))


def test_repeats_that_never_differ_are_not_certainty() -> None:
    found = repeated(right=20, wrong=10, mixed=0)
    assert found.var_rerun == pytest.approx(1e4 / (30 + 4) / 60)


def test_the_degrees_of_freedom_match_the_spread_of_the_variance() -> None:
    """Satterthwaite's rule: the variance estimates of runs stray like a chi-square of at least so many degrees."""
    rng = np.random.default_rng(8)
    p = rng.beta(0.3, 0.1, 60)
    runs = [estimate((draw(rng, p, 3),), planned_items=60) for _ in range(1200)]
    variances = np.array([run.var_rerun for run in runs])
    strayed = 2 * variances.mean() ** 2 / variances.var()
    assert strayed / 2 < np.median([run.freedom for run in runs]) < 1.1 * strayed


def test_no_degrees_of_freedom_are_invented() -> None:
    assert repeated(right=20, wrong=10, mixed=0).freedom == 4
    assert repeated(right=30, wrong=0, mixed=0).freedom == inf
    assert single(30, 30).freedom == inf
    assert single(176, 198).freedom < single(99, 198).freedom
    mostly_chosen = repeated(right=20, wrong=10, mixed=0, subset_of=3000)
    assert mostly_chosen.freedom > 4


def test_a_random_subset_adds_the_luck_of_which_items() -> None:
    found = repeated(right=5, wrong=2, mixed=3, subset_of=40)
    means = np.array([1] * 5 + [0] * 2 + [0.5] * 3)
    between, own = means.var(ddof=1) / 10, (3 * 0.5 / 2) / 100
    assert found.var_rerun == pytest.approx(1e4 * (0.75 * between + 0.25 * own))
    assert found.var_floor == pytest.approx(1e4 * 0.75 * (between - own))
    assert repeated(right=5, wrong=2, mixed=3).var_floor == 0


def test_an_unfinished_run_is_a_random_subset_of_its_plan() -> None:
    assert repeated(5, 2, 3, planned_items=40).var_rerun == repeated(5, 2, 3, subset_of=40).var_rerun


def test_two_stage_variance_is_right_on_average() -> None:
    rng = np.random.default_rng(11)
    population = rng.beta(0.6, 0.4, 40)
    scores, variances = [], []
    for _ in range(1500):
        chosen = rng.choice(population, 20, replace=False)
        found = estimate((draw(rng, chosen, 3),), planned_items=20, subset_of=40)
        scores.append(found.score)
        variances.append(found.var_rerun)
    assert np.mean(variances) == pytest.approx(np.var(scores), rel=0.12)


@pytest.mark.parametrize(("planned", "subset"), [(9, None), (10, 9), (20, 15)])
def test_counts_of_items_must_not_decrease(planned: int, subset: int | None) -> None:
    with pytest.raises(ValueError, match="must not decrease"):
        estimate((sample([[1.0]] * 10),), planned_items=planned, subset_of=subset)


def test_the_parts_must_stand_on_the_same_rows() -> None:
    with pytest.raises(ValueError, match="same rows"):
        estimate((sample([[1], [0]]), sample([[1, 0]])), planned_items=2)
    with pytest.raises(ValueError, match="at least one part"):
        estimate((), planned_items=2)


REPLIES = st.lists(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=4), min_size=2, max_size=25)


@given(REPLIES, st.randoms())
def test_the_order_of_rows_does_not_matter(replies: list[list[float]], random: object) -> None:
    ordered = sample(replies)
    order = list(range(ordered.item.size))
    random.shuffle(order)
    shuffled = Sample(*(getattr(ordered, name)[order] for name in ("item", "repeat", "num", "den")))
    a, b = (estimate((s,), planned_items=len(replies)) for s in (ordered, shuffled))
    assert a.score == pytest.approx(b.score)
    assert a.var_rerun == pytest.approx(b.var_rerun)
    assert a.var_population == pytest.approx(b.var_population)
    assert a.k == b.k


@given(st.integers(2, 5), st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=2, max_size=25))
def test_equal_repeats_follow_the_formula(repeats: int, rows: list[list[bool]]) -> None:
    x = np.array(rows, dtype=float)[:, :repeats]
    found = estimate((sample(x.tolist()),), planned_items=len(x))
    assert found.score == pytest.approx(100 * x.mean())
    assert found.k == x.sum()
    if x.var(axis=1).any():
        assert found.var_rerun == pytest.approx(1e4 * (x.var(axis=1, ddof=1) / repeats).sum() / len(x) ** 2)
    assert found.var_rerun > 0


@given(REPLIES)
def test_intervals_hold_the_score_and_stay_on_the_scale(replies: list[list[float]]) -> None:
    found = estimate((sample(replies),), planned_items=len(replies))
    for low, high in (found.interval, found.rerun_interval(0.9), found.population_interval(0.9)):
        assert 0 <= low <= found.score + 1e-9
        assert found.score - 1e-9 <= high <= 100
