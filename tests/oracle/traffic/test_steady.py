"""Loads from rates, by hand (T30)."""

import math
from dataclasses import replace

import pytest

from pacsim.delays import Deterministic, Erlang, Exponential, Uniform
from pacsim.traffic.client_conditions import GROUP, POOL, SERVER, Conditions
from pacsim.traffic.client_tables import (
    EMERGENCIES,
    EXAMS,
    FIRST,
    FREE,
    OPENINGS,
    QUERY,
    RETRIEVE,
    STORE,
    WORKLIST,
    Arrivals,
    Asker,
    Dial,
    Forwarder,
    ImagingStudy,
    Limit,
    Modality,
    Operation,
    Probe,
    Rates,
    Reader,
    SharedPool,
    Station,
    TrafficTables,
    Work,
)
from pacsim.traffic.means import mean_excess, mean_service
from pacsim.traffic.steady import OverloadError, Steady, check_loads, hour_name, steady
from tests.oracle.traffic.arriving import week

WORKERS, ARRAY = 0, 1
POOLS = (SharedPool("workers of a", 4.0), SharedPool("array", 1.0))
# 0.1 s of a worker, 1 us a byte on the wire, 0.5 us a byte on the array.
WORK = Work(0.12, ((WORKERS, 0.1),), None, WORKERS, 0.1, 1e-6, ((ARRAY, 5e-7),))
STORES = Operation(STORE, (WORK,), association=2.0, release_takes=0.5)


def one(*names: str, kind: str = SERVER) -> Conditions:
    return Conditions(kind, names or ("a",), ("s",))


def hours(at: dict[int, float]) -> tuple[float, ...]:
    return tuple(at.get(h, 0.0) for h in range(168))


def scanner(rates: Rates, *more: Arrivals, store: Operation = STORES, router: int = -1) -> Station:
    study = ImagingStudy(10, 1e5, compression=2.0, size_growth=(1.0, 1.5))
    does = Modality(study, store, router=router)
    return Station("CT-1", does, streams=(Arrivals(EXAMS, rates), *more))


def loads(tables: TrafficTables, year: int = 0) -> dict[str, tuple[float, float]]:
    return {x.resource: (x.mean, x.peak) for x in steady(tables, year).loads}


def test_a_scanner_by_hand() -> None:
    # Sees: set-up for every item, bytes as stored, capacity left out, the week's sum for its mean.
    rates = Rates(hours({34: 36.0, 35: 12.0}), growth=(1.0, 2.0))
    tables = TrafficTables(one(), (scanner(rates),), POOLS, (Limit(8),))
    item = 0.12 + 1e5 * 1e-6
    busy = 2.0 + 0.5 + 10 * item
    found = loads(tables)
    mean, peak = 48.0 / 168 / 3600, 36.0 / 3600
    for name, asked in (
        ("workers of a", 10 * 0.1 / 4.0),
        ("array", 10 * 1e5 * 5e-7),
        ("station CT-1", busy),
        ("associations of a", busy / 8),
    ):
        assert found[name] == pytest.approx((mean * asked, peak * asked), rel=1e-12)
    assert len(found) == 4
    # Twice as many in the second year, 1.5 times as large.
    assert loads(tables, 1)["array"][1] == pytest.approx(2 * peak * 10 * 1.5e5 * 5e-7, rel=1e-12)
    assert loads(tables, 5) == loads(tables, 1)


def test_a_client_works_by_itself_before_it_has_an_association() -> None:
    # Sees: own work that is left out, or takes a place at the member.
    rates = Rates(hours({34: 36.0}))
    one_ct = scanner(rates)
    assert isinstance(one_ct.does, Modality)
    does = replace(one_ct.does, store=replace(one_ct.does.store, attempt_takes=3.0))
    tables = TrafficTables(one(), (replace(one_ct, does=does),), POOLS, (Limit(8),))
    busy = 2.0 + 0.5 + 10 * (0.12 + 1e5 * 1e-6)
    assert loads(tables)["station CT-1"][1] == pytest.approx(0.01 * (busy + 3.0), rel=1e-12)
    assert loads(tables)["associations of a"][1] == pytest.approx(0.01 * busy / 8, rel=1e-12)


