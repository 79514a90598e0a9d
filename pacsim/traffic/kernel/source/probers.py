"""Probes: one operation again and again, beside everything else (T28)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.kernel.numbers_of_traffic import PROBE_STREAM, TO_PROBE, WAITING
from pacsim.traffic.kernel.source.attempts import begin_attempt, release
from pacsim.traffic.keyed_draws import SLOT
from pacsim.traffic.logs import OK

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def probe(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Ask once more."""
    now = state.clock[0].now
    station = workload.lines[line].station
    turn = math.floor(now / workload.times[station].pause)
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
    state.lines[line].number = turn
    state.lines[line].step = 0
    state.lines[line].tries = 0
    state.lines[line].turn = turn
    return begin_attempt(workload, state, line)


def probed(workload: WorkloadGroup, state: RunStateGroup, line: int, how: int) -> int:
    """Note how it went."""
    state.lines[line].failed = 0 if how == OK else 1
    if how == OK:
        return release(workload, state, line)
    station = workload.lines[line].station
    state.lines[line].phase = TO_PROBE
    state.timers[line].until = state.clock[0].now + workload.times[station].retry_every
    return WAITING


def probe_released(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Pause after a success."""
    station = workload.lines[line].station
    state.lines[line].phase = TO_PROBE
    state.timers[line].until = state.clock[0].now + workload.times[station].pause
    return WAITING
