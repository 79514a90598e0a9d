"""Whether a session's peer answers it, and what a change of conditions does to it (T13)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.arithmetic import next_retransmission
from pacsim.traffic.client_conditions import ERRORING, HUNG, REFUSES, SILENT, UP
from pacsim.traffic.kernel.numbers_of_traffic import (
    CUT_OFF,
    FOREIGN,
    GO_ON,
    MOVED,
    NOTHING,
    RESET_NOW,
    STATUS_NOW,
    STOP,
)
from pacsim.traffic.kernel.source.met import meets

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def stand(workload: WorkloadGroup, state: RunStateGroup, line: int) -> None:
    """Have a connection to the member of a line."""
    met = meets(workload, state, line)
    state.lines[line].stands = 1
    state.timers[line].last = state.clock[0].now
    state.lines[line].met = met
    state.lines[line].answers = 0 if met in (SILENT, HUNG) else 1
    state.lines[line].silent = 1 if met == SILENT else 0
    state.lines[line].gone = 0
    state.timers[line].again = math.inf


def look(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Compare what a session meets with what it met, once the changes of a moment are written."""
    before = state.lines[line].met
    met = meets(workload, state, line)
    state.lines[line].met = met
    if met == MOVED:
        return RESET_NOW
    if state.lines[line].answers == 1:
        return disturbed(state, line, before, met)
    if state.lines[line].silent == 1:
        await_segment(state, line)
        return NOTHING
    if met in (UP, ERRORING, REFUSES):
        # A restart closes the sockets of what hung.
        return RESET_NOW
    if met != HUNG or state.lines[line].gone == 1:
        state.lines[line].silent = 1
        await_segment(state, line)
    return NOTHING


def disturbed(state: RunStateGroup, line: int, before: int, met: int) -> int:
    """Look at a peer that answered."""
    gone = state.lines[line].gone == 1
    if met == SILENT or (met == HUNG and not gone):
        state.lines[line].answers = 0
        state.lines[line].silent = 1 if met == SILENT else 0
        return STOP
    if met == REFUSES:
        return CUT_OFF
    if gone or met == FOREIGN:
        return RESET_NOW
    return STATUS_NOW if met == ERRORING and before != ERRORING else NOTHING


def await_segment(state: RunStateGroup, line: int) -> None:
    """Learn of the end of silence at the next retransmission at or after now."""
    if state.lines[line].met == SILENT:
        state.timers[line].again = math.inf
    else:
        last = state.timers[line].last
        state.timers[line].again = next_retransmission(last, state.clock[0].now)


def retransmit(state: RunStateGroup, line: int) -> int:
    """Meet what there is when a segment goes out again."""
    state.timers[line].again = math.inf
    met = state.lines[line].met
    if state.lines[line].gone == 1 or met in (FOREIGN, REFUSES):
        return RESET_NOW
    state.lines[line].silent = 0
    if met == HUNG:
        return NOTHING
    state.lines[line].answers = 1
    return GO_ON


def renew(state: RunStateGroup, line: int) -> None:
    """Count retransmissions from now."""
    state.timers[line].last = state.clock[0].now
    if state.timers[line].again < math.inf:
        await_segment(state, line)
