"""The share of requests that fails as a gap of service begins, by what fell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.campaign.tally import MeanFigure
from pacsim.stats import Estimate, Moments, ratio_interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.parts.watch_handles import FailoverWatch


class StartShares:
    """Sums of the shares that fail at the start of gaps, and how many gaps there are.

    Parameters
    ----------
    watch : FailoverWatch
        The handle of the gaps. If it has no shares, nothing is summed.
    planned : int
        Number of the kind that is left out of the mean over all; -1 if there is none.
    """

    kept = ("sums",)

    def __init__(self, watch: FailoverWatch, planned: int) -> None:
        self.watch, self.planned = watch, planned
        # A sum and a number for each kind, and for all but the planned.
        self.sums = Moments(2 * (len(watch.kinds) + 1) if watch.shares else 2)

    def add(self, at: np.ndarray, at_start: np.ndarray, count: int, first: int) -> None:
        """Add gaps.

        Parameters
        ----------
        at : ndarray of int
            Replication of each gap, from 0 in its batch.
        at_start : ndarray of int
            What each began with.
        count, first : int
            Replications of the batch, and which one is the first.
        """
        if not self.watch.shares:
            return
        kinds = len(self.watch.kinds)
        kind = self.watch.kind(at_start)
        share = np.array(self.watch.shares)[self.watch.share(at_start)]
        sums = np.zeros((count, self.sums.columns))
        np.add.at(sums, (at, 2 * kind), share)
        np.add.at(sums, (at, 2 * kind + 1), 1.0)
        faults = kind != self.planned
        sums[:, 2 * kinds] = np.bincount(at[faults], share[faults], count)
        sums[:, 2 * kinds + 1] = np.bincount(at[faults], minlength=count)
        self.sums.add(sums, first)

    def merge(self, other: StartShares) -> None:
        """Add what another one has summed."""
        self.sums.merge(other.sums)

    def mean_figures(self, measure: str) -> list[MeanFigure]:
        """Return the mean over all but planned gaps, and that of each kind."""
        if not self.watch.shares:
            return []
        kinds = ((len(self.watch.kinds), ""), *enumerate(self.watch.kinds))
        return [MeanFigure(measure, kind, self.sums, (2 * k,), (2 * k + 1,)) for k, kind in kinds]

    def estimates(self) -> Iterator[tuple[str, Estimate]]:
        """Yield the mean over all but planned gaps, under "", and that of each kind there was."""
        if not self.watch.shares:
            return
        for k, kind in ((len(self.watch.kinds), ""), *enumerate(self.watch.kinds)):
            pick = np.ix_([2 * k, 2 * k + 1], [2 * k, 2 * k + 1])
            top, below = (float(self.sums.mean[2 * k + x]) for x in (0, 1))
            if below > 0:
                eventful = int(self.sums.eventful[2 * k + 1])
                spread = self.sums.covariance[pick]
                yield kind, ratio_interval(top, below, spread, self.sums.n, eventful=eventful)
