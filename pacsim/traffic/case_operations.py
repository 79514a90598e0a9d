"""Operations of cases: when each was asked for, when it ended, whether it was given up (T29).

An operation is what somebody waits for, with all its tries: an exam to be stored, the first image
of an opening, a query, a worklist question. A first image counts from when the workstation turns to
the opening in the twin: that a reader is still busy with the one before is no answer of the
archive, but that the one before takes longer because of the fault is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.traffic.figured_stations import TARGETS
from pacsim.traffic.kernel.compiled_figures import (
    ASKED,
    COMPARE,
    NOTE_OPERATIONS,
    WAITS,
    compiled,
)

if TYPE_CHECKING:
    from pacsim.traffic.figured_stations import FiguredStations
    from pacsim.traffic.window_cases import Cases, CaseSide

NAMES = tuple(TARGETS)
"""Operations by their numbers."""
COUNTED = ("failed", "slow", "rejected")
"""What is counted of them."""


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
    ndarray of `pacsim.traffic.kernel.compiled_figures.ASKED`
        In order of case, operation and step.
    """
    targets = np.array([stations.target(name) for name in NAMES])
    # At most one each beside queries.
    rows = np.empty(len(side.jobs) + len(side.queries), dtype=ASKED)
    count = compiled(NOTE_OPERATIONS)(
        *(side.jobs, side.seen, side.parked, side.closed, side.tries, side.queries),
        *((twin or side).tries, stations.does, stations.patience, targets, rows),
    )
    return rows[:count]


def compared_operations(
    cases: Cases, stations: FiguredStations, windows: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return what became of the operations of windows, less those of their twins, and the waits.

    Parameters
    ----------
    cases : Cases
        Of windows.
    stations : FiguredStations
        Of the workload.
    windows : int
        How many there are.

    Returns
    -------
    counts : ndarray of int64, shape (windows, operations, 3)
        Of `COUNTED`.
    waits : ndarray of `pacsim.traffic.kernel.compiled_figures.WAITS`
        Those that are felt, in order of window.
    """
    faulted, twin = (
        operations_of(side, stations, cases.twin) for side in (cases.faulted, cases.twin)
    )
    counts = np.zeros((windows, len(NAMES), len(COUNTED)), dtype=np.int64)
    waits = np.empty(len(faulted), dtype=WAITS)
    number = compiled(COMPARE)(faulted, twin, cases.window, counts, waits)
    return counts, waits[:number]
