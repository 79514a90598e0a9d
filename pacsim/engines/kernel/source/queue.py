"""An indexed binary heap of fire times; ties are taken in index order (R16)."""

from typing import Any


def before(cl: Any, a: Any, b: Any) -> bool:
    """Return whether clock a fires before clock b."""
    if cl[a].fire != cl[b].fire:
        return bool(cl[a].fire < cl[b].fire)
    return bool(a < b)


def reschedule(cl: Any, heap: Any, n: int, item: Any) -> None:
    """Move a clock whose fire time has changed to its place in the heap."""
    place = cl[item].place
    while place > 0:
        up = (place - 1) >> 1
        other = heap[up]
        if not before(cl, item, other):
            break
        heap[place] = other
        cl[other].place = place
        place = up
    while True:
        down = 2 * place + 1
        if down >= n:
            break
        other = heap[down]
        if down + 1 < n:
            right = heap[down + 1]
            if before(cl, right, other):
                other = right
                down = down + 1
        if not before(cl, other, item):
            break
        heap[place] = other
        cl[other].place = place
        place = down
    heap[place] = item
    cl[item].place = place
