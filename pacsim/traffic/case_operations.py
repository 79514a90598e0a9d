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
from pacsim.traffic.table_rows import (
    least_of_runs,
    places_in,
    rising_order,
    rows_at,
    rows_joined,
    starts_of_runs,
)

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
    found = rows_joined(parts)
    return rows_at(found, np.argsort(operation_keys(found), kind="stable"))


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
    jobs, tries = rows_at(side.jobs, case), side.attempts
    found = _made(case, STORES, jobs["finished"], jobs["stored"])
    stores = np.flatnonzero(tries["operation"] == KINDS.index("store"))
    how = tries["how"][stores]
    last = stores[(how != OK) & (how != OPEN)]
    last = last[tries["try"][last] == stations.retry_count[tries["station"][last]]]
    parked = least_of_runs(side.case[last], tries["end"][last], len(side.jobs))
    given_up = side.parked[case] > 0
    found["given_up"][given_up] = parked[case][given_up]
    lost = np.isin(jobs["outcome"], (LOST_OVERWRITTEN, LOST_FORGOTTEN, BLOCKED))
    found["failed"] = given_up | lost
    found["rejected"] = _with_some(side, stores[how == REJECTED])[case]
    return found


def _images(side: CaseSide, twin: CaseSide, aside: np.ndarray, case: np.ndarray) -> np.ndarray:
    """Return an operation for each opening, from when the twin turns to it to its first image."""
    jobs, tries = rows_at(side.jobs, case), side.attempts
    turned = least_of_runs(twin.case, twin.attempts["start"], len(twin.jobs))
    # One to which the twin has not turned by its end has waited for that since it was asked for.
    asked = np.where(np.isinf(turned[case]), jobs["finished"], turned[case])
    found = _made(case, IMAGES, asked, jobs["first"])
    first = least_of_runs(aside["case"], aside["time"], len(side.jobs))
    given_up = first[case] < np.where(np.isnan(jobs["first"]), np.inf, jobs["first"])
    found["given_up"][given_up] = first[case][given_up]
    found["failed"] = given_up
    rejected = np.flatnonzero(tries["how"] == REJECTED)
    fetches = rejected[tries["operation"][rejected] == KINDS.index("retrieve")]
    found["rejected"] = _with_some(side, fetches)[case]
    return found


def _with_some(side: CaseSide, rows: np.ndarray) -> np.ndarray:
    """Return which cases have some of the attempts."""
    found = np.zeros(len(side.jobs), dtype=bool)
    found[side.case[rows]] = True
    return found


def _queries(side: CaseSide, aside: np.ndarray) -> np.ndarray:
    """Return an operation for each query that was begun, from its first try."""
    tries = side.attempts
    rows = np.flatnonzero(tries["operation"] == KINDS.index("query"))
    keys = side.case[rows] * STEPS + tries["step"].take(rows)
    if (keys[1:] < keys[:-1]).any():
        order = np.argsort(keys, kind="stable")
        rows, keys = rows[order], keys[order]
    starts = starts_of_runs(keys)
    known = keys[starts]
    place = np.repeat(np.arange(len(known)), np.diff(starts, append=len(keys)))
    how = tries["how"].take(rows)
    asked = least_of_runs(place, tries["start"].take(rows), len(known))
    end = np.full(len(known), np.inf)
    ended = np.flatnonzero(how == OK)
    end[place[ended]] = tries["end"][rows[ended]]
    at = places_in(known, aside["case"] * STEPS + aside["step"])
    put = np.flatnonzero(at >= 0)
    put = put[rising_order(at[put])]
    given_up = least_of_runs(at[put], aside["time"][put], len(known))
    found = _made(known // STEPS, QUERIES, asked, np.where(end < np.inf, end, np.nan))
    found["step"] = known % STEPS
    found["failed"] = given_up < np.inf
    found["given_up"] = np.where(found["failed"], given_up, np.nan)
    found["rejected"][place[how == REJECTED]] = True
    return found


def _questions(side: CaseSide, stations: FiguredStations, case: np.ndarray) -> np.ndarray:
    """Return an operation for each worklist question; one is given up when the data are typed."""
    jobs, tries = rows_at(side.jobs, case), side.attempts
    found = _made(case, QUESTIONS, jobs["finished"], jobs["stored"])
    typed = jobs["outcome"] == BY_TYPING
    # The last end of each of these.
    of_typed = np.zeros(len(side.jobs), dtype=bool)
    of_typed[case[typed]] = True
    rows = np.flatnonzero(of_typed[side.case])
    last = -least_of_runs(side.case[rows], -tries["end"][rows], len(side.jobs))
    over = jobs["finished"] + stations.patience[jobs["source"]]
    found["given_up"][typed] = np.maximum(over, last[case])[typed]
    found["failed"] = typed
    found["rejected"] = _with_some(side, np.flatnonzero(tries["how"] == REJECTED))[case]
    return found


def _asides(side: CaseSide, stations: FiguredStations) -> np.ndarray:
    """Return when openings were put aside, and at which step.

    Within its patience a step is tried again exactly ``retry_every`` after it failed; put aside, it
    comes back at another time, or not yet. What is known of the last try is how often the opening
    was put aside in all.
    """
    tries = side.attempts
    if not ((tries["how"] != OK) & (tries["how"] != OPEN)).any():
        # As in nearly every twin.
        return np.zeros(0, dtype=ASIDE)
    rows = np.flatnonzero(stations.does[tries["station"]] == READS)
    case = side.case[rows]
    end, how = (tries[name].take(rows) for name in ("end", "how"))
    if side.follows is None:
        following = np.append(tries["start"].take(rows)[1:], np.nan)[: len(case)]
        follows = following == end + stations.retry_every[tries["station"].take(rows)]
    else:
        follows = side.follows.take(rows)
    last = np.append(case[1:] != case[:-1], True)[: len(case)]
    failed = (how != OK) & (how != OPEN)
    put = failed & ~last & ~follows
    known = np.bincount(case[put], minlength=len(side.jobs))
    ends = np.flatnonzero(failed & last)
    put[ends] = side.parked[case[ends]] > known[case[ends]]
    found = np.zeros(int(put.sum()), dtype=ASIDE)
    found["case"], found["step"] = case[put], tries["step"][rows[put]]
    _set_times(found, end[put], side, stations)
    return found


def _set_times(
    found: np.ndarray, ends: np.ndarray, side: CaseSide, stations: FiguredStations
) -> None:
    """Set when each was put aside: when its patience was over, or at the end of a try after it."""
    case = found["case"]
    starts = starts_of_runs(case)
    lengths = np.diff(starts, append=len(case))
    source = side.jobs["source"][case[starts]]
    over = side.jobs["finished"][case[starts]] + stations.patience[source]
    more = (stations.patience + stations.returns)[source]
    time = np.zeros(len(case))
    # The first ones of all cases at once, then their second ones.
    for k in range(lengths.max(initial=0)):
        some = lengths > k
        if not some.all():
            starts, lengths, over, more = starts[some], lengths[some], over[some], more[some]
        at = starts + k
        put = np.maximum(over, ends[at])
        time[at] = put
        over = put + more
    found["time"] = time
