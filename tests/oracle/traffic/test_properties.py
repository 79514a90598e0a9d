"""Properties of small workloads through random histories."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pacsim.traffic.client_conditions import GROUP, POOL, Conditions
from pacsim.traffic.client_tables import (
    AGE,
    COMMITTED,
    ECHO,
    FIRST,
    REJECTS,
    ROUND_ROBIN,
    STORE,
    WAITS,
    Asker,
    Dial,
    Forwarder,
    Limit,
    Operation,
    Probe,
    SharedPool,
    Station,
    Work,
)
from tests.oracle.traffic.scenes import (
    ERRORING,
    HUNG,
    MOVING,
    NOBODY,
    REFUSES,
    SILENT,
    TIMERS,
    UP,
    Seen,
    exam,
    modality,
    run,
    single,
    span,
    store,
)
from tests.oracle.traffic.test_clients import FIND, opening, reader

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

    from pacsim.traffic.arrivals import Exam, Opening

STATES = (UP, SILENT, HUNG, REFUSES, ERRORING)
PAIR = Conditions(GROUP, ("a", "b"), ("s",), targets=("edge",))
DIALLED = Conditions(POOL, ("a", "b"), ("s",), ("h1", "h2"), ("edge",))
moments = st.integers(0, 4000).map(lambda n: n / 20.0)
Changes = list[tuple[float, str, int]]


@st.composite
def histories(draw: DrawFn, conditions: Conditions) -> Changes:
    """Return a history that is as usual from 400 on."""
    # A list of changes has one of a condition in a moment: what it is when all of that is over.
    found: dict[tuple[float, str], int] = {}
    for _ in range(draw(st.integers(0, 8))):
        what = draw(st.sampled_from(conditions.names))
        values: tuple[int, ...] = (0, 1)
        if what.startswith("member."):
            values = STATES
        elif what.startswith("holder."):
            values = (UP, SILENT)
        elif what == "owner":
            values = (0, 1, NOBODY, MOVING)
        elif what == "holder":
            values = (0, 1, NOBODY)
        found[draw(moments), what] = draw(st.sampled_from(values))
    changes = [(at, what, value) for (at, what), value in found.items()]
    usual = zip(conditions.names, conditions.usual, strict=True)
    return changes + [(400.0, what, value) for what, value in usual]


def stations() -> list[Station]:
    """Return one of each kind; the last three use another pool than the others, or none."""
    work = Work(0.1, ((0, 0.07),))
    send = Operation(STORE, (work, work), association=1.0, release_takes=0.5)
    odd = Operation(STORE, (Work(0.1, ((1, 0.09),)),) * 2, association=0.4)
    timers = replace(TIMERS, retry_count=2)
    return [
        modality("CT-1", store=send, buffer=400.0, deletes=AGE, timers=timers),
        modality("CT-2", store=send, deletes=COMMITTED, forgotten=0.3, timers=timers),
        modality("MR-1", router=3, store=store(members=1, target=0)),
        Station("edge", Forwarder(send, parallel=2, buffer=500.0), timers=timers),
        replace(reader(), name="desk"),
        Station("asker", Asker(FIND, every=90.0, patience=40.0), timers=TIMERS),
        Station(
            "probe", Probe((Operation(ECHO, (Work(0.2),) * 2),)), timers=replace(TIMERS, pause=30.0)
        ),
        modality("DX-1", store=odd),
    ]


@st.composite
def arrivals(draw: DrawFn) -> list[Exam | Opening]:
    """Return some exams and openings."""
    found: list[Exam | Opening] = []
    times = draw(st.lists(moments, min_size=1, max_size=10, unique=True))
    for at in times:
        station = draw(st.sampled_from((0, 1, 2, 4, 7)))
        if station == 4:
            found.append(opening(at, 1, (20, 1.0), (5, 1.0))._replace(station=4))
        else:
            found.append(exam(at, draw(st.integers(1, 300)), station))
    return found


def through(
    conditions: Conditions, changes: Changes, came: list[Exam | Opening], mode: str
) -> Seen:
    """Run all stations; `run` asserts conservation."""
    return run(
        stations(),
        came,
        changes,
        conditions,
        pools=(SharedPool("workers", 1.0), SharedPool("line", 0.5)),
        limits=(Limit(2, WAITS), Limit(2, REJECTS)),
        dial=Dial(mode=mode, retries=2, redispatch=True, observe=2, every=10.0)
        if conditions.kind == POOL
        else None,
        missed_reset=0.3,
        until=4000.0,
        start=35990.0,
    )


@settings(max_examples=25)
@given(st.data())
def test_nothing_is_lost_on_the_way(data: st.DataObject) -> None:
    """T24 in each run; a run again is the same; rows are in the order of time."""
    conditions = data.draw(st.sampled_from((PAIR, DIALLED)))
    changes, came = data.draw(histories(conditions)), data.draw(arrivals())
    mode = data.draw(st.sampled_from((FIRST, ROUND_ROBIN)))
    seen = through(conditions, changes, came, mode)
    again = through(conditions, changes, came, mode)
    assert seen.log.attempts.tobytes() == again.log.attempts.tobytes()
    ends = seen.log.attempts["end"]
    assert (np.diff(ends[~np.isnan(ends)]) >= 0.0).all()
    rows = seen.log.attempts
    assert (rows["items"][rows["how"] == 0] >= 1).all()
    # By the end everything is mended for an hour: what is not stored was lost or is by hand.
    left = seen.log.counts["queued"] + seen.log.counts["in_flight"]
    assert left.tolist() == [0] * len(left)


@settings(max_examples=25)
@given(st.data())
def test_a_station_or_a_probe_more_leaves_other_logs(data: st.DataObject) -> None:
    """To the bit, if they share no pool: what is settled hangs on a flow's own rate only."""
    changes, came = data.draw(histories(PAIR)), data.draw(arrivals())
    given_ = {
        "pools": (SharedPool("workers", 1.0), SharedPool("line", 0.5)),
        "until": 4000.0,
        "start": 35990.0,
    }
    few = run(stations()[:6], [x for x in came if x.station < 6], changes, PAIR, **given_)  # type: ignore[arg-type]
    many = run(stations(), came, changes, PAIR, **given_)  # type: ignore[arg-type]
    for rows, others in ((few.log.attempts, many.log.attempts), (few.log.jobs, many.log.jobs)):
        assert rows.tobytes() == others[others["station"] < 6].tobytes()


