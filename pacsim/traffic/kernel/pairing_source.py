"""Jobs of both runs paired by case: plain functions that are compiled as they stand.

A case is what arose in a window, at a station, in a stream, under a number. In a run it has at most
one row at its modality, reader or asker, and one at a router.
"""

from __future__ import annotations

import math
from typing import Any

from pacsim.traffic.kernel.tries_source import place_of_case, places_of

NUMBERS = 1048576
"""How many numbers there are in a slot: those of attempts have both in one."""
GIVEN_AWAY, UNKNOWN = 2, 5
"""Outcomes of jobs: forgotten, and open."""


def pair_jobs(
    jobs: Any, bounds: Any, twins: Any, twin_bounds: Any, streams: int, heads: Any, numbers: Any,
    rows: Any, places: Any, order: Any, first_case: Any,
) -> int:  # fmt: skip
    """List the cases that went otherwise, window by window in their order; return their number."""
    begin = count = 0
    for window in range(len(bounds) - 1):
        first_case[window] = count
        first, last = bounds[window], bounds[window + 1]
        twin, twin_last = twin_bounds[window], twin_bounds[window + 1]
        mask = places_of(last - first + twin_last - twin) - 1
        end = begin
        for k in range(first, last):
            end = note_row(jobs, k, streams, heads, numbers, rows, 0, places, mask, begin, end)
        for k in range(twin, twin_last):
            end = note_row(twins, k, streams, heads, numbers, rows, 2, places, mask, begin, end)
        for case in range(begin, end):
            if differ(jobs, rows[case, 0], twins, rows[case, 2]) or differ(
                jobs, rows[case, 1], twins, rows[case, 3]
            ):
                order[count] = case
                count += 1
        sort_cases(order, first_case[window], count, heads, numbers)
        begin = end
    first_case[len(bounds) - 1] = count
    return count


def note_row(
    jobs: Any, k: int, streams: int, heads: Any, numbers: Any, rows: Any, run: int, places: Any,
    mask: int, begin: int, end: int,
) -> int:  # fmt: skip
    """Note where a case has a row; return where cases end."""
    head = jobs[k].source * streams + jobs[k].stream
    number = NUMBERS * jobs[k].slot + jobs[k].number
    place = place_of_case(places, mask, begin, heads, numbers, head, number)
    case = places[place]
    if case < begin:
        case = end
        end += 1
        places[place] = case
        heads[case] = head
        numbers[case] = number
        for column in range(4):
            rows[case, column] = -1
    rows[case, run + (1 if jobs[k].station != jobs[k].source else 0)] = k
    return end


def differ(jobs: Any, k: int, twins: Any, twin: int) -> bool:
    """Return whether a job went otherwise than its twin, or either is open or missing."""
    if k < 0 or twin < 0:
        return (k < 0) != (twin < 0)
    if jobs[k].outcome == UNKNOWN or jobs[k].outcome != twins[twin].outcome:
        return True
    if jobs[k].tries != twins[twin].tries or jobs[k].parked != twins[twin].parked:
        return True
    if not same(jobs[k].first, twins[twin].first) or not same(jobs[k].stored, twins[twin].stored):
        return True
    return not same(jobs[k].sent, twins[twin].sent)


def same(one: float, other: float) -> bool:
    """Return whether two values are the same, or neither is a number."""
    return one == other or (math.isnan(one) and math.isnan(other))


def sort_cases(order: Any, begin: int, end: int, heads: Any, numbers: Any) -> None:
    """Sort cases of a window by source, stream and number: each part moves by less and less."""
    gap = 1
    while 3 * gap < end - begin:
        gap = 3 * gap + 1
    while gap > 0:
        for k in range(begin + gap, end):
            case, at = order[k], k
            while at - gap >= begin and is_named_before(case, order[at - gap], heads, numbers):
                order[at] = order[at - gap]
                at -= gap
            order[at] = case
        gap //= 3


def is_named_before(one: int, other: int, heads: Any, numbers: Any) -> bool:
    """Return whether a case comes before another one of its window."""
    if heads[one] != heads[other]:
        return bool(heads[one] < heads[other])
    return bool(numbers[one] < numbers[other])


def note_made(
    jobs: Any, order: Any, rows: Any, run: int, at: Any, parked: Any, by_hand: Any
) -> None:  # fmt: skip
    """Note of each case where its row is, how often it was parked, and whether sent by hand."""
    for k in range(len(order)):
        own, routed = rows[order[k], run], rows[order[k], run + 1]
        if own < 0:
            own = routed
        at[k] = own
        parked[k] = 0
        by_hand[k] = False
        # Whoever forgot it did so after the last parking: nobody sent it again after that one.
        forgotten = 0
        if routed >= 0:
            forgotten = 1 if jobs[routed].outcome == GIVEN_AWAY else 0
            parked[k] += jobs[routed].parked
            by_hand[k] = jobs[routed].parked > forgotten
        if own >= 0:
            here = 1 if jobs[own].outcome == GIVEN_AWAY and forgotten == 0 else 0
            parked[k] += jobs[own].parked
            by_hand[k] = by_hand[k] or jobs[own].parked > here
