"""Levels by differences and gates by thresholds, in acyclic order (R5, R7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.engines.kernel.names import CONNECTED, LEAST, MOST, QUANTITIES, SELECTED

if TYPE_CHECKING:
    from pacsim.engines.kernel.manifest import Counters, Model, Sizes, State


def connected(model: Model, state: State, row: int) -> int:
    """Return 1 if alive vertices and edges join a source to a target, else 0."""
    first = model.graphs[row].vertex_first
    for k in range(model.graphs[row].vertex_count):
        gate = model.integers[first + k]
        alive = 1
        if gate >= 0:
            alive = state.gates[gate].value ^ state.gates[gate].other
        state.reached[k] = alive - 1
    at = model.graphs[row].source_first
    for k in range(model.graphs[row].source_count):
        if state.reached[model.integers[at + k]] == 0:
            state.reached[model.integers[at + k]] = 1
    changed = True
    while changed:
        changed = False
        for k in range(model.graphs[row].edge_count):
            e = model.graphs[row].edge_first + 4 * k
            gate = model.integers[e + 3]
            alive = 1
            if gate >= 0:
                alive = state.gates[gate].value ^ state.gates[gate].other
            if alive == 1:
                a = model.integers[e]
                b = model.integers[e + 1]
                if state.reached[a] == 1 and state.reached[b] == 0:
                    state.reached[b] = 1
                    changed = True
                if model.integers[e + 2] == 0 and state.reached[b] == 1 and state.reached[a] == 0:
                    state.reached[a] = 1
                    changed = True
    at = model.graphs[row].target_first
    for k in range(model.graphs[row].target_count):
        if state.reached[model.integers[at + k]] == 1:
            return 1
    return 0


def list_item(state: State, counters: Counters, item: int, position: int) -> None:
    """Put a level (or a connected gate) on the work list, which is kept in acyclic order."""
    n = counters.work
    while n > 0 and state.positions[n - 1] < position:
        state.positions[n] = state.positions[n - 1]
        state.work[n] = state.work[n - 1]
        n -= 1
    state.positions[n] = position
    state.work[n] = item
    counters.work += 1


def add_to_level(model: Model, state: State, counters: Counters, level: int, by: int) -> None:
    """Change a level's value and see to it that its gates are read again, if that can matter."""
    value = state.levels[level].value + by
    state.levels[level].value = value
    if state.levels[level].low <= value < state.levels[level].high:
        return
    if state.levels[level].listed == 0:
        state.levels[level].listed = 1
        list_item(state, counters, level, model.levels[level].position)


def mark_watcher(state: State, counters: Counters, observation: int) -> None:
    """Have an observer look again when time advances."""
    if state.observers[observation].dirty == 0:
        state.observers[observation].dirty = 1
        state.dirty[counters.dirty] = observation
        counters.dirty += 1


def touch(model: Model, state: State, counters: Counters, index: int) -> None:
    """Have a clock settled at the end of the instant, or an immediate's enabling read again."""
    if state.clocks[index].touched == counters.instant:
        return
    state.clocks[index].touched = counters.instant
    if model.transitions[index].timed == 1:
        state.touched[counters.touched] = index
        counters.touched += 1
    else:
        state.stale[counters.stale] = index
        counters.stale += 1


