"""Tally of one array: losses by class, the loss window, unreachable hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.results.rows import Row, row
from pacsim.stats import (
    Estimate,
    LogHistogram,
    Moments,
    mean_interval,
    none_seen,
    proportion_interval,
)
from pacsim.units import HOUR, YEAR

if TYPE_CHECKING:
    from pacsim.campaign.reading import Reader
    from pacsim.core.observations import Batch

CLASSES = ("window", "archive", "sector")
NOT_COUNTED = (
    "ransomware, deletion, corruption and fire are not in it; scanners may hold the newest"
)


class LossTally:
    """What has been seen of one array's contents, streamed."""

    def __init__(self, reader: Reader, array: str) -> None:
        self.reader, self.array = reader, array
        part = reader.resolved.parts[array]
        self.per_stripe = float(part["stripe_studies"])
        self.main = Moments(2 * len(CLASSES) + 1)
        self.any = 0
        self.years = 0.0
        self.restoration = LogHistogram()
        backups = [
            p.name
            for p in reader.resolved.parts.values()
            if p.type == "backup" and array in p.names("of")
        ]
        self.windows = {name: LogHistogram() for name in backups}
        self.never = {} if backups else {"window": "no backup of it in the design"}
        if part["read_error_loses"] != "stripe" or "uber" not in part.part("disk"):
            self.never["sector"] = "no read error costs a stripe"

    def add(self, batch: Batch, term: float) -> np.ndarray:
        """Add a batch; return whether anything was lost, one row per replication."""
        count, years = len(batch.events), term / YEAR
        self.years = years
        numbers = np.zeros((count, 2 * len(CLASSES) + 1))
        for k, kind in enumerate(CLASSES[:2]):
            for how in self.reader.samples_named(f"loss:{self.array}:{kind}:"):
                columns = self.reader.columns(batch, how)
                numbers[:, 2 * k] += columns[:, 0] / years
                numbers[:, 2 * k + 1] += columns[:, 2] / years
        for name in self.reader.names(f"loss:{self.array}:sector:"):
            columns = self.reader.columns(batch, f"loss:{self.array}:sector:{name}")
            numbers[:, 4] += columns[:, 0] / years
            numbers[:, 5] += columns[:, 0] * self.per_stripe / years
        gone = self.reader.columns(batch, f"unreachable:{self.array}")
        numbers[:, 6] = gone[:, 0] / HOUR / years
        self.main.add(numbers)
        lost = np.isfinite(self.reader.columns(batch, f"loss:{self.array}")[:, 0])
        self.any += int(lost.sum())
        episodes = self.reader.episodes(batch, f"unreachable:{self.array}")
        over = episodes[~episodes["censored"]]
        self.restoration.add((over["end"] - over["start"]) / HOUR)
        for name, histogram in self.windows.items():
            values = self.reader.samples(batch, f"window:{name}")["value"]
            histogram.add(values[np.isfinite(values)] / HOUR)
        some: np.ndarray = lost.astype(float)[:, None]
        return some

    def rows(self, design: str) -> list[Row]:
        """Return every figure of the array."""
        n = self.main.n
        mean, variance = self.main.mean, np.diag(self.main.covariance)
        seen = self.main.eventful
        anything = proportion_interval(self.any, n)
        note = NOT_COUNTED if self.any else f"none in {n} terms; {NOT_COUNTED}"
        found = [row(design, self.array, "p_any_loss", "1", anything, note=note)]
        for k, kind in enumerate(CLASSES):
            for j, measure in enumerate(("losses", "studies_lost")):
                at = 2 * k + j
                of = mean_interval(float(mean[at]), float(variance[at]), n, eventful=int(seen[at]))
                note = ""
                if mean[at] == 0:
                    of = none_seen(n, n * self.years if measure == "losses" else None)
                    note = f"none seen in {n} terms"
                    if kind in self.never:
                        of = Estimate(0.0, 0.0, 0.0, n, "by construction")
                        note = f"exactly 0: {self.never[kind]}"
                found.append(
                    row(design, self.array, measure, "1/year", of, by="loss_class", of=kind,
                        note=note)
                )  # fmt: skip
        for name, histogram in self.windows.items():
            for label, p in (("p50", 0.5), ("p95", 0.95)):
                found.append(
                    row(design, self.array, f"data_loss_window_{label}", "h",
                        histogram.estimate(p), note=f"since the last copy of {name}")
                )  # fmt: skip
        gone = mean_interval(float(mean[6]), float(variance[6]), n, eventful=int(seen[6]))
        note = ""
        if mean[6] == 0:
            gone, note = none_seen(n), f"none seen in {n} terms"
            if not self.windows:
                note = "exactly 0: no backup of it in the design"
        found.append(row(design, self.array, "unreachable", "h/year", gone, note=note))
        for label, p in (("p50", 0.5), ("p95", 0.95)):
            of = self.restoration.estimate(p)
            found.append(row(design, self.array, f"restoration_time_{label}", "h", of))
        return found
