"""Exams, openings and questions that went otherwise than in the twin, in both runs side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pacsim.traffic.kernel.compiled_figures import NOTE_MADE, PAIR_JOBS, compiled
from pacsim.traffic.kernel.tries_of_cases import CaseNames, tries_of_cases
from pacsim.traffic.kernel.tries_source import places_of
from pacsim.traffic.logs import STREAMS, UNDECIDED
from pacsim.traffic.table_rows import rows_at, rows_joined

if TYPE_CHECKING:
    from pacsim.traffic.figured_stations import FiguredStations
    from pacsim.traffic.window_tables import WindowBatch, WindowLogs


@dataclass(frozen=True, eq=False)
class CaseSide:
    """What one run made of cases.

    Parameters
    ----------
    jobs : ndarray of `pacsim.traffic.logs.JOBS`, shape (cases,)
        At the station where each arose.
    seen : ndarray of bool, shape (cases,)
        Whether the run has it at all.
    parked : ndarray of int64, shape (cases,)
        How often it was parked or put aside, by its router as well.
    by_hand : ndarray of bool, shape (cases,)
        Whether a person had to send it again.
    tries : ndarray of `pacsim.traffic.kernel.compiled_figures.CASES`, shape (cases,)
        What its attempts tell of each.
    queries : ndarray of `pacsim.traffic.kernel.compiled_figures.QUERIES`
        And of queries.
    closed : ndarray of float64, shape (cases,)
        When the run ends, seconds.
    """

    jobs: np.ndarray
    seen: np.ndarray
    parked: np.ndarray
    by_hand: np.ndarray
    tries: np.ndarray
    queries: np.ndarray
    closed: np.ndarray


@dataclass(frozen=True, eq=False)
class Cases:
    """What went otherwise than in the twin, or is open in either; all else adds nothing.

    Parameters
    ----------
    window : ndarray of int64, shape (cases,)
        In which window each is, rising.
    faulted, twin : CaseSide
        Both runs.
    """

    window: np.ndarray
    faulted: CaseSide
    twin: CaseSide


def cases_of(batch: WindowBatch, stations: FiguredStations) -> Cases:
    """Return what went otherwise in windows than in their twins.

    Parameters
    ----------
    batch : WindowBatch
        Windows with their logs.
    stations : FiguredStations
        Of the workload.
    """
    sides = (batch.faulted, batch.twin)
    names, made = paired_jobs(*sides)
    window = np.repeat(np.arange(len(batch.windows)), np.diff(names.bounds))
    closed = batch.windows["closed"][window]
    found = []
    for logs, (at, parked, by_hand) in zip(sides, made, strict=True):
        jobs, seen = _rows(logs.jobs, at), at >= 0
        tries, queries = tries_of_cases(logs, names, jobs, parked, stations)
        found.append(CaseSide(jobs, seen, parked, by_hand, tries, queries, closed))
    return Cases(window, *found)


class Made(NamedTuple):
    """What a run made of cases.

    Parameters
    ----------
    at : ndarray of int64, shape (cases,)
        Where the row of each is, at its router if there is no other; -1 without any.
    parked : ndarray of int64, shape (cases,)
        How often it was parked or put aside, by its router as well.
    by_hand : ndarray of bool, shape (cases,)
        Whether a person had to send it again.
    """

    at: np.ndarray
    parked: np.ndarray
    by_hand: np.ndarray


def paired_jobs(faulted: WindowLogs, twin: WindowLogs) -> tuple[CaseNames, tuple[Made, Made]]:
    """Return which cases went otherwise in windows than in their twins, and what both made of them.

    One is told by the times of its first image and its storing, its tries and parkings, what became
    of it, and what was sent; or it is open, or one run has not got it at all.

    Parameters
    ----------
    faulted, twin : WindowLogs
        Both runs.
    """
    given = []
    for logs in (faulted, twin):
        bounds = np.asarray(logs.jobs_from, dtype=np.int64)
        given += [np.ascontiguousarray(logs.jobs), bounds]
    room = len(faulted.jobs) + len(twin.jobs)
    heads, numbers, order = (np.empty(room, dtype=np.int64) for _ in range(3))
    rows = np.empty((room, 4), dtype=np.int64)
    most = int((np.diff(faulted.jobs_from) + np.diff(twin.jobs_from)).max(initial=0))
    places = np.full(places_of(most), -1, dtype=np.int64)
    first_case = np.empty(len(faulted.jobs_from), dtype=np.int64)
    streams = len(STREAMS)
    count = compiled(PAIR_JOBS)(*given, streams, heads, numbers, rows, places, order, first_case)
    order = order[:count]
    made = []
    for run, jobs in ((0, given[0]), (2, given[2])):
        at, parked = (np.empty(count, dtype=np.int64) for _ in range(2))
        by_hand = np.empty(count, dtype=bool)
        compiled(NOTE_MADE)(jobs, order, rows, run, at, parked, by_hand)
        made.append(Made(at, parked, by_hand))
    return CaseNames(first_case, heads[order], numbers[order]), (made[0], made[1])


def _rows(jobs: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the rows of cases, one of nothing where there is none."""
    if (at >= 0).all():
        return rows_at(jobs, at)
    none = np.zeros(1, dtype=jobs.dtype)
    none["stored"] = none["first"] = np.nan
    none["outcome"] = UNDECIDED
    # Those without a row have the last one.
    return rows_at(rows_joined([jobs, none]), at)
