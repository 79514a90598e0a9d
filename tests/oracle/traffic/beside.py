"""Both simulators of the traffic beside each other: the same logs, to the bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core.streams import replication_key
from pacsim.traffic.arrival_tables import ArrivalTable
from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.reference import simulate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.traffic.arrivals import Exam, Opening
    from pacsim.traffic.client_conditions import Timeline
    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.logs import TrafficLog


def both(
    tables: TrafficTables,
    timeline: Timeline,
    arrivals: Iterable[Exam | Opening],
    until: float,
    start: float = 0.0,
    key: tuple[int, int] | None = None,
) -> TrafficLog:
    """Run the reference, hold the kernel to it, and return the log."""
    came = list(arrivals)
    log = simulate(tables, timeline, came, until, start, key)
    run = CompiledTraffic(tables).begin(timeline, start, key or replication_key(1, 0))
    run.feed(ArrivalTable.of(came))
    run.advance(until)
    equal(log, run.log())
    return log


def equal(one: TrafficLog, other: TrafficLog) -> None:
    """Assert that two logs are the same to the bit."""
    for name in ("attempts", "jobs", "counts"):
        mine, its = getattr(one, name), getattr(other, name)
        assert mine.dtype == its.dtype
        assert len(mine) == len(its), name
        for k, (a, b) in enumerate(zip(mine, its, strict=True)):
            assert a.tobytes() == b.tobytes(), f"{name}, row {k}: {a} and {b}"
