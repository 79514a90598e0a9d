"""A failover group as its parts see it: who is able, who may take over; planned moves; shocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pacsim.parts.network import path
from pacsim.parts.role_places import named_by
from pacsim.parts.traits import RUNS_ON
from pacsim.parts.values import Needs, Part, Reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.review import Review

BAD = "bad"
"""Of trust: a switch was tried to a member that was broken; until it is good again."""
NEEDED = (
    "failed",
    "waiting",
    "attending",
    "working",
    "stranded",
    "reconciling",
    "testing",
    "restoring",
)
"""Phases in which somebody looks at every member."""


@dataclass(slots=True)
class Cluster:
    """A failover group under construction, with the conditions its automata share.

    ``barred`` is there if fencing can fail: while it is ``yes`` no other member may start.
    ``held`` is there of each member if it may stay out of the group after a takeover; ``heart``
    of a group with a heartbeat, and ``shot`` if it has fencing too; ``standby`` of each member if
    it may become unfit to take over, and ``proof`` if success falls with the time since the last;
    ``looked`` if there are tests: people look before one, whether it takes place or not.
    """

    context: BuildContext
    group: Part
    phase: ElementRef
    active: ElementRef
    trust: Mapping[str, ElementRef]
    held: Mapping[str, ElementRef] = field(default_factory=dict)
    barred: ElementRef | None = None
    heart: ElementRef | None = None
    shot: ElementRef | None = None
    standby: Mapping[str, ElementRef] = field(default_factory=dict)
    proof: ElementRef | None = None
    looked: ElementRef | None = None

    @property
    def members(self) -> tuple[str, ...]:
        """Names of the members, the first one active at the start."""
        return self.group.names("members")

    def sites(self) -> tuple[str, ...]:
        """Return the client sites that use the group."""
        name = self.group.name
        roles = [r for r in self.context.roles.values() if name in named_by(r)]
        return tuple(dict.fromkeys(place for role in roles for place in role.names("used_from")))

    def linked(self, member: str) -> Condition:
        """Return the condition that some client site reaches a member."""
        places = self.sites()
        if not places:
            return self.context.m.always()
        return self.context.m.any(path(self.context, place, member) for place in places)

    def gate(self, member: str, what: str) -> Condition:
        """Return a named gate of a member."""
        return self.context.m.forward(f"{member}.{what}")

    @property
    def arrived(self) -> str:
        """Phase in which a member that takes over begins: cold, its application starts first."""
        late = any(self.context.starts_late(x) for x in self.members)
        return "starting" if late else "on"

    def good(self, member: str) -> Condition:
        """Return the condition that a member could serve: application, storage, path.

        The application of a cold standby has to be fit to start only.
        """
        return self.context.ready(member) & self.linked(member)

    def joined(self, member: str) -> Condition:
        """Return the condition that a member is in the group: not held, nor shot a while ago."""
        there = self.held[member] == "in" if member in self.held else self.context.m.always()
        return there & (self.shot != member) if self.shot is not None else there

    def free(self, member: str) -> Condition:
        """Return the condition that a member is active, or no lost heartbeat bars a takeover."""
        if self.heart is None:
            return self.context.m.always()
        return (self.active == member) | (self.heart != "barred")

    def may(self, member: str) -> Condition:
        """Return the condition that rules may take a member: in the group, free, trusted."""
        return self.joined(member) & self.free(member) & (self.trust[member] == "ok")

    def fit(self, member: str) -> Condition:
        """Return the condition that a member is good and that rules may take it by itself.

        What is latent in a standby stays so until somebody tries or tests it.
        """
        fit = self.good(member) & self.may(member)
        return fit & ~self.latent(member) if member in self.standby else fit

    def able(self, member: str) -> Condition:
        """Return the condition that an application is up, or of a cold standby fit to start."""
        late = self.context.starts_late(member)
        return self.gate(member, "startable" if late else "serves")

    def latent(self, member: str) -> Condition:
        """Return the condition that a member could not take over and nobody knows."""
        if member not in self.standby:
            return ~self.context.m.always()
        return self.standby[member] == "latent"

    def looks(self, member: str) -> Condition:
        """Return the condition that a member that does not serve is taken for able.

        Its system runs, since what is off checks and takes over nothing; nobody knows of a fault
        of its application, not even by a switch in vain; and if the check looks, it finds none.
        """
        check = self.group.part("check")
        looks = self.gate(member, "presumed") & (self.trust[member] != BAD)
        return looks & self.gate(member, f"looks.{check['sees']}") if check["standby"] else looks

    def hopeful(self, member: str) -> Condition:
        """Return the condition that a member looks able, and reaches storage and some client."""
        return self.looks(member) & self.gate(member, "reaches") & self.linked(member)

    def add_better(self) -> None:
        """Add gates ``.better.MEMBER``, and ``.hoped.MEMBER`` by what is known of its hardware.

        A member would serve better than the active one if more of three is true of it:
        application, by what it looks like; storage in reach; some client site in reach.
        """
        m, name = self.context.m, self.group.name
        linked = m.any((self.active == x) & self.linked(x) for x in self.members)
        now = m.count([self.of_active("serves"), self.of_active("reaches"), linked])
        for x in self.members:
            hoped = self.looks(x) | self.gate(x, "unnoticed")
            for gate, able in (("better", self.looks(x)), ("hoped", hoped)):
                then = m.count([able, self.gate(x, "reaches"), self.linked(x)])
                m.gate(f"{name}.{gate}.{x}", (self.active != x) & (then - now >= 1))

    def add_unneeded(self) -> None:
        """Add gates ``.unneeded.MEMBER``: nobody feels its faults.

        It does not serve, no member is worked on or about to be, nobody has been called or looks
        before a test, and if the group does not serve it is still trying another member.
        """
        m, name = self.context.m, self.group.name
        looked = self.phase.among(*(x for x in NEEDED if x in self.phase.states))
        idle = (self.phase == "on") & ~m.forward(f"{name}.serving")
        idle &= ~m.any(self.better(x) for x in self.members)
        patches = [self.context.patches[x] for x in self.members if x in self.context.patches]
        due = {p: [s for s in p.states if s != "idle"] for p in patches}
        people = m.any(p.among(*states) for p, states in due.items() if states)
        if self.looked is not None:
            people |= self.looked == "yes"
        for x in self.members:
            m.gate(f"{name}.unneeded.{x}", (self.active != x) & ~people & ~looked & ~idle)

    def better(self, member: str) -> Condition:
        """Return the condition that a member would serve better than the active one."""
        return self.context.m.forward(f"{self.group.name}.better.{member}")

    def of_active(self, what: str) -> Condition:
        """Return a named gate of whichever member is active."""
        m = self.context.m
        return m.any((self.active == x) & self.gate(x, what) for x in self.members)

    def able_active(self) -> Condition:
        """Return the condition that the active member is able to serve."""
        m = self.context.m
        return m.any((self.active == x) & self.gate(x, "ok") & self.linked(x) for x in self.members)

    @property
    def splits(self) -> bool:
        """Whether two sides may serve at the same time."""
        return bool(self.group.names("heartbeat")) and self.group.number("split") > 0

    def side(self, member: str) -> Condition:
        """Return the condition that a member serves if the brain is split: in the group, and good.

        The split has started the application of a cold one. A latent standby cannot take over.
        """
        side = self.joined(member) & self.good(member)
        return side & ~self.latent(member) if member in self.standby else side

    def beside(self, what: Callable[[str], Condition]) -> Condition:
        """Return the condition that the brain is split and something is true of another side."""
        others = [(self.active != x) & self.joined(x) & what(x) for x in self.members]
        return (self.phase == "split") & self.context.m.any(others)

    def coming(self) -> Condition:
        """Return the condition that the application of a cold active member is starting."""
        late = [x for x in self.members if self.context.starts_late(x)]
        return self.context.m.any((self.active == x) & self.gate(x, "starting") for x in late)

    def turn(self, member: str, *, people: bool = False) -> Condition:
        """Return the condition that a member, if good, is the one to serve after an outage.

        The active one comes first: while it is able, and in a cold group while its application is
        starting with storage and path, nobody else is taken. Out of the group it counts for people
        alone.
        """
        m = self.context.m
        kept = self.able_active()
        if self.arrived == "starting":
            reached = m.any((self.active == x) & self.linked(x) for x in self.members)
            kept |= self.coming() & self.of_active("reaches") & reached
        if not people:
            kept &= m.any((self.active == x) & self.joined(x) for x in self.members)
        return (self.active == member) | ~kept

    def chosen(self, member: str) -> Condition:
        """Return the condition that people, or whoever comes back after them, take a member.

        The first good one, the active one before the others. While no path leads to any, one that
        lacks the path alone: it serves, and runs its database, as soon as it is reached.
        """
        good = self.good(member) & self.turn(member, people=True)
        if not self.sites():
            return good
        m, ready = self.context.m, self.context.ready
        none = ~m.any(self.good(x) for x in self.members)
        first = (self.active == member) | ~m.any(
            (self.active == x) & ready(x) for x in self.members
        )
        return good | (none & ready(member) & first)

    def to(self, target: str) -> Condition:
        """Return the condition that a switch would go to a member: the first that looks fit.

        While no path leads to any of them, the first one that would serve better, or could but
        for the path.
        """
        m = self.context.m
        earlier = self.members[: self.members.index(target)]

        def first(takes: Callable[[str], Condition]) -> Condition:
            here = (self.active != target) & takes(target)
            others = m.any((self.active != x) & takes(x) for x in earlier)
            return here & ~others if earlier else here

        def second(member: str) -> Condition:
            near = self.better(member) | (self.looks(member) & self.gate(member, "reaches"))
            return self.may(member) & near

        def looks_fit(member: str) -> Condition:
            return self.hopeful(member) & self.may(member)

        return first(looks_fit) | (~self.relieved() & first(second))

    def relieved(self) -> Condition:
        """Return the condition that another member looks as if it could take over."""
        m = self.context.m
        return m.any((self.active != x) & self.hopeful(x) & self.may(x) for x in self.members)

    def taken(self, member: str) -> Condition:
        """Return the condition that a member is taken for ready: the active one is, others look."""
        looks = self.looks(member) & self.gate(member, "reaches")
        serves = self.active == member
        return (serves & self.context.ready(member)) | (~serves & looks)

    def relief(self) -> Condition:
        """Return the condition that another member looks better, and rules may take it."""
        return self.context.m.any(self.better(x) & self.may(x) for x in self.members)

    def databases(self) -> list[str]:
        """Return the databases that run on the group, and those that a role needs besides it."""
        parts, roles = self.context.parts.values(), self.context.roles.values()
        return needed_databases(self.group.name, parts, roles)

    def databases_ok(self) -> Condition:
        """Return the condition that the group's databases do their job."""
        return self.context.m.all(self.context.ok(x) for x in self.databases())

    def activate(self, target: str) -> Mapping[str, str]:
        """Return the map that makes a member the active one."""
        return dict.fromkeys(self.members, target)


