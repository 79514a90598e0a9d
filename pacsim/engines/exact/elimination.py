"""The long run and mean times by state reduction without subtraction, level by level.

The elimination of Grassmann, Taksar and Heyman (1985) takes diagonals as sums, so every figure
keeps its digits however small it is and however far apart the time scales are (O'Cinneide 1993).
States are taken in levels of distance from the start: a jump joins neighbouring levels only, so
that two levels at a time are held as a full matrix, and blocks are updated by matrix products.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scipy.sparse import csr_array

ENGINE = "exact"
NARROW = 192
"""Neighbouring levels are joined up to this many states: small matrices cost only overhead."""
SINGLE = 8
"""States eliminated one at a time; more are halved."""
WORK = 1.5e12
"""Most multiplications, a minute or two."""
MEMORY = 4e9
"""Most bytes of factors."""
UNIT = 2.0**-53


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Rates ``rate[k]`` from ``source[k]`` to ``target[k]`` among ``states`` states."""

    source: np.ndarray
    target: np.ndarray
    rate: np.ndarray
    states: int

    def matrix(self) -> csr_array:
        """Return the rates as a sparse matrix without the diagonal."""
        from scipy.sparse import csr_array

        apart = self.source != self.target
        shape = (self.states, self.states)
        return csr_array((self.rate[apart], (self.source[apart], self.target[apart])), shape=shape)

    def within(self, kept: np.ndarray) -> Graph:
        """Return the rates among some states, which are numbered anew."""
        place = np.full(self.states, -1)
        place[kept] = np.arange(len(kept))
        inside = (place[self.source] >= 0) & (place[self.target] >= 0)
        return Graph(
            place[self.source[inside]],
            place[self.target[inside]],
            self.rate[inside],
            len(kept),
        )


def closed_classes(graph: Graph) -> list[np.ndarray]:
    """Return the sets of states that are never left.

    Parameters
    ----------
    graph : Graph
        Of a chain.

    Returns
    -------
    list of numpy.ndarray
        State numbers of each; absorbing states are sets of one.
    """
    from scipy.sparse.csgraph import connected_components

    count, label = connected_components(graph.matrix(), connection="strong")
    left = np.zeros(count, dtype=bool)
    left[label[graph.source][label[graph.source] != label[graph.target]]] = True
    return [np.flatnonzero(label == c) for c in np.flatnonzero(~left)]


def steady_state(graph: Graph) -> np.ndarray:
    """Return the long-run distribution of a chain with one set of states that is never left.

    Parameters
    ----------
    graph : Graph
        With one closed class.

    Returns
    -------
    numpy.ndarray
        Probability of each state.

    Raises
    ------
    UnsupportedError
        With the number of states, if the elimination would be too large.

    Examples
    --------
    A part that is down one hour in 1e9 + 1:

    >>> pi = steady_state(Graph(np.array([0, 1]), np.array([1, 0]), np.array([1e-9, 1.0]), 2))
    >>> f"{pi[1]:.9e}"
    '9.999999990e-10'
    """
    inside = closed_classes(graph)[0]
    part = graph.within(inside)
    factors = _Levels(part, np.array([0]), np.zeros(part.states), keep="columns")
    pi = np.zeros(graph.states)
    pi[inside] = factors.balanced()
    return pi


def mean_times(graph: Graph, start: np.ndarray, absorbing: np.ndarray) -> np.ndarray:
    """Return the mean time to the absorbing states from every state that a start may lead to.

    Eliminating a state adds its time and its ways out to the states that lead to it.

    Parameters
    ----------
    graph : Graph
        Of a chain.
    start : numpy.ndarray
        Start probabilities; only what can be reached from them counts.
    absorbing : numpy.ndarray
        Positive for the absorbing states.

    Returns
    -------
    numpy.ndarray
        Infinity for all if one of the states may never lead there; zero where not reached.

    Raises
    ------
    UnsupportedError
        With the number of states, if the elimination would be too large.

    Examples
    --------
    >>> graph = Graph(np.array([0, 1]), np.array([1, 2]), np.array([0.5, 0.25]), 3)
    >>> [float(t) for t in mean_times(graph, np.array([1.0, 0, 0]), np.array([0, 0, 1]))]
    [6.0, 4.0, 0.0]
    """
    times = np.zeros(graph.states)
    going = absorbing[graph.source] <= 0
    ways = Graph(graph.source[going], graph.target[going], graph.rate[going], graph.states)
    reached = np.concatenate(list(_layers(ways.matrix(), np.flatnonzero(start > 0))))
    inside = np.sort(reached[absorbing[reached] <= 0])
    if not len(inside):
        return times
    into = absorbing[ways.target] > 0
    out = np.bincount(ways.source[into], weights=ways.rate[into], minlength=graph.states)
    begin = np.flatnonzero(start[inside] > 0)
    times[inside] = _Levels(ways.within(inside), begin, out[inside], keep="rows").times()
    return times


