"""One attempt of an operation: connection, set-up, items, release (T11 - T13).

A function returns how the attempt ended, `WAITING`, or `RELEASED` when its client is free.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.arithmetic import SYNS, connect_end, syn_time, timer_end
from pacsim.traffic.client_conditions import ERRORING, REFUSES, SILENT
from pacsim.traffic.kernel.numbers_of_traffic import (
    CONNECTING,
    CUT_OFF,
    DUE,
    ECHO_KIND,
    GO_ON,
    HEARING,
    ITEMS,
    LANE_MISSED_RESET,
    LOOK,
    NEXT,
    NOTHING,
    PLACE,
    PREPARING,
    PROBER,
    RELEASE,
    RELEASED,
    RESET_NOW,
    SET_UP,
    STATUS_NOW,
    STOP,
    SYN,
    TO_MISS,
    WAITING,
)
from pacsim.traffic.kernel.source.attempt_rows import write_attempt
from pacsim.traffic.kernel.source.dials import begin_dials, dial_goes_on, hearing
from pacsim.traffic.kernel.source.flowing import (
    begin_flow,
    finish_flow,
    let_move,
    let_stand,
    settle_flow,
)
from pacsim.traffic.kernel.source.keeping import make_room
from pacsim.traffic.kernel.source.keyed import drawn
from pacsim.traffic.kernel.source.limits import give_back, offer, queue_up, take_place
from pacsim.traffic.kernel.source.met import address, front, holding, pooled, site_of
from pacsim.traffic.kernel.source.peers import look, renew, retransmit, stand
from pacsim.traffic.kernel.source.waits import begin_span, stop_items, stop_span
from pacsim.traffic.keyed_draws import SENDERS, SLOT
from pacsim.traffic.logs import (
    ASSOCIATE,
    CONNECT,
    OK,
    OPEN,
    OVERWRITTEN,
    REFUSED,
    REJECTED,
    RESET,
    RESPONSE,
    STATUS,
)

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def begin_attempt(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Begin an attempt; what it is for stands in the line already."""
    now = state.clock[0].now
    station = workload.lines[line].station
    state.stations[station].attempts += 1
    state.timers[line].start = now
    state.timers[line].taken = now
    state.lines[line].answered = 0
    state.lines[line].member = -1
    state.lines[line].holder = -1
    state.lines[line].how = OPEN
    state.lines[line].open = 1
    state.lines[line].placed = 0
    state.lines[line].queued = 0
    state.lines[line].waits = 0
    state.lines[line].granted = 0
    state.lines[line].cut = 0
    state.lines[line].admitted = 0
    state.lines[line].rejected = 0
    state.lines[line].nothing = 0
    state.lines[line].cut_off = 0
    state.lines[line].done = 0
    state.lines[line].dials = 0
    state.lines[line].stands = 0
    state.lines[line].flows = 0
    state.lines[line].moves = 0
    state.lines[line].syn = 0
    own = workload.spans[state.lines[line].operation].own
    if own > 0.0:
        state.lines[line].phase = PREPARING
        state.timers[line].until = now + own
        return WAITING
    return first_syn(workload, state, line)


