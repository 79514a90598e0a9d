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
from pacsim.traffic.kernel.tries_source import FETCH_REJECTED, SOME_REJECTED, STORE_REJECTED
from pacsim.traffic.logs import BLOCKED, BY_TYPING, LOST_FORGOTTEN, LOST_OVERWRITTEN
from pacsim.traffic.table_rows import rows_at, rows_joined

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
    parts = [
        _stores(side, np.flatnonzero(side.seen & (does == SENDS))),
        _images(side, twin or side, np.flatnonzero(side.seen & (does == READS))),
        _queries(side),
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


def _stores(side: CaseSide, case: np.ndarray) -> np.ndarray:
    """Return an operation for each exam: given up when it is parked, here or at a router."""
    jobs, tries = rows_at(side.jobs, case), rows_at(side.tries, case)
    found = _made(case, STORES, jobs["finished"], jobs["stored"])
    given_up = side.parked[case] > 0
    found["given_up"][given_up] = tries["given_up"][given_up]
    lost = np.isin(jobs["outcome"], (LOST_OVERWRITTEN, LOST_FORGOTTEN, BLOCKED))
    found["failed"] = given_up | lost
    found["rejected"] = tries["rejected"] & STORE_REJECTED
    return found


def _images(side: CaseSide, twin: CaseSide, case: np.ndarray) -> np.ndarray:
    """Return an operation for each opening, from when the twin turns to it to its first image."""
    jobs, tries = rows_at(side.jobs, case), rows_at(side.tries, case)
    turned = twin.tries["first"][case]
    # One to which the twin has not turned by its end has waited for that since it was asked for.
    asked = np.where(np.isinf(turned), jobs["finished"], turned)
    found = _made(case, IMAGES, asked, jobs["first"])
    given_up = tries["aside"] < np.where(np.isnan(jobs["first"]), np.inf, jobs["first"])
    found["given_up"][given_up] = tries["aside"][given_up]
    found["failed"] = given_up
    found["rejected"] = tries["rejected"] & FETCH_REJECTED
    return found


def _queries(side: CaseSide) -> np.ndarray:
    """Return an operation for each query that was begun, from its first try."""
    made = side.queries
    end, given_up = (
        np.where(made[name] < np.inf, made[name], np.nan) for name in ("ended", "given_up")
    )
    found = _made(made["case"], QUERIES, made["asked"], end)
    found["step"], found["rejected"] = made["step"], made["rejected"]
    found["failed"], found["given_up"] = ~np.isnan(given_up), given_up
    return found


def _questions(side: CaseSide, stations: FiguredStations, case: np.ndarray) -> np.ndarray:
    """Return an operation for each worklist question; one is given up when the data are typed."""
    jobs, tries = rows_at(side.jobs, case), rows_at(side.tries, case)
    found = _made(case, QUESTIONS, jobs["finished"], jobs["stored"])
    typed = jobs["outcome"] == BY_TYPING
    over = jobs["finished"] + stations.patience[jobs["source"]]
    # Not before the end of its last try.
    found["given_up"][typed] = np.maximum(over, tries["ended"])[typed]
    found["failed"] = typed
    found["rejected"] = tries["rejected"] & SOME_REJECTED
    return found
