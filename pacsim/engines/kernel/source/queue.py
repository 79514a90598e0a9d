"""An indexed binary heap of the clocks that will fire; ties are taken in index order (R16).

Keys stand beside the items, so that comparing does not look into the clocks. The clock that fires
leaves a hole at the top, which the next clock to start fills: one walk down instead of two walks.
"""

import math
from typing import Any

from pacsim.engines.kernel.names import HEAP, HOLE


def rise(cl: Any, heap: Any, xx: Any, place: int, fire: float, item: Any) -> int:
    """Make room for an item by moving later ones down; return the free place."""
    # Nothing goes before a hole at the top.
    while place > 2 * xx[HOLE]:
        up = (place - 1) >> 1
        key = heap[up].fire
        other = heap[up].item
        if key < fire or (key == fire and other < item):
            break
        heap[place].fire = key
        heap[place].item = other
        cl[other].place = place
        place = up
    return place


def sink(cl: Any, heap: Any, n: int, place: int, fire: float, item: Any) -> int:
    """Make room for an item by moving earlier ones up; return the free place."""
    while True:
        down = 2 * place + 1
        if down >= n:
            break
        key = heap[down].fire
        other = heap[down].item
        if down + 1 < n:
            second = heap[down + 1].fire
            right = heap[down + 1].item
            if second < key or (second == key and right < other):
                key = second
                other = right
                down += 1
        if fire < key or (fire == key and item < other):
            break
        heap[place].fire = key
        heap[place].item = other
        cl[other].place = place
        place = down
    return place


def reschedule(cl: Any, heap: Any, xx: Any, item: Any, fire: float) -> None:
    """Put a clock whose fire time has changed in its place, or take it out if it is infinite."""
    place = cl[item].place
    if not fire < math.inf:
        if place < 0:
            return
        cl[item].place = -1
        if place == 0:
            xx[HOLE] = 1
            return
        xx[HEAP] -= 1
        if place == xx[HEAP]:
            return
        item = heap[xx[HEAP]].item
        fire = heap[xx[HEAP]].fire
    elif place < 0:
        if xx[HOLE] == 1:
            xx[HOLE] = 0
            place = 0
        else:
            place = xx[HEAP]
            xx[HEAP] += 1
    place = sink(cl, heap, xx[HEAP], place, fire, item)
    place = rise(cl, heap, xx, place, fire, item)
    heap[place].fire = fire
    heap[place].item = item
    cl[item].place = place


def fill_hole(cl: Any, heap: Any, xx: Any) -> None:
    """Close the hole at the top with the last clock, if no clock that started has filled it."""
    if xx[HOLE] == 1:
        xx[HOLE] = 0
        xx[HEAP] -= 1
        if xx[HEAP] > 0:
            item = heap[xx[HEAP]].item
            fire = heap[xx[HEAP]].fire
            place = sink(cl, heap, xx[HEAP], 0, fire, item)
            heap[place].fire = fire
            heap[place].item = item
            cl[item].place = place
