"""Tally of all roles together: the time during which not every role of a design is up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.campaign.tally import MeanFigure, Tally
from pacsim.results.rows import Row, row
from pacsim.stats import Moments, mean_interval, none_seen
from pacsim.units import HOUR, YEAR

if TYPE_CHECKING:
    from typing import Self

    import numpy as np

    from pacsim.campaign.batch_view import BatchView
    from pacsim.core.model import Batch
    from pacsim.parts.watch_handles import AnyRoleWatch


class AnyRoleTally(Tally):
    """Hours a year in which at least one role is down.

    Parameters
    ----------
    reader : Reader
        Of a design with two roles or more.
    watch : AnyRoleWatch
        The handle.
    """

    kept = ("hours",)

    def __init__(self, reader: BatchView, watch: AnyRoleWatch) -> None:
        super().__init__(reader, watch)
        self.roles = watch.roles
        self.place = reader.place(watch.observed)
        self.hours = Moments(1)

    def add(self, batch: Batch) -> np.ndarray:
        """Add a batch."""
        down = batch.values[:, self.place.time]
        self.hours.add(down / HOUR / self.reader.years, batch.first)
        return self.no_keys(batch)

    def merge(self, other: Self) -> None:
        """Add what another tally has seen."""
        self.hours.merge(other.hours)

    def mean_figures(self) -> list[MeanFigure]:
        """Return unavailability and hours down a year."""
        return [
            MeanFigure("unavailability", "", self.hours, (0,), scale=HOUR / YEAR),
            MeanFigure("down", "", self.hours, (0,)),
        ]

    def rows(self) -> list[Row]:
        """Return unavailability and hours down a year."""
        design, owner = self.reader.design, self.owner
        n, mean = self.hours.n, float(self.hours.mean[0])
        note = f"not all roles up: {', '.join(self.roles)}"
        if mean == 0.0:
            estimate, note = none_seen(n), f"none seen in {n} terms"
        else:
            seen = int(self.hours.eventful[0])
            estimate = mean_interval(mean, float(self.hours.covariance[0, 0]), n, eventful=seen)
        return [
            row(design, owner, "unavailability", estimate, scale=HOUR / YEAR, note=note),
            row(design, owner, "down", estimate, note=note),
        ]