def propagate(model: Model, state: State, counters: Counters, sizes: Sizes) -> None:
    """Bring levels and gates up to date, each once, and mark all that depends on them."""
    while counters.work > 0:
        counters.work -= 1
        item = state.work[counters.work]
        first = 0
        count = 0
        value = 0
        low = LEAST
        high = MOST
        if not CONNECTED or item < sizes.levels:
            state.levels[item].listed = 0
            value = state.levels[item].value
            if state.levels[item].low <= value < state.levels[item].high:
                continue
            if SELECTED:
                for k in range(model.levels[item].speed_count):
                    i = model.integers[model.levels[item].speed_first + k]
                    if state.clocks[i].status == 1:
                        touch(model, state, counters, i)
            if QUANTITIES:
                for k in range(model.levels[item].rate_count):
                    state.quantities[
                        model.integers[model.levels[item].rate_first + k]
                    ].dirty = counters.instant
                    counters.new_rates = 1
            for k in range(model.levels[item].watch_count):
                mark_watcher(state, counters, model.integers[model.levels[item].watch_first + k])
            first = model.levels[item].gate_first
            count = model.levels[item].gate_count
        else:
            count = 1
        for k in range(count):
            gate = item - sizes.levels
            true = 0
            if not CONNECTED or item < sizes.levels:
                gate = model.integers[first + 2 * k]
                at = model.integers[first + 2 * k + 1]
                if value >= at:
                    true = 1
                    low = max(low, at)
                else:
                    high = min(high, at)
            else:
                state.gates[gate].listed = 0
                true = connected(model, state, model.gates[gate].graph)
            if state.gates[gate].value == true:
                continue
            state.gates[gate].value = true
            sign = 2 * true - 1
            at = model.gates[gate].term_first
            for j in range(model.gates[gate].term_count):
                add_to_level(
                    model,
                    state,
                    counters,
                    model.integers[at + 2 * j],
                    sign * model.integers[at + 2 * j + 1],
                )
            if CONNECTED:
                at = model.gates[gate].graph_first
                for j in range(model.gates[gate].graph_count):
                    other = model.integers[at + j]
                    if state.gates[other].listed == 0:
                        state.gates[other].listed = 1
                        list_item(
                            state, counters, sizes.levels + other, model.gates[other].position
                        )
            at = model.gates[gate].guard_first
            for j in range(model.gates[gate].guard_count):
                i = model.integers[at + j]
                # What cannot start, or does not run, has nothing to settle.
                if true == 0:
                    matters = state.clocks[i].status == 1
                else:
                    now = state.elements[model.transitions[i].element].state
                    matters = model.integers[model.transitions[i].source_at + now] == 1
                if matters:
                    touch(model, state, counters, i)
            at = model.gates[gate].watch_first
            for j in range(model.gates[gate].watch_count):
                mark_watcher(state, counters, model.integers[at + j])
        if not CONNECTED or item < sizes.levels:
            told = model.levels[item].told == 1
            state.levels[item].low = value if told else low
            state.levels[item].high = value + 1 if told else high


def evaluate(model: Model, state: State) -> None:
    """Evaluate every level and gate from scratch, in acyclic order."""
    for place in range(len(model.plan)):
        item = model.plan[place]
        if item >= 0:
            total = model.levels[item].constant
            at = model.levels[item].element_first
            for k in range(model.levels[item].element_count):
                total += model.integers[
                    model.integers[at + 2 * k + 1]
                    + state.elements[model.integers[at + 2 * k]].state
                ]
            at = model.levels[item].term_first
            for k in range(model.levels[item].term_count):
                if state.gates[model.integers[at + 2 * k]].value == 1:
                    total += model.integers[at + 2 * k + 1]
            state.levels[item].value = total
            # The first change is always looked at; only then is it known what does not matter.
            state.levels[item].low = total
            state.levels[item].high = total + 1
        else:
            gate = -item - 1
            if CONNECTED and model.gates[gate].graph >= 0:
                state.gates[gate].value = connected(model, state, model.gates[gate].graph)
            else:
                state.gates[gate].value = (
                    1 if state.levels[model.gates[gate].level].value >= model.gates[gate].k else 0
                )


def refresh_immediates(model: Model, state: State, counters: Counters) -> None:
    """Bring the list of enabled immediates up to date."""
    for k in range(counters.stale):
        index = state.stale[k]
        state.clocks[index].touched = 0
        now = state.elements[model.transitions[index].element].state
        on = model.integers[model.transitions[index].source_at + now] == 1
        if on and model.transitions[index].guard >= 0:
            on = state.gates[model.transitions[index].guard].value == 1
        place = state.clocks[index].place
        if on and place < 0:
            state.clocks[index].status = 1
            state.clocks[index].place = counters.enabled
            state.enabled[counters.enabled] = index
            counters.enabled += 1
        elif place >= 0 and not on:
            counters.enabled -= 1
            last = state.enabled[counters.enabled]
            state.enabled[place] = last
            state.clocks[last].place = place
            state.clocks[index].place = -1
            state.clocks[index].status = 0
    counters.stale = 0
