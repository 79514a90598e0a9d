"""Moment after moment, each in its order (T10): changes, lines, arrivals, lines, rates.

All of it stands in the state, so that it can stop anywhere for want of room and go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.traffic.kernel.numbers_of_traffic import (
    ARRIVALS_OF,
    BORN,
    CALL,
    CHANGES_OF,
    DONE,
    DUE,
    LINES_OF,
    LOOK,
    NO_ROOM,
    OPENING_STREAM,
    RATES_OF,
    SEEK,
)
from pacsim.traffic.kernel.source.acting import act, roomy
from pacsim.traffic.kernel.source.alarms import (
    give_turn,
    give_turns,
    next_alarm,
    set_alarm,
    take_turn,
)
from pacsim.traffic.kernel.source.cases import opening_arrives
from pacsim.traffic.kernel.source.choosing import note_conditions
from pacsim.traffic.kernel.source.flowing import make_rates
from pacsim.traffic.kernel.source.keeping import exam_arrives
from pacsim.traffic.kernel.source.limits import give_back, offer_all
from pacsim.traffic.kernel.source.met import ends
from pacsim.traffic.kernel.source.waits import wakes

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def advance(workload: WorkloadGroup, state: RunStateGroup, until: float) -> int:
    """Go on to before a time; `NO_ROOM` if more is needed first."""
    state.clock[0].until = until
    while True:
        line = state.world[0].line
        why = state.world[0].why
        if line < 0:
            line, why = next_turn(workload, state, until)
        if line < 0:
            if why == DONE and until > state.clock[0].now:
                state.clock[0].now = until
            return DONE if why == DONE else NO_ROOM
        state.world[0].line = -1
        if not act(workload, state, line, why):
            return NO_ROOM


def next_turn(workload: WorkloadGroup, state: RunStateGroup, until: float) -> tuple[int, int]:
    """Return whose turn it is, and why; -1 at the end, or if there is no room for arrivals."""
    while True:
        stage = state.world[0].stage
        if stage == LINES_OF:
            line = next_in_pass(workload, state)
            if line >= 0:
                return line, DUE if state.at[line] <= state.clock[0].now else CALL
        elif stage == ARRIVALS_OF:
            if not take_arrivals(workload, state):
                return -1, NO_ROOM
        elif stage == RATES_OF:
            tell_rates(workload, state)
        elif stage == SEEK:
            if not seek(workload, state, until):
                return -1, DONE
        elif stage == CHANGES_OF:
            line = next_to_look(workload, state)
            if line >= 0:
                return line, LOOK
        elif not state.clock[0].start < until:
            return -1, DONE
        else:
            line = next_born(workload, state)
            if line >= 0:
                return line, BORN


def set_stage(state: RunStateGroup, stage: int) -> None:
    """Go on to another stage of the moment."""
    state.world[0].stage = stage
    state.world[0].seat = -1
    state.world[0].acting = 1 if stage == LINES_OF else 0


def seek(workload: WorkloadGroup, state: RunStateGroup, until: float) -> bool:
    """Go to the next moment, if there is one before a time."""
    at = next_alarm(workload, state)
    change, arrival = state.world[0].next_change, state.world[0].next_arrival
    if change < state.world[0].changes:
        at = min(at, state.change_times[change])
    if arrival < state.world[0].arrivals:
        at = min(at, state.arrivals[arrival].time)
    if not at < until:
        return False
    state.clock[0].now = at
    give_turns(workload, state, at)
    set_stage(state, LINES_OF)
    if change < state.world[0].changes and state.change_times[change] <= at:
        # The stage first: a place that becomes free now is offered when all have looked.
        set_stage(state, CHANGES_OF)
        write_changes(workload, state)
    return True


def write_changes(workload: WorkloadGroup, state: RunStateGroup) -> None:
    """Write all changes of this moment."""
    now = state.clock[0].now
    k = state.world[0].next_change
    while k < state.world[0].changes and state.change_times[k] <= now:
        write(workload, state, k)
        k += 1
        state.world[0].events += 1
    state.world[0].next_change = k


def write(workload: WorkloadGroup, state: RunStateGroup, k: int) -> None:
    """Write a change; sessions that it ends for good are gone."""
    what, value = state.changed[k], state.change_values[k]
    if state.values[what] == value:
        return
    for line in range(workload.archive[0].lines):
        if state.lines[line].open == 0:
            continue
        if state.lines[line].stands == 1:
            if state.lines[line].gone == 0 and ends(workload, state, line, what, value):
                state.lines[line].gone = 1
                give_back(workload, state, line)
        elif state.lines[line].dials == 1 and ends(workload, state, line, what, value):
            state.lines[line].lost = 1
    state.values[what] = value
    note_conditions(workload, state, state.change_times[k])


def next_born(workload: WorkloadGroup, state: RunStateGroup) -> int:
    """Return the next line that begins to live, -1 for none."""
    line = state.world[0].seat + 1
    if line < workload.archive[0].lines:
        state.world[0].seat = line
        return line
    set_stage(state, LINES_OF)
    return -1


def next_to_look(workload: WorkloadGroup, state: RunStateGroup) -> int:
    """Return the next line whose attempt has somebody to look at, -1 for none."""
    line = state.world[0].seat + 1
    while line < workload.archive[0].lines:
        connected = state.lines[line].stands == 1 or state.lines[line].dials == 1
        if state.lines[line].open == 1 and connected:
            state.world[0].seat = line
            state.world[0].events += 1
            return line
        line += 1
    if state.world[0].offers == 1:
        offer_all(workload, state)
    set_stage(state, LINES_OF)
    return -1


def next_in_pass(workload: WorkloadGroup, state: RunStateGroup) -> int:
    """Return the next line that has a turn, pass by pass; -1 for none."""
    line = take_turn(workload, state, state.world[0].seat)
    if line < 0 and state.world[0].seat >= 0:
        line = take_turn(workload, state, -1)
    if line < 0:
        set_stage(state, ARRIVALS_OF)
    else:
        state.world[0].seat = line
        state.world[0].events += 1
    return line


def tell_rates(workload: WorkloadGroup, state: RunStateGroup) -> None:
    """Make rates anew if need be; lines whose flow has another one wake at another time."""
    due = False
    if state.world[0].rates == 1:
        state.world[0].rates = 0
        make_rates(workload, state)
        now = state.clock[0].now
        for k in range(state.world[0].moving):
            line = state.moving[k]
            if state.lines[line].told == 1:
                state.lines[line].told = 0
                at = wakes(workload, state, line)
                set_alarm(state, line, at)
                if at <= now:
                    give_turn(state, line)
                    due = True
    set_stage(state, LINES_OF if due else SEEK)


def take_arrivals(workload: WorkloadGroup, state: RunStateGroup) -> bool:
    """Let everything of this moment arrive; return False if there is no room for it."""
    came = 0
    while arrives(state):
        if not roomy(workload, state):
            return False
        arrive(workload, state)
        came = 1
    set_stage(state, LINES_OF if came == 1 else RATES_OF)
    return True


def arrives(state: RunStateGroup) -> bool:
    """Return whether something arrives now that has not yet."""
    k = state.world[0].next_arrival
    return k < state.world[0].arrivals and state.arrivals[k].time <= state.clock[0].now


def arrive(workload: WorkloadGroup, state: RunStateGroup) -> None:
    """Let the next one arrive."""
    k = state.world[0].next_arrival
    state.world[0].next_arrival = k + 1
    state.world[0].events += 1
    if state.arrivals[k].stream == OPENING_STREAM:
        opening_arrives(workload, state, k)
    else:
        exam_arrives(workload, state, k)
