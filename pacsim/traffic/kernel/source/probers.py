"""Probes: one operation again and again, beside everything else (T28)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.kernel.numbers_of_traffic import PROBE_STREAM, TO_PROBE, WAITING
from pacsim.traffic.kernel.source.attempts import begin_attempt, release
from pacsim.traffic.keyed_draws import SLOT
from pacsim.traffic.logs import OK, STATUS

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def probe(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Ask once more."""
    now = state.clock[0].now
    station = workload.lines[line].station
    k = state.lines[line].grid
    operation = workload.stations[station].operation + k % workload.stations[station].operations
    state.lines[line].grid = k + 1
    state.lines[line].operation = operation
    state.lines[line].target = workload.operations[operation].target
    state.lines[line].items = 1
    state.timers[line].size = 0.0
    state.lines[line].draw = math.floor(SLOT * now)
    state.lines[line].source = station
    state.lines[line].stream = PROBE_STREAM
    state.lines[line].number = math.floor(now / workload.times[station].pause)
    state.lines[line].step = 0
    state.lines[line].tries = 0
    state.lines[line].turn = k
    return begin_attempt(workload, state, line)


def probed(workload: WorkloadGroup, state: RunStateGroup, line: int, how: int) -> int:
    """Note how it went."""
    state.lines[line].failed = 0 if how == OK else 1
    if how in (OK, STATUS):
        return release(workload, state, line)
    return probe_released(workload, state, line)


def probe_released(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Pause, after a failure as long as its client does."""
    station = workload.lines[line].station
    wait = workload.times[station].pause
    if state.lines[line].failed == 1:
        wait = workload.times[station].retry_every
    state.lines[line].phase = TO_PROBE
    state.timers[line].until = state.clock[0].now + wait
    return WAITING
