"""The copy that a standby keeps of a primary's database: it streams, or has fallen behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.delays import Deterministic
from pacsim.parts.build_context import COPY, TIDY
from pacsim.parts.network import path

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.delays import Law
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.election import Election
    from pacsim.parts.values import Part


def add_replica(e: Election, member: str) -> None:
    """Add how the copy of a member stops, is seen to have stopped, and catches up.

    It stops by itself, or is left behind while the primary serves and the member is down or out of
    its reach. A member that is worked on has not failed: what it misses meanwhile is sent to it as
    soon as it is back. Who comes to work on a member, or to test the failover, sees at once that a
    copy has stopped.
    """
    context, copy, idle = e.context, e.replicas[member], e.active != member
    up = context.ok(member)
    linked = _linked(e, member)
    fed = e.context.m.gate(f"{e.group.name}.fed.{member}", idle & up & linked & e.of_active("ok"))
    there = (up | e.worked_on(member)) & linked
    left = idle & e.gate("ok") & ~there
    copy.now("streaming -> stopped", COPY, "left-behind", when=left)
    stops = e.group.law("replica_stop")
    copy.after("streaming -> stopped", stops, "stop", cls="fault", memory="resume", when=fed)
    seen = notice(context, e.group)
    copy.after("stopped -> catching", seen, "noticed", memory="resume", when=fed)
    copy.now("stopped -> catching", TIDY, "looked-at", when=idle & e.gate("looked"))
    law = resync(context, e.group)
    copy.after("catching -> streaming", law, "caught-up", cls="repair", when=fed, automatic=True)


def _linked(e: Election, member: str) -> Condition:
    """Return the condition that a member is another than the primary, and has a path to it."""
    others = [x for x in e.members if x != member]
    return e.context.m.any((e.active == x) & path(e.context, member, x) for x in others)


def notice(context: BuildContext, group: Part) -> Law:
    """Return how long nobody sees that a copy has stopped: as any hidden fault if it is looked for.

    What monitoring finds is known as soon as any fault that redundancy masks.
    """
    return context.hidden if context.finds("stopped_copy") else group.law("notice")


def resync(context: BuildContext, group: Part) -> Law:
    """Return how long a copy takes to catch up: as given, or that of the whole index.

    The index is that of all studies stored by the end of the term, its longest.
    """
    if "resync" in group:
        return group.law("resync")
    archive = context.archive
    studies = archive.number("stored_at_start") / archive.number("study_size")
    studies += archive.number("studies") * context.term
    size = studies * group.number("size_per_study")
    return Deterministic(size / group.number("resync_rate"))
