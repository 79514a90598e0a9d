"""Observers: what held over an interval is added when time advances (R22-R24, R27-R28)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.engines.kernel.names import (
    CHANGES,
    EPISODES,
    FULL_BUFFER,
    FULL_CHANGES,
    GATE_TIME,
    LEVEL_INTEGRAL,
    LEVEL_TIME,
    PASSAGE,
    QUANTITIES,
    QUANTITY_INTEGRAL,
)
from pacsim.engines.kernel.source.clocks import integrate
from pacsim.engines.kernel.source.episodes import (
    begin_episode,
    end_episode,
    flush_phase,
    flush_time,
    see_causes,
)
from pacsim.engines.kernel.source.gates import bring_up

if TYPE_CHECKING:
    from pacsim.engines.kernel.manifest import (
        CalendarsGroup,
        CountersGroup,
        GaugesGroup,
        ModelGroup,
        ResultsGroup,
        RowsGroup,
        SizesGroup,
        StateGroup,
        TaskGroup,
        TermGroup,
    )


def flush(
    model: ModelGroup,
    calendars: CalendarsGroup,
    state: StateGroup,
    counters: CountersGroup,
    results: ResultsGroup,
    task: TaskGroup,
    sizes: SizesGroup,
    term: TermGroup,
    o: int,
    t: float,
) -> None:
    """Close what an observer has open at t and open it again."""
    kind = model.observations[o].kind
    first = term.base + model.observations[o].first
    if kind == GATE_TIME:
        if state.observers[o].open == 1:
            results.values[first] += t - state.observers[o].since
            if model.observations[o].by_window == 1 and task.windows > 0:
                results.values[first + 1 + counters.window] += t - state.observers[o].since
            state.observers[o].since = t
    elif kind in (LEVEL_TIME, LEVEL_INTEGRAL):
        if state.observers[o].open == 1:
            if kind == LEVEL_TIME:
                results.values[first + state.observers[o].value] += t - state.observers[o].since
            else:
                results.values[first] += model.observations[o].scale * (
                    state.observers[o].value * (t - state.observers[o].since)
                )
        state.observers[o].since = t
    elif QUANTITIES and kind == QUANTITY_INTEGRAL:
        q = model.observations[o].subject
        integrate(model, calendars, state, q, t)
        results.values[first] = state.quantities[q].integral
    elif kind == EPISODES and state.observers[o].open == 1:
        flush_time(model, state, counters, results, task, sizes, term, o, t)
        flush_phase(model, state, o, t)
        if model.observations[o].causes == 1:
            for k in range(state.observers[o].listed):
                e = state.shares[o * sizes.elements + k].item
                if state.shares[o * sizes.elements + e].flagged == 1:
                    results.values[first + 5 + e] += t - state.shares[o * sizes.elements + e].since
                    state.shares[o * sizes.elements + e].since = t


def at_end(model: ModelGroup, state: StateGroup, counters: CountersGroup, o: int) -> int:
    """Return the number that an episode ends with, -1 for none."""
    if model.observations[o].end_asks >= 0:
        bring_up(model, state, counters, model.observations[o].end_asks)
    level = model.observations[o].at_end
    return state.levels[level].value if level >= 0 else -1


def see(
    model: ModelGroup,
    calendars: CalendarsGroup,
    state: StateGroup,
    counters: CountersGroup,
    results: ResultsGroup,
    rows: RowsGroup,
    task: TaskGroup,
    sizes: SizesGroup,
    term: TermGroup,
    o: int,
    t: float,
) -> None:
    """Let one observer see the settled state that holds from t on."""
    kind = model.observations[o].kind
    was_open = state.observers[o].open == 1
    true = (
        kind in (GATE_TIME, PASSAGE, EPISODES)
        and state.gates[model.observations[o].subject].value != model.observations[o].opposite
    )
    level = kind in (LEVEL_TIME, LEVEL_INTEGRAL)
    over = was_open and not true and kind in (GATE_TIME, EPISODES)
    # One place for all kinds: what is inlined more than once makes the code too long to be quick.
    if over or (
        level
        and (
            state.levels[model.observations[o].subject].value != state.observers[o].value
            or not was_open
        )
    ):
        flush(model, calendars, state, counters, results, task, sizes, term, o, t)
    if level:
        state.observers[o].value = state.levels[model.observations[o].subject].value
        state.observers[o].open = 1
    elif kind == GATE_TIME:
        if true and not was_open:
            state.observers[o].since = t
        state.observers[o].open = 1 if true else 0
    elif kind == PASSAGE:
        if true and not was_open:
            state.observers[o].open = 1
            results.values[term.base + model.observations[o].first] = t
    elif kind == EPISODES:
        if true:
            if not was_open:
                begin_episode(model, state, counters, results, task, sizes, term, o, t)
            if model.observations[o].causes == 1:
                begun = not was_open
                see_causes(model, state, counters, results, rows, task, sizes, term, o, t, begun)
            if model.observations[o].phase >= 0:
                phase = state.levels[model.observations[o].phase].value
                if phase != state.observers[o].value:
                    flush_phase(model, state, o, t)
                    state.observers[o].value = phase
        elif over:
            after = at_end(model, state, counters, o)
            end_episode(state, counters, rows, sizes, term, o, t, after, False)


def record(
    model: ModelGroup,
    state: StateGroup,
    counters: CountersGroup,
    rows: RowsGroup,
    sizes: SizesGroup,
    term: TermGroup,
    t: float,
) -> int:
    """List the recorded levels that have changed, in order; return how many others are to look."""
    recorded = 0
    for k in range(counters.dirty):
        o = state.dirty[k]
        if model.observations[o].kind == CHANGES:
            at = recorded
            while at > 0 and state.dirty[at - 1] > o:
                state.dirty[at] = state.dirty[at - 1]
                at -= 1
            state.dirty[at] = o
            recorded += 1
    for k in range(recorded):
        o = state.dirty[k]
        state.observers[o].dirty = 0
        value = state.levels[model.observations[o].subject].value
        if value != state.observers[o].value or state.observers[o].open == 0:
            row = counters.change_rows
            if row >= sizes.changes:
                counters.error = FULL_BUFFER
                counters.error_at = FULL_CHANGES
                break
            state.observers[o].value = value
            state.observers[o].open = 1
            rows.changes[row].replication = term.number
            rows.changes[row].what = model.observations[o].outcome
            rows.changes[row].time = t
            rows.changes[row].value = value
            counters.change_rows += 1
    return counters.dirty - recorded


def advance(
    model: ModelGroup,
    calendars: CalendarsGroup,
    state: StateGroup,
    counters: CountersGroup,
    gauges: GaugesGroup,
    results: ResultsGroup,
    rows: RowsGroup,
    task: TaskGroup,
    sizes: SizesGroup,
    term: TermGroup,
    t: float,
) -> None:
    """Let observers see the settled state that held from the last instant to t (R22)."""
    last = gauges.last
    others = counters.dirty
    if task.recorded > 0:
        others = record(model, state, counters, rows, sizes, term, last)
    counters.dirty = 0
    if others > 0 or counters.changed > 0:
        # Elements are listed as changed while episodes with causes are open; their number is kept.
        still_open = 0
        for k in range(len(model.watchers)):
            o = model.watchers[k]
            open_one = (
                model.observations[o].kind == EPISODES
                and model.observations[o].causes == 1
                and state.observers[o].open == 1
            )
            if state.observers[o].dirty == 1 or (open_one and counters.changed > 0):
                state.observers[o].dirty = 0
                see(model, calendars, state, counters, results, rows, task, sizes, term, o, last)
            if (
                model.observations[o].kind == EPISODES
                and model.observations[o].causes == 1
                and state.observers[o].open == 1
            ):
                still_open += 1
        for k in range(counters.changed):
            state.elements[state.changed[k]].changed = 0
        counters.changed = 0
        counters.open_episodes = still_open
    while counters.window < len(task.boundaries) and task.boundaries[counters.window] <= t:
        boundary = task.boundaries[counters.window]
        for o in range(len(model.observations)):
            flush(model, calendars, state, counters, results, task, sizes, term, o, boundary)
        counters.window += 1
    counters.fault_root = -1
    gauges.last = t
