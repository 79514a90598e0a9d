"""Windows made of scenes: a run with its changes and its twin, as a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pacsim.traffic.client_tables import TrafficTables
from pacsim.traffic.figured_stations import FiguredStations
from pacsim.traffic.logs import ATTEMPTS, COUNTS, JOBS, TrafficLog
from pacsim.traffic.window_figures import Figured, WindowFigures, counted, window_figures
from pacsim.traffic.window_tables import WINDOWS, WindowBatch, WindowLogs
from tests.oracle.traffic.scenes import PAIR, TEN, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pacsim.traffic.arrivals import Exam, Opening
    from pacsim.traffic.client_tables import Station

TARGETS = {"store": 600.0, "first_image": 3.0, "query": 2.0, "worklist": 5.0}


class Window(NamedTuple):
    """A window: both logs, and its times after ten."""

    faulted: TrafficLog
    twin: TrafficLog
    divergence: float = 0.0
    ended: float = 100.0
    closed: float = 4000.0
    kind: int = 4
    overlapped: int = 0
    term: int = 0
    censored: bool = False
    later: float = 0.0

    def shifted(self, log: TrafficLog) -> TrafficLog:
        """Return a log of it, in which all happens later."""
        attempts, jobs = log.attempts.copy(), log.jobs.copy()
        for rows, names in ((attempts, ("start", "end")), (jobs, ("finished", "first", "stored"))):
            for name in names:
                rows[name] += self.later
        return TrafficLog(attempts, jobs, log.counts)


def windowed(
    stations: Sequence[Station],
    arrivals: Iterable[Exam | Opening],
    changes: Iterable[tuple[float, str, int]],
    *,
    closed: float = 4000.0,
    start: float = TEN - 1000.0,
    ended: float | None = None,
    divergence: float = 0.0,
    kind: int = 4,
    censored: bool = False,
    **world: Any,
) -> Window:
    """Return a window of a scene; conditions are as usual from ``ended`` on."""
    rows, came = list(changes), list(arrivals)
    last = max((at for at, *_ in rows), default=0.0) if ended is None else ended
    seen = run(stations, came, rows, until=closed, start=start, **world)
    twin = run(stations, came, until=closed, start=start, **world)
    return Window(seen.log, twin.log, divergence, last, closed, kind, censored=censored)


def batch(windows: Sequence[Window]) -> WindowBatch:
    """Return windows as a batch."""
    rows = np.zeros(len(windows), dtype=WINDOWS)
    for row, one in zip(rows, windows, strict=True):
        row["term"], row["kind"], row["overlapped"] = one.term, one.kind, one.overlapped
        ten = TEN + one.later
        row["start"], row["divergence"] = ten - 1000.0, ten + one.divergence
        row["ended"], row["closed"] = ten + one.ended, ten + one.closed
        row["censored"] = one.censored
    return WindowBatch(
        rows,
        _logs([one.shifted(one.faulted) for one in windows]),
        _logs([one.shifted(one.twin) for one in windows]),
    )


def _logs(logs: Sequence[TrafficLog]) -> WindowLogs:
    stations = len(logs[0].counts) if logs else 0
    return WindowLogs(
        np.concatenate([np.zeros(0, ATTEMPTS), *(one.attempts for one in logs)]),
        np.concatenate([np.zeros(0, JOBS), *(one.jobs for one in logs)]),
        np.cumsum([0, *(len(one.attempts) for one in logs)]),
        np.cumsum([0, *(len(one.jobs) for one in logs)]),
        np.array([one.counts for one in logs], dtype=COUNTS).reshape(len(logs), stations),
    )


class Figures:
    """Figures of windows, by what they are called."""

    def __init__(
        self, stations: Sequence[Station], *windows: Window, targets: dict[str, float] = TARGETS
    ) -> None:
        self.stations = FiguredStations(TrafficTables(PAIR, tuple(stations)), targets)
        self.all: WindowFigures = window_figures(batch(windows), self.stations)
        self.names = counted(self.stations)

    def count(self, measure: str, **at: str) -> list[float]:
        """Return a count of each window."""
        place = self.names.index(Figured(measure, tuple(at.items())))
        found: list[float] = self.all.counts[:, place].tolist()
        return found

    def values(self, name: str, **at: str) -> list[float]:
        """Return the values of a quantile, in order."""
        return sorted(self.all.values[Figured(name, tuple(at.items()))].value.tolist())

    def rest(self, *but: str) -> dict[str, float]:
        """Return every count that is not 0, over all windows, but those named and of windows."""
        sums = self.all.counts.sum(axis=0)
        return {
            "/".join((one.measure, *(value for _, value in one.at))): float(x)
            for one, x in zip(self.names, sums, strict=True)
            if x and one.measure not in ("windows", *but)
        }
