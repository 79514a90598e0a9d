"""Senders of modalities and routers (T17, T20)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.traffic.client_tables import ENDLESS
from pacsim.traffic.kernel.numbers_of_traffic import (
    AT_ARCHIVE,
    BUSY,
    IDLE,
    NEVER_FAILS,
    NEXT,
    TO_RETRY,
    WAITING,
)
from pacsim.traffic.kernel.source.attempts import begin_attempt, release
from pacsim.traffic.kernel.source.keeping import (
    hand_on,
    next_job,
    next_return,
    park,
    put_back,
    store,
    write_job,
)
from pacsim.traffic.logs import OK, OVERWRITTEN

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def send_next(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Send the next job, or wait for one."""
    station = workload.lines[line].station
    job = next_job(state, station)
    state.lines[line].job = job
    if job < 0:
        state.lines[line].phase = IDLE
        state.timers[line].until = next_return(state, station)
        return WAITING
    operation = workload.stations[station].operation
    target = workload.operations[operation].target
    if workload.stations[station].router >= 0 and target == AT_ARCHIVE:
        target = NEVER_FAILS
    acknowledged = state.jobs[job].acknowledged
    missing = workload.stations[station].missing == 1
    state.lines[line].operation = operation
    state.lines[line].target = target
    state.lines[line].items = state.jobs[job].items - (acknowledged if missing else 0)
    state.timers[line].size = state.exams[job].size
    state.lines[line].draw = state.jobs[job].key
    state.lines[line].source = state.jobs[job].source
    state.lines[line].stream = state.jobs[job].stream
    state.lines[line].number = state.jobs[job].key
    state.lines[line].step = 0
    state.lines[line].tries = state.jobs[job].tries
    state.lines[line].turn = state.jobs[job].turn
    return begin_attempt(workload, state, line)


def sent(workload: WorkloadGroup, state: RunStateGroup, line: int, how: int) -> int:
    """Note how a job was sent, and go on with it or the next."""
    station = workload.lines[line].station
    router = workload.stations[station].router
    job = state.lines[line].job
    answered = state.lines[line].answered
    state.jobs[job].tries += 1
    state.exams[job].sent += answered * state.timers[line].size
    state.jobs[job].acknowledged += answered
    if router >= 0 and state.lines[line].admitted == 1:
        state.sizes[router].coming -= state.exams[job].bytes
    if how == OK:
        state.lines[line].job = BUSY
        if router >= 0:
            hand_on(workload, state, job)
        else:
            before = state.jobs[job].before
            store(workload, state, job)
            if before >= 0:
                store(workload, state, before)
        return release(workload, state, line)
    if how == OVERWRITTEN:
        write_job(state, job)
        return NEXT
    most = workload.stations[station].retry_count
    state.jobs[job].failures += 1
    if most == ENDLESS or state.jobs[job].failures <= most:
        put_back(state, job)
        state.lines[line].job = -1
        state.lines[line].phase = TO_RETRY
        every = workload.times[station].retry_every
        state.timers[line].until = state.clock[0].now + every
        return WAITING
    park(workload, state, job)
    return NEXT
