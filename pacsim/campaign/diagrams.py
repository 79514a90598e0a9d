"""Binary decision diagrams of failures: exact for trees and networks with shared boxes.

Variables are boxes that are broken or not; a diagram is a number, 0 for "never", 1 for "always".
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NEVER, ALWAYS = 0, 1


class Diagrams:
    """A shared store of reduced ordered diagrams (Bryant 1986).

    Examples
    --------
    >>> d = Diagrams(["a", "b"])
    >>> round(d.probability(d.both(d.box("a"), d.box("b")), {"a": 1e-9, "b": 1e-9}), 25)
    1e-18
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self.order = {name: k for k, name in enumerate(self.names)}
        self.nodes: list[tuple[int, int, int]] = [(len(self.names), 0, 0), (len(self.names), 1, 1)]
        self.unique: dict[tuple[int, int, int], int] = {}
        self.done: dict[tuple[bool, int, int], int] = {}

    def box(self, name: str) -> int:
        """Return the diagram "this box is broken"; never for a name that is no box."""
        return self._node(self.order[name], NEVER, ALWAYS) if name in self.order else NEVER

    def _node(self, var: int, low: int, high: int) -> int:
        if low == high:
            return low
        key = (var, low, high)
        known = self.unique.get(key)
        if known is None:
            known = self.unique[key] = len(self.nodes)
            self.nodes.append(key)
        return known

    def both(self, a: int, b: int) -> int:
        """Return "a and b"."""
        return self._apply(a, b, True)

    def either(self, a: int, b: int) -> int:
        """Return "a or b"."""
        return self._apply(a, b, False)

    def _apply(self, a: int, b: int, conjunction: bool) -> int:
        if a > b:
            a, b = b, a
        if a == b:
            return a
        if a == NEVER:
            return NEVER if conjunction else b
        if a == ALWAYS:
            return b if conjunction else ALWAYS
        key = (conjunction, a, b)
        known = self.done.get(key)
        if known is None:
            var, a0, a1 = self.nodes[a]
            other, b0, b1 = self.nodes[b]
            if var < other:
                b0 = b1 = b
            elif other < var:
                var, a0, a1 = other, a, a
            low = self._apply(a0, b0, conjunction)
            high = self._apply(a1, b1, conjunction)
            known = self.done[key] = self._node(var, low, high)
        return known

    def any(self, diagrams: Iterable[int]) -> int:
        """Return "at least one of them"."""
        return reduce(self.either, diagrams, NEVER)

    def all(self, diagrams: Iterable[int]) -> int:
        """Return "all of them"."""
        return reduce(self.both, diagrams, ALWAYS)

    def at_least(self, k: int, diagrams: Iterable[int]) -> int:
        """Return "k or more of them"."""
        counts = [ALWAYS] + [NEVER] * max(0, k)
        for one in diagrams:
            for j in range(k, 0, -1):
                counts[j] = self.either(counts[j], self.both(counts[j - 1], one))
        return counts[max(0, k)]

    def probability(self, diagram: int, q: Mapping[str, float]) -> float:
        """Return its probability for independent boxes; only products of q and 1 - q are added."""
        known = {NEVER: 0.0, ALWAYS: 1.0}
        for node in sorted(self._below(diagram)):
            var, low, high = self.nodes[node]
            p = q[self.names[var]]
            known[node] = p * known[high] + (1.0 - p) * known[low]
        return known[diagram]

    def _below(self, diagram: int) -> set[int]:
        found: set[int] = set()
        todo = [diagram]
        while todo:
            node = todo.pop()
            if node > ALWAYS and node not in found:
                found.add(node)
                todo.extend(self.nodes[node][1:])
        return found
