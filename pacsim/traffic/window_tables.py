"""Windows of the traffic as tables: each with its faulted run and its twin (T21 - T26)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from pacsim.traffic.logs import ATTEMPTS, COUNTS, JOBS, TrafficLog

if TYPE_CHECKING:
    from collections.abc import Sequence

WINDOWS = np.dtype(
    [
        ("term", np.int64),
        ("start", np.float64),
        ("divergence", np.float64),
        ("ended", np.float64),
        ("closed", np.float64),
        ("censored", np.bool_),
        ("kind", np.int8),
        ("root", np.int32),
        ("overlapped", np.int32),
    ]
)
"""One window a row: when it begins, when its first divergence starts and its last one ends, when it
is closed, whether the end of the term did that; kind (of `pacsim.parts.failover.KINDS`) and root
(of `HandOver.roots`, -1 without) of the first divergence, and how many began later."""


@dataclass(frozen=True, eq=False)
class WindowLogs:
    """What happened in windows, one after another.

    Parameters
    ----------
    attempts, jobs : ndarray of `pacsim.traffic.logs.ATTEMPTS`, of `JOBS`
        Window by window, each in the order of its own log.
    attempts_from, jobs_from : ndarray of int64, shape (windows + 1,)
        Where the rows of each window begin; the last is the number of rows.
    counts : ndarray of `pacsim.traffic.logs.COUNTS`, shape (windows, stations)
        As each window was closed.
    """

    attempts: np.ndarray
    jobs: np.ndarray
    attempts_from: np.ndarray
    jobs_from: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, logs: Sequence[TrafficLog], stations: int) -> Self:
        """Return logs as tables.

        Parameters
        ----------
        logs : sequence of TrafficLog
            One for each window.
        stations : int
            How many there are, also without any window.
        """
        attempts, jobs = ([getattr(one, name) for one in logs] for name in ("attempts", "jobs"))
        return cls(
            np.concatenate([np.empty(0, ATTEMPTS), *attempts]),
            np.concatenate([np.empty(0, JOBS), *jobs]),
            np.cumsum([0, *map(len, attempts)]),
            np.cumsum([0, *map(len, jobs)]),
            np.array([one.counts for one in logs], dtype=COUNTS).reshape(len(logs), stations),
        )

    def log(self, window: int) -> TrafficLog:
        """Return the log of one window."""
        attempts, jobs = (
            rows[slice(*bounds[window : window + 2])]
            for rows, bounds in ((self.attempts, self.attempts_from), (self.jobs, self.jobs_from))
        )
        return TrafficLog(attempts, jobs, self.counts[window])


@dataclass(frozen=True, eq=False)
class WindowBatch:
    """Windows of some terms.

    Parameters
    ----------
    windows : ndarray of `WINDOWS`
        In order of term and time.
    faulted, twin : WindowLogs
        The same windows with what happened to the archive, and as if nothing had.
    """

    windows: np.ndarray
    faulted: WindowLogs
    twin: WindowLogs
