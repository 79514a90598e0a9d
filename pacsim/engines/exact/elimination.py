"""The long run of a chain and mean times of its passages, by state reduction (`front`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.engines.exact.front import Reduction

if TYPE_CHECKING:
    from scipy.sparse import csr_array


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
        With the number of states, if the elimination would be too large or out of range.

    Examples
    --------
    A part that is down one hour in 1e9 + 1:

    >>> pi = steady_state(Graph(np.array([0, 1]), np.array([1, 0]), np.array([1e-9, 1.0]), 2))
    >>> f"{pi[1]:.9e}"
    '9.999999990e-10'
    """
    inside = closed_classes(graph)[0]
    part = graph.within(inside)
    pi = np.zeros(graph.states)
    pi[inside] = Reduction(part.matrix(), np.zeros(part.states), 0, shares=True).shares()
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
        With the number of states, if the elimination would be too large or out of range.

    Examples
    --------
    >>> graph = Graph(np.array([0, 1]), np.array([1, 2]), np.array([0.5, 0.25]), 3)
    >>> [float(t) for t in mean_times(graph, np.array([1.0, 0, 0]), np.array([0, 0, 1]))]
    [6.0, 4.0, 0.0]
    """
    times = np.zeros(graph.states)
    going = absorbing[graph.source] <= 0
    ways = Graph(graph.source[going], graph.target[going], graph.rate[going], graph.states)
    inside = np.flatnonzero(_reached(ways.matrix(), start) & (absorbing <= 0))
    if not len(inside):
        return times
    into = absorbing[ways.target] > 0
    out = np.bincount(ways.source[into], weights=ways.rate[into], minlength=graph.states)
    matrix = ways.within(inside).matrix()
    if not _reached(matrix.T.tocsr(), out[inside]).all():
        times[inside] = np.inf
        return times
    # Starts that have no state in common are pieces of their own.
    for piece in _pieces(matrix):
        reduction = Reduction(matrix[piece][:, piece], out[inside][piece], 0, shares=False)
        times[inside[piece]] = reduction.times()
    return times


def _reached(matrix: csr_array, start: np.ndarray) -> np.ndarray:
    """Return which states the start, positive where it is, may lead to."""
    from scipy.sparse.csgraph import breadth_first_order

    seen = np.zeros(len(start), dtype=bool)
    for begin in np.flatnonzero(start > 0):
        if not seen[begin]:
            seen[breadth_first_order(matrix, begin, return_predecessors=False)] = True
    return seen


def _pieces(matrix: csr_array) -> list[np.ndarray]:
    """Return the sets of states that no jump joins."""
    from scipy.sparse.csgraph import connected_components

    count, label = connected_components(matrix, directed=False)
    return [np.flatnonzero(label == piece) for piece in range(count)]
