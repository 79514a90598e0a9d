"""What people get of windows, worked out by hand from scenes of the reference simulator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pacsim.delays import Deterministic
from pacsim.traffic.client_tables import (
    AGE,
    ECHO,
    STUDY,
    Forwarder,
    Limit,
    Operation,
    Probe,
    Station,
    Work,
)
from tests.oracle.traffic.scenes import (
    PAIR,
    REFUSES,
    SILENT,
    TIMERS,
    UP,
    exam,
    modality,
    span,
    store,
)
from tests.oracle.traffic.test_clients import console, grid, opening, reader
from tests.oracle.traffic.windowed import Figures, Window, windowed

A = "member.a"


def approx(*values: float) -> object:
    return pytest.approx(list(values), abs=1e-6)


def test_one_exam_cut_in_two() -> None:
    """Number 1 of the design's tests: its twin ends at 10, it at 131; 100 items before, 100 after."""
    stations = [modality()]
    window = windowed(stations, [exam(-11.0, size=1e6)], span(A, REFUSES, end=90.0))
    found = Figures(stations, window)
    assert found.rest() == {"studies_delayed/CT": 1.0, "studies_resent/CT": 1.0}
    assert found.values("wait_felt", operation="store") == approx(121.0)
    assert found.values("study_delay") == approx(121.0 / 60.0)
    # Stored at 131, the divergence was over at 90.
    assert found.values("backlog_drain") == approx(41.0 / 60.0)
    assert found.all.backlog.tolist() == approx(0.2)
    assert found.all.harm.tolist() == [1]


def test_a_backlog_is_of_exams_alone() -> None:
    """Beside number 1 an opening of 10 GB, put aside at 50 s and served at 952 s, not at 2 s.

    The exam and its 0.2 GB are the backlog, gone 41 s after all is as usual.
    """
    stations = [modality(), reader(patience=50.0)]
    asked = opening(0.0, 1, (10, 1e9))._replace(station=1)
    window = windowed(stations, [exam(-11.0, size=1e6), asked], span(A, REFUSES, end=90.0))
    found = Figures(stations, window)
    assert found.count("studies_unreachable") == [1.0]
    assert found.values("backlog_drain") == approx(41.0 / 60.0)
    assert found.all.backlog.tolist() == approx(0.2)
    # Without any exam there is no backlog.
    alone = [reader(patience=50.0)]
    away = windowed(alone, [opening(0.0, 1, (10, 1e9))], span(A, REFUSES, end=90.0))
    found = Figures(alone, away)
    assert found.count("studies_unreachable") == [1.0]
    assert found.values("backlog_drain") == []
    assert found.all.backlog.tolist() == [0.0]


def test_the_whole_study_again_is_sent_twice() -> None:
    # Number 2: 100 items of 1 MB were acknowledged before, and all 200 afterwards.
    stations = [modality(resend=STUDY)]
    window = windowed(stations, [exam(-11.0, size=1e6)], span(A, REFUSES, end=90.0))
    found = Figures(stations, window)
    assert found.count("sent_twice") == approx(0.1)
    assert found.values("study_delay") == approx(131.0 / 60.0)


def test_a_wait_of_a_minute_is_no_delay_and_one_beyond_the_target_is_slow() -> None:
    # Number 7: the cut path heals, it goes on at 25.4 in place of 0.
    stations = [modality()]
    short = windowed(stations, [exam(-11.0)], span("path.s.a", 0, end=20.0))
    long = windowed(stations, [exam(-11.0)], span(A, REFUSES, end=90.0))
    found = Figures(stations, short, long, targets={"store": 100.0})
    assert found.count("studies_delayed", modality="CT") == [0.0, 1.0]
    assert found.count("operations_slow", operation="store") == [0.0, 1.0]
    assert found.count("operations_failed", operation="store") == [0.0, 0.0]
    assert found.values("wait_felt", operation="store") == approx(25.4, 121.0)
    # From the end of the divergence at 20 to 35.4, at 90 to 131.
    assert found.values("backlog_drain") == approx(15.4 / 60.0, 41.0 / 60.0)


