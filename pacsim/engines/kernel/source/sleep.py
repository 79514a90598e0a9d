"""Dormant sets: put aside while nobody looks, replayed when somebody does (`pacsim.core.dormant`).

What sleeps has no clock in the heap. Waking it replays its runs with the numbers their draws would
have had, then puts back what the last of them has left: states, clocks, quantities. Of all runs but
the last only that they took place and whether they were good matters, so how long they took is
worked out for those alone that may not have ended before the next tick.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.delays.intervals import next_tick
from pacsim.engines.kernel.source.clocks import drawn
from pacsim.engines.kernel.source.draws import uniform
from pacsim.engines.kernel.source.gates import add_to_level, note_state, propagate, touch
from pacsim.engines.kernel.source.queue import fill_hole, reschedule
from pacsim.engines.kernel.source.steps import choose, jump

if TYPE_CHECKING:
    from pacsim.engines.kernel.manifest import (
        CalendarsGroup,
        CountersGroup,
        ModelGroup,
        SizesGroup,
        StateGroup,
        TermGroup,
    )


def before(fire: float, index: int, other: float, mark: int) -> bool:
    """Return whether a clock comes before another one, or before a mark among ties (R16)."""
    return fire < other or (fire == other and index < mark)


def run_length(model: ModelGroup, term: TermGroup, end: int, number: Any) -> float:
    """Return how long the run takes whose end has this number among its draws."""
    u = uniform(term.key0, term.key1, model.transitions[end].delay_stream, number)
    return drawn(model, model.transitions[end].delay_first, u)


def show(model: ModelGroup, state: StateGroup, counters: CountersGroup, e: int, new: int) -> None:
    """Give an element the state it has come to, so that levels and gates can be read again.

    Its transitions are touched: when a guard turned they had another state.
    """
    old = state.elements[e].state
    if new == old:
        return
    at = model.elements[e].transition_first
    for j in range(model.elements[e].transition_count):
        touch(model, state, counters, model.integers[at + j])
    state.elements[e].state = new
    note_state(model, state, e)
    at = model.elements[e].level_first
    for j in range(model.elements[e].level_count):
        w = model.integers[at + 2 * j + 1]
        by = model.integers[w + new] - model.integers[w + old]
        if by != 0:
            add_to_level(model, state, counters, model.integers[at + 2 * j], by)


def start_clock(
    model: ModelGroup,
    state: StateGroup,
    counters: CountersGroup,
    i: int,
    t: float,
    work: float,
    fire: float,
) -> None:
    """Have a clock run that was started at t."""
    state.clocks[i].status = 1
    state.clocks[i].delay = model.transitions[i].delay_first
    state.clocks[i].work = work
    state.clocks[i].speed = 1.0
    state.clocks[i].since = t
    state.clocks[i].fire = fire
    reschedule(state, counters, i, fire)


def fall_asleep(model: ModelGroup, state: StateGroup, counters: CountersGroup, t: float) -> None:
    """Put aside the sets whose gate holds, unless something of them is due at t."""
    for d in range(len(model.dormant)):
        now = state.elements[model.transitions[model.dormant[d].start].element].state
        if (
            state.dormant[d].asleep == 1
            or state.gates[model.dormant[d].gate].value == 0
            or (now != model.dormant[d].rest and now != model.dormant[d].work)
        ):
            continue
        due = False
        for k in range(3):
            i = model.integers[model.dormant[d].clocks_at + k]
            due = due or (i >= 0 and state.clocks[i].status == 1 and state.clocks[i].fire <= t)
        if due:
            continue
        for k in range(3):
            i = model.integers[model.dormant[d].clocks_at + k]
            if i >= 0:
                reschedule(state, counters, i, math.inf)
                fill_hole(state, counters)
        state.dormant[d].asleep = 1
        counters.asleep += 1
        counters.awake -= 1


def stirred(model: ModelGroup, state: StateGroup, index: Any) -> bool:
    """Return whether a set that sleeps has lost its gate, or the next firing looks at it."""
    for d in range(len(model.dormant)):
        if state.dormant[d].asleep == 1 and (
            state.gates[model.dormant[d].gate].value == 0
            or (index >= 0 and model.integers[model.dormant[d].looks_at + index] == 1)
        ):
            return True
    return False


def rouse(
    model: ModelGroup,
    calendars: CalendarsGroup,
    state: StateGroup,
    counters: CountersGroup,
    sizes: SizesGroup,
    term: TermGroup,
    index: Any,
    t: float,
    over: Any,
) -> int:
    """Wake who has lost its gate or is looked at by the next firing; at the horizon everybody.

    Return 1 if a gate has ceased to hold: then immediates have to be looked at again.
    """
    fallen = 0
    for d in range(len(model.dormant)):
        if state.dormant[d].asleep == 1:
            lost = state.gates[model.dormant[d].gate].value == 0
            looked_at = index >= 0 and model.integers[model.dormant[d].looks_at + index] == 1
            if over == 1 or lost or looked_at:
                mark = counters.highest
                if over == 1:
                    mark = -1
                wake(model, calendars, state, counters, sizes, term, d, t, mark)
            if lost:
                fallen = 1
    return fallen


def wake(
    model: ModelGroup,
    calendars: CalendarsGroup,
    state: StateGroup,
    counters: CountersGroup,
    sizes: SizesGroup,
    term: TermGroup,
    d: int,
    t: float,
    mark: int,
) -> None:
    """Replay what a set has done up to t, at t itself what comes before the mark, and wake it."""
    start = model.dormant[d].start
    end = model.dormant[d].end
    expiry = model.dormant[d].expiry
    element = model.transitions[start].element
    kept = model.dormant[d].kept
    period = model.delays[model.transitions[start].delay_first].a
    offset = model.delays[model.transitions[start].delay_first].b
    lasts = model.dormant[d].lasts
    # The run under way, or the next one.
    running = state.elements[element].state == model.dormant[d].work
    at = state.clocks[start].fire
    tick = float(math.floor((at - offset) / period + 0.5)) if at < math.inf else 0.0
    begun = state.clocks[end].since
    over = state.clocks[end].fire
    length = state.clocks[end].work
    root = state.clocks[end].root
    number: Any = state.clocks[end].draws
    firing: Any = state.clocks[end].firings
    started = False
    known = True
    # What is kept, until when at least, and the run that it is from.
    holds = state.elements[kept].state == model.dormant[d].held
    until = state.clocks[expiry].fire if holds and expiry >= 0 else math.inf
    renewed = False
    fresh = False
    good_known = True
    good_begun = 0.0
    good_over = 0.0
    good_number = number
    good_root = root
    events = 0
    while True:
        if not running:
            if not before(at, start, t, mark):
                break
            u = uniform(term.key0, term.key1, model.transitions[end].delay_stream, number)
            number += np.uint64(1)
            events += 1
            running = True
            started = True
            begun = at
            root = start
            following = offset + (tick + 1.0) * period
            known = not (u > model.dormant[d].quick and before(following, start, t, mark))
            if known:
                length = run_length(model, term, end, number - np.uint64(1))
                over = begun + length
            else:
                # It ends at some time before this one.
                over = following
        if known and not before(over, end, t, mark):
            break
        events += 1
        if choose(model, term, end, model.dormant[d].row, firing) == model.dormant[d].good:
            if not over < until:
                # Whether it had been let go by then is close.
                if not good_known:
                    good_over = good_begun + run_length(model, term, end, good_number)
                    good_known = True
                    until = good_over + lasts
                if not known:
                    known = True
                    over = begun + run_length(model, term, end, number - np.uint64(1))
                if before(until, expiry, begun, start) or before(until, expiry, over, end):
                    events += 1
            holds = True
            renewed = True
            fresh = started
            good_known = known
            good_begun = begun
            good_over = over
            good_number = number - np.uint64(1)
            good_root = end if model.transitions[end].own_root == 1 else root
            until = (over if known else begun) + lasts
        firing += np.uint64(1)
        running = False
        if known:
            at = next_tick(period, offset, over)
            tick = float(math.floor((at - offset) / period + 0.5))
        else:
            at = following
            tick += 1.0
    if renewed:
        if not good_known:
            good_over = good_begun + run_length(model, term, end, good_number)
        until = good_over + lasts
    state_kept = state.elements[kept].state
    if holds:
        state_kept = model.dormant[d].held
        if expiry >= 0 and before(until, expiry, t, mark):
            events += 1
            holds = False
            gone = model.outcomes[model.integers[model.transitions[expiry].rows_first]].change_at
            change = model.integers[gone + state_kept]
            state_kept = model.state_changes[change].target
            state.clocks[expiry].status = 0
            state.clocks[expiry].fire = math.inf
    # ---- put back what is left of it
    show(model, state, counters, kept, state_kept)
    show(
        model,
        state,
        counters,
        element,
        model.dormant[d].work if running else model.dormant[d].rest,
    )
    propagate(model, state, counters)
    out = model.integers[model.transitions[start].rows_first]
    good = model.integers[model.dormant[d].row] + model.dormant[d].good
    later = started and not (renewed and begun == good_begun)
    for k in range(3):
        # The start of the good run, its end, and the start of the last run.
        if (k == 0 and renewed and fresh) or (k == 1 and renewed) or (k == 2 and later):
            when = good_begun if k == 0 else (good_over if k == 1 else begun)
            jump(model, calendars, state, counters, when, good if k == 1 else out)
    # Numbers of draws that no draw is made with are not kept: of ticks, of fixed delays.
    state.clocks[end].draws = number
    state.clocks[end].firings = firing
    state.clocks[start].status = 0
    state.clocks[start].fire = math.inf
    state.clocks[end].status = 0
    state.clocks[end].fire = math.inf
    if running:
        start_clock(model, state, counters, end, begun, length, over)
        state.clocks[end].root = root
    else:
        start_clock(model, state, counters, start, begun, 0.0, at)
    if holds and expiry >= 0:
        since = good_over
        work = lasts
        if renewed:
            state.clocks[expiry].root = good_root
        else:
            since = state.clocks[expiry].since
            work = state.clocks[expiry].work
        start_clock(model, state, counters, expiry, since, work, until)
    counters.events += events
    counters.replayed += events
    state.dormant[d].asleep = 0
    counters.asleep -= 1
    counters.awake += 1
