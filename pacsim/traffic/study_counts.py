"""What becomes of studies in windows: late, sent again, by hand, lost, put aside; and the backlog.

Counts are those of the faulted run less those of its twin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.traffic.figured_stations import ASKS, READS, SENDS
from pacsim.traffic.logs import BLOCKED, BY_TYPING, LOST_FORGOTTEN, LOST_OVERWRITTEN

if TYPE_CHECKING:
    from pacsim.traffic.figured_stations import FiguredStations
    from pacsim.traffic.window_cases import Cases, CaseSide

LATE = 60.0
"""Seconds by which a study is stored later than in the twin before it is delayed."""
SAME = 1e-6
"""Seconds within which two times are the same, as states are compared (T22)."""
REASONS = {"overwritten": LOST_OVERWRITTEN, "forgotten": LOST_FORGOTTEN}
"""Why a study is lost at its modality."""


def delays(cases: Cases) -> np.ndarray:
    """Return by how much each exam was stored later than in its twin.

    Parameters
    ----------
    cases : Cases
        Of windows.

    Returns
    -------
    ndarray of float64, shape (cases,)
        Seconds; not a number unless it was stored in both.
    """
    found: np.ndarray = cases.faulted.jobs["stored"] - cases.twin.jobs["stored"]
    return found


def late_studies(cases: Cases, stations: FiguredStations) -> np.ndarray:
    """Return which cases are studies that are delayed.

    One that is still on its way when the window ends counts if its twin was stored as long before.
    """
    exams = stations.does[cases.faulted.jobs["source"]] == SENDS
    side, twin = cases.faulted, cases.twin.jobs["stored"]
    with np.errstate(invalid="ignore"):
        late = delays(cases) > LATE
        open_still = np.isnan(side.jobs["stored"]) & ~_gone(side)
        late |= open_still & (side.closed - twin > LATE)
    found: np.ndarray = exams & side.seen & late
    return found


def _gone(side: CaseSide) -> np.ndarray:
    return np.isin(side.jobs["outcome"], (LOST_OVERWRITTEN, LOST_FORGOTTEN, BLOCKED))


def study_flags(side: CaseSide, stations: FiguredStations) -> dict[str, np.ndarray]:
    """Return what one run made of cases, by name of the measure, as truths.

    Parameters
    ----------
    side : CaseSide
        Of a run.
    stations : FiguredStations
        Of the workload.
    """
    does = stations.does[side.jobs["source"]]
    outcome, exams = side.jobs["outcome"], side.seen & (does == SENDS)
    lost = {f"lost {why}": exams & (outcome == code) for why, code in REASONS.items()}
    return {
        "studies_resent": exams & _in_pieces(side),
        "studies_by_hand": exams & side.by_hand,
        **lost,
        "exams_blocked": exams & (outcome == BLOCKED),
        "studies_unreachable": side.seen & (does == READS) & (side.parked > 0),
        "worklist_by_hand": side.seen & (does == ASKS) & (outcome == BY_TYPING),
    }


def _in_pieces(side: CaseSide) -> np.ndarray:
    """Return which cases were sent in more than one association that carried something."""
    found: np.ndarray = (side.tries["pieces"] > 1) | (side.tries["pieces_routed"] > 1)
    return found


def twice(side: CaseSide) -> np.ndarray:
    """Return the bytes that were acknowledged more than once, of each case.

    A client that sends the whole study again has sent twice what it sent before its longest
    attempt; one that sends what is missing, nothing.

    Returns
    -------
    ndarray of float64, shape (cases,)
    """
    found: np.ndarray = side.tries["again"]
    return found


def drains(cases: Cases, ended: np.ndarray, stations: FiguredStations) -> np.ndarray:
    """Return how long after its last divergence a study of each window is stored later than usual.

    Parameters
    ----------
    cases : Cases
        Of windows.
    ended : ndarray of float64, shape (windows,)
        When the last divergence of each ended, seconds.
    stations : FiguredStations
        Of the workload: openings and questions, which are served, have no backlog.

    Returns
    -------
    ndarray of float64, shape (windows,)
        Seconds, 0 if all were stored before; not a number if none was later.
    """
    exams = stations.does[cases.faulted.jobs["source"]] == SENDS
    with np.errstate(invalid="ignore"):
        late = np.flatnonzero(exams & (delays(cases) > SAME))
    last = np.full(len(ended), -np.inf)
    np.maximum.at(last, cases.window[late], cases.faulted.jobs["stored"][late])
    return np.where(last > -np.inf, np.maximum(last - ended, 0.0), np.nan)


def backlogs(cases: Cases, windows: int, stations: FiguredStations) -> np.ndarray:
    """Return the most bytes that were not stored yet and are in the twin, in each window.

    Studies that are lost in the end are not in it: nobody will send them.

    Parameters
    ----------
    cases : Cases
        Of windows.
    windows : int
        How many there are.
    stations : FiguredStations
        Of the workload.

    Returns
    -------
    ndarray of float64, shape (windows,)
        Bytes.
    """
    side, twin = cases.faulted, cases.twin.jobs["stored"]
    on_its_way = np.isnan(side.jobs["stored"]) & ~_gone(side) & side.seen
    stored = np.where(on_its_way, side.closed, side.jobs["stored"])
    exams = stations.does[side.jobs["source"]] == SENDS
    with np.errstate(invalid="ignore"):
        late = np.flatnonzero(exams & (stored - twin > SAME))
    window = np.concatenate([cases.window[late]] * 2)
    time = np.concatenate([twin[late], stored[late]])
    step = np.concatenate([side.jobs["bytes"][late], -side.jobs["bytes"][late]])
    # At one moment what is stored goes first.
    order = np.lexsort((step, time, window))
    bounds = np.searchsorted(window[order], np.arange(windows + 1))
    found = np.zeros(windows)
    # Each window alone: sums hang on nothing before it.
    for k in np.unique(window).tolist():
        found[k] = max(0.0, np.cumsum(step[order[bounds[k] : bounds[k + 1]]]).max())
    return found