def test_what_is_parked_has_failed_and_a_person_sends_it() -> None:
    # Number 15: refused at 0, 60 and 120, where it is parked; sent by hand at 1920 to 1941.
    stations = [modality(timers=replace(TIMERS, retry_count=2))]
    window = windowed(stations, [exam(0.0)], span(A, REFUSES, begin=-1.0, end=1000.0))
    found = Figures(stations, window)
    assert found.rest() == {
        "operations_failed/store": 1.0, "studies_delayed/CT": 1.0, "studies_by_hand/CT": 1.0,
    }  # fmt: skip
    # Until it was given up; the twin's end is at 21.
    assert found.values("wait_felt", operation="store") == approx(99.0)
    (given_up,) = (
        v.given_up for k, v in found.all.values.items() if k.at == (("operation", "store"),)
    )
    assert given_up.tolist() == [True]
    assert found.values("backlog_drain") == approx(941.0 / 60.0)


def test_what_is_lost_is_neither_late_nor_sent_by_hand() -> None:
    timers = replace(TIMERS, retry_count=0)
    forgets = [modality(timers=timers, forgotten=1.0)]
    out = span(A, REFUSES, begin=-1.0, end=200.0)
    found = Figures(forgets, windowed(forgets, [exam(0.0)], out))
    assert found.rest() == {
        "operations_failed/store": 1.0, "studies_lost_at_modality/CT/forgotten": 1.0,
    }  # fmt: skip
    assert found.values("backlog_drain") == []
    assert found.all.harm.tolist() == [1]
    assert found.all.backlog.tolist() == [0.0]
    # Number 22: exams of 4 GB at 0, 1, 2 h, a buffer of 10 GB, silent for 3 h.
    exams = [exam(3600.0 * h, 1, size=4e9) for h in range(3)]
    out = span(A, SILENT, begin=-1.0, end=10800.0)
    keeps = [modality(buffer=10e9)]
    first = windowed(keeps, exams, out, closed=20000.0)
    assert Figures(keeps, first).rest() == {
        "operations_failed/store": 1.0, "exams_blocked/CT": 1.0, "studies_delayed/CT": 2.0,
        "operations_slow/store": 2.0,
    }  # fmt: skip
    loses = [modality(buffer=10e9, deletes=AGE)]
    other = Figures(loses, windowed(loses, exams, out, closed=20000.0))
    assert other.rest() == {
        "operations_failed/store": 1.0, "studies_lost_at_modality/CT/overwritten": 1.0,
        "studies_delayed/CT": 2.0, "operations_slow/store": 2.0,
    }  # fmt: skip
    assert other.all.harm.tolist() == [3]
    # The exams of 1 h and 2 h are there together; their twins are stored after 1.1 s each.
    assert other.all.backlog.tolist() == approx(8.0)


def test_the_backlog_is_what_is_there_at_one_time() -> None:
    # The first is stored before the second is made: never both.
    stations = [modality(), modality("DX-1")]
    exams = [exam(0.0, 10, size=1e9), exam(100.0, 30, station=1, size=1e9)]
    out = [*span(A, REFUSES, begin=-1.0, end=50.0), *span(A, REFUSES, begin=99.0, end=120.0)]
    found = Figures(stations, windowed(stations, exams, out))
    assert found.all.backlog.tolist() == approx(30.0)
    assert found.values("study_delay") == approx()
    both = [exam(0.0, 10, size=1e9), exam(5.0, 30, station=1, size=1e9)]
    found = Figures(stations, windowed(stations, both, span(A, REFUSES, begin=-1.0, end=50.0)))
    assert found.all.backlog.tolist() == approx(40.0)


def test_a_router_delays_its_modality_and_is_not_counted_beside_it() -> None:
    stations = [
        modality(router=1, store=store(members=1)),
        Station("edge", Forwarder(store()), timers=replace(TIMERS, retry_count=0)),
    ]
    edge = stations[1].does
    assert isinstance(edge, Forwarder)
    stations[1] = replace(stations[1], does=replace(edge, by_hand=Deterministic(500.0)))
    # At the router at 2; refused there, parked, sent by hand at 502 to 504 in place of 4.
    window = windowed(stations, [exam(0.0, 10)], span(A, REFUSES, begin=-1.0, end=100.0))
    found = Figures(stations, window)
    assert found.rest() == {
        "operations_failed/store": 1.0, "studies_delayed/CT": 1.0, "studies_by_hand/CT": 1.0,
    }  # fmt: skip
    assert found.values("study_delay") == approx(500.0 / 60.0)
    # Given up at 2; the twin ends at 4: no wait until then.
    assert found.values("wait_felt", operation="store") == []


