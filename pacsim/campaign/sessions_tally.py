"""Tally of the sessions of a pool: how many times a year all of them break, in shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.campaign.tally import MeanFigure, Tally
from pacsim.results.rows import Row, row
from pacsim.stats import Estimate, Moments, mean_interval, none_seen

if TYPE_CHECKING:
    from typing import Self

    from pacsim.campaign.batch_view import BatchView
    from pacsim.core.model import Batch
    from pacsim.parts.watch_handles import SessionsWatch


class SessionsTally(Tally):
    """Sessions of one pool that break, as a share of all, summed over a year.

    Parameters
    ----------
    reader : BatchView
        Of the design's batches.
    watch : SessionsWatch
        The handle.
    """

    kept = ("broken",)

    def __init__(self, reader: BatchView, watch: SessionsWatch) -> None:
        super().__init__(reader, watch)
        self.never = watch.never
        self.breaks = [(reader.place(name).count, share) for name, share in watch.breaks]
        self.broken = Moments(1)

    def add(self, batch: Batch) -> np.ndarray:
        """Add a batch."""
        broken = np.zeros((len(batch.events), 1))
        for column, share in self.breaks:
            broken += batch.values[:, column] * share
        self.broken.add(broken / self.reader.years, batch.first)
        return self.no_keys(batch)

    def merge(self, other: Self) -> None:
        """Add what another tally has seen."""
        self.broken.merge(other.broken)

    def mean_figures(self) -> list[MeanFigure]:
        """Return how many break in a year."""
        return [MeanFigure("sessions_broken", "", self.broken, (0,))]

    def rows(self) -> list[Row]:
        """Return how many break in a year."""
        n, mean, note = self.broken.n, float(self.broken.mean[0]), ""
        if self.never:
            estimate = Estimate(0.0, 0.0, 0.0, n, "by construction")
            note = f"exactly 0: {self.never}"
        elif mean == 0.0:
            estimate, note = none_seen(n), f"none seen in {n} terms"
        else:
            seen = int(self.broken.eventful[0])
            estimate = mean_interval(mean, float(self.broken.covariance[0, 0]), n, eventful=seen)
        return [row(self.reader.design, self.owner, "sessions_broken", estimate, note=note)]
