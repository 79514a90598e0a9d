"""Roles: what the hospital does with the archive, as a condition over parts, groups and paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.handles import RoleWatch
from pacsim.parts.network import path

if TYPE_CHECKING:
    from pacsim.core.conditions import Condition
    from pacsim.parts.site import Site
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
    if place and (name in site.groups or site.parts[name].type == "server"):
        conditions.append(reaches(site, place, name))
    part = site.parts.get(name)
    if part is not None and part.type == "database" and "stored_on" in part:
        conditions.append(site.ok(str(part["stored_on"])))
    return site.m.all(conditions)


def reaches(site: Site, place: str, name: str) -> Condition:
    """Return the condition that a client site has a path to a server or to the active member."""
    if name not in site.groups:
        return path(site, place, name)
    members = site.groups[name].names("members")
    return site.m.any(site.m.forward(f"{name}.active.{x}") & path(site, place, x) for x in members)
