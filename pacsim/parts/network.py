"""Paths: which ends reach each other over parts that pass traffic on, and what a path carries.

Switches, links, bonds, firewalls and lines of providers pass traffic on; all else is an end. A path
carries as much as the narrowest part on it, and partly failed paths do not add up, since an
association takes one of them. What does add up are the links of a bond.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from pacsim.parts.build_context import hooks
from pacsim.parts.traits import AGGREGATES, FORWARDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.core.writing.conditions import Condition
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part

SAME = 1e-9
"""Share by which 0.4 Gbit/s and 400 Mbit/s may differ as numbers and be taken for equal."""


def ends_of(groups: Mapping[str, Part], name: str) -> tuple[str, ...]:
    """Return what a cable to a name leads to: a part itself, each member of a group."""
    return groups[name].names("members") if name in groups else (name,)


def cables(parts: Mapping[str, Part], groups: Mapping[str, Part]) -> list[tuple[str, str]]:
    """Return every cable as a pair of parts, in the order of the design.

    A cable to a group is one to each member.
    """
    written = [(name, other) for name, part in parts.items() for other in part.names("network")]
    for name, part in parts.items():
        written += [(name, end) for end in part.names("between")]
    # A member that is cabled to its own group is cabled to the others.
    return [(name, x) for name, other in written for x in ends_of(groups, other) if x != name]


def most(part: Part) -> float:
    """Return the most that a part carries with everything up, in bytes/s; infinite if unlimited.

    Examples
    --------
    >>> from pacsim.parts.values import Part
    >>> most(Part("core", "switch", {"capacity": 1.25e8})), most(Part("edge", "switch"))
    (125000000.0, inf)
    """
    one = part.values.get("capacity")
    if one is None:
        return inf
    return float(one) * (part.number("links") if part.has(AGGREGATES) else 1.0)


def enough(capacity: float, carrying: float) -> bool:
    """Return whether a capacity is at least what is to be carried, both in bytes/s.

    Examples
    --------
    >>> enough(0.7 * 1.25e8, 700 * 1.25e5), enough(1.0, 1.001)
    (True, False)
    """
    return capacity >= carrying * (1.0 - SAME)


def lines_needed(part: Part, carrying: float) -> int:
    """Return how many lines of a part must be up to carry so much; more than it has if all fail.

    Examples
    --------
    >>> from pacsim.parts.values import Part
    >>> trunk = Part("trunk", "bond", {"capacity": 1.25e8, "links": 4})
    >>> [lines_needed(trunk, x * 1.25e8) for x in (0.4, 1.0, 1.1, 9.0)]
    [1, 1, 2, 5]
    """
    one, lines = part.values.get("capacity"), int(part["links"])
    if one is None:
        return 1
    return next((k for k in range(1, lines + 1) if enough(k * one, carrying)), lines + 1)


def path(
    context: BuildContext, start: str, end: str, *, carrying: float | None = None
) -> Condition:
    """Return the condition that a live path joins two ends; always if one is attached directly.

    A group as an end stands for its members: a path to one of them is one to it.

    Parameters
    ----------
    context : BuildContext
        Of the model.
    start, end : str
        Parts or groups, which need not be up themselves unless they pass traffic on.
    carrying : float, optional
        Only over parts that carry at least so much, in bytes/s; any path if not given. A part
        without ``capacity`` carries everything, a bond its capacity times the links that are up.

    Returns
    -------
    Condition
        For guards, gates and observations (R7).
    """
    asked = start, end, carrying
    if asked not in context.paths:
        context.paths[asked] = _path(context, start, end, carrying)
    return context.paths[asked]


def _path(context: BuildContext, start: str, end: str, carrying: float | None) -> Condition:
    m, parts = context.m, context.parts
    starts, goals = (ends_of(context.groups, name) for name in (start, end))
    ends = {*starts, *goals}
    every = cables(parts, context.groups)
    if not ends <= {x for cable in every for x in cable}:
        return m.always()
    # Who is cabled to other ends only is not attached directly: nobody reaches it.
    edges = [(a, b) for a, b in every if all(x in ends or parts[x].has(FORWARDS) for x in (a, b))]
    touched = {x for edge in edges for x in edge}
    carriers = [x for x, part in parts.items() if part.has(FORWARDS) and x in touched]
    if carrying is not None:
        narrow = {x for x in carriers if not enough(most(parts[x]), carrying)}
        if narrow & ends:
            return ~m.always()
        carriers = [x for x in carriers if x not in narrow]
        edges = [edge for edge in edges if not narrow & set(edge)]
    vertices: dict[str, Condition | None] = dict.fromkeys((*starts, *goals))
    vertices.update({name: _carries(context, parts[name], carrying) for name in carriers})
    return m.connected(vertices, edges, starts, goals)


def storage_path(context: BuildContext, server: str, store: str) -> Condition:
    """Return the condition that a server has a path to a store, of a group to one that serves."""
    group = context.groups.get(store)
    serves = hooks(group).serves if group is not None else None
    if group is None or serves is None:
        return path(context, server, store)
    return context.m.any(
        serves(context.m, group, x) & path(context, server, x) for x in group.names("members")
    )


def _carries(context: BuildContext, part: Part, carrying: float | None) -> Condition:
    """Return the condition that a part which is wide enough passes so much on."""
    if carrying is None or not part.has(AGGREGATES):
        return context.m.forward(f"{part.name}.forwards")
    return context.m.forward(f"{part.name}.up.{lines_needed(part, carrying)}")
