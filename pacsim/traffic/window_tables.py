"""Windows of the traffic as tables: each with its faulted run and its twin (T21 - T26)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from pacsim.traffic.logs import ATTEMPTS, COUNTS, JOBS, TrafficLog
from pacsim.traffic.table_rows import rows_at, rows_joined

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
        Window by window. Where tries that tell nothing were left out, those of a case are in the
        order of its log, and cases among each other are not.
    attempts_from, jobs_from : ndarray of int64, shape (windows + 1,)
        Where the rows of each window begin; the last is the number of rows.
    counts : ndarray of `pacsim.traffic.logs.COUNTS`, shape (windows, stations)
        As each window was closed; none if only cases that differ were kept.
    follows : ndarray of bool, optional
        Of attempts, if those that tell nothing were left out: whether the next one of the case came
        as it should after a failure.
    """

    attempts: np.ndarray
    jobs: np.ndarray
    attempts_from: np.ndarray
    jobs_from: np.ndarray
    counts: np.ndarray
    follows: np.ndarray | None = None

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

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the windows of several, at least one, one after the other."""
        tries, jobs = (
            np.cumsum([0, *(x for one in parts for x in np.diff(getattr(one, name)).tolist())])
            for name in ("attempts_from", "jobs_from")
        )
        known = [one.follows for one in parts if one.follows is not None]
        return cls(
            rows_joined([one.attempts for one in parts]),
            rows_joined([one.jobs for one in parts]),
            tries,
            jobs,
            np.concatenate([one.counts for one in parts]),
            np.concatenate(known) if len(known) == len(parts) else None,
        )

    def picked(self, which: np.ndarray) -> Self:
        """Return some windows, by a truth for each."""
        both = (self.attempts_from, self.jobs_from)
        tries, jobs = (np.flatnonzero(np.repeat(which, np.diff(bounds))) for bounds in both)
        tries_from, jobs_from = (np.cumsum([0, *np.diff(one)[which].tolist()]) for one in both)
        return type(self)(
            rows_at(self.attempts, tries),
            rows_at(self.jobs, jobs),
            tries_from,
            jobs_from,
            self.counts[which] if len(self.counts) else self.counts,
            None if self.follows is None else self.follows[tries],
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

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the windows of several, at least one, one after the other."""
        return cls(
            np.concatenate([one.windows for one in parts]),
            WindowLogs.joined([one.faulted for one in parts]),
            WindowLogs.joined([one.twin for one in parts]),
        )

    def picked(self, which: np.ndarray) -> Self:
        """Return some windows, by a truth for each."""
        return type(self)(self.windows[which], self.faulted.picked(which), self.twin.picked(which))
