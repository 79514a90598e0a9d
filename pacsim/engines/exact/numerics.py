"""Numerics without subtraction: every term is non-negative, so small probabilities keep digits.

Transient figures by uniformisation (Jensen 1953) with Poisson weights taken from the mode outwards
(Fox, Glynn 1988), in steps of a power of the uniformised chain when there are very many jumps.
Steady states and mean times by the elimination of Grassmann, Taksar and Heyman (1985), which takes
diagonals as sums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

DENSE = 1500
"""Most states for which elimination and powers are done on full matrices."""
LONG = 40_000
"""Jumps above which powers of the chain are used."""
DOUBLINGS = 10


def poisson_weights(mean: float) -> tuple[int, np.ndarray]:
    """Return (first, weights) of a Poisson law, cut where it is below 1e-18 of its mode.

    Examples
    --------
    >>> first, weights = poisson_weights(2.0)
    >>> first, f"{weights[3]:.6f}"
    (0, '0.180447')
    """
    mode = int(mean)
    up, down = [1.0], []
    k, w = mode, 1.0
    while w > 1e-18:
        k += 1
        w *= mean / k
        up.append(w)
    k, w = mode, 1.0
    while k > 0 and w > 1e-18:
        w *= k / mean
        k -= 1
        down.append(w)
    weights = np.array([*reversed(down), *up])
    order = np.argsort(weights)
    return mode - len(down), weights / weights[order].sum()


class Jumps:
    """A chain made ready for transient figures: the uniformised matrix, transposed."""

    def __init__(
        self, source: np.ndarray, target: np.ndarray, rate: np.ndarray, states: int
    ) -> None:
        from scipy.sparse import csr_array

        exits = np.bincount(source, weights=rate, minlength=states)
        self.states = states
        self.uniform_rate = float(exits.max()) if len(rate) else 0.0
        top = self.uniform_rate or 1.0
        # Staying is what is left over; it only ever multiplies and adds.
        stay = np.clip((top - exits) / top, 0.0, 1.0)
        diagonal = np.arange(states)
        self.matrix: csr_array = csr_array(
            (
                np.concatenate([rate / top, stay]),
                (np.concatenate([target, diagonal]), np.concatenate([source, diagonal])),
            ),
            shape=(states, states),
        )

    def transient(self, start: np.ndarray, horizon: float) -> tuple[np.ndarray, np.ndarray]:
        """Return (distribution at the horizon, expected time in each state until then)."""
        jumps = self.uniform_rate * horizon
        if jumps == 0.0:
            return start.copy(), start * horizon
        if jumps > LONG and self.states <= DENSE:
            return self._by_powers(start, horizon)
        pieces = max(1, int(np.ceil(jumps / LONG)))
        spent = np.zeros(self.states)
        for _ in range(pieces):
            start, stayed = self._piece(start, horizon / pieces)
            spent += stayed
        return start, spent

    def _piece(self, start: np.ndarray, length: float) -> tuple[np.ndarray, np.ndarray]:
        first, weights = poisson_weights(self.uniform_rate * length)
        beyond = np.cumsum(weights[::-1])[::-1]
        end, spent = np.zeros(self.states), np.zeros(self.states)
        vector = start
        for k in range(first + len(weights)):
            # P(more than k jumps), summed from the small end.
            place = k + 1 - first
            tail = 1.0 if place <= 0 else (beyond[place] if place < len(weights) else 0.0)
            spent += tail * vector
            if k >= first:
                end += weights[k - first] * vector
            vector = self.matrix @ vector
        return end, spent / self.uniform_rate

    def _by_powers(self, start: np.ndarray, horizon: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the same by P(2h) = P(h)^2 and S(2h) = S(h) + P(h) S(h), then whole steps."""
        from scipy.linalg import blas

        step = 2.0**DOUBLINGS / self.uniform_rate
        whole = int(horizon / step)
        identity = np.eye(self.states)
        dense = self.matrix.toarray()
        first, weights = poisson_weights(1.0)
        beyond = np.cumsum(weights[::-1])[::-1]
        power, moved, spent = identity, np.zeros_like(identity), np.zeros_like(identity)
        for k in range(first, first + len(weights)):
            moved += weights[k] * power
            spent += (beyond[k + 1] if k + 1 < len(weights) else 0.0) * power
            power = blas.dgemm(1.0, dense, power)
        spent /= self.uniform_rate
        for _ in range(DOUBLINGS):
            spent = spent + blas.dgemm(1.0, moved, spent)
            moved = blas.dgemm(1.0, moved, moved)
        # Columns are distributions: taking their sums to one undoes what rounding has lost.
        spent *= step / spent.sum(axis=0)
        moved /= moved.sum(axis=0)
        total = np.zeros(self.states)
        vector = start
        for _ in range(whole):
            total += spent @ vector
            vector = moved @ vector
        end, rest = self._piece(vector, horizon - whole * step)
        return end, total + rest


