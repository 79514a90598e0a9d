"""The peak hour (T31) and how far it may grow (T32), beside closed forms and sums by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pacsim.delays import Exponential
from pacsim.stats.cluster_quantiles import cluster_quantile
from pacsim.traffic.arrivals import Exam, Opening, arrivals
from pacsim.traffic.client_conditions import GROUP, HUNG, POOL, REFUSES, SERVER, SILENT, Conditions
from pacsim.traffic.client_tables import (
    EMERGENCIES,
    EXAMS,
    FREE,
    OPENINGS,
    QUERY,
    RETRIEVE,
    STORE,
    WORKLIST,
    Arrivals,
    Asker,
    Forwarder,
    ImagingStudy,
    Modality,
    Operation,
    Probe,
    Rates,
    Reader,
    SharedPool,
    Station,
    Timers,
    TrafficTables,
    Work,
)
from pacsim.traffic.headroom import headroom
from pacsim.traffic.one_out import FaultMet, Met
from pacsim.traffic.part_out import (
    CARRIES,
    NOT_SERVED,
    OVERLOADED,
    SLOW,
    outs,
    verdict,
    worst,
)
from pacsim.traffic.peak_hour import FIRST_IMAGE, PeakTimes, peak_tables, peak_times
from pacsim.traffic.steady import steady
from tests.oracle.traffic.arriving import week
from tests.statistical import agrees

ALONE = Conditions(SERVER, ("a",), ("s",))
PEAK = 34
"""Hour of the week with the highest rates."""


def at_peak(rate: float, elsewhere: float = 0.0) -> tuple[float, ...]:
    return tuple(rate if hour == PEAK else elsewhere for hour in range(168))


def erlang_c(servers: int, offered: float) -> float:
    """Return the probability to wait, of M/M/c."""
    top = offered**servers / math.factorial(servers) * servers / (servers - offered)
    return top / (sum(offered**k / math.factorial(k) for k in range(servers)) + top)


def shared(stations: int, rate: float, servers: float, seconds: float) -> TrafficTables:
    """Return stations that send exams of one item of exponential length through one pool.

    A quarter of them are emergencies; there are twice as many in the second year.
    """
    store = Operation(STORE, (Work(1e-9, line=seconds, sized=((0, seconds),)),), setups=0)
    does = Modality(ImagingStudy(1, Exponential(1.0)), store)
    grown = (1.0, 2.0)
    streams = (
        Arrivals(EXAMS, Rates(at_peak(0.75 * rate / stations, 1e-3), grown, starts=5)),
        Arrivals(EMERGENCIES, Rates(at_peak(0.25 * rate / stations, 1e-3), grown, starts=5)),
    )
    made = tuple(Station(f"DX-{k + 1}", does, streams=streams) for k in range(stations))
    return TrafficTables(ALONE, made, (SharedPool("workers of a", servers),))


def means(times: PeakTimes, operation: str) -> tuple[float, float]:
    """Return the mean over hours of all that was done, and its standard error."""
    hours = times.seconds[operation]
    sums, sizes = np.array([x.sum() for x in hours]), np.array([float(len(x)) for x in hours])
    mean = float(sums.sum() / sizes.sum())
    away = sums - mean * sizes
    return mean, float(np.sqrt(away @ away * len(hours) / (len(hours) - 1)) / sizes.sum())


@pytest.mark.slow
@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (4, 0.7)])
def test_one_pool_waits_as_erlang_says(servers: int, load: float) -> None:
    """Flows share, so the mean is that of Erlang's C; stations are busy 1 % of the time."""
    # Sees: the first year's rates, one stream only, another hour, a lead of nothing.
    seconds = 10.0
    rate = load * servers / seconds * 3600.0
    tables = shared(100 * servers, rate / 2.0, float(servers), seconds)
    assert steady(tables, 1).hour == PEAK
    peak = peak_tables(tables, PEAK, 1)
    (times,) = peak_times(peak, [ALONE.usual], 12, grace=600.0)
    mean, error = means(times, STORE)
    wait = erlang_c(servers, load * servers) * seconds / (servers * (1.0 - load))
    assert error < 0.1 * mean
    agrees(mean, error, seconds + wait)


