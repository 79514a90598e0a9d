"""How long failovers are felt in many windows at once: what probes meet (T28)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.traffic.logs import OK

if TYPE_CHECKING:
    from pacsim.traffic.window_tables import WindowBatch, WindowLogs

NOTHING = 1e-6
"""Seconds: what is shorter is what rounding leaves of times of years."""


def felt_in_windows(batch: WindowBatch, station: int) -> np.ndarray:
    """Return how long a probe feels the failover of each window.

    As `pacsim.traffic.probe.felt`, for all windows.

    Parameters
    ----------
    batch : WindowBatch
        Windows with their logs.
    station : int
        Number of the probe.

    Returns
    -------
    ndarray of float64, shape (windows,)
        Seconds, 0 if nothing is felt; infinite if nothing succeeds afterwards.
    """
    usual = _longest(batch.twin, station, batch.windows["divergence"])
    longest = _longest(batch.faulted, station, batch.windows["divergence"])
    with np.errstate(invalid="ignore"):
        found = longest - usual
    # Without end in both there is nothing to tell apart.
    found = np.where(np.isnan(found), np.inf, found)
    return np.where(found < NOTHING, 0.0, found)


def _longest(logs: WindowLogs, station: int, divergence: np.ndarray) -> np.ndarray:
    """Return the longest interval between successes of a probe that ends after the divergence."""
    rows = np.flatnonzero((logs.attempts["station"] == station) & (logs.attempts["how"] == OK))
    window = np.searchsorted(logs.attempts_from, rows, side="right") - 1
    ends = logs.attempts["end"][rows]
    found = np.full(len(divergence), -np.inf)
    later = (window[1:] == window[:-1]) & (ends[1:] > divergence[window[1:]])
    np.maximum.at(found, window[1:][later], np.diff(ends)[later])
    return np.where(found < 0.0, np.inf, found)
