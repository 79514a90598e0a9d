"""Tally of one role place by place: time down and degraded at each, and requests that fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.campaign.role_tally import NEVER_IN_PART
from pacsim.campaign.tally import MeanFigure, Tally
from pacsim.results.rows import Row, row
from pacsim.stats import Estimate, Moments, mean_interval, none_seen
from pacsim.units import HOUR, YEAR

if TYPE_CHECKING:
    from typing import Self

    from pacsim.campaign.batch_view import BatchView
    from pacsim.core.model import Batch
    from pacsim.parts.watch_handles import RolePlaces


class PlaceTally(Tally):
    """Hours a year that a role is down and degraded at each place, and its share of failures.

    A request from a place fails while the role is down there; while it is up, the largest share
    that one of its groups lets fail does. Places count by their share of the requests.

    Parameters
    ----------
    reader : BatchView
        Of the design's batches.
    watch : RolePlaces
        The handle of the role's places.
    """

    kept = ("hours",)

    def __init__(self, reader: BatchView, watch: RolePlaces) -> None:
        super().__init__(reader, watch)
        self.places = watch.places
        # Down at each place, degraded at each place, failing requests in hours a year.
        self.hours = Moments(2 * len(self.places) + 1)

    def add(self, batch: Batch) -> np.ndarray:
        """Add a batch."""
        count = len(self.places)
        hours = np.zeros((len(batch.events), 2 * count + 1))
        for k, place in enumerate(self.places):
            hours[:, [k]] = self._a_year(batch, place.down)
            if place.degraded:
                hours[:, [count + k]] = self._a_year(batch, place.degraded)
            hours[:, -1] += place.share * hours[:, k]
            if place.failing:
                hours[:, [-1]] += place.share * self._a_year(batch, place.failing)
        self.hours.add(hours, batch.first)
        return self.no_keys(batch)

    def _a_year(self, batch: Batch, observed: str) -> np.ndarray:
        """Return the main figure of an observation in hours a year, a column of one."""
        figures: np.ndarray = batch.values[:, self.reader.place(observed).figure()]
        return figures / HOUR / self.reader.years

    def merge(self, other: Self) -> None:
        """Add what another tally has seen."""
        self.hours.merge(other.hours)

    def mean_figures(self) -> list[MeanFigure]:
        """Return the figures that have rows here."""
        count = len(self.places)
        found: list[MeanFigure] = []
        if count == 1 and not self.places[0].failing:
            return found
        for measure, first in (("down_at", 0), ("degraded_at", count)) if count > 1 else ():
            found += [
                MeanFigure(measure, place.place, self.hours, (first + k,))
                for k, place in enumerate(self.places)
            ]
        return [*found, MeanFigure("failing", "", self.hours, (2 * count,), scale=HOUR / YEAR)]

    def rows(self) -> list[Row]:
        """Return hours down and degraded at each of several places, and the failing share.

        What is the same at an only place as of the role, the role's tally tells.
        """
        design, role, count = self.reader.design, self.owner, len(self.places)
        rows: list[Row] = []
        if count == 1 and not self.places[0].failing:
            return rows
        for measure, first in (("down_at", 0), ("degraded_at", count)) if count > 1 else ():
            for k, place in enumerate(self.places):
                never = NEVER_IN_PART if first and not place.degraded else ""
                of, note = self._figure(first + k, never)
                rows.append(row(design, role, measure, of, by="place", of=place.place, note=note))
        of, note = self._figure(2 * count)
        rows.append(row(design, role, "failing", of, scale=HOUR / YEAR, note=note))
        return rows

    def _figure(self, column: int, never: str = "") -> tuple[Estimate, str]:
        """Return the estimate of a column and a note; what was not seen is bounded, not zero."""
        n, mean = self.hours.n, float(self.hours.mean[column])
        if never:
            return Estimate(0.0, 0.0, 0.0, n, "by construction"), never
        if mean == 0.0:
            return none_seen(n), f"none seen in {n} terms"
        seen = int(self.hours.eventful[column])
        variance = float(self.hours.covariance[column, column])
        return mean_interval(mean, variance, n, eventful=seen), ""
