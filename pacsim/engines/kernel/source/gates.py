"""Levels by differences and gates by thresholds, in acyclic order (R5, R7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.engines.kernel.names import CONNECTED, LEAST, MOST, QUANTITIES, SELECTED
from pacsim.engines.kernel.source.draws import U64

if TYPE_CHECKING:
    from pacsim.engines.kernel.manifest import CountersGroup, ModelGroup, StateGroup

    def trailing_zeros(word: Any) -> Any:
        """Return the place of the lowest bit that is set: numba's, one instruction."""


def connected(model: ModelGroup, state: StateGroup, row: int) -> int:
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


def list_item(state: StateGroup, counters: CountersGroup, position: int) -> None:
    """Have what stands at a place of the acyclic order read again, once however often listed."""
    bit: Any = U64(1) << U64(position & 63)
    state.work[position >> 6] |= bit
    counters.work = 1


def lowest(bits: Any) -> int:
    """Return the place of the lowest bit that is set."""
    return int(np.int64(trailing_zeros(bits)))


def next_item(model: ModelGroup, state: StateGroup, word: int) -> int:
    """Return the first listed item of a word that is not 0, and take it off the list."""
    bits: Any = state.work[word]
    state.work[word] = bits & (bits - U64(1))
    return model.plan[64 * word + lowest(bits)]


def add_to_level(
    model: ModelGroup, state: StateGroup, counters: CountersGroup, level: int, by: int
) -> None:
    """Change a level's value and see to it that its gates are read again, if that can matter."""
    value = state.levels[level].value + by
    state.levels[level].value = value
    if state.levels[level].low <= value < state.levels[level].high:
        return
    list_item(state, counters, model.levels[level].position)


def mark_watcher(state: StateGroup, counters: CountersGroup, observation: int) -> None:
    """Have an observer look again when time advances."""
    if state.observers[observation].dirty == 0:
        state.observers[observation].dirty = 1
        state.dirty[counters.dirty] = observation
        counters.dirty += 1


def mark_quantity(state: StateGroup, counters: CountersGroup, q: int) -> None:
    """Have a quantity looked at when the instant ends."""
    if state.quantities[q].marked != counters.instant:
        state.quantities[q].marked = counters.instant
        state.marked[counters.marked] = q
        counters.marked += 1


def touch(model: ModelGroup, state: StateGroup, counters: CountersGroup, index: int) -> None:
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


def ask_for(model: ModelGroup, state: StateGroup, counters: CountersGroup, level: int) -> None:
    """Have a level's gates read again if it has changed since it was let go."""
    low = state.levels[level].kept_low
    high = state.levels[level].kept_high
    state.levels[level].low = low
    state.levels[level].high = high
    if low <= state.levels[level].value < high:
        return
    list_item(state, counters, model.levels[level].position)


def let_go(state: StateGroup, level: int) -> None:
    """Have a level take in its changes silently: nobody asks for it."""
    state.levels[level].kept_low = state.levels[level].low
    state.levels[level].kept_high = state.levels[level].high
    state.levels[level].low = LEAST
    state.levels[level].high = MOST


def change_needs(
    model: ModelGroup, state: StateGroup, counters: CountersGroup, change: int
) -> None:
    """Note who asks for which levels in an element's new state, and no more."""
    at = model.state_changes[change].need_first
    for j in range(model.state_changes[change].need_count):
        level = model.integers[at + 2 * j]
        needed = state.levels[level].needed + model.integers[at + 2 * j + 1]
        if needed == 0:
            let_go(state, level)
        elif state.levels[level].needed == 0:
            ask_for(model, state, counters, level)
        state.levels[level].needed = needed


def note_state(model: ModelGroup, state: StateGroup, e: int) -> None:
    """Note whether an element is in its initial state, and whether it is flagged."""
    bit: Any = U64(1) << U64(e & 63)
    if state.elements[e].state == model.elements[e].initial:
        state.away[e >> 6] &= ~bit
    else:
        state.away[e >> 6] |= bit
    if state.elements[e].flagged > 0:
        state.raised[e >> 6] |= bit
    else:
        state.raised[e >> 6] &= ~bit


