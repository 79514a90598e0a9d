"""The associations of one window, one a row, with the twin's end beside."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

import numpy as np

from pacsim.files.csv_text import csv_text
from pacsim.traffic.episode_lanes import client_kind
from pacsim.traffic.logs import HOWS, KINDS, OK, STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.traffic.client_tables import TrafficTables

TEXT = object
ASSOCIATIONS = np.dtype(
    [
        *((name, TEXT) for name in ("station", "client", "operation", "source", "stream")),
        *((name, np.int64) for name in ("number", "step", "try")),
        *((name, np.float64) for name in ("start", "end")),
        *((name, TEXT) for name in ("member", "how")),
        ("items", np.int64),
        ("bytes", np.float64),
        ("twin_end", np.float64),
    ]
)
"""An attempt a row, in the order of the log, with words in place of numbers. ``twin_end`` is when
the same operation succeeded in the twin; like the end of what is open it is not a number where
there is none."""
TIMES = ("start", "end", "twin_end")


def association_rows(tables: TrafficTables, attempts: np.ndarray, twin: np.ndarray) -> np.ndarray:
    """Return the associations of a window.

    Parameters
    ----------
    tables : TrafficTables
        Stations.
    attempts, twin : ndarray of `pacsim.traffic.logs.ATTEMPTS`
        With the faults and without.

    Returns
    -------
    ndarray of `ASSOCIATIONS`, shape (attempts,)
    """
    ends = {key: end for key, end, how in _operations(twin) if how == OK}
    found = np.zeros(len(attempts), dtype=ASSOCIATIONS)
    names = [one.name for one in tables.stations]
    kinds = [client_kind(one) for one in tables.stations]
    members = tables.conditions.members
    for name, words in (
        *(("station", names), ("source", names)),
        *(("operation", KINDS), ("stream", STREAMS), ("how", HOWS)),
    ):
        found[name] = [words[k] for k in attempts[name]]
    found["client"] = [kinds[k] for k in attempts["station"]]
    found["member"] = [members[k] if k >= 0 else "" for k in attempts["member"]]
    for name in ("number", "step", "try", "start", "end", "items", "bytes"):
        found[name] = attempts[name]
    found["twin_end"] = [ends.get(key, math.nan) for key, _, _ in _operations(attempts)]
    return found


def _operations(attempts: np.ndarray) -> Iterable[tuple[tuple[int, ...], float, int]]:
    """Yield the operation of each attempt, and when and how that ended."""
    keys = ("station", "source", "stream", "number", "step", "operation")
    columns = (attempts[name].tolist() for name in (*keys, "end", "how"))
    for *key, end, how in zip(*columns, strict=True):
        yield tuple(key), end, how


def as_csv(rows: np.ndarray, origin: dt.datetime) -> str:
    """Return associations as CSV: times as dates and in seconds from the start of the term.

    Parameters
    ----------
    rows : ndarray of `ASSOCIATIONS`
        Of a window.
    origin : datetime
        When the term starts.

    Examples
    --------
    >>> import datetime as dt
    >>> row = ("CT-1", "modality", "store", "CT-1", "exams", 7, 0, 1, 60.5, 90.0, "a", "ok", 2,
    ...     9.0, math.nan)
    >>> text = as_csv(np.array([row], dtype=ASSOCIATIONS), dt.datetime(2027, 1, 1))
    >>> print(text.splitlines()[1])
    2027-01-01 00:01:00.500,CT-1,modality,store,CT-1,exams,7,0,1,60.5,90.0,a,ok,2,9.0,
    """
    names = ASSOCIATIONS.names
    assert names is not None
    begins = names.index("start")
    dated = (
        (when.isoformat(" ", "milliseconds"), *row)
        for row in rows.tolist()
        for when in (origin + dt.timedelta(seconds=row[begins]),)
    )
    return csv_text(["date", *names], dated)
