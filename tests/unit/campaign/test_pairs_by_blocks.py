"""Differences of a comparison are those of a study: by blocks of terms, in whatever steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from pacsim import compare, sweep
from pacsim.campaign.figure_blocks import FigureBlocks
from pacsim.campaign.pairs import paired_means
from pacsim.campaign.tally import MeanFigure
from pacsim.stats import BlockMeans, Estimate, Moments
from tests.unit.studies.made import small

if TYPE_CHECKING:
    from pacsim.design import Design
    from pacsim.results.rows import Row


def named(name: str, repair: str) -> Design:
    """Return a small design of a name whose server is repaired in so long."""
    return small(
        name=name,
        parts={
            "server": {"type": "component", "ttf": "90 days", "ttr": repair},
            "net": {"type": "component", "ttf": "2 years", "ttr": "1 day"},
        },
    )


def bits(one: Row) -> tuple[object, ...]:
    return (one.measure, one.estimate, one.lower, one.upper, one.n, one.method, one.note)


@pytest.mark.parametrize("terms", [10, 1024, 1100, 1984, 2000])
def test_one_pair_never_shows_two_intervals(terms: int) -> None:
    """To the bit, whether the last block is whole or not; a study has none of few terms."""
    # Sees: another method in one of the two; another number of comparisons; a block left out.
    two = [named("usual", "8 h"), named("quick", "6 h")]
    found = sweep(two, {}, replications=terms, workers=0, progress=False)
    rows = compare(two, replications=terms, progress=False).difference()
    assert len(rows) == 5
    for row in rows:
        again = found.difference(2, 1, f"store.{row.measure}")
        if terms >= 1024:
            assert bits(again) == bits(row)
        else:
            assert (again.estimate, again.n) == (row.estimate, row.n)
            assert again.lower is None or again.note == "exactly 0 in both"
    (down,) = [one for one in rows if one.measure == "down"]
    first, second = (one.estimate for one in found.figures("store.down") if one is not None)
    assert down.estimate == pytest.approx(second - first)  # type: ignore[operator]


def test_as_many_comparisons_have_one_interval() -> None:
    three = [named("usual", "8 h"), named("quick", "6 h"), named("slow", "9 h")]
    found = sweep(three, {}, replications=1100, workers=0, progress=False)
    rows = compare(three, replications=1100, progress=False).difference()
    for number, row in ((2, rows[0]), (3, rows[5])):
        assert row.measure == "down"
        assert bits(found.difference(number, 1, "store.down", comparisons=2)) == bits(row)
        assert row.method.endswith("95 % over 2 comparisons together")
        alone = found.difference(number, 1, "store.down")
        wider = stats.t.isf(0.05 / 4, 16) / stats.t.isf(0.05 / 2, 16)
        both = [one.upper - one.lower for one in (row, alone)]  # type: ignore[operator]
        assert both[0] == pytest.approx(wider * both[1])


def test_what_is_the_same_in_all_terms_bounds_no_difference() -> None:
    """Work that nobody plans is exactly 0; what is alike by chance has no interval, in both."""
    two = [named("one", "8 h"), named("other", "8 h")]
    found = sweep(two, {"parts.net.ttr": ["1 day"]}, replications=1100, workers=0, progress=False)
    rows = {x.measure: x for x in compare(two, replications=1100, progress=False).difference()}
    for row in (rows["down"], found.difference(2, 1, "store.down")):
        assert (row.estimate, row.lower, row.upper) == (0.0, None, None)
        assert row.note == "the same in all 1100 terms"
    for row in (rows["down_planned"], found.difference(2, 1, "store.down_planned")):
        assert (row.estimate, row.lower, row.upper) == (0.0, 0.0, 0.0)
        assert row.note == "exactly 0 in both"


def moments_of(rows: np.ndarray, *cuts: int) -> Moments:
    """Return the moments of rows that come in parts, the later ones made elsewhere."""
    whole = Moments(rows.shape[1])
    whole.trail = []
    for start, end in zip((0, *cuts), (*cuts, len(rows)), strict=True):
        part = Moments(rows.shape[1])
        part.trail = []
        part.add(rows[start:end], start)
        whole.merge(part)
    return whole


def between(moments: Moments, first: int, second: int, comparisons: int) -> Estimate:
    blocks = FigureBlocks(moments)
    one, other = (
        BlockMeans(blocks.of(MeanFigure("down", "", moments, (k,)))[0], blocks.last)
        for k in (first, second)
    )
    pick = np.ix_([first, second], [first, second])
    return paired_means(one, other, moments.covariance[pick], comparisons)


@pytest.mark.parametrize("cuts", [(), (64,), (1, 3, 700), (1024,), (640, 1279)])
def test_steps_change_nothing(cuts: tuple[int, ...]) -> None:
    # Sees: blocks that the first part has folded already, and that are lost as it is merged.
    rows = np.random.default_rng(1).normal(size=(1280, 3))
    alone, cut = moments_of(rows), moments_of(rows, *cuts)
    found = between(cut, 0, 2, 5)
    assert found == between(alone, 0, 2, 5)
    blocks = (rows[:, 2] - rows[:, 0]).reshape(-1, 64).mean(axis=1)
    by_scipy = stats.ttest_1samp(blocks, 0.0).confidence_interval(1 - 0.05 / 5)
    assert (found.lower, found.upper) == pytest.approx((by_scipy.low, by_scipy.high))


def test_a_last_block_that_is_not_whole_counts() -> None:
    rows = np.random.default_rng(2).normal(size=(1300, 2))
    found = between(moments_of(rows), 0, 1, 1)
    assert found.n == 1300
    assert found.value == pytest.approx(float((rows[:, 1] - rows[:, 0]).mean()))
    whole = between(moments_of(rows[:1280]), 0, 1, 1)
    assert found.half_width == pytest.approx(whole.half_width * (1280 / 1300) ** 0.5)


def test_few_blocks_go_by_terms() -> None:
    rows = np.random.default_rng(3).normal(size=(960, 2))
    found = between(moments_of(rows), 0, 1, 1)
    by_scipy = stats.ttest_rel(rows[:, 1], rows[:, 0]).confidence_interval(0.95)
    assert (found.lower, found.upper) == pytest.approx((by_scipy.low, by_scipy.high))
