"""The peak hour again and again: how long operations take in it (T31).

Arrivals, emergencies and openings come at the rates of that hour for as long as a run lasts, as
does what is asked of the worklist, which is alike at all hours. A run begins empty half an hour
before the hour that is looked at, and goes on behind it until whatever was asked in it is over or
later than its target. Runs are replications of their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pacsim.core.streams import replication_key
from pacsim.stats.cluster_quantiles import cluster_quantile
from pacsim.traffic.arrivals import SLOTS_OF_WEEK, in_year
from pacsim.traffic.chosen_simulator import arrivals_until, simulator
from pacsim.traffic.client_conditions import Timeline
from pacsim.traffic.client_tables import (
    EMERGENCIES,
    EXAMS,
    OPENINGS,
    QUERY,
    RETRIEVE,
    STORE,
    WORKLIST,
    Asker,
    Modality,
    Probe,
    Rates,
    Reader,
)
from pacsim.traffic.keyed_draws import AGAIN, SLOT
from pacsim.traffic.logs import KINDS, OK, STREAMS
from pacsim.units import HOUR

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacsim.stats import Estimate
    from pacsim.traffic.client_tables import ImagingStudy, Station, TrafficTables
    from pacsim.traffic.logs import TrafficLog

BEGIN, END = HOUR, 2.0 * HOUR
"""The hour that is looked at, seconds from the start of a run's slots."""
LEAD = HOUR / 2.0
FIRST_IMAGE = "first_image"
OPERATIONS = (STORE, FIRST_IMAGE, RETRIEVE, QUERY, WORKLIST)
"""What is timed: an exam from its end until the archive has it, an opening until its first image,
the retrieval of a study and a query from their first try, a question from when it was due.

An opening is timed from when its workstation turns to it: that a reader is still busy with the one
before, and pauses, is no answer of the archive. So it is in windows, where the twin's counts."""


def peak_tables(tables: TrafficTables, hour: int, year: int, factor: float = 1.0) -> TrafficTables:
    """Return a workload whose rates are always those of one hour of a contract year.

    Counts of a slot are quantiles of one uniform at its mean, and an arrival's place and attributes
    hang on its number in the slot: with a larger factor all that arrived before arrives at the same
    moment, and more beside it. Probes, which nobody else notices, are left out if they come last.

    Parameters
    ----------
    tables : TrafficTables
        Of a workload.
    hour : int
        Hour of the week, from Monday 00:00.
    year : int
        Contract year, from 0.
    factor : float
        On all rates, > 0.
    """
    stations = [_steady_station(one, hour, year, factor) for one in tables.stations]
    while stations and isinstance(stations[-1].does, Probe):
        stations.pop()
    return replace(tables, stations=tuple(stations))


def _steady_station(station: Station, hour: int, year: int, factor: float) -> Station:
    streams = []
    for one in station.streams:
        rate = one.rates.week[hour] * in_year(one.rates.growth, year) * factor
        streams.append(replace(one, rates=Rates((rate,) * SLOTS_OF_WEEK)))
    does = station.does
    if isinstance(does, Modality):
        does = replace(does, study=_of_year(does.study, year))
    elif isinstance(does, Reader):
        does = replace(does, mix=tuple((share, _of_year(x, year)) for share, x in does.mix))
    elif isinstance(does, Asker):
        does = replace(does, every=does.every / factor)
    return replace(station, does=does, streams=tuple(streams))


def _of_year(study: ImagingStudy, year: int) -> ImagingStudy:
    return replace(study, size_growth=(in_year(study.size_growth, year),))


@dataclass(frozen=True, eq=False)
class PeakTimes:
    """How long operations took.

    Parameters
    ----------
    seconds : dict
        By operation: an array for each hour, infinite for what was not over.
    """

    seconds: dict[str, list[np.ndarray]]

    def quantile(self, operation: str, p: float) -> Estimate:
        """Return a quantile over all hours, seconds; its value is None if it was not over."""
        return cluster_quantile(self.seconds[operation], p)

    def within(self, operation: str, p: float, target: float) -> bool:
        """Return whether a quantile is at most a target; so it is of what nobody asked for."""
        found = self.quantile(operation, p)
        return found.n == 0 or (found.value is not None and found.value <= target)


