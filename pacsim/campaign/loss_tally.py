"""Tally of what a part stores: losses by class, the loss window, unreachable hours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pacsim.campaign.loss_odds import OddsTally, odds_of_any
from pacsim.campaign.tally import MeanFigure, Tally
from pacsim.parts.loss_classes import loss_classes
from pacsim.parts.watch_handles import CopyAgeWatch, LossWatch, NeverLost, UnreachableWatch
from pacsim.results.rows import NO_COPY, Row, row
from pacsim.stats import (
    Estimate,
    LogHistogram,
    Moments,
    mean_interval,
    none_seen,
)
from pacsim.units import HOUR

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from pacsim.campaign.batch_view import BatchView
    from pacsim.core.model import Batch
    from pacsim.parts.watch_handles import FirstLossWatch

NOT_COUNTED = (
    "ransomware, deletion, corruption and fire are not in it; scanners may hold the newest"
)


def without_a_copy(reader: BatchView, stores: Iterable[str]) -> tuple[str, ...]:
    """Return which parts that store something nothing outside of them has a copy of."""
    copied = {name for one in reader.handles(CopyAgeWatch) if one.restorable for name in one.of}
    return tuple(name for name in stores if name not in copied)


def not_copied(one: Row, bare: tuple[str, ...]) -> Row:
    """Return a row that says what nobody has a copy of, in its note first of all."""
    if not bare:
        return one
    said = f"{NO_COPY} of {', '.join(bare)}: what is lost there is gone; {one.note}"
    return replace(one, no_copy_of=bare, note=said.removesuffix("; "))


class LossTally(Tally):
    """What has been seen of the losses of one part that stores something.

    Parameters
    ----------
    reader : Reader
        Of the design's batches.
    watch : FirstLossWatch
        The handle of the part's first loss; its other handles say what is lost and how.
    """

    kept = ("main", "any", "restoration", "windows")

    def __init__(self, reader: BatchView, watch: FirstLossWatch) -> None:
        super().__init__(reader, watch)
        self.losses = reader.handles(LossWatch, self.owner)
        never = reader.handles(NeverLost, self.owner)
        possible = [one.loss_class.name for one in self.losses]
        # A class that one cause of losses rules out may have another.
        self.never = {
            one.loss_class.name: one.why for one in never if one.loss_class.name not in possible
        }
        possible += [one.loss_class.name for one in never]
        # Registered ones in their order, then what a part made by itself.
        known = [name for name in loss_classes() if name in possible]
        self.classes = list(dict.fromkeys([*known, *possible]))
        self.gaps = reader.handles(UnreachableWatch, self.owner)
        self.never_gone = next((one.never for one in self.gaps if one.never), "")
        self.main = Moments(2 * len(self.classes) + 1)
        self.any = OddsTally()
        self.restoration = LogHistogram()
        self.ages = [one for one in reader.handles(CopyAgeWatch) if self.owner in one.of]
        self.windows = {one.owner: LogHistogram() for one in self.ages}

    def add(self, batch: Batch) -> np.ndarray:
        """Add a batch."""
        years = self.reader.years
        numbers = np.zeros((len(batch.events), self.main.columns))
        for one in self.losses:
            k = 2 * self.classes.index(one.loss_class.name)
            place = self.reader.place(one.observed)
            number = batch.values[:, place.count]
            if one.studies_each is None:
                studies = batch.values[:, place.sum]
            else:
                studies = number * one.studies_each
            numbers[:, [k]] += number / years
            numbers[:, [k + 1]] += studies / years
        for gap in self.gaps:
            gone = batch.values[:, self.reader.place(gap.observed).time]
            numbers[:, [-1]] += gone / HOUR / years
            episodes = self.reader.episodes(batch, gap.observed)
            over = episodes[~episodes["censored"]]
            self.restoration.add((over["end"] - over["start"]) / HOUR)
        self.main.add(numbers, batch.first)
        self.any.add(odds_of_any(self.reader, batch, self.observed, self.losses), batch.first)
        for age in self.ages:
            values = self.reader.samples(batch, age.observed)["value"]
            self.windows[age.owner].add(values[np.isfinite(values)] / HOUR)
        return self.no_keys(batch)

    def merge(self, other: Self) -> None:
        """Add what another tally has seen."""
        self.main.merge(other.main)
        self.any.merge(other.any)
        self.restoration.merge(other.restoration)
        for name, histogram in self.windows.items():
            histogram.merge(other.windows[name])

    def mean_figures(self) -> list[MeanFigure]:
        """Return the odds of any loss, losses by class and unreachable hours."""
        found = [MeanFigure("p_any_loss", "", self.any.every, (0,))]
        for k, name in enumerate(self.classes):
            found.append(MeanFigure("losses", name, self.main, (2 * k,)))
            found.append(MeanFigure("studies_lost", name, self.main, (2 * k + 1,)))
        return [*found, MeanFigure("unreachable", "", self.main, (self.main.columns - 1,))]

    def rows(self) -> list[Row]:
        """Return every figure of the part's losses."""
        design, owner, n = self.reader.design, self.owner, self.main.n
        anything = self.any.estimate(n)
        note = NOT_COUNTED if self.any.terms else f"none in {n} terms; {NOT_COUNTED}"
        odds = row(design, owner, "p_any_loss", anything, note=note)
        rows = [not_copied(odds, without_a_copy(self.reader, [owner]))]
        for name in self.classes:
            rows += self._by_class(name)
        for name, histogram in self.windows.items():
            for label, p in (("p50", 0.5), ("p95", 0.95)):
                rows.append(
                    row(design, owner, f"data_loss_window_{label}", histogram.estimate(p),
                        note=f"since the last copy of {name}")
                )  # fmt: skip
        gone, note = self._mean(-1), ""
        if gone.value == 0:
            gone, note = none_seen(n), f"none seen in {n} terms"
            if self.never_gone:
                note = f"exactly 0: {self.never_gone}"
        rows.append(row(design, owner, "unreachable", gone, note=note))
        for label, p in (("p50", 0.5), ("p95", 0.95)):
            of = self.restoration.estimate(p)
            rows.append(row(design, owner, f"restoration_time_{label}", of))
        return rows

    def _mean(self, column: int) -> Estimate:
        n, means, variances, eventful = self.main.each_column()
        return mean_interval(means[column], variances[column], n, eventful=eventful[column])

    def _by_class(self, name: str) -> list[Row]:
        """Return how often a class of losses comes and what it costs."""
        n, rows = self.main.n, []
        for j, measure in enumerate(("losses", "studies_lost")):
            of, note = self._mean(2 * self.classes.index(name) + j), ""
            if of.value == 0:
                of = none_seen(n, n * self.reader.years if measure == "losses" else None)
                note = f"none seen in {n} terms"
                if name in self.never:
                    of = Estimate(0.0, 0.0, 0.0, n, "by construction")
                    note = f"exactly 0: {self.never[name]}"
            rows.append(
                row(self.reader.design, self.owner, measure, of, by="loss_class",
                    of=name, note=note)
            )  # fmt: skip
        return rows