def test_what_was_sent_by_hand_before_a_router_forgot_it() -> None:
    """At the modality it was parked and sent again; at the router nobody did."""
    timers = replace(TIMERS, retry_count=0)
    edge = Forwarder(store(), forgotten=1.0)
    stations = [
        modality(router=1, store=store(members=1, target=0), timers=timers),
        Station("edge", edge, timers=timers),
    ]
    conditions = replace(PAIR, targets=("edge",))
    # The router is away until 100; parked at 0, by hand at 1800; there at 1802, and refused.
    out = [
        *span("target.edge", 0, begin=-1.0, end=100.0),
        *span(A, REFUSES, begin=-1.0, end=2000.0),
    ]
    window = windowed(stations, [exam(0.0, 10)], out, conditions=conditions)
    assert Figures(stations, window).rest() == {
        "operations_failed/store": 1.0, "studies_by_hand/CT": 1.0,
        "studies_lost_at_modality/CT/forgotten": 1.0,
    }  # fmt: skip


def test_a_query_that_was_slow_in_an_opening_that_is_open_still() -> None:
    # Its set-up stands still from 0.2 and goes on at 1.4, so the query takes 2.2 s; then it fetches.
    stations = [reader()]
    window = windowed(
        stations,
        [opening(0.0, 1, (1000, 1.0))],
        span("path.s.a", 0, begin=0.2, end=1.0),
        closed=50.0,
    )
    assert Figures(stations, window).rest() == {"operations_slow/query": 1.0}


def test_an_opening_put_aside_at_its_query() -> None:
    # Refused at 0, 10, 20, 30; put aside at 35, back at 935: its query ends at 936, its image is there at 936.1.
    stations = [reader(patience=35.0)]
    window = windowed(stations, [opening(0.0)], span(A, REFUSES, begin=-1.0, end=100.0))
    found = Figures(stations, window)
    assert found.rest() == {
        "operations_failed/query": 1.0, "operations_failed/retrieve": 1.0, "studies_unreachable": 1.0,
    }  # fmt: skip
    # The twin's query ends at 1, its image is there at 1.1.
    assert found.values("wait_felt", operation="query") == approx(34.0)
    assert found.values("wait_felt", operation="retrieve") == approx(33.9)


def test_an_opening_put_aside_twice() -> None:
    # Put aside at 35; back at 935, tried until 965, put aside at 970, back at 1870.
    stations = [reader(patience=35.0)]
    window = windowed(stations, [opening(0.0)], span(A, REFUSES, begin=-1.0, end=1000.0))
    found = Figures(stations, window)
    assert found.count("studies_unreachable") == [1.0]
    assert found.values("wait_felt", operation="query") == approx(34.0)


def test_an_opening_put_aside_after_its_first_image() -> None:
    # Its query 0 to 1, its image at 1.1; cut at 1.5, tried at 11.5, 21.5, 31.5; put aside at 35.
    stations = [reader(patience=35.0)]
    window = windowed(stations, [opening(0.0)], span(A, REFUSES, begin=1.5, end=100.0))
    found = Figures(stations, window)
    assert found.rest() == {"studies_unreachable": 1.0}
    assert found.values("wait_felt", operation="retrieve") == []


def test_an_opening_put_aside_at_its_second_query_and_open_when_the_window_ends() -> None:
    # The first query is done at 1; the second is cut at 1.5 and tried at 11.5 and 21.5, put aside at 25.
    stations = [reader(patience=25.0)]
    out = span(A, REFUSES, begin=1.5, end=5000.0)
    window = windowed(stations, [opening(0.0, 2)], out, closed=100.0, censored=True)
    found = Figures(stations, window)
    assert found.count("operations_failed", operation="query") == [1.0]
    assert found.count("operations_failed", operation="retrieve") == [1.0]
    assert found.values("wait_felt", operation="query") == approx(23.0)
    # At 20 it is within its patience: the query and the image are slow, nothing has failed.
    window = windowed(stations, [opening(0.0, 2)], out, closed=20.0, censored=True)
    found = Figures(stations, window)
    assert found.rest() == {
        "operations_slow/query": 1.0, "operations_slow/retrieve": 1.0,
    }  # fmt: skip


