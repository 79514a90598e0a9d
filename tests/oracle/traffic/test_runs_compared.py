"""When a run and its twin go on alike (T22)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

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
    Forwarder,
    Limit,
    Operation,
    Probe,
    Station,
    Work,
)
from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.logs import HOWS
from pacsim.traffic.reference import ReferenceTraffic
from tests.oracle.traffic.runs_beside import Beside, Changes
from tests.oracle.traffic.scenes import (
    BALANCED,
    NOBODY,
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

NO_RETRY = replace(TIMERS, retry_count=0)
A = "member.a"


@pytest.fixture(autouse=True, params=[ReferenceTraffic, CompiledTraffic])
def _simulator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each simulator run every scene."""
    monkeypatch.setattr(Beside, "simulator", request.param)


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
