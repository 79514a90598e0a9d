"""Arrivals by their keys, written out again from the list of draws (T4, T5)."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import chisquare, poisson

from pacsim.core.streams import replication_key, stream_id, uniform
from pacsim.delays import Uniform
from pacsim.errors import ArgumentError
from pacsim.traffic.arrivals import Exam, Opening, among, arrivals, slot_mean
from pacsim.traffic.client_tables import EXAMS, Arrivals, ImagingStudy, Rates
from tests.oracle.traffic.arriving import (
    CT,
    DX,
    device,
    emergencies,
    exams,
    hospital,
    week,
    workload,
    workstation,
)
from tests.statistical import likely

HOUR = 3600.0
SEED, TERM = 11, 5


def drawn(name: str, lane: int, n: int) -> float:
    return uniform(replication_key(SEED, TERM), stream_id(f"traffic/{name}", lane), n)


def places(name: str, mean: float, slot: int) -> list[tuple[float, int]]:
    count = int(poisson.ppf(drawn(name, 0, slot), mean))
    return sorted((HOUR * (slot + drawn(name, 1, 2**20 * slot + j)), j) for j in range(count))


def of(found: list[Exam | Opening], station: int, stream: str = EXAMS) -> list[Exam]:
    return [x for x in found if isinstance(x, Exam) and (x.station, x.stream) == (station, stream)]


def test_counts_and_places_have_their_keys() -> None:
    # Sees: lanes exchanged, another number in the slot, j after sorting, a term left out.
    found = list(arrivals(hospital(), SEED, TERM, 0.0, 50 * HOUR))
    for station, stream, mean in ((0, "exams", 2.0), (0, "emergencies", 0.7), (1, "exams", 3.0)):
        name = f"{('CT-1', 'DX-1')[station]}/{stream}"
        expected = [(t, h, j) for h in range(50) for t, j in places(name, mean, h)]
        assert [(x.time, x.slot, x.number) for x in of(found, station, stream)] == expected
        assert any(a[2] > b[2] for a, b in pairwise(expected))
    opened = [(x.time, x.number) for x in found if isinstance(x, Opening)]
    assert opened == [p for h in range(50) for p in places("reader-1/openings", 4.0, h)]


def test_exams_have_their_attributes() -> None:
    # Sees: lanes of items and sizes exchanged, items rounded down, compression left out or twice.
    found = list(arrivals(hospital(), SEED, TERM, 0.0, 50 * HOUR))
    assert len(of(found, 0)) > 50
    for exam in of(found, 0):
        n = 2**20 * exam.slot + exam.number
        assert exam.items == math.ceil(CT.instances.isf(drawn("CT-1/exams", 2, n)))  # type: ignore[union-attr]
        assert (exam.size, exam.sent, exam.stored) == (0.5e6, 0.5e6, 0.125e6)
    for exam in of(found, 1):
        n = 2**20 * exam.slot + exam.number
        size = DX.size.isf(drawn("DX-1/exams", 3, n))  # type: ignore[union-attr]
        assert (exam.items, exam.size) == (2, size)
        assert exam.sent == exam.stored == size / 2.5


def test_openings_have_their_attributes() -> None:
    # Sees: priors without the current study, one key for all studies, a share from the other end.
    found = list(arrivals(hospital(), SEED, TERM, 0.0, 50 * HOUR))
    opened = [x for x in found if isinstance(x, Opening)]
    assert {len(x.studies) for x in opened} == {1, 3}
    for opening in opened:
        n, name = 2**20 * opening.slot + opening.number, "reader-1/openings"
        assert opening.queries == math.floor(2.3 + drawn(name, 8, n))
        assert len(opening.studies) == (3 if drawn(name, 2, n) < 0.6 else 1)
        for i, (items, size) in enumerate(opening.studies):
            m = n + 2**40 * i
            if drawn(name, 11, m) < 0.25:
                wanted = math.ceil(CT.instances.isf(drawn(name, 10, m)))  # type: ignore[union-attr]
                assert (items, size) == (wanted, 0.125e6)
            else:
                assert (items, size) == (2, DX.size.isf(drawn(name, 13, m)) / 2.5)  # type: ignore[union-attr]


def test_they_come_in_order() -> None:
    found = list(arrivals(hospital(), SEED, TERM, 0.0, 100 * HOUR))
    times = [x.time for x in found]
    assert times == sorted(times)
    assert len(found) > 800


def test_equal_places_are_in_order_of_station_and_number(monkeypatch: pytest.MonkeyPatch) -> None:
    # Sees: an order by time only, in which later numbers may come first.
    monkeypatch.setattr("pacsim.traffic.keyed_draws.uniform", lambda *_: 0.875)
    tables = workload(
        device("CT-1", CT, exams(2.0), emergencies(2.0)), device("DX-1", DX, exams(2.0))
    )
    found = [x for x in arrivals(tables, 1, 0, 0.0, HOUR) if isinstance(x, Exam)]
    assert [(x.station, x.stream, x.number) for x in found] == [
        (station, stream, j)
        for station, stream in ((0, "exams"), (0, "emergencies"), (1, "exams"))
        for j in range(4)
    ]


def test_34_counts_are_poisson() -> None:
    # Sees: a count for which one uniform is used twice, a mean that is 2 % off.
    slots, mean = 10_000, 12.0
    tables = workload(device("CT-1", DX, exams(mean)))
    seen = Counter(x.slot for x in arrivals(tables, 3, 0, 0.0, slots * HOUR))
    counts = np.array([seen[h] for h in range(slots)])
    edges = np.arange(4, 21)
    expected = np.diff(np.concatenate([[0.0], poisson.cdf(edges, mean), [1.0]])) * slots
    observed = np.bincount(np.searchsorted(edges, counts), minlength=len(expected))
    assert expected.min() > 20
    likely(float(chisquare(observed, expected).pvalue))


def test_34_places_are_uniform() -> None:
    tables = workload(device("CT-1", DX, exams(4.0)))
    seen = [x.time / HOUR - x.slot for x in arrivals(tables, 3, 0, 0.0, 2000 * HOUR)]
    likely(float(chisquare(np.histogram(seen, 40, (0.0, 1.0))[0]).pvalue))


@pytest.mark.parametrize("start", [0.0, HOUR, 1.5 * HOUR, 10 * HOUR, 10 * HOUR + 1e-6])
def test_34_windows_that_overlap_see_the_same(start: float) -> None:
    # Sees: a slot that begins in the middle of the window's first one, draws that count from there.
    whole = list(arrivals(hospital(), SEED, TERM, 0.0, 60 * HOUR))
    one = list(arrivals(hospital(), SEED, TERM, start, 30.25 * HOUR))
    other = list(arrivals(hospital(), SEED, TERM, 20.75 * HOUR, 60 * HOUR))
    assert one == [x for x in whole if start <= x.time < 30.25 * HOUR]
    assert other == [x for x in whole if x.time >= 20.75 * HOUR]
    assert [x for x in one if x.time >= 20.75 * HOUR] == [x for x in other if x.time < 30.25 * HOUR]


def test_a_window_that_begins_or_ends_with_an_arrival() -> None:
    """The first moment is of the window, the last one of the next."""
    whole = list(arrivals(hospital(), SEED, TERM, 0.0, 5 * HOUR))
    at = whole[7].time
    assert list(arrivals(hospital(), SEED, TERM, at, 5 * HOUR)) == whole[7:]
    assert list(arrivals(hospital(), SEED, TERM, 0.0, at)) == whole[:7]
    assert list(arrivals(hospital(), SEED, TERM, at, at)) == []


def test_a_place_that_rounds_to_the_end_of_its_slot_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Sees: a first slot that is the one in which the window begins.
    monkeypatch.setattr("pacsim.traffic.keyed_draws.uniform", lambda *_: 1.0 - 2.0**-53)
    tables = workload(device("CT-1", DX, exams(1e-3)))
    slot = 8760 * 3
    found = list(arrivals(tables, 1, 0, HOUR * (slot + 1), HOUR * (slot + 1) + 1.0))
    assert {(x.slot, x.time) for x in found} == {(slot, HOUR * (slot + 1))}


def test_other_stations_change_nothing() -> None:
    # Sees: draws by the number of the station, draws that follow one another.
    before = list(arrivals(hospital(), SEED, TERM, 0.0, 40 * HOUR))
    new = device("MR-1", CT, exams(5.0))
    tables = workload(new, *hospital().stations)
    after = [x for x in arrivals(tables, SEED, TERM, 0.0, 40 * HOUR) if x.station]
    assert [x._replace(station=x.station - 1) for x in after] == before


def test_terms_seeds_and_names_have_their_own() -> None:
    tables = workload(device("CT-1", DX, exams(2.0)), device("CT-2", DX, exams(2.0)))
    runs = [list(arrivals(tables, *key, 0.0, 40 * HOUR)) for key in ((1, 0), (1, 1), (2, 0))]
    times = [{x.time for x in run if x.station == k} for run in runs for k in (0, 1)]
    assert not any(a & b for i, a in enumerate(times) for b in times[:i])


def test_means_by_week_growth_and_origin() -> None:
    # Sees: a week from t = 0 on, a year of 365.25 days, growth that ends.
    rates = Rates(tuple(float(h) for h in range(168)), growth=(1.0, 1.5, 3.0), starts=100)
    assert slot_mean(rates, 0) == 100.0
    assert slot_mean(rates, 67) == 167.0
    assert slot_mean(rates, 68) == 0.0
    assert slot_mean(rates, 8759) == (100 + 8759) % 168
    assert slot_mean(rates, 8760) == 1.5 * ((100 + 8760) % 168)
    assert slot_mean(rates, 2 * 8760) == 3.0 * ((100 + 2 * 8760) % 168)
    assert slot_mean(rates, 9 * 8760) == 3.0 * ((100 + 9 * 8760) % 168)


def test_hours_without_a_rate_have_no_arrivals() -> None:
    rates = Rates(tuple(300.0 if h == 34 else 0.0 for h in range(168)), starts=24)
    tables = workload(device("CT-1", DX, Arrivals(EXAMS, rates)))
    assert {x.slot for x in arrivals(tables, 1, 0, 0.0, 400 * HOUR)} == {10, 178, 346}


def test_sizes_grow_with_the_contract_year() -> None:
    # Sees: the year of the window's start, growth of what is fetched left out.
    end = 8760 * HOUR
    found = list(arrivals(hospital(), SEED, TERM, end - 20 * HOUR, end + 20 * HOUR))
    for exam in of(found, 0):
        factor = 1.0 if exam.time < end else 1.1
        assert (exam.size, exam.stored) == (0.5e6 * factor, 0.5e6 * factor / 4.0)
    fetched = [(x.time >= end, s) for x in found if isinstance(x, Opening) for _, s in x.studies]
    small = {(late, s) for late, s in fetched if s < 1e6}
    assert small == {(False, 0.125e6), (True, 0.5e6 * 1.1 / 4.0)}


def test_shares_of_a_mix() -> None:
    mix = ((0.25, CT), (0.5, DX), (0.25 - 1e-16, CT))
    found = Counter(id(among(mix, (k + 0.5) / 1000)) for k in range(1000))
    assert found == {id(CT): 500, id(DX): 500}
    assert among(((0.5, CT), (0.5 - 1e-9, DX)), 1.0 - 2.0**-53) is DX


def test_an_exam_has_an_item_at_least() -> None:
    """Also where a law gives less than one."""
    tiny = ImagingStudy(Uniform(0.0, 0.1), 1e6)
    found = arrivals(workload(device("CT-1", tiny, exams(2.0))), 1, 0, 0.0, 20 * HOUR)
    assert {x.items for x in found if isinstance(x, Exam)} == {1}


def test_a_slot_that_expects_too_many_is_refused() -> None:
    # Sees: growth left out of the bound, the first station only.
    tables = workload(
        device("CT-1", DX, exams(500.0)),
        device("CT-2", DX, exams(300.0, growth=(1.0, 2.0))),
        workstation("reader-1", ((1.0, DX),), Rates((1.0, 700.0, *week(1.0)[2:]))),
    )
    with pytest.raises(ArgumentError) as caught:
        arrivals(tables, 1, 0, 0.0, HOUR)
    assert str(caught.value).splitlines() == [
        "CT-2: 600 exams are expected in hour 0 of the week; a station's mean must be at most 500 "
        "an hour: give more stations",
        "reader-1: 700 openings are expected in hour 1 of the week; a station's mean must be at "
        "most 500 an hour: give more stations",
    ]