def _layers(matrix: csr_array, begin: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the states by their distance from the first ones."""
    seen = np.zeros(matrix.shape[0], dtype=bool)
    layer = begin
    seen[layer] = True
    while len(layer):
        yield layer
        near = np.unique(matrix[layer].indices)
        layer = near[~seen[near]]
        seen[layer] = True


class _Levels:
    """A chain eliminated from its farthest level to the first; the factors needed are kept.

    A window is a full matrix over two levels. Its first column holds the rates out of the chain,
    its second the expected time per visit, so that both are carried by the same products.
    """

    def __init__(self, graph: Graph, begin: np.ndarray, out: np.ndarray, *, keep: str) -> None:
        matrix = graph.matrix()
        self.levels = _joined(list(_layers(matrix + matrix.T, begin)))
        self.states = graph.states
        self._refuse([len(level) for level in self.levels])
        self.kept: list[np.ndarray] = []
        self.totals: list[np.ndarray] = []
        carried = np.empty((0, 0))
        for d in range(len(self.levels) - 1, -1, -1):
            level = self.levels[d]
            before = self.levels[d - 1] if d else np.empty(0, dtype=np.int64)
            window = self._window(matrix, before, level, out)
            first = len(before)
            if carried.size:
                window[first:, :2] += carried[:, :2]
                window[first:, 2 + first :] += carried[:, 2:]
            total = _eliminate(window, first)
            self.kept.append(
                window[first:].copy() if keep == "rows" else window[:, 2 + first :].copy()
            )
            self.totals.append(total)
            if first:
                _update(window, 0, first, first, len(window), rows_to=2 + first)
                carried = window[:first, : 2 + first].copy()
        self.kept.reverse()
        self.totals.reverse()

    def _refuse(self, sizes: list[int]) -> None:
        pairs = list(zip([0, *sizes], sizes, strict=False))
        work = sum((a + b) ** 2 * b for a, b in pairs)
        memory = 8 * (sum((a + b) * b for a, b in pairs) + max((a + b) ** 2 for a, b in pairs))
        if work > WORK or memory > MEMORY:
            msg = (
                f"{self.states} states in {len(sizes)} levels of up to {max(sizes)} need "
                f"{work:.1e} multiplications and {memory / 1e9:.1f} GB; leave parts out, ask for "
                "figures over a mission, or simulate"
            )
            raise UnsupportedError(ENGINE, (msg,))

    @staticmethod
    def _window(
        matrix: csr_array, before: np.ndarray, level: np.ndarray, out: np.ndarray
    ) -> np.ndarray:
        """Return the rates among two levels, but for those within the first: they come later."""
        both = np.concatenate([before, level])
        n, first = len(both), len(before)
        window = np.zeros((n, 2 + n))
        among = matrix[both][:, both].tocoo()
        window[among.row, 2 + among.col] = among.data
        window[:, 0] = out[both]
        window[:, 1] = 1.0
        # Brought in with the next window, where this level is the second one.
        window[:first, : 2 + first] = 0.0
        return window

    def balanced(self) -> np.ndarray:
        """Return the long-run distribution: each state's share of those eliminated after it."""
        shares: list[np.ndarray] = []
        for d, columns in enumerate(self.kept):
            known = shares[d - 1] if d else np.empty(0)
            first, size = len(known), columns.shape[1]
            share = np.empty(first + size)
            share[:first] = known
            if not first:
                share[0] = 1.0
            for k in range(0 if first else 1, size):
                share[first + k] = share[: first + k] @ columns[: first + k, k]
            shares.append(share[first:])
        pi = np.empty(self.states)
        pi[np.concatenate(self.levels)] = np.concatenate(shares)
        pi /= np.sort(pi).sum()
        return pi

    def times(self) -> np.ndarray:
        """Return the mean times until the chain is left, infinity for all if it may not be."""
        found: list[np.ndarray] = []
        for d, (rows, total) in enumerate(zip(self.kept, self.totals, strict=True)):
            if np.any(total <= 0.0):
                return np.full(self.states, np.inf)
            known = found[d - 1] if d else np.empty(0)
            first = len(known)
            time = np.concatenate([known, np.zeros(len(rows))])
            for k, row in enumerate(rows):
                ahead = row[2 : 2 + first + k] @ time[: first + k]
                time[first + k] = (row[1] + ahead) / total[k]
            found.append(time[first:])
        times = np.empty(self.states)
        times[np.concatenate(self.levels)] = np.concatenate(found)
        return times


def _joined(layers: list[np.ndarray]) -> list[np.ndarray]:
    """Return the layers, small neighbours joined; a jump still joins neighbours only."""
    joined: list[np.ndarray] = []
    for layer in layers:
        if joined and len(joined[-1]) + len(layer) <= NARROW:
            joined[-1] = np.concatenate([joined[-1], layer])
        else:
            joined.append(layer)
    return joined


def _eliminate(window: np.ndarray, first: int) -> np.ndarray:
    """Eliminate the states from ``first`` on, last to first, in place; return their exit rates.

    Halves: the later one is eliminated, its effect on the earlier one added by two products.
    Columns end as shares of the exit rate, rows as rates.
    """
    total = np.zeros(len(window) - first)

    def alone(low: int, high: int) -> None:
        for k in range(high - 1, low - 1, -1):
            total[k - first] = out = window[k, 0] + window[k, 2 : 2 + k].sum()
            if out > 0.0:
                window[:k, 2 + k] /= out
            if k > low:
                _update(window, low, k, k, k + 1, rows_to=2 + k)
                _update(window, 0, low, k, k + 1, rows_from=2 + low, rows_to=2 + k)

    def halves(low: int, high: int) -> None:
        if high - low <= SINGLE:
            alone(low, high)
            return
        middle = (low + high) // 2
        halves(middle, high)
        _update(window, low, middle, middle, high, rows_to=2 + middle)
        _update(window, 0, low, middle, high, rows_from=2 + low, rows_to=2 + middle)
        halves(low, middle)

    if len(window) > first:
        halves(first, len(window))
    return total


def _update(
    window: np.ndarray,
    low: int,
    high: int,
    gone: int,
    end: int,
    *,
    rows_from: int = 0,
    rows_to: int,
) -> None:
    """Add the ways through the states ``gone .. end - 1`` to the rows ``low .. high - 1``.

    The diagonal gathers what comes back to where it started; that is no jump, and is never read.
    """
    if high <= low:
        return
    part = window[low:high, rows_from:rows_to]
    part += window[low:high, 2 + gone : 2 + end] @ window[gone:end, rows_from:rows_to]
