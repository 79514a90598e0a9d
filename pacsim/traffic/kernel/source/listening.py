"""What a client hears of dials made for it (T14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.traffic.arithmetic import next_retransmission, timer_end
from pacsim.traffic.kernel.source.met import front, holding, site_of

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def held(workload: WorkloadGroup, state: RunStateGroup, line: int) -> bool:
    """Return whether the holder that took the client is there still."""
    same = holding(workload, state) == state.lines[line].holder
    return state.lines[line].lost == 0 and same


def hears_at(workload: WorkloadGroup, state: RunStateGroup, line: int) -> float:
    """Return when a client hears what became of its dials, or gives up."""
    timer = workload.times[workload.lines[line].station].associate
    taken = state.timers[line].taken
    over = timer_end(taken, timer, True)
    holder = holding(workload, state)
    if holder >= 0 and front(workload, state, site_of(workload, line), holder):
        again = next_retransmission(taken, state.clock[0].now)
        return again if again < over else over
    return over
