"""What is certain while a gate holds: the states elements can be in, and the truth of gates."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pacsim.core.model import NONE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pacsim.core.model import Connection, Level, Model


_latest = threading.local()
"""The model that a thread has asked about last, and what it was told."""


def given(model: Model, gate: int, known: tuple[int, frozenset[int]] | None = None) -> Given:
    """Return what is certain while a gate holds; the same is asked of a model several times.

    Parameters
    ----------
    model : Model
        Whose levels and gates.
    gate : int
        What holds.
    known : (int, frozenset of int), optional
        An element and the states it is known to be in.
    """
    if getattr(_latest, "model", None) is not model:
        _latest.model, _latest.told = model, {}
    told: dict[object, Given] = _latest.told
    if (gate, known) not in told:
        told[gate, known] = Given(model, gate, None if known is None else dict([known]))
    return told[gate, known]


class Given:
    """What follows from a gate that holds, by bounds of sums; what does not follow stays open.

    A threshold that holds leaves out the states and the gates with which its sum cannot reach it;
    from there every level has its bounds, and every gate is true, false or open.

    Parameters
    ----------
    model : Model
        Whose levels and gates.
    gate : int
        What holds.
    states : mapping, optional
        By element: states it is known to be in.

    Examples
    --------
    >>> from pacsim.core import ModelBuilder
    >>> m = ModelBuilder()
    >>> array, copy = m.element("array", "ok lost"), m.element("copy", "none clean")
    >>> whole = m.gate("whole", m.all([array == "ok"]))
    >>> restorable = m.gate("restorable", ~whole & (copy == "clean"))
    >>> model = m.build()
    >>> given = Given(model, model.gate("whole"))
    >>> given.truth(model.gate("restorable")), given.depending({copy.index})[1]
    (False, set())
    """

    def __init__(
        self, model: Model, gate: int, states: Mapping[int, Collection[int]] | None = None
    ) -> None:
        self.model = model
        self._states = {e: set(known) for e, known in (states or {}).items()}
        self._known: dict[int, bool] = {}
        self.bounds: dict[int, tuple[int, int]] = {}
        """By level: its lowest and its highest value."""
        self.possible = True
        """False if the gate is seen never to hold; then nothing else is known."""
        self._assume(gate)
        for kind, index in model.order:
            if kind == "L":
                self.bounds[index] = self._bounds(model.levels[index])
            elif index not in self._known and model.gates[index].connection is None:
                low, high = self.bounds[model.gates[index].level]
                k = model.gates[index].k
                if low >= k or high < k:
                    self._known[index] = low >= k

    def truth(self, gate: int) -> bool | None:
        """Return whether a gate is true, None if that is open."""
        return self._known.get(gate)

    def depending(self, elements: Collection[int]) -> tuple[set[int], set[int]]:
        """Return the levels and the gates that can change with the states of some elements."""
        levels: set[int] = set()
        gates: set[int] = set()
        for kind, index in self.model.order:
            if kind == "L":
                level = self.model.levels[index]
                moved = any(
                    e in elements and len({w[s] for s in self._possible(e)}) > 1
                    for e, w in level.elements
                )
                if moved or any(g in gates for g, _ in level.gates):
                    levels.add(index)
            elif index not in self._known:
                gate = self.model.gates[index]
                read = gate.level in levels
                if gate.connection is not None:
                    read = bool(gates & _alive(gate.connection))
                if read:
                    gates.add(index)
        return levels, gates

    def _possible(self, element: int) -> Collection[int]:
        return self._states.get(element) or range(len(self.model.elements[element].states))

    def _assume(self, gate: int) -> None:
        todo = [(gate, True)]
        while todo:
            index, true = todo.pop()
            if index in self._known:
                continue
            self._known[index] = true
            assumed = self.model.gates[index]
            if assumed.connection is not None:
                continue
            level = self.model.levels[assumed.level]
            edge = max if true else min
            furthest = level.constant + sum(edge(weights) for _, weights in level.elements)
            furthest += sum(edge(0, weight) for _, weight in level.gates)
            # How far the sum may stay away from its furthest value.
            room = furthest - assumed.k if true else assumed.k - 1 - furthest
            self.possible &= room >= 0
            if room < 0:
                continue
            for element, weights in level.elements:
                best = edge(weights)
                left = {s for s in self._possible(element) if abs(best - weights[s]) <= room}
                self.possible &= bool(left)
                self._states[element] = left or set(self._possible(element))
            todo += [(i, (weight > 0) is true) for i, weight in level.gates if abs(weight) > room]

    def _bounds(self, level: Level) -> tuple[int, int]:
        low = high = level.constant
        for element, weights in level.elements:
            states = self._states.get(element)
            values = [weights[s] for s in states] if states else weights
            low, high = low + min(values), high + max(values)
        for gate, weight in level.gates:
            known = self._known.get(gate)
            low += min(0, weight) if known is None else weight * known
            high += max(0, weight) if known is None else weight * known
        return low, high


def _alive(graph: Connection) -> set[int]:
    """Return the gates that a connected gate reads."""
    return {*graph.vertices, *(edge[3] for edge in graph.edges)} - {NONE}
