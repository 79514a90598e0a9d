"""Gates and levels read from their unfolded expressions, as they were written (R5-R7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core.model import (
    AtLeast,
    Compare,
    Connected,
    Forward,
    GateExpr,
    In,
    Not,
    children,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pacsim.core.model import LevelExpr, Model


DEEPEST = 40
"""Levels of operands answered by plain recursion, which is quick; what lies deeper is not."""


class GateReader:
    """Evaluates expressions in a state; remembers answers until `forget`."""

    def __init__(self, model: Model, states: Sequence[int]) -> None:
        self.model = model
        self.states = states
        self._known: dict[int, bool] = {}
        self._depth = 0

    def forget(self) -> None:
        """Drop remembered answers after a state changed."""
        self._known.clear()

    def gate(self, index: int) -> bool:
        """Return whether the gate of that index is true."""
        return self.holds(self.model.gates[index].expr)

    def level(self, index: int) -> int:
        """Return the value of the level of that index."""
        return self.value(self.model.levels[index].expr)

    def value(self, level: LevelExpr) -> int:
        """Return a level's sum over states and gates."""
        total = level.constant
        for part in level.elements:
            total += part.weights[self.states[part.element]]
        return total + sum(weight for gate, weight in level.gates if self.holds(gate))

    def holds(self, expr: GateExpr) -> bool:
        """Return whether an expression is true."""
        if isinstance(expr, In):
            # A state is looked up as fast as an answer.
            return self.states[expr.element] in expr.states
        key = id(expr)
        if key not in self._known:
            if self._depth == DEEPEST:
                self._answer_from_below(expr)
            else:
                self._depth += 1
                self._known[key] = self._evaluate(expr)
                self._depth -= 1
        return self._known[key]

    def _answer_from_below(self, expr: GateExpr) -> None:
        """Answer an expression and all under it, operands first, however deep they are nested.

        A stack of our own instead of recursion: a long chain would exceed Python's limit.
        """
        todo = [expr]
        while todo:
            node = todo[-1]
            waiting = [child for child in self._operands(node) if id(child) not in self._known]
            if waiting:
                todo += waiting
            else:
                self._known[id(node)] = self._evaluate(node)
                todo.pop()

    def _operands(self, expr: GateExpr) -> list[GateExpr]:
        """Return what an expression is made of; states are read where they stand."""
        operands: Iterable[GateExpr] = children(expr)
        if isinstance(expr, Forward):
            operands = [self.model.definitions[expr.name]]
        return [child for child in operands if not isinstance(child, In)]

    def _evaluate(self, expr: GateExpr) -> bool:
        match expr:
            case In(element, states):
                return self.states[element] in states
            case Not(of):
                return not self.holds(of)
            case AtLeast(k, of):
                return sum(self.holds(child) for child in of) >= k
            case Compare(level, k):
                return self.value(level) >= k
            case Forward(name):
                return self.holds(self.model.definitions[name])
            case Connected():
                return self._connected(expr)

    def _connected(self, expr: Connected) -> bool:
        """Search breadth first over alive vertices and edges."""
        alive = [gate is None or self.holds(gate) for gate in expr.vertices]
        reached = {vertex for vertex in expr.sources if alive[vertex]}
        frontier = list(reached)
        while frontier:
            following = []
            for start, end, directed, gate in expr.edges:
                if gate is not None and not self.holds(gate):
                    continue
                for a, b in ((start, end),) if directed else ((start, end), (end, start)):
                    if a in frontier and alive[b] and b not in reached:
                        reached.add(b)
                        following.append(b)
            frontier = following
        return any(target in reached for target in expr.targets)


def read_with(model: Model, states: Sequence[int], instead: Mapping[int, int]) -> GateReader:
    """Return a reader of the state in which some elements are read in other states (R28)."""
    return GateReader(model, [instead.get(e, state) for e, state in enumerate(states)])
