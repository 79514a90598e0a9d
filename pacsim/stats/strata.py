"""Rates of two kinds of events, of which the rare kind is counted over more replications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from pacsim.stats.confidence_intervals import (
    Estimate,
    mean_interval,
    none_seen,
    paired_difference,
    ratio_interval,
)
from pacsim.stats.moments import Moments

if TYPE_CHECKING:
    from collections.abc import Sequence


class StrataMoments:
    """Means of vectors that are the sum of a usual and a rare part.

    The usual part is seen in the first ``most`` replications only, the rare part in all. The mean
    is the sum of both means, each over its own replications. As they share replications, their
    covariance is added: of means over n of N replications it is cov / N.

    Parameters
    ----------
    columns : int
        Length of the vectors.
    most : int
        Replications in which the usual part is seen, the first ones, >= 1.

    Examples
    --------
    Of two replications the first has both parts, 1 and 3, the second only the rare one, 5:

    >>> m = StrataMoments(1, most=1)
    >>> m.add(np.array([[1.0], [np.nan]]), np.array([[3.0], [5.0]]), first=0)
    >>> m.mean.tolist()
    [5.0]
    """

    def __init__(self, columns: int, most: int) -> None:
        self.columns, self.most = columns, most
        self.usual = Moments(2 * columns)
        self.rare = Moments(columns)
        self.negative = np.zeros(columns, dtype=bool)

    def add(self, usual: np.ndarray, rare: np.ndarray, first: int) -> None:
        """Add the replications from ``first`` on.

        Parameters
        ----------
        usual, rare : ndarray, shape (n, columns)
            A row a replication; what is usual of those from ``most`` on is not looked at.
        first : int
            Number of the first replication, >= 0.
        """
        both = max(0, min(self.most - first, len(rare)))
        if both:
            self.usual.add(np.hstack([usual[:both], rare[:both]]), first)
            self.negative |= (usual[:both] < 0).any(axis=0)
        self.rare.add(rare, first)
        self.negative |= (rare < 0).any(axis=0)

    def merge(self, other: Self) -> None:
        """Add what another one has seen, of other replications; it is not changed."""
        self.usual.merge(other.usual)
        self.rare.merge(other.rare)
        self.negative |= other.negative

    @property
    def n(self) -> int:
        """Replications in which both parts were seen."""
        return self.usual.n

    @property
    def mean(self) -> np.ndarray:
        """Sum of the means of both parts."""
        found: np.ndarray = self.usual.mean[: self.columns] + self.rare.mean
        return found

    @property
    def covariance(self) -> np.ndarray:
        """Covariance of the mean, times `n`: as if it were that of `n` replications."""
        k, n, every = self.columns, self.n, self.rare.n
        if n < 2:
            return np.zeros((k, k))
        usual = self.usual.covariance
        shared = usual[:k, k:]
        found: np.ndarray = usual[:k, :k] + (self.rare.covariance + shared + shared.T) * (n / every)
        return found

    def eventful(self, weights: np.ndarray) -> int:
        """Return in how many replications a sum may be other than 0, at least.

        The most of any of its columns; a replication may count in both parts, as in each of them
        something else happened.
        """
        k = self.columns
        each = self.usual.eventful[:k] + self.rare.eventful
        return int(each[weights != 0].max(initial=0))

    def sum_of(self, weights: np.ndarray, exposure: float | None = None) -> Estimate:
        """Return the estimate of a weighted sum of the columns.

        Parameters
        ----------
        weights : ndarray of float64, shape (columns,)
            Of the sum.
        exposure : float, optional
            Time over which the usual part was seen: of something of which nothing was seen the
            upper end is that of a Poisson count of none in it.

        Returns
        -------
        Estimate
            With `n` replications: Student's t, of the logarithm while few were eventful.
        """
        mean, seen = float(weights @ self.mean), self.eventful(weights)
        if seen == 0:
            return none_seen(self.n, exposure)
        variance = float(weights @ self.covariance @ weights)
        # What may be below zero has no logarithm.
        skewed = mean > 0.0 and not self.negative[weights != 0].any()
        return mean_interval(mean, variance, self.n, eventful=seen if skewed else None)

    def ratio_of(self, top: np.ndarray, below: np.ndarray) -> Estimate:
        """Return the ratio of two weighted sums, by the delta method.

        Parameters
        ----------
        top, below : ndarray of float64, shape (columns,)
            Weights.
        """
        pick = np.stack([top, below])
        over, under = (float(x) for x in pick @ self.mean)
        cov = pick @ self.covariance @ pick.T
        return ratio_interval(over, under, cov, self.n, eventful=self.eventful(below))

    def difference(self, first: int, second: int, comparisons: int) -> Estimate:
        """Return one column less another, of the same replications.

        Parameters
        ----------
        first, second : int
            Columns: the second less the first.
        comparisons : int
            How many are shown together (Bonferroni).
        """
        pick = [first, second]
        of = self.mean[pick]
        cov = self.covariance[np.ix_(pick, pick)]
        return paired_difference(float(of[0]), float(of[1]), cov, self.n, comparisons=comparisons)


def weights_of(columns: int, picked: Sequence[int]) -> np.ndarray:
    """Return weights that sum some columns.

    Examples
    --------
    >>> weights_of(3, [0, 2]).tolist()
    [1.0, 0.0, 1.0]
    """
    found = np.zeros(columns)
    found[list(picked)] = 1.0
    return found
