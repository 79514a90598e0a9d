"""Limits of associations (T9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.traffic.kernel.numbers_of_traffic import AT_ARCHIVE, PROBER
from pacsim.traffic.kernel.source.alarms import give_turn

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def take_place(workload: WorkloadGroup, state: RunStateGroup, line: int) -> bool:
    """Take a place at the session's member; return whether there was one, or none is needed."""
    kind = workload.stations[workload.lines[line].station].kind
    if state.lines[line].target != AT_ARCHIVE or kind == PROBER:
        return True
    member = state.lines[line].member
    most = workload.members[member].associations
    if most < 0:
        return True
    if state.members[member].in_use >= most:
        return False
    state.members[member].in_use += 1
    state.lines[line].placed = 1
    return True


def queue_up(state: RunStateGroup, line: int) -> None:
    """Wait for a place, first come first served."""
    member = state.lines[line].member
    state.lines[line].queued = 1
    state.lines[line].behind = -1
    last = state.members[member].last
    if last < 0:
        state.members[member].first = line
    else:
        state.lines[last].behind = line
    state.members[member].last = line


def leave_queue(state: RunStateGroup, line: int) -> None:
    """Leave the queue for a place."""
    member = state.lines[line].member
    before = -1
    k = state.members[member].first
    while k != line:
        before = k
        k = state.lines[k].behind
    after = state.lines[line].behind
    if before < 0:
        state.members[member].first = after
    else:
        state.lines[before].behind = after
    if after < 0:
        state.members[member].last = before
    state.lines[line].queued = 0


def offer(workload: WorkloadGroup, state: RunStateGroup, member: int) -> None:
    """Give free places to those that wait; who stands still keeps its turn."""
    most = workload.members[member].associations
    k = state.members[member].first
    while k >= 0 and state.members[member].in_use < most:
        after = state.lines[k].behind
        if state.lines[k].waits == 1 and state.lines[k].answers == 1:
            leave_queue(state, k)
            state.members[member].in_use += 1
            state.lines[k].placed = 1
            state.lines[k].granted = 1
            give_turn(state, k)
        k = after


def give_back(workload: WorkloadGroup, state: RunStateGroup, line: int) -> None:
    """Give a place back, or leave the queue for one."""
    member = state.lines[line].member
    if state.lines[line].target != AT_ARCHIVE or member < 0:
        return
    if state.lines[line].queued == 1:
        leave_queue(state, line)
    if state.lines[line].placed == 1:
        state.lines[line].placed = 0
        state.members[member].in_use -= 1
        if state.world[0].acting == 1:
            offer(workload, state, member)
        else:
            # Those that wait must have looked at what has changed before they get it.
            state.world[0].offers = 1


def offer_all(workload: WorkloadGroup, state: RunStateGroup) -> None:
    """Offer what became free while conditions changed."""
    state.world[0].offers = 0
    for member in range(workload.archive[0].members):
        if workload.members[member].associations >= 0:
            offer(workload, state, member)
