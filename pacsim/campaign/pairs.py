"""Designs compared term by term: differences with the same faults in both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Self

import numpy as np

from pacsim.results.rows import Row, row
from pacsim.stats import Moments, paired_difference

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
            if tally.paired and all(key in other.tallies for other in tallies)
        }
        count = len(tallies)
        self.moments = {key: Moments(count * len(of)) for key, of in self.measures.items()}

    def add(self, first: int, keys: Sequence[dict[Key, np.ndarray]]) -> None:
        """Add what the tallies of all designs returned for the replications from ``first`` on."""
        for key, moments in self.moments.items():
            moments.add(np.concatenate([one[key] for one in keys], axis=1), first)

    def merge(self, other: Self) -> None:
        """Add what another one has seen; it is not changed."""
        for key, moments in self.moments.items():
            moments.merge(other.moments[key])


def differences(tallies: Sequence[DesignTally], pairs: Pairs) -> list[Row]:
    """Return each design less the first, with intervals that hold for all of them together.

    Bonferroni over all that are shown. The page shows every one, the table and the files give the
    same rows: a narrower interval in one place than in another would be two answers to a question.
    """
    others = range(1, len(tallies))
    together = len(others) * sum(map(len, pairs.measures.values()))
    return [
        _difference(tallies, d, key, k, pairs.moments[key], together)
        for key, measures in pairs.measures.items()
        for d in others
        for k in range(len(measures))
    ]


def _difference(
    tallies: Sequence[DesignTally], d: int, key: Key, k: int, moments: Moments, together: int
) -> Row:
    """Return one design less the first, in one of its columns."""
    mine, against = tallies[d].tallies[key], tallies[0].tallies[key]
    measure = mine.paired[k]
    pick = [k, d * len(mine.paired) + k]
    first, second = (float(x) for x in moments.mean[pick])
    of = paired_difference(
        first, second, moments.covariance[np.ix_(pick, pick)], moments.n, comparisons=together
    )
    of = replace(of, method=f"paired, Student t, 95 % over {together} comparisons together")
    note = ""
    if first == second == 0.0:
        # No spread in nothing: it bounds no difference, unless no design can have any.
        certain = mine.certain(measure) and against.certain(measure)
        ends = 0.0 if certain else None
        of = replace(of, lower=ends, upper=ends)
        note = "exactly 0 in both" if certain else f"none seen in either in {of.n} terms"
    elif of.lower is not None and of.upper is not None and of.lower <= 0 <= of.upper:
        same = of.lower == of.upper
        note = f"cannot be told apart{', the same in every term' if same else ''}"
    design, other = mine.reader.design, against.reader.design
    return row(design, mine.owner, measure, of, against=other, note=note)
