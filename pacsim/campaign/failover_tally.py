"""Tally of one failover group: how often, how long until it serves again, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.campaign.start_shares import StartShares
from pacsim.campaign.tally import MeanFigure, Tally
from pacsim.parts.watch_handles import OverlapWatch
from pacsim.results.rows import Row, row
from pacsim.stats import (
    Estimate,
    LogHistogram,
    Moments,
    mean_interval,
    none_seen,
    proportion_interval,
    ratio_interval,
)

if TYPE_CHECKING:
    from typing import Self

    from pacsim.campaign.batch_view import BatchView
    from pacsim.core.model import Batch
    from pacsim.parts.watch_handles import FailoverWatch

STRUCK = "another fault struck before it was over; they are counted and kept"


def struck_again(gaps: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Return which gaps of service have a later fault in them.

    Parameters
    ----------
    gaps : structured ndarray
        Episodes of one observation, in order of replication and time.
    moments : structured ndarray
        Samples taken while in a gap, in the same order.

    Returns
    -------
    ndarray of bool, shape (len(gaps),)
    """
    if not len(gaps):
        # A gap of no length is none, though a fault that ties with it is seen in it.
        return np.zeros(0, dtype=bool)
    order = np.dtype([("replication", np.int64), ("time", np.float64)])
    starts, at = np.zeros(len(gaps), dtype=order), np.zeros(len(moments), dtype=order)
    starts["replication"], starts["time"] = gaps["replication"], gaps["start"]
    at["replication"], at["time"] = moments["replication"], moments["time"]
    # A moment is read while in a gap, so its gap is the last one that has begun; a gap of no
    # length, which is none, would leave it outside.
    place = np.searchsorted(starts, at, side="right") - 1
    inside = place >= 0
    inside &= gaps["replication"][place] == at["replication"]
    inside &= at["time"] <= gaps["end"][place]
    struck = np.zeros(len(gaps), dtype=bool)
    struck[place[inside]] = True
    return struck


