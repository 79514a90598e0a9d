"""Designs compared term by term: differences with the same faults in both."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Self

import numpy as np

from pacsim.results.rows import Row, row
from pacsim.stats import LEAST_BLOCKS, Estimate, Moments, block_difference, paired_difference
from pacsim.stats.paired_blocks import PAIRED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.campaign.tallies import DesignTally, Key


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
        for moments in self.moments.values():
            moments.trail = []

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
    """Return each design less the first, with intervals that hold for all of them together.

    Bonferroni over all that are shown. The page shows every one, the table and the files give the
    same rows: a narrower interval in one place than in another would be two answers to a question.
    """
    shown = [
        (key, place, d, k)
        for key, measures in pairs.measures.items()
        for place, d in enumerate(pairs.having[key])
        if d > 0
        for k in range(len(measures))
    ]
    return [
        _difference(tallies, (place, d), key, k, pairs.moments[key], len(shown))
        for key, place, d, k in shown
    ]


def paired_columns(moments: Moments, first: int, second: int, together: int) -> Estimate:
    """Return the mean of a column less that of another, with the interval of their difference.

    By blocks of terms, as between points of a study, so that one pair never shows two intervals;
    where there are too few blocks, and where all differ alike, by the terms themselves.

    Parameters
    ----------
    moments : Moments
        Of both columns, whose trail is kept.
    first, second : int
        Columns.
    together : int
        Comparisons that are shown together.
    """
    pick = [first, second]
    one, other = (float(x) for x in moments.mean[pick])
    covariance = moments.covariance[np.ix_(pick, pick)]
    of = paired_difference(one, other, covariance, moments.n, comparisons=together)
    said = f"95 % over {together} comparisons together"
    trail = moments.trail or []
    if len(trail) >= LEAST_BLOCKS and of.lower != of.upper:
        blocks = np.array([summary[1][pick] for summary in trail])
        by_blocks = block_difference(blocks[:, 0], blocks[:, 1], comparisons=together)
        how = f"{PAIRED}, {said}"
        if by_blocks.lower is None:
            return Estimate(other - one, None, None, moments.n, how)
        # Terms of a last block that is not whole narrow it as much as all others.
        half = by_blocks.half_width * math.sqrt(by_blocks.n / moments.n)
        return Estimate(other - one, other - one - half, other - one + half, moments.n, how)
    return replace(of, method=f"paired, Student t, {said}")


def _difference(
    tallies: Sequence[DesignTally],
    of_design: tuple[int, int],
    key: Key,
    k: int,
    moments: Moments,
    together: int,
) -> Row:
    """Return one design less the first, in one of its columns: its place in them, its number."""
    place, d = of_design
    mine, against = tallies[d].tallies[key], tallies[0].tallies[key]
    measure = mine.paired[k]
    of = paired_columns(moments, k, place * len(mine.paired) + k, together)
    first, second = (float(x) for x in moments.mean[[k, place * len(mine.paired) + k]])
    note = ""
    if first == second == 0.0:
        # No spread in nothing: it bounds no difference, unless no design can have any.
        certain = mine.certain(measure) and against.certain(measure)
        ends = 0.0 if certain else None
        of = replace(of, lower=ends, upper=ends)
        note = "exactly 0 in both" if certain else f"none seen in either in {of.n} terms"
    elif of.lower is None or of.upper is None:
        note = "no interval: they differ in one block of 64 terms"
    elif of.lower <= 0 <= of.upper:
        same = of.lower == of.upper
        note = f"cannot be told apart{', the same in every term' if same else ''}"
    design, other = mine.reader.design, against.reader.design
    return row(design, mine.owner, measure, of, against=other, note=note)
