"""Queues, buffers, routers, workstations and worklists, to the second (T9, T17 to T20)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pacsim.core.streams import replication_key, stream_id, uniform
from pacsim.delays import Deterministic, Exponential
from pacsim.traffic.arrivals import Opening
from pacsim.traffic.client_tables import (
    AGE,
    COMMITTED,
    FREE,
    QUERY,
    REJECTS,
    RETRIEVE,
    ROUND_ROBIN,
    SOURCE,
    STORE,
    STORED,
    WAITS,
    WORKLIST,
    Asker,
    Dial,
    Forwarder,
    Limit,
    Operation,
    Reader,
    SharedPool,
    Station,
    Work,
)
from pacsim.traffic.keyed_draws import PLACES, Draws
from pacsim.traffic.logs import OUTCOMES
from tests.oracle.traffic.scenes import (
    BALANCED,
    REFUSES,
    SILENT,
    TEN,
    TIMERS,
    UP,
    Seen,
    exam,
    failed,
    modality,
    over,
    run,
    single,
    span,
    store,
)

A = "member.a"
Changes = list[tuple[float, str, int]]


def ends(seen: Seen, station: int = 0) -> list[float]:
    """Return when a station's jobs were stored, in the order of the log."""
    return [end for end, _ in seen.ends(station)]


# Queues (T17)


def test_emergencies_come_before_routine_and_never_interrupt() -> None:
    exams = [exam(0.0, 10), exam(0.1, 20), exam(0.2, 30, stream="emergencies")]
    # 0 to 2, then the emergency until 6, then the second exam until 9.
    assert ends(run([modality()], exams)) == pytest.approx([2.0, 6.0, 9.0])


def test_after_a_failure_the_whole_queue_waits() -> None:
    # Sees: a queue that goes on with the next exam.
    exams = [exam(0.0, 10), exam(5.0, 20, stream="emergencies")]
    seen = run([modality()], exams, span(A, REFUSES, begin=-1.0, end=1.0))
    # The emergency came while all wait: it goes first at 60.
    assert ends(seen) == pytest.approx([63.0, 65.0])
    assert [start for start, *_ in seen.attempts()] == pytest.approx([0.0, 60.0, 63.0])


def test_a_failed_job_is_the_head_again() -> None:
    # The connection fails at 30, when two more wait; all wait until 90.
    exams = [exam(0.0, 10), exam(5.0, 20), exam(6.0, 30)]
    seen = run([modality()], exams, span(A, SILENT, begin=-1.0, end=40.0))
    assert seen.log.jobs["finished"].tolist() == [TEN, TEN + 5.0, TEN + 6.0]
    assert ends(seen) == pytest.approx([92.0, 95.0, 99.0])


def test_after_parking_the_next_goes_at_once() -> None:
    timers = replace(TIMERS, retry_count=0)
    exams = [exam(0.0, 10), exam(0.5, 20), exam(1799.0, 30)]
    seen = run([modality(timers=timers)], exams, span(A, REFUSES, begin=-1.0, end=0.2))
    # Parked at 0, back at 1800 behind the one in flight (1799 to 1803).
    assert ends(seen) == pytest.approx([3.5, 1803.0, 1805.0])


def test_what_is_forgotten_is_lost() -> None:
    timers = replace(TIMERS, retry_count=0)
    seen = run(
        [modality(timers=timers, forgotten=1.0)],
        [exam(0.0, 10)],
        span(A, REFUSES, begin=-1.0, end=0.2),
    )
    assert seen.outcomes() == ["lost-forgotten"]


def test_what_nobody_sends_again_is_forgotten() -> None:
    """Without a time by hand, at a modality or at its router; it takes no room any more."""
    timers = replace(TIMERS, retry_count=0)
    line = modality(timers=timers, by_hand=None, buffer=15.0)
    exams = [exam(0.0, 10, size=1.0), exam(100.0, 10, size=1.0)]
    seen = run([line], exams, span(A, REFUSES, begin=-1.0, end=0.2))
    assert seen.outcomes() == ["lost-forgotten", "stored"]
    assert seen.log.counts["parked"].tolist() == [0]
    assert seen.log.counts["lost"].tolist() == [1]
    routed = [
        modality(router=1, store=store(members=1)),
        Station("edge", Forwarder(store()), timers=timers),
    ]
    seen = run(routed, [exam(0.0, 10)], span(A, REFUSES, begin=-1.0, end=100.0))
    assert [seen.outcomes(k) for k in (0, 1)] == [["lost-forgotten"]] * 2
    assert seen.log.counts["lost"].tolist() == [1, 1]