class FailoverTally(Tally):
    """What has been seen of one failover group.

    Planned moves are counted by their kind; the figures over all kinds leave them out.

    Parameters
    ----------
    reader : Reader
        Of the design's batches.
    watch : FailoverWatch
        The handle of the group's gaps of service.
    """

    kept = ("counts", "phases", "latency", "all", "ended", "shares", "overlapped", "censored")

    def __init__(self, reader: BatchView, watch: FailoverWatch) -> None:
        super().__init__(reader, watch)
        self.watch = watch
        self.overlaps = reader.handles(OverlapWatch, self.owner)
        kinds, phases = len(watch.kinds), len(watch.phases)
        self.planned = watch.kinds.index(watch.planned) if watch.planned in watch.kinds else -1
        # Behind the kinds stand gaps without standby, and those of all kinds but planned.
        self.counts = Moments(kinds + 2)
        self.no_standby, self.faults = kinds, kinds + 1
        self.phases = Moments(phases + 1)
        self.latency = [LogHistogram() for _ in watch.kinds]
        self.all = LogHistogram()
        self.ended = np.zeros((kinds, len(watch.endings)), dtype=np.int64)
        self.shares = StartShares(watch, self.planned)
        self.overlapped = np.zeros(2, dtype=np.int64)
        self.censored = 0

    def add(self, batch: Batch) -> np.ndarray:
        """Add a batch."""
        count, years = len(batch.events), self.reader.years
        gaps = self.reader.episodes(batch, self.observed)
        at = gaps["replication"] - batch.first
        kind, alone = self.watch.kind(gaps["at_start"]), self.watch.alone(gaps["at_start"])
        counted = ~alone & (kind != self.planned)
        numbers = np.zeros((count, self.counts.columns))
        np.add.at(numbers, (at[~alone], kind[~alone]), 1.0 / years)
        numbers[:, self.no_standby] = np.bincount(at[alone], minlength=count) / years
        numbers[:, self.faults] = np.bincount(at[counted], minlength=count) / years
        self.counts.add(numbers, batch.first)
        self.shares.add(at, gaps["at_start"], count, batch.first)
        over = ~alone & ~gaps["censored"]
        self.censored += int((~alone & gaps["censored"]).sum())
        for overlaps in self.overlaps:
            moments = self.reader.samples(batch, overlaps.observed)
            struck = struck_again(gaps, moments) & counted
            self.overlapped += (int(struck.sum()), int(counted.sum()))
        seconds = gaps["end"] - gaps["start"]
        faults = over & (kind != self.planned)
        for k in range(len(self.latency)):
            self.latency[k].add(seconds[over & (kind == k)])
        self.all.add(seconds[faults])
        last = self.ended.shape[1] - 1
        np.add.at(self.ended, (kind[over], np.clip(gaps["at_end"][over], 0, last)), 1)
        phases = np.zeros((count, self.phases.columns))
        for p in range(self.phases.columns - 1):
            phases[:, p] = np.bincount(at[faults], gaps["phases"][faults, p], count)
        phases[:, -1] = np.bincount(at[faults], minlength=count)
        self.phases.add(phases, batch.first)
        return self.no_keys(batch)

    def merge(self, other: Self) -> None:
        """Add what another tally has seen."""
        self.counts.merge(other.counts)
        self.phases.merge(other.phases)
        for own, more in zip(self.latency, other.latency, strict=True):
            own.merge(more)
        self.all.merge(other.all)
        self.ended += other.ended
        self.overlapped += other.overlapped
        self.shares.merge(other.shares)
        self.censored += other.censored

    def mean_figures(self) -> list[MeanFigure]:
        """Return how often, the mean latency and that of each phase."""
        count, phases = len(self.watch.phases), self.watch.phases
        last = (count,)
        return [
            MeanFigure("failovers", "", self.counts, (self.faults,)),
            *(
                MeanFigure("failovers", kind, self.counts, (k,))
                for k, kind in enumerate(self.watch.kinds)
            ),
            MeanFigure("no_standby", "", self.counts, (self.no_standby,)),
            MeanFigure("failover_latency_mean", "", self.phases, tuple(range(count)), last),
            *(
                MeanFigure(f"{name}_time", "", self.phases, (p,), last)
                for p, name in enumerate(phases)
            ),
            *self.shares.mean_figures("failing_at_start"),
        ]

    def _mean(self, column: int) -> Estimate:
        """Return how often a year one of the counts happens."""
        n, means, variances, eventful = self.counts.each_column()
        return mean_interval(means[column], variances[column], n, eventful=eventful[column])

    def _row(
        self,
        measure: str,
        estimate: Estimate,
        *,
        by: str = "",
        of: str = "",
        note: str = "",
        unit: str = "",
    ) -> Row:
        design = self.reader.design
        return row(design, self.owner, measure, estimate, by=by, of=of, note=note, unit=unit)

    def rows(self) -> list[Row]:
        """Return every figure of the group."""
        total = self._mean(self.faults)
        note = f"{self.censored} not over at the end of a term are left out of quantiles"
        if total.value == 0:
            total, note = self._none()
        rows = [self._row("failovers", total, note=note)]
        rows += self._latency(self.all, "")
        rows += self._by_kind()
        for kind, share in self.shares.estimates():
            by = "fault_kind" if kind else ""
            rows.append(self._row("failing_at_start", share, by=by, of=kind))
        rows += self._endings()
        alone, note = self._mean(self.no_standby), ""
        if alone.value == 0:
            alone, note = self._none()
        rows.append(self._row("no_standby", alone, note=note))
        return rows + self._by_phase()

    def _none(self) -> tuple[Estimate, str]:
        n = self.counts.n
        return none_seen(n, n * self.reader.years), f"none seen in {n} terms"

    def _by_kind(self) -> list[Row]:
        """Return how often, how long and how well by what fell first."""
        rows: list[Row] = []
        automatic = self.watch.endings.index(self.watch.automatic)
        for k, kind in enumerate(self.watch.kinds):
            of = self._mean(k)
            if of.value == 0:
                continue
            rows.append(self._row("failovers", of, by="fault_kind", of=kind))
            rows += self._latency(self.latency[k], kind)
            share = proportion_interval(int(self.ended[k, automatic]), int(self.ended[k].sum()))
            rows.append(self._row("failover_automatic", share, by="fault_kind", of=kind))
        return rows

    def _endings(self) -> list[Row]:
        """Return the shares of endings, and of gaps in which something else failed as well."""
        faults = [k for k in range(len(self.watch.kinds)) if k != self.planned]
        ended = self.ended[faults].sum(axis=0)
        rows = []
        for h, how in enumerate(self.watch.endings):
            share = proportion_interval(int(ended[h]), int(ended.sum()))
            rows.append(self._row("failover_ended", share, by="how", of=how))
        struck = proportion_interval(int(self.overlapped[0]), int(self.overlapped[1]))
        rows.append(self._row("failover_overlapped", struck, note=STRUCK))
        return rows

    def _by_phase(self) -> list[Row]:
        """Return the mean latency and the mean length of each phase."""
        n, count = self.counts.n, len(self.watch.phases)
        eventful = int(self.phases.eventful[-1])
        means, spread = self.phases.mean, self.phases.covariance
        # The phases fill a gap, so their sum over all gaps is that of the latencies.
        whole = np.eye(count + 1)[[0, -1]]
        whole[0, :count] = 1.0
        top, below = (float(x) for x in whole @ means)
        of = ratio_interval(top, below, whole @ spread @ whole.T, n, eventful=eventful)
        rows = [self._row("failover_latency_mean", of)]
        for p, name in enumerate(self.watch.phases):
            pick = np.ix_([p, count], [p, count])
            top, below = float(means[p]), float(means[-1])
            of = ratio_interval(top, below, spread[pick], n, eventful=eventful)
            rows.append(self._row(f"{name}_time", of, unit="s"))
        return rows

    def _latency(self, histogram: LogHistogram, kind: str) -> list[Row]:
        by = "fault_kind" if kind else ""
        return [
            self._row(f"failover_latency_{name}", histogram.estimate(p), by=by, of=kind)
            for name, p in (("p50", 0.5), ("p95", 0.95))
        ]
