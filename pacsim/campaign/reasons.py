"""What down or degraded time of a role began with, and which elements were flagged in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.campaign.tally import MeanFigure
from pacsim.results.rows import Row, row
from pacsim.stats import Moments, mean_interval, share_of_means
from pacsim.units import HOUR

if TYPE_CHECKING:
    from typing import Self

    from pacsim.campaign.batch_view import BatchView
    from pacsim.core.model import Batch, Columns

START = "initial"


class Reasons:
    """Roots and contributors of the episodes of one observation, in hours a year.

    Parameters
    ----------
    reader : BatchView
        Of the design's batches.
    place : Columns
        Where the figures of the observation stand.
    """

    kept = ("roots", "faults", "works", "shares")

    def __init__(self, reader: BatchView, place: Columns) -> None:
        self.reader, self.place = reader, place
        self.root_names = [*reader.roots.names, START]
        # Behind the transitions stands the start.
        self.root_of = np.append(reader.roots.of, len(reader.roots.names))
        self.roots = Moments(len(self.root_names))
        self.faults = Moments(len(self.root_names))
        self.works = Moments(len(self.root_names))
        self.element_names, self.element_of = reader.elements.names, reader.elements.of
        self.shares = Moments(len(self.element_names) + 1)

    def add(self, batch: Batch, episodes: np.ndarray) -> None:
        """Add a batch with the episodes of the observation in it."""
        count, years = len(batch.events), self.reader.years
        at = episodes["replication"] - batch.first
        whole = np.zeros((count, len(self.root_names)))
        # Work that a fault follows on is one outage, and its hours have two causes.
        kinds = (
            ("unplanned_cause", "unplanned", self.faults),
            ("planned_cause", "planned", self.works),
            ("cause", "mixed", None),
        )
        for cause, kind, moments in kinds:
            roots = np.zeros((count, len(self.root_names)))
            of = self.root_of[episodes[cause]]
            np.add.at(roots, (at, of), episodes[kind] / HOUR / years)
            whole += roots
            if moments is not None:
                moments.add(roots, batch.first)
        self.roots.add(whole, batch.first)
        shares = np.zeros((count, len(self.element_names) + 1))
        down, flagged = batch.values[:, self.place.time], batch.values[:, self.place.contributors]
        for k, label in enumerate(self.element_of):
            # Alike elements flagged at once are one cause; more than the down time cannot be.
            shares[:, label] = np.minimum(shares[:, label] + flagged[:, k], down[:, 0])
        shares[:, [-1]] = down
        self.shares.add(shares, batch.first)

    def merge(self, other: Self) -> None:
        """Add what others have seen."""
        for name in self.kept:
            getattr(self, name).merge(getattr(other, name))

    def figures_by_root(self, measure: str, roots: Moments) -> list[MeanFigure]:
        """Return the figures of each root."""
        return [MeanFigure(measure, name, roots, (k,)) for k, name in enumerate(self.root_names)]

    def figures_by_contributor(self, measure: str) -> list[MeanFigure]:
        """Return the figures of each contributor."""
        last = (len(self.element_names),)
        return [
            MeanFigure(measure, name, self.shares, (k,), last)
            for k, name in enumerate(self.element_names)
        ]

    def by_root(self, role: str, measure: str, roots: Moments) -> list[Row]:
        """Return a row for each root of which anything was seen, the largest first."""
        n, mean_of, variances, eventful = roots.each_column()
        means = np.array(mean_of)
        ranked = _largest_first(means)
        return [
            row(
                self.reader.design,
                role,
                measure,
                mean_interval(mean_of[k], variances[k], n, eventful=eventful[k]),
                by="root",
                of=self.root_names[k],
            )
            for k in ranked.tolist()
        ]

    def by_contributor(self, role: str, measure: str, eventful: int) -> list[Row]:
        """Return the share of the time in which each element was flagged, the largest first.

        ``eventful`` is the number of terms with any such time.
        """
        n, means, cov = self.shares.n, self.shares.mean, self.shares.covariance
        last = len(self.element_names)
        whole, spread = float(means[last]), float(cov[last, last])
        ranked = _largest_first(means[:last])
        rows = []
        for k, top, variance, with_whole in zip(
            ranked.tolist(),
            means[ranked].tolist(),
            cov[ranked, ranked].tolist(),
            cov[ranked, last].tolist(),
            strict=True,
        ):
            both = variance, with_whole, spread
            of = share_of_means(top, whole, both, n, eventful=eventful)
            name = self.element_names[k]
            rows.append(row(self.reader.design, role, measure, of, by="contributor", of=name))
        return rows


def _largest_first(means: np.ndarray) -> np.ndarray:
    """Return the places of means above 0, the largest first."""
    above = np.flatnonzero(means > 0)
    return above[np.argsort(-means[above], kind="stable")]