# Buffers (T18)


def test_a_commitment_keeps_a_buffer_full() -> None:
    kept: dict[str, Any] = {"buffer": 10.0, "deletes": COMMITTED, "commit": Deterministic(100.0)}
    exams = [exam(at, 1, size=6.0) for at in (0.0, 50.0, 101.0, 202.3)]
    # Stored at 1.1, committed at 101.1: the exams of 50 and 101 do not fit, that of 202.3 does.
    seen = run([modality(**kept)], exams)
    assert seen.outcomes() == ["stored", "blocked", "blocked", "stored"]
    free = run([modality(buffer=10.0, deletes=STORED)], exams)
    assert free.outcomes() == ["stored"] * 4


def test_the_oldest_go_first_whatever_their_state() -> None:
    # What was stored before the oldest unsafe one does not matter; what was stored after it does.
    exams = [exam(at, 1, size=4.0) for at in (0.0, 100.0, 200.0, 300.0)]
    out = span(A, SILENT, begin=50.0, end=5000.0)
    seen = run([modality(buffer=10.0, deletes=AGE)], exams, out)
    assert seen.outcomes() == ["stored", "lost-overwritten", "stored", "stored"]
    lost = seen.log.jobs[1]
    assert lost["finished"] - TEN == 100.0


def test_an_exam_that_is_overwritten_in_flight_is_cut_off() -> None:
    exams = [exam(0.0, 100, size=0.1), exam(5.0, 1, size=1.0)]
    station = modality(buffer=10.5, deletes=AGE)
    seen = run(
        [station, modality("CT-2")],
        [*exams, exam(5.5, 1, station=1)],
        limits=(Limit(1, WAITS), None),
    )
    assert seen.attempts()[0] == (0.0, 5.0, "overwritten", 40)
    assert seen.outcomes() == ["lost-overwritten", "stored"]
    # Its place is free, and the station goes on with the next.
    assert ends(seen) == pytest.approx([6.1])
    assert ends(seen, 1) == pytest.approx([7.2])


# Routers (T20)


def routed(
    exams: list[tuple[float, int]],
    changes: Changes = [],  # noqa: B006
    *,
    parallel: int = 1,
    buffer: float = 1e9,
    **more: Any,
) -> Seen:
    """Run a modality that sends to a router in 1 s and 0.1 s an item, as the router sends on."""
    stations = [
        modality(router=1, store=store(members=1), **more),
        Station("edge", Forwarder(store(), parallel=parallel, buffer=buffer), timers=TIMERS),
    ]
    return run(stations, [exam(at, items) for at, items in exams], changes)


def test_a_router_forwards() -> None:
    seen = routed([(0.0, 10), (0.5, 10)])
    # At the router at 2 and 4, at the archive at 4 and 6: delays count from there.
    assert ends(seen, 1) == pytest.approx([4.0, 6.0])
    assert ends(seen, 0) == pytest.approx([4.0, 6.0])
    assert seen.log.jobs["source"].tolist() == [0, 0, 0, 0]


def test_a_router_keeps_for_the_archive_what_a_modality_may_delete() -> None:
    out = span(A, REFUSES, begin=-1.0, end=100.0)
    # The modality's buffer of 10 bytes holds one exam: it is free again when the router has it.
    seen = routed([(0.0, 10), (10.0, 10), (20.0, 10)], out, buffer=20.0)
    assert [a[2] for a in seen.attempts()] == ["ok", "ok", "rejected", "rejected", "ok"]
    # Rejected after its set-up, at 21 and 82; at 121 the router has sent the first ones.
    failed(seen, 21.0, 82.0)
    kept = routed([(0.0, 10), (10.0, 10)], out, deletes=COMMITTED)
    assert kept.log.counts["handed"].tolist() == [0, 0]


def test_senders_of_a_router_work_side_by_side() -> None:
    # Both are at the router by 4, where the first one needs 11 s from 12 on.
    seen = routed([(0.0, 100), (0.5, 10)], parallel=2)
    assert ends(seen, 1) == pytest.approx([15.0, 22.0])


def test_a_job_that_fails_at_a_router_is_taken_by_an_idle_sender() -> None:
    out = span(A, REFUSES, begin=-1.0, end=3.0)
    seen = routed([(0.0, 10)], out, parallel=2)
    # Refused at 2 by the first; the second takes it, fails too; then the first again at 62.
    assert [a[0] for a in seen.attempts(1)] == pytest.approx([2.0, 2.0, 62.0])


