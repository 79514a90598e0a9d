"""A run and its twin beside one another, at times after ten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacsim.core.streams import replication_key
from pacsim.traffic.arrival_tables import ArrivalTable
from pacsim.traffic.client_conditions import (
    ConditionChange,
    Conditions,
    Timeline,
)
from pacsim.traffic.client_tables import (
    Station,
    TrafficTables,
)
from pacsim.traffic.reference import ReferenceTraffic
from tests.oracle.traffic.scenes import (
    PAIR,
    TEN,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.traffic.arrivals import Exam, Opening
    from pacsim.traffic.logs import TrafficLog
    from pacsim.traffic.reference.running import ReferenceRun

KEY = replication_key(1, 0)
Changes = list[tuple[float, str, int]]


def timeline_of(conditions: Conditions, changes: Changes) -> Timeline:
    return Timeline.of(
        conditions, [ConditionChange(TEN + at, what, value) for at, what, value in changes]
    )


def same_logs(one: TrafficLog, other: TrafficLog) -> bool:
    """Return whether both hold the same bits."""
    return all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes()
        for name in ("attempts", "jobs", "counts")
    )


class Beside:
    """A run and its twin.

    Parameters
    ----------
    lines : sequence of Station
        Stations.
    came : sequence of Exam or Opening
        What arrives.
    changes : list
        Of conditions, in seconds after ten.
    conditions : Conditions
        Which there are.
    **more
        Of the tables.
    """

    simulator: Any = ReferenceTraffic
    """By which both are run."""

    def __init__(
        self,
        lines: Sequence[Station],
        came: Sequence[Exam | Opening],
        changes: Changes,
        conditions: Conditions = PAIR,
        **more: Any,
    ) -> None:
        start = TEN - 1800.0
        timeline = timeline_of(conditions, changes)
        simulator = self.simulator(TrafficTables(conditions, tuple(lines), **more))
        quiet = timeline.quiet(conditions, start)
        self.faulted: ReferenceRun = simulator.begin(timeline, start, KEY)
        self.twin: ReferenceRun = simulator.begin(quiet, start, KEY)
        came = sorted(came, key=lambda x: (x.time, x.station))
        for run in self.both:
            run.feed(ArrivalTable.of(came))

    @property
    def both(self) -> tuple[ReferenceRun, ReferenceRun]:
        return self.faulted, self.twin

    def same(self, at: float) -> bool:
        """Go on to a time after ten; return whether both are the same then, either way."""
        for run in self.both:
            run.advance(TEN + at)
        answer = self.faulted.same_as(self.twin)
        assert answer == self.twin.same_as(self.faulted)
        return answer

    def gone_on(self, at: float) -> ReferenceRun:
        """Return the faulted run at a time after ten."""
        self.faulted.advance(TEN + at)
        return self.faulted

    def meet(self, after: float, step: float = 60.0) -> float:
        """Return the first whole minute after a time at which they are the same."""
        at = step * (after // step + 1)
        while not self.same(at):
            at += step
            assert at < 50_000.0, "never met again"
        return at
