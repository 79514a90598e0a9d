"""Which elements can bring a gate down: what it reads, and what moves that at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.core.model.automata import NONE

if TYPE_CHECKING:
    from pacsim.core.model.automata import Model, Transition


@dataclass(frozen=True, slots=True)
class Cone:
    """What a gate is computed from: elements, levels, and gates with itself."""

    elements: set[int]
    levels: set[int]
    gates: set[int]


def cone(model: Model, gate: int) -> Cone:
    """Return what a gate depends on."""
    return _below(model, Cone(set(), set(), {gate}), [gate])


def level_cone(model: Model, level: int) -> Cone:
    """Return what a level depends on."""
    found = Cone(set(), set(), set())
    terms = _read(model, found, level)
    found.gates.update(terms)
    return _below(model, found, list(terms))


def _read(model: Model, found: Cone, index: int) -> set[int]:
    """Add a level with its elements; return the gates it reads."""
    level = model.levels[index]
    found.levels.add(index)
    found.elements.update(element for element, _ in level.elements)
    return {term for term, _ in level.gates}


def _below(model: Model, found: Cone, todo: list[int]) -> Cone:
    while todo:
        one = model.gates[todo.pop()]
        if one.connection is not None:
            graph = one.connection
            below = {*graph.vertices, *(edge[3] for edge in graph.edges)} - {NONE}
        else:
            below = _read(model, found, one.level)
        todo += below - found.gates
        found.gates.update(below)
    return found


def leads_to(model: Model, gate: int) -> set[int]:
    """Return the elements on which a gate depends, directly or through others that follow at once.

    One element follows another at once if an immediate takes it out of an unflagged state under a
    guard, or by an outcome, that reads the other; or if a firing of the other moves it. What only
    renews it, and what only speeds up or delays a repair, such as a crew, does not count.
    """
    moved_by: dict[int, set[int]] = {}
    followers: dict[int, list[Transition]] = {}
    for t in model.transitions:
        for effect in (e for row in t.outcomes.table for o in row for e in o.effects):
            if effect.moves is not None:
                moved_by.setdefault(effect.element, set()).add(t.element)
        own = model.elements[t.element]
        if not t.timed and not all(map(own.flagged, t.sources)):
            followers.setdefault(t.element, []).append(t)
    found = set(cone(model, gate).elements)
    todo = list(found)
    while todo:
        element = todo.pop()
        below = set(moved_by.get(element, set()))
        for t in followers.get(element, []):
            if t.guard != NONE:
                below |= cone(model, t.guard).elements
            if t.outcomes.level != NONE:
                below |= level_cone(model, t.outcomes.level).elements
        todo += below - found
        found |= below
    return found
