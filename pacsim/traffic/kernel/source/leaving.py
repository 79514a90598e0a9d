"""What is open when a run is looked at: rows of it, sums by station, and whether all adds up."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.kernel.numbers_of_traffic import (
    ASKER,
    BIRTH,
    EMERGENCY_STREAM,
    HANDED,
    IN_FLIGHT,
    PARKED,
    QUEUED,
    QUEUES,
    READER,
    ROUTINE,
    SET_ASIDE,
    WORKLIST_STREAM,
)
from pacsim.traffic.kernel.source.attempt_rows import write_row
from pacsim.traffic.kernel.source.cases import copy_case
from pacsim.traffic.kernel.source.keeping import copy_job
from pacsim.traffic.logs import OPEN, UNDECIDED

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def write_open(workload: WorkloadGroup, state: RunStateGroup) -> bool:
    """Write rows of what is open behind those of what is over; return False without room.

    The run may go on afterwards and write over them.
    """
    state.world[0].late = late_questions(workload, state)
    rows = state.world[0].rows + state.world[0].alive + state.world[0].late + 2
    attempts = state.world[0].attempts + workload.archive[0].lines + 2
    if rows > state.world[0].room_rows or attempts > state.world[0].room_attempts:
        return False
    for station in range(workload.archive[0].stations):
        state.left[station].queued = 0
        state.left[station].in_flight = 0
        state.left[station].parked = 0
        state.left[station].handed = 0
        state.left[station].late = 0
        state.left[station].attempts = 0
        state.left_bytes[station].queued = 0.0
        state.left_bytes[station].in_flight = 0.0
        state.left_bytes[station].parked = 0.0
        state.left_bytes[station].handed = 0.0
    row = write_open_jobs(state, state.world[0].rows)
    for station in range(workload.archive[0].stations):
        if workload.stations[station].kind in (READER, ASKER):
            row = write_open_cases(workload, state, station, row)
    state.world[0].open_rows = row - state.world[0].rows
    row = state.world[0].attempts
    for line in range(workload.archive[0].lines):
        if state.lines[line].open == 1 and state.lines[line].how == OPEN:
            write_row(workload, state, line, row)
            state.attempts[row].end = math.nan
            state.attempts[row].items = 0
            state.attempts[row].bytes = 0.0
            state.left[workload.lines[line].station].attempts += 1
            row += 1
    state.world[0].open_attempts = row - state.world[0].attempts
    return True


# Jobs


def write_open_jobs(state: RunStateGroup, row: int) -> int:
    """Write the jobs that are not over, station by station; return the row behind them."""
    count = 0
    for job in range(state.world[0].places):
        where = state.jobs[job].where
        if where in (QUEUED, IN_FLIGHT, PARKED, HANDED):
            k = count
            count += 1
            while k > 0 and listed_before(state, job, state.sorted[k - 1]):
                state.sorted[k] = state.sorted[k - 1]
                k -= 1
            state.sorted[k] = job
    for k in range(count):
        job = state.sorted[k]
        copy_job(state, job, row)
        row += 1
        station, where = state.jobs[job].station, state.jobs[job].where
        size = state.exams[job].bytes
        if where == QUEUED:
            state.left[station].queued += 1
            state.left_bytes[station].queued += size
        elif where == IN_FLIGHT:
            state.left[station].in_flight += 1
            state.left_bytes[station].in_flight += size
        elif where == PARKED:
            state.left[station].parked += 1
            state.left_bytes[station].parked += size
        else:
            state.left[station].handed += 1
            state.left_bytes[station].handed += size
    return row


def listed_before(state: RunStateGroup, one: int, other: int) -> bool:
    """Return whether a job that is open stands before another one."""
    if state.jobs[one].station != state.jobs[other].station:
        return state.jobs[one].station < state.jobs[other].station
    urgent = state.jobs[one].stream == EMERGENCY_STREAM
    if urgent != (state.jobs[other].stream == EMERGENCY_STREAM):
        return urgent
    if state.exams[one].came != state.exams[other].came:
        return state.exams[one].came < state.exams[other].came
    if state.jobs[one].source != state.jobs[other].source:
        return state.jobs[one].source < state.jobs[other].source
    if state.jobs[one].turn != state.jobs[other].turn:
        return state.jobs[one].turn < state.jobs[other].turn
    return state.jobs[one].serial < state.jobs[other].serial


# Cases


def late_at(workload: WorkloadGroup, state: RunStateGroup, station: int) -> int:
    """Return how many questions of a station are late: their time came while others were open."""
    if workload.stations[station].kind != ASKER or state.world[0].stage == BIRTH:
        return 0
    line = workload.stations[station].first_line
    every, k = workload.times[station].every, state.lines[line].grid
    while state.timers[line].grid_phase + k * every < state.clock[0].now:
        k += 1
    return k - state.lines[line].grid


def late_questions(workload: WorkloadGroup, state: RunStateGroup) -> int:
    """Return how many questions are late."""
    late = 0
    for station in range(workload.archive[0].stations):
        late += late_at(workload, state, station)
    return late


def write_open_cases(workload: WorkloadGroup, state: RunStateGroup, station: int, row: int) -> int:
    """Write the cases of a station: late ones, those that wait, the one at hand, those aside."""
    line = workload.stations[station].first_line
    for k in range(late_at(workload, state, station)):
        number = state.lines[line].grid + k
        write_late(workload, state, station, number, row)
        row += 1
        state.left[station].late += 1
    case = state.queues[QUEUES * station + ROUTINE].first
    while case >= 0:
        copy_case(state, case, row)
        row += 1
        state.left[station].queued += 1
        state.left_bytes[station].queued += state.patience[case].bytes
        case = state.cases[case].behind
    case = state.lines[line].case
    if state.world[0].stage != BIRTH and case >= 0 and state.cases[case].outcome == UNDECIDED:
        copy_case(state, case, row)
        row += 1
        state.left[station].in_flight += 1
        state.left_bytes[station].in_flight += state.patience[case].bytes
    case = state.queues[QUEUES * station + SET_ASIDE].first
    while case >= 0:
        copy_case(state, case, row)
        row += 1
        state.left[station].parked += 1
        state.left_bytes[station].parked += state.patience[case].bytes
        case = state.cases[case].behind
    return row


def write_late(
    workload: WorkloadGroup, state: RunStateGroup, station: int, number: int, row: int
) -> None:
    """Write a question that was to be asked while others were open."""
    line = workload.stations[station].first_line
    at = state.timers[line].grid_phase + number * workload.times[station].every
    state.rows[row].station = station
    state.rows[row].source = station
    state.rows[row].stream = WORKLIST_STREAM
    state.rows[row].slot = 0
    state.rows[row].number = number
    state.rows[row].finished = at
    state.rows[row].first = math.nan
    state.rows[row].stored = math.nan
    state.rows[row].tries = 0
    state.rows[row].parked = 0
    state.rows[row].outcome = UNDECIDED
    state.rows[row].bytes = 0.0
    state.rows[row].sent = 0.0


# Whether all adds up


def adds_up(workload: WorkloadGroup, state: RunStateGroup) -> bool:
    """Return whether nothing was lost on the way, as `TrafficLog.check` looks (T24)."""
    for station in range(workload.archive[0].stations):
        came = state.stations[station].finished + state.left[station].late
        went = state.stations[station].stored + state.stations[station].lost
        went += state.stations[station].blocked + state.left[station].queued
        went += state.left[station].late + state.left[station].in_flight
        went += state.left[station].parked + state.left[station].handed
        into = state.sizes[station].bytes_finished
        out = state.sizes[station].bytes_stored + state.sizes[station].bytes_lost
        out = out + state.sizes[station].bytes_blocked + state.left_bytes[station].queued
        out = out + state.left_bytes[station].in_flight + state.left_bytes[station].parked
        out = out + state.left_bytes[station].handed
        ended = state.left[station].attempts
        for how in range(12):
            ended += state.ended[12 * station + how]
        near = 1e-9 * (into if into > 1.0 else 1.0)
        if came != went or ended != state.stations[station].attempts or abs(into - out) > near:
            return False
    return True
