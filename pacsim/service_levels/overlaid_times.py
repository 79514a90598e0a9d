"""Times laid over one another: one kind at each moment, of one role, any role or all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pacsim.service_levels.contract_terms import ANY
from pacsim.service_levels.histories import EVERY_ROLE, KINDS, STATES

if TYPE_CHECKING:
    from pacsim.service_levels.contract_terms import MeasuredRoles
    from pacsim.service_levels.histories import Histories


class KindTimes(NamedTuple):
    """Times that do not overlap, in order of terms and time, each of one kind."""

    term: np.ndarray
    start: np.ndarray
    end: np.ndarray
    kind: np.ndarray

    def of(self, which: np.ndarray) -> KindTimes:
        """Return some of them."""
        return KindTimes(*(column[which] for column in self))


def affected(histories: Histories, measured: MeasuredRoles, *, degraded: bool) -> KindTimes:
    """Return when a choice of roles was down, and of which kind that was.

    While several roles are down, any of them, it is unplanned if one of them is, else planned if
    one of them is: faults alone, or work alone, would have been enough. All of them are down by
    faults alone only if each is; what is of different kinds needs both.

    Parameters
    ----------
    histories : Histories
        With all the roles.
    measured : MeasuredRoles
        Which ones, and whether any or all of them.
    degraded : bool
        Whether a role that is up and not in full is taken as down.
    """
    parts = [_of_role(histories, name, degraded=degraded) for name in measured.roles]
    if len(parts) == 1:
        return parts[0]
    if measured.how == ANY:
        return overlaid(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    return _common(parts)


def _of_role(histories: Histories, name: str, *, degraded: bool) -> KindTimes:
    number = histories.roles.index(name) if name in histories.roles else EVERY_ROLE
    mine = (histories.role == number) | (histories.role == EVERY_ROLE)
    mine &= histories.end > histories.start
    if not degraded:
        mine &= histories.code < STATES
    term, start, end, code = (
        column[mine] for column in (histories.term, histories.start, histories.end, histories.code)
    )
    found = overlaid(term, start, end, code)
    return found._replace(kind=found.kind % STATES)


def overlaid(term: np.ndarray, start: np.ndarray, end: np.ndarray, code: np.ndarray) -> KindTimes:
    """Return times without overlaps: of several at one moment the one with the smallest number.

    Examples
    --------
    >>> one = overlaid(np.zeros(2, int), np.array([1.0, 2.0]), np.array([3.0, 5.0]),
    ...     np.array([1, 0]))
    >>> list(zip(one.start.tolist(), one.end.tolist(), one.kind.tolist()))
    [(1.0, 2.0, 1), (2.0, 5.0, 0)]
    """
    if not _is_in_order(term, start):
        order = _in_order(term, start)
        term, start, end, code = (column[order] for column in (term, start, end, code))
    again = np.zeros(len(term), dtype=bool)
    again[1:] = (term[1:] == term[:-1]) & (code[1:] == code[:-1])
    again[1:] &= (start[1:] == start[:-1]) & (end[1:] == end[:-1])
    if again.any():
        # Roles are mostly down together: what is there twice need not be laid over itself.
        term, start, end, code = (column[~again] for column in (term, start, end, code))
    same = term[1:] == term[:-1]
    if not np.any(same & (start[1:] < end[:-1])):
        return KindTimes(term, start, end, code)
    stretches, open_now = _stretches(term, start, end, code, 1 + int(code.max(initial=0)))
    first = np.full(len(stretches.start), -1, dtype=np.int64)
    for number in reversed(range(len(open_now))):
        first[open_now[number] > 0] = number
    return _joined(stretches._replace(kind=first).of(first >= 0))


def _in_order(term: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return the order by term and time, quickly for several runs that are in order."""
    key = term * (1.0 + time.max(initial=0.0)) + time
    order = np.argsort(key, kind="stable")
    # The key has fewer digits than the time: what it takes for equal may stand the wrong way round.
    return order if _is_in_order(term[order], time[order]) else np.lexsort((time, term))


def _is_in_order(term: np.ndarray, time: np.ndarray) -> bool:
    same = term[1:] == term[:-1]
    return bool(np.all((term[1:] > term[:-1]) | same & (time[1:] >= time[:-1])))


def _common(parts: list[KindTimes]) -> KindTimes:
    """Return when all of several are down; of one kind if all of them are of it, else mixed."""
    term, start, end, kind = (np.concatenate(column) for column in zip(*parts, strict=True))
    stretches, open_now = _stretches(term, start, end, kind, len(KINDS))
    kinds = np.full(len(stretches.start), KINDS.index("mixed"))
    for number, many in enumerate(open_now):
        kinds[many == len(parts)] = number
    every = np.sum(open_now, axis=0) == len(parts)
    return _joined(stretches._replace(kind=kinds).of(np.flatnonzero(every)))


def _stretches(
    term: np.ndarray, start: np.ndarray, end: np.ndarray, code: np.ndarray, codes: int
) -> tuple[KindTimes, list[np.ndarray]]:
    """Return the stretches between all starts and ends, and how many of each number are open."""
    at = np.concatenate([start, end])
    terms, numbers = np.concatenate([term, term]), np.concatenate([code, code])
    steps = np.ones(len(at), dtype=np.int32)
    steps[len(start) :] = -1
    order = _in_order(terms, at)
    at, terms, numbers, steps = at[order], terms[order], numbers[order], steps[order]
    some = (terms[1:] == terms[:-1]) & (at[1:] > at[:-1])
    open_now = [
        np.cumsum(np.where(numbers == number, steps, 0), dtype=np.int32)[:-1][some]
        for number in range(codes)
    ]
    none = np.zeros(len(some), dtype=np.int64)
    return KindTimes(terms[:-1], at[:-1], at[1:], none).of(some), open_now


def _joined(times: KindTimes) -> KindTimes:
    """Return times of which those that touch and are of one kind are one."""
    if not len(times.start):
        return times
    begins = np.ones(len(times.start), dtype=bool)
    begins[1:] = (
        (times.term[1:] != times.term[:-1])
        | (times.start[1:] > times.end[:-1])
        | (times.kind[1:] != times.kind[:-1])
    )
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(begins)) - 1
    return KindTimes(times.term[first], times.start[first], times.end[last], times.kind[first])
