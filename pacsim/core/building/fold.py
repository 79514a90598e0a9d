"""Folds written expressions into shared integer levels and thresholds in acyclic order (R5, R7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pacsim.core.model import (
    NONE,
    AtLeast,
    Compare,
    Connected,
    Connection,
    Forward,
    Gate,
    GateExpr,
    In,
    Level,
    LevelExpr,
    Not,
    Numbering,
    children,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Weighted = tuple[int, dict[int, list[int]], dict[int, int]]
"""Constant, weights per element and state, weight per gate index."""
NOTHING = LevelExpr()
"""What is written of a level that nobody wrote."""
INT32 = range(-(2**31), 2**31)


class Folder:
    """Keeps one copy of every level and gate; equal expressions share it.

    Parameters
    ----------
    sizes : list of int
        Number of states of each element.
    definitions : mapping
        What each named gate stands for.
    """

    def __init__(self, sizes: list[int], definitions: Mapping[str, GateExpr]) -> None:
        self.sizes = sizes
        self.definitions = definitions
        self.levels: list[Level] = []
        self.gates: list[Gate] = []
        self.order: list[tuple[Literal["L", "G"], int]] = []
        self.problems: list[str] = []
        self.numbers = Numbering()
        self.owner = ""
        """Whom a problem of the next gate or level concerns."""
        self._gate_of: dict[int, int] = {}
        self._level_of: dict[object, int] = {}
        self._open: list[str] = []

    def again(self, definitions: Mapping[str, GateExpr]) -> Folder | None:
        """Return a folder that knows what this one has folded; None if names mean other things.

        Parameters
        ----------
        definitions : mapping
            What each named gate stands for, of a model with the same elements.
        """
        if list(definitions) != list(self.definitions):
            return None
        made = Folder(self.sizes, definitions)
        made.numbers = self.numbers.again()
        mine, theirs = self.numbers.of, made.numbers.of
        if any(mine(self.definitions[x]) != theirs(expr) for x, expr in definitions.items()):
            return None
        made.levels, made.gates, made.order = [*self.levels], [*self.gates], [*self.order]
        made._gate_of, made._level_of = dict(self._gate_of), dict(self._level_of)
        return made

    def gate(self, expr: GateExpr) -> int:
        """Return the index of the gate for an expression, folding it if it is new."""
        known = self._gate_of.get(self.numbers.of(expr))
        if known is not None:
            return known
        # A stack of our own instead of recursion: a long chain would exceed Python's limit.
        stack: list[tuple[GateExpr, Iterator[GateExpr]]] = []
        self._enter(expr, stack)
        while stack:
            node, needs = stack[-1]
            child = next(needs, None)
            if child is None:
                stack.pop()
                self._gate_of[self.numbers.of(node)] = self._fold(node)
            else:
                self._enter(child, stack)
        return self._index(expr)

    def level(self, expr: LevelExpr) -> int:
        """Return the index of the level for an expression."""
        for gate, _ in expr.gates:
            if _apart(gate):
                self.gate(gate)
        return self._level(self._sum(expr), expr)

    def _index(self, expr: GateExpr) -> int:
        return self._gate_of[self.numbers.of(expr)]

    def _enter(self, expr: GateExpr, stack: list[tuple[GateExpr, Iterator[GateExpr]]]) -> None:
        """Put an expression on the stack unless it is known or, by name, being folded already."""
        number = self.numbers.of(expr)
        if isinstance(expr, Forward) and expr.name in self._open:
            chain = " -> ".join([*self._open[self._open.index(expr.name) :], expr.name])
            self.problems.append(f"gates depend on one another in a circle: {chain}")
            self._gate_of[number] = self._dummy()
        elif number not in self._gate_of:
            if isinstance(expr, Forward):
                self._open.append(expr.name)
            stack.append((expr, self._needs(expr)))

    def _needs(self, expr: GateExpr) -> Iterator[GateExpr]:
        """Yield the expressions that need gates of their own before this one is folded."""
        if isinstance(expr, Forward):
            if expr.name not in self.definitions:
                return
            expr = self.definitions[expr.name]
            if isinstance(expr, Forward | Connected):
                yield expr
                return
        if isinstance(expr, Connected):
            yield from children(expr)
            return
        while isinstance(expr, Not):
            expr = expr.of
        if isinstance(expr, Forward | Connected):
            yield expr
        else:
            yield from filter(_apart, children(expr))

    def _fold(self, expr: GateExpr) -> int:
        """Return the index of a new gate; what it needs is known."""
        if isinstance(expr, Forward):
            return self._forward(expr.name)
        if isinstance(expr, Connected):
            return self._connected(expr)
        weighted, k = self._threshold(expr)
        return self._add_gate(self._level(weighted, NOTHING), k, None, expr)

    def _forward(self, name: str) -> int:
        if name not in self.definitions:
            self._open.pop()
            self.problems.append(f"gate {name!r} is used but never defined")
            return self._dummy()
        definition = self.definitions[name]
        if isinstance(definition, Forward | Connected):
            weighted: Weighted = (0, {}, {self._index(definition): 1})
            k = 1
        else:
            weighted, k = self._threshold(definition)
        index = self._add_gate(self._level(weighted, NOTHING), k, name, definition)
        self._open.pop()
        return index

    def _dummy(self) -> int:
        return self._add_gate(self._level((1, {}, {}), NOTHING), 1, None, AtLeast(0, ()))

    def _add_gate(self, level: int, k: int, name: str | None, expr: GateExpr) -> int:
        index = len(self.gates)
        if k not in INT32:
            self.problems.append(f"{self._who()}: threshold {k} is no 32-bit integer (R5)")
        self.gates.append(Gate(name or f"gate-{index}", level, k, None, expr))
        self.order.append(("G", index))
        return index

    def _connected(self, expr: Connected) -> int:
        vertices = tuple(NONE if gate is None else self._index(gate) for gate in expr.vertices)
        edges = tuple(
            (start, end, directed, NONE if gate is None else self._index(gate))
            for start, end, directed, gate in expr.edges
        )
        index = len(self.gates)
        connection = Connection(vertices, edges, expr.sources, expr.targets)
        self.gates.append(Gate(f"gate-{index}", NONE, 0, connection, expr))
        self.order.append(("G", index))
        return index

    def _threshold(self, expr: GateExpr) -> tuple[Weighted, int]:
        """Return the sum and the threshold at which the expression is true."""
        negated = False
        while isinstance(expr, Not):
            expr, negated = expr.of, not negated
        (constant, elements, gates), k = self._positive(expr)
        if not negated:
            return (constant, elements, gates), k
        flipped = {e: [-w for w in weights] for e, weights in elements.items()}
        return (-constant, flipped, {g: -w for g, w in gates.items()}), 1 - k

    def _positive(self, expr: GateExpr) -> tuple[Weighted, int]:
        if isinstance(expr, In):
            row = [int(state in expr.states) for state in range(self.sizes[expr.element])]
            return (0, {expr.element: row}, {}), 1
        if isinstance(expr, AtLeast):
            total: Weighted = (0, {}, {})
            for child in expr.of:
                self._add_child(total, child, 1)
            return total, expr.k
        if isinstance(expr, Compare):
            return self._sum(expr.level), expr.k
        return (0, {}, {self._index(expr): 1}), 1

    def _add_child(self, total: Weighted, child: GateExpr, weight: int) -> None:
        _, elements, gates = total
        inner = child.of if isinstance(child, Not) else child
        if isinstance(inner, In):
            row = elements.get(inner.element)
            if row is None:
                row = elements[inner.element] = [0] * self.sizes[inner.element]
            if inner is child:
                for state in inner.states:
                    row[state] += weight
            else:
                for state in range(len(row)):
                    if state not in inner.states:
                        row[state] += weight
        else:
            index = self._index(child)
            gates[index] = gates.get(index, 0) + weight

    def _sum(self, expr: LevelExpr) -> Weighted:
        total: Weighted = (expr.constant, {}, {})
        for part in expr.elements:
            row = total[1].setdefault(part.element, [0] * self.sizes[part.element])
            for state, weight in enumerate(part.weights):
                row[state] += weight
        for gate, weight in expr.gates:
            self._add_child(total, gate, weight)
        return total

    def _level(self, weighted: Weighted, expr: LevelExpr) -> int:
        constant, elements, gates = weighted
        rows = tuple([(e, tuple(row)) for e, row in sorted(elements.items()) if any(row)])
        terms = tuple([(g, w) for g, w in sorted(gates.items()) if w])
        key = (constant, rows, terms)
        known = self._level_of.get(key)
        if known is None or (
            expr is not NOTHING and expr != NOTHING and self.levels[known].expr == NOTHING
        ):
            low = constant + sum([min(row) for _, row in rows]) + sum([min(0, w) for _, w in terms])
            high = constant + sum([max(row) for _, row in rows])
            high += sum([max(0, w) for _, w in terms])
            weights = [low, high, constant, *[w for _, w in terms]]
            for _, row in rows:
                weights += row
            if min(weights) not in INT32 or max(weights) not in INT32:
                self.problems.append(
                    f"{self._who()}: a level ranges over {low}..{high}; it and its weights must be "
                    "32-bit integers (R5)"
                )
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

    def _who(self) -> str:
        return f"gate {self._open[-1]!r}" if self._open else self.owner


def _apart(expr: GateExpr) -> bool:
    """Return whether a term of a sum is a gate of its own rather than weights of an element."""
    return not isinstance(expr.of if isinstance(expr, Not) else expr, In)
