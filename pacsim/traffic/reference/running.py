"""A workload through a history of conditions: a process a line on SimPy."""

from __future__ import annotations

from collections import deque
from operator import attrgetter
from typing import TYPE_CHECKING, Self

import numpy as np

from pacsim.core.streams import replication_key
from pacsim.traffic.arrival_tables import ArrivalTable
from pacsim.traffic.arrivals import Exam, Opening
from pacsim.traffic.client_tables import Asker, Forwarder, Modality, Probe, Reader
from pacsim.traffic.logs import ATTEMPTS, COUNTS, JOBS, OPEN, TrafficLog
from pacsim.traffic.reference.asking import Asking, Console, Desk
from pacsim.traffic.reference.jobs import Buffer, Job
from pacsim.traffic.reference.probing import Prober
from pacsim.traffic.reference.run_state import RunState
from pacsim.traffic.reference.sending import Depot, Sender
from pacsim.traffic.reference.stage import ARRIVALS, WaitingLine
from pacsim.traffic.reference.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import simpy

    from pacsim.traffic.client_conditions import Timeline
    from pacsim.traffic.client_tables import TrafficTables


def simulate(
    tables: TrafficTables,
    timeline: Timeline,
    arrivals: Iterable[Exam | Opening],
    until: float,
    start: float = 0.0,
    key: tuple[int, int] | None = None,
) -> TrafficLog:
    """Return what happens to a workload from ``start``, when all is empty, to before ``until``.

    Parameters
    ----------
    tables : TrafficTables
        Stations, pools, limits.
    timeline : Timeline
        Of the conditions.
    arrivals : iterable of Exam or Opening
        Sorted by time; at one time by station, stream, number. Those before ``start`` are skipped,
        but count for the turns of operations in their slot.
    until, start : float
        Seconds.
    key : tuple of two int, optional
        Of the draws, from `pacsim.core.streams.replication_key`; by default of seed 1,
        replication 0.

    Returns
    -------
    TrafficLog
        Attempts, jobs and counts, looked through for what T24 says.

    Raises
    ------
    SimulationError
        If something was lost on the way.
    """
    run = ReferenceTraffic(tables).begin(timeline, start, key or replication_key(1, 0))
    run.feed(ArrivalTable.of(arrivals))
    run.advance(until)
    log = run.log()
    log.check()
    return log


class ReferenceTraffic:
    """A workload that can be run (`pacsim.traffic.simulators.TrafficSimulator`).

    Parameters
    ----------
    tables : TrafficTables
        Stations, pools, limits.
    """

    def __init__(self, tables: TrafficTables) -> None:
        self.tables = tables

    def begin(self, timeline: Timeline, start: float, key: tuple[int, int]) -> ReferenceRun:
        """Return a run that begins empty at ``start``, seconds, with the draws of ``key``."""
        return ReferenceRun(self.tables, timeline, start, key)


