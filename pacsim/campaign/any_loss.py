"""Tally of all parts that store something: what a term loses of all of it together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.campaign.loss_odds import OddsTally, odds_of_any
from pacsim.campaign.loss_tally import NOT_COUNTED, not_copied, without_a_copy
from pacsim.campaign.tally import MeanFigure, Tally
from pacsim.parts.watch_handles import LossWatch
from pacsim.results.measures import LOST_IN_TERM, MANY_STUDIES, UNSEEN
from pacsim.results.rows import Row, row
from pacsim.stats import (
    Estimate,
    Moments,
    capped_interval,
    none_seen,
    total_interval,
)

if TYPE_CHECKING:
    from typing import Self

    from pacsim.campaign.batch_view import BatchView
    from pacsim.core.model import Batch
    from pacsim.parts.loss_classes import LossClass
    from pacsim.parts.watch_handles import AllStores

ODDS = ("p_any_loss", "p_loss_over_100", "p_loss_of_all")


class AnyLossTally(Tally):
    """How likely a term loses anything, much or everything, and how many studies it costs.

    Parameters
    ----------
    reader : Reader
        Of the design's batches.
    watch : AllStores
        The handle of all that store something.
    """

    paired = (*ODDS, LOST_IN_TERM)
    kept = ("main", "odds")

    def __init__(self, reader: BatchView, watch: AllStores) -> None:
        super().__init__(reader, watch)
        by_store = [reader.handles(LossWatch, name) for name in watch.stores]
        self.firsts = list(zip(watch.firsts, by_store, strict=True))
        self.losses = [one for losses in by_store for one in losses]
        self.classes = list(dict.fromkeys(one.loss_class for one in self.losses))
        self.bare = without_a_copy(reader, watch.stores)
        self.main = Moments(max(len(self.classes), 1))
        self.odds = [OddsTally() for _ in ODDS]
        archive = reader.resolved.archive
        size = float(archive.values.get("study_size") or 0.0)
        there = float(archive.values.get("stored_at_start") or 0.0) / size if size else 0.0
        studies = there + float(archive.values.get("studies") or 0.0) * reader.term
        self.most = [self._most(one, studies * len(watch.stores)) for one in self.classes]

    def _most(self, of: LossClass, everything: float) -> float:
        """Return the most studies that a loss of a class may cost, as far as can be told."""
        each = [one.studies_each for one in self.losses if one.loss_class == of]
        return everything if None in each else max(x for x in each if x is not None)

    def add(self, batch: Batch) -> np.ndarray:
        """Add a batch; return how likely anything, much, all was lost, and how many studies."""
        terms = len(batch.events)
        lost = np.zeros((terms, max(len(self.classes), 1)))
        everything = np.zeros(terms, dtype=bool)
        for one in self.losses:
            place = self.reader.place(one.observed)
            number = batch.values[:, place.count]
            studies = (
                batch.values[:, place.sum]
                if one.studies_each is None
                else number * one.studies_each
            )
            lost[:, [self.classes.index(one.loss_class)]] += studies
            if one.loss_class.everything:
                everything |= studies[:, 0] > 0
        nothing = np.ones(terms)
        for first, losses in self.firsts:
            nothing *= 1.0 - odds_of_any(self.reader, batch, first, losses)
        self.main.add(lost, batch.first)
        total = lost.sum(axis=1)
        seen = np.column_stack([1.0 - nothing, total > MANY_STUDIES, everything])
        for odds, column in zip(self.odds, seen.T, strict=True):
            odds.add(column, batch.first)
        return np.column_stack([seen, total])

    def merge(self, other: Self) -> None:
        """Add what another tally has seen."""
        self.main.merge(other.main)
        for mine, theirs in zip(self.odds, other.odds, strict=True):
            mine.merge(theirs)

    def mean_figures(self) -> list[MeanFigure]:
        """Return the three odds and the studies that a term costs."""
        found = [
            MeanFigure(measure, "", odds.every, (0,))
            for measure, odds in zip(ODDS, self.odds, strict=True)
        ]
        return [*found, MeanFigure(LOST_IN_TERM, "", self.main, tuple(range(self.main.columns)))]

    def certain(self, measure: str) -> bool:
        """Return whether nothing that is stored can be lost."""
        return not self.losses or (
            measure == "p_loss_of_all" and not any(one.everything for one in self.classes)
        )

    def rows(self) -> list[Row]:
        """Return the three odds and the studies that a term costs."""
        design, owner, n = self.reader.design, self.owner, self.main.n
        rows = []
        for measure, odds in zip(ODDS, self.odds, strict=True):
            of, note = odds.estimate(n), NOT_COUNTED
            if self.certain(measure):
                of, note = Estimate(0.0, 0.0, 0.0, n, "by construction"), "exactly 0: no such loss"
            elif not odds.terms:
                note = f"none in {n} terms; {NOT_COUNTED}"
            rows.append(row(design, owner, measure, of, note=note))
        of, note = self._studies()
        rows.append(row(design, owner, LOST_IN_TERM, of, note=note))
        return [not_copied(one, self.bare) for one in rows]

    def _studies(self) -> tuple[Estimate, str]:
        """Return the mean number of studies that a term costs; classes vary each in its own way.

        Those not seen are bounded together: none of them came in so many terms, and each costs at
        most all that there is.
        """
        n = self.main.n
        if not self.losses:
            return Estimate(0.0, 0.0, 0.0, n, "by construction"), "exactly 0: no such loss"
        if n < 2:
            return none_seen(n), ""
        means, variances = self.main.mean, np.diag(self.main.covariance)
        parts, unseen = [], []
        for k, most in enumerate(self.most):
            seen = int(self.main.eventful[k])
            if seen == 0:
                unseen.append(most)
                continue
            mean, variance = float(means[k]), float(variances[k])
            parts.append(capped_interval(mean, variance, n, eventful=seen, most=most))
        if unseen and max(unseen) > 0:
            parts.append(capped_interval(0.0, 0.0, n, eventful=0, most=max(unseen)))
        if not parts:
            return none_seen(n), f"none seen in {n} terms"
        total = total_interval(parts)
        note = f"none seen in {n} terms; {UNSEEN}" if total.value == 0.0 else ""
        return total, note or (UNSEEN if unseen else "")
