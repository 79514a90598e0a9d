"""Estimates against scipy and numpy, which this package's own code does not use for them."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from pacsim import stats
from tests.close import close

LEVEL = 0.95


@given(st.lists(st.integers(1, 90), min_size=1, max_size=12), st.integers(0, 2**31))
def test_moments_do_not_depend_on_batches(sizes: list[int], seed: int) -> None:
    """The same rows in other portions give the same bits, and numpy's figures."""
    rng = np.random.default_rng(seed)
    rows = rng.lognormal(3.0, 2.0, (sum(sizes), 3))
    whole, parts = stats.Moments(3), stats.Moments(3)
    whole.add(rows)
    first = 0
    for size in sizes:
        parts.add(rows[first : first + size])
        first += size
    assert whole.n == parts.n == len(rows)
    assert (whole.mean == parts.mean).all()
    assert (whole.covariance == parts.covariance).all()
    assert np.allclose(whole.mean, rows.mean(axis=0), rtol=1e-12)
    if len(rows) > 1:
        assert np.allclose(whole.covariance, np.cov(rows.T), rtol=1e-9)


def test_mean_interval_is_students() -> None:
    """Against scipy's t; a normal quantile in its place would be 17 % too short for ten."""
    rows = np.array([3.0, 5.0, 4.0, 9.0, 1.0, 2.0, 2.5, 7.0, 6.0, 4.5])
    found = stats.mean_interval(rows.mean(), rows.var(ddof=1), len(rows))
    expected = scipy.stats.t.interval(LEVEL, 9, rows.mean(), scipy.stats.sem(rows))
    assert found.lower == close(expected[0], 1e-12)
    assert found.upper == close(expected[1], 1e-12)


@pytest.mark.parametrize(("k", "n"), [(0, 50), (1, 50), (25, 50), (49, 50), (50, 50), (3, 10**6)])
def test_proportions_are_clopper_and_pearsons(k: int, n: int) -> None:
    """Against scipy's exact binomial interval, at both ends too."""
    found = stats.proportion_interval(k, n)
    expected = scipy.stats.binomtest(k, n).proportion_ci(LEVEL, "exact")
    assert found.lower == close(expected.low, 1e-6)
    assert found.upper == close(expected.high, 1e-6)


def test_ratio_interval_is_the_delta_method() -> None:
    """Against the residuals x - R y, written out."""
    rng = np.random.default_rng(5)
    y = rng.exponential(2.0, 400)
    x = 3.0 * y + rng.normal(0.0, 1.0, 400)
    found = stats.ratio_interval(x.mean(), y.mean(), np.cov(x, y), 400)
    r = x.mean() / y.mean()
    error = (x - r * y).std(ddof=1) / math.sqrt(400) / y.mean()
    assert found.value == close(r, 1e-12)
    assert found.half_width == close(error * scipy.stats.t.ppf(0.975, 399), 1e-9)


def test_quantiles_of_the_histogram() -> None:
    """Within the stated width of a bin of numpy's, over ten decades; zeros stay zeros."""
    values = np.random.default_rng(3).lognormal(0.0, 4.0, 20_001)
    histogram = stats.LogHistogram()
    histogram.add(values)
    for p in (0.05, 0.5, 0.95, 0.999):
        exact = np.quantile(values, p, method="inverted_cdf")
        assert abs(histogram.quantile(p) / exact - 1) < 1.01 * histogram.ERROR
    low = stats.LogHistogram()
    low.add(np.array([0.0, 0.0, 0.0, 5.0]))
    assert low.quantile(0.5) == 0.0
    assert low.worst_mean(0.25) == close(5.0, histogram.ERROR)


def test_the_interval_of_a_quantile_covers() -> None:
    """Of 400 samples of 200, about 95 % of the intervals hold the true median."""
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(400):
        histogram = stats.LogHistogram()
        histogram.add(rng.exponential(1.0, 200))
        found = histogram.estimate(0.5)
        assert found.lower is not None
        assert found.upper is not None
        held += found.lower <= math.log(2.0) <= found.upper
    # Binomial(400, 0.95) lies below 360 with probability 3e-5.
    assert held >= 360


def test_stopping_looks_are_fixed_and_rare() -> None:
    """Looks grow, end at the ceiling, and need something to have happened."""
    rule = stats.Sequential(0.1, first=64)
    looks = list(rule.looks(10_000))
    assert looks[0] == 64
    assert looks[-1] == 10_000
    assert all(b > a for a, b in itertools.pairwise(looks))
    assert len(looks) < 30
    sure = stats.Estimate(1.0, 0.95, 1.05, 1000, "")
    assert rule.done(sure, 50)
    assert not rule.done(sure, 49)
    assert not rule.done(stats.Estimate(1.0, 0.8, 1.2, 1000, ""), 500)
    assert not rule.done(stats.Estimate(0.0, 0.0, 0.0, 1000, ""), 500)
