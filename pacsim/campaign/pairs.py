"""Designs compared term by term: differences with the same faults in both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Self

import numpy as np

from pacsim.campaign.figure_blocks import FigureBlocks
from pacsim.results.rows import Row, row
from pacsim.stats import (
    BLOCK,
    LEAST_BLOCKS,
    BlockMeans,
    Estimate,
    Moments,
    at_level,
    block_difference,
    paired_difference,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.campaign.tallies import DesignTally, Key
    from pacsim.campaign.tally import Tally


class Pairs:
    """Key columns of all designs side by side, one row per replication; merged like any tally.

    Parameters
    ----------
    tallies : sequence of DesignTally
        Of the designs, the first of which is what the others are compared with.
    """

    def __init__(self, tallies: Sequence[DesignTally]) -> None:
        self.measures = {
            key: tally.paired
            for key, tally in tallies[0].tallies.items()
            if tally.paired and any(key in other.tallies for other in tallies[1:])
        }
        # Which designs have it, the first of all among them.
        self.having = {
            key: [d for d, tally in enumerate(tallies) if key in tally.tallies]
            for key in self.measures
        }
        self.moments = {
            key: Moments(len(self.having[key]) * len(of)) for key, of in self.measures.items()
        }

    def add(self, first: int, keys: Sequence[dict[Key, np.ndarray]]) -> None:
        """Add what the tallies of all designs returned for the replications from ``first`` on."""
        for key, moments in self.moments.items():
            columns = [keys[d][key] for d in self.having[key]]
            moments.add(np.concatenate(columns, axis=1), first)

    def merge(self, other: Self) -> None:
        """Add what another one has seen; it is not changed."""
        for key, moments in self.moments.items():
            moments.merge(other.moments[key])


def differences(tallies: Sequence[DesignTally], pairs: Pairs) -> list[Row]:
    """Return each design less the first, with intervals that hold for all designs together.

    Bonferroni over the comparisons of a measure: one of two designs, two of three. It is as in the
    differences of a study, where one pair that is asked for is one comparison.
    """
    return [
        _difference(tallies, (place, d), key, k, pairs.moments[key], len(pairs.having[key]) - 1)
        for key, measures in pairs.measures.items()
        for place, d in enumerate(pairs.having[key])
        if d > 0
        for k in range(len(measures))
    ]


def paired_means(
    first: BlockMeans, second: BlockMeans, covariance: np.ndarray, comparisons: int
) -> Estimate:
    """Return the second mean less the first, as between points of a study, to the bit.

    With fewer than 16 blocks, of which a study gives no interval, it has that of the terms.

    Parameters
    ----------
    first, second : BlockMeans
        Over the same terms.
    covariance : ndarray, shape (2, 2)
        Of both over terms.
    comparisons : int
        That are shown together.
    """
    of = block_difference(first, second, comparisons=comparisons)
    said = at_level(comparisons)
    if of.n >= LEAST_BLOCKS * BLOCK:
        return replace(of, method=f"{of.method}, {said}")
    by_terms = paired_difference(first.mean, second.mean, covariance, of.n, comparisons=comparisons)
    how, half = f"paired, Student t, {said}", by_terms.half_width
    alike = of.error == 0.0
    if of.value is None or by_terms.lower is None or alike:
        return replace(of, method=how)
    return Estimate(of.value, of.value - half, of.value + half, of.n, how)


def told_of_pair(of: Estimate, *, none: bool, certain: bool) -> tuple[Estimate, str]:
    """Return a paired difference, and in words what it does not tell.

    What is the same in all terms has no spread, which bounds no difference: it has no interval,
    unless no design can have any.

    Parameters
    ----------
    of : Estimate
        Over blocks, or over terms where these are few.
    none : bool
        Whether nothing was seen in either.
    certain : bool
        Whether both are 0 whatever is seen.

    Examples
    --------
    >>> told_of_pair(Estimate(1.0, -1.0, 3.0, 2048, "paired"), none=False, certain=False)[1]
    'cannot be told apart'
    """
    if of.n == 0:
        return of, "no terms in common"
    if certain:
        return replace(of, lower=0.0, upper=0.0), "exactly 0 in both"
    if none:
        return of, f"none seen in either in {of.n} terms"
    if of.lower is None or of.upper is None:
        if of.value == 0.0:
            return of, f"the same in all {of.n} terms"
        least = LEAST_BLOCKS * BLOCK
        if of.n < least:
            return of, f"no interval: fewer than {least} terms in common"
        return of, f"no interval: they differ in one block of {BLOCK} terms"
    return of, "cannot be told apart" if of.lower <= 0 <= of.upper else ""


def _difference(
    tallies: Sequence[DesignTally],
    of_design: tuple[int, int],
    key: Key,
    k: int,
    moments: Moments,
    comparisons: int,
) -> Row:
    """Return one design less the first, in one of its columns: its place in them, its number."""
    place, d = of_design
    mine, against = tallies[d].tallies[key], tallies[0].tallies[key]
    measure = mine.paired[k]
    pick = [k, place * len(mine.paired) + k]
    covariance = moments.covariance[np.ix_(pick, pick)]
    first, second = _means(against, k), _means(mine, k)
    of = paired_means(first, second, covariance, comparisons)
    none = first.mean == second.mean == 0.0
    certain = none and mine.certain(measure) and against.certain(measure)
    of, note = told_of_pair(of, none=none, certain=certain)
    design, other = mine.reader.design, against.reader.design
    return row(design, mine.owner, measure, of, against=other, note=note)


def _means(tally: Tally, k: int) -> BlockMeans:
    """Return the means of the blocks of a figure by which designs are compared."""
    figure = tally.paired_figures()[k]
    blocks = FigureBlocks(figure.moments)
    return BlockMeans(blocks.of(figure)[0], blocks.last)
