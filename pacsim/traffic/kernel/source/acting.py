"""A line's turn: on from what it waited for to what it waits for next."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.kernel.numbers_of_traffic import (
    ASKER,
    BORN,
    DUE,
    FORWARDER,
    IDLE,
    LANE_PLACES,
    LOOK,
    MODALITY,
    NEXT,
    PREPARING,
    PROBE_STREAM,
    PROBER,
    READER,
    RELEASED,
    TO_ASK,
    TO_BE_FREE,
    TO_PROBE,
    TO_RETRY,
    TO_RETRY_STEP,
    WAITING,
    WORKLIST_STREAM,
)
from pacsim.traffic.kernel.source.alarms import give_no_turn, give_turn, set_alarm
from pacsim.traffic.kernel.source.attempts import attempt_goes_on, end_attempt
from pacsim.traffic.kernel.source.cases import (
    ask,
    asked,
    grid_time,
    open_next,
    retry_step,
    step_released,
    wait_for_grid,
)
from pacsim.traffic.kernel.source.keyed import drawn
from pacsim.traffic.kernel.source.probers import probe, probe_released, probed
from pacsim.traffic.kernel.source.refusals import is_refused_again, try_on
from pacsim.traffic.kernel.source.senders import send_next, sent
from pacsim.traffic.kernel.source.waits import wakes

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def act(workload: WorkloadGroup, state: RunStateGroup, line: int, why: int) -> bool:
    """Let a line go on until it waits; return False if there was no room for what it may write."""
    now = state.clock[0].now
    while True:
        if not roomy(workload, state):
            state.world[0].line = line
            state.world[0].why = why
            return False
        said = turns(workload, state, line, why)
        while said != WAITING:
            said = goes_on(workload, state, line, said)
        at = wakes(workload, state, line)
        if at <= now and state.world[0].acting == 1:
            why = DUE
            continue
        if is_refused_again(workload, state, line):
            at = try_on(workload, state, line, at)
        set_alarm(state, line, at)
        if at <= now:
            give_turn(state, line)
        elif why == LOOK:
            # What it had was that of an alarm that it does not wait for any more.
            give_no_turn(state, line)
        return True


def roomy(workload: WorkloadGroup, state: RunStateGroup) -> bool:
    """Return whether there is room for a row more of each kind, beside those that are to come."""
    rows = state.world[0].rows + state.world[0].alive + 2
    attempts = state.world[0].attempts + workload.archive[0].lines + 2
    places = state.world[0].free_job >= 0 and state.world[0].free_case >= 0
    enough = rows <= state.world[0].room_rows and attempts <= state.world[0].room_attempts
    return places and enough


def turns(workload: WorkloadGroup, state: RunStateGroup, line: int, why: int) -> int:
    """Go on from what a line waited for."""
    phase = state.lines[line].phase
    if phase >= PREPARING:
        return attempt_goes_on(workload, state, line, why)
    if why == BORN:
        return begin_line(workload, state, line)
    if phase == IDLE:
        return NEXT
    if why != DUE:
        return WAITING
    if phase in (TO_RETRY, TO_BE_FREE):
        return NEXT
    if phase == TO_RETRY_STEP:
        return retry_step(workload, state, line)
    if phase == TO_ASK:
        return ask(workload, state, line)
    if phase == TO_PROBE:
        return probe(workload, state, line)
    return RELEASED


def goes_on(workload: WorkloadGroup, state: RunStateGroup, line: int, said: int) -> int:
    """Go on after an attempt, or when a line is free."""
    kind = workload.stations[workload.lines[line].station].kind
    if said >= 0:
        how = end_attempt(workload, state, line, said)
        if kind in (MODALITY, FORWARDER):
            return sent(workload, state, line, how)
        if kind == PROBER:
            return probed(workload, state, line, how)
        return asked(workload, state, line, how)
    if kind in (MODALITY, FORWARDER):
        return send_next(workload, state, line)
    if kind == PROBER:
        return probe_released(workload, state, line)
    if said == RELEASED:
        return step_released(workload, state, line)
    if kind == READER:
        return open_next(workload, state, line)
    return wait_for_grid(workload, state, line)


def begin_line(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Begin to live."""
    now = state.clock[0].now
    station = workload.lines[line].station
    kind = workload.stations[station].kind
    state.lines[line].job = -1
    state.lines[line].case = -1
    state.timers[line].free = -math.inf
    if kind == PROBER:
        u = drawn(workload, state, station, station, PROBE_STREAM, LANE_PLACES, 0)
        state.lines[line].phase = TO_PROBE
        state.timers[line].until = now + workload.times[station].pause * u
        return WAITING
    if kind == ASKER:
        u = drawn(workload, state, station, station, WORKLIST_STREAM, LANE_PLACES, 0)
        every = workload.times[station].every
        state.timers[line].grid_phase = u * every
        k = math.ceil((now - state.timers[line].grid_phase) / every)
        state.lines[line].grid = k if k > 0 else 0
        while grid_time(workload, state, line) < now:
            state.lines[line].grid += 1
    return NEXT