def test_an_idle_sender_leaves_a_job_that_has_just_failed_to_wait() -> None:
    """At 63 both set-ups would be over, and the member is gone: one sender takes the third job."""
    # Sees: a sender that is called by an alarm of what it has given up in that moment.
    quick = Operation(STORE, (Work(0.5),), association=1.0, target=FREE)
    timers = replace(TIMERS, retry_count=1)
    stations = [
        *(modality(f"CT-{k}", router=3, store=quick) for k in range(3)),
        Station("edge", Forwarder(store(), parallel=2), timers=timers),
    ]
    exams = [exam(0.0, 1), exam(0.0, 1, station=1), exam(0.5, 1, station=2)]
    gone = [*span(A, REFUSES, begin=2.0, end=10.0), *span(A, REFUSES, begin=63.0, end=100.0)]
    seen = run(stations, exams, gone)
    third = [a for a in seen.log.attempts if a["station"] == 3 and a["source"] == 2]
    assert [a["start"] - TEN for a in third] == [63.0, 123.0]


# Readers (T19)

FETCH = Operation(RETRIEVE, (Work(0.1),) * 2, association=0.0, setups=0)
FIND = Operation(QUERY, (Work(0.5),) * 2, association=0.5)


def reader(**changes: object) -> Station:
    """Return a workstation whose query takes 1 s and whose items take 0.1 s."""
    given = {"patience": 300.0, "returns": 900.0, **changes}
    does = Reader((), FIND, FETCH, **given)  # type: ignore[arg-type]
    timers = replace(TIMERS, connect=5.0, associate=5.0, response=15.0, retry_every=10.0)
    return Station("reader", does, timers=timers)


def opening(at: float, queries: int = 1, *studies: tuple[int, float]) -> Opening:
    """Return an opening of studies, of 10 items unless said."""
    return Opening(TEN + at, 0, 10, round(at * 10), queries, studies or ((10, 1.0),))


def test_queries_then_the_current_study_then_priors() -> None:
    seen = run([reader()], [opening(0.0, 2, (10, 1.0), (5, 1.0))])
    row = seen.log.jobs[0]
    assert row["first"] - TEN == pytest.approx(2.1)
    assert row["stored"] - TEN == pytest.approx(3.5)
    assert row["tries"] == 4
    assert seen.log.attempts["step"].tolist() == [0, 1, 2, 3]


def test_each_try_of_a_query_draws_its_service() -> None:
    """Exponential with mean 30 s, and nobody waits for more than 15 s; by hand from the uniforms."""
    work = Work(30.0, ((0, 30.0),), service=Exponential(30.0), served_by=0, mean=30.0)
    does = Reader((), Operation(QUERY, (work,) * 2, setups=0), FETCH, patience=300.0, returns=900.0)
    one = replace(reader(), does=does)
    lane, failures = stream_id("traffic/reader/openings", 9), []
    for number in range(6):
        came = opening(0.0)._replace(number=number)
        seen = run([one], [came], pools=(SharedPool("cpu", 1.0),))
        took, k = math.inf, -1
        while took >= 15.0:
            k += 1
            n = 2**20 * 10 + number + 2**48 * k
            took = -30.0 * math.log(uniform(replication_key(1, 0), lane, n))
        assert ends(seen) == pytest.approx([25.0 * k + took + 1.0])
        failures.append(k)
    assert max(failures) > 1
    assert min(failures) == 0


def test_openings_wait_for_each_other_and_for_the_least_between() -> None:
    both = [opening(0.0), opening(1.0)]
    assert ends(run([reader()], both)) == pytest.approx([2.0, 4.0])
    assert ends(run([reader(least_between=30.0)], both)) == pytest.approx([2.0, 34.0])
    # It counts from the end to the begin of the next.
    late = [opening(0.0), opening(31.9), opening(40.0)]
    assert ends(run([reader(least_between=30.0)], late)) == pytest.approx([2.0, 34.0, 66.0])


@pytest.mark.parametrize(("whole", "end"), [(False, 12.0), (True, 12.5)])
def test_a_retrieval_goes_on_or_begins_anew(whole: bool, end: float) -> None:
    # Half of it is there at 1.5; it is tried again at 11.5.
    seen = run([reader(whole=whole)], [opening(0.0)], span(A, REFUSES, begin=1.5, end=5.0))
    assert ends(seen) == pytest.approx([end])
    # The first image stands.
    assert seen.log.jobs["first"][0] - TEN == pytest.approx(1.1)


