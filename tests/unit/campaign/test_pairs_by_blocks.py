"""Differences of a comparison are those of a study: by blocks of terms, in whatever steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from pacsim import compare, sweep
from pacsim.campaign.pairs import paired_columns
from pacsim.stats import Moments, block_difference
from tests.unit.studies.made import small

if TYPE_CHECKING:
    from pathlib import Path


def test_one_pair_never_shows_two_intervals(tmp_path: Path) -> None:
    # Sees: another method in one of the two; another number of comparisons.
    vary = {"x": {"path": "parts.server.ttr", "values": ["8 h", "6 h"]}}
    found = sweep(small(), vary, replications=1280, workers=0, progress=False, out=tmp_path)
    quick = small().vary({"name": "quick", "parts.server.ttr": "6 h"})
    rows = compare([small(), quick], replications=1280, progress=False).difference()
    (row,) = [one for one in rows if one.measure == "down"]
    first, second = (x for x in found.series("store.down") if x is not None)
    of = block_difference(first, second, comparisons=len(rows))
    assert (row.estimate, row.lower, row.upper) == pytest.approx((of.value, of.lower, of.upper))
    assert (
        row.method
        == f"paired, Student t over means of blocks, 95 % over {len(rows)} comparisons together"
    )


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


@pytest.mark.parametrize("cuts", [(), (64,), (1, 3, 700), (1024,), (640, 1279)])
def test_steps_change_nothing(cuts: tuple[int, ...]) -> None:
    # Sees: blocks that the first part has folded already, and that are lost as it is merged.
    rows = np.random.default_rng(1).normal(size=(1280, 3))
    alone, cut = moments_of(rows), moments_of(rows, *cuts)
    assert paired_columns(cut, 0, 2, 5) == paired_columns(alone, 0, 2, 5)
    blocks = (rows[:, 2] - rows[:, 0]).reshape(-1, 64).mean(axis=1)
    by_scipy = stats.ttest_1samp(blocks, 0.0).confidence_interval(1 - 0.05 / 5)
    found = paired_columns(cut, 0, 2, 5)
    assert (found.lower, found.upper) == pytest.approx((by_scipy.low, by_scipy.high))


def test_a_last_block_that_is_not_whole_counts() -> None:
    rows = np.random.default_rng(2).normal(size=(1300, 2))
    found = paired_columns(moments_of(rows), 0, 1, 1)
    assert found.n == 1300
    assert found.value == pytest.approx(float((rows[:, 1] - rows[:, 0]).mean()))
    whole = paired_columns(moments_of(rows[:1280]), 0, 1, 1)
    assert found.half_width == pytest.approx(whole.half_width * (1280 / 1300) ** 0.5)


def test_few_blocks_go_by_terms() -> None:
    rows = np.random.default_rng(3).normal(size=(960, 2))
    found = paired_columns(moments_of(rows), 0, 1, 1)
    by_scipy = stats.ttest_rel(rows[:, 1], rows[:, 0]).confidence_interval(0.95)
    assert (found.lower, found.upper) == pytest.approx((by_scipy.low, by_scipy.high))
