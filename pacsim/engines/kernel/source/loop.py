"""The event loop: one call takes a range of replications from start to horizon (R15-R18)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.engines.kernel.manifest import SizesGroup, TermGroup
from pacsim.engines.kernel.names import (
    CALENDARS,
    EPISODES,
    FINE,
    FULL_BUFFER,
    HALTED,
    INSTANT_LIMIT,
    QUANTITIES,
    STEP_LIMIT,
    STEPS_PER_IMMEDIATE,
    TOO_MANY_EVENTS,
    TOO_MANY_INSTANTS,
    TOO_MANY_STEPS,
    WEEK,
)
from pacsim.engines.kernel.source.clocks import settle_clocks, settle_tanks
from pacsim.engines.kernel.source.draws import replication_keys, uniform
from pacsim.engines.kernel.source.episodes import end_episode
from pacsim.engines.kernel.source.gates import refresh_immediates
from pacsim.engines.kernel.source.sleep import fall_asleep, rouse, stirred
from pacsim.engines.kernel.source.start import begin, set_calendars
from pacsim.engines.kernel.source.steps import first_enabled, step
from pacsim.engines.kernel.source.watches import advance, flush

if TYPE_CHECKING:
    from pacsim.engines.kernel.manifest import (
        CalendarsGroup,
        CountersGroup,
        GaugesGroup,
        ModelGroup,
        ResultsGroup,
        RowsGroup,
        StateGroup,
        TaskGroup,
    )


def run(
    model: ModelGroup,
    calendars: CalendarsGroup,
    state: StateGroup,
    counters: CountersGroup,
    gauges: GaugesGroup,
    results: ResultsGroup,
    rows: RowsGroup,
    task: TaskGroup,
) -> int:
    """Run replications ``first ..`` and return how many are done; less than asked on an error."""
    sizes = SizesGroup()
    term = TermGroup()
    sizes.elements = len(model.elements)
    sizes.levels = len(model.levels)
    sizes.observers = len(model.observations)
    sizes.episodes = len(rows.episodes)
    sizes.contributors = len(rows.contributors)
    sizes.samples = len(rows.samples)
    sizes.firings = len(rows.firings)
    sizes.changes = len(rows.changes)
    sizes.turns = len(rows.turns)
    for done in range(task.count):
        term.number = task.first + done
        term.base = done * task.columns
        kept_episodes = counters.episode_rows
        kept_shares = counters.contributor_rows
        kept_samples = counters.sample_rows
        kept_steps = counters.firing_rows
        kept_changes = counters.change_rows
        kept_turns = counters.turn_rows
        term.key0, term.key1 = replication_keys(task.seed, np.uint64(term.number))
        # ---- everything as at t = 0
        shift = 0.0
        if task.random_origin == 1:
            # Whole 1024ths of a second: openings stay exact, whatever the shift.
            u = uniform(term.key0, term.key1, task.origin_stream, np.uint64(0))
            shift = math.floor(u * WEEK * 1024.0) / 1024.0
        if CALENDARS and (task.random_origin == 1 or done == 0):
            set_calendars(calendars, shift)
        begin(model, state, counters, gauges, results, sizes, term)
        counters.awake = task.sleepers
        due: Any = min(task.look_events, task.most_events + 1)
        t = 0.0
        pending: Any = -1
        initial = True
        while True:
            # ---- one instant: the timed firing, then immediates until none is enabled
            if not initial:
                over = counters.heap == 0 or not state.heap[0].fire < task.horizon
                t = task.horizon if over else state.heap[0].fire
                pending = -1 if over else state.heap[0].item
                if t > gauges.last:
                    advance(
                        model,
                        calendars,
                        state,
                        counters,
                        gauges,
                        results,
                        rows,
                        task,
                        sizes,
                        term,
                        t,
                    )
                    counters.ties = 0
                    counters.highest = -1
                    if counters.error != FINE:
                        break
                if over:
                    break
                counters.events += 1
                if counters.events >= due:
                    if counters.events > task.most_events:
                        counters.error = TOO_MANY_EVENTS
                        break
                    if task.halt[0] == 1:
                        counters.error = HALTED
                        break
                    due = min(counters.events + task.look_events, task.most_events + 1)
                counters.instant += 1
                counters.highest = max(counters.highest, pending)
                counters.root = (
                    pending
                    if model.transitions[pending].own_root == 1
                    else state.clocks[pending].root
                )
                if counters.root >= 0:
                    if model.transitions[counters.root].cls == 0:
                        counters.fault_root = counters.root
                    elif model.transitions[counters.root].cls == 1:
                        counters.planned_root = counters.root
            counters.ties += 1
            if counters.ties > INSTANT_LIMIT:
                counters.error = TOO_MANY_INSTANTS
            steps = 0
            while counters.error == FINE:
                index = pending
                pending = -1
                if index < 0:
                    refresh_immediates(model, state, counters)
                    index = first_enabled(model, state, counters)
                    steps += 1
                if CALENDARS and counters.asleep > 0 and stirred(model, state, index):
                    fallen = rouse(
                        model, calendars, state, counters, sizes, term, index, t, np.int64(0)
                    )
                    if fallen == 1:
                        steps -= 1
                        continue
                if index < 0:
                    break
                if steps > STEP_LIMIT + STEPS_PER_IMMEDIATE * task.immediates:
                    counters.error = TOO_MANY_STEPS
                    break
                step(model, calendars, state, counters, results, rows, sizes, term, index, t)
            if counters.error != FINE:
                break
            # ---- settled: quantities, then clocks; causes of gates that turned
            if QUANTITIES:
                settle_tanks(model, calendars, state, counters, t)
            settle_clocks(model, calendars, state, counters, gauges, term, t, initial)
            if counters.error != FINE:
                break
            if CALENDARS and counters.awake > 0:
                fall_asleep(model, state, counters, t)
            for k in range(counters.dirty):
                o = state.dirty[k]
                if model.observations[o].kind == EPISODES:
                    down = (
                        state.gates[model.observations[o].subject].value
                        ^ model.observations[o].opposite
                    )
                    if down == 1 and state.observers[o].was_down == 0:
                        state.observers[o].turn_root = counters.root
                    state.observers[o].was_down = down
            initial = False
        if CALENDARS and counters.error == FINE and counters.asleep > 0:
            # What slept to the end is only counted. A plain -1 would be a type of its own to numba.
            none: Any = np.int64(-1)
            rouse(model, calendars, state, counters, sizes, term, none, task.horizon, np.int64(1))
        if counters.error == FINE:
            for o in range(sizes.observers):
                flush(
                    model, calendars, state, counters, results, task, sizes, term, o, task.horizon
                )
                if model.observations[o].kind == EPISODES and state.observers[o].open == 1:
                    end_episode(state, counters, rows, sizes, term, o, task.horizon, -1, True)
        if counters.error != FINE:
            gauges.error_time = t
            if counters.error in (FULL_BUFFER, HALTED):
                # As if it had not been begun.
                for k in range(task.columns):
                    results.values[term.base + k] = 0.0
                counters.episode_rows = kept_episodes
                counters.contributor_rows = kept_shares
                counters.sample_rows = kept_samples
                counters.firing_rows = kept_steps
                counters.change_rows = kept_changes
                counters.turn_rows = kept_turns
            return done
        results.events[done] = counters.events
        results.replayed[done] = counters.replayed
    return task.count