def single(rate: float, seconds: float) -> TrafficTables:
    """Return one station that sends exams of exponential length one after another."""
    return shared(1, rate, 100.0, seconds)


def single_fixed(rate: float, seconds: float) -> TrafficTables:
    """Return one station that sends exams of equal length one after another."""
    store = Operation(STORE, (Work(seconds),), setups=0)
    streams = (Arrivals(EXAMS, Rates(at_peak(rate))),)
    return TrafficTables(
        ALONE, (Station("DX-1", Modality(ImagingStudy(1, 1.0), store), streams=streams),)
    )


@pytest.mark.slow
def test_room_is_where_the_quantile_meets_the_target() -> None:
    """M/M/1, first come first served: p95 is ln 20 / (m - l), so the target is met at one l."""
    # Sees: growth left out, a factor on one stream only, the target of another operation.
    seconds, rate, target = 6.0, 60.0, 36.0
    tables = single(rate / 2.0, seconds)
    right = (1.0 / seconds - math.log(20.0) / target) / (rate / 3600.0)
    targets = {STORE: target, QUERY: 1.0}
    found = headroom(tables, steady(tables, 1), targets, 100, grace=120.0)
    assert found.operation == STORE
    assert not found.more
    assert found.load == pytest.approx(found.factor * rate * seconds / 3600.0, rel=1e-9)
    # What the quantile is known to at the right factor, by its slope: d ln p95 / d ln l.
    hours = max(10, math.ceil(100 / (3600.0 / rate / seconds)))
    peak = peak_tables(tables, PEAK, 1, right)
    (times,) = peak_times(peak, [ALONE.usual], hours, grace=120.0, seed=7)
    spread = times.quantile(STORE, 0.95)
    assert spread.lower is not None
    assert spread.upper is not None
    slope = right * rate / 3600.0 / (1.0 / seconds - right * rate / 3600.0)
    error = (spread.upper - spread.lower) / 4.0 / target / slope + 0.005
    agrees(found.factor / right, error, 1.0)


def test_room_ends_where_something_is_loaded_in_full() -> None:
    """A target that nobody misses: the factor is one by the load."""
    tables = single(60.0, 6.0)
    found = headroom(tables, steady(tables), {STORE: 1e9}, 10, grace=0.0)
    assert (found.operation, found.busiest, found.more) == ("", "station DX-1", False)
    assert (found.factor, found.load) == pytest.approx((10.0, 1.0))


@pytest.mark.slow
def test_room_below_the_peak_and_none_at_all() -> None:
    tables = single(42.0, 60.0)
    target = 400.0
    right = (1.0 / 60.0 - math.log(20.0) / target) / (42.0 / 3600.0)
    found = headroom(tables, steady(tables), {STORE: target}, 30, grace=target)
    # 30 hours know p95 to some 10 %, and its slope is over 1.
    assert found.factor == pytest.approx(right, rel=0.2)
    assert found.factor < 0.9
    none = headroom(tables, steady(tables), {STORE: 1.0}, 10, grace=60.0)
    assert none.factor == 0.0
    assert none.operation == STORE


def test_room_is_at_least_what_can_be_drawn() -> None:
    tables = shared(1, 250.0, 100.0, 0.1)
    found = headroom(tables, steady(tables), {STORE: 1e9}, 10, grace=0.0)
    assert found.more
    assert found.factor == pytest.approx(500.0 / (0.75 * 250.0))


def test_a_higher_factor_adds_and_takes_nothing_away() -> None:
    """Nested: what arrives at one factor arrives at the next, at the same moment and alike."""
    tables = shared(3, 90.0, 4.0, 1.0)
    before: set[Exam | Opening] = set()
    sizes = []
    for factor in (0.5, 1.0, 1.3, 4.0):
        found = set(arrivals(peak_tables(tables, PEAK, 0, factor), 1, 0, 0.0, 7200.0))
        assert before <= found
        before = found
        sizes.append(len(found))
    assert sizes == sorted(set(sizes))


TIMERS = Timers(retry_every=60.0)


