"""Outages from episodes: short gaps merged, short outages counted apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pacsim.units import ROUNDING


@dataclass(frozen=True, slots=True, eq=False)
class Outages:
    """Outages of one role, a row each, in order of replication and time.

    Attributes
    ----------
    replication : ndarray of int64
    start, duration : ndarray of float64
        Seconds; the duration of a merged outage runs from first start to last end.
    short : ndarray of bool
        Shorter than the shortest outage that counts.
    cause : ndarray of int64
        Transition with which the first of the merged episodes began, -1 for the start.
    censored : ndarray of bool
        Not over at the end of the term.
    planned : ndarray of bool
        More than half of its down time is planned, by more than a microsecond.
    """

    replication: np.ndarray
    start: np.ndarray
    duration: np.ndarray
    short: np.ndarray
    cause: np.ndarray
    censored: np.ndarray
    planned: np.ndarray


def merge(episodes: np.ndarray, min_outage: float) -> Outages:
    """Return outages from the episodes of one observation.

    Gaps shorter than ``min_outage`` are merged first (duration = end - start), then outages
    shorter than it are marked short. Differences of times are off by some last bits, so what is a
    microsecond short of it is not shorter.

    Parameters
    ----------
    episodes : structured ndarray of `pacsim.core.model.EPISODE`
        Of one observation, in order.
    min_outage : float
        Seconds, >= 0.

    Examples
    --------
    >>> from pacsim.core.model import EPISODE
    >>> rows = np.zeros(2, dtype=EPISODE)
    >>> rows["start"], rows["end"] = [0.0, 70.0], [65.0, 75.0]
    >>> merge(rows, 60.0).duration
    array([75.])
    """
    if not len(episodes):
        none = np.zeros(0)
        whole = np.zeros(0, dtype=np.int64)
        flag = np.zeros(0, dtype=bool)
        return Outages(whole, none, none, flag, whole, flag, flag)
    replication, start, end = episodes["replication"], episodes["start"], episodes["end"]
    least = min_outage - ROUNDING
    begins = np.ones(len(episodes), dtype=bool)
    begins[1:] = (replication[1:] != replication[:-1]) | (start[1:] - end[:-1] >= least)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(episodes)) - 1
    duration = end[last] - start[first]
    planned = np.add.reduceat(episodes["planned"], first)
    down = np.add.reduceat(end - start, first)
    return Outages(
        replication[first].astype(np.int64),
        start[first],
        duration,
        duration < least,
        episodes["cause"][first].astype(np.int64),
        episodes["censored"][last],
        planned > 0.5 * down + ROUNDING,
    )