OUT = st.sampled_from(("member.a", "path.s.a"))


@given(moments, moments, st.sampled_from(STATES[1:]), OUT, st.sampled_from((30.0, 60.0, 95.0)))
def test_an_outage_that_ends_later_ends_no_exam_earlier(
    one: float, other: float, state: int, what: str, retry: float
) -> None:
    """One station, one exam, tried for ever."""
    value = 0 if what.startswith("path") else state
    early, late = (
        single(span(what, value, end=max(end, 0.05)), retry_every=retry).ends()[0][0]
        for end in sorted((one, other))
    )
    assert early <= late + 1e-6


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(5, 40), st.integers(5, 40))
def test_a_larger_buffer_loses_no_more(sizes: list[int], one: int, other: int) -> None:
    """The archive is silent while all exams come."""
    lost = []
    for buffer in sorted((one, other)):
        exams = [exam(60.0 * k, size) for k, size in enumerate(sizes)]
        out = span("member.a", SILENT, begin=-1.0, end=1000.0)
        seen = run([modality(buffer=float(buffer), deletes=AGE)], exams, out)
        lost.append(seen.outcomes().count("lost-overwritten"))
    assert lost[0] >= lost[1]


@given(moments, st.integers(20, 200), st.integers(20, 200))
def test_more_patience_puts_aside_no_more(end: float, one: int, other: int) -> None:
    aside = []
    for patience in sorted((one, other)):
        out = span("member.a", REFUSES, begin=-1.0, end=end)
        seen = run([reader(patience=float(patience))], [opening(0.0)], out)
        aside.append(int(seen.log.jobs["parked"][0]))
    assert aside[0] >= aside[1]


@given(
    st.lists(st.tuples(moments, st.integers(1, 60), st.floats(0.05, 1.0)), min_size=1, max_size=8),
    st.integers(1, 12),
    st.integers(1, 12),
)
def test_more_workers_end_no_flow_later(
    flows: list[tuple[float, int, float]], one: int, other: int
) -> None:
    """One pool, no faults."""
    ends = []
    for capacity in sorted((one, other)):
        lines = [
            modality(f"CT-{k}", store=Operation(STORE, (Work(1.0, ((0, use),)),) * 2))
            for k, (_, _, use) in enumerate(flows)
        ]
        exams = [exam(at, items, station=k) for k, (at, items, _) in enumerate(flows)]
        seen = run(lines, exams, pools=(SharedPool("workers", float(capacity)),))
        ends.append([seen.ends(k)[0][0] for k in range(len(flows))])
    assert all(more <= less + 1e-6 for less, more in zip(*ends, strict=True))