def first_syn(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Ask for a connection, once the client's own work is done."""
    now = state.clock[0].now
    station = workload.lines[line].station
    state.timers[line].asked = now
    state.timers[line].give_up = connect_end(now, workload.times[station].connect)
    return next_syn(state, line)


def next_syn(state: RunStateGroup, line: int) -> int:
    """Wait for the next request for a connection, or until it is given up."""
    k = state.lines[line].syn
    more = k < SYNS and syn_time(state.timers[line].asked, k) < state.timers[line].give_up
    state.lines[line].phase = SYN if more else CONNECTING
    return WAITING


def attempt_goes_on(workload: WorkloadGroup, state: RunStateGroup, line: int, why: int) -> int:
    """Go on at the end of a wait."""
    if state.lines[line].cut == 1:
        return OVERWRITTEN
    phase = state.lines[line].phase
    if phase >= PLACE:
        return session_goes_on(workload, state, line, why)
    if phase == PREPARING:
        return first_syn(workload, state, line) if why == DUE else WAITING
    if phase == SYN:
        return connect(workload, state, line) if why == DUE else WAITING
    if phase == CONNECTING:
        return CONNECT if why == DUE else WAITING
    if phase == HEARING:
        return hearing(workload, state, line, why)
    said = dial_goes_on(workload, state, line, why)
    return connected(workload, state, line) if said == NEXT else said


def connect(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Meet what there is when a request for a connection goes out."""
    if pooled(workload, state, line):
        holder = holding(workload, state)
        if holder >= 0 and front(workload, state, site_of(workload, line), holder):
            return begin_dials(workload, state, line, holder)
    else:
        met = address(workload, state, line)
        if met == REFUSES:
            return REFUSED
        if met != SILENT:
            state.timers[line].taken = state.clock[0].now
            return connected(workload, state, line)
    state.lines[line].syn += 1
    return next_syn(state, line)


def connected(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Take a place under the limit, or wait for it (T9)."""
    member = state.lines[line].dialled
    state.lines[line].member = member
    stand(workload, state, line)
    if not take_place(workload, state, line):
        if workload.members[member].rejects == 1:
            state.lines[line].rejected = 1
        else:
            state.lines[line].waits = 1
            queue_up(state, line)
            taken = state.timers[line].taken
            timer = workload.times[workload.lines[line].station].associate
            state.timers[line].timer_from = taken
            state.timers[line].timer = timer
            state.lines[line].phase = PLACE
            return WAITING
    return set_up(workload, state, line)


def set_up(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Set up the association."""
    operation = state.lines[line].operation
    if workload.operations[operation].setups == 0:
        return accepted(workload, state, line)
    timer = workload.times[workload.lines[line].station].associate
    taken = state.timers[line].taken
    state.lines[line].phase = SET_UP
    begin_span(state, line, workload.spans[operation].takes, taken, timer)
    return WAITING


def accepted(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Begin the items, if they are let in."""
    router = workload.stations[workload.lines[line].station].router
    if router >= 0:
        room = make_room(workload, state, router, state.lines[line].job)
        state.lines[line].admitted = 1 if room else 0
        state.lines[line].rejected = 0 if room else 1
    if state.lines[line].rejected == 1:
        return REJECTED
    begin_flow(workload, state, line)
    if workload.operations[state.lines[line].operation].setups > 0:
        state.timers[line].last = state.clock[0].now
    else:
        state.timers[line].response = state.timers[line].last
    state.lines[line].phase = ITEMS
    doubted = state.lines[line].met == ERRORING and not echoes(workload, state, line)
    state.lines[line].doubted = 1 if doubted else 0
    if state.lines[line].answers == 1:
        let_move(state, line)
    else:
        stop_items(state, line)
    return WAITING


def session_goes_on(workload: WorkloadGroup, state: RunStateGroup, line: int, why: int) -> int:
    """Go on with a phase of a session, or end it."""
    now = state.clock[0].now
    phase = state.lines[line].phase
    said = NOTHING
    if why == LOOK:
        said = look(workload, state, line)
    elif why == DUE:
        if state.timers[line].doubts <= now:
            state.lines[line].nothing = 1
            return STATUS
        if state.timers[line].ends <= now:
            return phase_ends(workload, state, line)
        if state.timers[line].times_out <= now:
            if phase == RELEASE:
                return let_go(workload, state, line)
            return RESPONSE if phase == ITEMS else ASSOCIATE
        said = retransmit(state, line)
    how = obey(workload, state, line, said)
    if how != WAITING and phase == RELEASE:
        return break_off(workload, state, line)
    return how


def phase_ends(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Go on to the next phase."""
    phase = state.lines[line].phase
    if phase == ITEMS:
        return OK
    if phase == SET_UP:
        return accepted(workload, state, line)
    if phase == PLACE:
        state.lines[line].waits = 0
        return set_up(workload, state, line)
    return let_go(workload, state, line)


def obey(workload: WorkloadGroup, state: RunStateGroup, line: int, said: int) -> int:
    """Do what a look at the conditions says; return how the attempt ended, or `WAITING`."""
    carries = state.lines[line].phase == ITEMS
    if said in (RESET_NOW, CUT_OFF):
        state.lines[line].cut_off = 1 if said == CUT_OFF else 0
        return RESET
    errs = said == STATUS_NOW or (said == GO_ON and state.lines[line].met == ERRORING)
    if errs and carries and not echoes(workload, state, line):
        return STATUS
    if said == STOP:
        if carries:
            stop_items(state, line)
            state.timers[line].last = state.timers[line].response
        else:
            stop_span(state, line)
    elif said == GO_ON:
        if carries:
            state.timers[line].since = state.clock[0].now
            let_move(state, line)
        else:
            state.timers[line].span_since = state.clock[0].now
            state.lines[line].stopped = 0
        if state.lines[line].waits == 1:
            offer(workload, state, state.lines[line].member)
    return WAITING


def echoes(workload: WorkloadGroup, state: RunStateGroup, line: int) -> bool:
    """Return whether its operation is an echo, which a member that errs answers."""
    return bool(workload.operations[state.lines[line].operation].kind == ECHO_KIND)


def end_attempt(workload: WorkloadGroup, state: RunStateGroup, line: int, how: int) -> int:
    """Note how an attempt ended, and what is acknowledged; return how it ended after all."""
    if state.lines[line].flows == 1:
        if how == OK:
            if state.timers[line].whole < state.timers[line].flow_items:
                finish_flow(state, line)
        elif state.lines[line].nothing == 0:
            settle_flow(state, line)
        if state.lines[line].nothing == 0:
            state.lines[line].answered = int(state.timers[line].whole)
        let_stand(state, line)
    if state.lines[line].answered == state.lines[line].items and state.lines[line].cut == 0:
        # All was acknowledged, even if it broke off at the same moment.
        state.lines[line].done = 0 if how in (OK, STATUS) else 1
        how = OK
    state.lines[line].how = how
    probes = workload.stations[workload.lines[line].station].kind == PROBER
    if how != OK and not (how == STATUS and probes):
        leave(workload, state, line)
    write_attempt(workload, state, line)
    return how


def release(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Release the association: the result stands whatever happens (T13)."""
    takes = workload.spans[state.lines[line].operation].release
    if state.lines[line].done == 1 or takes <= 0.0:
        return let_go(workload, state, line)
    renew(state, line)
    timer = workload.times[workload.lines[line].station].release
    state.lines[line].phase = RELEASE
    begin_span(state, line, takes, state.clock[0].now, timer)
    return WAITING


def break_off(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """End a release that is cut off; the client may not notice."""
    if state.lines[line].cut_off == 1 and misses(workload, state, line):
        leave(workload, state, line)
        state.lines[line].phase = TO_MISS
        begun, timer = state.timers[line].timer_from, state.timers[line].timer
        state.timers[line].until = timer_end(begun, timer, True)
        return WAITING
    return let_go(workload, state, line)


def misses(workload: WorkloadGroup, state: RunStateGroup, line: int) -> bool:
    """Return whether the client does not notice that it was cut off in its release."""
    p = workload.dialling[0].missed_reset
    if p <= 0.0:
        return False
    n = SENDERS * math.floor(SLOT * state.clock[0].now) + workload.lines[line].sender
    source, stream = state.lines[line].source, state.lines[line].stream
    at = workload.lines[line].station
    return drawn(workload, state, at, source, stream, LANE_MISSED_RESET, n) < p


def let_go(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Be free again."""
    leave(workload, state, line)
    return RELEASED


def leave(workload: WorkloadGroup, state: RunStateGroup, line: int) -> None:
    """Give back what an attempt holds; conditions concern it no more."""
    give_back(workload, state, line)
    state.lines[line].open = 0
