"""What kind of down time it is: the state read without planned work, then without faults (R28).

A cone is read as differences to the state as it is, so it costs what depends on the few elements
that are read differently, and nothing if there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacsim.engines.kernel.names import CONNECTED
from pacsim.engines.kernel.source.draws import U64
from pacsim.engines.kernel.source.gates import connected, list_item, lowest, next_item

if TYPE_CHECKING:
    from pacsim.engines.kernel.manifest import CountersGroup, ModelGroup, SizesGroup, StateGroup


def shift_level(
    model: ModelGroup, state: StateGroup, counters: CountersGroup, cone: int, level: int, by: int
) -> None:
    """Let a cone read a level as higher by so much, if it is on the way to the role."""
    if model.integers[cone + level] == 0:
        return
    list_item(state, counters, model.levels[level].position)
    state.levels[level].other += by


def turn_gates(
    model: ModelGroup, state: StateGroup, counters: CountersGroup, sizes: SizesGroup, cone: int
) -> int:
    """Read as their opposite all gates that the shifted levels turn; return their number."""
    turned = 0
    for word in range(len(state.work)):
        while state.work[word] != 0:
            item = next_item(model, state, word)
            first = 0
            count = 1
            value = 0
            if not CONNECTED or item >= 0:
                value = state.levels[item].value + state.levels[item].other
                state.levels[item].other = 0
                first = model.levels[item].gate_first
                count = model.levels[item].gate_count
            for k in range(count):
                gate = -item - 1
                true = 0
                if not CONNECTED or item >= 0:
                    gate = model.integers[first + 2 * k]
                    true = 1 if value >= model.integers[first + 2 * k + 1] else 0
                else:
                    true = connected(model, state, model.gates[gate].graph)
                if state.gates[gate].value == true:
                    continue
                state.gates[gate].other = 1
                state.turned[turned] = gate
                turned += 1
                sign = 2 * true - 1
                at = model.gates[gate].term_first
                for j in range(model.gates[gate].term_count):
                    by = sign * model.integers[at + 2 * j + 1]
                    shift_level(model, state, counters, cone, model.integers[at + 2 * j], by)
                if CONNECTED:
                    at = model.gates[gate].graph_first
                    for j in range(model.gates[gate].graph_count):
                        other = model.integers[at + j]
                        if model.integers[cone + sizes.levels + other] == 1:
                            list_item(state, counters, model.gates[other].position)
    counters.work = 0
    return turned


def read_as_begun(
    model: ModelGroup, state: StateGroup, counters: CountersGroup, way: int, e: int
) -> None:
    """Let a cone read an element in its initial state."""
    initial = model.elements[e].initial
    now = state.elements[e].state
    at = model.elements[e].level_first
    for j in range(model.elements[e].level_count):
        w = model.integers[at + 2 * j + 1]
        by = model.integers[w + initial] - model.integers[w + now]
        if by != 0:
            shift_level(model, state, counters, way, model.integers[at + 2 * j], by)


def still_down(
    model: ModelGroup, state: StateGroup, counters: CountersGroup, sizes: SizesGroup, o: int
) -> bool:
    """Return whether the gate of a role holds by the shifted levels, and forget those."""
    turned = turn_gates(model, state, counters, sizes, model.observations[o].cone_items)
    judged = model.observations[o].judged
    down = state.gates[judged].value ^ state.gates[judged].other
    for k in range(turned):
        state.gates[state.turned[k]].other = 0
    return down != model.observations[o].judged_opposite


def kind_of_down_time(
    model: ModelGroup, state: StateGroup, counters: CountersGroup, sizes: SizesGroup, o: int
) -> int:
    """Return 0 unplanned, 1 planned, 2 mixed for the present down time of a role (R28)."""
    way = model.observations[o].cone_items
    # First planned work is read as absent; the elements that a fault has changed are kept.
    planned = 0
    faulty = 0
    for word in range(len(state.away)):
        bits: Any = state.away[word] & model.masks[model.observations[o].cone_mask + word]
        while bits != 0:
            e = 64 * word + lowest(bits)
            bits = bits & (bits - U64(1))
            # Of a flagged element the root it has kept since it became so, whatever its flag.
            root = state.elements[e].entry_root
            if state.elements[e].flagged > 0:
                root = state.elements[e].flag_root
            if root >= 0 and model.transitions[root].cls == 1:
                planned += 1
                read_as_begun(model, state, counters, way, e)
            elif root >= 0 and model.transitions[root].cls == 0:
                state.faulty[faulty] = e
                faulty += 1
    if planned == 0 or still_down(model, state, counters, sizes, o):
        return 0
    # Then faults are.
    if faulty == 0:
        return 1
    for k in range(faulty):
        read_as_begun(model, state, counters, way, state.faulty[k])
    return 1 if still_down(model, state, counters, sizes, o) else 2
