"""Workloads with a station of each kind, and histories, by a seed: for windows of compiled code."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pacsim.delays import Exponential, Lognormal
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

ARCHIVES = (
    Conditions(SERVER, ("a",), ("s", "r"), targets=("edge", "ris")),
    Conditions(GROUP, ("a", "b"), ("s", "r"), targets=("edge", "ris")),
    Conditions(POOL, ("a", "b", "c"), ("s", "r"), ("h1", "h2"), ("edge", "ris")),
    Conditions(POOL, ("a", "b"), ("s", "r"), targets=("edge", "ris")),
)


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
