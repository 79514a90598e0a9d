"""Which elements can bring a gate down: what it reads, and what moves that, at once or at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.core.model.automata import NONE, Until
from pacsim.core.model.bit_sets import members, sets_below
from pacsim.core.model.observation_kinds import Episodes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.core.model.automata import Model


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
    levels, gates = sets_below(model)
    before = [0] * len(model.elements)
    for t in model.transitions:
        for row in t.outcomes.table:
            for outcome in row:
                for effect in outcome.effects:
                    if effect.moves is not None:
                        before[effect.element] |= 1 << t.element
        own = model.elements[t.element]
        if not t.timed and not t.sources <= own.fault | own.planned:
            before[t.element] |= gates[t.guard] | levels[t.outcomes.level]
    return set(members(_reached(gates[gate], before)))


def can_matter(model: Model, gate: int) -> set[int]:
    """Return the elements that can have a part in what a gate is: its contributors (R27).

    They are those with a path in the dependency graph to the gate: it reads them, or an element or
    a quantity on the way is moved, renewed, timed or let go by what reads them, that is by a guard,
    a speed, a delay, the choice of an outcome, an effect or a rate.
    """
    return set(_Parts(model).of(gate))


def contributors(model: Model) -> tuple[frozenset[int], ...]:
    """Return by observation which elements can be contributors; none without causes."""
    parts = _Parts(model)
    return tuple(
        frozenset(parts.of(o.gate) if isinstance(o, Episodes) and o.causes else ())
        for o in model.observations
    )


class _Parts:
    """What has a part in what each element is and in how much each quantity is.

    Both are bits of one set: the elements first, then the quantities.
    """

    def __init__(self, model: Model) -> None:
        self.elements = len(model.elements)
        levels, self.gates = sets_below(model)
        self.direct = [0] * self.elements + [levels[q.rate.level] for q in model.quantities]
        direct, amounts = self.direct, self.elements
        for t in model.transitions:
            # What says whether and when it fires, and how that ends.
            firing = 1 << t.element | levels[t.speed.level] | levels[t.outcomes.level]
            firing |= self.gates[t.guard]
            if t.delay is not None:
                firing |= levels[t.delay.level]
                for delay in t.delay.table:
                    if isinstance(delay, Until):
                        firing |= 1 << amounts + delay.quantity
            direct[t.element] |= firing
            for row in t.outcomes.table:
                for outcome in row:
                    for effect in outcome.effects:
                        direct[effect.element] |= firing
                    for jump in outcome.jumps:
                        direct[amounts + jump.quantity] |= firing
                        if jump.how == "copy" and jump.other != NONE:
                            direct[amounts + jump.quantity] |= 1 << amounts + jump.other

    def of(self, gate: int) -> list[int]:
        """Return the elements that can have a part in what a gate is."""
        found = _reached(self.gates[gate], self.direct)
        return members(found & (1 << self.elements) - 1)


def _reached(found: int, before: Sequence[int]) -> int:
    """Return a set with all that comes before its members, and before those."""
    todo = found
    while todo:
        one = todo & -todo
        new = before[one.bit_length() - 1] & ~found
        found |= new
        todo = todo ^ one | new
    return found
