"""Dials of a balancer for one attempt (T14).

A function returns how the attempt ended, or `WAITING`; a connection goes on in `attempts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.traffic.arithmetic import SYNS, connect_end, syn_time, timer_end
from pacsim.traffic.client_conditions import REFUSES, SILENT
from pacsim.traffic.kernel.numbers_of_traffic import (
    DIAL,
    DIAL_ENDS,
    DIAL_PAUSE,
    DUE,
    HEARING,
    LONGEST_PAUSE,
    NEXT,
    TURNED_AWAY,
    UNHEARD,
    WAITING,
)
from pacsim.traffic.kernel.source.choosing import another, chosen, note_refusal
from pacsim.traffic.kernel.source.listening import held
from pacsim.traffic.kernel.source.met import back, front, site_of
from pacsim.traffic.logs import ASSOCIATE, DIALS, OPEN, RESET, UNLISTED

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import StateGroup, WorkloadGroup


def begin_dials(workload: WorkloadGroup, state: StateGroup, line: int, holder: int) -> int:
    """Have been taken by a balancer, which dials."""
    state.lines[line].holder = holder
    state.timers[line].taken = state.clock[0].now
    state.lines[line].dials = 1
    state.lines[line].lost = 0
    state.lines[line].left = workload.archive[0].retries
    state.lines[line].heard = OPEN
    state.lines[line].dialled = chosen(workload, state, line)
    return begin_dial(workload, state, line)


def begin_dial(workload: WorkloadGroup, state: StateGroup, line: int) -> int:
    """Dial the member that was chosen."""
    if state.lines[line].dialled < 0:
        return hear(workload, state, line, UNLISTED)
    state.timers[line].dialled_at = state.clock[0].now
    state.lines[line].syn = 0
    return request_again(workload, state, line)


def request_again(workload: WorkloadGroup, state: StateGroup, line: int) -> int:
    """Wait for the next request, or for the end of the dial."""
    start, k = state.timers[line].dialled_at, state.lines[line].syn
    connect = workload.dialling[0].connect
    if k < SYNS and syn_time(start, k) < start + connect:
        state.lines[line].phase = DIAL
        state.timers[line].waited = syn_time(start, k)
    else:
        state.lines[line].phase = DIAL_ENDS
        state.timers[line].waited = connect_end(start, connect)
    return WAITING


def dial_goes_on(workload: WorkloadGroup, state: StateGroup, line: int, why: int) -> int:
    """Go on at the end of a wait; `NEXT` for a connection."""
    now = state.clock[0].now
    if not held(workload, state, line):
        return hear(workload, state, line, RESET)
    timer = workload.times[workload.lines[line].station].associate
    if why == DUE and timer_end(state.timers[line].taken, timer, False) <= now:
        return ASSOCIATE
    if why != DUE or state.timers[line].waited > now:
        return WAITING
    phase = state.lines[line].phase
    if phase == DIAL:
        return request(workload, state, line)
    if phase == DIAL_ENDS:
        return dial_failed(workload, state, line, UNHEARD)
    return dial_next(workload, state, line)


def request(workload: WorkloadGroup, state: StateGroup, line: int) -> int:
    """Meet what there is when a request goes out."""
    member = state.lines[line].dialled
    met = SILENT
    if back(workload, state, site_of(workload, line), state.lines[line].holder, member):
        met = state.values[member]
    if met == REFUSES:
        note_refusal(workload, state, member)
        return dial_failed(workload, state, line, TURNED_AWAY)
    if met != SILENT:
        state.members[member].refused = 0
        state.lines[line].dials = 0
        return NEXT
    state.lines[line].syn += 1
    return request_again(workload, state, line)


def dial_failed(workload: WorkloadGroup, state: StateGroup, line: int, what: int) -> int:
    """Dial another one at once, or wait, or give up."""
    if state.lines[line].left == 0:
        return hear(workload, state, line, DIALS)
    state.lines[line].left -= 1
    if workload.archive[0].redispatch == 1:
        other = another(workload, state, state.lines[line].dialled)
        if other >= 0:
            state.lines[line].dialled = other
            return begin_dial(workload, state, line)
    if what == UNHEARD:
        return dial_next(workload, state, line)
    state.lines[line].phase = DIAL_PAUSE
    connect = workload.dialling[0].connect
    pause = LONGEST_PAUSE if connect > LONGEST_PAUSE else connect
    state.timers[line].waited = state.clock[0].now + pause
    return WAITING


def dial_next(workload: WorkloadGroup, state: StateGroup, line: int) -> int:
    """Dial again, a member that is chosen anew if it may be another one."""
    if workload.archive[0].redispatch == 1:
        state.lines[line].dialled = chosen(workload, state, line)
    return begin_dial(workload, state, line)


def hear(workload: WorkloadGroup, state: StateGroup, line: int, how: int) -> int:
    """End the attempt when the client hears of it: at once, or at a retransmission."""
    site, holder = site_of(workload, line), state.lines[line].holder
    if held(workload, state, line) and front(workload, state, site, holder):
        return how
    state.lines[line].heard = how
    state.lines[line].phase = HEARING
    return WAITING


def hearing(workload: WorkloadGroup, state: StateGroup, line: int, why: int) -> int:
    """Hear, or give up."""
    if why != DUE:
        return WAITING
    timer = workload.times[workload.lines[line].station].associate
    if timer_end(state.timers[line].taken, timer, True) <= state.clock[0].now:
        return ASSOCIATE
    return state.lines[line].heard if held(workload, state, line) else RESET
