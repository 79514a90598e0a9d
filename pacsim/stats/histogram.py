"""Quantiles of any number of values in little memory, with intervals."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from pacsim.stats.confidence_intervals import LEVEL, Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping

PER_DECADE = 200
LOWEST, HIGHEST = 1e-4, 1e10
EDGE = 1e-6
"""Bins by which a value on an edge may be off and still be above it: no bit decides (ADR 22)."""


class LogHistogram:
    """Counts in fixed log-spaced bins: quantiles to 0.6 % unless other bins are asked for.

    Parameters
    ----------
    low, high : float
        Smaller values are counted as zero, larger ones as `high`.
    per_decade : int
        Bins per factor of ten.

    Examples
    --------
    >>> h = LogHistogram()
    >>> h.add(np.array([1.0, 2.0, 4.0, 8.0]))
    >>> h.n, round(h.quantile(0.5), 1)
    (4, 2.0)
    """

    ERROR = 10 ** (0.5 / PER_DECADE) - 1
    """Relative error of a quantile from the width of a bin, with the usual bins."""

    def __init__(
        self, low: float = LOWEST, high: float = HIGHEST, per_decade: int = PER_DECADE
    ) -> None:
        self.bins = (low, high, per_decade)
        inner = round(math.log10(high / low) * per_decade)
        # The first bin holds zeros and what is too small to tell from zero, the last the rest.
        self.counts = np.zeros(inner + 2, dtype=np.int64)
        self._told: tuple[np.ndarray, np.ndarray] | None = None
        """What `_filled` returns, until something is added."""

    @property
    def error(self) -> float:
        """Relative error of a quantile from the width of a bin."""
        return float(10 ** (0.5 / self.bins[2]) - 1)

    def add(self, values: np.ndarray, counts: np.ndarray | None = None) -> None:
        """Add values >= 0, each once or as often as ``counts`` says.

        Parameters
        ----------
        values : ndarray, shape (n,)
            >= 0.
        counts : ndarray of int, shape (n,), optional
            How often each; once unless given.

        Raises
        ------
        ValueError
            If a value is negative or not a number.
        """
        self._told = None
        indices = self.places(values)
        if counts is None:
            self.counts += np.bincount(indices, minlength=len(self.counts))
        else:
            np.add.at(self.counts, indices, counts)

    def places(self, values: np.ndarray) -> np.ndarray:
        """Return the bin of each value.

        Parameters
        ----------
        values : ndarray, shape (n,)
            >= 0.

        Returns
        -------
        ndarray of int64, shape (n,)
            Places in ``counts``.

        Raises
        ------
        ValueError
            If a value is negative or not a number.
        """
        if not (values >= 0).all():
            msg = "a histogram holds values >= 0 only; leave out what is not known"
            raise ValueError(msg)
        with np.errstate(divide="ignore"):
            place = (np.log10(values) - math.log10(self.bins[0])) * self.bins[2]
        place = np.floor(place + EDGE) + 1
        found: np.ndarray = np.clip(place, 0, len(self.counts) - 1).astype(np.int64)
        return found

    def merge(self, other: LogHistogram) -> None:
        """Add the counts of another one with the same bins.

        Parameters
        ----------
        other : LogHistogram
            Of the same bins.

        Raises
        ------
        ValueError
            If its bins are others.
        """
        if other.bins != self.bins:
            msg = f"histograms with other bins cannot be joined: {self.bins} and {other.bins}"
            raise ValueError(msg)
        self._told = None
        self.counts += other.counts

    def state(self) -> dict[str, np.ndarray]:
        """Return the bins that hold anything and their counts: what `restore` takes."""
        filled, _ = self._filled()
        return {"filled": filled, "counts": self.counts[filled]}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Take over what another one with the same bins returned as its `state`."""
        self._told = None
        self.counts = np.zeros_like(self.counts)
        self.counts[state["filled"]] = state["counts"]

    @property
    def n(self) -> int:
        """Number of values."""
        return int(self.counts.sum())

    @property
    def centres(self) -> np.ndarray:
        """Geometric middle of each bin; 0 for the first."""
        return self._places(0.5)

    def _places(self, share: float) -> np.ndarray:
        """Return for each bin the point at a share of its width; 0 for the first."""
        low, _, per_decade = self.bins
        return _points(low, per_decade, len(self.counts), share)

    def _filled(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the bins that hold anything, and how many values there are up to each of them."""
        if self._told is None:
            filled = self.counts.nonzero()[0]
            self._told = filled, self.counts[filled].cumsum()
        return self._told

    def quantile(self, p: float) -> float:
        """Return the p-quantile: the value of the ceil(p n)-th smallest.

        Parameters
        ----------
        p : float
            0 < p <= 1.

        Raises
        ------
        ValueError
            Without any value.
        """
        filled, reached = self._filled()
        if not len(filled):
            msg = "a histogram without values has no quantiles"
            raise ValueError(msg)
        return float(self.centres[_quantile_bin(filled, reached, p)])

    def estimate(self, p: float, level: float = LEVEL) -> Estimate:
        """Return a quantile with the interval of order statistics, exact by the binomial law.

        The values are taken as independent, which outages of one replication are only roughly: a
        burst of them makes the true interval wider. An end is None where there are too few values
        for it; both ends are moved outward to the edge of their bin.

        Parameters
        ----------
        p : float
            0 < p < 1.
        level : float
            Coverage asked for.

        Examples
        --------
        >>> h = LogHistogram()
        >>> h.add(np.arange(1.0, 21.0))
        >>> found = h.estimate(0.5)
        >>> [round(x, 1) for x in (found.lower, found.value, found.upper)]
        [6.0, 10.1, 15.1]
        >>> h.estimate(0.95).upper is None
        True
        """
        filled, reached = self._filled()
        method = f"order statistics, bins {100 * self.error:.1f} %"
        if not len(filled):
            return Estimate(None, None, None, 0, method)
        n = int(reached[-1])
        low, high = quantile_ranks(p, n, level)
        lower = upper = None
        if low >= 1:
            lower = float(self._places(0.0)[_bin(filled, reached, low)])
        # Above the last bin there is no edge.
        if high <= n and (at := _bin(filled, reached, high)) < len(self.counts) - 1:
            upper = float(self._places(1.0)[at]) if at else self.bins[0]
        value = float(self.centres[_quantile_bin(filled, reached, p)])
        return Estimate(value, lower, upper, n, method)

    def worst_mean(self, share: float) -> float | None:
        """Return the mean of the largest ``share`` of the values.

        Parameters
        ----------
        share : float
            0 < share <= 1.
        """
        n = self.n
        left = share * n
        if n == 0 or left <= 0:
            return None
        total, want = 0.0, left
        filled = self._filled()[0][::-1]
        counts, centres = self.counts[filled].tolist(), self.centres[filled].tolist()
        for count, centre in zip(counts, centres, strict=True):
            taken = min(float(count), left)
            total += taken * centre
            left -= taken
            if left <= 0:
                break
        return total / want


@lru_cache(maxsize=64)
def _points(low: float, per_decade: int, bins: int, share: float) -> np.ndarray:
    """Return for each bin the point at a share of its width; 0 for the first."""
    k = np.arange(bins)
    exponent = math.log10(low) + (k - 1 + share) / per_decade
    points: np.ndarray = np.where(k > 0, 10.0**exponent, 0.0)
    # Histograms of the same bins share it.
    points.setflags(write=False)
    return points


def _bin(filled: np.ndarray, reached: np.ndarray, rank: int) -> int:
    """Return the bin of the value of a rank, from 1 to all."""
    return int(filled[reached.searchsorted(rank)])


def _quantile_bin(filled: np.ndarray, reached: np.ndarray, p: float) -> int:
    """Return the bin of the ceil(p n)-th smallest of n values."""
    # 0.07 * 100 is a little over 7: without the allowance it would be the eighth.
    rank = math.ceil(p * int(reached[-1]) * (1.0 - 1e-12))
    return _bin(filled, reached, max(1, rank))


def quantile_ranks(p: float, n: int, level: float = LEVEL) -> tuple[int, int]:
    """Return the ranks of the order statistics between which the p-quantile lies.

    Each end misses it with probability (1 - level) / 2 at most, by the binomial law of how many of
    n values lie below it; rank 0 or n + 1 means that no value can serve.

    Parameters
    ----------
    p : float
        0 < p < 1.
    n : int
        Number of values.
    level : float
        Coverage asked for.

    Examples
    --------
    >>> quantile_ranks(0.5, 20), quantile_ranks(0.95, 20)
    ((6, 15), (17, 21))
    """
    return _ranks(p, n, level)


@lru_cache(maxsize=1024)
def _ranks(p: float, n: int, level: float) -> tuple[int, int]:
    """Return what `quantile_ranks` does; many histograms hold as many values."""
    from scipy.special import betainc

    a = (1.0 - level) / 2.0

    def below(rank: int) -> float:
        """Return the probability that fewer than ``rank`` of n values lie below the quantile."""
        return 1.0 if rank > n else float(betainc(n - rank + 1.0, float(rank), 1.0 - p))

    low = bisect_right(range(1, n + 2), a, key=below)
    return low, 1 + bisect_left(range(1, n + 2), 1.0 - a, key=below)
