"""Exams on their way, and the buffer of a modality or router (T17, T18, T20)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.kernel.numbers_of_traffic import (
    BY_AGE,
    EMERGENCY_STREAM,
    FREE,
    GONE,
    HANDED,
    IN_FLIGHT,
    LANE_BY_HAND,
    LANE_COMMITMENT,
    LANE_FORGOTTEN,
    ONCE_COMMITTED,
    PARKED,
    QUEUED,
    QUEUES,
    ROUTINE,
    SET_ASIDE,
    UNSAFE,
    URGENT,
)
from pacsim.traffic.kernel.source.alarms import give_turn
from pacsim.traffic.kernel.source.keyed import delay, drawn
from pacsim.traffic.kernel.source.lists import (
    make_safe,
    make_unsafe,
    put_in_order,
    put_last,
    take_out,
)
from pacsim.traffic.keyed_draws import AGAIN, SLOT
from pacsim.traffic.logs import (
    BLOCKED,
    LOST_FORGOTTEN,
    LOST_OVERWRITTEN,
    STORED_SAFE,
    UNDECIDED,
)

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


# What comes in


def new_job(state: RunStateGroup, station: int, came: float) -> int:
    """Return a place for a job; there is one."""
    job = state.world[0].free_job
    state.world[0].free_job = state.jobs[job].behind
    if job >= state.world[0].places:
        state.world[0].places = job + 1
    state.world[0].alive += 1
    state.jobs[job].station = station
    state.exams[job].came = came
    state.jobs[job].serial = state.world[0].jobs
    state.world[0].jobs += 1
    state.jobs[job].where = QUEUED
    state.jobs[job].outcome = UNDECIDED
    state.jobs[job].acknowledged = 0
    state.jobs[job].tries = 0
    state.jobs[job].failures = 0
    state.jobs[job].parked = 0
    state.exams[job].back = math.inf
    state.exams[job].stored = math.nan
    state.exams[job].committed = math.inf
    state.exams[job].sent = 0.0
    state.jobs[job].is_unsafe = 0
    state.jobs[job].row = -1
    return job


def exam_arrives(workload: WorkloadGroup, state: RunStateGroup, k: int) -> None:
    """Take in an exam that was made."""
    job = new_job(state, state.arrivals[k].station, state.clock[0].now)
    items, size = state.arrivals[k].items, state.arrivals[k].sent
    slot, number = state.arrivals[k].slot, state.arrivals[k].number
    state.jobs[job].before = -1
    state.jobs[job].source = state.arrivals[k].station
    state.jobs[job].stream = state.arrivals[k].stream
    state.jobs[job].slot = slot
    state.jobs[job].number = number
    state.jobs[job].key = SLOT * slot + number
    state.jobs[job].turn = state.arrivals[k].turn
    state.jobs[job].items = items
    state.exams[job].size = size
    state.exams[job].bytes = items * size
    enter(workload, state, job)


def job_arrives(workload: WorkloadGroup, state: RunStateGroup, router: int, before: int) -> None:
    """Take in at a router what a modality has sent."""
    job = new_job(state, router, state.clock[0].now)
    state.jobs[job].before = before
    state.jobs[job].source = state.jobs[before].source
    state.jobs[job].stream = state.jobs[before].stream
    state.jobs[job].slot = state.jobs[before].slot
    state.jobs[job].number = state.jobs[before].number
    state.jobs[job].key = state.jobs[before].key
    state.jobs[job].turn = state.jobs[before].turn
    state.jobs[job].items = state.jobs[before].items
    state.exams[job].size = state.exams[before].size
    state.exams[job].bytes = state.exams[before].bytes
    enter(workload, state, job)


def enter(workload: WorkloadGroup, state: RunStateGroup, job: int) -> None:
    """Take a job in, if it fits, and call those who have nothing to send."""
    station = state.jobs[job].station
    state.stations[station].finished += 1
    state.sizes[station].bytes_finished += state.exams[job].bytes
    deletes = workload.stations[station].deletes
    if deletes == ONCE_COMMITTED:
        forget_committed(state, station)
    if deletes == BY_AGE:
        overwrite(workload, state, station, job)
    elif state.jobs[job].before < 0 and not fits(workload, state, station, job):
        state.stations[station].blocked += 1
        state.sizes[station].bytes_blocked += state.exams[job].bytes
        over(state, job, BLOCKED)
        write_job(state, job)
    if state.jobs[job].where == QUEUED:
        make_unsafe(state, QUEUES * station + UNSAFE, job)
        put_in_order(state, list_of(state, job), job)
    first = workload.stations[station].first_line
    for line in range(first, first + workload.stations[station].lines):
        if state.lines[line].job == -1:
            give_turn(state, line)


def list_of(state: RunStateGroup, job: int) -> int:
    """Return in which list of its station a job waits."""
    urgent = state.jobs[job].stream == EMERGENCY_STREAM
    return QUEUES * state.jobs[job].station + (URGENT if urgent else ROUTINE)


def forget_committed(state: RunStateGroup, station: int) -> None:
    """Forget what has been committed by now."""
    queue = QUEUES * station + UNSAFE
    job = state.queues[queue].first
    while job >= 0:
        after = state.jobs[job].unsafer
        if state.exams[job].committed <= state.clock[0].now:
            make_safe(state, queue, job)
            set_free(state, job)
        job = after


def overwrite(workload: WorkloadGroup, state: RunStateGroup, station: int, new: int) -> None:
    """Lose the oldest, whatever their state, until the new one fits (T18)."""
    size, room = state.exams[new].bytes, workload.times[station].buffer
    state.exams[new].age = size
    job = state.queues[QUEUES * station + UNSAFE].first
    while job >= 0:
        after = state.jobs[job].unsafer
        state.exams[job].age += size
        if state.exams[job].age > room:
            lose_oldest(workload, state, station, job)
        job = after
    if state.exams[new].age > room:
        lose_oldest(workload, state, station, new)


def lose_oldest(workload: WorkloadGroup, state: RunStateGroup, station: int, job: int) -> None:
    """Lose a job; one that is being sent has its row when the attempt has ended."""
    flying = state.jobs[job].where == IN_FLIGHT
    drop(state, job)
    state.stations[station].lost += 1
    state.sizes[station].bytes_lost += state.exams[job].bytes
    over(state, job, LOST_OVERWRITTEN)
    if not flying:
        write_job(state, job)
        return
    first = workload.stations[station].first_line
    for line in range(first, first + workload.stations[station].lines):
        if state.lines[line].job == job:
            state.lines[line].cut = 1
            give_turn(state, line)


def drop(state: RunStateGroup, job: int) -> None:
    """Take a job out of all lists."""
    where = state.jobs[job].where
    queues = QUEUES * state.jobs[job].station
    if state.jobs[job].is_unsafe == 1:
        # One that has just come is in no list yet.
        if where == QUEUED:
            take_out(state, list_of(state, job), job)
        elif where == PARKED:
            take_out(state, queues + SET_ASIDE, job)
        make_safe(state, queues + UNSAFE, job)


def held_with(state: RunStateGroup, station: int, job: int) -> float:
    """Return the bytes that are unsafe or on their way, with those of a job."""
    held = state.sizes[station].coming
    other = state.queues[QUEUES * station + UNSAFE].first
    while other >= 0:
        held += state.exams[other].bytes
        other = state.jobs[other].unsafer
    return held + state.exams[job].bytes


def fits(workload: WorkloadGroup, state: RunStateGroup, station: int, job: int) -> bool:
    """Return whether there is room, beside what is admitted and on its way."""
    room = workload.times[station].buffer
    return room == math.inf or held_with(state, station, job) <= room


def make_room(workload: WorkloadGroup, state: RunStateGroup, station: int, job: int) -> bool:
    """Return whether a job that is to come fits, and keep the room for it."""
    if not fits(workload, state, station, job):
        return False
    state.sizes[station].coming += state.exams[job].bytes
    return True


# What goes out


def next_job(state: RunStateGroup, station: int) -> int:
    """Return the next to send, -1 for none; those parked come back in their turn."""
    aside = QUEUES * station + SET_ASIDE
    job = state.queues[aside].first
    while job >= 0:
        after = state.jobs[job].behind
        if state.exams[job].back <= state.clock[0].now:
            take_out(state, aside, job)
            put_back(state, job)
        job = after
    for queue in (QUEUES * station + URGENT, QUEUES * station + ROUTINE):
        job = state.queues[queue].first
        if job >= 0:
            take_out(state, queue, job)
            state.jobs[job].where = IN_FLIGHT
            return job
    return -1


def next_return(state: RunStateGroup, station: int) -> float:
    """Return when a parked job comes back."""
    at = math.inf
    job = state.queues[QUEUES * station + SET_ASIDE].first
    while job >= 0:
        at = min(at, state.exams[job].back)
        job = state.jobs[job].behind
    return at


def put_back(state: RunStateGroup, job: int) -> None:
    """Let a job wait again, in its place."""
    state.jobs[job].where = QUEUED
    put_in_order(state, list_of(state, job), job)


def park(workload: WorkloadGroup, state: RunStateGroup, job: int) -> None:
    """Put a job aside until a person sends it again, or nobody does (T17)."""
    station, source = state.jobs[job].station, state.jobs[job].source
    stream = state.jobs[job].stream
    n = AGAIN * state.jobs[job].parked + state.jobs[job].key
    state.jobs[job].parked += 1
    state.jobs[job].failures = 0
    forgotten, law = workload.times[station].forgotten, workload.stations[station].by_hand
    nobody = law < 0
    if nobody or drawn(workload, state, station, source, stream, LANE_FORGOTTEN, n) < forgotten:
        before = state.jobs[job].before
        lose(state, job, LOST_FORGOTTEN)
        if before >= 0:
            lose(state, before, LOST_FORGOTTEN)
        return
    state.jobs[job].where = PARKED
    wait = delay(workload, state, law, station, source, stream, LANE_BY_HAND, n)
    state.exams[job].back = state.clock[0].now + wait
    put_last(state, QUEUES * station + SET_ASIDE, job)


def lose(state: RunStateGroup, job: int, outcome: int) -> None:
    """Lose a job for good."""
    station = state.jobs[job].station
    drop(state, job)
    state.stations[station].lost += 1
    state.sizes[station].bytes_lost += state.exams[job].bytes
    over(state, job, outcome)
    write_job(state, job)


def hand_on(workload: WorkloadGroup, state: RunStateGroup, job: int) -> None:
    """Note that a router has it: it may go from the buffer, unless that waits for more."""
    station = state.jobs[job].station
    state.jobs[job].where = HANDED
    if workload.stations[station].deletes != ONCE_COMMITTED:
        make_safe(state, QUEUES * station + UNSAFE, job)
    job_arrives(workload, state, workload.stations[station].router, job)


def store(workload: WorkloadGroup, state: RunStateGroup, job: int) -> None:
    """Note that the archive has it."""
    station = state.jobs[job].station
    state.exams[job].stored = state.clock[0].now
    if workload.stations[station].deletes != ONCE_COMMITTED:
        if state.jobs[job].is_unsafe == 1:
            make_safe(state, QUEUES * station + UNSAFE, job)
    elif workload.stations[station].commit >= 0:
        law = workload.stations[station].commit
        source, stream = state.jobs[job].source, state.jobs[job].stream
        key = state.jobs[job].key
        wait = delay(workload, state, law, station, source, stream, LANE_COMMITMENT, key)
        state.exams[job].committed = state.clock[0].now + wait
    state.stations[station].stored += 1
    state.sizes[station].bytes_stored += state.exams[job].bytes
    over(state, job, STORED_SAFE)
    write_job(state, job)


# What is over


def over(state: RunStateGroup, job: int, outcome: int) -> None:
    """Have nothing more to do with a job; its row is still to be written."""
    state.jobs[job].where = GONE
    state.jobs[job].outcome = outcome


def write_job(state: RunStateGroup, job: int) -> None:
    """Write the row of a job that is over; its place is free if nothing hangs on it."""
    row = state.world[0].rows
    state.world[0].rows = row + 1
    state.world[0].alive -= 1
    copy_job(state, job, row)
    if state.jobs[job].is_unsafe == 0:
        set_free(state, job)


def copy_job(state: RunStateGroup, job: int, row: int) -> None:
    """Write what a job is now as a row."""
    state.rows[row].station = state.jobs[job].station
    state.rows[row].source = state.jobs[job].source
    state.rows[row].stream = state.jobs[job].stream
    state.rows[row].slot = state.jobs[job].slot
    state.rows[row].number = state.jobs[job].number
    state.rows[row].finished = state.exams[job].came
    state.rows[row].first = math.nan
    state.rows[row].stored = state.exams[job].stored
    state.rows[row].tries = state.jobs[job].tries
    state.rows[row].parked = state.jobs[job].parked
    state.rows[row].outcome = state.jobs[job].outcome
    state.rows[row].bytes = state.exams[job].bytes
    state.rows[row].sent = state.exams[job].sent


def set_free(state: RunStateGroup, job: int) -> None:
    """Give a job's place free."""
    state.jobs[job].where = FREE
    state.jobs[job].behind = state.world[0].free_job
    state.world[0].free_job = job
