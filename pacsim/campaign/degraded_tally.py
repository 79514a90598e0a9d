"""Tally of the time in which a role is up and not in full: how often, how long, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.campaign.outages import merge
from pacsim.campaign.reasons import Reasons
from pacsim.campaign.tally import MeanFigure, Tally
from pacsim.results.rows import Row, row
from pacsim.stats import LogHistogram, Moments, mean_interval, none_seen, ratio_interval
from pacsim.units import HOUR

if TYPE_CHECKING:
    from typing import Self

    from pacsim.campaign.batch_view import BatchView
    from pacsim.core.model import Batch
    from pacsim.parts.watch_handles import DegradedWatch


class DegradedTally(Tally):
    """Number, lengths, roots and contributors of degraded times; their hours are with the role.

    They are treated like outages: gaps below the contract's ``min_outage`` are merged, and what is
    shorter is not counted.

    Parameters
    ----------
    reader : BatchView
        Of the design's batches.
    watch : DegradedWatch
        The handle.
    """

    kept = ("main", "durations", "reasons")

    def __init__(self, reader: BatchView, watch: DegradedWatch) -> None:
        super().__init__(reader, watch)
        self.min_outage = reader.resolved.contract.number("min_outage")
        self.reasons = Reasons(reader, reader.place(watch.observed))
        # Hours of those that count, how many, and all degraded hours, a year.
        self.main = Moments(3)
        self.durations = LogHistogram()

    def add(self, batch: Batch) -> np.ndarray:
        """Add a batch."""
        count, years = len(batch.events), self.reader.years
        episodes = self.reader.episodes(batch, self.observed)
        times = merge(episodes, self.min_outage)
        at, hours, long = times.replication - batch.first, times.duration / HOUR, ~times.short
        numbers = np.zeros((count, 3))
        numbers[:, 0] = np.bincount(at[long], hours[long], count) / years
        numbers[:, 1] = np.bincount(at[long], minlength=count) / years
        numbers[:, [2]] = batch.values[:, self.reasons.place.time] / HOUR / years
        self.main.add(numbers, batch.first)
        self.durations.add(hours[long & ~times.censored])
        self.reasons.add(batch, episodes)
        return self.no_keys(batch)

    def merge(self, other: Self) -> None:
        """Add what another tally has seen."""
        self.main.merge(other.main)
        self.durations.merge(other.durations)
        self.reasons.merge(other.reasons)

    def mean_figures(self) -> list[MeanFigure]:
        """Return number, mean length, roots and contributors."""
        why = self.reasons
        return [
            MeanFigure("degraded_episodes", "", self.main, (1,)),
            MeanFigure("degraded_duration_mean", "", self.main, (0,), (1,)),
            *why.figures_by_root("degraded_by_root", why.roots),
            *why.figures_by_contributor("degraded_contributor_share"),
        ]

    def rows(self) -> list[Row]:
        """Return number and lengths, roots and contributors."""
        design, role, n = self.reader.design, self.owner, self.main.n
        mean, cov, seen = self.main.mean, self.main.covariance, self.main.eventful
        number, note = none_seen(n, n * self.reader.years), f"none seen in {n} terms"
        if mean[1]:
            number, note = (
                mean_interval(float(mean[1]), float(cov[1, 1]), n, eventful=int(seen[1])),
                "",
            )
        rows = [row(design, role, "degraded_episodes", number, note=note)]
        length = ratio_interval(
            float(mean[0]), float(mean[1]), cov[:2, :2], n, eventful=int(seen[1])
        )
        rows.append(row(design, role, "degraded_duration_mean", length))
        for name, p in (("p50", 0.5), ("p95", 0.95)):
            rows.append(row(design, role, f"degraded_duration_{name}", self.durations.estimate(p)))
        rows += self.reasons.by_root(role, "degraded_by_root", self.reasons.roots)
        return rows + self.reasons.by_contributor(role, "degraded_contributor_share", int(seen[2]))
