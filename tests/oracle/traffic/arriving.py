"""Workloads by hand for tests of arrivals and of the steady part."""

from pacsim.delays import Lognormal, Uniform
from pacsim.traffic.client_conditions import SERVER, Conditions
from pacsim.traffic.client_tables import (
    EMERGENCIES,
    EXAMS,
    OPENINGS,
    QUERY,
    RETRIEVE,
    STORE,
    Arrivals,
    ImagingStudy,
    Modality,
    Operation,
    Rates,
    Reader,
    Station,
    TrafficTables,
    Work,
)

ONE = Conditions(SERVER, ("a",), ("s",))
WORK = (Work(1.0),)
FLAT = (1.0,) * 168
CT = ImagingStudy(Lognormal.from_p95(493.0, 1838.0), 0.5e6, compression=4.0, size_growth=(1.0, 1.1))
DX = ImagingStudy(2, Uniform(8e6, 12e6), compression=2.5, sent_compressed=True)


def week(each: float) -> tuple[float, ...]:
    return tuple(each * x for x in FLAT)


def device(name: str, study: ImagingStudy, *streams: Arrivals) -> Station:
    return Station(name, Modality(study, Operation(STORE, WORK)), streams=streams)


def workstation(
    name: str, mix: tuple[tuple[float, ImagingStudy], ...], rates: Rates, **figures: float
) -> Station:
    query, retrieve = Operation(QUERY, WORK), Operation(RETRIEVE, WORK)
    does = Reader(mix, query, retrieve, **figures)  # type: ignore[arg-type]
    return Station(name, does, streams=(Arrivals(OPENINGS, rates),))


def exams(each: float, **figures: object) -> Arrivals:
    return Arrivals(EXAMS, Rates(week(each), **figures))  # type: ignore[arg-type]


def emergencies(each: float) -> Arrivals:
    return Arrivals(EMERGENCIES, Rates(week(each)))


def workload(*stations: Station) -> TrafficTables:
    return TrafficTables(ONE, stations)


def hospital() -> TrafficTables:
    """Two scanners, one with emergencies, and a workstation that opens what both make."""
    return workload(
        device("CT-1", CT, exams(2.0), emergencies(0.7)),
        device("DX-1", DX, exams(3.0)),
        workstation(
            "reader-1",
            ((0.25, CT), (0.75, DX)),
            Rates(week(4.0)),
            queries=2.3,
            prior_exists=0.6,
            priors=2,
        ),
    )
