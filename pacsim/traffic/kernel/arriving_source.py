"""Arrivals of whole slots in plain functions: joined with what they call, and compiled.

What `pacsim.traffic.arrivals` says, number by number: the same uniforms by the same keys, the same
expressions, so that both give the same bits.
"""

import math
from typing import Any

import numpy as np

from pacsim.delays.scalar import draw
from pacsim.engines.kernel.source.draws import uniform
from pacsim.traffic.poisson import poisson_quantile

U64 = np.uint64
HOUR = 3600.0
SLOTS_OF_WEEK = 168
SLOTS_OF_YEAR = 8760
SLOT, AGAIN = 1048576, 1099511627776
"""Numbers of a slot; what a further question of the same arrival adds."""
COUNT, PLACES, FIRST, SECOND, QUERIES, KIND = 0, 1, 2, 3, 4, 5
"""Streams of a source: of counts, of places, of instances or priors, of sizes and what follows."""


def in_year(growth: Any, first: Any, count: Any, slot: Any) -> float:
    """Return the factor of a slot's contract year; the last one holds on."""
    year = min(slot // SLOTS_OF_YEAR, count - 1)
    return float(growth[first + year])


def items_of(study: Any, laws: Any, tab: Any, u: float) -> int:
    """Return how many items a study has."""
    if study.items_law < 0:
        return int(study.items)
    return max(1, math.ceil(draw(laws, tab, study.items_law, u)))


def size_of(study: Any, laws: Any, tab: Any, growth: Any, slot: Any, u: float) -> float:
    """Return the bytes of an item as it is made."""
    drawn = float(study.size)
    if study.size_law >= 0:
        drawn = draw(laws, tab, study.size_law, u)
    return drawn * in_year(growth, study.growth_from, study.growth_years, slot)


def study_of(studies: Any, first: Any, count: Any, u: float) -> int:
    """Return which study of a mix a uniform means."""
    for k in range(first, first + count - 1):
        if u < studies[k].reached:
            return int(k)
    return int(first + count - 1)


def sorted_places(times: Any, sources: Any, numbers: Any, order: Any, count: Any) -> None:
    """Sort by time, source and number: Shell's sort, which needs no memory."""
    for i in range(count):
        order[i] = i
    gap = 1
    while gap < count // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, count):
            one = order[i]
            j = i
            while j >= gap and comes_before(times, sources, numbers, one, order[j - gap]):
                order[j] = order[j - gap]
                j -= gap
            order[j] = one
        gap //= 3


def comes_before(times: Any, sources: Any, numbers: Any, one: Any, other: Any) -> bool:
    """Return which of two arrivals comes first."""
    if times[one] != times[other]:
        return bool(times[one] < times[other])
    if sources[one] != sources[other]:
        return bool(sources[one] < sources[other])
    return bool(numbers[one] < numbers[other])


def write_exam(
    row: Any, source: Any, studies: Any, laws: Any, tab: Any, growth: Any, k0: Any, k1: Any
) -> None:
    """Draw the attributes of an exam."""
    study = studies[source.studies_from]
    key = U64(SLOT * row.slot + row.number)
    size = size_of(study, laws, tab, growth, row.slot, uniform(k0, k1, source.streams[SECOND], key))
    small = size / study.compression
    row.items = items_of(study, laws, tab, uniform(k0, k1, source.streams[FIRST], key))
    row.size = size
    row.sent = small if study.sent_compressed else size
    row.stored = small
    row.queries = 0
    row.studies_from = 0
    row.studies = 0


def write_opening(
    row: Any,
    source: Any,
    studies: Any,
    laws: Any,
    tab: Any,
    growth: Any,
    k0: Any,
    k1: Any,
    opened: Any,
    first: Any,
) -> int:
    """Draw the attributes of an opening and its studies; return where the next ones begin."""
    key = SLOT * row.slot + row.number
    exist = uniform(k0, k1, source.streams[FIRST], U64(key)) < source.prior_exists
    count = 1 + source.priors if exist else 1
    for i in range(count):
        question = U64(key + AGAIN * i)
        u = uniform(k0, k1, source.streams[KIND], question)
        study = studies[study_of(studies, source.studies_from, source.studies, u)]
        u = uniform(k0, k1, source.streams[KIND + 1], question)
        size = size_of(study, laws, tab, growth, row.slot, u)
        u = uniform(k0, k1, source.streams[SECOND], question)
        opened[first + i].items = items_of(study, laws, tab, u)
        opened[first + i].size = size / study.compression
    u = uniform(k0, k1, source.streams[QUERIES], U64(key))
    row.items = 0
    row.size = 0.0
    row.sent = 0.0
    row.stored = 0.0
    row.queries = math.floor(source.queries + u)
    row.studies_from = first
    row.studies = count
    return int(first + count)


def find_places(
    sources: Any,
    weeks: Any,
    growth: Any,
    k0: Any,
    k1: Any,
    slot: Any,
    room: Any,
    times: Any,
    owners: Any,
    numbers: Any,
) -> int:
    """Draw when the arrivals of a slot come; return how many, or -1 if there is no room."""
    found = 0
    for s in range(len(sources)):
        source = sources[s]
        hour = (source.starts + slot) % SLOTS_OF_WEEK
        mean = weeks[s, hour] * in_year(growth, source.growth_from, source.growth_years, slot)
        if mean <= 0.0:
            continue
        count = poisson_quantile(uniform(k0, k1, source.streams[COUNT], U64(slot)), mean)
        if found + count > room:
            return -1
        for j in range(count):
            key = U64(SLOT * slot + j)
            times[found] = HOUR * (slot + uniform(k0, k1, source.streams[PLACES], key))
            owners[found] = s
            numbers[found] = j
            found += 1
    return found


def draw_slots(
    sources: Any,
    weeks: Any,
    growth: Any,
    studies: Any,
    laws: Any,
    tab: Any,
    k0: Any,
    k1: Any,
    first: Any,
    count: Any,
    rows: Any,
    opened: Any,
    times: Any,
    owners: Any,
    numbers: Any,
    order: Any,
    ranks: Any,
    ends: Any,
) -> int:
    """Write what arrives in some slots; return 0, or 1 if there is no room for it.

    Where rows and studies end stands in ``ends``: they are written behind those.
    """
    done, told = ends[0], ends[1]
    for slot in range(first, first + count):
        room = len(rows) - done
        found = find_places(sources, weeks, growth, k0, k1, slot, room, times, owners, numbers)
        if found < 0:
            return 1
        sorted_places(times, owners, numbers, order, found)
        ranks[:] = 0
        for i in range(found):
            one = order[i]
            s = owners[one]
            source, row = sources[s], rows[done + i]
            row.time = times[one]
            row.station = source.station
            row.stream = source.stream
            row.slot = slot
            row.number = numbers[one]
            row.turn = SLOT * slot + ranks[s]
            ranks[s] += 1
            if not source.opens:
                write_exam(row, source, studies, laws, tab, growth, k0, k1)
            elif told + 1 + source.priors > len(opened):
                return 1
            else:
                told = write_opening(row, source, studies, laws, tab, growth, k0, k1, opened, told)
        done += found
    ends[0], ends[1] = done, told
    return 0
