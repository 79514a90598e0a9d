"""Roles: what the hospital does with the archive, as a condition over parts, groups and paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.groups import hooks
from pacsim.parts.network import path
from pacsim.parts.traits import REACHED
from pacsim.parts.watch_handles import RoleWatch

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.parts.build_context import Site
    from pacsim.parts.values import Needs, Part


def build_role(site: Site, role: Part) -> None:
    """Watch a role: up while its needs are met and each site it is used from reaches them."""
    # A role used from several sites is down when any of them cannot use it.
    places = role.names("used_from") or ("",)
    usable = [_met(site, role["needs"], place) for place in places]
    site.m.gate(f"role.{role.name}", site.m.all(usable))
    observed = f"role:{role.name}"
    site.m.role(observed, site.m.forward(f"role.{role.name}"))
    site.watch(RoleWatch(role.name, observed))


def _met(site: Site, needs: Needs, place: str) -> Condition:
    children = [
        _usable(site, child, place) if isinstance(child, str) else _met(site, child, place)
        for child in needs.of
    ]
    return site.m.at_least(needs.k, children)


def _usable(site: Site, name: str, place: str) -> Condition:
    """Return the condition that a part or group does its job and can be reached from a place."""
    conditions = [site.ok(name)]
    part = site.parts[name] if name in site.parts else site.groups[name]
    if place and part.has(REACHED):
        conditions.append(reaches(site, place, name))
    if "stored_on" in part:
        conditions.append(site.ok(str(part["stored_on"])))
    return site.m.all(conditions)


def reaches(site: Site, place: str, name: str) -> Condition:
    """Return the condition that a client site has a path to a server or to a member that serves."""
    if name not in site.groups:
        return path(site, place, name)
    group = site.groups[name]
    active = hooks(group).active
    return site.m.any(
        (site.ok(x) if active is None else active(site, group, x)) & path(site, place, x)
        for x in group.names("members")
    )
