"""Exams, openings and questions that went otherwise than in the twin, in both runs side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.traffic.kernel.tries_of_cases import CaseNames, tries_of_cases
from pacsim.traffic.keyed_draws import SLOT
from pacsim.traffic.logs import LOST_FORGOTTEN, STREAMS, UNDECIDED
from pacsim.traffic.table_rows import places_in, rows_at, rows_joined

if TYPE_CHECKING:
    from pacsim.traffic.figured_stations import FiguredStations
    from pacsim.traffic.window_tables import WindowBatch, WindowLogs

BITS = 62
"""Of a key that fits a whole number."""
COMPARED = ("first", "stored", "tries", "parked", "outcome", "sent")
"""Columns of a job in which it may differ from its twin."""


def windows_of(bounds: np.ndarray) -> np.ndarray:
    """Return the window of each row.

    Examples
    --------
    >>> windows_of(np.array([0, 2, 2, 3])).tolist()
    [0, 0, 2]
    """
    return np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))


class CaseKeys:
    """Numbers for cases: what arose in a window, at a station, in a stream, under a number.

    Parameters
    ----------
    batch : WindowBatch
        Of which all keys are made.
    stations : int
        How many there are.
    """

    def __init__(self, batch: WindowBatch, stations: int) -> None:
        self._stations = stations
        numbers = [number_of(batch.faulted.jobs), number_of(batch.twin.jobs)]
        most = max((int(one.max()) for one in numbers if len(one)), default=0)
        self._bits = most.bit_length() + 1
        cases = len(batch.windows) * stations * len(STREAMS)
        self._ranks: np.ndarray | None = None
        if self._bits + cases.bit_length() > BITS:
            self._ranks = np.unique(np.concatenate(numbers))
            self._bits = len(self._ranks).bit_length()

    def of(self, window: np.ndarray, rows: np.ndarray, number: np.ndarray) -> np.ndarray:
        """Return the key of each row's case: that of the exam at its modality for a router's."""
        if self._ranks is not None:
            number = np.searchsorted(self._ranks, number)
        case = (window * self._stations + rows["source"]) * len(STREAMS) + rows["stream"]
        keys: np.ndarray = (case.astype(np.int64) << self._bits) + number
        return keys

    def window(self, keys: np.ndarray) -> np.ndarray:
        """Return the window of each key."""
        windows: np.ndarray = (keys >> self._bits) // (self._stations * len(STREAMS))
        return windows

    def names(self, keys: np.ndarray, windows: int) -> CaseNames:
        """Return what rising keys of cases say, of a number of windows."""
        bounds = np.searchsorted(self.window(keys), np.arange(windows + 1))
        number = keys & ((1 << self._bits) - 1)
        if self._ranks is not None:
            number = self._ranks[number]
        return CaseNames(bounds, (keys >> self._bits) % (self._stations * len(STREAMS)), number)


def number_of(jobs: np.ndarray) -> np.ndarray:
    """Return the number of jobs as attempts have it: slot and number in one."""
    numbers: np.ndarray = SLOT * jobs["slot"].astype(np.int64) + jobs["number"]
    return numbers


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
    keys = CaseKeys(batch, len(stations.tables.stations))
    both = [_jobs(logs, keys) for logs in (batch.faulted, batch.twin)]
    changed = [_changed(*mine, *other) for mine, other in (both, both[::-1])]
    touched = np.unique(np.concatenate(changed))
    window = keys.window(touched)
    closed = batch.windows["closed"][window]
    names = keys.names(touched, len(batch.windows))
    sides = []
    for logs, mine in zip((batch.faulted, batch.twin), both, strict=True):
        jobs, seen, parked, by_hand = _jobs_of(*mine, touched)
        tries, queries = tries_of_cases(logs, names, jobs, parked, stations)
        sides.append(CaseSide(jobs, seen, parked, by_hand, tries, queries, closed))
    return Cases(window, *sides)


Made = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _jobs(logs: WindowLogs, keys: CaseKeys) -> tuple[np.ndarray, np.ndarray]:
    """Return jobs in the order of their keys, that at a modality before its router's; the keys."""
    jobs = logs.jobs
    found = keys.of(windows_of(logs.jobs_from), jobs, number_of(jobs))
    order = np.argsort(2 * found + (jobs["station"] != jobs["source"]), kind="stable")
    return rows_at(jobs, order), found[order]


def _changed(
    jobs: np.ndarray, keys: np.ndarray, others: np.ndarray, other_keys: np.ndarray
) -> np.ndarray:
    """Return the keys of jobs that the other run has not, or otherwise, or that are open."""
    # An exam has at most one row at its modality and one at a router.
    mine = 2 * keys + (jobs["station"] != jobs["source"])
    at = places_in(2 * other_keys + (others["station"] != others["source"]), mine)
    changed = (at < 0) | (jobs["outcome"] == UNDECIDED)
    known = np.flatnonzero(at >= 0)
    there = at[known]
    for name in COMPARED:
        a, b = jobs[name][known], others[name][there]
        changed[known] |= (a != b) & ~(np.isnan(a) & np.isnan(b))
    found: np.ndarray = keys[changed]
    return found


def _jobs_of(jobs: np.ndarray, keys: np.ndarray, touched: np.ndarray) -> Made:
    """Return of each case its row, whether it has one, how often parked, and whether by hand."""
    # Of equal keys the row at the modality comes first.
    at = places_in(keys, touched)
    seen = at >= 0
    none = np.zeros(1, dtype=jobs.dtype)
    none["stored"] = none["first"] = np.nan
    none["outcome"] = UNDECIDED
    # Those without a row have the last one, which is none.
    own = rows_at(rows_joined([jobs, none]), at)
    parked = own["parked"].astype(np.int64)
    forgotten = own["outcome"] == LOST_FORGOTTEN
    place = places_in(touched, keys)
    routed = np.flatnonzero((place >= 0) & (jobs["station"] != jobs["source"]))
    router, case = rows_at(jobs, routed), place[routed]
    np.add.at(parked, case, router["parked"])
    there = router["outcome"] == LOST_FORGOTTEN
    # Whoever forgot it did so after the last parking: nobody sent it again after that one.
    forgotten[case[there]] = False
    by_hand = own["parked"] > forgotten
    np.logical_or.at(by_hand, case, router["parked"] > there)
    return own, seen, parked, by_hand