def peak_times(
    tables: TrafficTables,
    met: Sequence[Sequence[int]],
    samples: int,
    *,
    grace: float = 0.0,
    seed: int = 1,
    step: Callable[[], None] | None = None,
) -> list[PeakTimes]:
    """Return how long operations take in hours of a steady workload.

    Parameters
    ----------
    tables : TrafficTables
        Of `peak_tables`.
    met : sequence of sequence of int
        Conditions that hold throughout, one after another on the same arrivals and draws.
    samples : int
        Hours, > 0.
    grace : float
        Seconds behind the hour in which what was asked may end.
    seed : int
        Of all draws.
    step : callable, optional
        Called after each run.

    Returns
    -------
    list of PeakTimes
        One for each of ``met``.
    """
    if not tables.stations:
        # Nobody asks for anything, such as where a workload has probes only.
        nothing = [np.zeros(0) for _ in range(samples)]
        return [PeakTimes(dict.fromkeys(OPERATIONS, nothing)) for _ in met]
    runs, until = simulator(tables), END + grace
    arriving_in = arrivals_until(tables, seed, until)
    lines = [_constant(tables, values) for values in met]
    found: list[dict[str, list[np.ndarray]]] = [{x: [] for x in OPERATIONS} for _ in lines]
    for number in range(samples):
        arriving = arriving_in(number)
        for line, seconds in zip(lines, found, strict=True):
            run = runs.begin(line, BEGIN - LEAD, replication_key(seed, number))
            run.feed(arriving)
            run.advance(until)
            log = run.log()
            log.check()
            for name, taken in operation_times(tables, log, BEGIN, END).items():
                seconds[name].append(taken)
            if step is not None:
                step()
    return [PeakTimes(seconds) for seconds in found]


def _constant(tables: TrafficTables, values: Sequence[int]) -> Timeline:
    conditions = tables.conditions
    return Timeline.of(conditions, starts=dict(zip(conditions.names, values, strict=True)))


def operation_times(
    tables: TrafficTables, log: TrafficLog, begin: float, end: float
) -> dict[str, np.ndarray]:
    """Return how long each operation took that was asked for in a time.

    Parameters
    ----------
    tables : TrafficTables
        Of the run.
    log : TrafficLog
        Of the run.
    begin, end : float
        Seconds; what was asked from ``begin`` to before ``end``.

    Returns
    -------
    dict of ndarray of float64
        By operation, seconds; infinite for what was not over as the run ended, or was lost.
    """
    jobs = log.jobs
    asked = (jobs["finished"] >= begin) & (jobs["finished"] < end)
    # What a router has is the exam of its modality, whose row has the time of both.
    own = asked & (jobs["station"] == jobs["source"])

    def taken(streams: tuple[str, ...], ended: str) -> np.ndarray:
        rows = jobs[own & np.isin(jobs["stream"], [STREAMS.index(x) for x in streams])]
        seconds = rows[ended] - rows["finished"]
        return np.where(np.isnan(seconds), math.inf, seconds)

    return {
        STORE: taken((EXAMS, EMERGENCIES), "stored"),
        FIRST_IMAGE: _first_images(log, jobs[own & (jobs["stream"] == STREAMS.index(OPENINGS))]),
        RETRIEVE: _steps(log, RETRIEVE, begin, end),
        QUERY: _steps(log, QUERY, begin, end),
        WORKLIST: taken((WORKLIST,), "stored"),
    }


def _first_images(log: TrafficLog, opened: np.ndarray) -> np.ndarray:
    """Return how long openings took to their first image, from the begin of their first try."""
    tries = log.attempts[log.attempts["stream"] == STREAMS.index(OPENINGS)]
    known, place = np.unique(_keys(tries["station"], tries["number"]), return_inverse=True)
    begun = np.full(len(known) + 1, math.inf)
    np.minimum.at(begun, place, tries["start"])
    numbers = SLOT * opened["slot"].astype(np.int64) + opened["number"]
    wanted = _keys(opened["station"], numbers)
    at = np.searchsorted(known, wanted)
    # One that has not begun has no first image, whatever it is held to here.
    seconds = opened["first"] - begun[at]
    return np.where(np.isnan(seconds), math.inf, seconds)


def _keys(station: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Return a number for each arrival; those of a run's few slots are far below 2^40."""
    keys: np.ndarray = AGAIN * station.astype(np.int64) + number
    return keys


def _steps(log: TrafficLog, kind: str, begin: float, end: float) -> np.ndarray:
    """Return how long steps of openings took, from the begin of the first try."""
    opened, asked = STREAMS.index(OPENINGS), KINDS.index(kind)
    tries = log.attempts
    rows = tries[(tries["operation"] == asked) & (tries["stream"] == opened)]
    cases = np.unique(_keys(rows["station"], rows["number"]), return_inverse=True)[1]
    place = np.unique(SLOT * cases + rows["step"], return_inverse=True)[1]
    first, last = (np.full(int(place.max(initial=-1)) + 1, math.inf) for _ in range(2))
    np.minimum.at(first, place, rows["start"])
    done = rows["how"] == OK
    last[place[done]] = rows["end"][done]
    taken: np.ndarray = last - first
    return taken[(first >= begin) & (first < end)]
