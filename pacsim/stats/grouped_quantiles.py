"""Quantiles of values that come in clusters and in two strata, with intervals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Self

import numpy as np

from pacsim.stats.confidence_intervals import LEVEL, Estimate, t_quantile
from pacsim.stats.histogram import LogHistogram, quantile_ranks

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUPS = 32
"""Groups in which replications are put by their number: enough for a variance, and few."""


class GroupedHistogram:
    """Counts in log-spaced bins by stratum and by group of replications.

    A value of a stratum weighs 1 / its years. Whole replications are in one group, so groups
    are independent however values of a replication go together, and the covariance of strata that
    share replications is in their sums.

    Parameters
    ----------
    strata : int
        How many there are.
    low, high : float
        As of `LogHistogram`.

    Examples
    --------
    >>> h = GroupedHistogram(1)
    >>> for replication in range(64):
    ...     h.add(0, np.array([replication]), np.array([replication + 1.0]))
    >>> found = h.estimate(0.5, [1.0])
    >>> round(found.value), found.lower < 32 < found.upper, found.n
    (32, True, 64)
    """

    def __init__(self, strata: int = 2, low: float = 1e-3, high: float = 1e8) -> None:
        self.bins = (low, high)
        self._shape = LogHistogram(low, high)
        self.counts = np.zeros((strata, GROUPS, len(self._shape.counts)), dtype=np.int32)
        self.largest = 0.0

    def add(self, stratum: int, replications: np.ndarray, values: np.ndarray) -> None:
        """Add values >= 0 of one stratum.

        Parameters
        ----------
        stratum : int
            From 0.
        replications : ndarray of int64, shape (n,)
            In which each was seen.
        values : ndarray of float64, shape (n,)
            >= 0.
        """
        if not len(values):
            return
        self.largest = max(self.largest, float(values.max()))
        group = np.asarray(replications) % GROUPS
        mine = self.counts[stratum]
        places = group * mine.shape[1] + self._shape.places(values)
        np.add.at(mine.reshape(-1), places, np.int32(1))

    def merge(self, other: Self) -> None:
        """Add what another one has seen; it is not changed."""
        self.counts += other.counts
        self.largest = max(self.largest, other.largest)

    @property
    def n(self) -> int:
        """Number of values."""
        return int(self.counts.sum())

    def estimate(self, p: float, years: Sequence[float], level: float = LEVEL) -> Estimate:
        """Return a quantile with Woodruff's interval (1952).

        The share of values below the quantile has a variance between groups of replications; as
        many independent values as would have it give the ranks between which the quantile lies. An
        end is None where there are too few.

        Parameters
        ----------
        p : float
            0 < p < 1.
        years : sequence of float
            Over which each stratum was seen; its values weigh 1 / years.
        level : float
            Coverage asked for.
        """
        method = f"weighted order statistics, {GROUPS} groups of terms"
        if self.n == 0:
            return Estimate(None, None, None, 0, method)
        weights = 1.0 / np.array([max(y, 1e-300) for y in years])
        by_bin = np.einsum("s,sgb->b", weights, self.counts)
        reached = np.cumsum(by_bin) / by_bin.sum()
        reached[-1] = 1.0
        at = self._place(reached, p)
        value = float(self._shape.centres[at])
        alike = self._effective(weights, at, level)
        if alike < 2:
            return Estimate(value, None, None, self.n, method)
        low, high = quantile_ranks(p, alike, level)
        lower = upper = None
        if low >= 1:
            lower = self._edge(self._place(reached, low / alike), 0.0)
        if high <= alike and (above := self._place(reached, high / alike)) < len(reached) - 1:
            upper = self._edge(above, 1.0)
        return Estimate(value, lower, upper, self.n, method)

    def _place(self, reached: np.ndarray, share: float) -> int:
        """Return the bin in which a share of all weight is reached."""
        at = int(np.searchsorted(reached, share * (1.0 - 1e-12)))
        return min(at, len(reached) - 1)

    def _edge(self, at: int, end: float) -> float:
        """Return the lower (0) or upper (1) edge of a bin."""
        low = self.bins[0]
        inner = self._shape.bins[2]
        edge: float = low * 10 ** ((at - 1 + end) / inner) if at else low * end
        return edge

    def _effective(self, weights: np.ndarray, at: int, level: float) -> int:
        """Return how many independent values would know the share up to a bin as well."""
        total = np.einsum("s,sgb->g", weights, self.counts)
        below = np.einsum("s,sgb->g", weights, self.counts[:, :, : at + 1])
        many = int((total > 0).sum())
        if many < 2:
            return 0
        share = below.sum() / total.sum()
        off = below - share * total
        spread = GROUPS / (GROUPS - 1) * float(np.square(off - off.mean()).sum())
        variance = spread / total.sum() ** 2
        # By weights alone (Kish): no more independent values than there are, of alike weights.
        each = self.counts.sum(axis=(1, 2), dtype=np.float64)
        kish = float(weights @ each) ** 2 / float(np.square(weights) @ each)
        if share >= 1.0 or variance <= 0.0:
            return math.floor(kish)
        # Less for a variance known from few (Korn and Graubard 1998).
        ratio = t_quantile(level, GROUPS * 1000) / t_quantile(level, many - 1)
        alike = share * (1.0 - share) / variance * ratio * ratio
        return math.floor(min(kish, float(alike)))
