"""The state at the beginning of a replication (R1, R15)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.delays.intervals import fill_openings, fill_pieces
from pacsim.engines.kernel.names import FINE, PASSAGE, QUANTITIES, QUANTITY_INTEGRAL
from pacsim.engines.kernel.source.episodes import forget_shares
from pacsim.engines.kernel.source.gates import (
    evaluate,
    mark_quantity,
    mark_watcher,
    note_state,
    touch,
)

if TYPE_CHECKING:
    from pacsim.engines.kernel.manifest import (
        CalendarsGroup,
        CountersGroup,
        GaugesGroup,
        ModelGroup,
        ResultsGroup,
        SizesGroup,
        StateGroup,
        TermGroup,
    )


def set_calendars(calendars: CalendarsGroup, shift: float) -> None:
    """Place the calendars of a replication on its time axis (R1)."""
    for c in range(len(calendars.spans)):
        a = calendars.spans[c].open_first
        b = a + calendars.spans[c].open_count
        fill_openings(
            calendars.base_opens[a:b],
            calendars.base_closes[a:b],
            shift,
            calendars.opens[a:b],
            calendars.closes[a:b],
        )
        a = calendars.spans[c].piece_first
        b = a + calendars.spans[c].piece_count
        calendars.spans[c].pieces = fill_pieces(
            calendars.base_starts[a:b],
            calendars.base_ends[a:b],
            calendars.base_speeds[a:b],
            shift,
            calendars.starts[a:b],
            calendars.ends[a:b],
            calendars.speeds[a:b],
            calendars.sums[a:b],
        )
        calendars.spans[c].civil = calendars.civil[c] + shift


def begin(
    model: ModelGroup,
    state: StateGroup,
    counters: CountersGroup,
    gauges: GaugesGroup,
    results: ResultsGroup,
    sizes: SizesGroup,
    term: TermGroup,
) -> None:
    """Put everything in its state at t = 0; nothing is settled yet."""
    counters.instant = 1
    counters.steps = 0
    counters.root = -1
    counters.fault_root = -1
    counters.planned_root = -1
    counters.touched = 0
    counters.enabled = 0
    counters.work = 0
    counters.window = 0
    counters.events = 0
    counters.dirty = 0
    counters.marked = 0
    counters.stale = 0
    counters.heap = 0
    counters.hole = 0
    counters.ties = 0
    counters.recent = 0
    counters.open_episodes = 0
    counters.changed = 0
    counters.asleep = 0
    counters.highest = -1
    counters.replayed = 0
    counters.error = FINE
    gauges.last = 0.0
    for e in range(sizes.elements):
        state.elements[e].state = model.elements[e].initial
        state.elements[e].stamp = 0
        state.elements[e].renewed = 0
        state.elements[e].changed = 0
        state.elements[e].flag_root = -1
        state.elements[e].entry_root = -1
        state.elements[e].flagged = model.integers[
            model.elements[e].flag_at + model.elements[e].initial
        ]
        note_state(model, state, e)
    for d in range(len(model.dormant)):
        state.dormant[d].asleep = 0
    for k in range(sizes.levels):
        state.levels[k].other = 0
    for k in range(len(model.gates)):
        state.gates[k].other = 0
    for k in range(len(state.work)):
        state.work[k] = 0
    evaluate(model, state)
    for q in range(len(model.quantities)):
        state.quantities[q].value = model.quantities[q].start
        state.quantities[q].never = model.quantities[q].never
        state.quantities[q].since = 0.0
        state.quantities[q].rate = 0.0
        state.quantities[q].integral = 0.0
        state.quantities[q].integrated = 0.0
        state.quantities[q].marked = 0
        mark_quantity(state, counters, q)
        state.quantities[q].jumped = 0
        state.quantities[q].watched = 0
    for o in range(sizes.observers):
        state.observers[o].open = 0
        forget_shares(state, sizes, o)
        state.observers[o].dirty = 0
        state.observers[o].was_down = 0
        state.observers[o].turn_root = -1
        state.observers[o].since = 0.0
        mark_watcher(state, counters, o)
        if model.observations[o].kind == PASSAGE:
            results.values[term.base + model.observations[o].first] = math.inf
        if QUANTITIES and model.observations[o].kind == QUANTITY_INTEGRAL:
            state.quantities[model.observations[o].subject].watched = 1
    for i in range(len(model.transitions)):
        state.clocks[i].fire = math.inf
        state.clocks[i].status = 0
        state.clocks[i].draws = 0
        state.clocks[i].firings = 0
        state.clocks[i].fired = 0
        state.clocks[i].left = 0
        state.clocks[i].touched = 0
        state.clocks[i].root = -1
        state.refilled[i] = 0
        state.clocks[i].place = -1
        touch(model, state, counters, i)
