"""What is without faults: operations a year from rates, how many are slow in some weeks (T23)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pacsim.core.streams import replication_key
from pacsim.traffic.arrivals import SLOTS_OF_WEEK, SLOTS_OF_YEAR, in_year
from pacsim.traffic.case_operations import NAMES, operations_of
from pacsim.traffic.client_conditions import Timeline
from pacsim.traffic.client_tables import OPENINGS, Asker, Probe, Reader
from pacsim.traffic.kernel.arriving import ArrivingStreams
from pacsim.traffic.window_cases import cases_of
from pacsim.traffic.window_tables import WINDOWS, WindowBatch, WindowLogs
from pacsim.units import DAY, HOUR, YEAR

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.traffic.client_tables import Rates, TrafficTables
    from pacsim.traffic.figured_stations import FiguredStations
    from pacsim.traffic.logs import TrafficLog
    from pacsim.traffic.simulators import TrafficSimulator

BASE_WEEKS = 4
LEAD, DRAIN = 1800.0, 3600.0
"""Seconds before a week, in which queues fill, and after it, in which what is open may end."""


@dataclass(frozen=True, eq=False)
class FaultFree:
    """Operations of some fault-free days, by day and in the order of the stations' operations.

    Parameters
    ----------
    asked, slow : ndarray of float64, shape (days, operations)
        How many were asked for, and not done within their target.
    """

    asked: np.ndarray
    slow: np.ndarray


def operations_a_year(stations: FiguredStations, term: float) -> dict[str, float]:
    """Return the operations that are expected in a year, mean over a term, from rates.

    Parameters
    ----------
    stations : FiguredStations
        Of a workload.
    term : float
        Seconds.

    Examples
    --------
    >>> from pacsim.traffic import client_tables as t
    >>> from pacsim.traffic.client_conditions import SERVER, Conditions
    >>> from pacsim.traffic.figured_stations import FiguredStations
    >>> ask = t.Asker(t.Operation("worklist", ()), every=600.0)
    >>> server = Conditions(SERVER, ("a",), ("s",))
    >>> one = t.TrafficTables(server, (t.Station("worklist-CT-1", ask),))
    >>> operations_a_year(FiguredStations(one, {}), 7 * YEAR)
    {'worklist': 52560.0}
    """
    found = dict.fromkeys(stations.operations, 0.0)
    for one in stations.tables.stations:
        does = one.does
        if isinstance(does, Asker):
            found["worklist"] += YEAR / does.every
        for stream in one.streams:
            yearly = expected(stream.rates, term) * YEAR / term
            if stream.name != OPENINGS:
                found["store"] += yearly
            elif isinstance(does, Reader):
                found["retrieve"] += yearly
                found["query"] += yearly * does.queries
    return found


def expected(rates: Rates, term: float) -> float:
    """Return how many arrivals are expected in a term.

    Parameters
    ----------
    rates : Rates
        Of a stream.
    term : float
        Seconds.
    """
    week, slots = np.array(rates.week), term / HOUR
    total = 0.0
    for year in range(math.ceil(slots / SLOTS_OF_YEAR)):
        first, last = year * SLOTS_OF_YEAR, min((year + 1) * SLOTS_OF_YEAR, slots)
        hours = (rates.starts + np.arange(first, math.floor(last))) % SLOTS_OF_WEEK
        part = float(week[hours].sum())
        # The last slot may be cut off by the end of the term.
        part += (last - math.floor(last)) * week[(rates.starts + math.floor(last)) % SLOTS_OF_WEEK]
        total += part * in_year(rates.growth, year)
    return total


def fault_free(
    simulator: Callable[[TrafficTables], TrafficSimulator],
    stations: FiguredStations,
    term: float,
    seed: int,
    weeks: int = BASE_WEEKS,
) -> FaultFree:
    """Return the operations of fault-free weeks, spread over a term.

    Each is of another replication, begins empty half an hour before, and goes on for an hour so
    that what is open at its end may be served.

    Parameters
    ----------
    simulator : callable
        Makes a simulator of tables.
    stations : FiguredStations
        Of the workload; probes are left out, which change nothing for others.
    term : float
        Seconds.
    seed : int
        Of all random streams.
    weeks : int
        How many.
    """
    plain = tuple(x for x in stations.tables.stations if not isinstance(x.does, Probe))
    asking = replace(stations, tables=replace(stations.tables, stations=plain))
    made = simulator(asking.tables)
    streams = ArrivingStreams(asking.tables)
    slots = math.floor(term / HOUR)
    length = min(SLOTS_OF_WEEK, slots)
    parts = []
    for k in range(weeks):
        first = min(max(0, math.floor((k + 0.5) * slots / weeks) - length // 2), slots - length)
        begin, end = first * HOUR, (first + length) * HOUR
        start = max(0.0, begin - LEAD)
        quiet = Timeline.of(asking.tables.conditions)
        run = made.begin(quiet, start, replication_key(seed, k))
        slot = math.floor(start / HOUR)
        run.feed(streams.table(replication_key(seed, k), slot, first + length + 1 - slot))
        run.advance(end + DRAIN)
        log = run.log()
        log.check()
        parts.append(_days(log, asking, begin, end))
    return FaultFree(
        np.concatenate([one.asked for one in parts]), np.concatenate([one.slow for one in parts])
    )


def _days(log: TrafficLog, stations: FiguredStations, begin: float, end: float) -> FaultFree:
    """Return the operations of a log that were asked for in a span of time, by day."""
    window = np.zeros(1, dtype=WINDOWS)
    window["closed"] = end + DRAIN
    cases = cases_of(WindowBatch(window, _alone(log), _alone(None)), stations)
    rows = operations_of(cases.faulted, stations)
    rows = rows[(rows["asked"] >= begin) & (rows["asked"] < end)]
    late = rows["late"] | rows["failed"]
    days = max(1, math.ceil((end - begin) / DAY))
    day = ((rows["asked"] - begin) // DAY).astype(np.int64)
    place = np.array([NAMES.index(name) for name in stations.operations], dtype=np.int64)
    counts = [np.zeros((days, len(NAMES))) for _ in range(2)]
    for count, some in zip(counts, (np.ones(len(rows), dtype=bool), late), strict=True):
        np.add.at(count, (day[some], rows["operation"][some]), 1.0)
    return FaultFree(counts[0][:, place], counts[1][:, place])


def _alone(log: TrafficLog | None) -> WindowLogs:
    """Return a log as that of the only window, or of one in which nothing was."""
    from pacsim.traffic.logs import ATTEMPTS, COUNTS, JOBS

    attempts, jobs = np.zeros(0, dtype=ATTEMPTS), np.zeros(0, dtype=JOBS)
    counts = np.zeros(0, dtype=COUNTS)
    if log is not None:
        attempts, jobs, counts = log.attempts, log.jobs, log.counts
    bounds = (np.array([0, len(attempts)]), np.array([0, len(jobs)]))
    return WindowLogs(attempts, jobs, *bounds, counts[np.newaxis])
