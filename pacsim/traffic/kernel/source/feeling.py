"""What probes meet: how long they are not served, without any rows that are kept (T28)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.kernel.numbers_of_traffic import DONE
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
    while True:
        end = min(end, term.times[0].horizon)
        said = DONE + 1
        while said != DONE:
            # Room is always enough for what is written before it is looked at.
            said = advance(workload, state, end)
            hear_of(state, term, divergence)
        served = True
        for probe in range(workload.archive[0].stations):
            served = served and term.probed[probe].last > after
        if served or end >= term.times[0].horizon:
            return
        end += MINUTE


def hear_of(state: RunStateGroup, term: WindowedGroup, divergence: float) -> None:
    """Look through what was written, which is then forgotten."""
    for row in range(state.world[0].attempts):
        if state.attempts[row].how != OK:
            continue
        probe, end = state.attempts[row].station, state.attempts[row].end
        before = term.probed[probe].last
        if not math.isnan(before) and end > divergence:
            gap = end - before
            longest = term.probed[probe].longest
            term.probed[probe].longest = gap if gap > longest else longest
        term.probed[probe].last = end
    state.world[0].attempts = 0
