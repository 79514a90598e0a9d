"""Each thing by which two runs are compared (T22), and what is not compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Deterministic
from pacsim.traffic.client_conditions import (
    SERVER,
    Conditions,
)
from pacsim.traffic.client_tables import (
    COMMITTED,
    ECHO,
    STORE,
    WAITS,
    Asker,
    Dial,
    Limit,
    Operation,
    Probe,
    SharedPool,
    Station,
    Work,
)
from tests.oracle.traffic.runs_beside import Beside, Changes
from tests.oracle.traffic.scenes import (
    BALANCED,
    PAIR,
    REFUSES,
    SILENT,
    TIMERS,
    exam,
    modality,
    span,
)
from tests.oracle.traffic.test_clients import FIND, opening, reader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacsim.traffic.arrivals import Exam, Opening
    from pacsim.traffic.reference.running import ReferenceRun

NO_RETRY = replace(TIMERS, retry_count=0)
A = "member.a"


def at(
    time: float,
    lines: Sequence[Station],
    came: Sequence[Exam | Opening] = (),
    changes: Changes = (),  # type: ignore[assignment]
    conditions: Conditions = PAIR,
    **more: Any,
) -> ReferenceRun:
    """Return a run at a time after ten."""
    return Beside(lines, came, changes, conditions, **more).gone_on(time)


def sending() -> ReferenceRun:
    """Return a run in which one exam is under way and another one waits."""
    line = modality(store=Operation(STORE, (Work(0.1, ((0, 0.05),)),) * 2))
    pools = (SharedPool("workers", 1.0),)
    return at(5.05, [line], [exam(0.0), exam(1.0)], pools=pools)


def parking() -> ReferenceRun:
    line = modality(timers=NO_RETRY)
    return at(50.0, [line], [exam(0.0)], span(A, REFUSES, begin=-1.0, end=90.0))


def committing() -> ReferenceRun:
    line = modality(deletes=COMMITTED, commit=Deterministic(900.0), buffer=300.0)
    return at(60.0, [line], [exam(0.0)])


def queueing() -> ReferenceRun:
    """Return a run in which three exams want the same place."""
    lines = [modality(f"CT-{k}") for k in range(3)]
    came = [exam(float(k), station=k) for k in range(3)]
    return at(10.0, lines, came, limits=(Limit(1, WAITS), None))


def reading() -> ReferenceRun:
    """Return a run in which an opening is served and one waits; another one was put aside."""
    lines = [reader(), replace(reader(patience=20.0, least_between=500.0), name="desk-2", site=1)]
    two = Conditions(SERVER, ("a",), ("s", "t"))
    other = opening(0.0)._replace(station=1)
    came = [opening(30.0, 2, (4000, 1.0), (9, 1.0)), opening(31.0), other]
    return at(60.0, lines, came, span("path.t.a", 0, begin=-1.0, end=300.0), two)


def asking() -> ReferenceRun:
    line = Station("asker", Asker(FIND, every=90.0, patience=400.0), timers=TIMERS)
    return at(150.0, [line], (), span(A, REFUSES, end=300.0))


def dialling() -> ReferenceRun:
    """Return a run in which one member is dialled in vain; it has been put by before."""
    dial = Dial(redispatch=False, observe=1, every=500.0, connect=50.0)
    changes: Changes = [*span(A, REFUSES, end=3.0), (4.0, "member.b", SILENT)]
    lines = [modality(), modality("CT-2", timers=replace(TIMERS, associate=900.0))]
    came = [exam(1.0, 10), exam(5.0, 10, station=1)._replace(slot=10, number=3)]
    return at(30.0, lines, came, changes, BALANCED, dial=dial)


def retrying() -> ReferenceRun:
    """Return a run that stands still behind a way that is cut, to be heard of again."""
    cut = span("path.s.a", 0, begin=2.0, end=30.0)
    return at(40.0, [modality()], [exam(0.0)], cut)


def probing() -> ReferenceRun:
    line = Station("probe", Probe((Operation(ECHO, (Work(0.2),) * 2),)), timers=TIMERS)
    return at(0.0, [line])


def flow(run: ReferenceRun) -> Any:
    return session(run).flow


def session(run: ReferenceRun, number: int = 0) -> Any:
    return list(run.world._sessions.values())[number]


def job(run: ReferenceRun) -> Any:
    return next(iter(run.depots[0].buffer.jobs))


def put(name: str, value: Callable[[Any], Any]) -> Callable[[Any], None]:
    """Return what sets an attribute to what is made of it."""
    return lambda one: setattr(one, name, value(getattr(one, name)))


def more(x: float) -> float:
    """Return a number that is further off than the tolerance."""
    return x + (1 if isinstance(x, int) else 2e-6)


def other(x: bool) -> bool:
    return not x


def request(**changes: Any) -> Callable[[Any], None]:
    return lambda one: setattr(one, "request", one.request._replace(**changes))


COMPARED: list[tuple[str, Callable[[], ReferenceRun], Callable[[Any], Any], Any]] = [
    ("remaining", sending, flow, put("remaining", more)),
    ("last response", retrying, flow, put("last", more)),
    ("first item", retrying, flow, put("first", more)),
    ("moves", sending, flow, put("moves", other)),
    ("seconds alone", sending, flow, put("item", lambda x: x._replace(alone=x.alone + 1e-5))),
    ("seconds of pools", sending, flow, put("item", lambda x: x._replace(uses=((0, 0.06),)))),
    ("how it ended", sending, session, put("how", lambda _: 0)),
    ("begin", sending, session, put("start", more)),
    ("taken", sending, session, put("taken", more)),
    ("placed", queueing, session, put("placed", other)),
    ("phase", queueing, lambda run: session(run, 1), put("waiting", lambda _: None)),
    ("order of the queue", queueing, lambda run: run.world._queues[0], list.reverse),
    ("items", sending, session, request(items=201)),
    ("number", sending, session, request(number=1)),
    ("step", sending, session, request(step=1)),
    ("tries", sending, session, request(tries=1)),
    ("source", sending, session, request(source=1)),
    ("stream", sending, session, request(kind=1)),
    ("member", sending, session, put("way", lambda x: x._replace(member=1))),
    ("holder", dialling, lambda run: session(run, 0), put("way", lambda x: x._replace(holder=1))),
    ("met", sending, lambda run: session(run).standing, put("met", lambda _: 2)),
    ("answers", sending, lambda run: session(run).standing, put("answers", other)),
    ("silent", retrying, lambda run: session(run).standing, put("silent", other)),
    ("gone", retrying, lambda run: session(run).standing, put("gone", other)),
    ("retransmission", retrying, lambda run: session(run).standing, put("again", more)),
    ("last of a peer", retrying, lambda run: session(run).standing, put("last", more)),
    ("dialled member", dialling, lambda run: session(run, -1).dialling, put("_member", more)),
    ("dials left", dialling, lambda run: session(run, -1).dialling, put("_left", more)),
    ("to be heard", dialling, lambda run: session(run, -1).dialling, put("_hears", more)),
    ("lost", dialling, lambda run: session(run, -1).dialling, put("lost", other)),
    ("put by", dialling, lambda run: run.world.balancer._marks[0], put("put_by", other)),
    ("out", dialling, lambda run: run.world.balancer._marks[0], put("out", other)),
    ("since", dialling, lambda run: run.world.balancer._marks[0], put("since", more)),
    ("in hand", sending, lambda run: run.depots[0].senders[0], put("_job", lambda _: None)),
    ("when a line goes on", parking, lambda run: run.depots[0].senders[0], put("due", more)),
    ("which exam", sending, job, put("key", more)),
    ("where", parking, job, put("where", lambda _: "queued")),
    ("acknowledged", parking, job, put("acknowledged", more)),
    ("tries of a job", parking, job, put("tries", more)),
    ("failures", parking, job, put("failures", more)),
    ("parked", parking, job, put("parked", more)),
    ("came", sending, job, put("came", more)),
    ("back", parking, job, put("back", more)),
    ("unsafe", committing, lambda run: run.depots[0].buffer._unsafe, list.clear),
    ("commitment", committing, lambda r: r.depots[0].buffer._unsafe[0], put("committed", more)),
    ("opening", reading, lambda run: run.askers[0].busy, put("number", more)),
    ("its slot", reading, lambda run: run.askers[0].busy, put("slot", more)),
    ("its step", reading, lambda run: run.askers[0].busy, put("place", more)),
    ("its items", reading, lambda run: run.askers[0].busy, put("acknowledged", more)),
    ("its tries", reading, lambda run: run.askers[0].busy, put("tries", more)),
    ("its step's tries", reading, lambda run: run.askers[0].busy, put("step_tries", more)),
    ("its asides", reading, lambda run: run.askers[0].busy, put("asides", more)),
    ("its patience", reading, lambda run: run.askers[0].busy, put("since", more)),
    ("asked", reading, lambda run: run.askers[0].busy, put("asked", more)),
    ("first image", reading, lambda run: run.askers[0].busy, put("first", lambda _: 1.0)),
    ("served", reading, lambda run: run.askers[0], put("busy", lambda _: None)),
    ("those that wait", reading, lambda run: run.askers[0].waiting, list.clear),
    ("one that waits", reading, lambda run: run.askers[0].waiting[0], put("number", more)),
    ("aside", reading, lambda run: run.askers[1].aside, list.clear),
    ("one aside", reading, lambda run: run.askers[1].aside[0][1], put("asides", more)),
    (
        "when it is back",
        *(reading, lambda run: run.askers[1]),
        put("aside", lambda x: [(x[0][0] + 2e-6, x[0][1])]),
    ),
    ("from when on", reading, lambda run: run.askers[1], put("_free", more)),
    ("when a reader goes on", reading, lambda run: run.askers[0], put("due", more)),
    ("question", asking, lambda run: run.askers[0], put("_k", more)),
    ("when a console goes on", asking, lambda run: run.askers[0], put("due", more)),
    ("probe failed", probing, lambda run: run.probers[0], put("_failed", other)),
]


@pytest.mark.parametrize(
    ("scene", "found", "poke"), [x[1:] for x in COMPARED], ids=[x[0] for x in COMPARED]
)
def test_what_is_compared(
    scene: Callable[[], ReferenceRun], found: Callable[[Any], Any], poke: Callable[[Any], None]
) -> None:
    """Two runs alike are the same; with one thing changed in one of them they are not."""
    one, two = scene(), scene()
    assert one.same_as(two)
    poke(found(two))
    assert not one.same_as(two)
    assert not two.same_as(one)


LEFT_OUT: list[tuple[str, Callable[[], ReferenceRun], Callable[[Any], Any], Any]] = [
    ("rounding", sending, flow, put("remaining", lambda x: x + 1e-7)),
    ("attempts", sending, lambda run: run.world.attempts, list.clear),
    ("begun", sending, lambda run: run.world.begun, lambda x: x.append(1)),
    ("rows", committing, lambda run: run.rows, list.clear),
    ("counts", committing, lambda run: run.depots[0].buffer.counts, dict.clear),
    ("coming", committing, lambda run: run.depots[0].buffer, put("coming", more)),
    ("in use", queueing, lambda run: run.world._in_use, lambda x: x.append(1)),
    ("bytes sent", parking, job, put("sent", more)),
    ("refusals", dialling, lambda r: r.world.balancer._marks[1], put("refused", more)),
    ("a standby", sending, lambda run: run.world.meetings.values, lambda x: x.__setitem__(1, 1)),
    ("free since long", reading, lambda run: run.askers[0], put("_free", lambda _: 1.0)),
    ("a probe's phase", probing, lambda run: run.probers[0], put("due", more)),
]


@pytest.mark.parametrize(
    ("scene", "found", "poke"), [x[1:] for x in LEFT_OUT], ids=[x[0] for x in LEFT_OUT]
)
def test_what_is_not(
    scene: Callable[[], ReferenceRun], found: Callable[[Any], Any], poke: Callable[[Any], None]
) -> None:
    one, two = scene(), scene()
    poke(found(two))
    assert one.same_as(two)
