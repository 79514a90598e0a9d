"""What the members of a group, and those that need it, may ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pacsim.core import ModelBuilder
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.transition_requests import Numbers
    from pacsim.parts.values import Part


def _never(_group: Part) -> bool:
    return False


def _always(_group: Part) -> bool:
    return True


def _full_speed(_m: ModelBuilder, _group: Part, _member: str, _software: bool) -> Numbers:
    return 1.0


def _none(_group: Part, _members: Sequence[Part], _kind: str) -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class GroupHooks:
    """How a group answers; the defaults are those of members that all serve at the same time.

    Parameters
    ----------
    active : callable, optional
        ``active(m, group, member)``: the condition that a member is the one that serves. Without
        it all members serve, and clients need a path to any that is ok.
    serves : callable, optional
        ``serves(m, group, member)``: the condition that clients are sent to a member and it answers
        them. Without it the active one serves, or any that is ok.
    starts_late : callable
        ``starts_late(group)``: whether a member's application is started only once it is needed.
        Then each member has gates ``.ready`` and ``.starting``, and ``active`` must be there.
    speed : callable
        ``speed(m, group, member, software)``: speed of a member's clocks of failure.
    restarts : callable
        ``restarts(group)``: whether a member's own watchdog restarts its application.
    joined : callable, optional
        ``joined(m, group, member)``: the condition that a member is in the group and taken for
        able, so that work on another may begin. Without it a member is as long as it does its job.
    unneeded : callable, optional
        ``unneeded(m, group, member)``: the condition that nobody feels a fault of a member. Without
        it nobody does while another one is active and the group serves.
    spared : callable, optional
        ``spared(m, group, member)``: the condition that the other members suffice while one is
        worked on in its turn. Without it all of them must be in the group.
    drains : callable
        ``drains(group)``: whether a member leaves before work on it, which then begins while gate
        ``GROUP.drained.MEMBER`` holds.
    passes : callable, optional
        ``passes(m, group, member)``: the condition that a member that is up may pass traffic on.
        Without it a member does while it is up.
    in_part : callable
        ``in_part(group)``: whether it may serve without being whole, as gate ``.full`` says.
    share : callable
        ``share(group, members, kind)``: share of a member's ``hardware`` or ``software`` failures
        that the group takes by a shock of its own.
    failing : callable, optional
        ``failing(context, group)``: share of the requests to it that fail, 0 to 1, by condition in
        order: the first that holds counts, and 0 if none does. ``context`` is the build context.
        A role reads it while it is up, as every request fails while it is not; so cases may say
        anything for a group that does not serve. Without it, or where it returns nothing, no
        request fails while the group serves.
    moving : callable, optional
        ``moving(context, group)``: the condition that the address leads to nobody because of a
        planned move. A group that has it has one address, which leads to the member of which gate
        ``GROUP.owner.MEMBER`` holds; ``GROUP.active.MEMBER`` says who is meant between two owners.
    listed : callable, optional
        ``listed(context, group, member)``: the condition that a member is on the list of those that
        requests are dealt out to, good or not. A group that has it is a pool.
    emptied : callable, optional
        ``emptied(context, group, member)``: the condition that a member leaves the list, or has
        left it, for work on it. Without it none ever does.
    """

    active: Callable[[ModelBuilder, Part, str], Condition] | None = None
    serves: Callable[[ModelBuilder, Part, str], Condition] | None = None
    starts_late: Callable[[Part], bool] = _never
    speed: Callable[[ModelBuilder, Part, str, bool], Numbers] = _full_speed
    restarts: Callable[[Part], bool] = _always
    joined: Callable[[ModelBuilder, Part, str], Condition] | None = None
    unneeded: Callable[[ModelBuilder, Part, str], Condition] | None = None
    spared: Callable[[ModelBuilder, Part, str], Condition] | None = None
    drains: Callable[[Part], bool] = _never
    passes: Callable[[ModelBuilder, Part, str], Condition] | None = None
    in_part: Callable[[Part], bool] = _always
    share: Callable[[Part, Sequence[Part], str], float] = _none
    failing: Callable[[Any, Part], Mapping[Condition, float]] | None = None
    moving: Callable[[Any, Part], Condition] | None = None
    listed: Callable[[Any, Part, str], Condition] | None = None
    emptied: Callable[[Any, Part, str], Condition] | None = None


PLAIN = GroupHooks()
"""Of a group whose type has none of its own."""