def test_what_a_device_compresses_is_sent_smaller() -> None:
    rates = Rates(week(36.0))
    plain = scanner(rates)
    assert isinstance(plain.does, Modality)
    study = replace(plain.does.study, sent_compressed=True)
    small = replace(plain, does=replace(plain.does, study=study))
    found = [loads(TrafficTables(one(), (x,), POOLS))["array"][0] for x in (plain, small)]
    assert found[0] == 2 * found[1] == pytest.approx(0.01 * 10 * 1e5 * 5e-7)


def test_the_peak_hour_is_that_of_all_arrivals() -> None:
    # Sees: exams alone, the emergencies left out of the exams, the last of equal hours.
    scans = scanner(
        Rates(hours({10: 5.0, 40: 6.0})), Arrivals(EMERGENCIES, Rates(hours({10: 2.0})))
    )
    reads = Reader(
        ((1.0, ImagingStudy(1, 1.0)),), Operation(QUERY, (WORK,)), Operation(RETRIEVE, (WORK,))
    )
    reader = Station(
        "reader-1", reads, streams=(Arrivals(OPENINGS, Rates(hours({10: 3.0, 41: 10.0}))),)
    )
    found = steady(TrafficTables(one(), (scans, reader), POOLS))
    assert (found.hour, found.exams, found.openings) == (10, 7.0, 3.0)
    assert hour_name(found.hour) == "Monday 10:00"
    assert hour_name(167) == "Sunday 23:00"


def test_a_reader_by_hand() -> None:
    # Sees: priors fetched always, only one set-up of a handed-on retrieval, bytes uncompressed,
    # a set-up for the whole opening, `least_between` left out or once for each step.
    query = Operation(QUERY, (Work(0.2, ((WORKERS, 0.15),)),), association=1.0)
    move = Operation(RETRIEVE, (WORK,), association=2.0, setups=2, release_takes=0.25)
    mix = ((0.25, ImagingStudy(10, 1e5, 2.0)), (0.75, ImagingStudy(2, 4e6, 4.0)))
    does = Reader(mix, query, move, 2.5, 0.6, 2, least_between=30.0)
    reader = Station("reader-1", does, streams=(Arrivals(OPENINGS, Rates(week(9.0))),))
    found = loads(TrafficTables(one(), (reader,), POOLS, (Limit(10),)))
    studies, rate = 1 + 0.6 * 2, 9.0 / 3600
    items = 0.25 * 10 + 0.75 * 2
    size = 0.25 * 10 * 5e4 + 0.75 * 2 * 1e6
    fetch = studies * (2 * 2.0 + 0.25 + items * 0.12 + size * 1e-6)
    ask = 2.5 * (1.0 + 0.2)
    assert found["workers of a"][0] == pytest.approx(
        rate * (2.5 * 0.15 + studies * items * 0.1) / 4
    )
    assert found["array"][0] == pytest.approx(rate * studies * size * 5e-7)
    assert found["station reader-1"][0] == pytest.approx(rate * (ask + fetch + 30.0))
    assert found["associations of a"][0] == pytest.approx(rate * (ask + fetch) / 10)


def test_a_router_carries_what_its_devices_send() -> None:
    # Sees: the archive asked twice, one sender of a router that has several.
    to = Operation(STORE, (Work(0.05),), association=1.0)
    scans = scanner(Rates(week(36.0)), store=to, router=1)
    router = Station("edge", Forwarder(STORES, parallel=2))
    found = loads(TrafficTables(one(), (scans, router), POOLS, (Limit(8),)))
    busy = 2.0 + 0.5 + 10 * (0.12 + 0.1)
    assert found["station CT-1"][0] == pytest.approx(0.01 * (1.0 + 10 * 0.05))
    assert found["station edge"][0] == pytest.approx(0.01 * busy / 2)
    assert found["associations of a"][0] == pytest.approx(0.01 * busy / 8)
    assert found["workers of a"][0] == pytest.approx(0.01 * 10 * 0.1 / 4)


