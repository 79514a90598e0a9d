"""Operations of cases: when each was asked for, when it ended, whether it was given up (T29).

An operation is what somebody waits for, with all its tries: an exam to be stored, the first image
of an opening, a query, a worklist question. A first image counts from when the workstation turns to
the opening in the twin: that a reader is still busy with the one before is no answer of the
archive, but that the one before takes longer because of the fault is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.traffic.figured_stations import ASKS, READS, SENDS, TARGETS
from pacsim.traffic.logs import (
    BLOCKED,
    BY_TYPING,
    KINDS,
    LOST_FORGOTTEN,
    LOST_OVERWRITTEN,
    OK,
    OPEN,
    REJECTED,
)
from pacsim.traffic.window_cases import places_in

if TYPE_CHECKING:
    from pacsim.traffic.figured_stations import FiguredStations
    from pacsim.traffic.window_cases import CaseSide

NAMES = tuple(TARGETS)
"""Operations by their numbers."""
STORES, IMAGES, QUERIES, QUESTIONS = range(len(NAMES))
STEPS = 2**20
"""More steps than a case has."""
ASKED = np.dtype(
    [
        ("case", np.int64),
        ("operation", np.int8),
        ("step", np.int64),
        ("asked", np.float64),
        ("end", np.float64),
        ("given_up", np.float64),
        ("failed", np.bool_),
        ("rejected", np.bool_),
    ]
)
"""One operation a row. ``end`` is not a number while it has not ended, ``given_up`` unless it was
given up at a known time; ``failed``: given up, lost or never made."""

ASIDE = np.dtype([("case", np.int64), ("step", np.int64), ("time", np.float64)])
"""An opening that was put aside: at which step, and when."""


def operations_of(
    side: CaseSide, stations: FiguredStations, twin: CaseSide | None = None
) -> np.ndarray:
    """Return the operations of cases in one run.

    Parameters
    ----------
    side : CaseSide
        What the run made of them.
    stations : FiguredStations
        Of the workload.
    twin : CaseSide, optional
        What its twin made of the same cases; a run in which nothing happens is its own.

    Returns
    -------
    ndarray of `ASKED`
        In order of case, operation and step.
    """
    does = stations.does[side.jobs["source"]]
    aside = _asides(side, stations)
    parts = [
        _stores(side, stations, np.flatnonzero(side.seen & (does == SENDS))),
        _images(side, twin or side, aside, np.flatnonzero(side.seen & (does == READS))),
        _queries(side, aside),
        _questions(side, stations, np.flatnonzero(side.seen & (does == ASKS))),
    ]
    found = np.concatenate(parts)
    order = np.argsort(operation_keys(found), kind="stable")
    return found[order]


def operation_keys(rows: np.ndarray) -> np.ndarray:
    """Return a number for each operation, rising with case, operation and step."""
    keys: np.ndarray = (rows["case"] * len(NAMES) + rows["operation"]) * STEPS + rows["step"]
    return keys


def _made(case: np.ndarray, operation: int, asked: np.ndarray, end: np.ndarray) -> np.ndarray:
    found = np.zeros(len(case), dtype=ASKED)
    found["case"], found["operation"], found["asked"], found["end"] = case, operation, asked, end
    found["given_up"] = np.nan
    return found


def _stores(side: CaseSide, stations: FiguredStations, case: np.ndarray) -> np.ndarray:
    """Return an operation for each exam: given up when it is parked, here or at a router."""
    jobs, tries = side.jobs[case], side.attempts
    found = _made(case, STORES, jobs["finished"], jobs["stored"])
    stores = tries["operation"] == KINDS.index("store")
    last = stores & (tries["try"] == stations.retry_count[tries["station"]])
    last &= (tries["how"] != OK) & (tries["how"] != OPEN)
    parked = np.full(len(side.jobs), np.inf)
    np.minimum.at(parked, side.case[last], tries["end"][last])
    given_up = side.parked[case] > 0
    found["given_up"][given_up] = parked[case][given_up]
    lost = np.isin(jobs["outcome"], (LOST_OVERWRITTEN, LOST_FORGOTTEN, BLOCKED))
    found["failed"] = given_up | lost
    rejected = np.zeros(len(side.jobs), dtype=bool)
    rejected[side.case[stores & (tries["how"] == REJECTED)]] = True
    found["rejected"] = rejected[case]
    return found


def _images(side: CaseSide, twin: CaseSide, aside: np.ndarray, case: np.ndarray) -> np.ndarray:
    """Return an operation for each opening, from when the twin turns to it to its first image."""
    jobs, tries = side.jobs[case], side.attempts
    turned = np.full(len(twin.jobs), np.inf)
    np.minimum.at(turned, twin.case, twin.attempts["start"])
    # One to which the twin has not turned by its end has waited for that since it was asked for.
    asked = np.where(np.isinf(turned[case]), jobs["finished"], turned[case])
    found = _made(case, IMAGES, asked, jobs["first"])
    first = np.full(len(side.jobs), np.inf)
    np.minimum.at(first, aside["case"], aside["time"])
    given_up = first[case] < np.where(np.isnan(jobs["first"]), np.inf, jobs["first"])
    found["given_up"][given_up] = first[case][given_up]
    found["failed"] = given_up
    rejected = np.zeros(len(side.jobs), dtype=bool)
    fetches = tries["operation"] == KINDS.index("retrieve")
    rejected[side.case[fetches & (tries["how"] == REJECTED)]] = True
    found["rejected"] = rejected[case]
    return found


def _queries(side: CaseSide, aside: np.ndarray) -> np.ndarray:
    """Return an operation for each query that was begun, from its first try."""
    rows = np.flatnonzero(side.attempts["operation"] == KINDS.index("query"))
    tries = side.attempts[rows]
    keys = side.case[rows] * STEPS + tries["step"]
    known, place = np.unique(keys, return_inverse=True)
    asked, end, given_up = (np.full(len(known), np.inf) for _ in range(3))
    np.minimum.at(asked, place, tries["start"])
    ended = tries["how"] == OK
    end[place[ended]] = tries["end"][ended]
    at = places_in(known, aside["case"] * STEPS + aside["step"])
    np.minimum.at(given_up, at[at >= 0], aside["time"][at >= 0])
    found = _made(known // STEPS, QUERIES, asked, np.where(end < np.inf, end, np.nan))
    found["step"] = known % STEPS
    found["failed"] = given_up < np.inf
    found["given_up"] = np.where(found["failed"], given_up, np.nan)
    found["rejected"][place[tries["how"] == REJECTED]] = True
    return found


def _questions(side: CaseSide, stations: FiguredStations, case: np.ndarray) -> np.ndarray:
    """Return an operation for each worklist question; one is given up when the data are typed."""
    jobs, tries = side.jobs[case], side.attempts
    found = _made(case, QUESTIONS, jobs["finished"], jobs["stored"])
    last = np.zeros(len(side.jobs))
    np.maximum.at(last, side.case, tries["end"])
    typed = jobs["outcome"] == BY_TYPING
    over = jobs["finished"] + stations.patience[jobs["source"]]
    found["given_up"][typed] = np.maximum(over, last[case])[typed]
    found["failed"] = typed
    rejected = np.zeros(len(side.jobs), dtype=bool)
    rejected[side.case[tries["how"] == REJECTED]] = True
    found["rejected"] = rejected[case]
    return found


def _asides(side: CaseSide, stations: FiguredStations) -> np.ndarray:
    """Return when openings were put aside, and at which step.

    Within its patience a step is tried again exactly ``retry_every`` after it failed; put aside, it
    comes back at another time, or not yet. What is known of the last try is how often the opening
    was put aside in all.
    """
    rows = np.flatnonzero(stations.does[side.attempts["station"]] == READS)
    rows = rows[np.lexsort((side.attempts["start"][rows], side.case[rows]))]
    tries, case = side.attempts[rows], side.case[rows]
    last = np.append(case[1:] != case[:-1], True)[: len(case)]
    following = np.append(tries["start"][1:], np.nan)[: len(case)]
    again = tries["end"] + stations.retry_every[tries["station"]]
    failed = (tries["how"] != OK) & (tries["how"] != OPEN)
    put = failed & ~last & (following != again)
    known = np.bincount(case[put], minlength=len(side.jobs))
    put |= failed & last & (side.parked[case] > known[case])
    found = np.zeros(int(put.sum()), dtype=ASIDE)
    found["case"], found["step"] = case[put], tries["step"][put]
    _set_times(found, tries["end"][put], side, stations)
    return found


def _set_times(
    found: np.ndarray, ends: np.ndarray, side: CaseSide, stations: FiguredStations
) -> None:
    """Set when each was put aside: when its patience was over, or at the end of a try after it."""
    case = found["case"]
    first = np.searchsorted(case, case, side="left")
    rank = np.arange(len(case)) - first
    jobs = side.jobs[case]
    over = jobs["finished"] + stations.patience[jobs["source"]]
    more = (stations.patience + stations.returns)[jobs["source"]]
    for k in range(int(rank.max(initial=-1)) + 1):
        at = np.flatnonzero(rank == k)
        if k:
            over[at] = found["time"][at - 1] + more[at]
        found["time"][at] = np.maximum(over[at], ends[at])
