"""What tries tell of cases: when each was first tried, given up, put aside; and of queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pacsim.traffic.kernel.compiled_figures import CASES, NOTE_TRIES, QUERIES, STATIONS, compiled
from pacsim.traffic.kernel.tries_source import places_of
from pacsim.traffic.logs import STREAMS

if TYPE_CHECKING:
    from pacsim.traffic.figured_stations import FiguredStations
    from pacsim.traffic.window_tables import WindowLogs


class CaseNames(NamedTuple):
    """Which cases there are, in order of window, source, stream and number.

    Parameters
    ----------
    bounds : ndarray of int64, shape (windows + 1,)
        Where the cases of each window begin; the last is their number.
    head, number : ndarray of int64, shape (cases,)
        Source and stream in one, and slot and number in one.
    """

    bounds: np.ndarray
    head: np.ndarray
    number: np.ndarray


def tries_of_cases(
    logs: WindowLogs,
    names: CaseNames,
    jobs: np.ndarray,
    parked: np.ndarray,
    stations: FiguredStations,
) -> tuple[np.ndarray, np.ndarray]:
    """Return what the tries of a run tell of cases.

    Within its patience a step of an opening is tried again exactly ``retry_every`` after it failed;
    put aside, it comes back at another time, or not yet.

    Parameters
    ----------
    logs : WindowLogs
        The tries.
    names : CaseNames
        The cases.
    jobs : ndarray of `pacsim.traffic.logs.JOBS`, shape (cases,)
        What the run made of them.
    parked : ndarray of int64, shape (cases,)
        How often each was parked or put aside.
    stations : FiguredStations
        Of the workload.

    Returns
    -------
    tuple of ndarray
        Of `CASES`, one for each, and of `QUERIES`.
    """
    tries = np.ascontiguousarray(logs.attempts)
    of = np.zeros(len(stations.does), dtype=STATIONS)
    of["does"], of["retry_count"] = stations.does, stations.retry_count
    of["retry_every"], of["sends_anew"] = stations.retry_every, stations.sends_anew
    cases = np.zeros(len(jobs), dtype=CASES)
    for name in ("first", "given_up", "aside"):
        cases[name] = np.inf
    cases["ended"] = -np.inf
    cases["last"] = cases["query"] = -1
    cases["parked"] = parked
    source = jobs["source"]
    cases["patient"] = jobs["finished"] + stations.patience[source]
    cases["returns"] = (stations.patience + stations.returns)[source]
    queries = np.empty(len(tries), dtype=QUERIES)
    most = int(np.diff(names.bounds).max(initial=0))
    told = logs.follows is not None
    follows = logs.follows if logs.follows is not None else np.zeros(0, dtype=bool)
    given = (
        tries, np.asarray(logs.attempts_from, dtype=np.int64),
        np.ascontiguousarray(follows).view(np.uint8), int(told), len(STREAMS), of,
        *names, cases, queries, np.full(places_of(most), -1, dtype=np.int64),
    )  # fmt: skip
    return cases, queries[: compiled(NOTE_TRIES)(*given)]
