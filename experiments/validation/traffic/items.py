"""An association as a flow beside the same workload item by item, at several loads of a pool.

    python experiments/validation/traffic/items.py --smoke          # half a minute
    python experiments/validation/traffic/items.py                  # two days, eight cases

Here each instance travels for its latency, then it is served by a worker, then it goes over the
wire, first come first served at both; the next one is sent when it has been answered. The
university hospital asks a single server without routers, worklists and faults; all hours of the
week are alike, nobody is put aside and no timer ends anything, so that what differs is how the
pools are shared. Services are made longer until the workers have the load that is asked for.
Both get the same exams and openings; the services of items are drawn here, each by itself.
"""

from __future__ import annotations

import argparse
import heapq
import math
import sys
import time
from collections import deque
from dataclasses import dataclass, field, replace
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from pacsim.core.streams import replication_key
from pacsim.delays import Law, Lognormal
from pacsim.design import Resolved, load
from pacsim.traffic.arrival_tables import ArrivalTable
from pacsim.traffic.arrivals import Exam, Opening, arrivals
from pacsim.traffic.client_conditions import Timeline
from pacsim.traffic.client_tables import (
    STORED,
    Modality,
    Operation,
    Probe,
    Reader,
    SharedPool,
    Station,
    Timers,
    TrafficTables,
    Work,
)
from pacsim.traffic.from_design import tables
from pacsim.traffic.logs import KINDS, OK

ROOT = Path(__file__).resolve().parents[3]
KERNEL = "pacsim.traffic.kernel.compiled_traffic.CompiledTraffic"
WORKERS, WIRE = 0, 1
"""Pools of the server."""
LOADS = (0.3, 0.5, 0.65, 0.8)
WANTED = ("store", "retrieve", "query")
DAY = 86_400.0
CHANGES = {
    "workload": {
        "from": "../workloads/university-hospital.yaml",
        "archive": "server-a",
        "at": {"modalities": "radiology", "readers": "reading-rooms"},
        "routers": None,
        "worklist": None,
        "week": {
            "days": {"mon-fri": 1, "sat-sun": 1},
            "hours": [1] * 24,
            "emergency_hours": [1] * 24,
        },
    }
}


# Item by item.


@dataclass(slots=True)
class Asked:
    """An operation under way: what an item takes, and how many are left."""

    station: int
    kind: str
    left: int
    latency: float
    wire: float
    own_line: float
    begun: float = 0.0


@dataclass
class ClientQueue:
    """A station: what waits, and the operations of what it does now."""

    station: Station
    urgent: deque[list[Asked]] = field(default_factory=deque)
    waiting: deque[list[Asked]] = field(default_factory=deque)
    now: deque[Asked] | None = None
    free: float = -math.inf


@dataclass
class Services:
    """Draws of services, many at a time."""

    law: Law
    rng: np.random.Generator
    drawn: list[float] = field(default_factory=list)

    def draw(self) -> float:
        """Return one."""
        if not self.drawn:
            assert isinstance(self.law, Lognormal)
            size = 100_000
            self.drawn = self.rng.lognormal(
                math.log(self.law.median), self.law.sigma, size
            ).tolist()
        return self.drawn.pop()


