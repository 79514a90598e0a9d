"""Gate and level expressions as they are written, before folding (R5-R7).

These trees are what a person composed with ``==``, ``&``, ``|``, ``~``, ``count`` and ``>=``. The
reference engine evaluates them as they stand; `pacsim.core.fold` turns them into the few integer
sums that the other engines keep up to date. Elements are named by index.
"""

from __future__ import annotations

from dataclasses import dataclass


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
