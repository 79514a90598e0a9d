"""One elementary step: which firing comes first, what it chooses and what it changes (R9, R16)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.engines.kernel.names import (
    BEYOND_COUNTER,
    CALENDARS,
    FIFO,
    FINE,
    FULL_BUFFER,
    FULL_FIRINGS,
    FULL_SAMPLES,
    QUANTITIES,
    RECENT_KEPT,
    SAMPLE,
    SAMPLES,
    SELECTED,
)
from pacsim.engines.kernel.source.clocks import profile_work, store, tank_at
from pacsim.engines.kernel.source.draws import uniform
from pacsim.engines.kernel.source.gates import (
    add_to_level,
    bring_up,
    change_needs,
    mark_quantity,
    note_state,
    propagate,
    touch,
)

if TYPE_CHECKING:
    from pacsim.engines.kernel.manifest import (
        CalendarsGroup,
        CountersGroup,
        ModelGroup,
        ResultsGroup,
        RowsGroup,
        SizesGroup,
        StateGroup,
        TermGroup,
    )


def first_enabled(model: ModelGroup, state: StateGroup, counters: CountersGroup) -> int:
    """Return the immediate to take first, -1 if none is enabled (R16)."""
    best = np.int64(-1)
    for k in range(counters.enabled):
        i = state.enabled[k]
        if best < 0:
            best = np.int64(i)
        elif model.transitions[i].priority != model.transitions[best].priority:
            if model.transitions[i].priority < model.transitions[best].priority:
                best = np.int64(i)
        else:
            mine: Any = np.int64(0)
            other: Any = np.int64(0)
            if FIFO and model.transitions[i].fifo == 1:
                mine = state.elements[model.transitions[i].element].stamp
                other = state.elements[model.transitions[best].element].stamp
            if mine < other or (mine == other and i < best):
                best = np.int64(i)
    return int(best)


def choose(model: ModelGroup, term: TermGroup, index: Any, row: int, firing: Any) -> int:
    """Return which outcome of a row is taken (R9)."""
    at = model.integers[row]
    chosen = 0
    if model.integers[row + 1] > 1:
        u = uniform(term.key0, term.key1, model.transitions[index].outcome_stream, firing)
        total = 0.0
        chosen = model.integers[row + 1] - 1
        for k in range(model.integers[row + 1]):
            total += model.outcomes[at + k].p
            if u < total:
                chosen = k
                break
    return int(chosen)


def take_sample(
    model: ModelGroup,
    calendars: CalendarsGroup,
    state: StateGroup,
    counters: CountersGroup,
    results: ResultsGroup,
    rows: RowsGroup,
    sizes: SizesGroup,
    term: TermGroup,
    column: int,
    o: int,
    t: float,
) -> None:
    """Read a quantity, an amount or the time at a firing (R23)."""
    q = model.observations[o].set_at
    row = counters.sample_rows
    if row >= sizes.samples:
        counters.error = FULL_BUFFER
        counters.error_at = FULL_SAMPLES
        return
    value = math.nan
    now = t
    if QUANTITIES and q >= 0 and state.quantities[q].never == 1:
        results.values[column + 1] += 1.0
    else:
        if QUANTITIES and q >= 0:
            now = tank_at(model, calendars, state, q, t)
        if CALENDARS and model.observations[o].profile >= 0:
            c = model.observations[o].profile
            since = profile_work(calendars, c, t - now)
            now = profile_work(calendars, c, t) - since
        value = model.observations[o].offset + model.observations[o].scale * now
        results.values[column + 2] += value
    rows.samples[row].replication = term.number
    rows.samples[row].observation = o
    rows.samples[row].time = t
    rows.samples[row].value = value
    counters.sample_rows += 1


def see_firing(
    model: ModelGroup,
    calendars: CalendarsGroup,
    state: StateGroup,
    counters: CountersGroup,
    results: ResultsGroup,
    rows: RowsGroup,
    sizes: SizesGroup,
    term: TermGroup,
    index: Any,
    t: float,
    chosen: int,
) -> None:
    """Count a firing, and read the samples that it takes (R23)."""
    for k in range(model.transitions[index].watch_count):
        o = model.integers[model.transitions[index].watch_first + k]
        if model.observations[o].outcome >= 0 and model.observations[o].outcome != chosen:
            continue
        if model.observations[o].asks >= 0:
            bring_up(model, state, counters, model.observations[o].asks)
        if model.observations[o].when >= 0 and state.gates[model.observations[o].when].value == 0:
            continue
        column = term.base + model.observations[o].first
        results.values[column] += 1.0
        if SAMPLES and model.observations[o].kind == SAMPLE:
            take_sample(model, calendars, state, counters, results, rows, sizes, term, column, o, t)


def plan_moves(
    model: ModelGroup,
    state: StateGroup,
    counters: CountersGroup,
    term: TermGroup,
    index: Any,
    firing: Any,
    out: int,
) -> int:
    """List the moves of an outcome, read before any is made; return their number (R9)."""
    e = model.transitions[index].element
    n = 1
    state.moves[0].element = e
    state.moves[0].change = model.integers[model.outcomes[out].change_at + state.elements[e].state]
    state.moves[0].renew = model.outcomes[out].renew
    for k in range(model.outcomes[out].effect_count):
        f = model.outcomes[out].effect_first + k
        if (
            model.effects[f].p < 1.0
            and uniform(term.key0, term.key1, model.effects[f].stream, firing) >= model.effects[f].p
        ):
            continue
        other = model.effects[f].element
        if model.effects[f].change_at < 0:
            state.moves[n].element = other
            state.moves[n].change = -1
            state.moves[n].renew = 1
            n += 1
            continue
        change = model.integers[model.effects[f].change_at + state.elements[other].state]
        if change >= 0:
            state.moves[n].element = other
            state.moves[n].change = change
            state.moves[n].renew = model.effects[f].renew
            n += 1
        elif model.effects[f].counter == 1:
            counters.error = BEYOND_COUNTER
            counters.error_at = index
            state.moves[0].element = other
    return n


def jump(
    model: ModelGroup,
    calendars: CalendarsGroup,
    state: StateGroup,
    counters: CountersGroup,
    t: float,
    out: int,
) -> None:
    """Let quantities jump together (R19)."""
    for k in range(model.outcomes[out].jump_count):
        j = model.outcomes[out].jump_first + k
        if model.jumps[j].how == 2:
            q = model.jumps[j].quantity
            state.quantities[q].copied_never = state.quantities[model.jumps[j].other].never
            if state.quantities[model.jumps[j].other].never == 0:
                state.quantities[q].copied = tank_at(
                    model, calendars, state, model.jumps[j].other, t
                )
    for k in range(model.outcomes[out].jump_count):
        j = model.outcomes[out].jump_first + k
        q = model.jumps[j].quantity
        value = model.jumps[j].value
        never = 0
        if model.jumps[j].how == 2:
            value = state.quantities[q].copied
            never = state.quantities[q].copied_never
        elif model.jumps[j].how == 1 and state.quantities[q].never == 0:
            value = value + tank_at(model, calendars, state, q, t)
        store(model, calendars, state, q, t)
        state.quantities[q].never = never
        if never == 0:
            state.quantities[q].value = min(
                model.quantities[q].high, max(model.quantities[q].low, value)
            )
        state.quantities[q].jumped = counters.instant
        mark_quantity(state, counters, q)


def move(
    model: ModelGroup,
    state: StateGroup,
    counters: CountersGroup,
    results: ResultsGroup,
    term: TermGroup,
    n: int,
) -> None:
    """Make the listed moves and mark all that depends on them."""
    for k in range(n):
        e = state.moves[k].element
        if state.moves[k].renew == 1:
            state.elements[e].renewed = counters.instant
            at = model.elements[e].transition_first
            for j in range(model.elements[e].transition_count):
                i = model.integers[at + j]
                if state.clocks[i].status != 0 and model.transitions[i].timed == 1:
                    touch(model, state, counters, i)
        change = state.moves[k].change
        if change < 0 or model.state_changes[change].target == state.elements[e].state:
            continue
        at = model.state_changes[change].left_first
        for j in range(model.state_changes[change].left_count):
            i = model.integers[at + j]
            if state.clocks[i].status != 0:
                state.clocks[i].left = counters.instant
                touch(model, state, counters, i)
        flag = model.state_changes[change].flag
        if flag > 0 and state.elements[e].flagged == 0:
            state.elements[e].flag_root = counters.root
        state.elements[e].flagged = flag
        if counters.open_episodes > 0 and state.elements[e].changed == 0:
            state.elements[e].changed = 1
            state.changed[counters.changed] = e
            counters.changed += 1
        state.elements[e].entry_root = counters.root
        state.elements[e].state = model.state_changes[change].target
        note_state(model, state, e)
        state.elements[e].stamp = counters.steps
        at = model.state_changes[change].entered_first
        for j in range(model.state_changes[change].entered_count):
            i = model.integers[at + j]
            # If the guard is false and then turns, its gate will see to it.
            guard = model.transitions[i].guard
            if guard < 0 or state.gates[guard].value != model.transitions[i].guard_opposite:
                touch(model, state, counters, i)
        at = model.state_changes[change].level_first
        for j in range(model.state_changes[change].level_count):
            level = model.integers[at + 2 * j]
            add_to_level(model, state, counters, level, model.integers[at + 2 * j + 1])
        change_needs(model, state, counters, change)
        at = model.state_changes[change].entry_first
        for j in range(model.state_changes[change].entry_count):
            o = model.integers[at + j]
            results.values[term.base + model.observations[o].first] += 1.0


def step(
    model: ModelGroup,
    calendars: CalendarsGroup,
    state: StateGroup,
    counters: CountersGroup,
    results: ResultsGroup,
    rows: RowsGroup,
    sizes: SizesGroup,
    term: TermGroup,
    index: Any,
    t: float,
) -> None:
    """Take one elementary step: read, choose, apply everything together (R9)."""
    firing = state.clocks[index].firings
    row = model.transitions[index].rows_first
    if SELECTED and model.transitions[index].outcome_level >= 0:
        if model.transitions[index].outcome_asks >= 0:
            bring_up(model, state, counters, model.transitions[index].outcome_asks)
        row += 2 * state.levels[model.transitions[index].outcome_level].value
    chosen = choose(model, term, index, row, firing)
    out = model.integers[row] + chosen
    see_firing(model, calendars, state, counters, results, rows, sizes, term, index, t, chosen)
    n = plan_moves(model, state, counters, term, index, firing, out)
    if counters.error != FINE:
        return
    if QUANTITIES:
        jump(model, calendars, state, counters, t, out)
    state.clocks[index].firings += 1
    if model.transitions[index].timed == 1:
        state.clocks[index].fired = counters.instant
        touch(model, state, counters, index)
    counters.steps += 1
    move(model, state, counters, results, term, n)
    propagate(model, state, counters)
    state.recent[counters.recent % RECENT_KEPT] = index
    counters.recent += 1
    if sizes.firings > 0:
        place = counters.firing_rows
        if place >= sizes.firings:
            counters.error = FULL_BUFFER
            counters.error_at = FULL_FIRINGS
            return
        rows.firings[place].time = t
        rows.firings[place].transition = index
        rows.firings[place].outcome = chosen
        counters.firing_rows += 1
