"""How likely a term has lost any study, where what it cost is known as an expected number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pacsim.stats import Estimate, Moments, mean_interval, proportion_interval

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from pacsim.campaign.batch_view import BatchView
    from pacsim.core.model import Batch
    from pacsim.parts.watch_handles import LossWatch


def odds_of_any(
    reader: BatchView, batch: Batch, first: str, losses: Iterable[LossWatch]
) -> np.ndarray:
    """Return for each term how likely it has lost a study of one part.

    Studies come one by one, so where x of them are expected none has come with probability
    exp(-x), and windows of one term add up. What is lost in pieces of a stated size is lost for
    certain, and so is what no handle sees the size of.

    Parameters
    ----------
    reader : BatchView
        Of the design's batches.
    batch : Batch
        Its terms.
    first : str
        Name of the observation of the part's first loss: without one a term has lost nothing.
    losses : iterable of LossWatch
        All of the part.
    """
    terms = len(batch.events)
    expected, sized = np.zeros(terms), np.zeros(terms, dtype=bool)
    for one in losses:
        place = reader.place(one.observed)
        seen = batch.values[:, place.count][:, 0] > 0
        if one.studies_each is None:
            sized |= seen
            expected += batch.values[:, place.sum][:, 0]
        elif one.studies_each > 0:
            expected[seen] = np.inf
    expected[~sized & np.isfinite(expected)] = np.inf
    happened = np.isfinite(batch.values[:, reader.place(first).time][:, 0])
    odds: np.ndarray = np.where(happened, -np.expm1(-expected), 0.0)
    return odds


class OddsTally:
    """Odds that come term by term: those that are certain are counted, the others summed.

    Examples
    --------
    >>> tally = OddsTally()
    >>> tally.add(np.array([1.0, 0.0, 0.25, 0.25]), first=0)
    >>> tally.terms, tally.estimate(4).value
    (1.5, 0.375)
    """

    kept = ("certain", "chances", "every")

    def __init__(self) -> None:
        self.certain = 0
        self.chances = Moments(1)
        self.every = Moments(1)
        """Of all odds, certain ones among them: what blocks of terms say."""

    def add(self, odds: np.ndarray, first: int) -> None:
        """Add the odds of the terms from number ``first`` on."""
        self.certain += int((odds == 1.0).sum())
        self.chances.add(np.where(odds < 1.0, odds, 0.0), first)
        self.every.add(odds, first)

    def merge(self, other: Self) -> None:
        """Add what another tally has seen."""
        self.certain += other.certain
        self.chances.merge(other.chances)
        self.every.merge(other.every)

    @property
    def terms(self) -> float:
        """Terms that it comes to, a whole number if all were certain."""
        return self.certain + float(self.chances.mean[0]) * self.chances.n

    def estimate(self, n: int) -> Estimate:
        """Return the odds over n terms.

        Where no term has lost anything for certain the lower end is that of the mean of the odds:
        Clopper and Pearson know nothing of less than one, and would put it at next to nothing.
        """
        of = proportion_interval(self.terms, n)
        if self.certain or not self.terms:
            return of
        mean, variance = float(self.chances.mean[0]), float(self.chances.covariance[0, 0])
        below = mean_interval(mean, variance, n, eventful=int(self.chances.eventful[0]))
        lower = min(max(below.lower or 0.0, 0.0), mean)
        return replace(of, lower=lower, method=f"{of.method}, below {below.method}")
