"""In which order to eliminate the states of a chain, so that few are held at a time.

While states are eliminated one after the other, their neighbours that still wait are the *front*;
it is held as a full matrix, so that its width, squared and summed, is what an order costs. The
next state is the one that brings fewest new ones into the front (King 1970), the oldest of equals.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """An order of states, from the last one eliminated to the first.

    Attributes
    ----------
    states : numpy.ndarray
        State number at each place.
    last : numpy.ndarray
        The farthest place that the state at each place is joined to, at least its own.
    """

    states: np.ndarray
    last: np.ndarray

    def widths(self) -> np.ndarray:
        """Return how many wait in the front while the state at each place is eliminated."""
        places = np.arange(len(self.states))
        change = np.zeros(len(places) + 2, dtype=np.int64)
        np.add.at(change, places + 1, 1)
        np.add.at(change, self.last + 1, -1)
        return np.cumsum(change)[: len(places)]


def ordered(joined: csr_array, begin: int) -> Order:
    """Return the cheaper of the orders that begin at a state and at one farthest from it.

    Parameters
    ----------
    joined : scipy.sparse.csr_array
        A symmetric pattern: which states are joined, all of them in one piece.
    begin : int
        A state.

    Returns
    -------
    Order
        Of all states.

    Examples
    --------
    A chain of four is held one at a time:

    >>> from scipy.sparse import csr_array
    >>> pairs = [0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2]
    >>> ordered(csr_array(([1.0] * 6, pairs), shape=(4, 4)), 1).widths().tolist()
    [0, 1, 1, 1]
    """
    orders = [
        _placed(joined, _greedy(joined, first)) for first in (begin, _farthest(joined, begin))
    ]
    return min(orders, key=lambda order: float(np.sum(order.widths().astype(np.float64) ** 2)))


def _farthest(joined: csr_array, begin: int) -> int:
    from scipy.sparse.csgraph import breadth_first_order

    return int(breadth_first_order(joined, begin, return_predecessors=False)[-1])


def _placed(joined: csr_array, states: np.ndarray) -> Order:
    """Return the order with the farthest place that each one is joined to."""
    place = np.empty(len(states), dtype=np.int64)
    place[states] = np.arange(len(states))
    last = np.arange(len(states))
    source = np.repeat(place, np.diff(joined.indptr))
    np.maximum.at(last, source, place[joined.indices])
    return Order(states, last)


def _greedy(joined: csr_array, begin: int) -> np.ndarray:
    """Return the states, the first one eliminated last in the list: see the module."""
    rows = np.split(joined.indices, joined.indptr[1:-1])
    near = [row.tolist() for row in rows]
    # How many neighbours of each are not yet in the front, and when it came in itself.
    outside = [len(row) for row in near]
    came = [-1] * len(near)
    gone = [False] * len(near)
    waiting: list[tuple[int, int, int]] = []
    order: list[int] = []
    clock = 0

    def enter(state: int) -> None:
        nonlocal clock
        came[state] = clock
        clock += 1
        for other in near[state]:
            outside[other] -= 1
            if came[other] >= 0 and not gone[other]:
                heapq.heappush(waiting, (outside[other], came[other], other))
        heapq.heappush(waiting, (outside[state], came[state], state))

    enter(begin)
    while waiting:
        # Fewer than when it was put in, so that the newest entry of a state comes first.
        _, _, state = heapq.heappop(waiting)
        if gone[state]:
            continue
        gone[state] = True
        order.append(state)
        for other in near[state]:
            if came[other] < 0:
                enter(other)
    return np.array(order[::-1])
