"""Which elements can bring a gate down: what it reads, and what moves that, at once or at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.core.model.automata import NONE, Until
from pacsim.core.model.observation_kinds import Episodes

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        for row in t.outcomes.table:
            for outcome in row:
                # Most outcomes have no effects on others.
                for effect in outcome.effects:
                    if effect.moves is not None:
                        moved_by.setdefault(effect.element, set()).add(t.element)
        if t.delay is None:
            own = model.elements[t.element]
            if not t.sources <= own.fault | own.planned:
                followers.setdefault(t.element, []).append(t)
    read = _Cones(model)
    found = set(read.gate(gate))
    todo = list(found)
    while todo:
        element = todo.pop()
        below = set(moved_by.get(element, set()))
        for t in followers.get(element, []):
            below |= read.gate(t.guard) | read.level(t.outcomes.level)
        todo += below - found
        found |= below
    return found


def can_matter(model: Model, gate: int) -> set[int]:
    """Return the elements that can have a part in what a gate is: its contributors (R27).

    They are those with a path in the dependency graph to the gate: it reads them, or an element or
    a quantity on the way is moved, renewed, timed or let go by what reads them, that is by a guard,
    a speed, a delay, the choice of an outcome, an effect or a rate.
    """
    return _can_matter(_Read(model), gate)


def _can_matter(read: _Read, gate: int) -> set[int]:
    found = set(read.gate(gate))
    amounts: set[int] = set()
    todo: list[tuple[str, int]] = [("element", e) for e in found]
    while todo:
        kind, index = todo.pop()
        parts = read.of_element(index) if kind == "element" else read.of_quantity(index)
        for elements, quantities in parts:
            todo += [("element", e) for e in elements - found]
            todo += [("quantity", q) for q in quantities - amounts]
            found |= elements
            amounts |= quantities
    return found


def contributors(model: Model) -> tuple[frozenset[int], ...]:
    """Return by observation which elements can be contributors; none without causes."""
    read = _Read(model)
    return tuple(
        frozenset(_can_matter(read, o.gate) if isinstance(o, Episodes) and o.causes else ())
        for o in model.observations
    )


class _Cones:
    """The elements that levels and gates of a model read; what has been found out is kept."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.levels: dict[int, set[int]] = {}
        self.gates: dict[int, set[int]] = {}

    def level(self, level: int) -> set[int]:
        """Return the elements that a level reads; none for no level."""
        if level == NONE:
            return set()
        if level not in self.levels:
            self.levels[level] = level_cone(self.model, level).elements
        return self.levels[level]

    def gate(self, gate: int) -> set[int]:
        """Return the elements that a gate reads; none for no gate."""
        if gate == NONE:
            return set()
        if gate not in self.gates:
            self.gates[gate] = cone(self.model, gate).elements
        return self.gates[gate]


class _Read(_Cones):
    """What moves each element and each quantity of a model; what has been found out is kept."""

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self.firings: dict[int, tuple[set[int], set[int]]] = {}
        self.own: dict[int, list[int]] = {}
        self.moving: dict[int, list[int]] = {}
        self.jumping: dict[int, list[tuple[int, set[int]]]] = {}
        for i, t in enumerate(model.transitions):
            self.own.setdefault(t.element, []).append(i)
            for outcome in (o for row in t.outcomes.table for o in row):
                for effect in outcome.effects:
                    self.moving.setdefault(effect.element, []).append(i)
                for jump in outcome.jumps:
                    copied = {jump.other} - {NONE} if jump.how == "copy" else set()
                    self.jumping.setdefault(jump.quantity, []).append((i, copied))

    def firing(self, index: int) -> tuple[set[int], set[int]]:
        """Return the elements and quantities that say whether and when a transition fires."""
        if index not in self.firings:
            self.firings[index] = self._firing(index)
        return self.firings[index]

    def _firing(self, index: int) -> tuple[set[int], set[int]]:
        t = self.model.transitions[index]
        elements = {t.element} | self.level(t.speed.level) | self.level(t.outcomes.level)
        elements |= self.gate(t.guard)
        amounts: set[int] = set()
        if t.delay is not None:
            elements |= self.level(t.delay.level)
            amounts = {one.quantity for one in t.delay.table if isinstance(one, Until)}
        return elements, amounts

    def of_element(self, element: int) -> Iterator[tuple[set[int], set[int]]]:
        """Yield elements and quantities that have a part in what an element is."""
        for index in dict.fromkeys((*self.own.get(element, []), *self.moving.get(element, []))):
            yield self.firing(index)

    def of_quantity(self, quantity: int) -> Iterator[tuple[set[int], set[int]]]:
        """Yield elements and quantities that have a part in how much a quantity is."""
        yield self.level(self.model.quantities[quantity].rate.level), set()
        for index, copied in self.jumping.get(quantity, []):
            elements, amounts = self.firing(index)
            yield elements, amounts | copied
