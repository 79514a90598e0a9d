"""Means and covariances of vectors, streamed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

BLOCK = 64
"""Replications are reduced in fixed blocks, in order, so that figures do not depend on batches."""


@dataclass(slots=True)
class Moments:
    """Mean and covariance of vectors, streamed in blocks (Chan, Golub, LeVeque 1983).

    Parameters
    ----------
    columns : int
        Length of the vectors.

    Examples
    --------
    >>> m = Moments(1)
    >>> m.add(np.array([[1.0], [2.0], [3.0]]))
    >>> m.n, m.mean.tolist(), m.covariance.tolist()
    (3, [2.0], [[1.0]])
    """

    columns: int
    eventful: np.ndarray = field(init=False)
    """Rows in which each column is not zero."""
    _n: int = 0
    _mean: np.ndarray = field(init=False)
    _sum: np.ndarray = field(init=False)
    _rest: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.eventful = np.zeros(self.columns, dtype=np.int64)
        self._mean = np.zeros(self.columns)
        self._sum = np.zeros((self.columns, self.columns))
        self._rest = np.zeros((0, self.columns))

    def add(self, values: np.ndarray) -> None:
        """Add rows; they are reduced as soon as a block of 64 is full."""
        self.eventful += np.count_nonzero(values, axis=0)
        rows = np.concatenate([self._rest, values]) if len(self._rest) else values
        # numpy adds up columns of another memory order in another order: other last digits.
        rows = np.ascontiguousarray(rows, dtype=np.float64)
        whole = len(rows) - len(rows) % BLOCK
        for k in range(0, whole, BLOCK):
            state = _merge(self._n, self._mean, self._sum, rows[k : k + BLOCK])
            self._n, self._mean, self._sum = state
        self._rest = np.array(rows[whole:])

    def merge(self, other: Moments) -> None:
        """Add the rows of another one after these; it is not changed.

        The same figures up to rounding: only `add`, in order, gives the same bits however the rows
        are cut.

        Raises
        ------
        ValueError
            If the columns differ.

        Examples
        --------
        >>> a, b = Moments(1), Moments(1)
        >>> a.add(np.array([[1.0], [2.0]]))
        >>> b.add(np.array([[3.0]]))
        >>> a.merge(b)
        >>> a.n, a.mean.tolist(), a.covariance.tolist()
        (3, [2.0], [[1.0]])
        """
        if other.columns != self.columns:
            msg = f"moments of {other.columns} columns cannot join those of {self.columns}"
            raise ValueError(msg)
        rest = np.array(other._rest)
        self.eventful += other.eventful - np.count_nonzero(rest, axis=0)
        if other._n:
            n, mean, squares = self._all()
            self._n, self._mean, self._sum = _combine(
                n, mean, squares, other._n, other._mean, other._sum
            )
            self._rest = np.zeros((0, self.columns))
        self.add(rest)

    def _all(self) -> tuple[int, np.ndarray, np.ndarray]:
        if not len(self._rest):
            return self._n, self._mean, self._sum
        return _merge(self._n, self._mean, self._sum, self._rest)

    @property
    def n(self) -> int:
        """Number of rows added."""
        return self._n + len(self._rest)

    @property
    def mean(self) -> np.ndarray:
        """Mean of each column."""
        return self._all()[1]

    @property
    def covariance(self) -> np.ndarray:
        """Unbiased covariance of the columns; zero for fewer than two rows."""
        n, _, squares = self._all()
        return squares / (n - 1) if n > 1 else np.zeros_like(squares)


@dataclass(slots=True)
class Skewness:
    """Skewness of a number, streamed; good to a few digits, which is what a stopping rule needs.

    Examples
    --------
    >>> s = Skewness()
    >>> s.add(np.array([0.0, 0.0, 0.0, 1.0]))
    >>> round(s.value, 4)
    1.1547
    """

    _n: int = 0
    _sums: np.ndarray = field(default_factory=lambda: np.zeros(3))

    def add(self, values: np.ndarray) -> None:
        """Add numbers."""
        self._n += len(values)
        self._sums += [float((values**k).sum()) for k in (1, 2, 3)]

    @property
    def value(self) -> float:
        """Third central moment over the cube of the standard deviation; 0 without spread."""
        if self._n < 2:
            return 0.0
        mean, second, third = self._sums / self._n
        variance = second - mean * mean
        if variance <= 1e-12 * second:
            return 0.0
        return float((third - 3.0 * mean * second + 2.0 * mean**3) / variance**1.5)


def _merge(
    n: int, mean: np.ndarray, squares: np.ndarray, block: np.ndarray
) -> tuple[int, np.ndarray, np.ndarray]:
    centre = block.mean(axis=0)
    off = block - centre
    return _combine(n, mean, squares, len(block), centre, off.T @ off)


def _combine(
    n: int, mean: np.ndarray, squares: np.ndarray, k: int, centre: np.ndarray, more: np.ndarray
) -> tuple[int, np.ndarray, np.ndarray]:
    delta = centre - mean
    total = n + k
    return (
        total,
        mean + delta * (k / total),
        squares + more + np.outer(delta, delta) * (n * k / total),
    )
