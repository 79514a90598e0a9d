"""State reduction without subtraction on a moving front.

The elimination of Grassmann, Taksar and Heyman (1985) takes diagonals as sums, so every figure
keeps its digits however small it is and however far apart the time scales are (O'Cinneide 1993).
States go in batches, in an order in which few others are joined to those gone (`ordering`). Only
these few, the front, are held as a full matrix, which a batch updates by one matrix product
(frontal elimination: Irons 1970).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from pacsim.engines.exact.ordering import ordered
from pacsim.errors import UnsupportedError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

ENGINE = "exact"
BATCH = 256
"""States eliminated together: enough for a matrix product to be fast."""
SINGLE = 8
"""States eliminated one at a time; more are halved."""
PANEL = 512
"""Rows of the front that are updated together: what they become is held twice."""
WORK = 4e12
"""Most multiplications, a few minutes: 20 000 states all joined to one another need 2.7e12."""
MEMORY = 8e9
"""Most bytes; those need 4.8e9."""
FLOOR = 1e-290
"""Rates and shares below this are out of range: their arithmetic has no full precision."""
CARRIED = 2
"""Columns before those of the states: the rate out of the chain, and the expected time a visit."""


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """What is left of states that are gone: how each depends on those eliminated after it.

    Attributes
    ----------
    place : slice
        Places of the states in the order.
    front : numpy.ndarray
        Places of the front.
    among : numpy.ndarray
        Between the states: shares of exit rates above the diagonal, rates below it.
    beside : numpy.ndarray
        Per state shares of the exit rate, coming from the front, or rates, going to it.
    time, total : numpy.ndarray
        Expected time a visit, and exit rate.
    """

    place: slice
    front: np.ndarray
    among: np.ndarray
    beside: np.ndarray
    time: np.ndarray
    total: np.ndarray


class Reduction:
    """A chain reduced to nothing, from which long-run shares or mean times are put together.

    Parameters
    ----------
    matrix : scipy.sparse.csr_array
        Rates between different states; all states are joined in one piece.
    out : numpy.ndarray
        Rate out of the chain from each state.
    begin : int
        Where to look for an order from.
    shares : bool
        Whether long-run shares are wanted, else mean times.

    Raises
    ------
    UnsupportedError
        With the numbers, if it would be too large, or if rates get out of range.
    """

    def __init__(self, matrix: csr_array, out: np.ndarray, begin: int, *, shares: bool) -> None:
        self._order = ordered((matrix + matrix.T).tocsr(), begin)
        self._states = len(out)
        widths = self._order.widths()
        _refuse(widths)
        states = self._order.states
        self._out = out[states]
        self._rows = matrix[states][:, states].tocsr()
        self._columns = self._rows.tocsc()
        # Places of the front in the order, in no order; the slot of each place, -1 without.
        self._held = np.empty(0, dtype=np.int64)
        self._slot = np.full(self._states, -1)
        room = int(widths.max())
        self._front = np.zeros((room, CARRIED + room))
        entering = np.argsort(self._order.last, kind="stable")
        at = np.searchsorted(self._order.last[entering], np.arange(self._states + 1))
        self._batches: list[_Batch] = []
        for high in range(self._states, 0, -BATCH):
            low = max(0, high - BATCH)
            near = entering[at[low] : at[high]]
            with np.errstate(over="ignore", invalid="ignore"):
                self._batches.append(self._gone(low, high, near[near < low], shares=shares))
        self._batches.reverse()

    def _gone(self, low: int, high: int, new: np.ndarray, *, shares: bool) -> _Batch:
        """Eliminate a batch; return what is kept of it."""
        size = high - low
        was_rows, was_above, was_among = self._taken(low, high)
        count = len(self._held)
        self._held = np.concatenate([self._held, new])
        self._slot[new] = np.arange(count, count + len(new))
        width = len(self._held)
        rows = np.zeros((size, CARRIED + width + size))
        above = np.zeros((size, width))
        rows[:, : CARRIED + count] += was_rows
        above[:, :count] += was_above
        among = rows[:, CARRIED + width :]
        among += was_among
        rows[:, 0] += self._out[low:high]
        rows[:, 1] += 1.0
        leaving = self._rows[low:high].tocoo()
        inside = leaving.col < high
        line, to, rate = leaving.row[inside], leaving.col[inside], leaving.data[inside]
        column = np.where(to < low, self._slot[to], width + to - low)
        rows[line, CARRIED + column] += rate
        coming = self._columns[:, low:high].tocoo()
        inside = coming.row < low
        above[coming.col[inside], self._slot[coming.row[inside]]] += coming.data[inside]
        total = _eliminate(rows, above)
        for first in range(0, width, PANEL):
            panel = self._front[first : min(first + PANEL, width), : CARRIED + width]
            panel += above[:, first : first + PANEL].T @ rows[:, : CARRIED + width]
        beside = above if shares else rows[:, CARRIED : CARRIED + width].copy()
        return _Batch(slice(low, high), self._held, among.copy(), beside, rows[:, 1].copy(), total)

    def _taken(self, low: int, high: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Take a batch out of the front; return its rows, its columns and what is between it.

        The slots left empty are filled with the last ones; free slots are zero.
        """
        front, count = self._front, len(self._held)
        going = self._slot[low:high]
        there = going >= 0
        slots = going[there]
        stays = np.ones(count, dtype=bool)
        stays[slots] = False
        left = count - len(slots)
        rows = np.zeros((high - low, CARRIED + left))
        above = np.zeros((high - low, left))
        among = np.zeros((high - low, high - low))
        among[np.ix_(there, there)] = front[np.ix_(slots, CARRIED + slots)]
        holes = np.flatnonzero(~stays[:left])
        movers = left + np.flatnonzero(stays[left:])
        taken_rows = front[slots, : CARRIED + count]
        taken_columns = front[:count, CARRIED + slots]
        front[holes, : CARRIED + count] = front[movers, : CARRIED + count]
        front[:left, CARRIED + holes] = front[:left, CARRIED + movers]
        front[left:count] = 0.0
        front[:left, CARRIED + left : CARRIED + count] = 0.0
        source = np.arange(left)
        source[holes] = movers
        rows[there, :CARRIED] = taken_rows[:, :CARRIED]
        rows[there, CARRIED:] = taken_rows[:, CARRIED + source]
        above[there] = taken_columns[source].T
        self._held = self._held[source]
        self._slot[low:high] = -1
        self._slot[self._held] = np.arange(left)
        return rows, above, among

    def shares(self) -> np.ndarray:
        """Return the long-run distribution: each state's share of those eliminated after it."""
        self._in_range(leaves=False)
        share = np.zeros(self._states)
        with np.errstate(over="ignore", invalid="ignore"):
            for batch in self._batches:
                values = share[batch.place]
                values += batch.beside @ share[batch.front]
                if batch.place.start == 0:
                    values[0] = 1.0
                for k in range(1, len(values)):
                    values[k] += values[:k] @ batch.among[:k, k]
        # Small beside the first state may be large beside the likeliest, and lead to it.
        if not share.max() < 1.0 / FLOOR or not share.min() > FLOOR:
            share = self._wide_shares()
        pi = np.empty(self._states)
        pi[self._order.states] = share / np.sort(share).sum()
        return pi

    def _wide_shares(self) -> np.ndarray:
        """Return the shares by the likeliest, having carried a binary exponent with each."""
        share, power = np.zeros(self._states), np.zeros(self._states, dtype=np.int64)
        share[0], power[0] = 0.5, 1
        for batch in self._batches:
            low = batch.place.start
            for k in range(low == 0, len(batch.total)):
                among = slice(low, low + k)
                terms, powers = np.frexp(
                    np.concatenate(
                        [
                            batch.beside[k] * share[batch.front],
                            batch.among[:k, k] * share[among],
                        ]
                    )
                )
                there = terms > 0.0
                if not there.any():
                    # What comes in is below the least of numbers: no matter, unless it stays.
                    if batch.total[k] < self._states * 1e-28:
                        _out_of_range(self._states)
                    continue
                powers = powers + np.concatenate([power[batch.front], power[among]])
                top = powers[there].max()
                down = np.maximum(powers[there] - top, -2000).astype(np.int32)
                share[low + k], more = np.frexp(np.ldexp(terms[there], down).sum())
                power[low + k] = top + more
        down = np.maximum(power - power[share > 0.0].max(), -2000).astype(np.int32)
        shares: np.ndarray = np.ldexp(share, down)
        return shares

    def times(self) -> np.ndarray:
        """Return the mean times until the chain is left, which it must be from every state."""
        self._in_range(leaves=True)
        time = np.zeros(self._states)
        with np.errstate(over="ignore", invalid="ignore"):
            for batch in self._batches:
                values = time[batch.place]
                values += batch.time + batch.beside @ time[batch.front]
                for k in range(len(values)):
                    values[k] = (values[k] + batch.among[k, :k] @ values[:k]) / batch.total[k]
        if not np.isfinite(time).all():
            _out_of_range(self._states)
        times = np.empty(self._states)
        times[self._order.states] = time
        return times

    def _in_range(self, *, leaves: bool) -> None:
        """Refuse rates that eliminating has made too small or too large for numbers."""
        for batch in self._batches:
            rates = [batch.total if leaves or batch.place.start else batch.total[1:]]
            kept = [*rates, batch.among, batch.beside, *([batch.time] if leaves else [])]
            if np.any(rates[0] < FLOOR) or not all(np.isfinite(part).all() for part in kept):
                _out_of_range(self._states)


