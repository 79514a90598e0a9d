"""Tally of one failover group: how often, how long until it serves again, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.parts.failing import HOW, KINDS, PHASES
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
from pacsim.units import YEAR

if TYPE_CHECKING:
    from pacsim.campaign.reading import Reader
    from pacsim.core.observations import Batch

ALONE = 8
"""Added to the kind at the start of a gap when no other member could take over."""
AUTOMATIC = HOW.index("automatic")
PLANNED = KINDS.index("planned")
NO_STANDBY, FAULTS = -2, -1
"""Counts beside those by kind: gaps without standby, and those of all kinds but planned."""
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
    found = np.zeros(len(gaps), dtype=bool)
    found[place[inside]] = True
    return found


class FailoverTally:
    """What has been seen of one failover group, streamed.

    Planned moves are counted by their kind; the figures over all kinds leave them out.
    """

    def __init__(self, reader: Reader, group: str) -> None:
        self.reader, self.group = reader, group
        self.counts = Moments(len(KINDS) + 2)
        self.phases = Moments(len(PHASES) + 1)
        self.latency = [LogHistogram() for _ in KINDS]
        self.all = LogHistogram()
        self.ended = np.zeros((len(KINDS), len(HOW)), dtype=np.int64)
        self.overlapped = np.zeros(2, dtype=np.int64)
        self.censored = 0
        self.years = 0.0

    def add(self, batch: Batch, term: float) -> None:
        """Add a batch."""
        count, years = len(batch.events), term / YEAR
        self.years = years
        found = self.reader.episodes(batch, f"failover:{self.group}")
        at = found["replication"] - batch.first
        kind, alone = found["at_start"] % ALONE, found["at_start"] >= ALONE
        counted = ~alone & (kind != PLANNED)
        numbers = np.zeros((count, len(KINDS) + 2))
        np.add.at(numbers, (at[~alone], kind[~alone]), 1.0 / years)
        numbers[:, NO_STANDBY] = np.bincount(at[alone], minlength=count) / years
        numbers[:, FAULTS] = np.bincount(at[counted], minlength=count) / years
        self.counts.add(numbers)
        over = ~alone & ~found["censored"]
        self.censored += int((~alone & found["censored"]).sum())
        moments = self.reader.samples(batch, f"overlap:{self.group}")
        struck = struck_again(found, moments) & counted
        self.overlapped += (int(struck.sum()), int(counted.sum()))
        seconds = found["end"] - found["start"]
        faults = over & (kind != PLANNED)
        for k in range(len(KINDS)):
            self.latency[k].add(seconds[over & (kind == k)])
        self.all.add(seconds[faults])
        np.add.at(self.ended, (kind[over], np.clip(found["at_end"][over], 0, len(HOW) - 1)), 1)
        phases = np.zeros((count, len(PHASES) + 1))
        for p in range(len(PHASES)):
            phases[:, p] = np.bincount(at[faults], found["phases"][faults, p], count)
        phases[:, -1] = np.bincount(at[faults], minlength=count)
        self.phases.add(phases)

    def _mean(self, column: int) -> Estimate:
        """Return how often a year one of the counts happens."""
        variance = float(self.counts.covariance[column, column])
        eventful = int(self.counts.eventful[column])
        mean = float(self.counts.mean[column])
        return mean_interval(mean, variance, self.counts.n, eventful=eventful)

    def rows(self, design: str) -> list[Row]:
        """Return every figure of the group."""
        n, group = self.counts.n, self.group
        eventful = int(self.phases.eventful[-1])
        total = self._mean(FAULTS)
        note = f"{self.censored} not over at the end of a term are left out of quantiles"
        if total.value == 0:
            total, note = none_seen(n, n * self.years), f"none seen in {n} terms"
        found = [row(design, group, "failovers", "1/year", total, note=note)]
        found += self._latency(design, self.all, "")
        for k, kind in enumerate(KINDS):
            of = self._mean(k)
            if of.value == 0:
                continue
            found.append(row(design, group, "failovers", "1/year", of, by="fault_kind", of=kind))
            found += self._latency(design, self.latency[k], kind)
            share = proportion_interval(int(self.ended[k, AUTOMATIC]), int(self.ended[k].sum()))
            found.append(
                row(design, group, "failover_automatic", "1", share, by="fault_kind", of=kind)
            )
        faults = [k for k in range(len(KINDS)) if k != PLANNED]
        ended = self.ended[faults].sum(axis=0)
        for h, how in enumerate(HOW):
            of = proportion_interval(int(ended[h]), int(ended.sum()))
            found.append(row(design, group, "failover_ended", "1", of, by="how", of=how))
        struck = proportion_interval(int(self.overlapped[0]), int(self.overlapped[1]))
        found.append(row(design, group, "failover_overlapped", "1", struck, note=STRUCK))
        alone, note = self._mean(NO_STANDBY), ""
        if alone.value == 0:
            alone, note = none_seen(n, n * self.years), f"none seen in {n} terms"
        found.append(row(design, group, "no_standby", "1/year", alone, note=note))
        means, spread = self.phases.mean, self.phases.covariance
        # The phases fill a gap, so their sum over all gaps is that of the latencies.
        whole = np.eye(len(PHASES) + 1)[[0, -1]]
        whole[0, : len(PHASES)] = 1.0
        top, below = (float(x) for x in whole @ means)
        of = ratio_interval(top, below, whole @ spread @ whole.T, n, eventful=eventful)
        found.append(row(design, group, "failover_latency_mean", "s", of))
        for p, name in enumerate(PHASES):
            pick = np.ix_([p, len(PHASES)], [p, len(PHASES)])
            top, below = float(means[p]), float(means[-1])
            of = ratio_interval(top, below, spread[pick], n, eventful=eventful)
            found.append(row(design, group, f"{name}_time", "s", of))
        return found

    def _latency(self, design: str, histogram: LogHistogram, kind: str) -> list[Row]:
        found: list[Row] = []
        by = "fault_kind" if kind else ""
        for name, p in (("p50", 0.5), ("p95", 0.95)):
            of: Estimate = histogram.estimate(p)
            measure = f"failover_latency_{name}"
            found.append(row(design, self.group, measure, "s", of, by=by, of=kind))
        return found
