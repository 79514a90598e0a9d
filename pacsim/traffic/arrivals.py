"""What arrives at stations: exams that are finished, studies that are opened (T4, T5).

Time is cut into slots of an hour from t = 0. A slot's arrivals hang on nothing but the replication,
the names of station and stream, and the hour, so that a window anywhere sees what the whole term
would, and stations of the same name see the same in every design.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from pacsim.core.streams import replication_key
from pacsim.errors import ArgumentError
from pacsim.traffic.client_tables import Modality, Reader
from pacsim.traffic.keyed_draws import AGAIN, PLACES, Draws, arrival_key
from pacsim.traffic.poisson import MOST, poisson_quantile
from pacsim.units import HOUR, YEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pacsim.traffic.client_tables import Arrivals, ImagingStudy, Rates, TrafficTables

COUNT = 0
"""Lane of the number of arrivals in a slot."""
INSTANCES, SIZE = 2, 3
"""Lanes of an exam."""
PRIORS, QUERIES, OPENED_INSTANCES, OPENED_KIND, OPENED_SIZE = 2, 8, 10, 11, 13
"""Lanes of an opening."""
SLOTS_OF_YEAR = int(YEAR / HOUR)
SLOTS_OF_WEEK = 168


class Exam(NamedTuple):
    """An exam that a station has finished.

    Parameters
    ----------
    time : float
        Seconds.
    station : int
        Number of the station.
    stream : str
        `EXAMS` or `EMERGENCIES`.
    slot : int
        Hours from t = 0, rounded down.
    number : int
        Number in the slot before sorting: with the slot the key of its draws.
    items : int
        Instances, at least 1.
    size, sent, stored : float
        Bytes of an item as it is made, sent and stored.
    """

    time: float
    station: int
    stream: str
    slot: int
    number: int
    items: int
    size: float
    sent: float
    stored: float


class Opening(NamedTuple):
    """A study that a workstation is asked for.

    Parameters
    ----------
    time : float
        Seconds.
    station : int
        Number of the station.
    slot : int
        Hours from t = 0, rounded down.
    number : int
        Number in the slot before sorting.
    queries : int
        Queries before anything is fetched.
    studies : tuple of (int, float)
        Items, and bytes of an item as it is stored: the current study, then priors.
    """

    time: float
    station: int
    slot: int
    number: int
    queries: int
    studies: tuple[tuple[int, float], ...]


def contract_year(slot: int) -> int:
    """Return the contract year of a slot, from 0; years are whole hours, so none spans two.

    Examples
    --------
    >>> contract_year(8759), contract_year(8760)
    (0, 1)
    """
    return slot // SLOTS_OF_YEAR


def in_year(factors: tuple[float, ...], year: int) -> float:
    """Return the factor of a contract year, from 0; the last one holds on."""
    return factors[min(year, len(factors) - 1)]


def slot_mean(rates: Rates, slot: int) -> float:
    """Return how many arrivals are expected in a slot.

    Examples
    --------
    >>> from pacsim.traffic.client_tables import Rates
    >>> rates = Rates((2.0,) * 167 + (3.0,), growth=(1.0, 1.5), starts=166)
    >>> [slot_mean(rates, slot) for slot in (0, 1, 2, 8760)]
    [2.0, 3.0, 2.0, 3.0]
    """
    hour = (rates.starts + slot) % SLOTS_OF_WEEK
    return rates.week[hour] * in_year(rates.growth, contract_year(slot))


def check_slots(tables: TrafficTables) -> None:
    """Refuse a stream of which a slot expects more arrivals than can be drawn.

    Parameters
    ----------
    tables : TrafficTables
        Of a workload.

    Raises
    ------
    ArgumentError
        Naming every such station and stream, with the busiest slot.
    """
    found = []
    for station in tables.stations:
        for stream in station.streams:
            rates = stream.rates
            most = max(rates.week) * max(rates.growth)
            if not most <= MOST:
                hour = rates.week.index(max(rates.week))
                found.append(
                    f"{station.name}: {most:.4g} {stream.name} are expected in hour {hour} of the "
                    f"week; a station's mean must be at most {MOST:g} an hour: give more stations"
                )
    if found:
        raise ArgumentError("\n".join(found))


class ArrivalSource:
    """What arrives in one stream of a station in one term.

    Parameters
    ----------
    draws : Draws
        Uniforms of the term.
    station : int
        Number of the station.
    name : str
        Such as ``CT-1/exams``: the draws hang on it.
    stream : Arrivals
        Which stream.
    does : Modality or Reader
        What the station is.
    """

    def __init__(
        self, draws: Draws, station: int, name: str, stream: Arrivals, does: Modality | Reader
    ) -> None:
        self._draws, self._station, self._name, self._stream = draws, station, name, stream
        self._make: Callable[[float, int, int], Exam | Opening] = (
            partial(self._exam, does)
            if isinstance(does, Modality)
            else partial(self._opening, does)
        )

    def times(self, slot: int) -> list[float]:
        """Return when the arrivals of a slot come, in seconds, by number."""
        mean = slot_mean(self._stream.rates, slot)
        if mean <= 0.0:
            return []
        count = poisson_quantile(self._uniform(COUNT, slot), mean)
        return [HOUR * (slot + self._uniform(PLACES, arrival_key(slot, j))) for j in range(count)]

    def arrival(self, time: float, slot: int, number: int) -> Exam | Opening:
        """Return one of the arrivals of a slot with its attributes."""
        return self._make(time, slot, number)

    def _uniform(self, lane: int, n: int) -> float:
        return self._draws.uniform(self._name, lane, n)

    def _exam(self, does: Modality, time: float, slot: int, number: int) -> Exam:
        study, key = does.study, arrival_key(slot, number)
        size = self._size(study, SIZE, key, slot)
        small = size / study.compression
        return Exam(
            time=time,
            station=self._station,
            stream=self._stream.name,
            slot=slot,
            number=number,
            items=self._items(study, INSTANCES, key),
            size=size,
            sent=small if study.sent_compressed else size,
            stored=small,
        )

    def _opening(self, does: Reader, time: float, slot: int, number: int) -> Opening:
        key = arrival_key(slot, number)
        exist = self._uniform(PRIORS, key) < does.prior_exists
        studies = []
        for i in range(1 + does.priors if exist else 1):
            question = key + AGAIN * i
            study = among(does.mix, self._uniform(OPENED_KIND, question))
            size = self._size(study, OPENED_SIZE, question, slot)
            items = self._items(study, OPENED_INSTANCES, question)
            studies.append((items, size / study.compression))
        queries = math.floor(does.queries + self._uniform(QUERIES, key))
        return Opening(time, self._station, slot, number, queries, tuple(studies))

    def _items(self, study: ImagingStudy, lane: int, n: int) -> int:
        if isinstance(study.instances, int):
            return study.instances
        return max(1, math.ceil(self._draws.delay(study.instances, self._name, lane, n)))

    def _size(self, study: ImagingStudy, lane: int, n: int, slot: int) -> float:
        drawn = (
            study.size
            if isinstance(study.size, (int, float))
            else self._draws.delay(study.size, self._name, lane, n)
        )
        return drawn * in_year(study.size_growth, contract_year(slot))


def among(mix: tuple[tuple[float, ImagingStudy], ...], u: float) -> ImagingStudy:
    """Return which of several studies a uniform means, by their shares.

    Parameters
    ----------
    mix : tuple of (float, ImagingStudy)
        Shares that sum to 1.
    u : float
        0 < u < 1; the first study has the smallest.
    """
    reached = 0.0
    for share, study in mix:
        reached += share
        if u < reached:
            return study
    # Shares may sum to a little less than 1 by rounding.
    return mix[-1][1]


def sources_of(tables: TrafficTables, seed: int, term: int) -> list[ArrivalSource]:
    """Return the sources of a workload in one term, in order of station and stream."""
    draws = Draws(replication_key(seed, term))
    return [
        ArrivalSource(draws, number, f"{station.name}/{stream.name}", stream, station.does)
        for number, station in enumerate(tables.stations)
        if isinstance(station.does, (Modality, Reader))
        for stream in station.streams
    ]


def arrivals(
    tables: TrafficTables, seed: int, term: int, start: float, until: float
) -> Iterator[Exam | Opening]:
    """Yield what arrives from one moment until before another.

    Any two windows see the same arrivals where they overlap.

    Parameters
    ----------
    tables : TrafficTables
        Stations and their streams.
    seed, term : int
        Whose arrivals: of one replication.
    start, until : float
        Seconds from the start of the term.

    Returns
    -------
    iterator of Exam or Opening
        In order of time, station, stream and number.

    Raises
    ------
    ArgumentError
        If a slot expects too many; see `check_slots`.
    """
    check_slots(tables)
    return _in_order(sources_of(tables, seed, term), start, until)


def _in_order(sources: list[ArrivalSource], start: float, until: float) -> Iterator[Exam | Opening]:
    # One slot earlier than it seems: the last place in a slot may round to the begin of the next.
    slot = max(0, math.ceil(start / HOUR) - 1)
    while HOUR * slot < until:
        found = [
            (time, place, number)
            for place, source in enumerate(sources)
            for number, time in enumerate(source.times(slot))
            if start <= time < until
        ]
        for time, place, number in sorted(found):
            yield sources[place].arrival(time, slot, number)
        slot += 1