def test_a_reader_that_is_served_late() -> None:
    # The query is refused at 0 and tried at 10: served at 11 in place of 1, the image at 11.1.
    stations = [reader()]
    window = windowed(stations, [opening(0.0)], span(A, REFUSES, begin=-1.0, end=5.0))
    found = Figures(stations, window)
    assert found.rest() == {
        "operations_slow/query": 1.0, "operations_slow/retrieve": 1.0,
    }  # fmt: skip
    assert found.values("wait_felt", operation="query") == approx(10.0)
    assert found.values("wait_felt", operation="retrieve") == approx(10.0)


def test_an_opening_that_waits_for_its_own_reader_is_not_late() -> None:
    """Its image counts from when the workstation turns to it in the twin.

    The first opening works from 0 to 11 and has 90 items after its first image. The second is asked
    for at 1, begun at 11, and has its image at 12.1: 11.1 s after it was asked for, 1.1 s after it
    was begun. With a second without the archive from 0 on the first one is tried again at 10.
    """
    # Sees: from when it was asked for, late in both runs, so never by a fault; from when this run
    # turns to it, where that the reader was held up is lost.
    stations = [reader()]
    openings = [opening(0.0, 1, (100, 1.0)), opening(1.0)]
    held = windowed(stations, openings, span(A, REFUSES, begin=-1.0, end=1.0))
    found = Figures(stations, held)
    assert found.rest() == {"operations_slow/query": 1.0, "operations_slow/retrieve": 2.0}
    # Begun at 21 in place of 11.
    assert found.values("wait_felt", operation="retrieve") == approx(10.0, 10.0)
    # A fault in the pause of the reader holds nobody up, and one that costs a second is in time.
    pausing = [reader(least_between=30.0)]
    away = span(A, REFUSES, begin=12.0, end=14.0)
    assert Figures(pausing, windowed(pausing, openings, away)).rest() == {}
    cut = span("path.s.a", 0, begin=0.2, end=1.0)
    assert Figures(stations, windowed(stations, openings, cut)).rest() == {
        "operations_slow/query": 1.0
    }


def test_an_opening_to_which_nobody_turned_is_late_in_both_runs() -> None:
    # The first one works until 101; the second waits in both as the window ends at 50.
    stations = [reader()]
    openings = [opening(0.0, 1, (1000, 1.0)), opening(1.0)]
    cut = span("path.s.a", 0, begin=2.0, end=2.5)
    window = windowed(stations, openings, cut, closed=50.0, censored=True)
    assert Figures(stations, window).rest() == {}


def test_questions_that_are_typed_or_late() -> None:
    stations = [replace(console(patience=45.0), name="worklist-MR-1")]
    # The grid hangs on the name.
    named = [console(patience=45.0)]
    out = [(0.0, A, REFUSES), (1000.0, A, UP)]
    window = windowed(named, [], out, closed=3000.0, start=35999.0)
    asked = sum(t < 1000.0 for t in grid(5))
    found = Figures(stations, window)
    assert found.rest() == {
        "operations_failed/worklist": asked, "worklist_by_hand/MR": asked,
    }  # fmt: skip
    # Given up after 45 s; the twin takes 1 s.
    assert found.values("wait_felt", operation="worklist") == approx(*[44.0] * asked)
    endless = [console()]
    window = windowed(endless, [], out, closed=3000.0, start=35999.0)
    found = Figures(endless, window)
    assert found.count("operations_slow", operation="worklist") == [float(asked)]


def test_rejected_is_counted_once_and_less_the_twins() -> None:
    # Number 21: B is rejected at 6 and goes again at 66 to 68; with the fault likewise.
    stations = [modality(), modality("MR-1")]
    exams = [exam(0.0, 100), exam(5.0, 10, station=1)]
    limits = (Limit(1), Limit(1))
    quiet = windowed(stations, exams, [], limits=limits)
    assert Figures(stations, quiet).rest() == {}
    # A is cut at 1 and goes again at 61 to 71: then B is rejected at 67, and only then.
    window = windowed(
        stations,
        [exam(0.0, 100), exam(65.0, 10, station=1)],
        span(A, REFUSES, begin=1.0, end=2.0),
        limits=limits,
    )
    found = Figures(stations, window)
    assert found.count("operations_rejected", operation="store") == [1.0]


