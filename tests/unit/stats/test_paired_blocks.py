"""Differences over blocks: Student's interval by scipy, its coverage, and what has no interval."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pacsim.stats import block_difference, linearised
from tests.statistical import likely


def test_the_interval_is_students_over_blocks() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 40))
    found = block_difference(a, b)
    by_scipy = stats.ttest_rel(b, a).confidence_interval(0.95)
    assert found.value == pytest.approx(float((b - a).mean()))
    assert (found.lower, found.upper) == pytest.approx((by_scipy.low, by_scipy.high))
    assert found.n == 40 * 64


def test_only_blocks_that_both_have() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=(2, 40))
    assert block_difference(a, b[:20]) == block_difference(a[:20], b[:20])


def test_comparisons_together_share_the_level() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, 40))
    by_scipy = stats.ttest_rel(b, a).confidence_interval(1 - 0.05 / 10)
    found = block_difference(a, b, comparisons=10)
    assert (found.lower, found.upper) == pytest.approx((by_scipy.low, by_scipy.high))


def test_rare_differences_have_the_freedom_of_their_blocks() -> None:
    # Sees: as many degrees of freedom as blocks, where three of a hundred say anything.
    a = np.zeros(100)
    b = np.zeros(100)
    b[[5, 50, 80]] = [1.0, 2.0, 3.0]
    error = b.std(ddof=1) / 10
    assert block_difference(a, b).half_width == pytest.approx(stats.t.isf(0.025, 2) * error)


@pytest.mark.parametrize(
    ("a", "b", "value"),
    [
        (np.zeros(15), np.arange(15.0), 7.0),  # fewer than 16 blocks
        (np.ones(64), np.ones(64), 0.0),  # the same
        (np.zeros(64), np.eye(64)[3] * 64, 1.0),  # one block
    ],
)
def test_what_has_no_interval(a: np.ndarray, b: np.ndarray, value: float) -> None:
    found = block_difference(a, b)
    assert (found.value, found.lower, found.upper) == (value, None, None)


def test_nothing_in_common() -> None:
    assert block_difference(np.zeros(0), np.zeros(64)).value is None
    assert linearised(np.ones(3), np.zeros(3)) is None


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """4 000 pairs of block means that are normal and alike but for a shift of 0.3."""
    rng = np.random.default_rng(6)
    held = 0
    for _ in range(4000):
        same = rng.normal(size=24)
        a, b = same + 0.2 * rng.normal(size=(2, 24))
        found = block_difference(a, b + 0.3)
        assert found.lower is not None
        assert found.upper is not None
        held += found.lower <= 0.3 <= found.upper
    likely(float(stats.binomtest(held, 4000, 0.95).pvalue))


def test_the_spread_of_a_ratio_is_that_of_its_linear_part() -> None:
    """Against the delta method on the two means, and their covariance."""
    rng = np.random.default_rng(7)
    below = rng.gamma(4.0, size=4000)
    top = 3.0 * below + rng.normal(size=4000)
    made = linearised(top, below)
    assert made is not None
    ratio = top.mean() / below.mean()
    cov = np.cov(top, below)
    variance = (cov[0, 0] - 2 * ratio * cov[0, 1] + ratio**2 * cov[1, 1]) / below.mean() ** 2
    assert float(made.mean()) == pytest.approx(ratio)
    assert float(made.var(ddof=1)) == pytest.approx(variance)
