"""Two runs beside each other: whether they are the same, and when they are (T22)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.kernel.numbers_of_traffic import (
    DONE,
    NEAR,
    NOT_SAME,
    PROBER,
    SAME,
    SHORT,
)
from pacsim.traffic.kernel.source.moment_loop import advance
from pacsim.traffic.kernel.source.notes import take_notes

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup

MINUTE = 60.0


def alike(workload: WorkloadGroup, state: RunStateGroup, twin: RunStateGroup) -> int:
    """Return whether two runs of the same moment go on alike, or if there was no room for notes."""
    if state.world[0].alive != twin.world[0].alive:
        # Fewer or more jobs and cases that are not over.
        return NOT_SAME
    for line in range(workload.archive[0].lines):
        # Most often somebody has an attempt under way in one of them only.
        prober = workload.stations[workload.lines[line].station].kind == PROBER
        if state.lines[line].open != twin.lines[line].open and not prober:
            return NOT_SAME
    if not take_notes(workload, state) or not take_notes(workload, twin):
        return SHORT
    marks, numbers = state.world[0].marks, state.world[0].numbers
    if marks != twin.world[0].marks or numbers != twin.world[0].numbers:
        return NOT_SAME
    for k in range(marks):
        if state.noted_marks[k] != twin.noted_marks[k]:
            return NOT_SAME
    for k in range(numbers):
        x, y = state.noted_numbers[k], twin.noted_numbers[k]
        close = x == y or abs(x - y) <= NEAR or (math.isnan(x) and math.isnan(y))
        if not close:
            return NOT_SAME
    return SAME


def meet(
    workload: WorkloadGroup, state: RunStateGroup, twin: RunStateGroup, first: float, last: float
) -> tuple[int, float]:
    """Go on by whole minutes until both are the same; with the minute reached."""
    at = first
    while at <= last:
        if advance(workload, state, at) != DONE or advance(workload, twin, at) != DONE:
            return SHORT, at
        said = alike(workload, state, twin)
        if said != NOT_SAME:
            return said, at
        at += MINUTE
    return NOT_SAME, at
