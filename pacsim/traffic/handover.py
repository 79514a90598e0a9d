"""What the faults hand over to the traffic: a model with a level for each condition (T1, T2).

It is a model of its own, made of the same design. What is added are gates and observations, which
change nothing that happens; the main run carries none of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pacsim.design.build import build
from pacsim.errors import PacsimError
from pacsim.files.problems import near
from pacsim.parts.balancers import held, held_last, holders, holds
from pacsim.parts.build_context import hooks
from pacsim.parts.failover import KINDS
from pacsim.parts.failover_group import needed_beside, needed_databases
from pacsim.parts.network import path
from pacsim.parts.traits import BACKGROUND, BALANCES, CLIENT_SITE, FILLS_AGAIN, FOLLOWS, SERVES
from pacsim.traffic.client_conditions import GROUP, MOVING, POOL, SERVER, Conditions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pacsim.core import Model
    from pacsim.core.writing.conditions import Condition, Count
    from pacsim.design.resolved import Resolved
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part


@dataclass(frozen=True)
class HandOver:
    """A model that records what the clients of an archive meet.

    Parameters
    ----------
    conditions : Conditions
        Which levels it records, in their order.
    model : Model
        With everything that the design's own model has and watches.
    roots : tuple of str
        What each transition is called as a root.
    divergence : str
        Name of the observation of the times that are not as usual for somebody; those of the levels
        are called after it, ``DIVERGENCE:CONDITION``.
    """

    conditions: Conditions
    model: Model
    roots: tuple[str, ...]
    divergence: str

    @cached_property
    def passed(self) -> Model:
        """Return the model that watches nothing else: the same history for less."""
        own = {self.divergence, *(f"{self.divergence}:{name}" for name in self.conditions.names)}
        kept = tuple(one for one in self.model.observations if one.name in own)
        return replace(self.model, observations=kept)


def hand_over(
    resolved: Resolved, archive: str, sites: Sequence[str], targets: Sequence[str] = ()
) -> HandOver:
    """Return the model of a design that records what the clients of its archive meet.

    Parameters
    ----------
    resolved : Resolved
        The design.
    archive : str
        A server, or a group of servers: one of which the active member has the address, or a pool.
    sites : sequence of str
        Places of clients.
    targets : sequence of str
        Other parts and groups that clients ask.

    Raises
    ------
    PacsimError
        If one of the names is none, or not of what it should be.
    """
    conditions = conditions_of(resolved.parts, resolved.groups, archive, sites, targets)
    built = build(resolved, lambda context: add_conditions(context, archive, conditions))
    return HandOver(conditions, built.model, built.roots, divergence_of(archive))


def divergence_of(archive: str) -> str:
    """Return the name of the observation of the times that are not as usual for somebody."""
    return f"traffic:{archive}"


def conditions_of(
    parts: Mapping[str, Part],
    groups: Mapping[str, Part],
    archive: str,
    sites: Sequence[str],
    targets: Sequence[str] = (),
) -> Conditions:
    """Return which conditions the clients of an archive meet.

    Of several addresses of a pool clients know the first; a place or target that is named twice
    counts once.

    Parameters
    ----------
    parts, groups : mapping of Part
        By name.
    archive, sites, targets
        As of `hand_over`.
    """
    _known(archive, [*parts, *groups], "the archive is a server or a group of servers")
    sites, targets = tuple(dict.fromkeys(sites)), tuple(dict.fromkeys(targets))
    places = [name for name, part in parts.items() if part.has(CLIENT_SITE)]
    for site in sites:
        _known(site, places, "clients are at a part of type clients")
    asked = [x for x, one in {**parts, **groups}.items() if not one.has(BACKGROUND)]
    for target in targets:
        _known(target, asked, "a target is a part or a group that a role may need")
    for name, group in groups.items():
        if archive in group.names("members"):
            msg = f'archive "{archive}": it is a member of "{name}"; name {name}'
            raise PacsimError(msg)
    if archive in parts and parts[archive].has(SERVES):
        return Conditions(SERVER, (archive,), sites, targets=targets)
    one = groups.get(archive)
    if one is not None and hooks(one).moving is not None:
        return Conditions(GROUP, one.names("members"), sites, targets=targets)
    if one is None or hooks(one).listed is None:
        msg = (
            f'archive "{archive}": clients have no address of it; name a server, a group with an '
            "active member, or a pool"
        )
        raise PacsimError(msg)
    behind: tuple[str, ...] = ()
    for address in one.names("behind")[:1]:
        behind = groups[address].names("members") if address in groups else (address,)
    return Conditions(POOL, one.names("members"), sites, behind, targets)


def _known(name: str, names: Iterable[str], rule: str) -> None:
    if name not in (known := list(names)):
        msg = f'{rule}, and "{name}" is none; {near(name, known)}'
        raise PacsimError(msg)


def add_conditions(context: BuildContext, archive: str, conditions: Conditions) -> None:
    """Record every condition of an archive, and the times that are not as usual for somebody.

    Parameters
    ----------
    context : BuildContext
        Of a model in which all else is there.
    archive : str
        The server or group.
    conditions : Conditions
        Of `conditions_of`.
    """
    view = View(context, archive, conditions)
    levels = view.levels()
    assert tuple(levels) == conditions.names
    for name, level in levels.items():
        context.m.changes(f"{divergence_of(archive)}:{name}", level)
    context.m.episodes(
        divergence_of(archive),
        ~context.m.all(view.usual()),
        causes=True,
        at_start=view.kind(),
    )


@dataclass(frozen=True)
class View:
    """An archive as its clients see it: conditions over the gates of what it consists of."""

    context: BuildContext
    archive: str
    conditions: Conditions

    @property
    def members(self) -> tuple[str, ...]:
        """Names of the servers."""
        return self.conditions.members

    @cached_property
    def group(self) -> Part:
        """The group, if it is one."""
        return self.context.groups[self.archive]

    @cached_property
    def address(self) -> str:
        """What clients of a pool behind balancers call: the first one, if there are several."""
        return self.group.names("behind")[0]

    def of(self, member: str, what: str) -> Condition:
        """Return a named gate of a member."""
        return self.context.m.forward(f"{member}.{what}")

    # -- the archive's own ------------------------------------------------------------------------

    def usable(self, name: str) -> Condition:
        """Return the condition that what is needed does its job, an array that it can be read."""
        part = self.context.named(name)
        gate = "readable" if part.has(FILLS_AGAIN) else "ok"
        return self.context.m.forward(f"{name}.{gate}")

    @cached_property
    def databases(self) -> Condition:
        """The condition that no database, and nothing that it stands on, keeps it from answering.

        A database is where roles find it, so groups that elect a primary count if they are named.
        """
        context = self.context
        roles, parts = context.roles.values(), context.parts.values()
        beside = needed_beside(self.archive, roles)
        names = needed_databases(self.archive, parts, roles)
        pairs = [x for x, group in context.groups.items() if group.has(FOLLOWS) and x in beside]
        return context.m.all(context.ok(x) for x in (*names, *pairs))

    def stores(self, member: str) -> Condition:
        """Return the condition that what a member stores on is there and can be read."""
        context = self.context
        roles, parts = context.roles.values(), context.parts.values()
        beside = needed_beside(self.archive, roles)
        names = dict.fromkeys(context.parts[member].names("storage"))
        for one in (*context.parts.values(), *context.groups.values()):
            if one.has(FILLS_AGAIN) and one.name in beside:
                names[one.name] = None
        for name in needed_databases(self.archive, parts, roles):
            on = context.parts[name].values.get("stored_on")
            if on is not None:
                names[str(on)] = None
        return context.m.all(self.usable(x) for x in names)

    def failures(self, member: str) -> tuple[Condition, ...]:
        """Return the conditions of a member in order: silent, hung, refuses, erroring."""
        works = self.of(member, "reaches") & self.databases & self.stores(member)
        hung = self.of(member, "hung") & self.of(member, "hosting")
        return ~self.of(member, "alive"), hung, ~self.of(member, "serves"), ~works

    def up(self, member: str) -> Condition:
        """Return the condition that a member answers as it should."""
        return ~self.context.m.any(self.failures(member))

    # -- the ways to it ---------------------------------------------------------------------------

    def dialled(self, member: str) -> Condition:
        """Return the condition that requests may be sent to a member."""
        if self.conditions.kind == SERVER:
            return self.context.m.always()
        if self.conditions.kind == GROUP:
            return self.of(self.archive, f"owner.{member}")
        listed = hooks(self.group).listed
        assert listed is not None
        return listed(self.context, self.group, member)

    def moving(self) -> Condition:
        """Return the condition that the address is nobody's because of a planned move."""
        if self.conditions.kind != GROUP:
            return ~self.context.m.always()
        moving = hooks(self.group).moving
        assert moving is not None
        return moving(self.context, self.group)

    def linked(self, member: str) -> Condition:
        """Return the condition that every client site reaches a member; behind balancers always."""
        if self.conditions.holders:
            return self.context.m.always()
        sites = self.conditions.sites
        return self.context.m.all(path(self.context, site, member) for site in sites)

    def way_over(self, holder: str) -> Condition:
        """Return the condition that all sites reach a holder, and it reaches all members.

        One that is not listed is not as usual itself, so it needs no exception here.
        """
        context, sites = self.context, self.conditions.sites
        fronts = [path(context, site, holder) for site in sites]
        backs = [path(context, holder, x) for x in self.members]
        return context.m.all([*fronts, *backs])

    def cut_over(self) -> Condition:
        """Return the condition that the balancer holds the address and some way over it is cut."""
        context = self.context
        return context.m.any(
            holds(context, self.address, h) & ~self.way_over(h) for h in self.conditions.holders
        )

    # -- what is recorded -------------------------------------------------------------------------

    def levels(self) -> dict[str, Count]:
        """Return the level of each condition, in their order."""
        context, m, c = self.context, self.context.m, self.conditions
        # Counted from `UP`, which is asked first; what is none of the others is `ERRORING`.
        found = {f"member.{x}": m.first_of([self.up(x), *self.failures(x)[:-1]]) for x in c.members}
        if not c.holders:
            ways = {f"path.{s}.{x}": path(context, s, x) for s in c.sites for x in c.members}
            found |= _flags(self, ways)
        if c.kind == GROUP:
            owners = [self.dialled(x) for x in c.members]
            nobody = ~m.any(owners)
            # Counted from `MOVING`, behind which `NOBODY` comes and then the members.
            found["owner"] = m.first_of([self.moving(), nobody, *owners]) + MOVING
        if c.kind == POOL:
            found |= _flags(self, {f"listed.{x}": self.dialled(x) for x in c.members})
        if c.holders:
            last = [held_last(context, self.address, h) for h in c.holders]
            found["holder"] = m.first_of(last)
            found |= _flags(self, {f"holder.{h}": ~context.ok(h) for h in c.holders})
            legs = {f"front.{s}.{h}": path(context, s, h) for s in c.sites for h in c.holders}
            legs |= {f"back.{h}.{x}": path(context, h, x) for h in c.holders for x in c.members}
            found |= _flags(self, legs)
        return found | _flags(self, {f"target.{x}": context.ok(x) for x in c.targets})

    def usual(self) -> list[Condition]:
        """Return the conditions that together say that all is as usual for everybody."""
        context, m, c = self.context, self.context.m, self.conditions
        found = [context.ok(x) for x in c.targets]
        if c.kind == GROUP:
            dialled = [self.dialled(x) for x in c.members]
            found.append(m.any(dialled))
        found += [~self.blamed(x) for x in c.members]
        if c.holders:
            found += [held(context, self.address), ~self.cut_over()]
        return found

    def blamed(self, member: str) -> Condition:
        """Return the condition that it is a member by which somebody is not served as usual."""
        well = self.up(member) & self.linked(member)
        if self.conditions.kind == POOL:
            return ~(self.dialled(member) & well)
        return self.dialled(member) & ~well

    # -- of what kind -----------------------------------------------------------------------------

    def away(self, member: str) -> Condition:
        """Return the condition that a member is worked on, or emptied for it."""
        worked = self.of(member, "working")
        emptied = hooks(self.group).emptied if self.conditions.kind == POOL else None
        return worked if emptied is None else worked | emptied(self.context, self.group, member)

    def concerned(self, member: str) -> Condition:
        """Return the condition that what is wrong is asked of a member: the active, or the blamed.

        Between two members it is the one that was active, as in a group's own gaps.
        """
        if self.conditions.kind == GROUP:
            return self.of(self.archive, f"active.{member}")
        return self.blamed(member)

    def kind(self) -> Count:
        """Return the number among `KINDS` of what is wrong: the first that is true.

        A cut of the power also stops the host, so power comes first.
        """
        m, members = self.context.m, self.members
        dark, soft, lost, cut = self._over_balancers()

        def fell(wrong: Callable[[str], Condition]) -> Condition:
            return m.any(self.concerned(x) & ~self.away(x) & wrong(x) for x in members)

        idle = [~self.concerned(x) | self.away(x) for x in members]
        others = [~lost, ~cut, *map(self.context.ok, self.conditions.targets)]
        causes = [
            self.moving() | m.all([*idle, *others]),
            dark | fell(lambda x: ~self.of(x, "powered")),
            (lost & ~soft) | fell(lambda x: ~self.of(x, "alive")),
            cut | fell(lambda x: ~self.linked(x) | ~self.of(x, "reaches")),
            soft | fell(lambda x: ~self.of(x, "runs")),
            fell(lambda x: self.of(x, "hung")),
            ~self.databases,
        ]
        assert len(causes) == len(KINDS) - 1
        return m.first_of(causes)

    def _over_balancers(self) -> tuple[Condition, Condition, Condition, Condition]:
        """Return that who held the address has no power, a short fault, is down; a way is cut."""
        context, never = self.context, ~self.context.m.always()
        if not self.conditions.holders:
            return never, never, never, never
        address, m = self.address, context.m
        dark, soft = [], []
        for name in holders(context, address):
            part, last = context.parts[name], held_last(context, address, name)
            dark.append(last & ~context.powered(part))
            if part.has(BALANCES):
                soft.append(last & self.of(name, "soft"))
        return m.any(dark), m.any(soft), ~held(context, address), self.cut_over()


def _flags(view: View, conditions: Mapping[str, Condition]) -> dict[str, Count]:
    """Return levels that are 1 while a condition holds."""
    return {name: view.context.m.count([holds]) for name, holds in conditions.items()}
