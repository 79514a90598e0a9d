"""Means and covariances of vectors, streamed; parts that others have computed can be merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.stats.blocks import Blocks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

Summary = tuple[int, np.ndarray, np.ndarray, np.ndarray]
"""Number of rows, their mean, the sum of products of their distances from it, and of cubes."""


class Moments(Blocks[Summary]):
    """Mean and covariance of vectors, by blocks (Chan, Golub, LeVeque 1983).

    Parameters
    ----------
    columns : int
        Length of the vectors.

    Attributes
    ----------
    eventful : ndarray of int64
        Rows in which each column is not zero.

    Examples
    --------
    >>> m = Moments(1)
    >>> m.add(np.array([[1.0], [2.0], [3.0]]))
    >>> m.n, m.mean.tolist(), m.covariance.tolist()
    (3, [2.0], [[1.0]])

    Two parts of one run, the later one computed elsewhere:

    >>> a, b = Moments(1), Moments(1)
    >>> a.add(np.array([[1.0], [2.0]]))
    >>> b.add(np.array([[3.0]]), first=2)
    >>> a.merge(b)
    >>> a.n, a.mean.tolist(), a.covariance.tolist()
    (3, [2.0], [[1.0]])
    """

    def __init__(self, columns: int) -> None:
        super().__init__(columns)
        self.eventful = np.zeros(columns, dtype=np.int64)

    def nothing(self) -> Summary:
        """Return the summary of no rows."""
        k = self.columns
        return 0, np.zeros(k), np.zeros((k, k)), np.zeros(k)

    def reduce(self, rows: np.ndarray) -> Summary:
        """Return number, mean, sum of products and sum of cubes of the rows of one block."""
        centre = rows.mean(axis=0)
        off = rows - centre
        return len(rows), centre, off.T @ off, (rows * rows * rows).sum(axis=0)

    def join(self, first: Summary, second: Summary) -> Summary:
        """Return the summary of both, the second one after the first."""
        (n, mean, squares, cubes), (k, centre, more, other) = first, second
        delta = centre - mean
        total = n + k
        return (
            total,
            mean + delta * (k / total),
            squares + more + np.outer(delta, delta) * (n * k / total),
            cubes + other,
        )

    def traced(self, summary: Summary) -> np.ndarray:
        """Return the means of a block, a number a column."""
        return summary[1].reshape(self.columns)

    def arrays(self, summaries: Sequence[Summary]) -> dict[str, np.ndarray]:
        """Return summaries as arrays; of columns in which every bit is 0 nothing is kept."""
        k = self.columns
        # Mean, cubes and squares of each, a row above the other. Numbers that came without columns
        # have summaries without them.
        whole = np.empty((len(summaries), 2 + k, k))
        for at, (_, mean, squares, cubes) in enumerate(summaries):
            whole[at, 0], whole[at, 1], whole[at, 2:] = mean, cubes, squares
        # By bits, as -0.0 has one and 0.0 has none.
        bits = np.bitwise_or.reduce(whole.view(np.uint64), axis=0)
        down = np.bitwise_or.reduce(bits, axis=0) | np.bitwise_or.reduce(bits[2:], axis=1)
        kept = down.nonzero()[0]
        if len(kept) < k:
            places = np.empty(len(kept) + 2, dtype=np.int64)
            places[0], places[1], places[2:] = 0, 1, kept + 2
            whole = whole.take(places, axis=1).take(kept, axis=2)
        return {
            "sizes": np.array([n for n, *_ in summaries], dtype=np.int64),
            "kept": kept,
            "means": whole[:, 0],
            "squares": whole[:, 2:],
            "cubes": whole[:, 1],
            "eventful": self.eventful.copy(),
        }

    def summaries(self, arrays: Mapping[str, np.ndarray]) -> list[Summary]:
        """Return the summaries that `arrays` made arrays of."""
        found, kept = [], arrays["kept"]
        for k, size in enumerate(arrays["sizes"].tolist()):
            _, mean, squares, cubes = self.nothing()
            mean[kept], cubes[kept] = arrays["means"][k], arrays["cubes"][k]
            squares[np.ix_(kept, kept)] = arrays["squares"][k]
            found.append((size, mean, squares, cubes))
        return found

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Take over what another one returned as its `state`."""
        if len(state["eventful"]) != self.columns:
            msg = f"a state of {len(state['eventful'])} columns is none of {self.columns}"
            raise ValueError(msg)
        super().restore(state)
        self.eventful = state["eventful"].copy()

    def add(self, rows: np.ndarray, first: int | None = None) -> None:
        """Add the rows of replications from ``first`` on; by default of those that come next.

        Parameters
        ----------
        rows : ndarray, shape (n, k) or (n,)
            One a replication.
        first : int, optional
            Number of the first replication, >= 0.
        """
        super().add(rows, first)
        self.eventful += np.count_nonzero(rows, axis=0)

    def merge(self, other: Self) -> None:
        """Add the rows of another one: the same bits as if all had been added here, in order.

        Parameters
        ----------
        other : Moments
            Of other replications, of as many columns.
        """
        super().merge(other)
        self.eventful += other.eventful

    @property
    def n(self) -> int:
        """Number of rows added."""
        return self.total()[0]

    @property
    def mean(self) -> np.ndarray:
        """Mean of each column."""
        return self.total()[1]

    @property
    def covariance(self) -> np.ndarray:
        """Unbiased covariance of the columns; zero for fewer than two rows."""
        n, _, squares, _ = self.total()
        return squares / (n - 1) if n > 1 else np.zeros_like(squares)

    def each_column(self) -> tuple[int, list[float], list[float], list[int]]:
        """Return the number of rows, and mean, variance and eventful rows of each column.

        Examples
        --------
        >>> m = Moments(1)
        >>> m.add(np.array([[1.0], [2.0], [0.0]]))
        >>> m.each_column()
        (3, [1.0], [1.0], [2])
        """
        n, mean, squares, _ = self.total()
        variance = squares.diagonal() / (n - 1) if n > 1 else np.zeros(self.columns)
        return n, mean.tolist(), variance.tolist(), self.eventful.tolist()

    @property
    def skewness(self) -> np.ndarray:
        """Skewness of each column, good to a few digits; 0 without spread."""
        n, mean, squares, cubes = self.total()
        if n < 2:
            return np.zeros(self.columns)
        variance = squares.diagonal() / n
        second = variance + mean * mean
        third = cubes / n - 3.0 * mean * second + 2.0 * mean**3
        spread = variance > 1e-12 * second
        found: np.ndarray = np.where(spread, third / np.where(spread, variance, 1.0) ** 1.5, 0.0)
        return found


