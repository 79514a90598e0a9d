"""What of a window is kept: cases in which both runs differ.

All figures are sums over cases that went otherwise than in the twin (`window_cases`). Tries that
tell nothing have no row (`attempt_rows`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pacsim.traffic.kernel.numbers_of_traffic import DROPPED, FOLLOWED, FRESH, KEY_BITS, PROBER
from pacsim.traffic.kernel.source.attempt_rows import follow, says_nothing
from pacsim.traffic.keyed_draws import SLOT
from pacsim.traffic.logs import UNDECIDED

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import (
        RunStateGroup,
        WindowedGroup,
        WorkloadGroup,
    )

U64 = np.uint64
SPREAD = 0x9E3779B97F4A7C15
"""2^64 over the golden ratio, odd: what it multiplies is spread evenly."""


def key_of(source: int, stream: int, number: int) -> int:
    """Return the number of a case: what arose at a station, in a stream, under a number."""
    return ((source * 8 + stream) << KEY_BITS) + number


def row_key(state: RunStateGroup, row: int) -> int:
    """Return the number of the case of a row of jobs."""
    number = SLOT * state.rows[row].slot + state.rows[row].number
    return key_of(state.rows[row].source, state.rows[row].stream, number)


def clear_entries(term: WindowedGroup, rows: int) -> bool:
    """Make room for the cases of some rows; return False if there is not enough."""
    size = 64
    while size < 2 * rows:
        size *= 2
    term.numbers[0].size = size
    if size > term.numbers[0].room_slots or rows > term.numbers[0].room_entries:
        return False
    for k in range(size):
        term.slots[k] = -1
    term.numbers[0].entries = 0
    return True


def place_of_key(term: WindowedGroup, key: int) -> int:
    """Return where a case stands or may stand among `term.slots`."""
    mask = term.numbers[0].size - 1
    # Numbers of cases differ in few places; the upper half of a product mixes them all.
    place = int((U64(key) * U64(SPREAD)) >> U64(32)) & mask
    while term.slots[place] >= 0 and term.entries[term.slots[place]].key != key:
        place = (place + 1) & mask
    return place


def entry_of(term: WindowedGroup, key: int) -> int:
    """Return the entry of a case, which is made if there is none."""
    place = place_of_key(term, key)
    entry = term.slots[place]
    if entry < 0:
        entry = term.numbers[0].entries
        term.numbers[0].entries = entry + 1
        term.slots[place] = entry
        term.entries[entry].key = key
        term.entries[entry].own = -1
        term.entries[entry].routed = -1
        term.entries[entry].told = 0
        term.entries[entry].matched = 0
        term.entries[entry].changed = 0
    return entry


def note_twin(state: RunStateGroup, term: WindowedGroup, first: int, last: int) -> None:
    """Note the rows of the twin."""
    for row in range(first, last):
        entry = entry_of(term, row_key(state, row))
        state.row_entries[row] = entry
        if state.rows[row].station == state.rows[row].source:
            term.entries[entry].own = row
        else:
            term.entries[entry].routed = row
        term.entries[entry].told += 1
        if state.rows[row].outcome == UNDECIDED:
            term.entries[entry].changed = 1


def thin_jobs(state: RunStateGroup, term: WindowedGroup, first: int, last: int) -> None:
    """Keep the rows of jobs of cases that have changed."""
    kept = first
    for row in range(first, last):
        if term.entries[state.row_entries[row]].changed == 0:
            continue
        if kept != row:
            state.rows[kept].station = state.rows[row].station
            state.rows[kept].source = state.rows[row].source
            state.rows[kept].stream = state.rows[row].stream
            state.rows[kept].slot = state.rows[row].slot
            state.rows[kept].number = state.rows[row].number
            state.rows[kept].finished = state.rows[row].finished
            state.rows[kept].first = state.rows[row].first
            state.rows[kept].stored = state.rows[row].stored
            state.rows[kept].tries = state.rows[row].tries
            state.rows[kept].parked = state.rows[row].parked
            state.rows[kept].outcome = state.rows[row].outcome
            state.rows[kept].bytes = state.rows[row].bytes
            state.rows[kept].sent = state.rows[row].sent
        kept += 1
    state.world[0].rows = kept


def thin_attempts(
    workload: WorkloadGroup, state: RunStateGroup, term: WindowedGroup, first: int, last: int
) -> None:
    """Keep the attempts of cases that have changed, and all of probes."""
    for entry in range(term.numbers[0].entries):
        term.entries[entry].last = -1
    for station in range(workload.archive[0].stations):
        state.stations[station].key = -1
    for row in range(first, last):
        station = state.attempts[row].station
        if workload.stations[station].kind == PROBER:
            state.follows[row] = 0
            continue
        entry = entry_of_attempt(state, term, row)
        if entry < 0 or term.entries[entry].changed == 0:
            state.follows[row] = DROPPED
            continue
        if row >= state.world[0].attempts:
            state.follows[row] = 0
            note_open(workload, state, term.entries[entry].last, row)
        term.entries[entry].last = row
    kept = first
    for row in range(first, last):
        if state.follows[row] == DROPPED:
            continue
        state.follows[kept] = state.follows[row] & FOLLOWED
        if kept != row:
            move_attempt(state, row, kept)
        kept += 1
    state.world[0].attempts = kept


def entry_of_attempt(state: RunStateGroup, term: WindowedGroup, row: int) -> int:
    """Return the entry of the case of an attempt, -1 without; most often that of the one before."""
    station = state.attempts[row].station
    key = key_of(state.attempts[row].source, state.attempts[row].stream, state.attempts[row].number)
    if state.stations[station].key != key:
        state.stations[station].key = key
        state.stations[station].entry = term.slots[place_of_key(term, key)]
    return state.stations[station].entry


def note_open(workload: WorkloadGroup, state: RunStateGroup, before: int, row: int) -> None:
    """Note of the last try that has ended how one that is under way follows it."""
    if before < 0 or state.attempts[before].station != state.attempts[row].station:
        return
    follows = follow(workload, state, before, state.attempts[row].start)
    same = state.attempts[before].step == state.attempts[row].step
    if follows and same and says_nothing(workload, state, before):
        state.follows[before] = DROPPED
    else:
        state.follows[before] = (state.follows[before] & FRESH) + (FOLLOWED if follows else 0)


def move_attempt(state: RunStateGroup, row: int, to: int) -> None:
    """Move a row."""
    state.attempts[to].station = state.attempts[row].station
    state.attempts[to].operation = state.attempts[row].operation
    state.attempts[to].source = state.attempts[row].source
    state.attempts[to].stream = state.attempts[row].stream
    state.attempts[to].number = state.attempts[row].number
    state.attempts[to].step = state.attempts[row].step
    state.attempts[to].tries = state.attempts[row].tries
    state.attempts[to].start = state.attempts[row].start
    state.attempts[to].end = state.attempts[row].end
    state.attempts[to].member = state.attempts[row].member
    state.attempts[to].how = state.attempts[row].how
    state.attempts[to].items = state.attempts[row].items
    state.attempts[to].bytes = state.attempts[row].bytes


def unlike(x: float, y: float) -> bool:
    """Return whether two numbers differ; two that are none do not."""
    return x != y and not (math.isnan(x) and math.isnan(y))
