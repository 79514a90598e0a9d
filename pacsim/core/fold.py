"""Folds written expressions into shared integer levels and thresholds in acyclic order (R5, R7)."""

from __future__ import annotations

from typing import Literal

from pacsim.core.expressions import (
    AtLeast,
    Compare,
    Connected,
    Forward,
    GateExpr,
    In,
    LevelExpr,
    Not,
)
from pacsim.core.model import NONE, Connection, Gate, Level

Weighted = tuple[int, dict[int, list[int]], dict[int, int]]
"""Constant, weights per element and state, weight per gate index."""


class Folder:
    """Keeps one copy of every level and gate; equal expressions share it.

    Parameters
    ----------
    sizes : list of int
        Number of states of each element.
    definitions : dict
        What each named gate stands for.
    """

    def __init__(self, sizes: list[int], definitions: dict[str, GateExpr]) -> None:
        self.sizes = sizes
        self.definitions = definitions
        self.levels: list[Level] = []
        self.gates: list[Gate] = []
        self.order: list[tuple[Literal["L", "G"], int]] = []
        self.problems: list[str] = []
        self._gate_of: dict[GateExpr, int] = {}
        self._level_of: dict[object, int] = {}
        self._named: dict[str, int] = {}
        self._open: list[str] = []

    def gate(self, expr: GateExpr) -> int:
        """Return the index of the gate for an expression, folding it if it is new."""
        if expr in self._gate_of:
            return self._gate_of[expr]
        if isinstance(expr, Forward):
            index = self._forward(expr)
        elif isinstance(expr, Connected):
            index = self._connected(expr)
        else:
            weighted, k = self._threshold(expr)
            index = self._add_gate(self._level(weighted, LevelExpr()), k, None, expr)
        self._gate_of[expr] = index
        return index

    def level(self, expr: LevelExpr) -> int:
        """Return the index of the level for an expression."""
        return self._level(self._sum(expr), expr)

    def _forward(self, expr: Forward) -> int:
        name = expr.name
        if name in self._named:
            return self._named[name]
        if name in self._open:
            chain = " -> ".join([*self._open[self._open.index(name) :], name])
            self.problems.append(f"gates depend on one another in a circle: {chain}")
            return self._dummy()
        if name not in self.definitions:
            self.problems.append(f"gate {name!r} is used but never defined")
            return self._dummy()
        self._open.append(name)
        definition = self.definitions[name]
        if isinstance(definition, Forward | Connected):
            inner = self.gate(definition)
            weighted: Weighted = (0, {}, {inner: 1})
            k = 1
        else:
            weighted, k = self._threshold(definition)
        self._open.pop()
        index = self._add_gate(self._level(weighted, LevelExpr()), k, name, definition)
        self._named[name] = index
        return index

    def _dummy(self) -> int:
        return self._add_gate(self._level((1, {}, {}), LevelExpr()), 1, None, AtLeast(0, ()))

    def _add_gate(self, level: int, k: int, name: str | None, expr: GateExpr) -> int:
        index = len(self.gates)
        self.gates.append(Gate(name or f"gate-{index}", level, k, None, expr))
        self.order.append(("G", index))
        return index

    def _connected(self, expr: Connected) -> int:
        vertices = tuple(NONE if gate is None else self.gate(gate) for gate in expr.vertices)
        edges = tuple(
            (start, end, directed, NONE if gate is None else self.gate(gate))
            for start, end, directed, gate in expr.edges
        )
        index = len(self.gates)
        connection = Connection(vertices, edges, expr.sources, expr.targets)
        self.gates.append(Gate(f"gate-{index}", NONE, 0, connection, expr))
        self.order.append(("G", index))
        return index

    def _threshold(self, expr: GateExpr) -> tuple[Weighted, int]:
        """Return the sum and the threshold at which the expression is true."""
        match expr:
            case In(element, states):
                size = self.sizes[element]
                return (0, {element: [int(state in states) for state in range(size)]}, {}), 1
            case Not(of):
                (constant, elements, gates), k = self._threshold(of)
                flipped = {e: [-w for w in weights] for e, weights in elements.items()}
                return (-constant, flipped, {g: -w for g, w in gates.items()}), 1 - k
            case AtLeast(k, of):
                total: Weighted = (0, {}, {})
                for child in of:
                    total = self._with_child(total, child, 1)
                return total, k
            case Compare(level, k):
                return self._sum(level), k
            case _:
                return (0, {}, {self.gate(expr): 1}), 1

    def _with_child(self, total: Weighted, child: GateExpr, weight: int) -> Weighted:
        constant, elements, gates = total
        inner = child.of if isinstance(child, Not) else child
        if isinstance(inner, In):
            wanted = inner.states
            size = self.sizes[inner.element]
            negate = inner is not child
            row = elements.setdefault(inner.element, [0] * size)
            for state in range(size):
                row[state] += weight * ((state in wanted) is not negate)
        else:
            index = self.gate(child)
            gates[index] = gates.get(index, 0) + weight
        return constant, elements, gates

    def _sum(self, expr: LevelExpr) -> Weighted:
        total: Weighted = (expr.constant, {}, {})
        for part in expr.elements:
            row = total[1].setdefault(part.element, [0] * self.sizes[part.element])
            for state, weight in enumerate(part.weights):
                row[state] += weight
        for gate, weight in expr.gates:
            total = self._with_child(total, gate, weight)
        return total

    def _level(self, weighted: Weighted, expr: LevelExpr) -> int:
        constant, elements, gates = weighted
        rows = tuple((e, tuple(row)) for e, row in sorted(elements.items()) if any(row))
        terms = tuple((g, w) for g, w in sorted(gates.items()) if w)
        key = (constant, rows, terms)
        if key not in self._level_of or (
            expr != LevelExpr() and self.levels[self._level_of[key]].expr == LevelExpr()
        ):
            low = constant + sum(min(row) for _, row in rows) + sum(min(0, w) for _, w in terms)
            high = constant + sum(max(row) for _, row in rows) + sum(max(0, w) for _, w in terms)
            if key in self._level_of:
                # A selector or an observation reads this sum by value: keep its written form.
                index = self._level_of[key]
                self.levels[index] = Level(f"level-{index}", *key, low, high, expr)
            else:
                index = len(self.levels)
                self.levels.append(Level(f"level-{index}", *key, low, high, expr))
                self.order.append(("L", index))
                self._level_of[key] = index
        return self._level_of[key]