def test_an_opening_is_put_aside_and_comes_back() -> None:
    # Refused at 0, 10, ... 30; patience ends at 35, in the wait; it comes back at 935.
    station = reader(patience=35.0)
    seen = run([station], [opening(0.0)], span(A, REFUSES, begin=-1.0, end=100.0))
    failed(seen, 0.0, 10.0, 20.0, 30.0)
    assert ends(seen) == pytest.approx([937.0])
    assert seen.log.jobs["parked"].tolist() == [1]


def test_patience_does_not_break_off_an_attempt() -> None:
    # Silent from the first item on: the response timer ends it at 16.0, past a patience of 10.
    seen = run([reader(patience=10.0)], [opening(0.0)], span(A, SILENT, begin=1.05, end=500.0))
    failed(seen, 16.0)
    assert ends(seen) == pytest.approx([917.0])
    # Its query stands: one attempt of it, two of the retrieval.
    assert seen.log.attempts["step"].tolist() == [0, 1, 1]


def test_what_comes_back_waits_behind_those_that_wait() -> None:
    # The first is put aside at 10 and is back at 20, when the second waits and the third works.
    station = reader(patience=10.0, returns=10.0)
    openings = [opening(0.0), opening(15.0, 1, (100, 1.0)), opening(16.0)]
    seen = run([station], openings, span(A, REFUSES, begin=-1.0, end=11.0))
    assert [int(n) for n in seen.log.jobs["number"] % 2**20] == [150, 160, 0]
    assert ends(seen) == pytest.approx([26.0, 28.0, 30.0])


def test_a_fault_in_a_wait_between_steps_is_not_met() -> None:
    station = reader(least_between=30.0)
    quiet = run([station], [opening(0.0), opening(1.0)])
    noisy = run([station], [opening(0.0), opening(1.0)], span(A, REFUSES, begin=3.0, end=8.0))
    assert quiet.attempts() == noisy.attempts()


# Worklists (T20)


def console(**changes: object) -> Station:
    """Return a console that asks every 600 s; a question takes 1 s."""
    ask = Operation(WORKLIST, (Work(0.5),), association=0.5, target=-1)
    does = Asker(replace(ask, works=ask.works * 2), every=600.0, **changes)  # type: ignore[arg-type]
    return Station("CT-1", does, timers=replace(TIMERS, retry_every=10.0))


def grid(n: int) -> np.ndarray:
    """Return when the first questions after ten are asked."""
    phase = Draws(replication_key(1, 0)).uniform("CT-1/worklist", PLACES, 0) * 600.0
    times = phase + 600.0 * np.arange(200) - TEN
    found: np.ndarray = times[times >= 0.0][:n]
    return found


def test_questions_are_asked_on_a_grid() -> None:
    seen = run([console(asks=2)], [], until=6000.0, start=TEN)
    begun = [a[0] for a in seen.attempts()]
    assert begun[::2] == pytest.approx(grid(10), abs=1e-6)
    assert begun[1::2] == pytest.approx(grid(10) + 1.0, abs=1e-6)


def test_a_question_in_vain_is_typed() -> None:
    out = [(0.0, A, REFUSES), (1000.0, A, UP)]
    seen = run([console(patience=45.0)], [], out, until=3000.0, start=TEN - 1.0)
    first = grid(1)[0]
    asked = sum(t < 1000.0 for t in grid(5))
    failed(seen, *(t + 10.0 * k for t in grid(asked) for k in range(5)))
    assert seen.outcomes()[: asked + 1] == ["typed"] * asked + ["stored"]
    assert first < 600.0


def test_a_question_behind_an_open_one_waits() -> None:
    # The second comes while the first is still tried; each is asked when its turn comes.
    out = [(0.0, A, REFUSES), (grid(2)[1] + 95.0, A, UP)]
    seen = run([console()], [], out, until=grid(3)[2], start=TEN - 1.0)
    done = seen.log.jobs[seen.log.jobs["outcome"] == OUTCOMES.index("stored")]
    assert done["finished"] - TEN == pytest.approx(grid(2))
    assert np.diff(done["stored"]) == pytest.approx([1.0])


# Limits, turns, order (T9, T10, T15, T16)


def test_those_that_wait_come_in_their_order() -> None:
    stations = [modality(f"CT-{k}") for k in range(3)]
    exams = [exam(0.0, 10), exam(1.0, 10, station=2), exam(1.5, 10, station=1)]
    seen = run(stations, exams, limits=(Limit(1, WAITS), None))
    assert [ends(seen, k)[0] for k in range(3)] == pytest.approx([2.0, 6.0, 4.0])


