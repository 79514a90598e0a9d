"""The two copies of a mirror, as its arrays and the group see them.

It is made when it is first asked for, by an array or by the group, whichever is built first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.parts.network import path
from pacsim.parts.quorum import majority
from pacsim.parts.raid import net_capacity
from pacsim.parts.traits import FILLS_AGAIN, MIRRORS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef, QuantityRef
    from pacsim.core.writing.transition_requests import JumpRequest, MoveRequest, Numbers
    from pacsim.parts.build_context import BuildContext, Copy
    from pacsim.parts.values import Part

INFINITE = float("inf")
STATES = ("current", "stale", "resyncing", "blank", "filling")


@dataclass(frozen=True, slots=True)
class Vault:
    """What a mirror of arrays stores: one amount for both members, and what was lost of it."""

    stored: QuantityRef
    full: ElementRef
    memory: ElementRef


@dataclass(frozen=True, slots=True)
class Mirror:
    """A mirror under construction.

    ``behind`` says in bytes what each copy lacks; None where ``resync`` is a delay and members have
    no contents. ``vault`` is there if they have; ``held`` says then what each copy has of what is
    stored, which is all there is once the other one is lost.
    """

    context: BuildContext
    group: Part
    copies: Mapping[str, ElementRef]
    behind: Mapping[str, QuantityRef] | None
    vault: Vault | None
    held: Mapping[str, QuantityRef]

    @property
    def members(self) -> tuple[str, ...]:
        """Names of the members, the first one leads when they are cut."""
        return self.group.names("members")

    @property
    def first(self) -> str:
        """The member that leads."""
        return self.members[0]

    @property
    def lags(self) -> bool:
        """Whether the second copy is written to later."""
        return bool(self.group["mode"] == "asynchronous")

    @property
    def splits(self) -> bool:
        """Whether both may serve while they are cut."""
        return _splits(self.group)

    @property
    def lag(self) -> float:
        """Mean seconds by which the second copy is late while it is current."""
        return self.group.law("lag").mean() if self.lags else 0.0

    def other(self, member: str) -> str:
        """Return the other member."""
        return next(x for x in self.members if x != member)

    def gate(self, what: str, member: str = "") -> Condition:
        """Return a named gate of the mirror, of one copy if a member is named."""
        name = f"{self.group.name}.{what}"
        return self.context.m.forward(f"{name}.{member}" if member else name)

    def is_(self, member: str, *states: str) -> Condition:
        """Return the condition that a copy is in one of some states."""
        return self.copies[member].among(*states)

    def up(self, member: str) -> Condition:
        """Return the condition that a member can be read and written to, current or not."""
        part = self.context.parts[member]
        what = "readable" if part.has(FILLS_AGAIN) else "ok"
        return self.context.m.forward(f"{member}.{what}")

    def intact(self, member: str) -> Condition:
        """Return the condition that the contents of a member are not lost or coming back."""
        if not self.context.parts[member].has(FILLS_AGAIN):
            return self.context.m.always()
        return self.context.m.forward(f"{member}.intact")

    def majority(self, member: str) -> Condition:
        """Return the condition that a member is on the side of the majority."""
        return majority(self.context, self.group.values.get("quorum"), member)

    def joined(self) -> Condition:
        """Return the condition that a path joins the members."""
        return path(self.context, *self.members)

    def able(self, member: str) -> Condition:
        """Return the condition that a member would serve if it were alone."""
        # The first one of an asynchronous pair is in use while it is filled from the other.
        states = ("current", "filling") if self.lags else ("current",)
        return self.is_(member, *states) & self.up(member) & self.majority(member)

    def matched(self, member: str) -> Condition:
        """Return the condition that the other copy has all that a member has."""
        other = self.other(member)
        if self.lag > 0 and member == self.first:
            return ~self.context.m.always()
        held = self.gate("holds", other)
        # In a split each has a half that the other has not.
        return held & ~self.gate("split") if self.splits else held

    def only(self, member: str) -> Condition:
        """Return the condition that something is lost with the contents of a member.

        Also while the first of an asynchronous pair is filled: it is in use, and ahead by the lag.
        """
        return ~self.is_(member, "blank") & ~self.matched(member)

    def alone(self, member: str) -> Condition:
        """Return the condition that what a read error takes is lost: the other copy is not current.

        A stripe is an old one as good as always, so how late a current copy is does not matter.
        """
        return ~self.is_(member, "blank") & ~self.gate("holds", self.other(member))

    def copy(self) -> Copy | None:
        """Return the backup of the mirror, or of one of its members."""
        names = (self.group.name, *self.members)
        return next((self.context.copies[x] for x in names if x in self.context.copies), None)

    def becomes(self, member: str, state: str) -> list[MoveRequest]:
        """Return the effects that put a copy into a state; nothing of what it was is left."""
        return [self.copies[member].move(dict.fromkeys(STATES, state), renew=True)]

    def caught_up(self, *members: str) -> list[JumpRequest]:
        """Return the effects by which copies lack nothing."""
        if self.behind is None:
            return []
        jumps = [self.behind[x].set(0.0) for x in members]
        if self.vault is not None:
            jumps += [self.held[x].copy(self.vault.stored) for x in members]
        return jumps

    def only_has(self, member: str) -> list[MoveRequest | JumpRequest]:
        """Return the effects by which nothing is left but what one copy has."""
        if self.vault is None:
            return []
        left = self.vault.stored.copy(self.held[member])
        return [left, self.vault.full.move({"full": "free"})]


def mirror_of(context: BuildContext, member: str) -> Mirror | None:
    """Return the mirror that a part is a member of, made if it is not yet there."""
    group = context.group_of(member)
    if group is None or not group.has(MIRRORS):
        return None
    return made(context, group)


def made(context: BuildContext, group: Part) -> Mirror:
    """Return the mirror of a group: its copies, what they lack, and what they store."""
    if group.name in context.mirrors:
        known: Mirror = context.mirrors[group.name]
        return known
    members = group.names("members")
    copies = {
        x: context.element(group.name, f"copy-{x}", STATES, fault=STATES[1:]) for x in members
    }
    vault = _vault(context, group)
    behind = None
    if vault is not None or "resync" not in group:
        behind = {x: _behind(context, group, x, copies[x]) for x in members}
    held: dict[str, QuantityRef] = {}
    if vault is not None:
        held = {x: _held(context, group, x, copies[x], vault) for x in members}
    mirror = Mirror(context, group, copies, behind, vault, held)
    context.mirrors[group.name] = mirror
    return mirror


def _vault(context: BuildContext, group: Part) -> Vault | None:
    """Add what is stored: the smaller array is full for both, as every write goes to both."""
    arrays = [context.parts[x] for x in group.names("members")]
    if not all(x.has(FILLS_AGAIN) for x in arrays):
        return None
    room = min(map(net_capacity, arrays))
    stored = context.m.quantity(
        f"{group.name}/stored",
        low=0.0,
        high=room,
        start=min(context.archive.number("stored_at_start"), room),
        rate=_growth(context),
    )
    full = context.element(group.name, "full", "free full", fault="full")
    full.after("free -> full", stored.rises_to(room), "fills", cls="fault")
    memory = context.element(group.name, "loss", "none some")
    context.losses[group.name] = memory
    return Vault(stored, full, memory)


def _splits(group: Part) -> bool:
    if group["mode"] == "asynchronous" or "quorum" in group:
        return False
    return group.number("split") > 0


def _growth(context: BuildContext) -> float:
    return context.archive.number("studies") * context.archive.number("study_size")


def _behind(context: BuildContext, group: Part, member: str, copy: ElementRef) -> QuantityRef:
    """Add what a copy lacks: what is written while it is left out, less what has been caught up."""
    rates: dict[Condition | bool, float] = {}
    for when, (lacking, _) in _changes(context, group, member, copy).items():
        rates[when] = lacking
    numbers: Numbers = {**rates, True: 0.0}
    name = f"{group.name}/behind-{member}"
    return context.m.quantity(name, low=0.0, high=INFINITE, start=0.0, rate=numbers)


def _held(
    context: BuildContext, group: Part, member: str, copy: ElementRef, vault: Vault
) -> QuantityRef:
    """Add what a copy has of what is stored: that, less what it lacks."""
    room = vault.full == "free"
    rates: dict[Condition | bool, float] = {}
    for when, (lacking, coming) in _changes(context, group, member, copy).items():
        rates[when & room] = coming - lacking
        rates[when] = -lacking if lacking < 0 else 0.0
    rates[room] = _growth(context)
    start = min(
        context.archive.number("stored_at_start"),
        *(net_capacity(context.parts[x]) for x in group.names("members")),
    )
    name, numbers = f"{group.name}/held-{member}", {**rates, True: 0.0}
    return context.m.quantity(name, low=0.0, high=INFINITE, start=start, rate=numbers)


def _changes(
    context: BuildContext, group: Part, member: str, copy: ElementRef
) -> dict[Condition, tuple[float, float]]:
    """Return when a copy lacks more or less: the rate of that, and of what is stored meanwhile."""
    m, name, growth = context.m, group.name, _growth(context)
    writable = m.forward(f"{name}.writable")
    changes = {copy.among("stale", "blank") & writable: (growth, growth)}
    if "resync_rate" in group and "resync" not in group:
        caught = copy.among("resyncing", "filling") & m.forward(f"{name}.flows.{member}")
        changes[caught] = (-group.number("resync_rate"), growth)
    if _splits(group):
        # Half of what is written goes to the other side.
        changes[m.forward(f"{name}.split") & writable] = (growth / 2.0, growth)
    return changes