def mixed() -> TrafficTables:
    """Return a modality behind a router, a reader, a console and a probe, no two alike."""
    study = ImagingStudy(4, 2.0, compression=2.0, size_growth=(1.0, 3.0))
    to_router = Operation(STORE, (Work(0.5),), setups=0, target=FREE)
    store = Operation(STORE, (Work(1.0),), association=1.0)
    query, fetch = (
        Operation(QUERY, (Work(0.25),), setups=0),
        Operation(RETRIEVE, (Work(2.0),), setups=0),
    )
    reader = Reader(((1.0, study),), query, fetch, queries=2.0, least_between=100.0)
    ask = Operation(WORKLIST, (Work(0.125),), setups=0)
    return TrafficTables(
        ALONE,
        (
            Station("CT-1", Modality(study, to_router, router=2), timers=TIMERS),
            Station("reader-1", reader, timers=TIMERS),
            Station("edge", Forwarder(store), timers=TIMERS),
            Station("worklist-1", Asker(ask, 600.0), timers=TIMERS),
            Station("probe-1", Probe((store,)), timers=TIMERS),
        ),
    )


def streamed(rate: float) -> TrafficTables:
    tables = mixed()
    names = (EXAMS, OPENINGS)
    with_rates = [
        Station(
            one.name,
            one.does,
            timers=one.timers,
            streams=(Arrivals(names[k], Rates(at_peak(rate), (1.0, 2.0))),) if k < 2 else (),
        )
        for k, one in enumerate(tables.stations)
    ]
    return TrafficTables(ALONE, tuple(with_rates))


def test_what_is_timed_by_hand() -> None:
    """Rare arrivals, alone each time: all times are sums of what is written."""
    # Sees: an exam timed until the router has it, a router's row as another exam, a first image
    # from the end of its queries, a wait for the reader before, a query for each try.
    tables = peak_tables(streamed(1.0), PEAK, 0)
    assert [x.name for x in tables.stations][-1] == "worklist-1"
    (times,) = peak_times(tables, [ALONE.usual], 60)
    alone = {
        STORE: 4 * 0.5 + 1.0 + 4 * 1.0,
        FIRST_IMAGE: 2 * 0.25 + 2.0,
        RETRIEVE: 8.0,
        QUERY: 0.25,
        WORKLIST: 0.125,
    }
    for name, seconds in alone.items():
        assert times.quantile(name, 0.5).value == pytest.approx(seconds, rel=1e-9), name
    many = {name: sum(map(len, hours)) for name, hours in times.seconds.items()}
    assert many[QUERY] == 2 * many[RETRIEVE] == 2 * many[FIRST_IMAGE]
    assert many[WORKLIST] == 6 * 60
    assert all(len(hours) == 60 for hours in times.seconds.values())
    # Hours of one an hour each, Poisson: far from 60 is another hour or another rate.
    assert 30 < many[STORE] < 95
    assert 30 < many[FIRST_IMAGE] < 95


def test_openings_of_two_readers_are_told_apart() -> None:
    """Their arrivals have the same numbers; alone each takes what it takes."""
    # Sees: a first try of another workstation.
    tables = streamed(1.0)
    reader = tables.stations[1]
    made = [replace(reader, name=f"reader-{k}") for k in range(1, 5)]
    four = peak_tables(TrafficTables(ALONE, tuple(made)), PEAK, 0)
    (times,) = peak_times(four, [ALONE.usual], 60)
    assert sum(map(len, times.seconds[FIRST_IMAGE])) > 150
    for name, seconds in ((FIRST_IMAGE, 2.5), (RETRIEVE, 8.0), (QUERY, 0.25)):
        found = np.concatenate(times.seconds[name])
        assert np.allclose(found[np.isfinite(found)], seconds), name
        assert np.isfinite(found).mean() > 0.95


def test_rates_of_year_and_factor() -> None:
    # Sees: growth of the wrong year, sizes that do not grow, questions at their old rate.
    tables = peak_tables(streamed(10.0), PEAK, 1, 1.5)
    scanner, reader, _, console = tables.stations
    assert set(scanner.streams[0].rates.week) == {30.0}
    assert scanner.streams[0].rates.growth == (1.0,)
    assert isinstance(scanner.does, Modality)
    assert scanner.does.study.size_growth == (3.0,)
    assert isinstance(reader.does, Reader)
    assert reader.does.mix[0][1].size_growth == (3.0,)
    assert isinstance(console.does, Asker)
    assert console.does.every == pytest.approx(400.0)


