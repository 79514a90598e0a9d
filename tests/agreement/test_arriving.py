"""Compiled arrivals are the interpreted ones to the bit: all laws, streams, slots and terms."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pacsim.core.streams import replication_key
from pacsim.delays import (
    Deterministic,
    Exponential,
    Law,
    Lognormal,
    Mixture,
    Quantiles,
    Shifted,
    Triangular,
    Uniform,
    Weibull,
)
from pacsim.errors import ArgumentError
from pacsim.traffic.arrival_tables import ArrivalTable
from pacsim.traffic.arrivals import arrivals
from pacsim.traffic.client_tables import (
    EMERGENCIES,
    EXAMS,
    Arrivals,
    ImagingStudy,
    Probe,
    Rates,
    Station,
    TrafficTables,
)
from pacsim.traffic.kernel.arriving import ArrivingStreams, arrival_table
from pacsim.units import HOUR
from tests.oracle.traffic.arriving import device, hospital, workload, workstation

positive = st.floats(0.5, 300.0)
plain_laws = st.one_of(
    st.builds(Deterministic, positive),
    st.builds(Exponential, positive),
    st.builds(Weibull, positive, st.floats(0.4, 3.0)),
    st.builds(Lognormal, positive, st.floats(0.1, 2.0)),
    st.builds(lambda a, w: Uniform(a, a + w), positive, positive),
    st.builds(lambda a, w, v: Triangular(a, a + w, a + w + v), positive, positive, positive),
    st.builds(
        lambda a, w, v, p: Quantiles(((0.0, a), (p, a + w), (1.0, a + w + v))),
        *(positive, positive, positive, st.floats(0.1, 0.9)),
    ),
)
laws = st.one_of(
    plain_laws,
    st.builds(Shifted, plain_laws, positive),
    st.builds(
        lambda p, a, b: Mixture((p, 1.0 - p), (a, b)), st.floats(0.2, 0.8), plain_laws, plain_laws
    ),
)
factors = st.lists(st.floats(0.5, 1.5), min_size=1, max_size=3).map(tuple)
studies = st.builds(
    ImagingStudy,
    st.one_of(st.integers(1, 500), laws),
    st.one_of(st.floats(1e5, 1e7), laws),
    compression=st.floats(1.0, 5.0),
    sent_compressed=st.booleans(),
    size_growth=factors,
)
weeks = st.lists(st.floats(0.0, 6.0), min_size=4, max_size=4).map(lambda xs: tuple(xs * 42))
rates = st.builds(Rates, weeks, factors, st.integers(0, 167))


@st.composite
def workloads(draw: st.DrawFn) -> TrafficTables:
    """Return a workload of up to six stations."""
    found = []
    for k in range(draw(st.integers(0, 6))):
        if draw(st.booleans()):
            names = draw(st.sampled_from(((EXAMS,), (EMERGENCIES,), (EXAMS, EMERGENCIES))))
            streams = [Arrivals(name, draw(rates)) for name in names]
            found.append(device(f"CT-{k}", draw(studies), *streams))
        else:
            each = draw(st.lists(studies, min_size=1, max_size=3))
            mix = tuple((1.0 / len(each), study) for study in each)
            figures = {
                "queries": draw(st.floats(0.0, 3.0)),
                "prior_exists": draw(st.floats(0.0, 1.0)),
                "priors": draw(st.integers(0, 3)),
            }
            found.append(workstation(f"desk-{k}", mix, draw(rates), **figures))
        found.append(Station(f"probe-{k}", Probe(())))
    return workload(*found)


def same(one: ArrivalTable, other: ArrivalTable) -> bool:
    """Return whether both hold the same bits."""
    return (
        one.rows.tobytes() == other.rows.tobytes()
        and one.studies.tobytes() == other.studies.tobytes()
    )


def interpreted(
    tables: TrafficTables, seed: int, term: int, first: int, count: int
) -> ArrivalTable:
    found = arrivals(tables, seed, term, HOUR * first, HOUR * (first + count))
    return ArrivalTable.of(found)


@given(
    workloads(),
    st.integers(0, 2**63),
    st.integers(0, 10**6),
    st.integers(0, 70_000),
    st.integers(0, 12),
)
@settings(max_examples=80)
def test_to_the_bit(tables: TrafficTables, seed: int, term: int, first: int, count: int) -> None:
    mine = arrival_table(tables, seed, term, first, count)
    assert same(mine, interpreted(tables, seed, term, first, count))


def test_a_week_of_a_hospital_slot_by_slot() -> None:
    """Slots one by one are the slots of a longer call; years change rates and sizes."""
    tables, first = hospital(), 8760 - 84
    streams, key = ArrivingStreams(tables), replication_key(7, 3)
    whole = streams.table(key, first, 168)
    assert len(whole.rows) > 1000
    assert same(whole, interpreted(tables, 7, 3, first, 168))
    slots = [streams.table(key, first + k, 1) for k in range(168)]
    assert list(whole.arrivals()) == [x for slot in slots for x in slot.arrivals()]
    turns = [turn for slot in slots for turn in slot.rows["turn"].tolist()]
    assert whole.rows["turn"].tolist() == turns


def test_more_than_there_is_room_for_at_first() -> None:
    """A rate that differs between stations in the hour of the week at which they start."""
    busy = Rates((400.0,) + (0.0,) * 167, starts=1)
    tables = workload(
        device("CT-0", ImagingStudy(1, 1.0), Arrivals(EXAMS, Rates((0.0,) * 168))),
        device("CT-1", ImagingStudy(1, 1.0), Arrivals(EXAMS, busy)),
    )
    mine = arrival_table(tables, 1, 0, 167, 1)
    assert len(mine.rows) > 300
    assert same(mine, interpreted(tables, 1, 0, 167, 1))


@dataclass(frozen=True, slots=True)
class Own(Exponential):
    """A law that a user has written."""


def test_what_cannot_be_compiled_is_refused() -> None:
    one = hospital().stations[0]
    tables = workload(device("CT-1", ImagingStudy(Own(3.0), 1.0), *one.streams))
    with pytest.raises(ArgumentError, match="Own: nothing that is compiled draws from it"):
        ArrivingStreams(tables)
    busy = replace(one, streams=(Arrivals(EXAMS, Rates((600.0,) * 168)),))
    with pytest.raises(ArgumentError, match="CT-1: 600 exams are expected"):
        ArrivingStreams(workload(busy))


def test_laws_are_all_of_the_package() -> None:
    """What is drawn above is every law of which compiled code knows."""
    found = Law.__subclasses__()
    known = {cls.__name__ for cls in found if cls.__module__.startswith("pacsim.")}
    drawn = {
        *(Deterministic, Exponential, Weibull, Lognormal, Uniform, Triangular, Quantiles),
        *(Shifted, Mixture),
    }
    assert known - {cls.__name__ for cls in drawn} == {"Erlang"}
