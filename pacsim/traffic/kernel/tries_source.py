"""What tries tell of cases, in one pass over them: a plain function that is compiled as it stands.

Tries come case by case in the order of their windows, those of a case in that in which they ended.
"""

from __future__ import annotations

import math
from typing import Any

OK, OPEN, REJECTED = 0, 11, 7
"""Ways in which tries end."""
STORES, FETCHES, ASKS_FOR = 0, 1, 2
"""Operations: store, retrieve, query."""
READS = 1
"""What a station does."""
STORE_REJECTED, FETCH_REJECTED, SOME_REJECTED = 1, 2, 4
"""Bits of what a case has."""


def note_tries(
    tries: Any, bounds: Any, follows: Any, told: int, streams: int, stations: Any,
    first_case: Any, heads: Any, numbers: Any, cases: Any, queries: Any, places: Any,
) -> int:  # fmt: skip
    """Note what tries tell of cases and of their queries; return the number of queries."""
    count = 0
    for window in range(len(bounds) - 1):
        begin, end = first_case[window], first_case[window + 1]
        mask, case = places_of(end - begin) - 1, -1
        for one in range(begin, end):
            place = place_of_case(places, mask, begin, heads, numbers, heads[one], numbers[one])
            places[place] = one
        head = number = -1
        for k in range(bounds[window], bounds[window + 1]):
            station = tries[k].station
            # Often it is the case of the row before.
            if tries[k].number != number or tries[k].source * streams + tries[k].stream != head:
                head, number = tries[k].source * streams + tries[k].stream, tries[k].number
                case = places[place_of_case(places, mask, begin, heads, numbers, head, number)]
            if case < begin:
                continue
            note_case(tries, k, stations, cases, case)
            if tries[k].operation == ASKS_FOR:
                count = note_query(tries, k, cases, case, queries, count)
            if stations[station].does == READS:
                last = cases[case].last
                if last >= 0 and fails(tries, last):
                    again = tries[last].end + stations[tries[last].station].retry_every
                    retried = follows[last] != 0 if told == 1 else tries[k].start == again
                    if not retried:
                        put_aside(tries, last, cases, case, queries)
                cases[case].last = k
    for case in range(len(cases)):
        last = cases[case].last
        # What is known of the last try is how often it was put aside in all.
        if last >= 0 and fails(tries, last) and cases[case].parked > cases[case].asides:
            put_aside(tries, last, cases, case, queries)
        cases[case].again = cases[case].whole - cases[case].most
        cases[case].again += cases[case].whole_routed - cases[case].most_routed
    return count


def places_of(cases: int) -> int:
    """Return how many places there are for so many cases: a power of two, half of them free."""
    places = 2
    while places < 2 * cases:
        places *= 2
    return places


def place_of_case(
    places: Any, mask: int, begin: int, heads: Any, numbers: Any, head: int, number: int
) -> int:  # fmt: skip
    """Return the place of a case of a window, or the one that is free for it.

    Free is also what has a case of a window before.
    """
    # Those of one hour are near each other; whole numbers of 64 bits hold it.
    hour = (1000003 * (number >> 20) + 7919 * head) * 1640531 >> 20
    place = (hour + 8 * number) & mask
    while places[place] >= begin:
        case = places[place]
        if heads[case] == head and numbers[case] == number:
            break
        place = (place + 1) & mask
    return place


def fails(tries: Any, k: int) -> bool:
    """Return whether a try is over and was not served."""
    return bool(tries[k].how != OK and tries[k].how != OPEN)


def note_case(tries: Any, k: int, stations: Any, cases: Any, case: int) -> None:
    """Note what a try tells of its case."""
    station = tries[k].station
    cases[case].first = min(cases[case].first, tries[k].start)
    cases[case].ended = max(cases[case].ended, tries[k].end)
    stores = tries[k].operation == STORES
    if tries[k].how == REJECTED:
        cases[case].rejected |= SOME_REJECTED
        if stores:
            cases[case].rejected |= STORE_REJECTED
        if tries[k].operation == FETCHES:
            cases[case].rejected |= FETCH_REJECTED
    if not stores:
        return
    if fails(tries, k) and tries[k]["try"] == stations[station].retry_count:
        cases[case].given_up = min(cases[case].given_up, tries[k].end)
    anew = stations[station].sends_anew
    if station == tries[k].source:
        if tries[k].items > 0:
            cases[case].pieces += 1
        if anew:
            cases[case].whole += tries[k].bytes
            cases[case].most = max(cases[case].most, tries[k].bytes)
    else:
        if tries[k].items > 0:
            cases[case].pieces_routed += 1
        if anew:
            cases[case].whole_routed += tries[k].bytes
            cases[case].most_routed = max(cases[case].most_routed, tries[k].bytes)


def note_query(tries: Any, k: int, cases: Any, case: int, queries: Any, count: int) -> int:
    """Note what a try tells of a query; return how many there are."""
    step, after, query = tries[k].step, -1, cases[case].query
    while query >= 0 and queries[query].step > step:
        after, query = query, queries[query].before
    if query < 0 or queries[query].step != step:
        before, query = query, count
        count += 1
        queries[query].case = case
        queries[query].step = step
        queries[query].before = before
        queries[query].rejected = 0
        queries[query].asked = tries[k].start
        queries[query].ended = math.inf
        queries[query].given_up = math.inf
        cases[case].asked += 1
        if after < 0:
            cases[case].query = query
        else:
            queries[after].before = query
    if tries[k].how == OK:
        queries[query].ended = tries[k].end
    if tries[k].how == REJECTED:
        queries[query].rejected = 1
    return count


def put_aside(tries: Any, k: int, cases: Any, case: int, queries: Any) -> None:
    """Note that an opening was put aside after a try: when its patience was over, or at its end."""
    at = max(cases[case].patient, tries[k].end)
    cases[case].asides += 1
    cases[case].aside = min(cases[case].aside, at)
    cases[case].patient = at + cases[case].returns
    query = cases[case].query
    while query >= 0 and queries[query].step > tries[k].step:
        query = queries[query].before
    if query >= 0 and queries[query].step == tries[k].step:
        queries[query].given_up = min(queries[query].given_up, at)