class ReferenceRun:
    """Stations that live (`pacsim.traffic.simulators.TrafficRun`).

    Parameters
    ----------
    tables, timeline, start, key
        As of `simulate`.
    """

    def __init__(
        self, tables: TrafficTables, timeline: Timeline, start: float, key: tuple[int, int]
    ) -> None:
        self.tables = tables
        sizes = [s.does.parallel if isinstance(s.does, Forwarder) else 1 for s in tables.stations]
        self.world = World(tables, timeline, key, start, sum(sizes))
        self.rows: list[tuple[float, ...]] = []
        self.depots: dict[int, Depot] = {}
        self.askers: dict[int, Asking] = {}
        self.probers: list[Prober] = []
        lines: list[WaitingLine] = []
        for k, size in enumerate(sizes):
            lines += self._lines(k, len(lines), size)
        for k, depot in self.depots.items():
            does = tables.stations[k].does
            if isinstance(does, Modality) and does.router >= 0:
                depot.senders[0].sends_to(self.depots[does.router])
        for line in lines:
            line.begin()
        self._arrivals: deque[tuple[Exam | Opening, int]] = deque()
        self._rung = False

    @property
    def now(self) -> float:
        """Return the time, of which nothing has happened yet."""
        return float(self.world.stage.now)

    def feed(self, more: ArrivalTable) -> None:
        """Take in what arrives next, of whole slots."""
        turns = more.rows["turn"].tolist()
        for arrival, turn in zip(more.arrivals(), turns, strict=True):
            if arrival.time >= self.now:
                self._arrivals.append((arrival, turn))
        self._ring()

    def advance(self, until: float) -> None:
        """Go on to before a time."""
        self.world.stage.go(until)

    def _lines(self, station: int, first: int, size: int) -> Sequence[WaitingLine]:
        """Return the lines of a station."""
        world, record = self.world, self.tables.stations[station]
        does = record.does
        if isinstance(does, Modality | Forwarder):
            buffer = Buffer(station, record.name, does, world.draws, self.rows)
            senders = [Sender(world, first + k, k, buffer) for k in range(size)]
            self.depots[station] = Depot(buffer, senders)
            return senders
        if isinstance(does, Probe):
            self.probers.append(Prober(world, first, station))
            return self.probers[-1:]
        kind = Desk if isinstance(does, Reader) else Console
        assert isinstance(does, Reader | Asker)
        self.askers[station] = kind(world, first, station, self.rows)
        return [self.askers[station]]

    def _ring(self) -> None:
        if self._arrivals and not self._rung:
            self._rung = True
            self.world.stage.ring(self._arrivals[0][0].time, ARRIVALS, self._arrive)

    def _arrive(self, _: simpy.Event) -> None:
        """Let everything of this moment arrive."""
        now = self.now
        self._rung = False
        while self._arrivals and self._arrivals[0][0].time <= now:
            arrival, turn = self._arrivals.popleft()
            if isinstance(arrival, Exam):
                self.depots[arrival.station].enter(Job(arrival, turn, now), now)
            else:
                desk = self.askers[arrival.station]
                assert isinstance(desk, Desk)
                desk.enter(arrival, turn)
        self._ring()

    def same_as(self, other: Self) -> bool:
        """Return whether both go on alike (T22); docs/traffic-windows.md says what is compared."""
        return self.state().same_as(other.state())

    def state(self) -> RunState:
        """Return all that decides how it goes on."""
        state = RunState()
        self.world.note(state, {prober.index for prober in self.probers})
        for depot in self.depots.values():
            depot.note(state, self.now)
        for asker in self.askers.values():
            asker.note(state)
        for prober in self.probers:
            prober.note(state)
        return state

    def log(self) -> TrafficLog:
        """Return what has happened, with what is not over yet."""
        world, rows = self.world, list(self.rows)
        counts = np.zeros(len(self.tables.stations), dtype=COUNTS)
        for k, depot in self.depots.items():
            self._count(counts[k], depot.buffer.counts, depot.buffer.sizes)
            for job in sorted(depot.buffer.jobs, key=attrgetter("place")):
                counts[k][job.where] += 1
                counts[k][f"bytes_{job.where}"] += job.bytes
                rows.append(depot.buffer.row(job))
        for k, asker in self.askers.items():
            self._count(counts[k], asker.counts, asker.sizes)
            for where, case in asker.still_open(self.now):
                counts[k][where] += 1
                counts[k][f"bytes_{where}"] += case.bytes
                rows.append(asker.row(case))
            if isinstance(asker, Console):
                for case in asker.late(self.now):
                    counts[k]["finished"] += 1
                    counts[k]["bytes_finished"] += case.bytes
        still = world.still_open()
        counts["attempts"] = world.begun
        counts["ended"] = np.reshape(world.ended_as, counts["ended"].shape)
        for row in still:
            counts[int(row[0])]["ended"][OPEN] += 1
        return TrafficLog(
            np.array(world.attempts + still, dtype=ATTEMPTS), np.array(rows, dtype=JOBS), counts
        )

    @staticmethod
    def _count(row: np.void, numbers: dict[str, int], sizes: dict[str, float]) -> None:
        for name, number in numbers.items():
            row[name] = number
            row[f"bytes_{name}"] = sizes[name]
