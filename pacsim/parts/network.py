"""Paths: which ends reach each other over switches and links that pass traffic on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.traits import FORWARDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.core.writing.conditions import Condition
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part


def cables(parts: Mapping[str, Part]) -> list[tuple[str, str]]:
    """Return every cable as a pair of parts, in the order of the design."""
    pairs = [(name, other) for name, part in parts.items() for other in part.names("network")]
    for name, part in parts.items():
        pairs += [(name, end) for end in part.names("between")]
    return pairs


def path(
    context: BuildContext, start: str, end: str, *, carrying: float | None = None
) -> Condition:
    """Return the condition that a live path joins two ends; always if one is attached directly."""
    del carrying  # Nothing states a capacity yet.
    edges = [
        (a, b)
        for a, b in cables(context.parts)
        if all(x in {start, end} or context.parts[x].has(FORWARDS) for x in (a, b))
    ]
    touched = {x for edge in edges for x in edge}
    if start not in touched or end not in touched:
        return context.m.always()
    carriers = [x for x, part in context.parts.items() if part.has(FORWARDS) and x in touched]
    vertices: dict[str, Condition | None] = {start: None, end: None}
    vertices.update({name: context.m.forward(f"{name}.forwards") for name in carriers})
    return context.m.connected(vertices, edges, [start], [end])
