"""Roles: what the hospital does with the archive, as a condition over parts, groups and paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.build_context import hooks
from pacsim.parts.network import path
from pacsim.parts.traits import REACHED
from pacsim.parts.watch_handles import RoleWatch

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Needs, Part


def build_role(context: BuildContext, role: Part) -> None:
    """Watch a role: up while its needs are met and each site it is used from reaches them."""
    # A role used from several sites is down when any of them cannot use it.
    places = role.names("used_from") or ("",)
    usable = [_met(context, role["needs"], place) for place in places]
    context.m.gate(f"role.{role.name}", context.m.all(usable))
    observed = f"role:{role.name}"
    context.m.role(observed, context.m.forward(f"role.{role.name}"))
    context.watch(RoleWatch(role.name, observed))


def _met(context: BuildContext, needs: Needs, place: str) -> Condition:
    children = [
        _usable(context, child, place) if isinstance(child, str) else _met(context, child, place)
        for child in needs.of
    ]
    return context.m.at_least(needs.k, children)


def _usable(context: BuildContext, name: str, place: str) -> Condition:
    """Return the condition that a part or group does its job and can be reached from a place."""
    conditions = [context.ok(name)]
    part = context.parts[name] if name in context.parts else context.groups[name]
    if place and part.has(REACHED):
        conditions.append(reaches(context, place, name))
    if "stored_on" in part:
        conditions.append(context.ok(str(part["stored_on"])))
    return context.m.all(conditions)


def reaches(context: BuildContext, place: str, name: str) -> Condition:
    """Return the condition that a client site has a path to a server or to a member that serves."""
    if name not in context.groups:
        return path(context, place, name)
    group = context.groups[name]
    active = hooks(group).active
    return context.m.any(
        (context.ok(x) if active is None else active(context.m, group, x)) & path(context, place, x)
        for x in group.names("members")
    )
