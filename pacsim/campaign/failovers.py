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


class FailoverTally:
    """What has been seen of one failover group, streamed.

    Planned moves are counted by their kind; the figures over all kinds leave them out.
    """

    def __init__(self, reader: Reader, group: str) -> None:
        self.reader, self.group = reader, group
        self.counts = Moments(len(KINDS) + 1)
        self.phases = Moments(len(PHASES) + 1)
        self.latency = [LogHistogram() for _ in KINDS]
        self.all = LogHistogram()
        self.ended = np.zeros((len(KINDS), len(HOW)), dtype=np.int64)
        self.censored = 0
        self.eventful = 0
        self.years = 0.0

    def add(self, batch: Batch, term: float) -> None:
        """Add a batch."""
        count, years = len(batch.events), term / YEAR
        self.years = years
        found = self.reader.episodes(batch, f"failover:{self.group}")
        at = found["replication"] - batch.first
        kind, alone = found["at_start"] % ALONE, found["at_start"] >= ALONE
        numbers = np.zeros((count, len(KINDS) + 1))
        np.add.at(numbers, (at[~alone], kind[~alone]), 1.0 / years)
        numbers[:, -1] = np.bincount(at[alone], minlength=count) / years
        self.counts.add(numbers)
        over = ~alone & ~found["censored"]
        self.censored += int((~alone & found["censored"]).sum())
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
        self.eventful += int(np.count_nonzero(phases[:, -1]))

    def rows(self, design: str) -> list[Row]:
        """Return every figure of the group."""
        n, group = self.counts.n, self.group
        mean, cov = self.counts.mean, self.counts.covariance
        unplanned = np.array([float(k != PLANNED) for k in range(len(KINDS))] + [0.0])
        total = mean_interval(float(unplanned @ mean), float(unplanned @ cov @ unplanned), n)
        note = f"{self.censored} not over at the end of a term are left out of quantiles"
        if total.value == 0:
            total, note = none_seen(n, n * self.years), f"none seen in {n} terms"
        found = [row(design, group, "failovers", "1/year", total, note=note)]
        found += self._latency(design, self.all, "")
        for k, kind in enumerate(KINDS):
            if mean[k] == 0:
                continue
            of = mean_interval(float(mean[k]), float(cov[k, k]), n)
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
        alone, note = mean_interval(float(mean[-1]), float(cov[-1, -1]), n), ""
        if alone.value == 0:
            alone, note = none_seen(n, n * self.years), f"none seen in {n} terms"
        found.append(row(design, group, "no_standby", "1/year", alone, note=note))
        means, spread = self.phases.mean, self.phases.covariance
        # The phases fill a gap, so their sum over all gaps is that of the latencies.
        whole = np.eye(len(PHASES) + 1)[[0, -1]]
        whole[0, : len(PHASES)] = 1.0
        top, below = (float(x) for x in whole @ means)
        of = ratio_interval(top, below, whole @ spread @ whole.T, n, eventful=self.eventful)
        found.append(row(design, group, "failover_latency_mean", "s", of))
        for p, name in enumerate(PHASES):
            pick = np.ix_([p, len(PHASES)], [p, len(PHASES)])
            top, below = float(means[p]), float(means[-1])
            of = ratio_interval(top, below, spread[pick], n, eventful=self.eventful)
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
