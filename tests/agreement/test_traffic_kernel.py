"""The compiled simulator of the traffic is the reference to the bit; see also the oracle's conftest.

Workloads have a station of each kind; archives, modes, limits and histories are drawn.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim.core.streams import replication_key
from pacsim.delays import Exponential, Lognormal
from pacsim.traffic.arrival_tables import ArrivalTable
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
    AGE,
    COMMITTED,
    ECHO,
    FIRST,
    QUERY,
    REJECTS,
    RETRIEVE,
    ROUND_ROBIN,
    SOURCE,
    STORE,
    STUDY,
    WAITS,
    WORKLIST,
    Asker,
    Dial,
    Forwarder,
    Limit,
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
from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.logs import HOWS, KINDS, OUTCOMES
from pacsim.traffic.reference.running import ReferenceTraffic
from tests.oracle.traffic.beside import equal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.traffic.logs import TrafficLog

HOUR = 3600.0
ARCHIVES = (
    Conditions(SERVER, ("a",), ("s", "r"), targets=("edge", "ris")),
    Conditions(GROUP, ("a", "b"), ("s", "r"), targets=("edge", "ris")),
    Conditions(POOL, ("a", "b", "c"), ("s", "r"), ("h1", "h2"), ("edge", "ris")),
    Conditions(POOL, ("a", "b"), ("s", "r"), targets=("edge", "ris")),
)
KEY = replication_key(7, 3)


def operation(kind: str, members: int, rng: np.random.Generator, **more: float) -> Operation:
    """Return an operation with works that differ by member."""
    law = Lognormal(0.1, 0.7) if kind in (QUERY, WORKLIST, ECHO) and rng.random() < 0.7 else None
    works = tuple(
        Work(
            0.12 + 0.03 * m, ((0, 0.05 + 0.01 * m), (1 + m % 2, 0.02)), service=law,
            served_by=0, mean=0.05 + 0.01 * m, line=2e-9, sized=((2, 1e-9),), step=0.01,
            array=1e-9,
        )
        for m in range(members)
    )  # fmt: skip
    return Operation(kind, works, association=float(rng.choice([0.0, 0.4, 1.0])), **more)  # type: ignore[arg-type]


def workload(seed: int) -> TrafficTables:
    """Return a workload by hand and chance."""
    rng = np.random.default_rng(seed)
    conditions = ARCHIVES[seed % len(ARCHIVES)]
    members = len(conditions.members)

    def timers(**more: float) -> Timers:
        given = {
            "connect": float(rng.choice([5.0, 30.0, np.inf])),
            "associate": float(rng.choice([5.0, 30.0, np.inf])),
            "response": float(rng.choice([15.0, 60.0, np.inf])),
            "release": float(rng.choice([5.0, 30.0, np.inf])),
            "retry_every": float(rng.choice([20.0, 60.0, 190.0])),
        }
        return Timers(**{**given, **more}, retry_count=int(rng.choice([0, 1, 3, -1])))

    def store(**more: float) -> Operation:
        return operation(STORE, members, rng, release_takes=float(rng.choice([0.0, 0.7])), **more)

    hand, commit = Exponential(900.0), Lognormal(600.0, 1.0)

    def scanner(name: str, **more: object) -> Station:
        given: dict[str, object] = {
            "store": store(), "by_hand": hand, "forgotten": 0.3,
            "resend": STUDY if rng.random() < 0.3 else "missing",
        }  # fmt: skip
        does = Modality(study=None, **{**given, **more})  # type: ignore[arg-type]
        return Station(name, does, timers=timers())

    stations = (
        scanner("CT-1", deletes=AGE, buffer=2e8),
        scanner("CT-2", deletes=COMMITTED, commit=commit, buffer=4e8),
        scanner("MR-1", buffer=3e8),
        replace(scanner("DX-1", router=4, store=replace(store(), target=0))),
        Station("edge", Forwarder(store(), 2, 6e8, by_hand=hand, forgotten=0.2), timers=timers()),
        Station(
            "desk-1",
            Reader(
                ((1.0, None),),  # type: ignore[arg-type]
                operation(QUERY, members, rng),
                operation(RETRIEVE, members, rng, setups=int(rng.integers(0, 3))),
                patience=float(rng.choice([60.0, 300.0])), returns=400.0,
                least_between=float(rng.choice([0.0, 30.0])), whole=bool(rng.random() < 0.5),
            ),
            site=1, timers=timers(retry_every=10.0),
        ),
        Station(
            "CT-1 worklist",
            Asker(replace(operation(WORKLIST, 1, rng), target=1), every=60.0, asks=2, patience=30.0),
            timers=timers(retry_every=15.0),
        ),
        Station(
            "probe",
            Probe((operation(ECHO, members, rng), operation(STORE, members, rng))),
            timers=timers(pause=20.0),
        ),
    )  # fmt: skip
    over = str(rng.choice([REJECTS, WAITS]))
    limits = tuple(Limit(int(rng.integers(1, 4)), over) if m < 2 else None for m in range(members))
    dial = None
    if conditions.kind == POOL:
        dial = Dial(
            str(rng.choice([ROUND_ROBIN, FIRST, SOURCE])), int(rng.integers(0, 4)),
            float(rng.choice([0.5, 5.0])), bool(rng.random() < 0.6), int(rng.integers(0, 3)), 10.0,
        )  # fmt: skip
    pools = (SharedPool("workers", 1.0), SharedPool("line", 0.4), SharedPool("array", 0.5))
    return TrafficTables(conditions, stations, pools, limits, dial, missed_reset=0.5)


def history(seed: int, conditions: Conditions) -> Timeline:
    """Return a history in which something is wrong about a third of the time."""
    rng = np.random.default_rng([seed, 1])
    changes = []
    for _ in range(24):
        what = str(rng.choice(conditions.names))
        values: tuple[int, ...] = (0, 1)
        if what.startswith("member."):
            values = (UP, SILENT, HUNG, REFUSES, ERRORING)
        elif what.startswith("holder."):
            values = (UP, SILENT)
        elif what == "owner":
            values = (0, 1, NOBODY, MOVING)
        elif what == "holder":
            values = (0, 1, NOBODY)
        usual = conditions.usual[conditions.index_of(what)]
        at = float(rng.integers(0, 7000)) / 2.0
        lasts = float(rng.choice([0.5, 3.0, 30.0, 90.0, 400.0]))
        changes += [
            ConditionChange(at, what, int(rng.choice(values))),
            ConditionChange(at + lasts, what, usual),
        ]
        if rng.random() < 0.4:
            changes.append(ConditionChange(at + lasts / 2.0, what, int(rng.choice(values))))
    return Timeline.of(conditions, changes)


def arriving(seed: int) -> list[Exam | Opening]:
    """Return exams and openings of an hour, some of them at the moments of changes."""
    rng = np.random.default_rng([seed, 2])
    times = np.sort(rng.integers(0, 7000, 60)) / 2.0
    found: list[Exam | Opening] = []
    for k, time in enumerate(times.tolist()):
        station = int(rng.choice([0, 1, 2, 3, 5], p=[0.2, 0.2, 0.15, 0.2, 0.25]))
        items = int(rng.integers(1, 200))
        if station == 5:
            studies = tuple((int(rng.integers(1, 90)), 5e5) for _ in range(int(rng.integers(1, 4))))
            found.append(Opening(time, station, 0, k, int(rng.integers(0, 3)), studies))
        else:
            stream = "emergencies" if rng.random() < 0.3 else "exams"
            found.append(Exam(time, station, stream, 0, k, items, 1e6, 1e6, 5e5))
    order = {"exams": 0, "emergencies": 1}
    return sorted(found, key=lambda x: (x.time, x.station, order.get(getattr(x, "stream", ""), 2)))


def runs(seed: int, until: float) -> Iterator[TrafficLog]:
    """Yield the logs of both simulators, which went there in pieces and look alike in each."""
    tables = workload(seed)
    line, table = history(seed, tables.conditions), ArrivalTable.of(arriving(seed))
    made: list[list[bool]] = []
    logs = []
    for simulator in (ReferenceTraffic(tables), CompiledTraffic(tables)):
        run = simulator.begin(line, 0.0, KEY)
        twin = simulator.begin(line.quiet(tables.conditions, 0.0), 0.0, KEY)
        alike = []
        for one in (run, twin):
            one.feed(table)
        for minute in range(1, int(until // 60.0) + 1):
            for one in (run, twin):
                one.advance(60.0 * minute)
            alike.append(run.same_as(twin))  # type: ignore[arg-type]
        run.advance(until)
        made.append(alike)
        logs.append(run.log())
    assert made[0] == made[1]
    yield from logs


def test_workloads_and_histories_of_all_kinds_to_the_bit() -> None:
    met: Counter[str] = Counter()
    for seed in range(60):
        one, other = runs(seed, 3400.0)
        one.check()
        equal(one, other)
        met.update(f"attempt {HOWS[how]}" for how in one.attempts["how"])
        met.update(f"operation {KINDS[kind]}" for kind in one.attempts["operation"])
        met.update(f"job {OUTCOMES[what]}" for what in one.jobs["outcome"])
        met["parked"] += int(one.jobs["parked"].sum())
        met["by the router"] += int((one.jobs["station"] == 4).sum())
        met["aside"] += int(one.jobs["parked"][one.jobs["station"] == 5].sum())
        if (dial := workload(seed).dial) is not None:
            member = (one.attempts["member"] >= 0).sum()
            met[f"mode {dial.mode}"] += int(member)
            met[f"redispatch {dial.redispatch}"] += int(member)
            met[f"observe {dial.observe > 0}"] += int(member)
    wanted = [f"attempt {how}" for how in HOWS] + [f"operation {kind}" for kind in KINDS]
    wanted += [f"job {what}" for what in OUTCOMES] + ["parked", "by the router", "aside"]
    wanted += [f"mode {mode}" for mode in (ROUND_ROBIN, FIRST, SOURCE)]
    wanted += ["redispatch True", "redispatch False", "observe True", "observe False"]
    assert {what: met[what] for what in wanted if met[what] < 20} == {}


def test_runs_meet_where_the_reference_says() -> None:
    tables = workload(1)
    line = Timeline.of(tables.conditions, [
        ConditionChange(600.0, "member.a", REFUSES), ConditionChange(900.0, "member.a", UP),
    ])  # fmt: skip
    found = []
    simulators = (ReferenceTraffic(tables), CompiledTraffic(tables))
    table = ArrivalTable.of(arriving(1))
    for simulator in simulators:
        pair = [
            simulator.begin(one, 0.0, KEY) for one in (line, line.quiet(tables.conditions, 0.0))
        ]
        for one in pair:
            one.feed(table)
            one.advance(900.0)
        if isinstance(simulator, CompiledTraffic):
            found.append(simulator.meet(pair[0], pair[1], 960.0, 80_000.0))  # type: ignore[arg-type]
        else:
            at = 960.0
            while at <= 80_000.0:
                for one in pair:
                    one.advance(at)
                if pair[0].same_as(pair[1]):  # type: ignore[arg-type]
                    break
                at += 60.0
            found.append(at if at <= 80_000.0 else np.inf)
    assert found[0] == found[1]
    assert 960.0 < found[0] < 80_000.0


@pytest.mark.parametrize("piece", [0.5, 17.0, 5000.0])
def test_a_run_in_pieces_is_the_whole(piece: float) -> None:
    tables = workload(2)
    line, table = history(2, tables.conditions), ArrivalTable.of(arriving(2))
    logs = []
    for step in (piece, 10_000.0):
        run = CompiledTraffic(tables).begin(line, 0.0, KEY)
        run.feed(table)
        while run.now < 4000.0:
            run.advance(min(run.now + step, 4000.0))
        logs.append(run.log())
    equal(*logs)
