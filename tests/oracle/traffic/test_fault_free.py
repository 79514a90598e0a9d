"""What is late without faults (T23), beside what each operation takes alone."""

from __future__ import annotations

import math

import pytest

from pacsim.delays import Exponential
from pacsim.traffic.chosen_simulator import simulator
from pacsim.traffic.client_conditions import SERVER, Conditions
from pacsim.traffic.client_tables import (
    OPENINGS,
    QUERY,
    RETRIEVE,
    Arrivals,
    ImagingStudy,
    Operation,
    Rates,
    Reader,
    SharedPool,
    Station,
    TrafficTables,
    Work,
)
from pacsim.traffic.fault_free import fault_free
from pacsim.traffic.figured_stations import FiguredStations
from pacsim.traffic.peak_hour import FIRST_IMAGE, peak_tables, peak_times
from pacsim.units import YEAR
from tests.statistical import agrees

ALONE = Conditions(SERVER, ("a",), ("s",))
TARGETS = {"first_image": 3.0, "query": 2.0}


def reading(least_between: float = 57.0) -> TrafficTables:
    """Return a workstation that is asked for 30 openings an hour, and pauses after each.

    A query takes an exponential time of 1 s, the first image half a second more.
    """
    service = Work(1.0, ((0, 1.0),), service=Exponential(1.0), served_by=0, mean=1.0)
    query = Operation(QUERY, (service,), setups=0)
    fetch = Operation(RETRIEVE, (Work(0.5),), setups=0)
    does = Reader(
        ((1.0, ImagingStudy(4, 1.0)),), query, fetch, queries=1.0, least_between=least_between
    )
    streams = (Arrivals(OPENINGS, Rates((30.0,) * 168)),)
    ample = SharedPool("workers of a", 1e6)
    return TrafficTables(ALONE, (Station("reader-1", does, streams=streams),), (ample,))


def test_what_is_late_without_faults_is_what_takes_long_alone() -> None:
    """Half of the openings wait for their reader, for half a minute or more: no matter of it."""
    # Sees: a first image from when it was asked for, or from the end of its queries.
    stations = FiguredStations(reading(), TARGETS)
    found = fault_free(simulator, stations, YEAR, 1, weeks=1)
    assert stations.operations == ("retrieve", "query")
    for k, (asked, late) in enumerate(zip(found.asked.T, found.slow.T, strict=True)):
        right = math.exp(-(2.5 if k == 0 else 2.0))
        many = asked.sum()
        assert many == pytest.approx(30 * 168, rel=0.1)
        agrees(late.sum() / many, math.sqrt(right * (1.0 - right) / many), right)


def test_a_first_image_takes_as_long_in_a_peak_hour() -> None:
    """The same share is late by the times of the peak hour, at the same rates."""
    # Sees: two definitions of a first image.
    (times,) = peak_times(peak_tables(reading(), 0, 0), [ALONE.usual], 100, grace=3600.0)
    seconds = [x for hour in times.seconds[FIRST_IMAGE] for x in hour.tolist()]
    right = math.exp(-2.5)
    late = sum(x > TARGETS["first_image"] for x in seconds) / len(seconds)
    agrees(late, math.sqrt(right * (1.0 - right) / len(seconds)), right)


def test_what_nobody_turns_to_is_late() -> None:
    """Readers that look at six openings an hour of thirty: the other four fifths wait for ever."""
    # Sees: openings that are left out since they have not begun.
    stations = FiguredStations(reading(600.0), TARGETS)
    found = fault_free(simulator, stations, YEAR, 1, weeks=1)
    asked, late = found.asked[:, 0].sum(), found.slow[:, 0].sum()
    assert asked == pytest.approx(30 * 168, rel=0.1)
    assert late > 0.75 * asked
