"""What counts of a history under a service level: by window, and outage by outage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.service_levels.civil_windows import CivilWindows, civil_windows
from pacsim.service_levels.counted_hours import CountedHours
from pacsim.service_levels.histories import KINDS
from pacsim.service_levels.overlaid_times import KindTimes, affected
from pacsim.units import ROUNDING

if TYPE_CHECKING:
    from pacsim.service_levels.histories import Histories
    from pacsim.service_levels.service_level import ServiceLevel

PLANNED = KINDS.index("planned")


@dataclass(frozen=True, slots=True, eq=False)
class CountedTime:
    """What counts, of every term.

    Parameters
    ----------
    windows : CivilWindows
        In which it is judged.
    hours : ndarray of float64, shape (windows,)
        Seconds of each window that count at all: what the target is a share of.
    down : ndarray of float64, shape (terms, windows)
        Counted seconds down.
    term, outage_start, length : ndarray, one an outage
        Its term, when it first counts, and how many seconds of it do, > 0.
    """

    windows: CivilWindows
    hours: np.ndarray
    down: np.ndarray
    term: np.ndarray
    outage_start: np.ndarray
    length: np.ndarray


def count_time(histories: Histories, level: ServiceLevel) -> CountedTime:
    """Return what counts of histories, in this order.

    Kinds that never count are left out; gaps below ``merge`` are closed, each with the kind of what
    was before; outages below ``shortest`` are left out; what remains is cut to the hours; planned
    time within the allowance is taken off, the first of each month, quarter or year before the
    later; and what is left is cut at the ends of windows.

    Parameters
    ----------
    histories : Histories
        Of one design, or one log.
    level : ServiceLevel
        What counts.
    """
    starts, length = histories.starts, histories.length
    windows = civil_windows(starts, length, level.window)
    allowances = civil_windows(starts, length, level.counts.free_in)
    hours = CountedHours(level.hours, starts, length)
    times = affected(histories, level.measured, degraded=level.counts.degraded)
    times = times.of(np.array(level.counts.numbers)[times.kind])
    times, outage = _outages(times, level.merge, level.shortest)
    edges = np.union1d(windows.edges, allowances.edges) if level.counts.free else windows.edges
    pieces, of = _cut(times, edges)
    counted = hours.between(pieces.start, pieces.end)
    granted = np.zeros(len(counted))
    if level.counts.free:
        planned = pieces.kind == PLANNED
        group = pieces.term * len(allowances) + allowances.holding(pieces.start)
        granted[planned] = _free(counted[planned], group[planned], level.counts.free)
        counted -= granted
    cell = pieces.term * len(windows) + windows.holding(pieces.start)
    size = histories.terms * len(windows)
    down = np.bincount(cell, weights=counted, minlength=size)
    of, some = outage[of], counted > 0.0
    number = 1 + int(outage.max(initial=-1))
    long = np.bincount(of, weights=counted, minlength=number)
    first = np.full(number, np.inf)
    np.minimum.at(first, of[some], hours.later(pieces.start[some], granted[some]))
    term = np.zeros(number, dtype=np.int64)
    term[of] = pieces.term
    left = long > 0.0
    return CountedTime(
        windows,
        hours.between(windows.edges[:-1], windows.edges[1:]),
        down.reshape(histories.terms, len(windows)),
        term[left],
        first[left],
        long[left],
    )


def _outages(times: KindTimes, merge: float, shortest: float) -> tuple[KindTimes, np.ndarray]:
    """Return times with short gaps closed and without short outages, and the outage of each."""
    if not len(times.start):
        return times, np.zeros(0, dtype=np.int64)
    gap = times.start[1:] - times.end[:-1]
    apart = (times.term[1:] != times.term[:-1]) | (gap >= max(merge - ROUNDING, ROUNDING))
    outage = np.concatenate([[0], np.cumsum(apart)])
    end = times.end.copy()
    end[:-1][~apart] = times.start[1:][~apart]
    first = np.flatnonzero(np.concatenate([[True], apart]))
    last = np.append(first[1:], len(end)) - 1
    long = (end[last] - times.start[first] >= shortest - ROUNDING)[outage]
    return times._replace(end=end).of(long), outage[long]


def _cut(times: KindTimes, edges: np.ndarray) -> tuple[KindTimes, np.ndarray]:
    """Return times cut at edges, and of which each piece is."""
    first = np.searchsorted(edges, times.start, side="right")
    last = np.searchsorted(edges, times.end, side="left")
    many = 1 + np.maximum(last - first, 0)
    of = np.repeat(np.arange(len(many)), many)
    pieces = times.of(of)
    place = np.arange(len(of)) - np.repeat(np.cumsum(many) - many, many)
    edge = first[of] + place
    inner = place > 0
    pieces.start[inner] = edges[edge[inner] - 1]
    pieces.end[:-1][inner[1:]] = pieces.start[1:][inner[1:]]
    return pieces, of


def _free(counted: np.ndarray, group: np.ndarray, free: float) -> np.ndarray:
    """Return how much of each piece is within the allowance of its group, the first one first."""
    used = np.zeros(1 + int(group.max(initial=-1)))
    granted = np.zeros(len(counted))
    # Groups come one after another in time within a term: the k-th piece of each at a time.
    order = np.argsort(group, kind="stable")
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = group[order][1:] != group[order][:-1]
    first = np.flatnonzero(begins)
    rank = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
    by_rank = np.argsort(rank, kind="stable")
    ends = np.cumsum(np.bincount(rank)) if len(rank) else np.zeros(0, dtype=np.int64)
    for start, end in zip([0, *ends[:-1]], ends, strict=False):
        these = order[by_rank[start:end]]
        left = np.maximum(free - used[group[these]], 0.0)
        granted[these] = np.minimum(counted[these], left)
        used[group[these]] += granted[these]
    return granted