def item_by_item(
    made: TrafficTables, came: list[Exam | Opening], laws: dict[str, Law], workers: int
) -> tuple[dict[str, np.ndarray], int]:
    """Return the seconds that operations take, by kind, and the number of events."""
    rng = np.random.default_rng(20261128)
    services = {kind: Services(law, rng) for kind, law in laws.items()}
    clients = [ClientQueue(station) for station in made.stations]
    nic = dict(_store(made).sized)[WIRE]
    free = [0.0] * workers
    wire_free = 0.0
    found: dict[str, list[float]] = {kind: [] for kind in laws}
    serial = count()
    events: list[tuple[float, int, int, Any]] = []
    arrive, reach, done, over, begin = range(5)

    def start(client: ClientQueue, now: float) -> None:
        """Take what is next, if the station is idle and may."""
        if client.now is not None or not (client.urgent or client.waiting):
            return
        if client.free > now:
            heapq.heappush(events, (client.free, next(serial), begin, client))
            client.free = -math.inf
            client.now = deque()
            return
        client.now = deque((client.urgent or client.waiting).popleft())
        ask(client, now)

    def ask(client: ClientQueue, now: float) -> None:
        """Set up the next operation, and send its first item."""
        assert client.now is not None
        one = client.now[0]
        one.begun = now
        does = client.station.does
        operation = does.store if isinstance(does, Modality) else _step(does, one.kind)
        setup = operation.setups * operation.association
        heapq.heappush(events, (now + setup + one.latency, next(serial), reach, one))

    for x in came:
        heapq.heappush(events, (x.time, next(serial), arrive, x))
    number = 0
    while events:
        now, _, what, about = heapq.heappop(events)
        number += 1
        if what == reach:
            begun = max(now, free[0])
            end = begun + services[about.kind].draw()
            heapq.heapreplace(free, end)
            heapq.heappush(events, (end, next(serial), done, about))
        elif what == done:
            wire_free = max(now, wire_free) + about.wire * nic
            answered = wire_free + about.own_line
            about.left -= 1
            if about.left:
                heapq.heappush(events, (answered + about.latency, next(serial), reach, about))
            else:
                heapq.heappush(events, (answered, next(serial), over, about))
        elif what == over:
            client = clients[about.station]
            found[about.kind].append(now - about.begun)
            assert client.now is not None
            client.now.popleft()
            if client.now:
                ask(client, now)
            else:
                client.now = None
                if isinstance(client.station.does, Reader):
                    client.free = now + client.station.does.least_between
                start(client, now)
        elif what == arrive:
            client = clients[about.station]
            urgent = isinstance(about, Exam) and about.stream == "emergencies"
            (client.urgent if urgent else client.waiting).append(_operations(client, about, nic))
            start(client, now)
        else:
            about.now = None
            start(about, now)
    return {kind: np.array(times) for kind, times in found.items()}, number


def _store(made: TrafficTables) -> Work:
    does = made.stations[0].does
    assert isinstance(does, Modality)
    return does.store.works[0]


def _step(does: object, kind: str) -> Operation:
    assert isinstance(does, Reader)
    return does.query if kind == "query" else does.retrieve


def _operations(client: ClientQueue, x: Exam | Opening, nic: float) -> list[Asked]:
    """Return what an exam or an opening asks for, one after another."""
    does = client.station.does
    if isinstance(x, Exam):
        assert isinstance(does, Modality)
        return [_asked(x.station, does.store, x.items, x.sent, nic)]
    assert isinstance(does, Reader)
    queries = [_asked(x.station, does.query, 1, 0.0, nic) for _ in range(x.queries)]
    return queries + [
        _asked(x.station, does.retrieve, items, size, nic) for items, size in x.studies
    ]


def _asked(station: int, operation: Operation, items: int, size: float, nic: float) -> Asked:
    work = operation.works[0]
    own_line = max(0.0, size * (work.line - nic))
    return Asked(station, operation.kind, items, work.alone - work.mean, size, own_line)


# As flows, by what ships.


def as_flows(
    simulator: str, made: TrafficTables, came: list[Exam | Opening], end: float
) -> dict[str, np.ndarray]:
    """Return the same of the association level."""
    module, name = simulator.rsplit(".", 1)
    run = getattr(import_module(module), name)(made).begin(
        Timeline.of(made.conditions), 0.0, replication_key(1, 0)
    )
    run.feed(ArrivalTable.of(came))
    run.advance(end)
    rows = run.log().attempts
    assert (rows["how"] == OK).all()
    return {
        kind: (rows["end"] - rows["start"])[rows["operation"] == KINDS.index(kind)]
        for kind in WANTED
    }


# What both get.


def hospital() -> Resolved:
    """Return the single server with the workload of the university hospital."""
    return load(ROOT / "models" / "designs" / "single-server.yaml").vary(CHANGES).resolved


