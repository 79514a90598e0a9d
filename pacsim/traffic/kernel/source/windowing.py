"""Windows of a term, one after the other, each a run beside its twin (T21 - T24).

As `pacsim.traffic.windows.TrafficWindows.window`, number by number. It stops where room is short,
and goes on from there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pacsim.traffic.kernel.arriving_source import draw_slots
from pacsim.traffic.kernel.numbers_of_traffic import (
    DECIDES,
    DONE,
    FAILOVER,
    LOOKS,
    OVER,
    RUNS_OUT,
    SAME,
    SEARCHES,
    SHORT,
    TO_LOOK,
    WRITES,
    WRONG,
)
from pacsim.traffic.kernel.source.beginning import begin_world, take_conditions
from pacsim.traffic.kernel.source.comparing import meet
from pacsim.traffic.kernel.source.feeling import longest_gaps
from pacsim.traffic.kernel.source.leaving import adds_up, write_open
from pacsim.traffic.kernel.source.moment_loop import advance
from pacsim.traffic.kernel.source.sharing import copy_run, fits_twin, parts_at
from pacsim.traffic.kernel.source.thinning import (
    clear_entries,
    entry_of,
    note_twin,
    row_key,
    thin_attempts,
    thin_jobs,
    unlike,
)
from pacsim.traffic.logs import UNDECIDED

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import (
        RunStateGroup,
        WindowedGroup,
        WorkloadGroup,
    )

HOUR, MINUTE = 3600.0, 60.0


def fill(numbers: Any, count: Any, value: Any) -> None:
    """Set the first of some numbers."""
    for k in range(count):
        numbers[k] = value


def clear(workload: WorkloadGroup, state: RunStateGroup) -> None:
    """Clear what lines, stations and members have."""
    fill(state.lines, workload.archive[0].line_numbers, 0)
    fill(state.timers, workload.archive[0].line_times, 0.0)
    fill(state.at, workload.archive[0].alarms, math.inf)
    fill(state.least, workload.archive[0].blocks, math.inf)
    fill(state.pending, workload.archive[0].words, 0)
    fill(state.stations, workload.archive[0].station_numbers, 0)
    fill(state.sizes, workload.archive[0].station_sizes, 0.0)
    fill(state.queues, workload.archive[0].queue_numbers, -1)
    fill(state.ended, workload.archive[0].ways, 0)
    fill(state.members, workload.archive[0].member_numbers, 0)
    for member in range(workload.archive[0].members):
        state.members[member].first = -1
        state.members[member].last = -1
        state.marks[member].since = math.inf


def begin_both(
    workload: WorkloadGroup, state: RunStateGroup, twin: RunStateGroup, start: float
) -> None:
    """Begin a run and its twin, in which nothing is wrong and the address is where it stood."""
    clear(workload, state)
    clear(workload, twin)
    begin_world(state, start)
    begin_world(twin, start)
    take_conditions(workload, state, start)
    take_conditions(workload, twin, start)
    if workload.archive[0].kind == FAILOVER:
        owner = workload.archive[0].owner_at
        twin.values[owner] = max(state.values[owner], 0)
    if workload.archive[0].balanced == 1:
        holder = workload.archive[0].holder_at
        twin.values[holder] = max(state.values[holder], 0)


def next_minute(time: float) -> float:
    """Return the first whole minute after a time."""
    return MINUTE * (time // MINUTE + 1.0)


def windows(
    workload: WorkloadGroup,
    state: RunStateGroup,
    twin: RunStateGroup,
    term: WindowedGroup,
    sources: Any,
    weeks: Any,
    growth: Any,
    studies: Any,
    laws: Any,
    tab: Any,
    rows: Any,
    opened: Any,
    times: Any,
    owners: Any,
    numbers: Any,
    order: Any,
    ranks: Any,
    ends: Any,
) -> int:
    """Go through the windows of a term; return `DONE`, or why not."""
    while True:
        phase = term.numbers[0].phase
        if phase in (SEARCHES, OVER):
            if not next_window(term):
                return DONE
            ends[0] = 0
            ends[1] = 0
            begin_window(workload, state, twin, term)
        elif phase == DECIDES:
            decide(term)
        elif phase == WRITES:
            said = write_window(workload, state, twin, term)
            if said != DONE:
                return said
        elif phase == LOOKS and term.times[0].at > term.times[0].last:
            take_next(term)
        else:
            until = term.times[0].at
            if phase == LOOKS:
                until = min(term.times[0].last, HOUR * (until // HOUR + 1.0))
            while term.numbers[0].slot * HOUR < until:
                slot = term.numbers[0].slot
                short = draw_slots(
                    sources, weeks, growth, studies, laws, tab, state.keys[0], state.keys[1],
                    slot, 1, rows, opened, times, owners, numbers, order, ranks, ends,
                )  # fmt: skip
                if short == 1:
                    return SHORT
                term.numbers[0].slot = slot + 1
                come(state, twin, term, rows, ends[0])
            if not go_on(workload, state, twin, term, until):
                return SHORT


def begin_window(
    workload: WorkloadGroup, state: RunStateGroup, twin: RunStateGroup, term: WindowedGroup
) -> None:
    """Begin both runs, with their rows behind those of the windows before, if these are kept."""
    begin_both(workload, state, twin, term.times[0].start)
    if term.numbers[0].whole == 1:
        state.world[0].attempts = 0
        state.world[0].rows = 0
        twin.world[0].attempts = 0
        twin.world[0].rows = 0
    else:
        state.world[0].thins = 1
        twin.world[0].thins = 1
    term.numbers[0].attempts_from = state.world[0].attempts
    term.numbers[0].rows_from = state.world[0].rows
    term.numbers[0].twin_attempts_from = twin.world[0].attempts
    term.numbers[0].twin_rows_from = twin.world[0].rows
    term.times[0].parts = parts_at(workload, state, twin)
    term.numbers[0].shares = 1 if term.times[0].parts > term.times[0].start else 0
    term.numbers[0].phase = DECIDES


def come(
    state: RunStateGroup, twin: RunStateGroup, term: WindowedGroup, rows: Any, count: Any
) -> None:
    """Hand over what was drawn, less what came before the window."""
    state.world[0].arrivals = count
    twin.world[0].arrivals = count
    while term.numbers[0].skips == 1 and state.world[0].next_arrival < count:
        if rows[state.world[0].next_arrival].time >= term.times[0].start:
            term.numbers[0].skips = 0
        else:
            state.world[0].next_arrival += 1
            twin.world[0].next_arrival += 1


def go_on(
    workload: WorkloadGroup,
    state: RunStateGroup,
    twin: RunStateGroup,
    term: WindowedGroup,
    until: float,
) -> bool:
    """Go on to where both may be looked at, look, or go on to the end; False without room."""
    phase, at = term.numbers[0].phase, term.times[0].at
    if phase == LOOKS:
        said, at = meet(workload, state, twin, at, until)
        term.times[0].at = at
        if said == SHORT:
            return False
        if said == SAME:
            term.times[0].closed = at
            term.numbers[0].phase = WRITES
        else:
            term.times[0].at = next_minute(until)
        return True
    if term.numbers[0].shares == 1 and not go_on_shared(workload, state, twin, term):
        return False
    if advance(workload, state, at) != DONE or advance(workload, twin, at) != DONE:
        return False
    if phase == TO_LOOK:
        term.numbers[0].phase = LOOKS
    else:
        term.numbers[0].censored = 1
        term.times[0].closed = at
        term.numbers[0].phase = WRITES
    return True


def go_on_shared(
    workload: WorkloadGroup, state: RunStateGroup, twin: RunStateGroup, term: WindowedGroup
) -> bool:
    """Go on with a run alone while its twin is the same, which then takes over what it has."""
    if advance(workload, state, min(term.times[0].at, term.times[0].parts)) != DONE:
        return False
    term.numbers[0].shares = 0
    attempts, rows = term.numbers[0].attempts_from, term.numbers[0].rows_from
    its_attempts, its_rows = term.numbers[0].twin_attempts_from, term.numbers[0].twin_rows_from
    # Without room for all of it the twin goes the same way by itself.
    if fits_twin(state, twin, attempts, rows, its_attempts, its_rows):
        copy_run(workload, state, twin, attempts, rows, its_attempts, its_rows)
    return True


def take_next(term: WindowedGroup) -> None:
    """Take in the next divergence, before which both did not meet, or go on to the end."""
    if term.times[0].opens > term.times[0].horizon:
        term.numbers[0].phase = RUNS_OUT
        term.times[0].at = term.times[0].horizon
    else:
        term.numbers[0].count += 1
        term.numbers[0].phase = DECIDES


def next_window(term: WindowedGroup) -> bool:
    """Find the next divergence with which a window is to begin; return False without any."""
    following = term.numbers[0].following
    lead = term.times[0].lead
    while term.numbers[0].span < term.numbers[0].spans:
        span = term.numbers[0].span
        following = max(following, term.spans[span].first)
        inside = following < term.numbers[0].divergences
        if inside and term.starts[following] - lead <= term.span_ends[span]:
            term.numbers[0].first = following
            term.numbers[0].count = 1
            term.numbers[0].censored = 0
            start = max(0.0, term.starts[following] - lead)
            term.times[0].start = start
            # One slot earlier at a full hour: the last place in a slot may round to it.
            term.numbers[0].slot = max(0, math.ceil(start / HOUR) - 1)
            term.numbers[0].skips = 1
            return True
        term.numbers[0].span = span + 1
    term.numbers[0].following = following
    return False


def decide(term: WindowedGroup) -> None:
    """Take in what starts before a window can be closed, and see from when on it may be."""
    horizon = term.times[0].horizon
    while True:
        last = term.numbers[0].first + term.numbers[0].count - 1
        at = next_minute(term.ends[last])
        opens = math.inf
        if last + 1 < term.numbers[0].divergences:
            opens = term.starts[last + 1] - term.times[0].lead
        if opens < at:
            term.numbers[0].count += 1
            continue
        term.times[0].opens = opens
        if term.open_ends[last] == 1 or at > horizon:
            term.times[0].at = horizon
            term.numbers[0].phase = RUNS_OUT
        else:
            term.times[0].at = at
            term.times[0].last = min(opens, horizon)
            term.numbers[0].phase = TO_LOOK
        return


def write_window(
    workload: WorkloadGroup, state: RunStateGroup, twin: RunStateGroup, term: WindowedGroup
) -> int:
    """Look through both runs of a window, and keep of it what is wanted."""
    if not write_open(workload, state) or not write_open(workload, twin):
        return SHORT
    if not adds_up(workload, state) or not adds_up(workload, twin):
        return WRONG
    found = term.numbers[0].windows
    if term.numbers[0].whole == 0:
        rows = state.world[0].rows + state.world[0].open_rows - term.numbers[0].rows_from
        rows += twin.world[0].rows + twin.world[0].open_rows - term.numbers[0].twin_rows_from
        if not clear_entries(term, rows):
            return SHORT
        pick(workload, state, twin, term)
    term.found[found].first = term.numbers[0].first
    term.found[found].count = term.numbers[0].count
    term.found[found].censored = term.numbers[0].censored
    term.found[found].attempts = state.world[0].attempts
    term.found[found].rows = state.world[0].rows
    term.found[found].twin_attempts = twin.world[0].attempts
    term.found[found].twin_rows = twin.world[0].rows
    term.found_times[found].start = term.times[0].start
    term.found_times[found].closed = term.times[0].closed
    term.numbers[0].windows = found + 1
    term.numbers[0].following = term.numbers[0].first + term.numbers[0].count
    if term.numbers[0].whole == 1:
        term.numbers[0].phase = OVER
        return OVER
    term.numbers[0].phase = SEARCHES
    return DONE


def pick(
    workload: WorkloadGroup, state: RunStateGroup, twin: RunStateGroup, term: WindowedGroup
) -> None:
    """Keep the cases in which both runs differ, and those that are open in either."""
    first, last = term.numbers[0].rows_from, state.world[0].rows + state.world[0].open_rows
    twin_first = term.numbers[0].twin_rows_from
    twin_last = twin.world[0].rows + twin.world[0].open_rows
    note_twin(twin, term, twin_first, twin_last)
    for row in range(first, last):
        entry = entry_of(term, row_key(state, row))
        state.row_entries[row] = entry
        own = state.rows[row].station == state.rows[row].source
        other = term.entries[entry].own if own else term.entries[entry].routed
        if other < 0 or state.rows[row].outcome == UNDECIDED:
            term.entries[entry].changed = 1
            continue
        term.entries[entry].matched += 1
        unequal = state.rows[row].tries != twin.rows[other].tries
        unequal = unequal or state.rows[row].parked != twin.rows[other].parked
        unequal = unequal or state.rows[row].outcome != twin.rows[other].outcome
        unequal = unequal or unlike(state.rows[row].first, twin.rows[other].first)
        unequal = unequal or unlike(state.rows[row].stored, twin.rows[other].stored)
        if unequal or unlike(state.rows[row].sent, twin.rows[other].sent):
            term.entries[entry].changed = 1
    for entry in range(term.numbers[0].entries):
        if term.entries[entry].matched != term.entries[entry].told:
            term.entries[entry].changed = 1
    thin_jobs(state, term, first, last)
    thin_jobs(twin, term, twin_first, twin_last)
    last = state.world[0].attempts + state.world[0].open_attempts
    thin_attempts(workload, state, term, term.numbers[0].attempts_from, last)
    last = twin.world[0].attempts + twin.world[0].open_attempts
    thin_attempts(workload, twin, term, term.numbers[0].twin_attempts_from, last)


def feel(
    workload: WorkloadGroup, state: RunStateGroup, twin: RunStateGroup, term: WindowedGroup
) -> None:
    """Let probes ask in windows and in their twins, and note how long they were not served."""
    probes = workload.archive[0].stations
    for window in range(term.numbers[0].windows):
        start, divergence = term.asked[window].start, term.asked[window].divergence
        begin_both(workload, state, twin, start)
        state.world[0].attempts = 0
        twin.world[0].attempts = 0
        usual = term.asked[window].usual
        longest_gaps(workload, twin, term, divergence, usual, divergence)
        for probe in range(probes):
            term.usual[window * probes + probe] = term.probed[probe].longest
        end, after = term.asked[window].end, term.asked[window].after
        longest_gaps(workload, state, term, divergence, end, after)
        for probe in range(probes):
            term.longest[window * probes + probe] = term.probed[probe].longest
