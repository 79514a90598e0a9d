"""What a client meets: conditions as they are now, and what they do to a session (T13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.traffic.client_conditions import ERRORING, HUNG, MOVING, REFUSES, SILENT, UP
from pacsim.traffic.kernel.numbers_of_traffic import (
    AT_ARCHIVE,
    BALANCED_POOL,
    FAILOVER,
    FOREIGN,
    MOVED,
    NEVER_FAILS,
)

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def site_of(workload: WorkloadGroup, line: int) -> int:
    """Return the place of a line."""
    return workload.stations[workload.lines[line].station].site


def path(workload: WorkloadGroup, state: RunStateGroup, site: int, member: int) -> bool:
    """Return whether a site reaches a member directly."""
    at = workload.archive[0].path_at + site * workload.archive[0].members + member
    return state.values[at] != 0


def listed(workload: WorkloadGroup, state: RunStateGroup, member: int) -> bool:
    """Return whether a balancer has a member on its list."""
    return state.values[workload.archive[0].listed_at + member] != 0


def holding(workload: WorkloadGroup, state: RunStateGroup) -> int:
    """Return who holds the address and answers for it, -1 for nobody; 0 without holders."""
    if workload.archive[0].balanced == 0:
        return 0
    held = state.values[workload.archive[0].holder_at]
    if held < 0 or state.values[workload.archive[0].holders_at + held] == SILENT:
        return -1
    return held


def front(workload: WorkloadGroup, state: RunStateGroup, site: int, holder: int) -> bool:
    """Return whether a site reaches a holder."""
    if workload.archive[0].balanced == 0:
        return True
    at = workload.archive[0].front_at + site * workload.archive[0].holders + holder
    return state.values[at] != 0


def back(
    workload: WorkloadGroup, state: RunStateGroup, site: int, holder: int, member: int
) -> bool:
    """Return whether a dial reaches a member: from the holder, or else from the site."""
    if workload.archive[0].balanced == 0:
        return path(workload, state, site, member)
    at = workload.archive[0].back_at + holder * workload.archive[0].members + member
    return state.values[at] != 0


def owner(workload: WorkloadGroup, state: RunStateGroup) -> int:
    """Return the member at the address of a group or server, or why there is none."""
    if workload.archive[0].kind == FAILOVER:
        return state.values[workload.archive[0].owner_at]
    return 0


def condition_of(workload: WorkloadGroup, state: RunStateGroup, target: int) -> int:
    """Return what a target other than the archive is."""
    if target == NEVER_FAILS or state.values[workload.archive[0].targets_at + target] != 0:
        return UP
    return SILENT


def address(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Return what a request for a connection meets; the member is noted."""
    target = state.lines[line].target
    if target != AT_ARCHIVE:
        state.lines[line].dialled = 0
        return condition_of(workload, state, target)
    at = owner(workload, state)
    if at < 0 or not path(workload, state, site_of(workload, line), at):
        return SILENT
    state.lines[line].dialled = at
    return state.values[at]


def meets(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Return what a session meets: silence, a condition of its member, or another one."""
    target = state.lines[line].target
    if target != AT_ARCHIVE:
        return condition_of(workload, state, target)
    site = site_of(workload, line)
    member = state.lines[line].member
    holder = state.lines[line].holder
    if workload.archive[0].kind == FAILOVER and state.world[0].stays == 0:
        at = owner(workload, state)
        if at < 0:
            return MOVED if at == MOVING else SILENT
        if at != member:
            there = path(workload, state, site, at) and state.values[at] != SILENT
            return FOREIGN if there else SILENT
    if workload.archive[0].balanced == 1:
        held = holding(workload, state)
        if held < 0:
            return SILENT
        if held != holder:
            return FOREIGN if front(workload, state, site, held) else SILENT
        if not front(workload, state, site, holder):
            return SILENT
    if back(workload, state, site, holder, member):
        return state.values[member]
    return SILENT


def ends(workload: WorkloadGroup, state: RunStateGroup, line: int, what: int, value: int) -> bool:
    """Return whether a change, about to be written, ends a session for good."""
    target = state.lines[line].target
    if target != AT_ARCHIVE:
        return target >= 0 and what == workload.archive[0].targets_at + target and value == 0
    if what < workload.archive[0].members and what == state.lines[line].member:
        return value in (SILENT, REFUSES) or (state.values[what] == HUNG and value != HUNG)
    if workload.archive[0].kind == FAILOVER and what == workload.archive[0].owner_at:
        return state.world[0].stays == 0 and value >= 0 and value != state.lines[line].member
    if workload.archive[0].balanced == 1:
        holder = state.lines[line].holder
        if what == workload.archive[0].holder_at:
            return value >= 0 and value != holder
        if holder >= 0 and what == workload.archive[0].holders_at + holder:
            return value == SILENT
    return False


def answering(workload: WorkloadGroup, state: RunStateGroup, member: int) -> bool:
    """Return whether a dial of a member would be taken."""
    if state.values[member] not in (UP, ERRORING):
        return False
    if workload.archive[0].balanced == 0:
        return True
    held = holding(workload, state)
    return held >= 0 and back(workload, state, 0, held, member)


def pooled(workload: WorkloadGroup, state: RunStateGroup, line: int) -> bool:
    """Return whether a balancer connects the attempt of a line."""
    return workload.archive[0].kind == BALANCED_POOL and state.lines[line].target == AT_ARCHIVE
