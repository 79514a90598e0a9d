"""How long a failover is felt: what a probe meets (T28)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.traffic.logs import OK

if TYPE_CHECKING:
    from pacsim.traffic.logs import TrafficLog


def successes(log: TrafficLog, station: int) -> np.ndarray:
    """Return when the operations of a probe that succeeded were over.

    Parameters
    ----------
    log : TrafficLog
        Of a run.
    station : int
        Number of the probe.

    Returns
    -------
    ndarray of float64, shape (n,)
        Seconds, rising.
    """
    rows = log.attempts
    return np.sort(rows["end"][(rows["station"] == station) & (rows["how"] == OK)])


def longest_gap(ends: np.ndarray, divergence: float) -> float:
    """Return the longest interval between successive successes that ends after a divergence starts.

    Parameters
    ----------
    ends : ndarray of float64, shape (n,)
        Ends of successful operations, rising.
    divergence : float
        When something is first not as usual, seconds.

    Returns
    -------
    float
        Seconds; infinity if nothing succeeds afterwards.

    Examples
    --------
    >>> longest_gap(np.array([0.0, 1.0, 2.0, 9.0, 10.0]), 2.5)
    7.0
    >>> longest_gap(np.array([0.0, 1.0]), 2.5)
    inf
    """
    later = ends[1:] > divergence
    if not later.any():
        return float("inf")
    return float(np.diff(ends)[later].max())


def felt(log: TrafficLog, twin: TrafficLog, station: int, divergence: float) -> float:
    """Return how long a failover is felt: the longest gap, less the undisturbed one.

    Parameters
    ----------
    log, twin : TrafficLog
        With the faults and without them.
    station : int
        Number of the probe.
    divergence : float
        When something is first not as usual, seconds.

    Returns
    -------
    float
        Seconds, 0 if nothing is felt; infinity if nothing succeeds afterwards.
    """
    usual = longest_gap(successes(twin, station), divergence)
    return max(0.0, longest_gap(successes(log, station), divergence) - usual)