def probe(name: str, kind: str = "modality", retry: float = 60.0, site: int = 0) -> Station:
    """Return a probe of a set-up of 0.2 s and an item of 0.1 s."""
    work = Operation(ECHO, (Work(0.1),) * 2, association=0.2)
    return Station(name, Probe((work,), kind), site=site, timers=replace(TIMERS, retry_every=retry))


def test_failovers_are_felt_by_kind_of_client() -> None:
    stations = [probe("probe-modality-s"), probe("probe-reader-s", "reader", 10.0), probe("drill")]
    long = windowed(stations, [], span(A, REFUSES, end=95.0), start=35900.0)
    none = windowed(stations, [], [], start=35900.0)
    found = Figures(stations, long, none)
    assert found.stations.clients == ("modality", "reader", "drill")
    # Two retries of 60 s, ten of 10 s; up to a cycle of 1.3 s more.
    for client, least in (("modality", 120.0), ("reader", 100.0), ("drill", 120.0)):
        (felt,) = found.values("failover_felt", client=client)
        assert least <= felt <= least + 1.3
    assert found.count("failovers_unfelt") == [0.0, 1.0]


def test_felt_is_what_one_probe_says_of_one_window() -> None:
    """`pacsim.traffic.probe.felt`, window by window, which reads whole logs."""
    from pacsim.traffic.felt_failovers import felt_in_windows
    from pacsim.traffic.probe import felt
    from tests.oracle.traffic.scenes import TEN
    from tests.oracle.traffic.windowed import batch

    stations = [probe("probe-modality-s"), probe("drill", retry=7.0)]
    windows = [
        windowed(
            stations,
            [],
            span(A, REFUSES, begin=b, end=b + 13.0 * k),
            start=35950.0,
            closed=300.0,
            divergence=b,
        )
        for k, b in enumerate((0.0, 3.3, 17.0, 20.0))
    ]
    never = windowed(stations, [], [(0.0, A, REFUSES)], start=35950.0, closed=50.0)
    for station in (0, 1):
        one = [felt(w.faulted, w.twin, station, TEN + w.divergence) for w in (*windows, never)]
        later = [w._replace(later=86400.0 * k) for k, w in enumerate((*windows, never))]
        assert felt_in_windows(batch(later), station).tolist() == pytest.approx(one, abs=1e-5)
        assert one[-1] == float("inf")


def test_windows_are_counted_by_kind() -> None:
    stations = [modality()]
    one = windowed(stations, [], [])
    windows = [one._replace(kind=2, overlapped=3), one._replace(kind=0), one._replace(kind=2)]
    found = Figures(stations, *windows)
    assert found.count("windows", fault_kind="host") == [1.0, 0.0, 1.0]
    assert found.count("windows", fault_kind="planned") == [0.0, 1.0, 0.0]
    assert found.count("windows_overlapped") == [3.0, 0.0, 0.0]


def test_windows_do_not_mix() -> None:
    """Each alone has what it has among others, whatever the numbers of their exams."""
    stations = [modality(), reader()]
    stations[1] = replace(stations[1], name="desk")

    def window(*exams: float, end: float) -> Window:
        came = [exam(at, size=1e9) for at in exams]
        asked = [opening(3.0)._replace(station=1)]
        return windowed(stations, [*came, *asked], span(A, REFUSES, begin=-1.0, end=end))

    windows = [
        window(0.0, end=90.0),
        window(0.0, 5.0, end=10.0),
        window(0.0, end=0.0),
        window(7.0, end=400.0),
    ]
    together = Figures(
        stations, *(w._replace(later=86400.0 * (k % 2)) for k, w in enumerate(windows))
    )
    alone = [Figures(stations, one) for one in windows]
    assert together.all.counts.tolist() == [x.all.counts[0].tolist() for x in alone]
    assert together.all.backlog.tolist() == approx(*(x.all.backlog[0] for x in alone))
    for figure, values in together.all.values.items():
        each = [x.all.values[figure] for x in alone]
        assert sorted(values.value) == pytest.approx(sorted(v for x in each for v in x.value))
        assert [int((values.window == k).sum()) for k in range(4)] == [len(x.value) for x in each]