def test_what_is_not_over_is_longest() -> None:
    """Nobody answers: every time is unknown and beyond any target."""
    tables = peak_tables(streamed(30.0), PEAK, 0)
    (times,) = peak_times(tables, [(REFUSES, 1)], 4, grace=300.0)
    for name in (STORE, FIRST_IMAGE, WORKLIST):
        assert times.quantile(name, 0.95).value is None
        assert not times.within(name, 0.95, 1e9)
    # The reader hangs on to a query of before the hour.
    assert times.quantile(RETRIEVE, 0.95).n == times.quantile(QUERY, 0.95).n == 0
    assert times.within(RETRIEVE, 0.95, 1.0)


def test_a_run_begins_half_an_hour_before() -> None:
    """Twice as much as a station can send: half an hour of work waits as the hour begins."""
    # Sees: a lead of nothing, with which the first exam waits for none.
    tables = peak_tables(single_fixed(60.0, 120.0), PEAK, 0)
    (times,) = peak_times(tables, [ALONE.usual], 20, grace=7200.0)
    first = sorted(float(hour[0]) for hour in times.seconds[STORE])
    # 15 +- 5.5 exams too many have come.
    assert first[10] == pytest.approx(1800.0, abs=3.0 * 5.5 * 120.0 / math.sqrt(20.0) * 1.25)


def test_scenarios_see_the_same_arrivals() -> None:
    pair = Conditions(GROUP, ("a", "b"), ("s",))
    store = Operation(STORE, (Work(1.0), Work(3.0)), setups=0)
    rates = Rates(at_peak(20.0))
    one = Station("DX-1", Modality(ImagingStudy(2, 1.0), store), streams=(Arrivals(EXAMS, rates),))
    tables = peak_tables(TrafficTables(pair, (one,)), PEAK, 0)
    on_b = (*pair.usual[:-1], 1)
    first, second = peak_times(tables, [pair.usual, on_b], 8)
    assert list(map(len, first.seconds[STORE])) == list(map(len, second.seconds[STORE]))
    assert first.quantile(STORE, 0.5).value == pytest.approx(2.0)
    assert second.quantile(STORE, 0.5).value == pytest.approx(6.0)


# Scenarios and verdicts


def test_verdicts_by_hand() -> None:
    assert verdict(highest=0.3, within=True) == CARRIES
    assert verdict(highest=0.999, within=False) == SLOW
    assert verdict(highest=1.0, within=True) == OVERLOADED
    found = PeakTimes({STORE: [np.array([1.0] * 19 + [50.0])], QUERY: [np.array([1.0, 2.0])]})
    # 95 of 100 within is enough.
    assert found.within(STORE, 0.95, 1.0)
    assert not found.within(STORE, 0.96, 49.0)
    assert not found.within(QUERY, 0.95, 1.9)


