"""What a run notes of itself to be compared with another (T22), as the reference does.

Whole numbers must be equal, times and items near. Notes for which there is no room are counted
only.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.arithmetic import last_response, settled, whole_items
from pacsim.traffic.kernel.numbers_of_traffic import (
    ASKER,
    DIAL_PAUSE,
    EMERGENCY_STREAM,
    FAILOVER,
    FORWARDER,
    HANDED,
    IN_FLIGHT,
    MODALITY,
    PARKED,
    PROBER,
    QUEUED,
    QUEUES,
    READER,
    ROUTINE,
    SET_ASIDE,
    SYN,
    TO_MISS,
    UNSAFE,
)
from pacsim.traffic.kernel.source.flowing import passes
from pacsim.traffic.kernel.source.lists import precedes
from pacsim.traffic.kernel.source.met import holding, owner
from pacsim.traffic.logs import OPEN

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def mark(state: RunStateGroup, value: int) -> None:
    """Note what must be equal."""
    k = state.world[0].marks
    state.world[0].marks = k + 1
    if k < state.world[0].room_marks:
        state.noted_marks[k] = value


def near(state: RunStateGroup, value: float) -> None:
    """Note what must be near."""
    k = state.world[0].numbers
    state.world[0].numbers = k + 1
    if k < state.world[0].room_numbers:
        state.noted_numbers[k] = value


def take_notes(workload: WorkloadGroup, state: RunStateGroup) -> bool:
    """Note all that decides how a run goes on; return whether there was room."""
    state.world[0].marks = 0
    state.world[0].numbers = 0
    for line in range(workload.archive[0].lines):
        prober = workload.stations[workload.lines[line].station].kind == PROBER
        if state.lines[line].open == 1 and not prober:
            note_attempt(workload, state, line)
    for member in range(workload.archive[0].members):
        note_member(workload, state, member)
    sort_jobs(state)
    k = 0
    for station in range(workload.archive[0].stations):
        kind = workload.stations[station].kind
        if kind in (MODALITY, FORWARDER):
            k = note_jobs(workload, state, station, k)
    for station in range(workload.archive[0].stations):
        kind = workload.stations[station].kind
        if kind in (READER, ASKER):
            note_cases(workload, state, station)
    for station in range(workload.archive[0].stations):
        if workload.stations[station].kind == PROBER:
            note_probe(workload, state, station)
    enough = state.world[0].marks <= state.world[0].room_marks
    return enough and state.world[0].numbers <= state.world[0].room_numbers


def note_attempt(workload: WorkloadGroup, state: RunStateGroup, line: int) -> None:
    """Note which operation it is, in which phase, with what is left of it.

    Who it talks to is noted as against who serves now: after a failover that is another one than
    in the twin.
    """
    mark(state, line)
    mark(state, state.lines[line].source)
    mark(state, state.lines[line].stream)
    mark(state, state.lines[line].number)
    mark(state, state.lines[line].step)
    mark(state, state.lines[line].tries)
    mark(state, state.lines[line].items)
    mark(state, part_of(state, line))
    mark(state, state.lines[line].how)
    mark(state, state.lines[line].placed)
    member = state.lines[line].member
    if workload.archive[0].kind == FAILOVER:
        member = 1 if member == owner(workload, state) else 0
    mark(state, member)
    mark(state, 1 if state.lines[line].holder == holding(workload, state) else 0)
    near(state, state.timers[line].start)
    near(state, state.timers[line].taken)
    if state.lines[line].dials == 1:
        # The next dial begins when its pause is over.
        pausing = state.lines[line].phase == DIAL_PAUSE
        mark(state, state.lines[line].dialled)
        mark(state, state.lines[line].left + (1 if pausing else 0))
        mark(state, state.lines[line].heard)
        mark(state, state.lines[line].lost)
    if state.lines[line].stands == 1:
        mark(state, state.lines[line].met)
        mark(state, state.lines[line].answers)
        mark(state, state.lines[line].silent)
        mark(state, state.lines[line].gone)
        near(state, state.timers[line].last)
        near(state, state.timers[line].again)
    if state.lines[line].flows == 1:
        note_flow(workload, state, line)


def part_of(state: RunStateGroup, line: int) -> int:
    """Return in which part of an attempt a line is."""
    if state.lines[line].stands == 0:
        return 1 if state.lines[line].dials == 1 else 0
    if state.lines[line].how != OPEN:
        return 5
    if state.lines[line].flows == 1:
        return 4
    return 2 if state.lines[line].waits == 1 else 3


def note_flow(workload: WorkloadGroup, state: RunStateGroup, line: int) -> None:
    """Note how far a flow is now, which it is not settled for."""
    now = state.clock[0].now
    rate = state.timers[line].rate
    left = state.timers[line].remaining
    response, first = state.timers[line].response, state.timers[line].first
    if rate > 0.0:
        left = settled(left, rate, now - state.timers[line].since)
        progress = state.timers[line].flow_items - left
        whole = whole_items(progress)
        if whole > state.timers[line].whole:
            response = last_response(now, progress, whole, rate)
            if math.isnan(first):
                at = passes(state, line, 1.0)
                first = now if now < at else at
    mark(state, state.lines[line].moves)
    near(state, left)
    near(state, response)
    near(state, first)
    alone = state.timers[line].alone
    near(state, alone)
    place = line * workload.archive[0].uses
    for k in range(place, place + state.lines[line].uses):
        near(state, state.flow_loads[k] * alone)


def note_member(workload: WorkloadGroup, state: RunStateGroup, member: int) -> None:
    """Note who waits for a place, and whether the balancer does not dial a member."""
    line = state.members[member].first
    while line >= 0:
        mark(state, line)
        line = state.lines[line].behind
    mark(state, -1)
    enough = workload.archive[0].rise * workload.dialling[0].every
    since = state.marks[member].since
    by = state.members[member].put_by == 1 and state.clock[0].now < since + enough
    mark(state, 1 if by else 0)
    mark(state, state.members[member].out if by else 0)
    near(state, since if by else math.inf)


def sort_jobs(state: RunStateGroup) -> None:
    """List the jobs that are not over by station, where they are, and place."""
    count = 0
    for job in range(state.world[0].places):
        where = state.jobs[job].where
        if where in (QUEUED, IN_FLIGHT, PARKED, HANDED):
            k = count
            count += 1
            while k > 0 and goes_before(state, job, state.sorted[k - 1]):
                state.sorted[k] = state.sorted[k - 1]
                k -= 1
            state.sorted[k] = job
    state.world[0].still_open = count


def goes_before(state: RunStateGroup, one: int, other: int) -> bool:
    """Return whether a job is noted before another one."""
    if state.jobs[one].station != state.jobs[other].station:
        return state.jobs[one].station < state.jobs[other].station
    if state.jobs[one].where != state.jobs[other].where:
        return state.jobs[one].where < state.jobs[other].where
    urgent = state.jobs[one].stream == EMERGENCY_STREAM
    if urgent != (state.jobs[other].stream == EMERGENCY_STREAM):
        return urgent
    return precedes(state, one, other)


def note_jobs(workload: WorkloadGroup, state: RunStateGroup, station: int, k: int) -> int:
    """Note the jobs of a station, and what it may not delete yet; return where others begin."""
    while k < state.world[0].still_open and state.jobs[state.sorted[k]].station == station:
        job = state.sorted[k]
        k += 1
        mark(state, state.jobs[job].source)
        mark(state, state.jobs[job].stream)
        mark(state, state.jobs[job].key)
        mark(state, state.jobs[job].where)
        mark(state, state.jobs[job].acknowledged)
        mark(state, state.jobs[job].tries)
        mark(state, state.jobs[job].failures)
        mark(state, state.jobs[job].parked)
        near(state, state.exams[job].came)
        near(state, state.exams[job].back)
    note_unsafe(workload, state, station)
    first = workload.stations[station].first_line
    for line in range(first, first + workload.stations[station].lines):
        mark(state, 1 if state.lines[line].job == -1 else 0)
        near(state, state.at[line])
    return k


def note_unsafe(workload: WorkloadGroup, state: RunStateGroup, station: int) -> None:
    """Note what may not be deleted, by which exam it is.

    When a commitment comes matters only where the buffer may get full before it does: the rest
    would keep a window open for nothing.
    """
    now = state.clock[0].now
    count = 0
    held = 0.0
    job = state.queues[QUEUES * station + UNSAFE].first
    while job >= 0:
        if not state.exams[job].committed <= now:
            held += state.exams[job].bytes
            k = count
            count += 1
            while k > 0 and named_before(state, job, state.kept[k - 1]):
                state.kept[k] = state.kept[k - 1]
                k -= 1
            state.kept[k] = job
        job = state.jobs[job].unsafer
    mark(state, count)
    close = held > 0.5 * workload.times[station].buffer
    for k in range(count):
        job = state.kept[k]
        mark(state, state.jobs[job].source)
        mark(state, state.jobs[job].stream)
        mark(state, state.jobs[job].key)
        if close:
            near(state, state.exams[job].committed)


def named_before(state: RunStateGroup, one: int, other: int) -> bool:
    """Return whether an exam's name goes before another's."""
    if state.jobs[one].source != state.jobs[other].source:
        return state.jobs[one].source < state.jobs[other].source
    if state.jobs[one].stream != state.jobs[other].stream:
        return state.jobs[one].stream < state.jobs[other].stream
    return state.jobs[one].key < state.jobs[other].key


def note_cases(workload: WorkloadGroup, state: RunStateGroup, station: int) -> None:
    """Note what a station is asked, and when it goes on."""
    line = workload.stations[station].first_line
    busy = state.lines[line].case
    mark(state, 1 if busy >= 0 else 0)
    if busy >= 0:
        note_case(state, busy)
    near(state, state.at[line])
    if workload.stations[station].kind == ASKER:
        mark(state, state.lines[line].grid)
        return
    for queue in (ROUTINE, SET_ASIDE):
        case = state.queues[QUEUES * station + queue].first
        while case >= 0:
            note_case(state, case)
            if queue == SET_ASIDE:
                near(state, state.patience[case].back)
            case = state.cases[case].behind
        mark(state, -1)
    free, now = state.timers[line].free, state.clock[0].now
    near(state, free if free > now else now)


def note_case(state: RunStateGroup, case: int) -> None:
    """Note which case it is, and how far."""
    mark(state, state.cases[case].slot)
    mark(state, state.cases[case].number)
    mark(state, state.cases[case].place)
    mark(state, state.cases[case].acknowledged)
    mark(state, state.cases[case].tries)
    mark(state, state.cases[case].step_tries)
    mark(state, state.cases[case].asides)
    near(state, state.patience[case].asked)
    near(state, state.patience[case].since)
    near(state, state.patience[case].first)


def note_probe(workload: WorkloadGroup, state: RunStateGroup, station: int) -> None:
    """Note whether all is well with a probe: that it has been served since it failed."""
    line = workload.stations[station].first_line
    phase = state.lines[line].phase
    stuck = 0
    if phase >= SYN or phase == TO_MISS:
        well = state.lines[line].stands == 1 and state.lines[line].answers == 1
        stuck = 0 if well and state.lines[line].gone == 0 else 1
    mark(state, state.lines[line].failed)
    mark(state, stuck)
