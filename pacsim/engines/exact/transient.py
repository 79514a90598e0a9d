"""Figures over a mission without subtraction: every term is positive, so 1e-18 keeps its digits.

Uniformisation (Jensen 1953) with Poisson weights taken from the mode outwards (Fox, Glynn 1988).
The sum goes on until the part left out is small *relative to the figure of every state*, not to
one: a state that needs many jumps gets its first term only after as many. Very many jumps go in
pieces, until a piece changes nothing but what is left of the whole; of few states that do not
settle soon by squaring the chain's power, which takes as many products as the jumps have binary
digits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.errors import UnsupportedError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

ENGINE = "exact"
DENSE = 1500
"""Most states for which powers are taken of full matrices: a second or less for each."""
LONG = 40_000
"""Jumps above which powers of the chain may be used, and most jumps of a piece."""
SHORT = 5_000
"""Jumps of the first piece. Later ones are twice as long, as far as `LONG`: a chain that settles
soon is found out soon."""
DOUBLINGS = 10
"""Of a unit of at most one jump, up to the first power used."""
JUMP, ENTRY = 250_000, 25
"""Multiplications of full matrices in the time of a jump, and of an entry of a sparse matrix."""
MARGIN = 1.1
"""Uniform rate by the largest exit rate. More than one: every state may stay, so a state once
reached remains reached, and what is left over for staying is never a small difference."""
CUT = 1e-17
"""Relative part of a figure below which what is left out is at most rounding."""
FLOOR = 1e-290
"""Probabilities below this are not followed: their arithmetic has no full precision."""
CALM = 1e-13
"""Relative width of the factors of a piece below which a chain has settled: ten times rounding."""
WORK = 6e11
"""Most multiplications, a few minutes."""
TRIAL = 3e10
"""Multiplications after which a chain that has not settled is refused, if it would need more."""
UNIT = 2.0**-53


def poisson_weights(mean: float, cut: float = 1e-300) -> tuple[int, np.ndarray]:
    """Return (first, weights) of a Poisson law, cut where it is below ``cut`` of its mode.

    Parameters
    ----------
    mean : float
        Of the law.
    cut : float
        Relative to the largest weight.

    Returns
    -------
    tuple of int and numpy.ndarray
        The first number and the weights from it on, summing to one.

    Examples
    --------
    >>> first, weights = poisson_weights(2.0)
    >>> first, f"{weights[3]:.6f}", f"{poisson_weights(1e-4)[1][5]:.6e}"
    (0, '0.180447', '8.332500e-23')
    """
    mode = int(mean)
    up, down = [1.0], []
    k, w = mode, 1.0
    while w > cut:
        k += 1
        w *= mean / k
        up.append(w)
    k, w = mode, 1.0
    while k > 0 and w > cut:
        w *= k / mean
        k -= 1
        down.append(w)
    weights = np.array([*reversed(down), *up])
    return mode - len(down), weights / np.sort(weights).sum()


@dataclass(frozen=True, slots=True, eq=False)
class Spent:
    """What a chain does until the horizon.

    Attributes
    ----------
    end : numpy.ndarray
        Distribution at the horizon.
    time : numpy.ndarray
        Expected time in each state until then.
    bound : float
        Relative bound on both: of rounding, and of what the sums leave out.
    """

    end: np.ndarray
    time: np.ndarray
    bound: float


class Jumps:
    """A chain made ready for figures over a mission: the uniformised matrix, transposed.

    Parameters
    ----------
    source, target, rate : numpy.ndarray
        Jumps and their rates.
    states : int
        Number of states.
    absorbing : numpy.ndarray, optional
        True for states in which the chain is gone; how it got there is all that is followed.
    """

    def __init__(
        self,
        source: np.ndarray,
        target: np.ndarray,
        rate: np.ndarray,
        states: int,
        absorbing: np.ndarray | None = None,
    ) -> None:
        from scipy.sparse import csr_array

        self._gone = np.zeros(states, dtype=bool) if absorbing is None else absorbing
        going = ~self._gone[source]
        source, target, rate = source[going], target[going], rate[going]
        # Long, for staying is a difference; with the margin it is then right to the last digit.
        exits = np.zeros(states, dtype=np.longdouble)
        np.add.at(exits, source, rate)
        self._loss = np.bincount(source, weights=rate * self._gone[target], minlength=states)
        inside = ~self._gone[target]
        source, target, rate = source[inside], target[inside], rate[inside]
        self.states = states
        self.uniform_rate = MARGIN * float(exits.max()) if states else 0.0
        top = self.uniform_rate or 1.0
        diagonal = np.arange(states)
        self.matrix: csr_array = csr_array(
            (
                np.concatenate([rate / top, ((top - exits) / top).astype(np.float64)]),
                (np.concatenate([target, diagonal]), np.concatenate([source, diagonal])),
            ),
            shape=(states, states),
        )
        # Per jump: the sum of a row, the rate, its division, and adding to the figures.
        longest = int(np.diff(self.matrix.indptr).max()) if states else 0
        self._per_jump = (longest + 4.0) * UNIT

    def transient(self, start: np.ndarray, horizon: float) -> Spent:
        """Return the distribution at the horizon and the expected time in each state until then.

        Parameters
        ----------
        start : numpy.ndarray
            Distribution at the start.
        horizon : float
            Length of the mission.

        Returns
        -------
        Spent
            With a relative bound.

        Raises
        ------
        UnsupportedError
            If there are too many jumps for as many states.
        """
        start = np.where(self._gone, 0.0, start)
        jumps = self.uniform_rate * horizon
        if jumps == 0.0 or not start.any():
            return Spent(start.copy(), start * horizon, UNIT)
        return self._in_pieces(start, horizon)

    def absorbed(self, spent: Spent) -> float:
        """Return the probability to be gone: the flow, a sum of positive terms however small."""
        return float(np.sum(spent.time * self._loss))

    def _in_pieces(self, start: np.ndarray, horizon: float) -> Spent:
        """Return the sums piece by piece, until the rest is known from the last one.

        If a piece multiplies every state by a to b, then so does every later one as long, because
        the matrix is non-negative: the rest is a geometric sum of the last piece, at 1 - q for
        each, where q is the part of the whole that got lost.
        """
        left, length = horizon, min(SHORT, LONG) / self.uniform_rate
        total = np.zeros(self.states)
        bound, done = 0.0, 0.0
        while left > 0.0:
            if self._squares(left, done):
                last = self._by_powers(start, left)
                return Spent(last.end, total + last.time, bound + last.bound)
            self._refuse(left, done, horizon)
            length = min(length, left)
            piece = self._piece(start, length)
            done += self.uniform_rate * length
            left = left - length if left > length * (1.0 + 4.0 * UNIT) else 0.0
            total += piece.time
            bound += piece.bound
            whole = int(left / length)
            rest = self._settled(start, piece, whole)
            if rest is not None:
                total += rest.time
                bound += rest.bound
                start = rest.end
                left = max(0.0, left - whole * length)
                continue
            start = piece.end
            length = min(2.0 * length, LONG / self.uniform_rate)
        return Spent(start, total, bound)

    def _settled(self, start: np.ndarray, piece: Spent, whole: int) -> Spent | None:
        """Return as many pieces more, if the last one only changed what is left of all."""
        spread = _spread(start, piece.end) if whole > 1 else np.inf
        if spread > CALM:
            return None
        # Never quite all, for its logarithm; what is left then no longer matters.
        lost = min(self.absorbed(piece) / float(np.sum(start)), 1.0 - UNIT)
        staying = math.log1p(-lost)
        times = -math.expm1(whole * staying) / lost if lost > 0.0 else whole
        return Spent(
            piece.end * math.exp(whole * staying),
            piece.time * (math.exp(staying) * times),
            whole * (spread + 2.0 * piece.bound),
        )

    def _squares(self, left: float, done: float) -> bool:
        """Return whether powers are used now: when pieces have taken as long as powers would."""
        jumps = self.uniform_rate * left
        if jumps <= LONG or self.states > DENSE or not math.isfinite(jumps):
            return False
        work = (self.states + 1.0) ** 3 * math.log2(jumps)
        return work <= WORK and work < (done + SHORT) * (JUMP + ENTRY * self.matrix.nnz)

    def _refuse(self, left: float, done: float, horizon: float) -> None:
        """Refuse what would take too long and does not settle, with the numbers."""
        jumps = self.uniform_rate * left
        if jumps * self.matrix.nnz > WORK and done * self.matrix.nnz > TRIAL:
            msg = (
                f"{self.states} states that do not settle within {done:.3g} jumps, and "
                f"{jumps:.3g} more until the horizon {horizon:g}, take too long; shorten the "
                "horizon, leave parts out, ask for the long run, or simulate"
            )
            raise UnsupportedError(ENGINE, (msg,))

    def _piece(self, start: np.ndarray, length: float) -> Spent:
        """Return the sums over the number of jumps, long enough for every state.

        After k jumps the distribution is v_k, and v_{k+1} <= g v_k in every state implies
        v_{k+j} <= g^j v_k because the matrix is non-negative (Collatz 1942). Weights past the mode
        fall by at least x = mean / (k + 1) each, so what is left out is at most
        w_k v_k x g / (1 - x g) in every state.
        """
        mean = self.uniform_rate * length
        first, weights = poisson_weights(mean)
        beyond = np.cumsum(weights[::-1])[::-1]
        last = first + len(weights) - 1
        end, spent = np.zeros(self.states), np.zeros(self.states)
        vector, left_out, steps = start, 0.0, 0
        for k in range(last + 1):
            # P(more than k jumps), summed from the small end.
            place = k + 1 - first
            tail = 1.0 if place <= 0 else (beyond[place] if place < len(weights) else 0.0)
            spent += tail * vector
            steps = k
            if k >= first:
                end += weights[k - first] * vector
            following = self.matrix @ vector
            # Near the mode nothing can be left out, and the look costs as much as a jump.
            if k > mean and (tail < 1e-12 or k % 8 == 0):
                w = weights[k - first]
                left_out = _left_out(vector, following, w, tail, mean / (k + 1), end, spent)
                if left_out <= CUT:
                    break
            vector = following
        else:
            left_out = 0.0  # The weights to come are below 1e-300 of the largest.
        # Weights are products from the mode outwards, one rounding for each.
        away = max(mean - first, last - mean) if mean > 1.0 else steps
        bound = steps * self._per_jump + (min(away, steps) + 10.0) * 2.0 * UNIT + max(left_out, CUT)
        return Spent(end, spent / self.uniform_rate, bound)

    def _by_powers(self, start: np.ndarray, horizon: float) -> Spent:
        """Return the same by P(2t) = P(t)^2 and, of the start, s(2t) = s(t) + P(t) s(t).

        Only positive terms are added. Stops as the pieces do when the chain has settled.
        """
        from scipy.linalg import blas

        doublings = math.ceil(math.log2(self.uniform_rate * horizon)) - DOUBLINGS
        step = math.ldexp(horizon, -doublings)
        power = self._power(step)
        whole = float(np.sum(start))
        if whole <= FLOOR:
            return Spent(start, np.zeros(self.states), UNIT)
        first = self._piece(start, step)
        end, spent = _with_gone(first.end, whole), _with_gone(first.time, whole * step)
        # A product of full matrices sums as many terms as there are states, once per doubling.
        per_jump = self._per_jump + self.states * UNIT
        bound = first.bound + self.uniform_rate * step * per_jump
        for k in range(doublings):
            length = math.ldexp(step, k)
            moved, more = power @ end, power @ spent
            # The sums are known: taking them there undoes what rounding has lost.
            moved *= whole / moved.sum()
            more *= whole * length / more.sum()
            before, end = end[:-1], moved
            last = Spent(moved[:-1], more[:-1], bound)
            spent = spent + more
            bound *= 2.0
            rest = self._settled(before, last, 2 ** (doublings - k) - 2)
            if rest is not None:
                return Spent(rest.end, spent[:-1] + rest.time, bound + rest.bound)
            if k + 1 < doublings:
                power = blas.dgemm(1.0, power, power)
                power /= power.sum(axis=0)
        return Spent(end[:-1], spent[:-1], bound)

    def _power(self, step: float) -> np.ndarray:
        """Return what a step does, in columns, with one more state for all that is gone."""
        from scipy.linalg import blas

        # A path shares its jumps among 1024 units; that one has more than 28 is below 1e-17 of it.
        first, weights = poisson_weights(self.uniform_rate * math.ldexp(step, -DOUBLINGS), 1e-30)
        term = np.eye(self.states + 1)
        moved = np.zeros_like(term)
        for k in range(first + len(weights)):
            if k >= first:
                moved += weights[k - first] * term
            term[-1] += (self._loss / self.uniform_rate) @ term[:-1]
            term[:-1] = self.matrix @ term[:-1]
        for _ in range(DOUBLINGS):
            moved = blas.dgemm(1.0, moved, moved)
            moved /= moved.sum(axis=0)
        return moved


def _with_gone(figures: np.ndarray, whole: float) -> np.ndarray:
    """Return the figures and what is gone of the whole; only their sum is read of it."""
    return np.append(figures, max(0.0, whole - float(np.sum(figures))))


def _spread(before: np.ndarray, after: np.ndarray) -> float:
    """Return the relative width of the factors by which states have changed."""
    seen = (before > FLOOR) | (after > FLOOR)
    if not seen.any() or np.any(before[seen] <= 0.0):
        return np.inf
    grown = after[seen] / before[seen]
    return float((grown.max() - grown.min()) / grown.max())


def _left_out(
    vector: np.ndarray,
    following: np.ndarray,
    weight: float,
    tail: float,
    fall: float,
    end: np.ndarray,
    spent: np.ndarray,
) -> float:
    """Return the largest part of any state's figures that the jumps to come can add."""
    seen = following > FLOOR
    if np.any(vector[seen] == 0.0):
        return np.inf
    known = seen & (vector > 0.0)
    if not known.any():
        return 0.0
    grows = float(np.max(following[known] / vector[known]))
    x = fall * grows
    if x >= 1.0:
        return np.inf
    part = 0.0
    for w, sums in ((weight, end), (tail, spent)):
        # The sum holds this term already; where it has underflowed nothing is followed.
        there = known & (sums > FLOOR)
        if there.any():
            part = max(part, float(np.max(w * vector[there] / sums[there])))
    return part * x / (1.0 - x)