def needed_databases(group: str, parts: Iterable[Part], roles: Iterable[Part]) -> list[str]:
    """Return the databases that run on a group, and those that a role must have besides it."""
    beside = needed_beside(group, roles)
    return [p.name for p in parts if p.has(RUNS_ON) and (p["runs_on"] == group or p.name in beside)]


def needed_beside(name: str, roles: Iterable[Part]) -> set[str]:
    """Return what roles that need a part or group must have besides it, whatever else there is."""
    needs = [role["needs"] for role in roles if role.values.get("needs") is not None]
    return {x for one in needs if name in one.names() for x in _all_needed(one)}


def seen_databases(review: Review, group: Part) -> list[str]:
    """Return the databases that the check of a group sees, if it is as deep as that."""
    check = group.values.get("check")
    if not isinstance(check, Part) or check.values.get("sees") != "c_store":
        return []
    return needed_databases(group.name, review.parts.values(), review.roles.values())


def _all_needed(needs: Needs) -> set[str]:
    """Return what is needed whatever else there is: no alternatives."""
    if needs.k < len(needs.of):
        return set()
    known: set[str] = set()
    for one in needs.of:
        if isinstance(one, Needs):
            known |= _all_needed(one)
        else:
            known.add(one.goal if isinstance(one, Reach) else one)
    return known
