"""An indexed binary heap of the clocks that will fire; ties are taken in index order (R16).

Keys stand beside the items, so that comparing does not look into the clocks. The clock that fires
leaves a hole at the top, which the next clock to start fills: one walk down instead of two walks.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pacsim.engines.kernel.manifest import CountersGroup, StateGroup


def rise(state: StateGroup, counters: CountersGroup, place: int, fire: float, item: Any) -> int:
    """Make room for an item by moving later ones down; return the free place."""
    # Nothing goes before a hole at the top.
    while place > 2 * counters.hole:
        up = (place - 1) >> 1
        key = state.heap[up].fire
        other = state.heap[up].item
        if key < fire or (key == fire and other < item):
            break
        state.heap[place].fire = key
        state.heap[place].item = other
        state.clocks[other].place = place
        place = up
    return place


def sink(state: StateGroup, n: int, place: int, fire: float, item: Any) -> int:
    """Make room for an item by moving earlier ones up; return the free place."""
    while True:
        down = 2 * place + 1
        if down >= n:
            break
        key = state.heap[down].fire
        other = state.heap[down].item
        if down + 1 < n:
            second = state.heap[down + 1].fire
            right = state.heap[down + 1].item
            if second < key or (second == key and right < other):
                key = second
                other = right
                down += 1
        if fire < key or (fire == key and item < other):
            break
        state.heap[place].fire = key
        state.heap[place].item = other
        state.clocks[other].place = place
        place = down
    return place


def reschedule(state: StateGroup, counters: CountersGroup, item: Any, fire: float) -> None:
    """Put a clock whose fire time has changed in its place, or take it out if it is infinite."""
    place = state.clocks[item].place
    if not fire < math.inf:
        if place < 0:
            return
        state.clocks[item].place = -1
        if place == 0:
            counters.hole = 1
            return
        counters.heap -= 1
        if place == counters.heap:
            return
        item = state.heap[counters.heap].item
        fire = state.heap[counters.heap].fire
    elif place < 0:
        if counters.hole == 1:
            counters.hole = 0
            place = 0
        else:
            place = counters.heap
            counters.heap += 1
    place = sink(state, counters.heap, place, fire, item)
    place = rise(state, counters, place, fire, item)
    state.heap[place].fire = fire
    state.heap[place].item = item
    state.clocks[item].place = place


def fill_hole(state: StateGroup, counters: CountersGroup) -> None:
    """Close the hole at the top with the last clock, if no clock that started has filled it."""
    if counters.hole == 1:
        counters.hole = 0
        counters.heap -= 1
        if counters.heap > 0:
            item = state.heap[counters.heap].item
            fire = state.heap[counters.heap].fire
            place = sink(state, counters.heap, 0, fire, item)
            state.heap[place].fire = fire
            state.heap[place].item = item
            state.clocks[item].place = place
