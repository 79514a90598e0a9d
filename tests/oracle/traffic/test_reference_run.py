"""A run that stops, is fed and looked at is the same run; when two runs go on alike (T21, T22)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pacsim.core.streams import replication_key
from pacsim.delays import Deterministic
from pacsim.traffic.arrival_tables import ArrivalTable
from pacsim.traffic.client_conditions import (
    POOL,
    SERVER,
    ConditionChange,
    Conditions,
    Timeline,
)
from pacsim.traffic.client_tables import (
    COMMITTED,
    ECHO,
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
    TrafficTables,
    Work,
)
from pacsim.traffic.logs import HOWS, TrafficLog
from pacsim.traffic.reference import ReferenceTraffic, simulate
from tests.oracle.traffic.scenes import (
    BALANCED,
    NOBODY,
    PAIR,
    REFUSES,
    SILENT,
    TEN,
    TIMERS,
    exam,
    modality,
    span,
    store,
)
from tests.oracle.traffic.test_clients import FIND, opening, reader
from tests.oracle.traffic.test_properties import DIALLED, arrivals, histories, stations
from tests.oracle.traffic.test_properties import PAIR as PAIRED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacsim.traffic.arrivals import Exam, Opening
    from pacsim.traffic.reference.running import ReferenceRun

KEY = replication_key(1, 0)
NO_RETRY = replace(TIMERS, retry_count=0)
Changes = list[tuple[float, str, int]]


def tables_of(conditions: Conditions, **more: Any) -> TrafficTables:
    """Return all stations of the properties, in a workload."""
    given_: dict[str, Any] = {
        "pools": (SharedPool("workers", 1.0), SharedPool("line", 0.5)),
        "limits": (Limit(2, WAITS), Limit(2, WAITS)),
        "dial": Dial(retries=2, redispatch=True, observe=2, every=10.0)
        if conditions.kind == POOL
        else None,
        "missed_reset": 0.3,
    }
    return TrafficTables(conditions, tuple(stations()), **{**given_, **more})


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


@settings(max_examples=25)
@given(st.data())
def test_stopping_feeding_and_looking_leave_the_log(data: st.DataObject) -> None:
    """Slot by slot, at any moments, with its log read and compared between: the same bits."""
    conditions = data.draw(st.sampled_from((PAIRED, DIALLED)))
    timeline = timeline_of(conditions, data.draw(histories(conditions)))
    came = sorted(data.draw(arrivals()), key=lambda x: (x.time, x.station))
    came += [x._replace(time=x.time + 3600.0, slot=x.slot + 1) for x in came]
    moments = sorted(data.draw(st.lists(st.floats(0.0, 4000.0), max_size=12)))
    tables, until = tables_of(conditions), TEN + 4000.0
    wanted = simulate(tables, timeline, came, until, TEN - 10.0)

    simulator = ReferenceTraffic(tables)
    run, twin = (simulator.begin(timeline, TEN - 10.0, KEY) for _ in range(2))
    slots = [[x for x in came if x.slot == slot] for slot in (10, 11)]
    fed = 0
    for moment in (*(TEN + x for x in moments), until):
        while fed < 2 and moment > TEN + 3600.0 * fed:
            for one in (run, twin):
                one.feed(ArrivalTable.of(slots[fed]))
            fed += 1
        for one in (run, twin):
            one.advance(moment)
        assert run.now == moment
        assert run.same_as(twin)
        run.log().check()
    assert same_logs(run.log(), wanted)
    assert same_logs(run.log(), wanted)


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
        simulator = ReferenceTraffic(TrafficTables(conditions, tuple(lines), **more))
        quiet = timeline.quiet(conditions, start)
        self.faulted = simulator.begin(timeline, start, KEY)
        self.twin = simulator.begin(quiet, start, KEY)
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


A = "member.a"
GONE_90: Changes = span(A, REFUSES, end=90.0)


def test_met_again_once_all_is_stored() -> None:
    """As in row 1: the exam is stored at 131 instead of 10."""
    assert Beside([modality()], [exam(-11.0)], GONE_90).meet(90.0) == 180.0


def test_two_that_are_late_differ_until_both_are_at_the_same_item() -> None:
    """A second exam waits for the first in one run and not in the other."""
    pair = Beside([modality()], [exam(-11.0), exam(150.0, 1000)], GONE_90)
    assert not pair.same(130.9)
    assert pair.same(131.1)
    assert pair.same(200.0)
    behind = Beside([modality()], [exam(-11.0), exam(120.0, 1000)], GONE_90)
    # It begins at 131 and at 120, and is there at 232 and 221.
    assert not behind.same(180.0)
    assert not behind.same(225.0)
    assert behind.same(233.0)


def test_items_that_are_left_count() -> None:
    """A flow that stood still for a second is a second behind."""
    cut = span("path.s.a", 0, begin=0.0, end=0.1)
    pair = Beside([modality()], [exam(-11.0, 2000)], cut)
    assert not pair.same(1.0)
    assert not pair.same(100.0)
    assert pair.same(300.0)


def test_a_job_that_is_parked_keeps_them_apart() -> None:
    """Parked at 0, sent again by hand after half an hour."""
    line = modality(timers=replace(TIMERS, retry_count=0))
    pair = Beside([line], [exam(5.0)], span(A, REFUSES, end=90.0))
    assert not pair.same(60.0)
    assert pair.meet(90.0) == 1860.0


def test_a_wait_for_the_next_try_keeps_them_apart() -> None:
    """The whole queue waits 60 s after a failure, though there is nothing to send in either run."""
    line = Station(
        "edge", Forwarder(store(), parallel=2), timers=replace(TIMERS, retry_every=500.0)
    )
    sends = modality(router=1, store=store(members=1, target=-2))
    came = [exam(0.0, 10), exam(2.0, 10)]
    pair = Beside([sends, line], came, span(A, REFUSES, begin=1.5, end=2.5))
    # The sender that failed waits; the other one has sent its job.
    assert not pair.same(120.0)
    assert pair.meet(120.0) == 540.0


def test_unsafe_exams_keep_them_apart_and_commitments_only_where_it_gets_tight() -> None:
    """Stored at 10 and at 131, committed at 610 and at 731."""
    given_: dict[str, Any] = {"deletes": COMMITTED, "commit": Deterministic(600.0)}
    roomy = modality(buffer=1000.0, **given_)
    pair = Beside([roomy], [exam(-11.0)], GONE_90)
    assert pair.meet(90.0) == 180.0
    assert not pair.same(700.0)
    assert pair.same(740.0)
    tight = modality(buffer=399.0, **given_)
    assert Beside([tight], [exam(-11.0)], GONE_90).meet(90.0) == 780.0


FAILOVER: Changes = [(0.0, A, SILENT), (5.0, "owner", NOBODY), (30.0, "owner", 1)]


def test_a_pair_that_has_failed_over_meets_its_twin() -> None:
    """As in row 14: reset at 51, stored at 122; both serve at b from 30 on, and a stays away."""
    pair = Beside([modality()], [exam(-11.0), exam(600.0)], FAILOVER)
    assert pair.meet(30.0) == 180.0
    assert pair.same(606.0)
    ends = [run.log().attempts["member"].tolist()[-1] for run in pair.both]
    assert ends == [1, 1]


def test_a_twin_follows_the_owner_and_nobody_is_cut_off() -> None:
    """Items take twice as long at b: the twin is there too, for what begins after the move."""
    slow = Operation(STORE, (Work(0.1), Work(0.2)), association=1.0)
    pair = Beside([modality(store=slow)], [exam(25.0), exam(600.0)], FAILOVER)
    # Connected at 32, there at 73; in the twin at 46.
    assert not pair.same(70.0)
    assert pair.meet(70.0, 10.0) == 80.0
    assert pair.same(620.0)
    rows = pair.twin.log().attempts
    assert rows["member"].tolist() == [0, 1]
    assert rows["end"][0] - rows["start"][0] == pytest.approx(21.0)
    assert rows["how"][0] == HOWS.index("ok")


def test_an_attempt_at_the_old_member_differs_from_one_at_the_new() -> None:
    """A member that is left without harm: its session is reset in one run and goes on in the other.

    Both have sent as many items when they are compared, at members of one speed.
    """
    moved: Changes = [(0.0, "owner", 1)]
    line = modality(timers=replace(TIMERS, retry_every=1e-9), store=store(association=0.0))
    pair = Beside([line], [exam(-5.0, 400)], moved)
    assert not pair.same(20.0)
    assert pair.meet(20.0) == 60.0


def test_a_standby_that_is_away_keeps_nobody_apart() -> None:
    pair = Beside([modality()], [exam(-11.0)], [(0.0, "member.b", SILENT)])
    assert pair.same(5.0)
    assert pair.same(60.0)


def test_a_member_that_is_put_by_keeps_them_apart() -> None:
    """Refused once at 5, up at 30, dialled again from 130 on."""
    came = [exam(5.0, 10)]
    dial = Dial(redispatch=True, observe=1, every=50.0, rise=2)
    away = span(A, REFUSES, end=30.0)
    pair = Beside([modality()], came, away, BALANCED, dial=dial)
    assert pair.faulted.now < TEN
    assert pair.meet(30.0) == 180.0
    # Refusals that put nobody by mean nothing until the next fault.
    free = Beside([modality()], came, away, BALANCED, dial=replace(dial, observe=3))
    assert free.meet(30.0) == 60.0


def test_members_of_a_pool_are_told_apart() -> None:
    """At the same item, with the same timers, at another member: a dial was refused at once."""
    dial = Dial(redispatch=True)
    refuses = span(A, REFUSES, begin=-1.0, end=1.0)
    pair = Beside([modality()], [exam(0.0, 400)], refuses, BALANCED, dial=dial)
    assert not pair.same(20.0)
    assert [run.log().attempts["member"][0] for run in pair.both] == [1, 0]
    assert pair.meet(20.0) == 60.0


def test_who_waits_for_a_place_counts() -> None:
    """One place: B and C wait for it, in the other order where B was cut off as it asked."""
    lines = [modality("CT-1"), modality("CT-2", site=1), modality("CT-3")]
    two = Conditions(SERVER, ("a",), ("s", "t"))
    came = [exam(-11.0, 1200), exam(20.0, 300, station=1), exam(21.0, 300, station=2)]
    cut = span("path.t.a", 0, begin=19.0, end=21.5)
    timers = replace(TIMERS, associate=500.0)
    lines = [replace(line, timers=timers) for line in lines]
    pair = Beside(lines, came, cut, two, limits=(Limit(1, WAITS),))
    assert not pair.same(60.0)
    assert not pair.same(109.0)
    assert pair.meet(109.0) == 180.0


def test_a_probe_counts_once_it_was_served() -> None:
    """Its client tries again after 190 s: at 190 x k from when it failed, beside its own steps."""
    probe = Station(
        "probe",
        Probe((Operation(ECHO, (Work(0.2),) * 2),)),
        timers=replace(TIMERS, retry_every=190.0, pause=1.0),
    )
    pair = Beside([probe], [], span(A, REFUSES, end=70.0))
    assert not pair.same(120.0)
    met = pair.meet(120.0)
    assert met == 240.0
    rows = pair.faulted.log().attempts
    fails, served = (rows["end"][rows["how"] == HOWS.index(how)] - TEN for how in ("refused", "ok"))
    assert 180.0 < served[served > fails[-1]][0] < met


def test_a_probe_that_hangs_on_a_way_that_has_healed_is_not_well() -> None:
    """Asked at 0.5 at the latest, cut off from 0, healed at 30; the client hears of it at 51."""
    probe = Station(
        "probe",
        Probe((Operation(ECHO, (Work(0.9),) * 2, setups=0),)),
        timers=replace(TIMERS, response=500.0, pause=0.01),
    )
    pair = Beside([probe], [], span("path.s.a", 0, end=30.0))
    assert not pair.same(45.0)
    assert pair.same(60.0)


def test_an_opening_that_was_put_aside_keeps_them_apart() -> None:
    line = reader(patience=30.0, returns=900.0)
    pair = Beside([line], [opening(0.0)], span(A, REFUSES, begin=-1.0, end=60.0))
    assert pair.meet(60.0) > 900.0


def test_the_time_between_openings_counts_while_it_runs() -> None:
    line = reader(least_between=300.0)
    pair = Beside([line], [opening(0.0)], span(A, REFUSES, begin=-1.0, end=15.0))
    assert not pair.same(60.0)
    assert not pair.same(300.0)
    assert pair.meet(60.0) == 360.0


def test_questions_that_were_late_are_made_good() -> None:
    """Asked each 10 s, with 100 s of patience; the process is away for 200 s."""
    asker = Station("asker", Asker(FIND, every=10.0, patience=100.0), timers=TIMERS)
    pair = Beside([asker], [], span(A, REFUSES, end=200.0))
    assert not pair.same(100.0)
    assert pair.meet(200.0) < 600.0


def test_logs_and_counters_are_no_part_of_it() -> None:
    """Another number of attempts, failures and turns behind them: the same state."""
    pair = Beside([modality()], [exam(-11.0)], GONE_90)
    assert pair.same(-20.0)
    pair.meet(90.0)
    one, other = (run.log() for run in pair.both)
    assert len(one.attempts) == 3
    assert len(other.attempts) == 1


# -- each thing that is compared, and what is not ---------------------------------------------------


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
