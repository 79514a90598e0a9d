"""One window as numbers over time: queues, unsent bytes, operations a minute.

What is in a log is not when a job was over, if it was lost or typed: that is worked out here by the
rules of T17 to T20.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pacsim.traffic.client_tables import AGE, Asker, Modality, Probe
from pacsim.traffic.keyed_draws import SLOT
from pacsim.traffic.logs import (
    BLOCKED,
    BY_TYPING,
    KINDS,
    LOST_FORGOTTEN,
    LOST_OVERWRITTEN,
    OK,
    OPEN,
    STORED_SAFE,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.traffic.client_tables import TrafficTables

MINUTE = 60.0
GB = 1e9
MINUTES = np.dtype(
    [
        ("start", np.float64),
        ("served", np.int64),
        ("slow", np.int64),
        ("failed", np.int64),
        ("waiting", np.int64),
    ]
)
"""A minute a row: operations that ended in it, by how, and jobs that wait at its end."""
TARGETS = {"store": "store", "query": "query", "worklist": "worklist", "retrieve": "first_image"}
"""Operation to the target of a workload that says when it is slow."""


class StepCurve(NamedTuple):
    """A number that holds from each of some times on.

    Parameters
    ----------
    times : ndarray of float64, shape (n,)
        Seconds, rising; the first is the start of the window.
    values : ndarray of float64, shape (n,)
        From there on.
    """

    times: np.ndarray
    values: np.ndarray

    def at(self, time: float) -> float:
        """Return the number at a time, not before the first one.

        Parameters
        ----------
        time : float
            Seconds.
        """
        return float(self.values[np.searchsorted(self.times, time, side="right") - 1])


class ModalityCurves(NamedTuple):
    """What the stations of a modality have and the archive has not, with its twin.

    Parameters
    ----------
    modality : str
        Such as ``CT``.
    queue, twin_queue : StepCurve
        Exams.
    unsent, twin_unsent : StepCurve
        GB of these exams.
    """

    modality: str
    queue: StepCurve
    twin_queue: StepCurve
    unsent: StepCurve
    twin_unsent: StepCurve


class WindowRun(NamedTuple):
    """The log of one run of a window, with when each job was over.

    Parameters
    ----------
    attempts, jobs : ndarray of `pacsim.traffic.logs.ATTEMPTS`, of `JOBS`
        Of the run.
    over : ndarray of float64, shape (jobs,)
        When it was stored, served, lost or typed; infinity while it is open; for what was blocked
        when it was made.
    """

    attempts: np.ndarray
    jobs: np.ndarray
    over: np.ndarray


def window_run(tables: TrafficTables, attempts: np.ndarray, jobs: np.ndarray) -> WindowRun:
    """Return the log of one run of a window, with when each job was over.

    Parameters
    ----------
    tables : TrafficTables
        Stations.
    attempts, jobs : ndarray of `pacsim.traffic.logs.ATTEMPTS`, of `JOBS`
        Of the run.
    """
    last = _last_ends(attempts)
    over = np.full(len(jobs), math.inf)
    over[jobs["outcome"] == STORED_SAFE] = jobs["stored"][jobs["outcome"] == STORED_SAFE]
    over[jobs["outcome"] == BLOCKED] = jobs["finished"][jobs["outcome"] == BLOCKED]
    for k in np.flatnonzero(np.isin(jobs["outcome"], (LOST_FORGOTTEN, BY_TYPING))):
        row = jobs[k]
        # It is lost as it is parked, which is when its last attempt has failed.
        over[k] = last[_job_key(row)]
        does = tables.stations[row["station"]].does
        if isinstance(does, Asker):
            over[k] = max(over[k], float(row["finished"]) + does.patience)
    for number, station in enumerate(tables.stations):
        if isinstance(station.does, Modality) and station.does.deletes == AGE:
            _overwritten(jobs, over, number, station.does.buffer)
    return WindowRun(attempts, jobs, over)


def _job_key(row: np.void) -> tuple[int, int, int]:
    """Return the key of a job in attempts: where it arose, stream, number."""
    return int(row["source"]), int(row["stream"]), SLOT * int(row["slot"]) + int(row["number"])


def _last_ends(attempts: np.ndarray) -> dict[tuple[int, int, int], float]:
    """Return when the last attempt for each job ended, at whatever station."""
    found: dict[tuple[int, int, int], float] = {}
    columns = (attempts[name].tolist() for name in ("source", "stream", "number", "end"))
    for source, stream, number, end in zip(*columns, strict=True):
        key = source, stream, number
        found[key] = max(found.get(key, -math.inf), end)
    return found


def _overwritten(jobs: np.ndarray, over: np.ndarray, station: int, buffer: float) -> None:
    """Note when exams were overwritten: as what is finished from them on exceeds the buffer."""
    mine = np.flatnonzero(jobs["station"] == station)
    mine = mine[np.argsort(jobs["finished"][mine], kind="stable")]
    grown = np.cumsum(jobs["bytes"][mine])
    for place, k in enumerate(mine):
        if jobs["outcome"][k] == LOST_OVERWRITTEN:
            since = grown - (grown[place] - jobs["bytes"][k])
            first = int(np.argmax(since > buffer))
            over[k] = jobs["finished"][mine[first]]


def modality_of(name: str) -> str:
    """Return the modality of a station.

    Examples
    --------
    >>> modality_of("CT-1")
    'CT'
    """
    return name.rpartition("-")[0] or name


def modality_curves(
    tables: TrafficTables, faulted: WindowRun, twin: WindowRun, start: float
) -> tuple[ModalityCurves, ...]:
    """Return the queue and the unsent bytes of each modality, in the order of the stations.

    Parameters
    ----------
    tables : TrafficTables
        Stations.
    faulted, twin : WindowRun
        Of the window.
    start : float
        Of the window, seconds.
    """
    codes: dict[str, list[int]] = {}
    for k, station in enumerate(tables.stations):
        if isinstance(station.does, Modality):
            codes.setdefault(modality_of(station.name), []).append(k)
    found = []
    for code, stations in codes.items():
        queue, unsent = _waits(faulted, stations, start)
        twin_queue, twin_unsent = _waits(twin, stations, start)
        found.append(ModalityCurves(code, queue, twin_queue, unsent, twin_unsent))
    return tuple(found)


def _waits(run: WindowRun, stations: list[int], start: float) -> tuple[StepCurve, StepCurve]:
    """Return exams that the archive has not, and their GB, over time."""
    mine = np.isin(run.jobs["station"], stations) & (run.jobs["outcome"] != BLOCKED)
    begins, ends = run.jobs["finished"][mine], run.over[mine]
    sizes = run.jobs["bytes"][mine] / GB
    return level(begins, ends, np.ones(len(begins)), start), level(begins, ends, sizes, start)


def level(begins: np.ndarray, ends: np.ndarray, sizes: np.ndarray, start: float) -> StepCurve:
    """Return the sum of the sizes of what has begun and not ended.

    Parameters
    ----------
    begins, ends, sizes : ndarray of float64, shape (n,)
        Ends may be infinite.
    start : float
        The first time; nothing begins before.

    Examples
    --------
    >>> curve = level(np.array([1.0, 3.0]), np.array([4.0, np.inf]), np.array([1.0, 2.0]), 0.0)
    >>> curve.times.tolist(), curve.values.tolist()
    ([0.0, 1.0, 3.0, 4.0], [0.0, 1.0, 3.0, 2.0])
    """
    over = np.isfinite(ends)
    moments = np.concatenate([[start], begins, ends[over]])
    steps = np.concatenate([[0.0], sizes, -sizes[over]])
    times, where = np.unique(moments, return_inverse=True)
    values = np.cumsum(np.bincount(where, weights=steps))
    # What is left of a sum of bytes when all have gone is rounding.
    values[np.abs(values) < 1e-12 * max(1.0, float(sizes.sum()))] = 0.0
    return StepCurve(times, values)


def operations_a_minute(
    tables: TrafficTables,
    run: WindowRun,
    twin: WindowRun,
    targets: Mapping[str, float],
    minutes: np.ndarray,
) -> np.ndarray:
    """Return what became of operations in each of some minutes; probes are not counted.

    *Slow* is what succeeded later than its target: a store after its exam was finished, the first
    image after the twin's workstation turned to its opening, a query after its first try began, a
    worklist question after its time. *Failed* is each attempt that did. *Waiting* are exams,
    openings and questions at the end of a minute that are not over and for which nothing is under
    way.

    Parameters
    ----------
    tables : TrafficTables
        Stations.
    run, twin : WindowRun
        Of the window.
    targets : mapping
        Seconds by name of a target: ``store``, ``first_image``, ``query``, ``worklist``; what is
        not there is never late.
    minutes : ndarray of float64, shape (n,)
        Starts of whole minutes, one after another, seconds.

    Returns
    -------
    ndarray of `MINUTES`, shape (n,)
        What ends on the border of two minutes counts in the later one.
    """
    probes = [k for k, one in enumerate(tables.stations) if isinstance(one.does, Probe)]
    rows = run.attempts[~np.isin(run.attempts["station"], probes)]
    found = np.zeros(len(minutes), dtype=MINUTES)
    found["start"] = minutes
    borders = np.append(minutes, minutes[-1] + MINUTE)
    ok, is_open = rows["how"] == OK, rows["how"] == OPEN
    late = ok & _late(rows, run.jobs, _turned(twin), targets)
    for name, which in (("served", ok & ~late), ("slow", late), ("failed", ~ok & ~is_open)):
        place = np.searchsorted(borders, rows["end"][which], side="right") - 1
        inside = (place >= 0) & (place < len(minutes))
        found[name] = np.bincount(place[inside], minlength=len(minutes))
    # A router's copy of an exam is no other exam.
    own = run.jobs["station"] == run.jobs["source"]
    asked = run.jobs["finished"][own]
    begun = np.sort(asked), np.sort(rows["start"])
    over = np.sort(run.over[own]), np.sort(np.where(is_open, math.inf, rows["end"]))
    there, busy = (
        np.searchsorted(a, borders[1:], side="right")
        - np.searchsorted(b, borders[1:], side="right")
        for a, b in zip(begun, over, strict=True)
    )
    found["waiting"] = there - busy
    return found


def _turned(run: WindowRun) -> dict[tuple[int, int, int], float]:
    """Return when each case was begun."""
    found: dict[tuple[int, int, int], float] = {}
    columns = (run.attempts[name].tolist() for name in ("source", "stream", "number", "start"))
    for source, stream, number, start in zip(*columns, strict=True):
        key = source, stream, number
        found[key] = min(found.get(key, math.inf), start)
    return found


def _late(
    rows: np.ndarray,
    jobs: np.ndarray,
    turned: Mapping[tuple[int, int, int], float],
    targets: Mapping[str, float],
) -> np.ndarray:
    """Return which attempts, if they succeeded, did so later than the target of their operation."""
    own = jobs[jobs["station"] == jobs["source"]]
    asked = {_job_key(row): (float(row["finished"]), float(row["first"])) for row in own}
    limits = [targets.get(TARGETS.get(kind, ""), math.inf) for kind in KINDS]
    late = np.zeros(len(rows), dtype=bool)
    began: dict[tuple[int, int, int, int], float] = {}
    seen: set[tuple[int, int, int]] = set()
    order = np.argsort(rows["start"], kind="stable")
    # Columns as lists: a row of a table at a time takes several times as long.
    names = ("source", "stream", "number", "step", "operation", "start", "end", "how")
    columns = (rows[name][order].tolist() for name in names)
    for k, source, stream, number, step, operation, start, end, how in zip(
        order.tolist(), *columns, strict=True
    ):
        key = source, stream, number
        kind = KINDS[operation]
        first_try = began.setdefault((*key, step), start)
        since, first = asked.get(key, (math.nan, math.nan))
        done = end
        if kind == "query":
            since = first_try
        elif kind == "retrieve":
            since = turned.get(key, since)
            # The current study comes before priors; its first image is what is waited for.
            done = first if key not in seen else -math.inf
            if how == OK:
                seen.add(key)
        late[k] = done - since > limits[operation]
    return late
