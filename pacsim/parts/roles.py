"""Roles: what the hospital does with the archive, as a condition over parts, groups and paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.balancers import legs
from pacsim.parts.build_context import hooks
from pacsim.parts.network import path
from pacsim.parts.role_places import watch_places
from pacsim.parts.traits import FILLS_AGAIN, REACHED, RUNS_ON, SERVES_IN_PART
from pacsim.parts.values import Needs, Reach
from pacsim.parts.watch_handles import DegradedWatch, RolePlaces, RoleWatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.core.writing.conditions import Condition
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part

    Gate = Callable[[Part], Condition]


def build_role(context: BuildContext, role: Part) -> None:
    """Add gate ``role.<name>`` and its observation; with several places also those at each.

    What it writes needs room and contents that can be written to; what it reads may be coming back
    still, and is degraded as long as not all of it is there. A role does both unless it says.
    Used from several places it is down when any of them cannot use it, or all of them if it says
    so, and in full when it is at each.
    """
    m, needs = context.m, role["needs"]
    places = role.names("used_from") or ("",)
    anywhere = role.values.get("down_when") == "all" and len(places) > 1
    together = m.any if anywhere else m.all
    does = role.names("does") or ("write", "read")
    stored = "writable" if "write" in does else "readable"
    rooms: list[Condition] = []
    if stored == "writable" and _all_of(needs):
        # The same condition as of a role that reads, which is then computed once for both.
        there = {p: _met(context, needs, p, lambda x: _up(context, x, "readable")) for p in places}
        needed = [context.named(x) for x in needs.names()]
        rooms = [m.forward(f"{x.name}.room") for x in needed if x.has(FILLS_AGAIN)]
        usable = m.gate(f"role.{role.name}.there", together(list(there.values())))
        m.gate(f"role.{role.name}", m.all([usable, *rooms]))
    else:
        there = {p: _met(context, needs, p, lambda x: _up(context, x, stored)) for p in places}
        m.gate(f"role.{role.name}", together(list(there.values())))
    observed, up = f"role:{role.name}", m.forward(f"role.{role.name}")
    at = {places[0]: up}
    if len(places) > 1:
        gates = {p: f"role.{role.name}.at.{p}" for p in places}
        at = {p: m.gate(gates[p], m.all([there[p], *rooms])) for p in places}
    whole = _whole_at(context, role, places, "ok" if "read" in does else stored)
    if anywhere:
        # It may be up while a place is down, so that has to be asked again.
        m.role(observed, up, m.all(at[p] & whole[p] if whole else at[p] for p in places))
    elif whole:
        m.role(observed, up, m.all(whole.values()))
    else:
        m.role(observed, up)
    if anywhere or whole:
        context.watch(DegradedWatch(role.name, f"{observed}.degraded"))
    context.watch(RoleWatch(role.name, observed))
    context.watch(RolePlaces(role.name, watch_places(context, role, at, whole)))


def _whole_at(
    context: BuildContext, role: Part, places: tuple[str, ...], stored: str
) -> dict[str, Condition]:
    """Return, by place, that nothing is missing while the role is up there; empty if nothing can.

    The same tree holds for what is needed in full, the role's own tree ``full`` if it has one, and
    a path carries the peak of the place if that has one.
    """
    needs, more = role["needs"], role.values.get("full")
    # Where nothing states what it carries, everything carries a peak.
    narrow = any("capacity" in one for one in context.parts.values())
    peaks = {p: context.parts[p].values.get("peak") if p and narrow else None for p in places}

    def partly(name: str) -> bool:
        # Only what has a copy comes back bit by bit; without one it is back at once, and empty.
        part = context.parts.get(name) or context.groups[name]
        comes_back = part.has(FILLS_AGAIN) and name in context.copies
        in_part = part.has(SERVES_IN_PART) and hooks(part).in_part(part)
        return in_part or (stored == "ok" and comes_back)

    def gate(part: Part) -> Condition:
        return _full(context, part, stored)

    if not more and not any(peaks.values()) and not any(map(partly, needs.names())):
        return {}
    whole = {}
    for place in places:
        peak = peaks[place]
        asked = [_whole(context, needs, place, partly, gate, peak)]
        if more is not None:
            asked.append(_met(context, more, place, gate, peak))
        whole[place] = asked[0] if more is None else context.m.all(asked)
    return whole


def _all_of(needs: Needs) -> bool:
    """Return whether everything that is named is needed."""
    inner = [child for child in needs.of if isinstance(child, Needs)]
    return needs.k == len(needs.of) and all(map(_all_of, inner))


def _whole(
    context: BuildContext,
    needs: Needs,
    place: str,
    partly: Callable[[str], bool],
    gate: Gate,
    peak: float | None,
) -> Condition:
    """Return the condition that nothing of what is needed is missing while the role is up.

    Where all is needed, what cannot be in part is there while the role is up, so it is not asked
    again: that would cost as much at each event as the role itself.
    """
    if needs.k < len(needs.of):
        return _met(context, needs, place, gate, peak)
    asked = []
    for child in needs.of:
        if isinstance(child, Needs):
            asked.append(_whole(context, child, place, partly, gate, peak))
            continue
        name = child.goal if isinstance(child, Reach) else child
        part = context.parts.get(name) or context.groups[name]
        if partly(name):
            asked.append(gate(part))
        if peak and isinstance(child, str) and part.has(REACHED):
            asked.append(reaches(context, place, child, carrying=peak))
    return context.m.all(asked)


def _up(context: BuildContext, part: Part, stored: str) -> Condition:
    """Return the condition that a part or group can be used, an array as ``.stored``."""
    return context.m.forward(f"{part.name}.{stored if part.has(FILLS_AGAIN) else 'ok'}")


def _full(context: BuildContext, part: Part, stored: str) -> Condition:
    """Return the condition that nothing of it is missing."""
    if part.has(SERVES_IN_PART):
        return context.m.forward(f"{part.name}.full")
    return _up(context, part, stored)


def _met(
    context: BuildContext, needs: Needs, place: str, gate: Gate, peak: float | None = None
) -> Condition:
    children = []
    for child in needs.of:
        match child:
            case str():
                children.append(_usable(context, child, place, gate, peak))
            case Reach():
                children.append(_reached(context, child, gate))
            case Needs():
                children.append(_met(context, child, place, gate, peak))
    return context.m.at_least(needs.k, children)


def _reached(context: BuildContext, reach: Reach, gate: Gate) -> Condition:
    """Return the condition that a part or group does its job and that what serves reaches it."""
    usable = _usable(context, reach.goal, "", gate, None)
    return usable & context.m.any(
        starts & ends & path(context, a, b)
        for a, starts in _serving(context, reach.start)
        for b, ends in _serving(context, reach.goal)
    )


def _serving(context: BuildContext, name: str) -> list[tuple[str, Condition]]:
    """Return a part with the condition that always holds, or members of a group as they serve.

    Of a part it is asked elsewhere whether it can be used. A database has no cable: it is where it
    runs.
    """
    if name not in context.groups:
        part = context.parts[name]
        if part.has(RUNS_ON):
            return _serving(context, str(part["runs_on"]))
        return [(name, context.m.always())]
    group = context.groups[name]
    serves = hooks(group).serves or hooks(group).active
    return [
        (x, context.ok(x) if serves is None else serves(context.m, group, x))
        for x in group.names("members")
    ]


def _usable(
    context: BuildContext, name: str, place: str, gate: Gate, peak: float | None
) -> Condition:
    """Return the condition that a part or group does its job and can be reached from a place."""
    part = context.parts[name] if name in context.parts else context.groups[name]
    conditions = [gate(part)]
    if place and part.has(REACHED):
        conditions.append(reaches(context, place, name, carrying=peak))
    if "stored_on" in part:
        # What a database keeps comes back first of all.
        conditions.append(_up(context, context.named(str(part["stored_on"])), "readable"))
    return context.m.all(conditions)


def reaches(
    context: BuildContext, place: str, name: str, *, carrying: float | None = None
) -> Condition:
    """Return the condition that a client site has a path to a server or to a member that serves."""
    if name not in context.groups:
        return path(context, place, name, carrying=carrying)
    behind = context.groups[name].names("behind")
    return context.m.any(
        serves
        & (
            legs(context, place, behind, x, carrying=carrying)
            if behind
            else path(context, place, x, carrying=carrying)
        )
        for x, serves in _serving(context, name)
    )
