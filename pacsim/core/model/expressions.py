"""Gate and level expressions as they are written, before folding (R5-R7).

These trees are what a person composed with ``==``, ``&``, ``|``, ``~``, ``count`` and ``>=``. The
reference engine evaluates them as they stand; folding turns them into the few integer sums that
the other engines keep up to date. Elements are named by index.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class In:
    """True while the element is in one of the states."""

    element: int
    states: frozenset[int]


@dataclass(frozen=True, slots=True)
class Not:
    """True while the operand is false."""

    of: GateExpr


@dataclass(frozen=True, slots=True)
class AtLeast:
    """True while at least ``k`` of the operands are true (all: k = n, any: k = 1)."""

    k: int
    of: tuple[GateExpr, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """True while the level is ``k`` or more."""

    level: LevelExpr
    k: int


@dataclass(frozen=True, slots=True)
class Forward:
    """A gate that is named before it is defined; looked up in the model's table of definitions."""

    name: str


@dataclass(frozen=True, slots=True)
class Connected:
    """True iff a path over alive vertices and edges joins a source to a target (R7).

    ``vertices`` and ``edges`` carry an optional gate each (None: always alive); an edge is
    ``(from, to, directed, gate)`` with vertex indices.
    """

    vertices: tuple[GateExpr | None, ...]
    edges: tuple[tuple[int, int, bool, GateExpr | None], ...]
    sources: tuple[int, ...]
    targets: tuple[int, ...]


GateExpr = In | Not | AtLeast | Compare | Forward | Connected


@dataclass(frozen=True, slots=True)
class Weights:
    """The integer that an element adds to a level in each of its states."""

    element: int
    weights: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LevelExpr:
    """``constant + sum of w(e, state(e)) + sum of w(g)[g true]``."""

    constant: int = 0
    elements: tuple[Weights, ...] = ()
    gates: tuple[tuple[GateExpr, int], ...] = ()


def children(expr: GateExpr) -> Iterator[GateExpr]:
    """Yield the operands of an expression in the order in which they are written."""
    match expr:
        case Not(of):
            yield of
        case AtLeast(_, of):
            yield from of
        case Compare(level, _):
            yield from (gate for gate, _ in level.gates)
        case Connected(vertices, edges):
            yield from (gate for gate in vertices if gate is not None)
            yield from (gate for *_, gate in edges if gate is not None)
        case _:
            return


def elements_in(expr: GateExpr) -> list[int]:
    """Return the indices of the elements that an expression reads, sorted."""
    elements: set[int] = set()
    seen: set[int] = set()
    todo = [expr]
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, In):
            elements.add(node.element)
        elif isinstance(node, Compare):
            elements.update(part.element for part in node.level.elements)
        todo.extend(children(node))
    return sorted(elements)


def first_true(exprs: tuple[GateExpr, ...]) -> LevelExpr:
    """Return the position of the first true expression, their number if none is true."""
    # One for every leading stretch in which none is true, so the range is 0..n exactly.
    prefixes = (exprs[: k + 1] for k in range(len(exprs)))
    none = (Not(AtLeast(1, prefix) if len(prefix) > 1 else prefix[0]) for prefix in prefixes)
    return LevelExpr(0, (), tuple((gate, 1) for gate in none))


class Numbering:
    """Gives equal expressions one number.

    An expression is looked at once however often it is shared, and never by recursion: hashing the
    trees themselves takes twice as long with each level of sharing and fails on long chains.
    """

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        # The expression is kept beside its number, so that its id is not given away again.
        self._seen: dict[int, tuple[GateExpr, int]] = {}

    def again(self) -> Numbering:
        """Return one that gives what has a number here the same number."""
        made = Numbering()
        made._numbers = dict(self._numbers)
        return made

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Let go, at the end, of the expressions looked at meanwhile, though not of their numbers.

        Whoever reads the same conditions again and again, written anew each time, keeps none.
        """
        kept = len(self._seen)
        try:
            yield
        finally:
            while len(self._seen) > kept:
                self._seen.popitem()

    def of(self, expr: GateExpr) -> int:
        """Return the number of an expression."""
        seen = self._seen
        found = seen.get(id(expr))
        if found is not None:
            return found[1]
        todo = [expr]
        while todo:
            node = todo[-1]
            if id(node) in seen:
                todo.pop()
                continue
            below = operands(node)
            waiting = [child for child in below if id(child) not in seen]
            if waiting:
                todo.extend(waiting)
                continue
            key = _key(node, tuple([seen[id(child)][1] for child in below]))
            seen[id(node)] = (node, self._numbers.setdefault(key, len(self._numbers)))
            todo.pop()
        return seen[id(expr)][1]


def operands(expr: GateExpr) -> Sequence[GateExpr]:
    """Return what `children` yields."""
    match expr:
        case AtLeast():
            return expr.of
        case In() | Forward():
            return ()
        case Not():
            return (expr.of,)
        case _:
            return tuple(children(expr))


def _key(node: GateExpr, below: tuple[int, ...]) -> object:
    """Return what tells a node from others, with numbers in place of its operands."""
    match node:
        case In() | Forward():
            return node
        case Not():
            return "not", below
        case AtLeast():
            return "at least", node.k, below
        case Compare(level, k):
            weights = tuple(weight for _, weight in level.gates)
            return "compare", k, level.constant, level.elements, below, weights
        case Connected(vertices, edges, sources, targets):
            shape = tuple(gate is None for gate in vertices)
            lines = tuple((*edge[:3], edge[3] is None) for edge in edges)
            return "connected", below, shape, lines, sources, targets
