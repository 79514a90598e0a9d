"""What probes meet: how long they are not served, without any rows that are kept (T28)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pacsim.traffic.kernel.numbers_of_traffic import BIRTH, DONE
from pacsim.traffic.kernel.source.alarms import next_alarm
from pacsim.traffic.kernel.source.leaping import hear_success, leap, may_leap
from pacsim.traffic.kernel.source.moment_loop import advance
from pacsim.traffic.logs import OK

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import (
        RunStateGroup,
        WindowedGroup,
        WorkloadGroup,
    )

MINUTE = 60.0


def longest_gaps(
    workload: WorkloadGroup,
    state: RunStateGroup,
    term: WindowedGroup,
    divergence: float,
    end: float,
    after: float,
) -> None:
    """Go on until an end, and on until each probe has been served after a moment.

    The longest interval between successes of each that ends after a divergence is in `term.probed`.
    """
    for probe in range(workload.archive[0].stations):
        term.probed[probe].last = math.nan
        term.probed[probe].longest = -math.inf
    leaps = may_leap(workload)
    while True:
        end = min(end, term.times[0].horizon)
        if leaps:
            leap_on(workload, state, term, divergence, end)
        else:
            listen(workload, state, term, divergence, end)
        served = True
        for probe in range(workload.archive[0].stations):
            served = served and term.probed[probe].last > after
        if served or end >= term.times[0].horizon:
            return
        end += MINUTE


def leap_on(
    workload: WorkloadGroup,
    state: RunStateGroup,
    term: WindowedGroup,
    divergence: float,
    end: float,
) -> None:
    """Go on to before an end: by leaps, and by moments where something changes or hangs on more."""
    while True:
        at = state.clock[0].start
        if state.world[0].stage != BIRTH:
            limit = end
            change = state.world[0].next_change
            if change < state.world[0].changes:
                limit = min(limit, state.change_times[change])
            for line in range(workload.archive[0].lines):
                leap(workload, state, term, line, divergence, limit)
            at = min(next_alarm(workload, state), limit)
        if not at < end:
            return
        listen(workload, state, term, divergence, np.nextafter(at, math.inf))


def listen(
    workload: WorkloadGroup,
    state: RunStateGroup,
    term: WindowedGroup,
    divergence: float,
    end: float,
) -> None:
    """Go on to before an end by moments, and hear of what comes."""
    said = DONE + 1
    while said != DONE:
        # Room is always enough for what is written before it is looked at.
        said = advance(workload, state, end)
        hear_of(state, term, divergence)


def hear_of(state: RunStateGroup, term: WindowedGroup, divergence: float) -> None:
    """Look through what was written, which is then forgotten."""
    for row in range(state.world[0].attempts):
        if state.attempts[row].how != OK:
            continue
        hear_success(term, state.attempts[row].station, state.attempts[row].end, divergence)
    state.world[0].attempts = 0
