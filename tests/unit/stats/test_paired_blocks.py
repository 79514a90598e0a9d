"""Differences over blocks: Student's interval by scipy, its coverage, and what has no interval."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pacsim.stats import BlockMeans, Estimate, block_difference, linearised
from tests.statistical import likely


def between(first: np.ndarray, second: np.ndarray, last: int = 64, **more: int) -> Estimate:
    return block_difference(BlockMeans(first, last), BlockMeans(second, last), **more)


def test_the_interval_is_students_over_blocks() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 40))
    found = between(a, b)
    by_scipy = stats.ttest_rel(b, a).confidence_interval(0.95)
    assert found.value == pytest.approx(float((b - a).mean()))
    assert (found.lower, found.upper) == pytest.approx((by_scipy.low, by_scipy.high))
    assert found.n == 40 * 64


def test_only_blocks_that_both_have() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=(2, 40))
    assert between(a, b[:20]) == between(a[:20], b[:20])


def test_comparisons_together_share_the_level() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, 40))
    by_scipy = stats.ttest_rel(b, a).confidence_interval(1 - 0.05 / 10)
    found = between(a, b, comparisons=10)
    assert (found.lower, found.upper) == pytest.approx((by_scipy.low, by_scipy.high))


def test_rare_differences_have_the_freedom_of_their_blocks() -> None:
    # Sees: as many degrees of freedom as blocks, where three of a hundred say anything.
    a = np.zeros(100)
    b = np.zeros(100)
    b[[5, 50, 80]] = [1.0, 2.0, 3.0]
    error = b.std(ddof=1) / 10
    assert between(a, b).half_width == pytest.approx(stats.t.isf(0.025, 2) * error)


@pytest.mark.parametrize(
    ("a", "b", "value"),
    [
        (np.zeros(15), np.arange(15.0), 7.0),  # fewer than 16 blocks
        (np.ones(64), np.ones(64), 0.0),  # the same
        (np.zeros(64), np.eye(64)[3] * 64, 1.0),  # one block
    ],
)
def test_what_has_no_interval(a: np.ndarray, b: np.ndarray, value: float) -> None:
    found = between(a, b)
    assert (found.value, found.lower, found.upper) == (value, None, None)


def test_nothing_in_common() -> None:
    assert between(np.zeros(0), np.zeros(64)).value is None
    assert linearised(BlockMeans(np.ones(3)), BlockMeans(np.zeros(3))) is None


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """4 000 pairs of block means that are normal and alike but for a shift of 0.3."""
    rng = np.random.default_rng(6)
    held = 0
    for _ in range(4000):
        same = rng.normal(size=24)
        a, b = same + 0.2 * rng.normal(size=(2, 24))
        found = between(a, b + 0.3)
        assert found.lower is not None
        assert found.upper is not None
        held += found.lower <= 0.3 <= found.upper
    likely(float(stats.binomtest(held, 4000, 0.95).pvalue))


def test_the_spread_of_a_ratio_is_that_of_its_linear_part() -> None:
    """Against the delta method on the two means, and their covariance."""
    rng = np.random.default_rng(7)
    below = rng.gamma(4.0, size=4000)
    top = 3.0 * below + rng.normal(size=4000)
    made = linearised(BlockMeans(top), BlockMeans(below))
    assert made is not None
    ratio = top.mean() / below.mean()
    cov = np.cov(top, below)
    variance = (cov[0, 0] - 2 * ratio * cov[0, 1] + ratio**2 * cov[1, 1]) / below.mean() ** 2
    assert made.mean == pytest.approx(ratio)
    assert float(made.means.var(ddof=1)) == pytest.approx(variance)


def blocks_of(terms: np.ndarray) -> BlockMeans:
    """Return the means of blocks of 64 terms, the last of those that are left."""
    means = [terms[k : k + 64].mean() for k in range(0, len(terms), 64)]
    return BlockMeans(np.array(means), len(terms) % 64 or 64)


def test_a_last_block_that_is_not_whole_counts_by_its_terms() -> None:
    """Mean over all 1 300 terms, and scipy's interval over 20 whole blocks narrowed by the rest."""
    # Sees: the rest left out, or as heavy as a whole block.
    first, second = np.random.default_rng(8).normal(size=(2, 1300))
    found = block_difference(blocks_of(first), blocks_of(second))
    gap = second - first
    by_scipy = stats.ttest_1samp(gap[:1280].reshape(20, 64).mean(axis=1), 0.0)
    half = by_scipy.confidence_interval(0.95).high - gap[:1280].mean()
    assert found.n == 1300
    assert found.value == pytest.approx(gap.mean())
    assert found.half_width == pytest.approx(half * (1280 / 1300) ** 0.5)


def test_the_rest_of_one_is_no_part_of_another() -> None:
    """Of 1 300 and 1 600 terms the 1 280 in whole blocks are known of both."""
    first, second = np.random.default_rng(9).normal(size=(2, 1600))
    found = block_difference(blocks_of(first[:1300]), blocks_of(second))
    assert found == block_difference(blocks_of(first[:1280]), blocks_of(second[:1280]))


def test_intervals_with_a_last_block_hold_the_truth_as_often_as_they_say() -> None:
    """2 000 pairs of 17 blocks, the last of which has 40 terms."""
    rng = np.random.default_rng(10)
    sizes = np.array([64.0] * 16 + [40.0])
    held = 0
    for _ in range(2000):
        a, b = rng.normal(size=(2, 17)) / np.sqrt(sizes)
        found = between(a, b, 40)
        assert found.lower is not None
        assert found.upper is not None
        held += found.lower <= 0.0 <= found.upper
    likely(float(stats.binomtest(held, 2000, 0.95).pvalue))


def test_a_ratio_is_that_of_all_terms() -> None:
    rng = np.random.default_rng(11)
    below = rng.gamma(4.0, size=200)
    top = 3.0 * below + rng.normal(size=200)
    made = linearised(blocks_of(top), blocks_of(below))
    assert made is not None
    assert made.mean == pytest.approx(top.mean() / below.mean())