def plain(made: TrafficTables) -> TrafficTables:
    """Return a workload without probes, timers, patience and buffers."""
    stations = []
    for one in made.stations:
        does = one.does
        if isinstance(does, Modality):
            does = replace(does, buffer=math.inf, deletes=STORED, commit=None)
        elif isinstance(does, Reader):
            does = replace(does, patience=math.inf)
        if not isinstance(does, Probe):
            stations.append(replace(one, does=does, timers=Timers()))
    return replace(made, stations=tuple(stations), limits=())


def slower(made: TrafficTables, factor: float, workers: int) -> TrafficTables:
    """Return a workload whose services take longer, on other workers."""

    def work(one: Work) -> Work:
        more = (factor - 1.0) * one.mean
        return replace(
            one,
            alone=one.alone + more,
            uses=tuple((p, u + more if p == WORKERS else u) for p, u in one.uses),
            service=None if one.service is None else one.service.scaled(factor),
            mean=factor * one.mean,
        )

    def longer(one: Operation) -> Operation:
        return replace(one, works=tuple(work(w) for w in one.works))

    stations = []
    for one in made.stations:
        does = one.does
        if isinstance(does, Modality):
            does = replace(does, store=longer(does.store))
        else:
            assert isinstance(does, Reader)
            does = replace(does, query=longer(does.query), retrieve=longer(does.retrieve))
        stations.append(replace(one, does=does))
    pools = (SharedPool("workers", float(workers)), *made.pools[1:])
    return replace(made, stations=tuple(stations), pools=pools)


def work_of(made: TrafficTables, came: list[Exam | Opening]) -> float:
    """Return the seconds of workers that arrivals take."""
    total = 0.0
    for x in came:
        for one in _operations(ClientQueue(made.stations[x.station]), x, 0.0):
            does = made.stations[x.station].does
            operation = does.store if isinstance(does, Modality) else _step(does, one.kind)
            total += one.left * operation.works[0].mean
    return total


def differences(flows: dict[str, np.ndarray], items: dict[str, np.ndarray]) -> list[float]:
    """Return by how much mean, p50 and p95 differ, in % of those item by item, by kind."""
    assert all(len(flows[kind]) == len(items[kind]) for kind in WANTED)
    figures = (np.mean, np.median, lambda x: np.quantile(x, 0.95))
    return [
        100.0 * (float(figure(flows[kind])) / float(figure(items[kind])) - 1.0)
        for kind in WANTED
        for figure in figures
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=float, default=2.0)
    parser.add_argument("--loads", type=float, nargs="+", default=LOADS)
    parser.add_argument("--workers", type=int, nargs="+", default=(16, 4))
    parser.add_argument("--smoke", action="store_true", help="two hours, two cases")
    parser.add_argument("--simulator", default=KERNEL)
    asked = parser.parse_args()
    if asked.smoke:
        asked.days, asked.loads, asked.workers = 1.0 / 12.0, (0.5, 0.8), (4,)
    resolved = hospital()
    serves = resolved.parts["server-a"].part("software").part("serves")
    names = {"store": "store", "retrieve": "read", "query": "query"}
    base = plain(tables(resolved))
    came = list(arrivals(base, 1, 0, 0.0, asked.days * DAY))
    alone = work_of(base, came)
    print(f"{len(came)} exams and openings in {asked.days:g} days")
    print("| load | workers | store: mean, p50, p95 | read | query | events, seconds |")
    print("|---|---|---|---|---|---|")
    for workers in asked.workers:
        for busy in asked.loads:
            factor = busy * workers * asked.days * DAY / alone
            made = slower(base, factor, workers)
            laws = {kind: serves.law(name).scaled(factor) for kind, name in names.items()}
            began = time.perf_counter()
            items, events = item_by_item(made, came, laws, workers)
            between = time.perf_counter()
            flows = as_flows(asked.simulator, made, came, 10.0 * asked.days * DAY)
            ended = time.perf_counter()
            said = [f"{x:+.1f} %" for x in differences(flows, items)]
            cells = [", ".join(said[k : k + 3]) for k in (0, 3, 6)]
            print(
                f"| {busy:g} | {workers} | {' | '.join(cells)} | {events} events in "
                f"{between - began:.1f} s, flows in {ended - between:.1f} s |",
                flush=True,
            )


if __name__ == "__main__":
    main()
