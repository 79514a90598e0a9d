"""The number a spreadsheet of mean times would give: hardware boxes, independent, exactly.

Boxes: server, power supply per feed, controllers one of n, disks as a set, every switch, firewall,
line and link that can fail, a bond one of n, a cloud service, UPS and PDU in series per feed. A
failover group is one of n, instant and perfect. It leaves out software and databases, hung
services, failovers that fail or take time, votes of a quorum, detection and travel, mains,
generator, transfer switch and battery, common causes, wipes and shelves, operators, planned work
and restores.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.campaign.diagrams import ALWAYS, NEVER, Diagrams
from pacsim.parts.elapsed import contract_of, mean_elapsed, mean_supply
from pacsim.parts.network import cables
from pacsim.parts.slots import declaration
from pacsim.parts.traits import FORWARDS
from pacsim.parts.values import ALL_IN, CONTRACTED, Needs, Part, Reach
from pacsim.units import YEAR

if TYPE_CHECKING:
    from pacsim.design.resolved import Resolved
    from pacsim.parts.hardware import Hardware

HOURS = YEAR / 3600.0


def spreadsheet_down(resolved: Resolved, role: str) -> float:
    """Return the hours a year that a role is down by the spreadsheet's reasoning.

    8 760 h x P(the role's hardware boxes are down), with q = r / (m + r) for mean life m and r the
    mean of ``ttr`` under the contract in force, or of response + ``repair``; evaluated exactly over
    the needs, each box once.

    Parameters
    ----------
    resolved : Resolved
        Of a design.
    role : str
        One of its roles.
    """
    return Spreadsheet(resolved).down(role)


class Spreadsheet:
    """What a spreadsheet says of the roles of a design, all worked out at the first question.

    Threads that ask at once may each work it out; they find the same.

    Parameters
    ----------
    resolved : Resolved
        Of a design.
    """

    def __init__(self, resolved: Resolved) -> None:
        self.resolved = resolved
        self._hours: dict[str, float] | None = None

    def down(self, role: str) -> float:
        """Return the hours a year that a role is down, as `spreadsheet_down` says."""
        hours = self._hours
        if hours is None:
            hours = self._hours = _hours_down(self.resolved)
        return hours[role]


def _hours_down(resolved: Resolved) -> dict[str, float]:
    """Return the hours a year that each role is down, all over the same diagrams."""
    q: dict[str, float] = {}
    shares = BrokenShares(resolved.practices)
    for part in (*resolved.parts.values(), *resolved.groups.values()):
        kind = declaration(part)
        if kind is not None and kind.hardware is not None:
            q.update(kind.hardware.boxes(part, shares))
    logic = BoxFailures(resolved, Diagrams(q))
    hours = {}
    for role, wanted in resolved.roles.items():
        # A place that a role is used from has paths of its own; without one all is at hand.
        places: list[tuple[str, ...]] = [(place,) for place in wanted.names("used_from")] or [()]
        at = [logic.role(wanted["needs"], place) for place in places]
        down = logic.all(at) if wanted.values.get("down_when") == "all" else logic.any(at)
        hours[role] = HOURS * logic.d.probability(down, q)
    return hours


@dataclass(frozen=True, slots=True)
class BrokenShares:
    """Shares of time broken; it is the `pacsim.parts.hardware.Unavailability` that types ask."""

    practices: Part

    def __call__(self, part: Part, life: str, repair: str) -> float:
        """Return r / (m + r) for mean life m and mean time down r."""
        r = self.down(part, repair)
        return r / (part.law(life).mean() + r)

    def down(self, part: Part, repair: str) -> float:
        """Return the mean of a time that covers everything, or of response and work."""
        delay = part.delay(repair)
        contract = contract_of(part, self.practices)
        if delay.covers == ALL_IN:
            return mean_elapsed(delay)
        if delay.covers == CONTRACTED:
            return mean_supply(contract, ordered=delay.ordered) + mean_elapsed(delay)
        if contract is None:
            ordered = self.practices.part("times").law("no_contract")
            return ordered.mean() + mean_elapsed(delay)
        return mean_elapsed(contract.delay("response")) + mean_elapsed(delay)


class BoxFailures:
    """When parts of a design have failed, as diagrams over its boxes.

    It is the `pacsim.parts.hardware.Failures` that types ask.
    """

    def __init__(self, resolved: Resolved, diagrams: Diagrams) -> None:
        self.resolved = resolved
        self.d = diagrams
        self.cables = cables(resolved.parts, resolved.groups)
        self.box, self.either = diagrams.box, diagrams.either
        self.any, self.all, self.at_least = diagrams.any, diagrams.all, diagrams.at_least
        self._failed: dict[tuple[str, tuple[str, ...]], int] = {}
        self._cut: dict[tuple[str, str], int] = {}

    def role(self, needs: Needs, places: tuple[str, ...]) -> int:
        """Return "fewer of the needs than needed are met"."""
        children = [
            self.role(child, places)
            if isinstance(child, Needs)
            else self.beyond(child)
            if isinstance(child, Reach)
            else self.needed(child, places)
            for child in needs.of
        ]
        return self.at_least(len(children) - needs.k + 1, children)

    def beyond(self, reach: Reach) -> int:
        """Return "it has failed, or nothing that serves at the start reaches it"."""

        def ends(name: str) -> tuple[str, ...]:
            group = self.resolved.groups.get(name)
            return group.names("members") if group is not None else (name,)

        lost = self.all(
            self.any([self.needed(a, ()), self.needed(b, ()), self.cut(a, b)])
            for a in ends(reach.start)
            for b in ends(reach.goal)
        )
        return self.either(self.needed(reach.goal, ()), lost)

    def needed(self, name: str, places: tuple[str, ...]) -> int:
        """Return "a part or group has failed, or a place does not reach it"."""
        hardware = self._hardware(name)
        if hardware is None or not hardware.needed:
            return NEVER
        return self._has_failed(name, hardware, places)

    def members(self, name: str) -> tuple[str, ...]:
        """Return the members of a group, or the part itself."""
        group = self.resolved.groups.get(name)
        return group.names("members") if group is not None else (name,)

    def unfed(self, part: Part) -> int:
        """Return "fewer feeds than needed get through"; never without feeds."""
        feeds = part.values.get("power")
        if feeds is None:
            return NEVER
        dead = [
            self.either(self.box(f"{part.name}/psu-{k + 1}"), self._on_the_way(feed))
            for k, feed in enumerate(feeds.of)
        ]
        return self.at_least(len(dead) - feeds.need + 1, dead)

    def cut(self, start: str, end: str) -> int:
        """Return "no path joins them"."""
        # It is the same both ways.
        key = (start, end) if start < end else (end, start)
        known = self._cut.get(key)
        if known is None:
            known = self._cut[key] = self._no_path(start, end)
        return known

    def _no_path(self, start: str, end: str) -> int:
        """Return "no path joins them", by the greatest fixed point over the cables."""
        parts = self.resolved.parts
        near: dict[str, list[str]] = {}
        for a, b in self.cables:
            if all(x in {start, end} or parts[x].has(FORWARDS) for x in (a, b)):
                near.setdefault(a, []).append(b)
                near.setdefault(b, []).append(a)
        cabled = {x for cable in self.cables for x in cable}
        if not {start, end} <= cabled:
            return NEVER
        if start not in near or end not in near:
            return ALWAYS
        own = {name: NEVER if name in {start, end} else self._on_the_way(name) for name in near}
        # What is cabled to the start is cut off only by itself, and no path leads on from the end.
        first = set(near[start])
        cut = {name: own[name] if name in first else ALWAYS for name in near} | {start: NEVER}
        ahead = {
            name: [x for x in dict.fromkeys(others) if x not in first and x != start]
            for name, others in near.items()
        }
        ahead[end] = []
        todo = deque(dict.fromkeys(x for name in near if name in first for x in ahead[name]))
        # Looked at again is only what a neighbour has changed for.
        while todo:
            name = todo.popleft()
            behind = self.all(cut[other] for other in near[name] if other != end)
            behind = self.either(own[name], behind)
            if behind != cut[name]:
                cut[name] = behind
                todo.extend(other for other in ahead[name] if other not in todo)
        return cut[end]

    def _on_the_way(self, name: str) -> int:
        hardware = self._hardware(name)
        return self._has_failed(name, hardware, ()) if hardware is not None else NEVER

    def _has_failed(self, name: str, hardware: Hardware, places: tuple[str, ...]) -> int:
        """Return "a part or group has failed", which is worked out once."""
        key = (name, places)
        known = self._failed.get(key)
        if known is None:
            known = self._failed[key] = hardware.failed(self, self._named(name), places)
        return known

    def _named(self, name: str) -> Part:
        group = self.resolved.groups.get(name)
        return group if group is not None else self.resolved.parts[name]

    def _hardware(self, name: str) -> Hardware | None:
        kind = declaration(self._named(name))
        return kind.hardware if kind is not None else None
