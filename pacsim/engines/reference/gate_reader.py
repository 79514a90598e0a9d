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
    """Evaluates expressions in a state that stays, and remembers the answers."""

    def __init__(self, model: Model, states: Sequence[int]) -> None:
        self.model = model
        self.states = states
        self._known: dict[int, bool] = {}
        self._depth = 0

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
                self._remember(expr, self._evaluate(expr))
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
                self._remember(node, self._evaluate(node))
                todo.pop()

    def _remember(self, expr: GateExpr, answer: bool) -> None:
        self._known[id(expr)] = answer

    def _operands(self, expr: GateExpr) -> list[GateExpr]:
        """Return what an expression is made of but for states, which are read where they stand."""
        return [child for child in self._children(expr) if not isinstance(child, In)]

    def _children(self, expr: GateExpr) -> Iterable[GateExpr]:
        if isinstance(expr, Forward):
            return (self.model.definitions[expr.name],)
        return children(expr)

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


class StateReader(GateReader):
    """Evaluates expressions in a state that changes; `forget` has to be told what did.

    An answer that an element has no part in is kept when that element changes, which is most of
    them.
    """

    def __init__(self, model: Model, states: Sequence[int]) -> None:
        super().__init__(model, states)
        self._parts: dict[int, int] = {}
        self._read_from: list[list[int]] = [[] for _ in model.elements]
        self._listed: set[int] = set()

    def forget(self, changed: Iterable[int]) -> None:
        """Drop the answers that some elements have a part in, after they changed."""
        for element in changed:
            for key in self._read_from[element]:
                self._known.pop(key, None)

    def _remember(self, expr: GateExpr, answer: bool) -> None:
        super()._remember(expr, answer)
        key = id(expr)
        if key not in self._listed:
            self._listed.add(key)
            parts = self._parts_of(expr)
            while parts:
                lowest = parts & -parts
                self._read_from[lowest.bit_length() - 1].append(key)
                parts ^= lowest

    def _parts_of(self, expr: GateExpr) -> int:
        """Return the elements that an expression reads as bits, operands first, however deep."""
        todo = [expr]
        while todo:
            node = todo[-1]
            operands = self._operands(node)
            waiting = [child for child in operands if id(child) not in self._parts]
            if waiting:
                todo += waiting
                continue
            parts = self._own_parts(node)
            for child in operands:
                parts |= self._parts[id(child)]
            self._parts[id(node)] = parts
            todo.pop()
        return self._parts[id(expr)]

    def _own_parts(self, expr: GateExpr) -> int:
        """Return the elements whose states an expression looks at itself, as bits."""
        parts = 0
        for child in self._children(expr):
            if isinstance(child, In):
                parts |= 1 << child.element
        if isinstance(expr, Compare):
            for part in expr.level.elements:
                parts |= 1 << part.element
        return parts


def read_with(model: Model, states: Sequence[int], instead: Mapping[int, int]) -> GateReader:
    """Return a reader of the state in which some elements are read in other states (R28)."""
    return GateReader(model, [instead.get(e, state) for e, state in enumerate(states)])
