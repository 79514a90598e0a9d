"""Roles: what the hospital does with the archive, as a condition over parts, groups and paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.balancers import legs
from pacsim.parts.build_context import hooks
from pacsim.parts.network import path
from pacsim.parts.traits import FILLS_AGAIN, REACHED, SERVES_IN_PART
from pacsim.parts.watch_handles import DegradedWatch, RoleWatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.core.writing.conditions import Condition
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Needs, Part

    Gate = Callable[[Part], Condition]


def build_role(context: BuildContext, role: Part) -> None:
    """Watch a role: up while its needs are met and each site it is used from reaches them.

    What it writes needs room and contents that can be written to; what it reads may be coming back
    still, and is degraded as long as not all of it is there. A role does both unless it says.
    """
    # A role used from several sites is down when any of them cannot use it.
    places = role.names("used_from") or ("",)

    def met(gate: Gate) -> Condition:
        needs = role["needs"]
        return context.m.all([_met(context, needs, place, gate) for place in places])

    does = role.names("does") or ("write", "read")
    stored = "writable" if "write" in does else "readable"
    if stored == "writable" and _all_of(role["needs"]):
        # The same condition as of a role that reads, which is then computed once for both.
        there = met(lambda part: _up(context, part, "readable"))
        needed = [context.parts[x] for x in role["needs"].names() if x in context.parts]
        room = [context.m.forward(f"{x.name}.room") for x in needed if x.has(FILLS_AGAIN)]
        usable = context.m.gate(f"role.{role.name}.there", there)
        context.m.gate(f"role.{role.name}", context.m.all([usable, *room]))
    else:
        context.m.gate(f"role.{role.name}", met(lambda part: _up(context, part, stored)))
    observed, up = f"role:{role.name}", context.m.forward(f"role.{role.name}")
    reads = "read" in does
    whole = "ok" if reads else stored

    def partly(name: str) -> bool:
        # Only what has a copy comes back bit by bit; without one it is back at once, and empty.
        part = context.parts.get(name) or context.groups[name]
        comes_back = part.has(FILLS_AGAIN) and name in context.copies
        in_part = part.has(SERVES_IN_PART) and hooks(part).in_part(part)
        return in_part or (reads and comes_back)

    if any(map(partly, role["needs"].names())):
        full = [
            _whole(context, role["needs"], place, partly, lambda part: _full(context, part, whole))
            for place in places
        ]
        context.m.role(observed, up, context.m.all(full))
        context.watch(DegradedWatch(role.name, f"{observed}.degraded"))
    else:
        context.m.role(observed, up)
    context.watch(RoleWatch(role.name, observed))


def _all_of(needs: Needs) -> bool:
    """Return whether everything that is named is needed."""
    inner = [child for child in needs.of if not isinstance(child, str)]
    return needs.k == len(needs.of) and all(map(_all_of, inner))


def _whole(
    context: BuildContext, needs: Needs, place: str, partly: Callable[[str], bool], gate: Gate
) -> Condition:
    """Return the condition that nothing of what is needed is missing while the role is up.

    Where all is needed, what cannot be in part is there while the role is up, so it is not asked
    again: that would cost as much at each event as the role itself.
    """
    if needs.k < len(needs.of):
        return _met(context, needs, place, gate)
    asked = []
    for child in needs.of:
        if not isinstance(child, str):
            asked.append(_whole(context, child, place, partly, gate))
        elif partly(child):
            asked.append(gate(context.parts.get(child) or context.groups[child]))
    return context.m.all(asked)


def _up(context: BuildContext, part: Part, stored: str) -> Condition:
    """Return the condition that a part or group can be used, an array as ``.stored``."""
    return context.m.forward(f"{part.name}.{stored if part.has(FILLS_AGAIN) else 'ok'}")


def _full(context: BuildContext, part: Part, stored: str) -> Condition:
    """Return the condition that nothing of it is missing."""
    if part.has(SERVES_IN_PART):
        return context.m.forward(f"{part.name}.full")
    return _up(context, part, stored)


def _met(context: BuildContext, needs: Needs, place: str, gate: Gate) -> Condition:
    children = [
        _usable(context, child, place, gate)
        if isinstance(child, str)
        else _met(context, child, place, gate)
        for child in needs.of
    ]
    return context.m.at_least(needs.k, children)


def _usable(context: BuildContext, name: str, place: str, gate: Gate) -> Condition:
    """Return the condition that a part or group does its job and can be reached from a place."""
    part = context.parts[name] if name in context.parts else context.groups[name]
    conditions = [gate(part)]
    if place and part.has(REACHED):
        conditions.append(reaches(context, place, name))
    if "stored_on" in part:
        # What a database keeps comes back first of all.
        conditions.append(_up(context, context.parts[str(part["stored_on"])], "readable"))
    return context.m.all(conditions)


def reaches(context: BuildContext, place: str, name: str) -> Condition:
    """Return the condition that a client site has a path to a server or to a member that serves."""
    if name not in context.groups:
        return path(context, place, name)
    group = context.groups[name]
    active, behind = hooks(group).active, group.names("behind")
    return context.m.any(
        (context.ok(x) if active is None else active(context.m, group, x))
        & (legs(context, place, behind, x) if behind else path(context, place, x))
        for x in group.names("members")
    )
