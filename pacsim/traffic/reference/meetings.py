"""What a client meets: conditions as they are now, and what they do to a session (T13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pacsim.traffic.client_conditions import GROUP, HUNG, MOVING, REFUSES, SILENT, UP

if TYPE_CHECKING:
    from pacsim.traffic.client_conditions import Conditions

FOREIGN, MOVED = 5, 6
"""Met beside the conditions of a member: another one answers; a planned move has begun."""
ARCHIVE, FREE = -1, -2
"""Targets: the archive, and what always answers."""
NONE_HELD = -1


class Way(NamedTuple):
    """Who talks to whom."""

    site: int
    target: int
    member: int
    holder: int


class Meetings:
    """Conditions, as they are now.

    Parameters
    ----------
    conditions : Conditions
        Their numbers.
    stays : bool
        Whether attempts stay with their member when the address moves, as in a twin.
    """

    def __init__(self, conditions: Conditions, *, stays: bool = False) -> None:
        self.conditions = conditions
        self._stays = stays
        self.values = list(conditions.usual)
        self._at = {name: k for k, name in enumerate(conditions.names)}
        self.members = range(len(conditions.members))
        self.balanced = bool(conditions.holders)

    def _value(self, *name: str) -> int:
        return self.values[self._at[".".join(name)]]

    def state(self, member: int) -> int:
        """Return the condition of a member."""
        return self.values[member]

    def listed(self, member: int) -> bool:
        """Return whether a balancer has a member on its list."""
        return bool(self._value("listed", self.conditions.members[member]))

    def path(self, site: int, member: int) -> bool:
        """Return whether a site reaches a member directly."""
        c = self.conditions
        return bool(self._value("path", c.sites[site], c.members[member]))

    def holder(self) -> int:
        """Return who holds the address and answers for it, -1 for nobody; 0 without holders."""
        if not self.balanced:
            return 0
        held = self._value("holder")
        if held < 0 or self._value("holder", self.conditions.holders[held]) == SILENT:
            return NONE_HELD
        return held

    def front(self, site: int, holder: int) -> bool:
        """Return whether a site reaches a holder."""
        c = self.conditions
        return not self.balanced or bool(self._value("front", c.sites[site], c.holders[holder]))

    def back(self, site: int, holder: int, member: int) -> bool:
        """Return whether a dial reaches a member: from the holder, or else from the site."""
        if not self.balanced:
            return self.path(site, member)
        c = self.conditions
        return bool(self._value("back", c.holders[holder], c.members[member]))

    def owner(self) -> int:
        """Return the member at the address of a group or server, or why there is none."""
        return self._value("owner") if self.conditions.kind == GROUP else 0

    def current(self, member: int) -> int:
        """Return a member as two runs compare it: of a group whether it is the one that serves.

        Of a pool it is the member itself, since operations take turns among them.
        """
        return int(member == self.owner()) if self.conditions.kind == GROUP else member

    def target(self, target: int) -> int:
        """Return what a target other than the archive is."""
        if target == FREE:
            return UP
        return UP if self._value("target", self.conditions.targets[target]) else SILENT

    def reached(self, site: int) -> tuple[int, int]:
        """Return what a request for a connection meets at a group or server, and the member."""
        owner = self.owner()
        if owner < 0 or not self.path(site, owner):
            return SILENT, -1
        return self.state(owner), owner

    def met(self, way: Way) -> int:
        """Return what a session meets: silence, a condition of its member, or another one."""
        site, target, member, holder = way
        if target != ARCHIVE:
            return self.target(target)
        if self.conditions.kind == GROUP and not self._stays:
            owner = self.owner()
            if owner < 0:
                return MOVED if owner == MOVING else SILENT
            if owner != member:
                there = self.path(site, owner) and self.state(owner) != SILENT
                return FOREIGN if there else SILENT
        if self.balanced:
            held = self.holder()
            if held == NONE_HELD:
                return SILENT
            if held != holder:
                return FOREIGN if self.front(site, held) else SILENT
            if not self.front(site, holder):
                return SILENT
        reached = self.back(site, holder, member)
        return self.state(member) if reached else SILENT

    def ends(self, way: Way, what: int, value: int) -> bool:
        """Return whether a change, about to be written, ends a session for good (``gone``).

        The member was silent or lost its process, came back from being hung, or the address is
        another one's. A path that is cut, or nobody at the address, does not end it.
        """
        name = self.conditions.names[what]
        if way.target != ARCHIVE:
            return way.target >= 0 and name == f"target.{self._target(way)}" and not value
        if 0 <= way.member == what:
            return value in (SILENT, REFUSES) or (self.values[what] == HUNG and value != HUNG)
        if name == "owner":
            return not self._stays and value >= 0 and value != way.member
        if name == "holder":
            return value >= 0 and value != way.holder
        if way.holder >= 0 and self.balanced:
            return name == f"holder.{self.conditions.holders[way.holder]}" and value == SILENT
        return False

    def _target(self, way: Way) -> str:
        return self.conditions.targets[way.target]