def steady_state(
    source: np.ndarray, target: np.ndarray, rate: np.ndarray, states: int, start: np.ndarray
) -> np.ndarray:
    """Return the long-run distribution; ValueError if it depends on chance at the start."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    graph = csr_array((rate, (source, target)), shape=(states, states))
    count, label = connected_components(graph, connection="strong")
    open_classes = {int(a) for a, b in zip(label[source], label[target], strict=True) if a != b}
    closed = [c for c in range(count) if c not in open_classes]
    if len(closed) != 1:
        msg = (
            f"the long run depends on chance: {len(closed)} sets of states are never left; "
            "ask for figures over a mission, or add the missing repairs"
        )
        raise ValueError(msg)
    inside = np.flatnonzero(label == closed[0])
    place = np.full(states, -1)
    place[inside] = np.arange(len(inside))
    kept = (place[source] >= 0) & (place[target] >= 0)
    s, t, r = place[source[kept]], place[target[kept]], rate[kept]
    solved = (
        _eliminated(s, t, r, len(inside)) if len(inside) <= DENSE else _sparse(s, t, r, len(inside))
    )
    result = np.zeros_like(start)
    result[inside] = solved
    return result


def _eliminated(s: np.ndarray, t: np.ndarray, r: np.ndarray, n: int) -> np.ndarray:
    """Return the steady state by elimination from the last state to the first (GTH)."""
    a = np.zeros((n, n))
    np.add.at(a, (s, t), r)
    np.fill_diagonal(a, 0.0)
    for k in range(n - 1, 0, -1):
        out = a[k, :k].sum()
        a[:k, k] /= out
        a[:k, :k] += np.outer(a[:k, k], a[k, :k])
        np.fill_diagonal(a[:k, :k], 0.0)
    pi = np.zeros(n)
    pi[0] = 1.0
    for k in range(1, n):
        pi[k] = pi[:k] @ a[:k, k]
    pi /= pi.sum()
    return pi


def _sparse(s: np.ndarray, t: np.ndarray, r: np.ndarray, n: int) -> np.ndarray:
    """Return the steady state by sparse factors, then sweeps that restore small components."""
    from scipy.sparse import coo_array, csc_array, csr_array, eye_array
    from scipy.sparse.linalg import splu

    exits = np.bincount(s, weights=r, minlength=n)
    flow = coo_array((r, (t, s)), shape=(n, n)).tocsr()
    balance = csc_array(flow - eye_array(n) * exits)
    reduced = splu(csc_array(balance[1:, 1:]))
    column = np.asarray(balance[1:, [0]].toarray()).ravel()
    pi = np.concatenate([[1.0], np.maximum(-reduced.solve(column), 0.0)])
    pi /= pi.sum()
    scaled = csr_array(flow.multiply(1.0 / exits[:, None]))
    for _ in range(200):
        following = 0.5 * (pi + scaled @ pi)
        following /= following.sum()
        change = np.max(np.abs(following - pi) / np.maximum(following, 1e-300))
        pi = following
        if change < 1e-13:
            break
    return pi


def mean_times(
    source: np.ndarray,
    target: np.ndarray,
    rate: np.ndarray,
    states: int,
    absorbing: np.ndarray,
) -> np.ndarray:
    """Return the mean time from every state to the absorbing ones, without subtraction.

    State reduction: eliminating a state adds its time and its ways out to those that lead to it.
    """
    a = np.zeros((states, states))
    np.add.at(a, (source, target), rate)
    np.fill_diagonal(a, 0.0)
    inside = np.flatnonzero(absorbing == 0)
    out = a[np.ix_(inside, np.flatnonzero(absorbing > 0))].sum(axis=1)
    a = a[np.ix_(inside, inside)]
    n = len(inside)
    reward = np.ones(n)
    total = np.zeros(n)
    for k in range(n - 1, -1, -1):
        total[k] = a[k, :k].sum() + out[k]
        if total[k] <= 0.0:
            return np.full(states, np.inf)
        share = a[:k, k] / total[k]
        reward[:k] += share * reward[k]
        out[:k] += share * out[k]
        a[:k, :k] += np.outer(share, a[k, :k])
        np.fill_diagonal(a[:k, :k], 0.0)
    times = np.zeros(n)
    for k in range(n):
        times[k] = (reward[k] + a[k, :k] @ times[:k]) / total[k]
    result = np.zeros(states)
    result[inside] = times
    return result