def test_questions_come_at_all_hours_and_probes_ask_for_nothing() -> None:
    ask = Operation(WORKLIST, (Work(0.5, ((WORKERS, 0.4),)),), association=1.0, target=0)
    asker = Station("CT-1/worklist", Asker(ask, every=600.0, asks=3))
    probe = Station("probe", Probe((STORES,)))
    found = loads(TrafficTables(one(), (asker, probe), POOLS, (Limit(8),)))
    assert found["station CT-1/worklist"] == pytest.approx((3 * 1.5 / 600, 3 * 1.5 / 600))
    assert found["workers of a"][0] == pytest.approx(3 * 0.4 / 600 / 4)
    assert found["associations of a"] == (0.0, 0.0)
    assert "station probe" not in found


@pytest.mark.parametrize(
    ("kind", "dial", "shares"),
    [
        (GROUP, None, (1.0, 0.0)),
        (POOL, Dial(), (0.5, 0.5)),
        (POOL, None, (0.5, 0.5)),
        (POOL, Dial(mode="source"), (0.5, 0.5)),
        (POOL, Dial(mode=FIRST), (1.0, 0.0)),
    ],
)
def test_members_share_what_is_asked(
    kind: str, dial: Dial | None, shares: tuple[float, float]
) -> None:
    # Sees: a standby that works, every member that does all, the slower member taken for the other.
    works = (Work(0.1, ((0, 0.1),)), Work(0.3, ((1, 0.2),)))
    scans = scanner(Rates(week(36.0)), store=Operation(STORE, works))
    pools = (SharedPool("workers of a", 1.0), SharedPool("workers of b", 1.0))
    tables = TrafficTables(one("a", "b", kind=kind), (scans,), pools, (Limit(2), Limit(4)), dial)
    found = loads(tables)
    for k, name in enumerate("ab"):
        expected = 0.01 * 10 * shares[k] * (0.1, 0.2)[k]
        assert found[f"workers of {name}"][0] == pytest.approx(expected)
        busy = 0.01 * 10 * shares[k] * (0.1, 0.3)[k] / (2, 4)[k]
        assert found[f"associations of {name}"][0] == pytest.approx(busy)
    assert found["station CT-1"][0] == pytest.approx(0.01 * (shares[0] * 1.0 + shares[1] * 3.0))


def test_a_worklist_that_never_fails_is_asked_of_no_member() -> None:
    """A pool of three, and a server outside the design that answers questions."""
    # Sees: its questions taken for the archive's, of which each member has a work.
    ask = Operation(WORKLIST, (Work(0.2),), association=0.5, target=FREE)
    console = Station("worklist-1", Asker(ask, 600.0))
    pool = Conditions(POOL, ("a", "b", "c"), ("s",))
    tables = TrafficTables(pool, (console,), POOLS, (Limit(8),) * 3, Dial())
    found = loads(tables)
    assert found["station worklist-1"][0] == pytest.approx(0.7 / 600.0, rel=1e-12)
    assert [found[f"associations of {x}"][0] for x in "abc"] == [0.0, 0.0, 0.0]


def test_a_member_without_a_limit_has_no_load_of_it() -> None:
    found = loads(TrafficTables(one(), (scanner(Rates(week(1.0))),), POOLS, (None,)))
    assert list(found) == ["workers of a", "array", "station CT-1"]