def _out_of_range(states: int) -> NoReturn:
    """Refuse a chain whose ways are too improbable, or too long, for numbers."""
    msg = (
        f"rates or mean times on the ways through {states} states are out of range, below "
        f"{FLOOR:g} or above {1.0 / FLOOR:g}; leave out what happens so rarely, or ask for "
        "figures over a mission"
    )
    raise UnsupportedError(ENGINE, (msg,))


def _refuse(widths: np.ndarray) -> None:
    """Refuse what would take too long or not fit, with the numbers."""
    states, widest = len(widths), int(widths.max())
    work = float(np.sum(widths.astype(np.float64) ** 2))
    memory = 8.0 * (float(widest) ** 2 + float(widths.sum()) + BATCH * states)
    if work > WORK or memory > MEMORY:
        msg = (
            f"{states} states, {widest} of them joined at a time, need {work:.1e} multiplications "
            f"and {memory / 1e9:.1f} GB; leave parts out, ask for figures over a mission, or "
            "simulate"
        )
        raise UnsupportedError(ENGINE, (msg,))


def _eliminate(rows: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Eliminate a batch, last to first, in place; return the exit rates.

    ``rows`` has the carried columns, the front and the batch; ``above`` has what comes from the
    front, a row for each state of the batch. Halves: the later one is eliminated, its effect on the
    earlier one added by products. What comes in ends as shares of the exit rate, what goes out as
    rates. The diagonal gathers what comes back to where it started; that is no jump, and is never
    read.
    """
    size = len(rows)
    first = CARRIED + above.shape[1]
    total = np.zeros(size)

    def update(low: int, middle: int, high: int) -> None:
        """Add the ways through ``middle .. high - 1`` to what concerns ``low .. middle - 1``."""
        through = rows[middle:high, first + low : first + middle]
        rows[low:middle, : first + middle] += (
            rows[low:middle, first + middle : first + high] @ rows[middle:high, : first + middle]
        )
        rows[:low, first + low : first + middle] += (
            rows[:low, first + middle : first + high] @ through
        )
        above[low:middle] += through.T @ above[middle:high]

    def halves(low: int, high: int) -> None:
        if high - low <= SINGLE:
            for k in range(high - 1, low - 1, -1):
                total[k] = out = rows[k, 0] + rows[k, CARRIED : first + k].sum()
                if out > 0.0:
                    above[k] /= out
                    rows[:k, first + k] /= out
                if k > low:
                    update(low, k, k + 1)
            return
        middle = (low + high) // 2
        halves(middle, high)
        update(low, middle, high)
        halves(low, middle)

    halves(0, size)
    return total
