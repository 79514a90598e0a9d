"""Steps that are refused at once, again and again: taken in one go while nothing changes.

Clients of an archive that is away for hours are most of all that happens then. Nobody else has to
do with such a try, and it tells nothing, so that it needs no moment of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.traffic.kernel.numbers_of_traffic import TO_RETRY_STEP
from pacsim.traffic.kernel.source.attempt_rows import write_attempt
from pacsim.traffic.kernel.source.met import pooled
from pacsim.traffic.logs import REFUSED

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def is_refused_again(workload: WorkloadGroup, state: RunStateGroup, line: int) -> bool:
    """Return whether a step was refused at once in this moment, so that its next try will be, too.

    If nothing changes: a balancer may dial another member, and what a client does first takes time.
    """
    if state.world[0].thins == 0 or state.lines[line].phase != TO_RETRY_STEP:
        return False
    if state.lines[line].how != REFUSED or pooled(workload, state, line):
        return False
    return bool(workload.spans[state.lines[line].operation].own <= 0.0)


def try_on(workload: WorkloadGroup, state: RunStateGroup, line: int, at: float) -> float:
    """Try from a time on until something may change; return when the line wakes then."""
    station, case = workload.lines[line].station, state.lines[line].case
    every, over, now = (
        workload.times[station].retry_every,
        state.timers[line].over,
        state.clock[0].now,
    )
    quiet = state.clock[0].until
    change = state.world[0].next_change
    if change < state.world[0].changes:
        quiet = min(quiet, state.change_times[change])
    room = state.world[0].room_attempts - workload.archive[0].lines - 2
    while at < quiet and at < over and state.world[0].attempts <= room:
        state.clock[0].now = at
        state.timers[line].start = at
        state.stations[station].attempts += 1
        state.lines[line].tries = state.cases[case].step_tries
        write_attempt(workload, state, line)
        state.cases[case].tries += 1
        state.cases[case].step_tries += 1
        state.world[0].events += 1
        again = at + every
        at = over if over < again else again
    state.timers[line].until = at
    state.clock[0].now = now
    return at