class Skewness(Blocks[np.ndarray]):
    """Skewness of a number, by blocks; good to a few digits, which is what a stopping rule needs.

    Examples
    --------
    >>> s = Skewness()
    >>> s.add(np.array([0.0, 0.0, 0.0, 1.0]))
    >>> round(s.value, 4)
    1.1547
    """

    def __init__(self) -> None:
        super().__init__(1)

    def nothing(self) -> np.ndarray:
        """Return four zeros."""
        return np.zeros(4)

    def reduce(self, rows: np.ndarray) -> np.ndarray:
        """Return the sums of the powers 0 to 3."""
        return np.array([float((rows**k).sum()) for k in range(4)])

    def join(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return the sums over both."""
        sums: np.ndarray = first + second
        return sums

    def arrays(self, summaries: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        """Return summaries as one array."""
        return {"sums": np.stack(summaries)}

    def summaries(self, arrays: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """Return the summaries that `arrays` made an array of."""
        return [one.copy() for one in arrays["sums"]]

    @property
    def value(self) -> float:
        """Third central moment over the cube of the standard deviation; 0 without spread."""
        n, *sums = self.total()
        if n < 2:
            return 0.0
        mean, second, third = (x / n for x in sums)
        variance = second - mean * mean
        if variance <= 1e-12 * second:
            return 0.0
        return float((third - 3.0 * mean * second + 2.0 * mean**3) / variance**1.5)