def test_a_restart_frees_the_places_of_sessions_it_does_not_know() -> None:
    # CT-1 stands still; its member was away from 5 to 6, so CT-2 finds a place at 7.
    stations = [modality("CT-1"), modality("CT-2")]
    changes = span(A, SILENT, begin=5.0, end=6.0)
    seen = run(
        stations,
        [exam(0.0, 100), exam(6.05, 1, station=1)],
        changes,
        limits=(Limit(1, REJECTS), None),
    )
    failed(seen, 6.4)
    assert ends(seen, 1) == pytest.approx([7.15])


def test_operations_take_turns() -> None:
    # Ranks in the slot, whatever failed: 0, 1, 2 go to a, b, a.
    exams = [exam(10.0 * k, 1) for k in range(3)]
    seen = run([modality()], exams, (), BALANCED, dial=Dial(mode=ROUND_ROBIN))
    assert seen.log.attempts["member"].tolist() == [0, 1, 0]
    one = run([modality()], exams[:1], [(-1.0, A, REFUSES)], BALANCED, dial=Dial(retries=0))
    assert one.log.attempts["member"].tolist() == [-1, 1]


def test_a_client_keeps_to_its_member() -> None:
    exams = [exam(10.0 * k, 1) for k in range(6)]
    seen = run([modality()], exams, (), BALANCED, dial=Dial(mode=SOURCE))
    mine = set(seen.log.attempts["member"].tolist())
    assert len(mine) == 1
    gone = "listed." + "ab"[mine.pop()]
    other = run([modality()], exams, [(25.0, gone, 0)], BALANCED, dial=Dial(mode=SOURCE))
    members = other.log.attempts["member"].tolist()
    assert members[:3] == [seen.log.attempts["member"][0]] * 3
    assert members[3:] == [1 - members[0]] * 3


def test_a_member_that_refused_is_not_dialled_for_a_while() -> None:
    dial = Dial(mode=ROUND_ROBIN, redispatch=True, observe=1, rise=2, every=10.0)
    exams = [exam(10.0 * k, 1) for k in range(8)]
    # Refuses until 15 and is not dialled for 20 s after that: b serves all before 35.
    out = span(A, REFUSES, begin=-1.0, end=15.0)
    seen = run([modality()], exams, out, BALANCED, dial=dial)
    assert seen.log.attempts["member"].tolist() == [1, 1, 1, 1, 0, 1, 0, 1]
    # Out and listed again: at once.
    listed = [*out, (11.0, "listed.a", 0), (18.0, "listed.a", 1)]
    seen = run([modality()], exams, listed, BALANCED, dial=dial)
    assert seen.log.attempts["member"].tolist() == [1, 1, 0, 1, 0, 1, 0, 1]


def test_conditions_come_before_flows_and_timers_and_these_before_arrivals() -> None:
    # The exam of 20 items ends at 3, when the member refuses: all was acknowledged, it is stored.
    over(single([(3.0, A, REFUSES)], at=0.0, items=20), 3.0, 1)
    # A set-up that ends when the member refuses does not succeed.
    failed(single([(1.0, A, REFUSES), (2.0, A, UP)], at=0.0, items=20), 1.0)
    # An exam that comes when the member is back meets it.
    assert single([(-1.0, A, REFUSES), (0.0, A, UP)], at=0.0, items=20).fails() == []
    # A retry at the moment of recovery succeeds.
    over(single(span(A, REFUSES, end=60.0)), 71.0, 2)


def test_the_earlier_station_has_the_place_that_comes_free() -> None:
    stations = [modality(f"CT-{k}") for k in range(3)]
    exams = [exam(0.0, 10, station=2), exam(2.0, 10, station=1), exam(2.0, 10, station=0)]
    # At 2 the place of CT-2 is given back before the others arrive, in station order.
    seen = run(stations, exams, limits=(Limit(1, REJECTS), None))
    assert seen.fails(0) == []
    failed(seen, 3.0, station=1)


def test_a_timer_at_the_moment_of_a_retransmission_wins() -> None:
    # The path heals at 50; the retransmission at 51 is also when a timer of 51 s ends.
    failed(single(span("path.s.a", 0, end=50.0), response=51.0), 51.0)
    over(single(span("path.s.a", 0, end=50.0), response=51.5), 61.0, 1)


# What is not monotonic, and what is


def test_a_longer_retry_interval_may_end_earlier() -> None:
    out = span(A, REFUSES, begin=0.0, end=90.0)
    long, short = single(out, retry_every=95.0), single(out, retry_every=60.0)
    assert ends(long) == pytest.approx([106.0])
    assert ends(short) == pytest.approx([131.0])