def test_a_service_is_no_less_than_its_steps() -> None:
    # Sees: the sum of both, the mean of the longer for the longer of the means.
    work = Work(1.0, ((0, 0.3),), None, 0, 0.3, step=0.1, array=0.1)
    assert mean_service(work, 1.0) == 0.3
    assert mean_service(work, 5.0) == pytest.approx(0.6)
    # Of U(0, 4): 0.3 + 0.1 E[(S - 2)+] = 0.3 + 0.1 x 0.5.
    assert mean_service(work, Uniform(0.0, 4.0)) == pytest.approx(0.35, rel=1e-6)
    drawn = Work(1.0, ((0, 0.3),), Exponential(0.3), 0, 0.3, step=0.15)
    assert mean_service(drawn, 0.0) == pytest.approx(0.15 + 0.3 * math.exp(-0.5), rel=1e-9)
    # The difference to the mean goes to the workers and to the time alone.
    scans = scanner(Rates(week(36.0)), store=Operation(STORE, (replace(work, array=1e-5),)))
    found = loads(TrafficTables(one(), (scans,), (SharedPool("workers of a", 1.0),)))
    assert found["workers of a"][0] == pytest.approx(0.01 * 10 * 1.1)
    assert found["station CT-1"][0] == pytest.approx(0.01 * 10 * 1.8)


@pytest.mark.parametrize("bound", [-1.0, 0.0, 0.5, 2.0, 5.0, 30.0])
def test_means_beyond_a_bound(bound: float) -> None:
    # Closed forms; of an Erlang law of two stages e^(-b/m) (b + 2 m).
    low = max(bound, 0.0)
    beyond = max(-bound, 0.0)
    assert mean_excess(Deterministic(3.0), bound) == max(3.0 - bound, 0.0)
    assert mean_excess(Exponential(2.0), bound) == pytest.approx(
        2.0 * math.exp(-low / 2.0) + beyond, rel=1e-6, abs=4e-12
    )
    assert mean_excess(Erlang(2, 2.0), bound) == pytest.approx(
        math.exp(-low) * (low + 2.0) + beyond, rel=1e-6, abs=4e-12
    )
    expected = 1.0 - bound if bound <= 0 else max(2.0 - bound, 0.0) ** 2 / 4.0
    assert mean_excess(Uniform(0.0, 2.0), bound) == pytest.approx(expected, rel=1e-6)


def overloaded() -> TrafficTables:
    """Workers at 0.75 of the mean week in year 1, 1.5 in year 2; the array at half of that."""
    rates = Rates(week(36.0), growth=(1.0, 2.0))
    work = Work(0.3, ((0, 0.3), (1, 0.0375)))
    scans = scanner(rates, store=Operation(STORE, (work,)))
    return TrafficTables(
        one(), (scans,), (SharedPool("workers of a", 0.04), SharedPool("array", 0.01))
    )


def test_a_mean_week_that_asks_for_too_much_is_refused() -> None:
    # Sees: the first year only, the last year named, capacities left out.
    assert check_loads(overloaded(), 1) == []
    with pytest.raises(OverloadError) as caught:
        check_loads(overloaded(), 3)
    assert str(caught.value) == (
        "workload: the mean week of contract year 2 asks 1.5 times what workers of a can do: "
        "give more of it, or lower the number or size of exams"
    )


def test_a_peak_hour_that_asks_for_too_much_is_a_warning() -> None:
    rates = Rates(hours({34: 3600.0, 35: 1800.0}), growth=(1.0, 1.3))
    work = Work(0.01, ((0, 0.01), (1, 0.009)))
    scans = scanner(rates, store=Operation(STORE, (work,)))
    tables = TrafficTables(
        one(), (scans,), (SharedPool("workers of a", 0.1), SharedPool("array", 0.1))
    )
    assert check_loads(tables, 2) == [
        "workload: the peak hour (Tuesday 10:00) of contract year 1 asks 1 times what workers of a "
        "can do: queues last beyond it",
        "workload: the peak hour (Tuesday 10:00) of contract year 2 asks 1.17 times what array can "
        "do: queues last beyond it",
    ]


def test_the_busiest_come_first() -> None:
    found = Steady(0, 0, 0.0, 0.0, steady(overloaded()).loads).busiest
    assert [x.resource for x in found] == ["workers of a", "array", "station CT-1"]
