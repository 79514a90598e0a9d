"""Workloads, histories and arrivals for both simulators of the traffic, drawn by hypothesis.

A world has a station of each kind and something wrong most of the time. What is drawn is thick with
what is rare in a hospital: long set-ups and releases, conditions that change within a second of one
another, exams that come together, items that end at the moment of a change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from pacsim.core.streams import replication_key
from pacsim.delays import Exponential, Lognormal
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
    MISSING,
    QUERY,
    REJECTS,
    RETRIEVE,
    ROUND_ROBIN,
    SOURCE,
    STORE,
    STORED,
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

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

KEY = replication_key(7, 3)
LAST = 1500
"""Second by which the last exam comes and the last thing goes wrong."""
UNTIL = 2100.0
ARCHIVES = {
    SERVER: Conditions(SERVER, ("a",), ("s", "r"), targets=("edge", "ris")),
    GROUP: Conditions(GROUP, ("a", "b"), ("s", "r"), targets=("edge", "ris")),
    "pool behind balancers": Conditions(
        POOL, ("a", "b", "c"), ("s", "r"), ("h1", "h2"), ("edge", "ris")
    ),
    POOL: Conditions(POOL, ("a", "b"), ("s", "r"), targets=("edge", "ris")),
}
OFTEN = ("member.a",) * 5 + ("path.s.a",) * 2 + ("owner",) * 2
"""Conditions that are drawn more often than others, where they are there."""
EDGE, DESK = 4, 5
"""Numbers of the router and of the workstation."""


@dataclass(frozen=True)
class DrawnWorld:
    """What both simulators get."""

    tables: TrafficTables
    line: Timeline
    came: tuple[Exam | Opening, ...]


def one_of(*values: Any) -> SearchStrategy[Any]:
    return st.sampled_from(values)


yes = st.booleans()
timers_of = {
    "connect": one_of(5.0, 30.0, np.inf),
    "associate": one_of(5.0, 30.0, np.inf),
    "response": one_of(15.0, 60.0, np.inf),
    "release": one_of(5.0, 30.0, np.inf),
    "retry_every": one_of(5.0, 5.0, 20.0, 60.0),
    "retry_count": one_of(0, 1, 3, -1),
}
associations = one_of(0.0, 0.4, 4.0, 4.0)
releases = one_of(0.0, 0.7, 12.0, 12.0)
drawn_laws = one_of(None, Lognormal(0.1, 0.7), Lognormal(0.1, 0.7))
resends = one_of(MISSING, MISSING, STUDY)
shares = one_of(0.2, 0.5)
buffers = one_of(4e8, 1.2e9, 4e9)
moments = st.integers(0, 10 * LAST).map(lambda n: n / 10.0)
seconds = st.integers(0, LAST).map(float)
shortly = one_of(0.0, 0.5, 2.0, 4.0, 10.0, 10.0)
lengths = one_of(0.0, 0.1, 0.5, 2.0, 2.0, 6.0, 6.0, 20.0, 60.0, 150.0)
turns = {
    "member": one_of(
        *((UP,), (REFUSES,), (SILENT,), (HUNG,), (ERRORING,), (HUNG, REFUSES), (HUNG, SILENT)),
        *((SILENT, REFUSES), (SILENT, HUNG), (ERRORING, REFUSES), (HUNG, ERRORING), (ERRORING,)),
        *((SILENT, UP, SILENT), (HUNG, SILENT, HUNG), (HUNG, REFUSES), (SILENT, HUNG, REFUSES)),
    ),
    "owner": one_of((1,), (NOBODY,), (MOVING,), (MOVING, 1), (NOBODY, 1), (MOVING, NOBODY)),
    "holder": one_of((1,), (NOBODY,), (NOBODY, 1)),
    "holder.": one_of((SILENT,), (SILENT, UP, SILENT)),
    "": one_of((0,), (0,), (0, 1, 0)),
}


@st.composite
def worlds(draw: DrawFn, archive: str) -> DrawnWorld:
    """Return a workload at an archive, what goes wrong there, and what arrives."""
    conditions = ARCHIVES[archive]
    tables = draw(workloads(conditions))
    return DrawnWorld(tables, draw(histories(conditions)), draw(arrivals()))


@st.composite
def workloads(draw: DrawFn, conditions: Conditions) -> TrafficTables:
    """Return a station of each kind at an archive."""
    members = len(conditions.members)
    plain = draw(yes)
    hand, commit = Exponential(150.0), Lognormal(200.0, 1.0)

    def operation(kind: str, count: int = members, **more: Any) -> Operation:
        law = draw(drawn_laws) if kind in (QUERY, WORKLIST, ECHO) else None
        # Where items are tenths of seconds long, they end as conditions change.
        works = tuple(
            Work(0.1)
            if plain and law is None
            else Work(
                0.12 + 0.03 * m, ((0, 0.05 + 0.01 * m), (1 + m % 2, 0.02)), service=law,
                served_by=0, mean=0.05 + 0.01 * m, line=2e-9, sized=((2, 1e-9),), step=0.01,
                array=1e-9,
            )
            for m in range(count)
        )  # fmt: skip
        return Operation(
            kind, works, association=draw(associations), release_takes=draw(releases), **more
        )

    def store(**more: Any) -> Operation:
        return operation(STORE, **more)

    def timers(**more: object) -> Timers:
        drawn = {name: draw(law) for name, law in timers_of.items() if name not in more}
        return Timers(**drawn, **more)  # type: ignore[arg-type]

    def scanner(name: str, **more: object) -> Station:
        given = {"store": store(), "forgotten": draw(shares), "buffer": draw(buffers), **more}
        does = Modality(study=None, by_hand=hand, resend=draw(resends), **given)  # type: ignore[arg-type]
        return Station(name, does, timers=timers())

    router = Forwarder(
        store(), 2, draw(buffers), by_hand=hand, forgotten=draw(shares), resend=draw(resends)
    )
    reader = Reader(
        ((1.0, None),),  # type: ignore[arg-type]
        operation(QUERY),
        operation(RETRIEVE, setups=draw(one_of(0, 1, 2))),
        patience=draw(one_of(30.0, 200.0)),
        returns=200.0,
        least_between=draw(one_of(0.0, 30.0)),
        whole=draw(yes),
    )
    ask = operation(WORKLIST, 1, target=1)
    stations = (
        scanner("CT-1", deletes=AGE),
        scanner("CT-2", deletes=COMMITTED, commit=commit),
        scanner("MR-1", deletes=STORED),
        scanner("DX-1", router=EDGE, store=store(target=0)),
        Station("edge", router, timers=timers()),
        Station("desk-1", reader, site=1, timers=timers(retry_every=10.0)),
        Station(
            "CT-1 worklist",
            Asker(ask, every=240.0, asks=2, patience=20.0),
            timers=timers(retry_every=15.0),
        ),
        Station(
            "probe", Probe((operation(ECHO), store())), timers=timers(pause=10.0, retry_every=20.0)
        ),
    )
    over = draw(one_of(REJECTS, WAITS, WAITS))
    limits = tuple(Limit(draw(one_of(1, 2, 4, 6)), over) if m < 2 else None for m in range(members))
    dial = None
    if conditions.kind == POOL:
        dial = Dial(
            mode=draw(one_of(ROUND_ROBIN, ROUND_ROBIN, FIRST, FIRST, SOURCE)),
            retries=draw(one_of(0, 1, 3, 3)),
            connect=draw(one_of(0.5, 5.0)),
            redispatch=draw(one_of(True, True, False)),
            observe=draw(one_of(0, 1, 2)),
            every=10.0,
        )
    pools = (SharedPool("workers", 1.0), SharedPool("line", 0.4), SharedPool("array", 0.5))
    return TrafficTables(conditions, stations, pools, limits, dial, missed_reset=0.5)


def turns_of(name: str) -> SearchStrategy[Any]:
    """Return what a condition may be in turn."""
    kind, dot, _ = name.partition(".")
    return turns.get(kind + dot if kind == "holder" else kind, turns[""])


@st.composite
def histories(draw: DrawFn, conditions: Conditions) -> Timeline:
    """Return conditions that change in turn and are then as usual again, and failovers."""
    names = st.sampled_from([*conditions.names, *(x for x in OFTEN if x in conditions.names)])
    changes: list[ConditionChange] = []
    for at, name in draw(st.lists(st.tuples(moments, names), min_size=15, max_size=35)):
        time = at
        for value in draw(turns_of(name)):
            changes.append(ConditionChange(time, name, value))
            time += draw(lengths)
        usual = conditions.usual[conditions.index_of(name)]
        changes.append(ConditionChange(time, name, usual))
    happens = []
    if conditions.kind == GROUP:
        states = (UP, SILENT, HUNG, HUNG, REFUSES, ERRORING)
        happens += [failovers("owner", "member.a", states, (NOBODY, MOVING, 1))] * 2
        happens += [failovers("owner", "member.a", (SILENT, HUNG, HUNG), (MOVING,))] * 2
    if conditions.kind == POOL:
        happens += [delistings(x) for x in conditions.members[:2]]
    if conditions.holders:
        happens.append(failovers("holder", "holder.h1", (UP, SILENT)))
    else:
        happens.append(hangs_unseen(draw(st.sampled_from(conditions.sites))))
    for found in draw(st.lists(st.one_of(happens), min_size=8, max_size=16)):
        changes += found
    return Timeline.of(conditions, changes)


@st.composite
def failovers(
    draw: DrawFn,
    address: str,
    first: str,
    states: tuple[int, ...],
    gone: tuple[int, ...] = (NOBODY, 1),
) -> list[ConditionChange]:
    """Return what happens to the first one at an address, and that the other one gets it."""
    at = draw(moments)
    moved = at + draw(shortly)
    there = moved + draw(lengths)
    back = there + 20.0 + draw(lengths)
    mended = draw(one_of(at, moved, there, there, back)) + draw(lengths)
    return [
        ConditionChange(at, first, draw(st.sampled_from(states))),
        ConditionChange(moved, address, draw(st.sampled_from(gone))),
        ConditionChange(there, address, 1),
        ConditionChange(back, address, 0),
        ConditionChange(mended, first, UP),
    ]


@st.composite
def hangs_unseen(draw: DrawFn, site: str) -> list[ConditionChange]:
    """Return that a member hangs while the path to it is cut, and heals before the member does."""
    at = draw(moments)
    hangs = at + draw(shortly)
    healed = hangs + draw(shortly)
    return [
        ConditionChange(at, f"path.{site}.a", 0),
        ConditionChange(hangs, "member.a", HUNG),
        ConditionChange(healed, f"path.{site}.a", 1),
        ConditionChange(healed + 5.0 + draw(lengths), "member.a", draw(one_of(UP, REFUSES))),
        ConditionChange(healed + 200.0, "member.a", UP),
    ]


@st.composite
def delistings(draw: DrawFn, member: str) -> list[ConditionChange]:
    """Return what happens to a member, and that the check finds it."""
    at = draw(moments)
    out = at + draw(shortly)
    mended = out + draw(lengths)
    return [
        ConditionChange(at, f"member.{member}", draw(one_of(SILENT, HUNG, REFUSES, REFUSES))),
        ConditionChange(out, f"listed.{member}", 0),
        ConditionChange(mended, f"member.{member}", UP),
        ConditionChange(mended + draw(shortly), f"listed.{member}", 1),
    ]


visits = st.lists(
    st.tuples(
        seconds,
        one_of(0, 1, 2, 3, 3, 3, DESK, DESK),
        st.lists(st.tuples(yes, one_of(1, 2, 40, 150, 400, 400, 1000)), min_size=1, max_size=4),
    ),
    min_size=15,
    max_size=40,
)


@st.composite
def arrivals(draw: DrawFn) -> tuple[Exam | Opening, ...]:
    """Return exams and openings, some of which come together."""
    found: list[Exam | Opening] = []
    for time, station, of in draw(visits):
        for urgent, items in of:
            number, hour = len(found), int(time // 3600.0)
            if station == DESK:
                studies = tuple((each, 5e5) for _, each in of)
                found.append(Opening(time, station, hour, number, 1 + urgent, studies))
                break
            stream = "emergencies" if urgent else "exams"
            found.append(Exam(time, station, stream, hour, number, items, 1e6, 1e6, 5e5))
    order = {"exams": 0, "emergencies": 1}
    found.sort(key=lambda x: (x.time, x.station, order.get(getattr(x, "stream", ""), 2)))
    return tuple(found)
