"""What a line waits for: the end of a phase, its timer, a doubt, a retransmission (T11, T13)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.arithmetic import response_due, settled, syn_time, timer_end
from pacsim.traffic.client_conditions import ERRORING
from pacsim.traffic.kernel.numbers_of_traffic import (
    CONNECTING,
    DIAL,
    DIAL_ENDS,
    DIAL_PAUSE,
    HEARING,
    ITEMS,
    PLACE,
    RELEASE,
    SET_UP,
    SYN,
)
from pacsim.traffic.kernel.source.flowing import let_stand, passes, runs_out, settle_flow
from pacsim.traffic.kernel.source.listening import hears_at

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def wakes(workload: WorkloadGroup, state: RunStateGroup, line: int) -> float:
    """Return when a line wakes if nothing happens before."""
    phase = state.lines[line].phase
    if phase == ITEMS:
        return items_wake(workload, state, line)
    if phase in (SET_UP, RELEASE, PLACE):
        return span_wakes(state, line)
    if phase == SYN:
        return syn_time(state.timers[line].asked, state.lines[line].syn)
    if phase == CONNECTING:
        return state.timers[line].give_up
    if phase in (DIAL, DIAL_ENDS, DIAL_PAUSE):
        timer = workload.times[workload.lines[line].station].associate
        over = timer_end(state.timers[line].taken, timer, False)
        waited = state.timers[line].waited
        return over if over < waited else waited
    if phase == HEARING:
        return hears_at(workload, state, line)
    return state.timers[line].until


def items_wake(workload: WorkloadGroup, state: RunStateGroup, line: int) -> float:
    """Return when items end, fail or go on."""
    now = state.clock[0].now
    answers = state.lines[line].answers == 1
    met = state.lines[line].met
    whole = state.timers[line].whole
    ends = runs_out(state, line)
    if whole >= state.timers[line].flow_items:
        # All is acknowledged though it stands still.
        ends = -math.inf
    if not answers and ends > now:
        ends = math.inf
    if met != ERRORING:
        state.lines[line].doubted = 0
    doubts = passes(state, line, 1.0) if state.lines[line].doubted == 1 else math.inf
    response = workload.times[workload.lines[line].station].response
    last = state.timers[line].response
    if answers:
        after = passes(state, line, whole + 1.0)
        timer = response_due(last, after, state.timers[line].rate, response)
    else:
        timer = timer_end(last, response, state.lines[line].silent == 1)
    return first_of(state, line, ends, doubts, timer)


def span_wakes(state: RunStateGroup, line: int) -> float:
    """Return when a set-up, a release or a wait for a place ends, fails or goes on."""
    now = state.clock[0].now
    ends = math.inf
    if state.lines[line].phase == PLACE:
        if state.lines[line].granted == 1:
            ends = -math.inf
    elif state.lines[line].stopped == 0:
        ends = state.timers[line].span_since + state.timers[line].span_left
    if state.lines[line].answers == 0 and ends > now:
        ends = math.inf
    silent = state.lines[line].silent == 1
    timer = timer_end(state.timers[line].timer_from, state.timers[line].timer, silent)
    return first_of(state, line, ends, math.inf, timer)


def first_of(state: RunStateGroup, line: int, ends: float, doubts: float, timer: float) -> float:
    """Note what a phase waits for, and return what comes first."""
    now = state.clock[0].now
    timer = now if now > timer else timer
    state.timers[line].ends = ends
    state.timers[line].doubts = doubts
    state.timers[line].times_out = timer
    at = doubts if doubts < ends else ends
    at = timer if timer < at else at
    again = state.timers[line].again
    return again if again < at else at


def begin_span(
    state: RunStateGroup, line: int, takes: float, timer_from: float, timer: float
) -> None:
    """Begin something that takes a time while the peer answers."""
    state.timers[line].span_since = state.clock[0].now
    state.timers[line].span_left = takes
    state.timers[line].timer_from = timer_from
    state.timers[line].timer = timer
    state.lines[line].stopped = 0
    if state.lines[line].answers == 0:
        stop_span(state, line)


def stop_span(state: RunStateGroup, line: int) -> None:
    """Keep what is left."""
    if state.lines[line].stopped == 0:
        spent = state.clock[0].now - state.timers[line].span_since
        state.timers[line].span_left = settled(state.timers[line].span_left, 1.0, spent)
    state.lines[line].stopped = 1


def stop_items(state: RunStateGroup, line: int) -> None:
    """Let items stand still."""
    settle_flow(state, line)
    let_stand(state, line)
    state.lines[line].doubted = 0