def test_scenarios_alike_are_one_and_the_worst_counts() -> None:
    """Three servers in a pool: by hand which faults leave which of them."""
    pool = Conditions(POOL, ("a", "b", "c"), ("s",))
    store = Operation(STORE, (Work(1.0),) * 3)
    tables = TrafficTables(pool, (Station("DX-1", Modality(ImagingStudy(1, 1.0), store)),))
    usual = dict(zip(pool.names, pool.usual, strict=True))

    def met(*down: str, **changes: int) -> Met:
        return Met(tuple((usual | changes).values()), down)

    def fault(part: str, kind: str, state: str, found: Met) -> FaultMet:
        return FaultMet(part, kind, f"{part}/{kind}.fail", state, found)

    def out(name: str, condition: int) -> Met:
        return met(**{f"member.{name}": condition, f"listed.{name}": 0})

    found = outs(
        tables,
        [
            fault("a", "hardware", "failed", out("a", SILENT)),
            fault("a", "application", "dead", met()),
            fault("a", "application", "hung", out("a", HUNG)),
            fault("b", "hardware", "failed", out("b", SILENT)),
            fault("b", "disk", "failed", met(**{"member.b": HUNG})),
            fault("net", "unit", "down", met("store")),
            fault("core", "unit", "down", met(**{f"path.s.{x}": 0 for x in "abc"})),
            fault("core", "unit", "soft", met()),
        ],
    )
    assert [x.name for x in found.scenarios] == ["all up", "a out", "b out", "b disks out"]
    assert [(x.name, x.scenarios) for x in found.parts] == [
        ("a hardware", (("failed", 1),)),
        ("a application", (("dead", 0), ("hung", 1))),
        ("b hardware", (("failed", 2),)),
        ("b disks", (("failed", 3),)),
        ("net", (("down", -1),)),
        ("core", (("down", -1), ("soft", 0))),
    ]
    verdicts = (CARRIES, SLOW, CARRIES, OVERLOADED)
    assert [worst(x, verdicts) for x in found.parts] == [
        (SLOW, "failed"),
        (SLOW, "hung"),
        (CARRIES, "failed"),
        (OVERLOADED, "failed"),
        (NOT_SERVED, "down"),
        (NOT_SERVED, "down"),
    ]


def test_loads_with_one_out() -> None:
    """Two of three carry what three did: half as much again each."""
    pool = Conditions(POOL, ("a", "b", "c"), ("s",))
    works = tuple(Work(1.0, ((k, 1.0),)) for k in range(3))
    does = Modality(ImagingStudy(1, 1.0), Operation(STORE, works, setups=0))
    one = Station("DX-1", does, streams=(Arrivals(EXAMS, Rates(week(360.0))),))
    tables = TrafficTables(pool, (one,), tuple(SharedPool(x, 1.0) for x in "abc"))
    usual = dict(zip(pool.names, pool.usual, strict=True))
    out = tuple((usual | {"listed.b": 0, "member.b": SILENT}).values())
    for values, right in ((pool.usual, [1 / 30] * 3), (out, [0.05, 0.0, 0.05])):
        found = {x.name: x.peak for x in steady(tables, 0, values).loads}
        assert [found[x] for x in "abc"] == pytest.approx(right)


# Quantiles of clusters


def test_quantiles_of_clusters_by_hand() -> None:
    found = cluster_quantile([np.array([3.0, 1.0]), np.array([2.0, math.inf])], 0.5)
    assert (found.value, found.n) == (2.0, 4)
    assert cluster_quantile([np.array([math.inf])], 0.5).value is None
    assert cluster_quantile([np.zeros(0), np.zeros(0)], 0.5).n == 0
    alone = cluster_quantile([np.array([1.0, 2.0])], 0.95)
    assert (alone.value, alone.lower, alone.upper) == (2.0, None, None)


@pytest.mark.slow
def test_intervals_of_quantiles_cover() -> None:
    """Clusters that go together, of sizes that differ: 95 % of intervals have the quantile in."""
    # Sees: values taken for independent, sizes taken for equal.
    rng = np.random.default_rng(11)
    right = 1.2815515655446004
    covered, tries = 0, 1000
    for _ in range(tries):
        clusters = []
        for size in rng.poisson(20.0, 100):
            common = rng.standard_normal()
            clusters.append(math.sqrt(0.5) * (common + rng.standard_normal(size)))
        found = cluster_quantile(clusters, 0.9)
        assert found.lower is not None
        assert found.upper is not None
        covered += found.lower <= right <= found.upper
    share = covered / tries
    # Skewed counts of an extreme quantile cost up to two points.
    assert 0.92 < share < 0.97


def test_where_nobody_asks_nothing_is_timed() -> None:
    # Sees: hours of no station at all, of which no end is found; a workload may be probes only.
    probe = Station("drill", Probe((Operation(STORE, (Work(1.0),)),)))
    bare = peak_tables(TrafficTables(ALONE, (probe,)), PEAK, 0)
    assert bare.stations == ()
    (found,) = peak_times(bare, [ALONE.usual], 3)
    assert found.quantile(FIRST_IMAGE, 0.95).n == 0
    assert found.within(STORE, 0.95, 0.0)
