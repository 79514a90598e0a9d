"""A window made by hand: both runs from its start to its end, as tables."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from pacsim.core.streams import replication_key
from pacsim.parts.failover import KINDS
from pacsim.traffic.client_conditions import ConditionChange, Conditions, Timeline
from pacsim.traffic.client_tables import Station, TrafficTables
from pacsim.traffic.episode import Episode, episode_of
from pacsim.traffic.reference import simulate
from pacsim.traffic.second_pass import Divergence, Passed
from pacsim.traffic.window_tables import WINDOWS, WindowBatch, WindowLogs
from tests.oracle.traffic.scenes import PAIR, TEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pacsim.traffic.arrivals import Exam, Opening
    from pacsim.traffic.client_tables import Dial
    from pacsim.traffic.logs import TrafficLog

TARGETS = {"store": 60.0, "first_image": 3.0, "query": 2.0, "worklist": 5.0}
BEGAN = dt.datetime(2027, 1, 1)


def one_log(log: TrafficLog) -> WindowLogs:
    """Return a log as that of the only window."""
    return WindowLogs(
        log.attempts,
        log.jobs,
        np.array([0, len(log.attempts)]),
        np.array([0, len(log.jobs)]),
        log.counts[None],
    )


def window(
    stations: Sequence[Station],
    arrivals: Iterable[Exam | Opening],
    changes: Iterable[tuple[float, str, int]],
    divergences: Iterable[tuple[float, float, str]],
    conditions: Conditions = PAIR,
    *,
    end: float,
    lead: float = 60.0,
    dial: Dial | None = None,
    name: str = "by hand",
) -> Episode:
    """Return a window that begins ``lead`` before its first divergence; times are after ten."""
    tables = TrafficTables(conditions, tuple(stations), dial=dial)
    rows = [ConditionChange(TEN + at, what, value) for at, what, value in changes]
    line = Timeline.of(conditions, rows)
    found = tuple(Divergence(TEN + a, TEN + b, False, kind, "root") for a, b, kind in divergences)
    start = found[0].start - lead
    arrived = sorted(arrivals, key=lambda x: (x.time, x.station))
    args = (TEN + end, start, replication_key(1, 3))
    faulted = simulate(tables, line, arrived, *args)
    twin = simulate(tables, line.quiet(conditions, start), arrived, *args)
    row = np.zeros(1, dtype=WINDOWS)
    row["term"], row["start"], row["divergence"] = 3, start, found[0].start
    row["ended"], row["closed"] = max(x.end for x in found), TEN + end
    row["kind"], row["overlapped"] = KINDS.index(found[0].kind), len(found) - 1
    batch = WindowBatch(row, one_log(faulted), one_log(twin))
    passed = Passed(3, line, found)
    return episode_of(tables, passed, batch, 0, TARGETS, design=name, seed=1, began=BEGAN)
