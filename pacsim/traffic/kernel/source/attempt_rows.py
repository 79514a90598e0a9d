"""Rows of attempts that have ended; where asked for, without those that tell nothing.

A try is left out if it failed and carried nothing, if the one before it was of the same step, and
if the next follows as it should: then only how often it was tried hangs on it. The next takes its
row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.traffic.kernel.numbers_of_traffic import FOLLOWED, FORWARDER, FRESH, MODALITY, PROBER
from pacsim.traffic.logs import OK, OPEN, REJECTED

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def write_attempt(workload: WorkloadGroup, state: RunStateGroup, line: int) -> None:
    """Write the row of an attempt that has ended."""
    station = workload.lines[line].station
    state.ended[12 * station + state.lines[line].how] += 1
    row = state.world[0].attempts
    if state.world[0].thins == 1 and workload.stations[station].kind != PROBER:
        row = row_of_try(workload, state, line)
    if row == state.world[0].attempts:
        state.world[0].attempts = row + 1
    write_row(workload, state, line, row)


def write_row(workload: WorkloadGroup, state: RunStateGroup, line: int, row: int) -> None:
    """Write what an attempt is now as a row."""
    station = workload.lines[line].station
    answered = state.lines[line].answered
    state.attempts[row].station = station
    state.attempts[row].operation = workload.operations[state.lines[line].operation].kind
    state.attempts[row].source = state.lines[line].source
    state.attempts[row].stream = state.lines[line].stream
    state.attempts[row].number = state.lines[line].number
    state.attempts[row].step = state.lines[line].step
    state.attempts[row].tries = state.lines[line].tries
    state.attempts[row].start = state.timers[line].start
    state.attempts[row].end = state.clock[0].now
    state.attempts[row].member = state.lines[line].member
    state.attempts[row].how = state.lines[line].how
    state.attempts[row].items = answered
    state.attempts[row].bytes = answered * state.timers[line].size


def row_of_try(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Return which row an attempt takes: a new one, or that of a try which tells nothing."""
    station = workload.lines[line].station
    if workload.stations[station].kind in (MODALITY, FORWARDER):
        job = state.lines[line].job
        again = state.exams[job].ended + workload.times[station].retry_every
        row = row_behind(workload, state, line, state.jobs[job].row, again)
        state.jobs[job].row = row
        state.exams[job].ended = state.clock[0].now
    else:
        case = state.lines[line].case
        again = state.patience[case].ended + workload.times[station].retry_every
        row = row_behind(workload, state, line, state.cases[case].row, again)
        state.cases[case].row = row
        state.patience[case].ended = state.clock[0].now
    return row


def row_behind(
    workload: WorkloadGroup, state: RunStateGroup, line: int, before: int, again: float
) -> int:
    """Return which row an attempt takes, behind another one that is followed at a time."""
    row = state.world[0].attempts
    state.follows[row] = FRESH
    if before >= 0:
        follows = state.timers[line].start == again
        if state.lines[line].tries > 0:
            # It is of the same step.
            if follows and says_nothing(workload, state, before):
                state.follows[before] = 0
                return before
            state.follows[row] = 0
        if follows:
            state.follows[before] |= FOLLOWED
    return row


def follow(workload: WorkloadGroup, state: RunStateGroup, row: int, start: float) -> bool:
    """Return whether a try begins when it should after another one of its station."""
    again = state.attempts[row].end + workload.times[state.attempts[row].station].retry_every
    return start == again


def says_nothing(workload: WorkloadGroup, state: RunStateGroup, row: int) -> bool:
    """Return whether a try tells no more than that it failed, as did one before it."""
    if state.follows[row] & FRESH or state.attempts[row].how in (OK, OPEN, REJECTED):
        return False
    if state.attempts[row].items != 0 or state.attempts[row].bytes != 0.0:
        return False
    count = workload.stations[state.attempts[row].station].retry_count
    return bool(state.attempts[row].tries != count)
