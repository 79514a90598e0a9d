"""What tries tell of cases: when each was first tried, given up, put aside, and of their queries.

One pass in compiled code over all tries of many windows: with arrays of NumPy each column of them
would be gone through many times, by one thread after the other.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pacsim.engines.kernel.compile import HEADER, INTERNAL, OPTIONS, compiled_entries
from pacsim.traffic.logs import STREAMS

if TYPE_CHECKING:
    from pacsim.traffic.figured_stations import FiguredStations
    from pacsim.traffic.window_tables import WindowLogs

ENTRY = "note_tries"
SOURCE = "tries_source.py"
STATIONS = np.dtype(
    [
        ("does", np.int64),
        ("retry_count", np.int64),
        ("retry_every", np.float64),
        ("sends_anew", np.int64),
    ]
)
CASES = np.dtype(
    [
        *((name, np.float64) for name in ("first", "ended", "given_up", "aside", "again")),
        *((name, np.int64) for name in ("rejected", "pieces", "pieces_routed")),
        # What is of use while they are made.
        *((name, np.float64) for name in ("patient", "returns", "whole", "most")),
        *((name, np.float64) for name in ("whole_routed", "most_routed")),
        *((name, np.int64) for name in ("parked", "asides", "last", "query")),
    ]
)
"""A case a row: begin of its first try and end of its last one, when its exam was given up for the
time, and its opening put aside, infinite if never; bytes that were acknowledged again; in how many
tries something was acknowledged, at its modality and by its router."""
QUERIES = np.dtype(
    [
        *((name, np.int64) for name in ("case", "step", "before", "rejected")),
        *((name, np.float64) for name in ("asked", "ended", "given_up")),
    ]
)
"""A query a row, in the order in which they were begun; what never came is infinite."""


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
    told = logs.follows is not None
    follows = logs.follows if logs.follows is not None else np.zeros(0, dtype=bool)
    given = (
        tries, np.asarray(logs.attempts_from, dtype=np.int64),
        np.ascontiguousarray(follows).view(np.uint8), int(told), len(STREAMS), of,
        *names, cases, queries, np.zeros(len(of), dtype=np.int64),
    )  # fmt: skip
    return cases, queries[: compiled(given)(*given)]


@lru_cache(maxsize=1)
def source() -> str:
    """Return the text of the module that is compiled."""
    text = resources.files(__package__).joinpath(SOURCE).read_text(encoding="utf-8")
    parts = [HEADER]
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            for argument in node.args.args:
                argument.annotation = None
            more = ", cache=True" if node.name == ENTRY else f"{INTERNAL}, forceinline=True"
            parts.append(f"@numba.njit({OPTIONS}{more})\n{ast.unparse(node)}")
        elif isinstance(node, ast.Assign):
            parts.append(ast.unparse(node))
    return "\n".join(parts)


_KEPT: dict[str, Any] = {}


def compiled(arguments: tuple[Any, ...]) -> Any:
    """Return the compiled function; the first call on a machine takes some seconds."""
    found = _KEPT.get(ENTRY)
    if found is None:
        found = _KEPT[ENTRY] = compiled_entries(source(), {ENTRY: arguments})[ENTRY]
    return found
