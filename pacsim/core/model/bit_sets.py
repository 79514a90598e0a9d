"""Sets of indices as the bits of whole numbers: united and compared many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core.model.automata import NONE

if TYPE_CHECKING:
    from pacsim.core.model.automata import Model


def members(bits: int) -> list[int]:
    """Return the indices in a set, sorted.

    Examples
    --------
    >>> members(0b1011)
    [0, 1, 3]
    """
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found


def sets_below(model: Model, *, levels: bool = False) -> tuple[list[int], list[int]]:
    """Return by level and by gate which elements it is computed from, or which levels.

    Parameters
    ----------
    model : Model
        Whose levels and gates.
    levels : bool
        Whether sets of levels are asked for, a level with itself, instead of sets of elements.

    Returns
    -------
    list of int, list of int
        Sets by level and by gate; the last entry of each is empty and stands for `NONE`.
    """
    by_level, by_gate = [0] * (len(model.levels) + 1), [0] * (len(model.gates) + 1)
    for kind, index in model.order:
        found = 0
        if kind == "L":
            level = model.levels[index]
            if levels:
                found = 1 << index
            else:
                for element, _ in level.elements:
                    found |= 1 << element
            for gate, _ in level.gates:
                found |= by_gate[gate]
            by_level[index] = found
            continue
        graph = model.gates[index].connection
        if graph is None:
            by_gate[index] = by_level[model.gates[index].level]
            continue
        for gate in (*graph.vertices, *(edge[3] for edge in graph.edges)):
            found |= by_gate[gate]
        by_gate[index] = found
    assert by_level[NONE] == by_gate[NONE] == 0
    return by_level, by_gate
