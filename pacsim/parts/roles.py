"""Roles: what the hospital does with the archive, as a condition over parts, groups and paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.network import path

if TYPE_CHECKING:
    from pacsim.core.written import Condition
    from pacsim.parts.site import Site
    from pacsim.parts.values import Needs, Part


def build_role(site: Site, role: Part) -> None:
    """Watch a role: up while its needs are met and each site it is used from reaches them."""
    needs = role["needs"]
    up = _met(site, needs)
    reached = [
        reaches(site, place, name)
        for place in role.names("used_from")
        for name in needs.names()
        if name in site.groups or site.parts[name].type == "server"
    ]
    site.m.gate(f"role.{role.name}", site.m.all([up, *reached]))
    site.m.role(f"role:{role.name}", site.m.forward(f"role.{role.name}"))


def _met(site: Site, needs: Needs) -> Condition:
    children = [
        site.ok(child) if isinstance(child, str) else _met(site, child) for child in needs.of
    ]
    return site.m.at_least(needs.k, children)


def reaches(site: Site, place: str, name: str) -> Condition:
    """Return the condition that a client site has a path to a server or to the active member."""
    if name not in site.groups:
        return path(site, place, name)
    members = site.groups[name].names("members")
    return site.m.any(site.m.forward(f"{name}.active.{x}") & path(site, place, x) for x in members)
