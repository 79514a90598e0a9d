"""Whether planned work can ever happen in a model, read off its transitions without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core.model import NONE

if TYPE_CHECKING:
    from pacsim.core import Model
    from pacsim.core.model import Outcome, Transition


class Enterable:
    """The states that each element may ever enter: all that it can, and perhaps more.

    Elements are taken one by one, as if each could be in any of its states whatever the others are
    in, every wait ended and every amount was reached. So a state that is missing can never be
    entered, while one that is there may still be out of reach.

    Parameters
    ----------
    model : Model
        Of a built design.

    Attributes
    ----------
    states : list of set of int
        By element.
    firing : set of int
        Transitions that may ever fire.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.states = [{element.initial} for element in model.elements]
        self.firing: set[int] = set()
        # Each round only adds, so it ends when one adds nothing.
        while self._grow():
            pass

    def _grow(self) -> bool:
        before = (len(self.firing), sum(map(len, self.states)))
        may = self._gates()
        for k, t in enumerate(self.model.transitions):
            if t.sources & self.states[t.element] and (t.guard == NONE or may[t.guard]):
                self.firing.add(k)
                for row in t.outcomes.table:
                    for outcome in row:
                        self._take(t, outcome)
        return before != (len(self.firing), sum(map(len, self.states)))

    def _take(self, t: Transition, outcome: Outcome) -> None:
        if outcome.p <= 0.0:
            return
        self.states[t.element].add(outcome.target)
        for effect in outcome.effects:
            if effect.moves is not None and effect.p > 0.0:
                states = self.states[effect.element]
                states |= {effect.moves[s] for s in states if effect.moves[s] != NONE}

    def _gates(self) -> list[bool]:
        """Return of each gate whether it may be true, by the bounds of the sum it compares."""
        may, must = [True] * len(self.model.gates), [False] * len(self.model.gates)
        bounds = [(0, 0)] * len(self.model.levels)
        for kind, i in self.model.order:
            if kind == "L":
                bounds[i] = self._bounds(i, may, must)
                continue
            gate = self.model.gates[i]
            # A connected gate may be true or false for all that is known here.
            if gate.level != NONE:
                low, high = bounds[gate.level]
                may[i], must[i] = high >= gate.k, low >= gate.k
        return may

    def _bounds(self, i: int, may: list[bool], must: list[bool]) -> tuple[int, int]:
        level = self.model.levels[i]
        low = high = level.constant
        for element, weights in level.elements:
            values = [weights[s] for s in self.states[element]]
            low, high = low + min(values), high + max(values)
        for gate, weight in level.gates:
            ends = (weight * must[gate], weight * may[gate])
            low, high = low + min(ends), high + max(ends)
        return low, high


def plans(model: Model) -> bool:
    """Return whether planned work may happen; if not, no down time is ever planned (R28).

    That is so if no timed transition of class planned can ever fire: then nothing has a planned
    root, and nothing is read otherwise for P than as it is.
    """
    planned = {k for k, t in enumerate(model.transitions) if t.cls == "planned" and t.timed}
    at_once = (model.transitions[k] for k in planned)
    if any(t.guard == NONE and model.elements[t.element].initial in t.sources for t in at_once):
        return True
    return bool(planned) and not planned.isdisjoint(Enterable(model).firing)
