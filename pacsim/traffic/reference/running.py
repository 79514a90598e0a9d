"""A workload through a history of conditions: a process a line on SimPy."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from pacsim.core.streams import replication_key
from pacsim.traffic.arrivals import Exam, Opening
from pacsim.traffic.client_tables import Asker, Forwarder, Modality, Probe, Reader
from pacsim.traffic.logs import ATTEMPTS, COUNTS, JOBS, UNDECIDED, TrafficLog
from pacsim.traffic.reference.asking import Asking, Console, Desk
from pacsim.traffic.reference.jobs import GONE, Buffer, Job
from pacsim.traffic.reference.probing import Prober
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
    run = Run(tables, timeline, list(arrivals), start, key or replication_key(1, 0))
    run.world.stage.run(until)
    return run.log(until)


class Run:
    """Stations that live.

    Parameters
    ----------
    tables, timeline, arrivals, start, key
        As of `simulate`.
    """

    def __init__(
        self,
        tables: TrafficTables,
        timeline: Timeline,
        arrivals: Sequence[Exam | Opening],
        start: float,
        key: tuple[int, int],
    ) -> None:
        self.tables = tables
        sizes = [s.does.parallel if isinstance(s.does, Forwarder) else 1 for s in tables.stations]
        self.world = World(tables, timeline, key, start, sum(sizes))
        self.rows: list[tuple[float, ...]] = []
        self.depots: dict[int, Depot] = {}
        self.askers: dict[int, Asking] = {}
        lines: list[WaitingLine] = []
        for k, size in enumerate(sizes):
            lines += self._lines(k, len(lines), size)
        for k, depot in self.depots.items():
            does = tables.stations[k].does
            if isinstance(does, Modality) and does.router >= 0:
                depot.senders[0].sends_to(self.depots[does.router])
        for line in lines:
            line.begin()
        self._arrivals = turned(arrivals)
        self._next = 0
        while self._next < len(arrivals) and arrivals[self._next].time < start:
            self._next += 1
        self._ring()

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
            return [Prober(world, first, station)]
        kind = Desk if isinstance(does, Reader) else Console
        assert isinstance(does, Reader | Asker)
        self.askers[station] = kind(world, first, station, self.rows)
        return [self.askers[station]]

    def _ring(self) -> None:
        if self._next < len(self._arrivals):
            self.world.stage.ring(self._arrivals[self._next][0].time, ARRIVALS, self._arrive)

    def _arrive(self, _: simpy.Event) -> None:
        """Let everything of this moment arrive."""
        now = float(self.world.stage.now)
        while self._next < len(self._arrivals) and self._arrivals[self._next][0].time <= now:
            arrival, turn = self._arrivals[self._next]
            self._next += 1
            if isinstance(arrival, Exam):
                self.depots[arrival.station].enter(Job(arrival, turn, now), now)
            else:
                desk = self.askers[arrival.station]
                assert isinstance(desk, Desk)
                desk.enter(arrival, turn)
        self._ring()

    def log(self, until: float) -> TrafficLog:
        """Return what happened, with what is not over yet."""
        world = self.world
        world.still_open()
        counts = np.zeros(len(self.tables.stations), dtype=COUNTS)
        for k, depot in self.depots.items():
            self._count(counts[k], depot.buffer.counts, depot.buffer.sizes)
            for job in sorted(depot.buffer.jobs, key=attrgetter("place")):
                assert job.where != GONE
                counts[k][job.where] += 1
                counts[k][f"bytes_{job.where}"] += job.bytes
                depot.buffer.write(job)
        for k, asker in self.askers.items():
            late = asker.late(until) if isinstance(asker, Console) else []
            queued = asker.waiting if isinstance(asker, Desk) else late
            aside = [case for _, case in asker.aside] if isinstance(asker, Desk) else []
            busy = asker.busy
            flying = [] if busy is None or busy.outcome != UNDECIDED else [busy]
            for where, cases in (("queued", queued), ("in_flight", flying), ("parked", aside)):
                for case in cases:
                    counts[k][where] += 1
                    counts[k][f"bytes_{where}"] += case.bytes
                    asker.write(case, UNDECIDED)
            self._count(counts[k], asker.counts, asker.sizes)
        counts["attempts"] = world.begun
        counts["ended"] = world.ended_as
        log = TrafficLog(
            np.array(world.attempts, dtype=ATTEMPTS), np.array(self.rows, dtype=JOBS), counts
        )
        log.check()
        return log

    @staticmethod
    def _count(row: np.void, numbers: dict[str, int], sizes: dict[str, float]) -> None:
        for name, number in numbers.items():
            row[name] = number
            row[f"bytes_{name}"] = sizes[name]


def turned(arrivals: Sequence[Exam | Opening]) -> list[tuple[Exam | Opening, int]]:
    """Return each arrival with the number of its operation in its stream (T15).

    The number is 2^20 times the slot and the rank among those of the slot.
    """
    ranks: dict[tuple[int, str, int], int] = {}
    found = []
    for arrival in arrivals:
        stream = arrival.stream if isinstance(arrival, Exam) else ""
        key = (arrival.station, stream, arrival.slot)
        rank = ranks.get(key, 0)
        ranks[key] = rank + 1
        found.append((arrival, 2**20 * arrival.slot + rank))
    return found