def propagate(model: ModelGroup, state: StateGroup, counters: CountersGroup) -> None:
    """Bring levels and gates up to date, each once, and mark all that depends on them."""
    if counters.work == 0:
        return
    for word in range(len(state.work)):
        while state.work[word] != 0:
            item = next_item(model, state, word)
            first = 0
            count = 0
            value = 0
            low = LEAST
            high = MOST
            told = False
            if not CONNECTED or item >= 0:
                value = state.levels[item].value
                if state.levels[item].low <= value < state.levels[item].high:
                    continue
                told = model.levels[item].told == 1
                if told:
                    if SELECTED:
                        for k in range(model.levels[item].speed_count):
                            i = model.integers[model.levels[item].speed_first + k]
                            if state.clocks[i].status == 1:
                                touch(model, state, counters, i)
                    if QUANTITIES:
                        for k in range(model.levels[item].rate_count):
                            q = model.integers[model.levels[item].rate_first + k]
                            mark_quantity(state, counters, q)
                    for k in range(model.levels[item].watch_count):
                        mark_watcher(
                            state, counters, model.integers[model.levels[item].watch_first + k]
                        )
                first = model.levels[item].gate_first
                count = model.levels[item].gate_count
            else:
                count = 1
            for k in range(count):
                gate = -item - 1
                true = 0
                if not CONNECTED or item >= 0:
                    gate = model.integers[first + 2 * k]
                    at = model.integers[first + 2 * k + 1]
                    if value >= at:
                        true = 1
                        low = max(low, at)
                    else:
                        high = min(high, at)
                else:
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
                        list_item(state, counters, model.gates[other].position)
                at = model.gates[gate].guard_first
                for j in range(model.gates[gate].guard_count):
                    i = model.integers[at + j]
                    # What cannot start, or does not run, has nothing to settle.
                    if true == model.transitions[i].guard_opposite:
                        matters = state.clocks[i].status == 1
                    else:
                        now = state.elements[model.transitions[i].element].state
                        matters = model.integers[model.transitions[i].source_at + now] == 1
                    if matters:
                        touch(model, state, counters, i)
                at = model.gates[gate].watch_first
                for j in range(model.gates[gate].watch_count):
                    mark_watcher(state, counters, model.integers[at + j])
            if not CONNECTED or item >= 0:
                state.levels[item].low = value if told else low
                state.levels[item].high = value + 1 if told else high
    counters.work = 0


def bring_up(model: ModelGroup, state: StateGroup, counters: CountersGroup, at: int) -> None:
    """Bring the listed levels, with the gates on them, up to date for a single reading.

    This touches no clock: whoever could be is in a state in which the levels are needed anyway.
    """
    for k in range(model.integers[at]):
        level = model.integers[at + 1 + k]
        if state.levels[level].needed == 0:
            ask_for(model, state, counters, level)
    propagate(model, state, counters)
    for k in range(model.integers[at]):
        level = model.integers[at + 1 + k]
        if state.levels[level].needed == 0:
            let_go(state, level)


def evaluate(model: ModelGroup, state: StateGroup) -> None:
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
            state.levels[item].needed = model.levels[item].needed
            if model.levels[item].needed == 0:
                let_go(state, item)
            at = model.levels[item].gate_first
            for k in range(model.levels[item].gate_count):
                gate = model.integers[at + 2 * k]
                state.gates[gate].value = 1 if total >= model.integers[at + 2 * k + 1] else 0
        elif CONNECTED:
            gate = -item - 1
            state.gates[gate].value = connected(model, state, model.gates[gate].graph)


def refresh_immediates(model: ModelGroup, state: StateGroup, counters: CountersGroup) -> None:
    """Bring the list of enabled immediates up to date."""
    for k in range(counters.stale):
        index = state.stale[k]
        state.clocks[index].touched = 0
        now = state.elements[model.transitions[index].element].state
        on = model.integers[model.transitions[index].source_at + now] == 1
        if on and model.transitions[index].guard >= 0:
            guard = state.gates[model.transitions[index].guard].value
            on = guard != model.transitions[index].guard_opposite
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
