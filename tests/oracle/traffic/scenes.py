"""Small workloads by hand, run second by second; times are in seconds after 10:00:00."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Deterministic
from pacsim.traffic.arrivals import Exam, Opening
from pacsim.traffic.client_conditions import (
    ERRORING,
    GROUP,
    HUNG,
    MOVING,
    NOBODY,
    POOL,
    REFUSES,
    SERVER,
    SILENT,
    UP,
    ConditionChange,
    Conditions,
    Timeline,
)
from pacsim.traffic.client_tables import (
    STORE,
    Modality,
    Operation,
    Probe,
    Reader,
    Station,
    Timers,
    TrafficTables,
    Work,
)
from pacsim.traffic.logs import HOWS, OUTCOMES, TrafficLog
from pacsim.traffic.reference import simulate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pacsim.traffic.client_tables import Dial, Limit, SharedPool

__all__ = ["ERRORING", "HUNG", "MOVING", "NOBODY", "REFUSES", "SILENT", "UP"]

TEN = 36000.0
"""10:00:00."""
TIMERS = Timers(connect=30.0, associate=30.0, response=60.0, release=30.0, retry_every=60.0)
SERVER_ONE = Conditions(SERVER, ("a",), ("s",))
PAIR = Conditions(GROUP, ("a", "b"), ("s",))
BALANCED = Conditions(POOL, ("a", "b"), ("s",), ("h1", "h2"))
FAR = 100_000.0
"""When a run ends."""


def store(members: int = 2, **more: float) -> Operation:
    """Return a store of items of 0.1 s with a set-up of 1 s."""
    return Operation(
        STORE,
        works=(Work(0.1),) * members,
        **{"association": 1.0, **more},  # type: ignore[arg-type]
    )


def modality(name: str = "CT-1", **changes: Any) -> Station:
    """Return a station that sends; ``timers``, ``site`` and what a `Modality` has may be given."""
    given: dict[str, Any] = {"store": store(), "by_hand": Deterministic(1800.0)}
    outer = {k: changes.pop(k) for k in ("timers", "site") if k in changes}
    return Station(
        name,
        Modality(study=None, **{**given, **changes}),  # type: ignore[arg-type]
        **{"timers": TIMERS, **outer},
    )


def exam(
    at: float, items: int = 200, station: int = 0, size: float = 1.0, stream: str = "exams"
) -> Exam:
    """Return an exam that is finished at a time after ten."""
    time = TEN + at
    number = round(time * 100.0) % 2**20
    return Exam(time, station, stream, int(time // 3600.0), number, items, size, size, size)


@dataclass(frozen=True)
class Seen:
    """A log, with times after ten and words in place of numbers."""

    log: TrafficLog

    def attempts(self, station: int = 0) -> list[tuple[float, float, str, int]]:
        """Return begin, end, how it ended and what was acknowledged of each attempt."""
        rows = self.log.attempts[self.log.attempts["station"] == station]
        return [
            (row["start"] - TEN, row["end"] - TEN, HOWS[row["how"]], int(row["items"]))
            for row in rows
        ]

    def fails(self, station: int = 0) -> list[float]:
        """Return when attempts failed."""
        return [end for _, end, how, _ in self.attempts(station) if how not in ("ok", "open")]

    def ends(self, station: int = 0) -> list[tuple[float, int]]:
        """Return when jobs were stored, and after how many attempts."""
        rows = self.log.jobs[self.log.jobs["station"] == station]
        return [
            (row["stored"] - TEN, int(row["tries"]))
            for row in rows
            if OUTCOMES[row["outcome"]] == "stored"
        ]

    def outcomes(self, station: int = 0) -> list[str]:
        """Return what became of jobs, in the order in which they were over."""
        rows = self.log.jobs[self.log.jobs["station"] == station]
        return [OUTCOMES[row["outcome"]] for row in rows]


def run(
    stations: Sequence[Station],
    arrivals: Iterable[Exam | Opening],
    changes: Iterable[tuple[float, str, int]] = (),
    conditions: Conditions = PAIR,
    *,
    starts: Mapping[str, int] | None = None,
    pools: tuple[SharedPool, ...] = (),
    limits: tuple[Limit | None, ...] = (),
    dial: Dial | None = None,
    missed_reset: float = 0.0,
    until: float = FAR,
    start: float = TEN - 1000.0,
) -> Seen:
    """Run a workload; conservation (T24) is asserted in every run."""
    tables = TrafficTables(conditions, tuple(stations), pools, limits, dial, missed_reset)
    rows = [ConditionChange(TEN + at, what, value) for at, what, value in changes]
    timeline = Timeline.of(conditions, rows, starts)
    arrived = sorted(arrivals, key=lambda x: (x.time, x.station))
    log = simulate(tables, timeline, arrived, TEN + until, start)
    conserved(log, arrived, tables)
    return Seen(log)


def conserved(log: TrafficLog, arrivals: Sequence[Exam | Opening], tables: TrafficTables) -> None:
    """Assert what T24 says, counted anew from arrivals and rows."""
    log.check()
    for k, station in enumerate(tables.stations):
        counts = log.counts[k]
        jobs = log.jobs[log.jobs["station"] == k]
        tries = log.attempts[log.attempts["station"] == k]
        ended = tries[tries["how"] != HOWS.index("open")]
        assert len(tries) == counts["attempts"] == counts["ended"].sum()
        if isinstance(station.does, Probe):
            continue
        assert len(jobs) == counts["finished"]
        assert jobs["bytes"].sum() == pytest.approx(counts["bytes_finished"])
        assert jobs["tries"].sum() == len(ended)
        assert jobs["sent"].sum() == pytest.approx(ended["bytes"].sum())
        for outcome, name in (("stored", "stored"), ("blocked", "blocked")):
            assert (jobs["outcome"] == OUTCOMES.index(outcome)).sum() == counts[name]
        if isinstance(station.does, Modality | Reader):
            assert len(jobs) == sum(x.station == k for x in arrivals)


def single(
    changes: Iterable[tuple[float, str, int]] = (),
    at: float = -11.0,
    items: int = 200,
    **more: object,
) -> Seen:
    """Run one exam of the client of the design's tests; timers and station may be changed."""
    world = {
        k: more.pop(k)
        for k in ("conditions", "starts", "pools", "limits", "dial", "missed_reset", "until")
        if k in more
    }
    timers = {k: more.pop(k) for k in list(more) if k in Timers.__dataclass_fields__}
    station = modality(timers=replace(TIMERS, **timers), **more)  # type: ignore[arg-type]
    return run([station], [exam(at, items)], changes, **world)  # type: ignore[arg-type]


def span(what: str, value: int, *, begin: float = 0.0, end: float) -> list[tuple[float, str, int]]:
    """Return the changes of a member or path that is not as usual for a time."""
    back = 1 if what.startswith(("path", "front", "back", "target", "listed")) else UP
    return [(begin, what, value), (end, what, back)]


def over(seen: Seen, end: float, tries: int, station: int = 0) -> None:
    """Assert when the one exam of a station is stored, and after how many attempts."""
    found = seen.ends(station)
    assert [tried for _, tried in found] == [tries]
    assert found[0][0] == pytest.approx(end, abs=1e-6)


def failed(seen: Seen, *times: float, station: int = 0) -> None:
    """Assert when attempts failed."""
    assert seen.fails(station) == pytest.approx(list(times), abs=1e-6)
