"""Flows of whole items that share pools (T8, T12)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.arithmetic import (
    flow_end,
    last_response,
    pool_share,
    reached,
    settled,
    whole_items,
)
from pacsim.traffic.kernel.numbers_of_traffic import AT_ARCHIVE, LANE_SERVICE
from pacsim.traffic.kernel.source.keyed import delay
from pacsim.traffic.keyed_draws import TRIES, TRY

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup

FULL = 0.999
"""Of a pool: with less it is not full, however sums are rounded."""


def passes(state: RunStateGroup, line: int, mark: float) -> float:
    """Return when a number of items is whole at this rate."""
    progress = state.timers[line].flow_items - state.timers[line].remaining
    return reached(state.timers[line].since, progress, mark, state.timers[line].rate)


def runs_out(state: RunStateGroup, line: int) -> float:
    """Return when nothing remains at this rate."""
    return flow_end(state.timers[line].since, state.timers[line].remaining, state.timers[line].rate)


def note_first(state: RunStateGroup, line: int, now: float) -> None:
    """Note when the first item came, from what remained before."""
    if math.isnan(state.timers[line].first):
        at = passes(state, line, 1.0)
        state.timers[line].first = now if now < at else at


def settle_flow(state: RunStateGroup, line: int) -> None:
    """Work out what is done."""
    now = state.clock[0].now
    rate = state.timers[line].rate
    if rate > 0.0:
        left = settled(state.timers[line].remaining, rate, now - state.timers[line].since)
        progress = state.timers[line].flow_items - left
        whole = whole_items(progress)
        if whole > state.timers[line].whole:
            state.timers[line].response = last_response(now, progress, whole, rate)
            note_first(state, line, now)
            state.timers[line].whole = whole
        state.timers[line].remaining = left
    state.timers[line].since = now


def finish_flow(state: RunStateGroup, line: int) -> None:
    """Take the end as it was foreseen: nothing remains."""
    now = state.clock[0].now
    note_first(state, line, now)
    state.timers[line].remaining = 0.0
    state.timers[line].whole = state.timers[line].flow_items
    state.timers[line].response = now
    state.timers[line].since = now
    state.timers[line].rate = 0.0


def let_move(state: RunStateGroup, line: int) -> None:
    """Let a flow move, among the others in the order of lines."""
    state.lines[line].moves = 1
    k = state.world[0].moving
    state.world[0].moving = k + 1
    while k > 0 and state.moving[k - 1] > line:
        state.moving[k] = state.moving[k - 1]
        k -= 1
    state.moving[k] = line
    state.world[0].rates = 1


def let_stand(state: RunStateGroup, line: int) -> None:
    """Let a flow stand still."""
    state.timers[line].rate = 0.0
    state.world[0].rates = 1
    if state.lines[line].moves == 0:
        return
    state.lines[line].moves = 0
    count = state.world[0].moving - 1
    state.world[0].moving = count
    k = 0
    while state.moving[k] != line:
        k += 1
    while k < count:
        state.moving[k] = state.moving[k + 1]
        k += 1


def begin_flow(workload: WorkloadGroup, state: RunStateGroup, line: int) -> None:
    """Begin the items of an attempt: what one takes, and the pools with what it uses of them."""
    size = state.timers[line].size
    work = workload.operations[state.lines[line].operation].works
    if state.lines[line].target == AT_ARCHIVE:
        work += state.lines[line].member
    mean = workload.items[work].mean
    busy = mean
    if workload.works[work].service >= 0:
        source, stream = state.lines[line].source, state.lines[line].stream
        # Each try draws anew: one that took longer than anybody waits may be served by the next.
        law, n = workload.works[work].service, state.lines[line].draw
        n += TRY * (state.lines[line].tries % TRIES)
        at = workload.lines[line].station
        busy = delay(workload, state, law, at, source, stream, LANE_SERVICE, n)
    least = workload.items[work].step + size * workload.items[work].array
    more = (least if least > busy else busy) - mean
    alone = workload.items[work].alone + size * workload.items[work].line + more
    plain = workload.works[work].plain
    count = plain + workload.works[work].sized
    first = workload.works[work].uses
    place = line * workload.archive[0].uses
    for k in range(count):
        pool = workload.pools[first + k]
        use = workload.seconds[first + k]
        if k >= plain:
            use = size * use
        elif pool == workload.works[work].served_by:
            use = use + more
        state.flow_pools[place + k] = pool
        state.flow_loads[place + k] = use / alone
    state.timers[line].fills = most_filled(workload, state, place, count)
    items = float(state.lines[line].items)
    now = state.clock[0].now
    state.lines[line].flows = 1
    state.lines[line].uses = count
    state.timers[line].alone = alone
    state.timers[line].flow_items = items
    state.timers[line].remaining = items
    state.timers[line].since = now
    state.timers[line].rate = 0.0
    state.timers[line].whole = 0.0
    state.timers[line].response = now
    state.timers[line].first = math.nan


def most_filled(workload: WorkloadGroup, state: RunStateGroup, first: int, count: int) -> float:
    """Return how much a flow alone fills that of its pools which it fills most."""
    for k in range(first, first + count):
        state.load[state.flow_pools[k]] = 0.0
    most = 0.0
    for k in range(first, first + count):
        pool = state.flow_pools[k]
        state.load[pool] += state.flow_loads[k]
        fills = state.load[pool] / workload.capacity[pool]
        most = fills if fills > most else most
    return most


def make_rates(workload: WorkloadGroup, state: RunStateGroup) -> None:
    """Make all rates anew."""
    filled = 0.0
    for i in range(state.world[0].moving):
        filled += state.timers[state.moving[i]].fills
    if filled > FULL:
        share_rates(workload, state)
        return
    # Nothing is full, whatever the flows use.
    for i in range(state.world[0].moving):
        line = state.moving[i]
        set_rate(state, line, 1.0 / state.timers[line].alone)


def set_rate(state: RunStateGroup, line: int, rate: float) -> None:
    """Let a flow have a rate, and tell its line if that is another one."""
    if rate != state.timers[line].rate:
        settle_flow(state, line)
        state.timers[line].rate = rate
        state.lines[line].told = 1


def share_rates(workload: WorkloadGroup, state: RunStateGroup) -> None:
    """Share what may be full; sums are made from nothing, in the order of lines."""
    width = workload.archive[0].uses
    for i in range(state.world[0].moving):
        line = state.moving[i]
        for k in range(line * width, line * width + state.lines[line].uses):
            state.load[state.flow_pools[k]] = 0.0
    for i in range(state.world[0].moving):
        line = state.moving[i]
        for k in range(line * width, line * width + state.lines[line].uses):
            state.load[state.flow_pools[k]] += state.flow_loads[k]
    for i in range(state.world[0].moving):
        line = state.moving[i]
        share = 1.0
        for k in range(line * width, line * width + state.lines[line].uses):
            pool = state.flow_pools[k]
            left = pool_share(workload.capacity[pool], state.load[pool])
            share = left if left < share else share
        set_rate(state, line, share / state.timers[line].alone)
