"""Which member a balancer dials (T15), and which it does not for a while (T16)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.kernel.numbers_of_traffic import BY_SOURCE, LANE_SOURCE, THE_FIRST
from pacsim.traffic.kernel.source.keyed import drawn
from pacsim.traffic.kernel.source.met import answering, listed

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def forget_mark(state: RunStateGroup, member: int) -> None:
    """Know nothing of a member."""
    state.members[member].refused = 0
    state.members[member].put_by = 0
    state.members[member].out = 0
    state.marks[member].since = math.inf


def dialable(workload: WorkloadGroup, state: RunStateGroup, member: int) -> bool:
    """Return whether a member is on the list and not put by."""
    if state.members[member].put_by == 1:
        enough = workload.archive[0].rise * workload.dialling[0].every
        if state.clock[0].now >= state.marks[member].since + enough:
            forget_mark(state, member)
    return listed(workload, state, member) and state.members[member].put_by == 0


def in_ring(workload: WorkloadGroup, state: RunStateGroup, start: int, count: int) -> int:
    """Return the first of some members in a ring that can be dialled, -1 for none."""
    n = workload.archive[0].members
    for k in range(start, start + count):
        if dialable(workload, state, k % n):
            return k % n
    return -1


def chosen(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Return the member that an operation goes to, -1 if none is listed."""
    n = workload.archive[0].members
    mode = workload.archive[0].mode
    first = 0
    if mode == BY_SOURCE:
        station = workload.lines[line].station
        first = int(drawn(workload, state, station, station, 0, LANE_SOURCE, 0) * n)
    elif mode != THE_FIRST:
        first = (state.lines[line].turn + state.lines[line].tries) % n
    return in_ring(workload, state, first, n)


def another(workload: WorkloadGroup, state: RunStateGroup, member: int) -> int:
    """Return another listed member to go to at once, -1 if there is none (T14)."""
    n = workload.archive[0].members
    if workload.archive[0].mode == THE_FIRST:
        first = in_ring(workload, state, 0, n)
        return first if first != member else -1
    return in_ring(workload, state, member + 1, n - 1)


def note_refusal(workload: WorkloadGroup, state: RunStateGroup, member: int) -> None:
    """Count a dial that was refused."""
    state.members[member].refused += 1
    most = workload.archive[0].observe
    if most > 0 and state.members[member].refused >= most:
        state.members[member].put_by = 1


def note_conditions(workload: WorkloadGroup, state: RunStateGroup, now: float) -> None:
    """Note conditions that have just been written: which members answer, and since when."""
    for member in range(workload.archive[0].members):
        if state.members[member].put_by == 0:
            continue
        on = listed(workload, state, member)
        if on and state.members[member].out == 1:
            forget_mark(state, member)
            continue
        state.members[member].out = 0 if on else 1
        if not answering(workload, state, member):
            state.marks[member].since = math.inf
        elif state.marks[member].since == math.inf:
            state.marks[member].since = now
