"""Two strata of which one is seen over more replications: means, covariance, quantiles."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from pacsim.stats import GroupedHistogram, Moments, StrataMoments, weights_of
from tests.statistical import agrees


def filled(usual: np.ndarray, rare: np.ndarray, most: int, cuts: tuple[int, ...]) -> StrataMoments:
    """Return the moments of parts, merged from the last to the first."""
    found = StrataMoments(usual.shape[1], most)
    bounds = [0, *cuts, len(rare)]
    for first, end in reversed(list(pairwise(bounds))):
        part = StrataMoments(usual.shape[1], most)
        part.add(usual[first:end], rare[first:end], first)
        found.merge(part)
    return found


def test_the_sum_of_both_by_hand() -> None:
    """Four terms, of which two are seen whole: usual 1, 3; rare 0, 2, 4, 6."""
    usual, rare = (
        np.array([[1.0], [3.0], [np.nan], [np.nan]]),
        np.array([[0.0], [2.0], [4.0], [6.0]]),
    )
    found = filled(usual, rare, 2, ())
    # Means 2 and 3. Variances 2 and 20 / 3, covariance of the first two 2:
    # 2 / 2 + (20 / 3) / 4 + 2 * 2 / 4 = 11 / 3.
    assert found.mean.tolist() == [5.0]
    assert found.covariance[0, 0] / found.n == pytest.approx(11.0 / 3.0)
    one = found.sum_of(np.ones(1))
    assert (one.value, one.n) == (5.0, 2)


def test_seen_everywhere_it_is_a_plain_mean() -> None:
    # Sees: a covariance that is left out, or taken once.
    rng = np.random.default_rng(1)
    shared = rng.gamma(1.0, size=(300, 1))
    usual, rare = rng.poisson(shared * [3.0, 1.0]), rng.poisson(shared * [0.2, 0.5])
    found = filled(usual.astype(float), rare.astype(float), 500, (64, 128))
    plain = Moments(2)
    plain.add(usual + rare)
    assert found.mean == pytest.approx(plain.mean)
    assert found.covariance == pytest.approx(plain.covariance)


def test_the_variance_is_that_of_many_repetitions() -> None:
    """Poisson counts of a rate that both strata of a term share, n = 40 of N = 320 terms.

    With gamma rates g of mean 1 and variance 1: usual has mean 2 and variance 2 + 4, rare 0.5 and
    0.5 + 0.25, their covariance is 1, so the variance of the sum of the means is
    6 / 40 + 0.75 / 320 + 2 / 320.
    """
    rng = np.random.default_rng(2)
    truth = 6.0 / 40.0 + 0.75 / 320.0 + 2.0 / 320.0
    means, variances = [], []
    for _ in range(400):
        rate = rng.gamma(1.0, size=(320, 1))
        one = StrataMoments(1, 40)
        one.add(rng.poisson(2.0 * rate).astype(float), rng.poisson(0.5 * rate).astype(float), 0)
        means.append(float(one.mean[0]))
        variances.append(float(one.covariance[0, 0]) / one.n)
    agrees(float(np.mean(means)), (truth / 400.0) ** 0.5, 2.5)
    agrees(float(np.mean(variances)), float(np.std(variances)) / 20.0, truth)


def test_any_parts_in_any_order_have_the_same_bits() -> None:
    rng = np.random.default_rng(3)
    usual, rare = rng.random((300, 3)), rng.random((300, 3))
    whole = filled(usual, rare, 150, ())
    for cuts in ((64,), (7, 150, 199), (128, 256)):
        parts = filled(usual, rare, 150, cuts)
        assert parts.mean.tobytes() == whole.mean.tobytes()
        assert parts.covariance.tobytes() == whole.covariance.tobytes()


def test_of_what_was_not_seen_the_usual_years_bound_it() -> None:
    found = filled(np.zeros((10, 2)), np.zeros((1000, 2)), 10, ())
    none = found.sum_of(weights_of(2, [0, 1]), exposure=70.0)
    # -log(0.025) / 70 years.
    assert (none.value, none.lower) == (0.0, 0.0)
    assert none.upper == pytest.approx(3.6888794541 / 70.0)


def test_what_may_be_below_zero_has_a_plain_interval() -> None:
    usual = np.array([[1.0], [-1.0], [2.0], [0.0]])
    of = filled(usual, np.zeros((4, 1)), 4, ()).sum_of(np.ones(1))
    assert of.method == "Student t"
    assert of.lower is not None
    assert of.lower < 0.0


def test_a_ratio_and_a_difference_over_both() -> None:
    usual = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0], [4.0, 8.0]])
    found = filled(usual, usual, 4, ())
    ratio = found.ratio_of(weights_of(2, [0]), weights_of(2, [1]))
    assert ratio.value == pytest.approx(0.5)
    of = found.difference(0, 1, 1)
    assert of.value == pytest.approx(5.0)
    # Differences 2, 4, 6, 8: variance 20 / 3, t of three degrees of freedom 3.18245.
    assert of.half_width == pytest.approx(3.1824463 * (20.0 / 3.0 / 4.0) ** 0.5)


# Quantiles


def test_values_weigh_by_the_years_of_their_stratum() -> None:
    # Ten values of 1 in 10 years, ninety of 100 in 900: 1 a year and 0.1 a year.
    found = GroupedHistogram()
    found.add(0, np.arange(10), np.full(10, 1.0))
    found.add(1, np.arange(90), np.full(90, 100.0))
    for p, value in ((0.5, 1.0), (0.9, 1.0), (0.92, 100.0)):
        assert found.estimate(p, (10.0, 900.0)).value == pytest.approx(value, rel=0.006)
    assert found.estimate(0.5, (900.0, 900.0)).value == pytest.approx(100.0, rel=0.006)
    assert (found.n, found.largest) == (100, 100.0)


def test_an_interval_covers_although_values_of_a_term_are_alike() -> None:
    """Terms of eight equal values: as many as there are terms; values alone would cover half."""
    rng = np.random.default_rng(4)
    covered, plain = 0, 0
    for _ in range(200):
        values = np.repeat(rng.exponential(size=100), 8)
        one = GroupedHistogram(1)
        one.add(0, np.repeat(np.arange(100), 8), values)
        of = one.estimate(0.5, [1.0])
        assert of.lower is not None
        assert of.upper is not None
        covered += of.lower <= np.log(2.0) <= of.upper
        apart = GroupedHistogram(1)
        apart.add(0, np.arange(800), values)
        of = apart.estimate(0.5, [1.0])
        assert of.lower is not None
        assert of.upper is not None
        plain += of.lower <= np.log(2.0) <= of.upper
    # Of 200 at 95 % fewer than 176 come in one of 10^4 times; at 60 % 176 never do.
    assert covered >= 176
    assert plain < 176


def test_few_values_have_no_ends_and_parts_merge() -> None:
    one, other = GroupedHistogram(), GroupedHistogram()
    assert one.estimate(0.5, (1.0, 1.0)).value is None
    one.add(0, np.array([3]), np.array([5.0]))
    alone = one.estimate(0.5, (1.0, 1.0))
    assert alone.value == pytest.approx(5.0, rel=0.006)
    assert (alone.lower, alone.upper) == (None, None)
    other.add(1, np.array([4]), np.array([0.0]))
    one.merge(other)
    assert one.n == 2
    assert one.estimate(0.5, (1.0, 1.0)).value == 0.0
