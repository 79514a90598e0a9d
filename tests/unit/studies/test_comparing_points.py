"""Ranks and effects against sums by hand, and how often alike points are told apart."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from pacsim.stats import BlockMeans, block_difference
from pacsim.studies.comparing_points import main_effects, rank_ranges
from tests.statistical import likely


def test_ranks_are_those_of_the_pairs_one_by_one() -> None:
    # Sees: another level, another number of blocks, a side exchanged.
    rng = np.random.default_rng(1)
    same = rng.normal(size=90)
    shifts = [0.0, 0.02, 0.04, 0.3, 0.31, 0.9]
    lengths = [90, 40, 16, 90, 64, 15]
    series = [
        BlockMeans((same + shift + 0.05 * rng.normal(size=90))[:length], last)
        for shift, length, last in zip(shifts, lengths, [20, 64, 64, 20, 64, 64], strict=True)
    ]
    for shown in (range(6), [0, 3]):
        ranks, comparisons = rank_ranges(series, list(shown))
        pairs = {frozenset(p) for p in itertools.product(shown, range(6)) if len(set(p)) > 1}
        assert comparisons == len(pairs)
        for place, k in enumerate(shown):
            better = worse = 0
            for other in set(range(6)) - {k}:
                of = block_difference(series[k], series[other], comparisons=comparisons)
                if of.lower is not None and of.upper is not None:
                    better += of.upper < 0
                    worse += of.lower > 0
            assert (ranks[place].best, ranks[place].worst) == (1 + better, 6 - worse)
    turned, _ = rank_ranges(
        [BlockMeans(-x.means, x.last) for x in series], [*range(6)], lowest=False
    )
    assert turned == rank_ranges(series, list(range(6)))[0]


def test_alike_points_are_seldom_told_apart() -> None:
    """1 000 times six points that differ by chance alone: at most one time in twenty."""
    rng = np.random.default_rng(2)
    wrong = 0
    for _ in range(1000):
        series = list(rng.normal(size=(6, 1)) * 0.0 + rng.normal(size=(6, 32)))
        ranks, _ = rank_ranges([BlockMeans(one) for one in series], list(range(6)))
        wrong += any(str(one) != "1-6" for one in ranks)
    likely(float(stats.binomtest(wrong, 1000, 0.05, alternative="greater").pvalue))
    # And it is no rule that never tells anything.
    assert wrong > 0


def test_an_effect_is_the_mean_over_its_pairs() -> None:
    rng = np.random.default_rng(3)
    cross = list(itertools.product("abc", "xy"))
    series = list(rng.normal(size=(6, 32)))
    labels = [{"one": one, "two": two} for one, two in cross]
    found = {
        (e.dimension, e.label): e
        for e in main_effects(
            {"one": "abc", "two": "xy"}, labels, [BlockMeans(one) for one in series]
        )
    }
    assert set(found) == {("one", "b"), ("one", "c"), ("two", "y")}
    gap = ((series[2] - series[0]) + (series[3] - series[1])) / 2
    by_scipy = stats.ttest_1samp(gap, 0.0).confidence_interval(1 - 0.05 / 3)
    of = found["one", "b"].estimate
    assert (of.lower, of.upper) == pytest.approx((by_scipy.low, by_scipy.high))
    assert found["two", "y"].pairs == 3


def test_pairs_that_lack_one_are_left_out() -> None:
    labels = [{"one": "a", "two": "x"}, {"one": "b", "two": "x"}, {"one": "b", "two": "y"}]
    series: list[BlockMeans | None] = [BlockMeans(np.full(20, x)) for x in (0.0, 1.0, 9.0)]
    (only,) = [
        e for e in main_effects({"one": "ab", "two": "xy"}, labels, series) if e.dimension == "one"
    ]
    assert (only.estimate.value, only.pairs) == (1.0, 1)
    series[0] = None
    assert [e.dimension for e in main_effects({"one": "ab", "two": "xy"}, labels, series)] == [
        "two"
    ]


def test_nothing_varied_has_no_effects() -> None:
    assert main_effects({"one": "a"}, [{"one": "a"}], [BlockMeans(np.zeros(20))]) == []
