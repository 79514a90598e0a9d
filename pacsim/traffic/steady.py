"""What a workload asks of an archive without faults, from rates alone (T30).

A load is what is asked of something in a second, by what it can do in a second: of a pool the use
of all flows by its capacity, of a station the time that it is busy when nothing else is asked, of a
member's limit the associations that are open. At 1 or more its queue grows without end.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from pacsim.design.workloads import mean_items
from pacsim.errors import PacsimError
from pacsim.traffic.answering import shares
from pacsim.traffic.arrivals import SLOTS_OF_WEEK, in_year
from pacsim.traffic.client_tables import (
    ARCHIVE,
    OPENINGS,
    Asker,
    Forwarder,
    Modality,
    Operation,
    Reader,
)
from pacsim.traffic.means import mean_service, mean_size
from pacsim.units import HOUR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pacsim.delays import Law
    from pacsim.traffic.client_tables import ImagingStudy, TrafficTables, Work

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
POOLS, STATIONS, LIMITS = "pool", "station", "limit"
"""Kinds of what has a load."""
Week = tuple[float, ...]
"""An hourly figure in each hour of the week, from Monday 00:00."""
NOTHING: Week = (0.0,) * SLOTS_OF_WEEK


class OverloadError(PacsimError):
    """A workload that asks for more than there is in the mean week: nothing is simulated.

    Parameters
    ----------
    rules : iterable of str
        What asks for too much, each.
    """

    remedy = "give more of it, or lower the number or size of exams"

    def __init__(self, rules: Iterable[str]) -> None:
        self.rules = tuple(rules)
        super().__init__("\n".join(f"workload: {one}: {self.remedy}" for one in self.rules))


class Load(NamedTuple):
    """Load of a pool, a station or a member's limit of associations in a contract year.

    Parameters
    ----------
    kind : str
        `POOLS`, `STATIONS` or `LIMITS`.
    name : str
        Of the pool, the station or the member.
    mean, peak : float
        In the mean week, and in the peak hour.
    """

    kind: str
    name: str
    mean: float
    peak: float

    @property
    def resource(self) -> str:
        """What it is called where people read."""
        before = {POOLS: "", STATIONS: "station ", LIMITS: "associations of "}
        return before[self.kind] + self.name


class Steady(NamedTuple):
    """What is asked in one contract year.

    Parameters
    ----------
    year : int
        Contract year, from 0.
    hour : int
        Hour of the week in which most exams and openings are expected, from Monday 00:00; the
        first one of equal ones.
    exams, openings : float
        Expected in that hour.
    loads : tuple of Load
        Of pools, stations and limits, in that order.
    """

    year: int
    hour: int
    exams: float
    openings: float
    loads: tuple[Load, ...]

    @property
    def busiest(self) -> list[Load]:
        """Loads from the highest in the peak hour down."""
        return sorted(self.loads, key=lambda load: -load.peak)


class Demand(NamedTuple):
    """Associations of one kind that a station asks for."""

    week: Week
    station: int
    operation: Operation
    times: float
    items: float
    size: Law | float


def hour_name(hour: int) -> str:
    """Return an hour of the week as people say it.

    Examples
    --------
    >>> hour_name(0), hour_name(130)
    ('Monday 00:00', 'Saturday 10:00')
    """
    return f"{DAYS[hour // 24]} {hour % 24:02d}:00"


def expected_week(tables: TrafficTables, station: int, year: int) -> Week:
    """Return the arrivals of all streams of a station in each hour of a contract year's week.

    Parameters
    ----------
    tables : TrafficTables
        Of a workload.
    station : int
        Its number.
    year : int
        Contract year, from 0.
    """
    streams = [stream.rates for stream in tables.stations[station].streams]
    grown = [(rates.week, in_year(rates.growth, year)) for rates in streams]
    return tuple(sum(week[h] * factor for week, factor in grown) for h in range(SLOTS_OF_WEEK))


def steady(tables: TrafficTables, year: int = 0, conditions: Sequence[int] | None = None) -> Steady:
    """Return what a contract year asks of pools, stations and limits.

    Parameters
    ----------
    tables : TrafficTables
        Of a workload.
    year : int
        Contract year, from 0.
    conditions : sequence of int, optional
        What clients meet; by default nothing is wrong.
    """
    values = tables.conditions.usual if conditions is None else conditions
    exams, openings = _asked(tables, year)
    both = [a + b for a, b in zip(exams, openings, strict=True)]
    hour = both.index(max(both))
    names = [(POOLS, pool.name, pool.capacity) for pool in tables.pools]
    names += [(STATIONS, one.name, _places(one.does)) for one in tables.stations]
    names += [
        (LIMITS, member, float(limit.associations) if limit is not None else math.inf)
        for member, limit in zip(tables.conditions.members, tables.limits, strict=False)
    ]
    mean, peak = [0.0] * len(names), [0.0] * len(names)
    for flow in _flows(tables, year):
        average, highest = sum(flow.week) / SLOTS_OF_WEEK / HOUR, flow.week[hour] / HOUR
        for place, seconds in _seconds(tables, flow, values):
            mean[place] += average * seconds
            peak[place] += highest * seconds
    loads = [
        Load(kind, name, low / capacity, high / capacity)
        for (kind, name, capacity), low, high in zip(names, mean, peak, strict=True)
        if capacity < math.inf
    ]
    return Steady(year, hour, exams[hour], openings[hour], tuple(loads))


def _asked(tables: TrafficTables, year: int) -> tuple[list[float], list[float]]:
    """Return the exams, emergencies among them, and the openings in each hour of the week."""
    exams, openings = list(NOTHING), list(NOTHING)
    for station in tables.stations:
        for stream in station.streams:
            factor = in_year(stream.rates.growth, year)
            to = openings if stream.name == OPENINGS else exams
            for hour, rate in enumerate(stream.rates.week):
                to[hour] += rate * factor
    return exams, openings


def _places(does: object) -> float:
    """Return how many associations a station has at a time; probes ask for nothing."""
    if isinstance(does, Forwarder):
        return float(does.parallel)
    return 1.0 if isinstance(does, (Modality, Reader, Asker)) else math.inf


def _flows(tables: TrafficTables, year: int) -> Iterator[Demand]:
    """Yield what stations ask for in a contract year."""
    for number, station in enumerate(tables.stations):
        does = station.does
        week = expected_week(tables, number, year)
        if isinstance(does, Modality):
            size = _size(does.study, year, sent=True)
            items = _items(does.study)
            yield Demand(week, number, does.store, 1.0, items, size)
            if does.router >= 0:
                router = tables.stations[does.router].does
                if isinstance(router, Forwarder):
                    yield Demand(week, does.router, router.store, 1.0, items, size)
        elif isinstance(does, Reader):
            yield Demand(week, number, does.query, does.queries, 1.0, 0.0)
            studies = 1.0 + does.prior_exists * does.priors
            for share, study in does.mix:
                size = _size(study, year, sent=False)
                yield Demand(week, number, does.retrieve, share * studies, _items(study), size)
        elif isinstance(does, Asker):
            hourly = does.asks * HOUR / does.every
            yield Demand((hourly,) * SLOTS_OF_WEEK, number, does.ask, 1.0, 1.0, 0.0)


def _items(study: ImagingStudy) -> float:
    known = study.instances
    return float(known) if isinstance(known, int) else mean_items(known)


def _size(study: ImagingStudy, year: int, *, sent: bool) -> Law | float:
    """Return the bytes of an item as they are sent, or as they are retrieved."""
    factor = in_year(study.size_growth, year)
    if study.sent_compressed or not sent:
        factor /= study.compression
    return (
        study.size * factor if isinstance(study.size, (int, float)) else study.size.scaled(factor)
    )


def _seconds(
    tables: TrafficTables, flow: Demand, values: Sequence[int]
) -> Iterator[tuple[int, float]]:
    """Yield the seconds of pools, station and limits that one arrival of a flow takes.

    Places are those of pools, then stations, then members.
    """
    op, pools = flow.operation, len(tables.pools)
    whole = op.association * op.setups + op.release_takes
    at_archive = op.target == ARCHIVE and not _to_router(tables, flow)
    site = tables.stations[flow.station].site
    among = shares(tables, values, site) if at_archive else [1.0]
    busy = 0.0
    for member, share in enumerate(among):
        if share == 0.0:
            continue
        alone, uses = _item(op.works[member], flow.size)
        taken = whole + flow.items * alone
        busy += share * flow.times * taken
        for pool, use in uses:
            yield pool, share * flow.times * flow.items * use
        if at_archive and member < len(tables.limits):
            yield pools + len(tables.stations) + member, share * flow.times * taken
    yield pools + flow.station, busy + flow.times * op.attempt_takes
    does = tables.stations[flow.station].does
    if isinstance(does, Reader) and op is does.query:
        yield pools + flow.station, does.least_between


def _to_router(tables: TrafficTables, flow: Demand) -> bool:
    does = tables.stations[flow.station].does
    return isinstance(does, Modality) and does.router >= 0


def _item(work: Work, size: Law | float) -> tuple[float, list[tuple[int, float]]]:
    """Return the mean seconds of an item alone, and of the pools that it uses."""
    more, bytes_of_it = mean_service(work, size) - work.mean, mean_size(size)
    uses = [(pool, use + more if pool == work.served_by else use) for pool, use in work.uses]
    uses += [(pool, bytes_of_it * each) for pool, each in work.sized]
    return work.alone + bytes_of_it * work.line + more, uses


def check_loads(tables: TrafficTables, years: int) -> list[str]:
    """Refuse a workload that some mean week cannot carry, and warn of peak hours.

    Parameters
    ----------
    tables : TrafficTables
        Of a workload.
    years : int
        Contract years of the term.

    Returns
    -------
    list of str
        A warning for each pool, station or limit of which the peak hour asks for all or more; in
        the first contract year in which it does.

    Raises
    ------
    OverloadError
        Naming every one of which the mean week does, with the factor.
    """
    found = [steady(tables, year) for year in range(years)]
    over: dict[str, str] = {}
    high: dict[str, str] = {}
    for one in found:
        for load in one.loads:
            if load.mean >= 1.0:
                over.setdefault(load.resource, _says(load, load.mean, "mean week", one.year))
            if load.peak >= 1.0:
                hour = f"peak hour ({hour_name(one.hour)})"
                high.setdefault(load.resource, _says(load, load.peak, hour, one.year))
    if over:
        raise OverloadError(over.values())
    return [f"workload: {text}: queues last beyond it" for text in high.values()]


def _says(load: Load, factor: float, when: str, year: int) -> str:
    return (
        f"the {when} of contract year {year + 1} asks {factor:.3g} times what "
        f"{load.resource} can do"
    )
