"""Planned moves of a failover group: as work on the active member begins, and failback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import next_open, outcome
from pacsim.delays import Deterministic
from pacsim.parts.failover_tests import proves
from pacsim.parts.planned_work import at_once, called_off, moves_away
from pacsim.parts.standby import tried_in_vain

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.transition_requests import OutcomeRequest
    from pacsim.parts.failover_group import Cluster

FAILBACK = 70


def add_planned(c: Cluster) -> None:
    """Add planned moves: as work on the active member begins, and failback.

    A planned move takes a switchover; it is no test of detection and fencing. One to a member that
    only looks able fails: a fault of its own, at which the work is called off and the active member
    started again, unless it is work on all members at once. A move before work is planned also if
    it had to wait for a standby that was broken. A return at once belongs to what made the first
    member able to serve: a fault that is mended, or work.
    """
    phase, active = c.phase, c.active
    ended = c.context.ended[c.group.name]
    by = ended.move(dict.fromkeys(ended.states, "automatic"))
    moving = moves_away(c.context, c.group)
    if moving:
        # Timed, so that its root is the work and not the repair of a standby that it waited for.
        leave = c.of_active("working") & c.relief()
        move = phase.after("on -> moving", Deterministic(0.0), "move", when=leave, cls="planned")
        c.context.call(move, f"{c.group.name}/moves")
    stay = [outcome(1.0, "on", ended.move(dict.fromkeys(ended.states, "in_place")))]
    moves: dict[Condition | bool, list[OutcomeRequest]] = {}
    for x in c.members:
        if moving:
            moves |= tried_in_vain(c, x, c.to(x), "unmoved")
        moves[c.to(x)] = [outcome(1.0, c.arrived, active.move(c.activate(x)), by, *proves(c.proof))]
    moved = phase.after(
        "moving ->",
        c.group.law("switchover"),
        "moved",
        cls="planned",
        outcomes={**moves, True: stay},
    )
    c.context.call(moved, f"{c.group.name}/moves")
    first = c.members[0]
    kind, calendar = c.group["failback"]
    home = (active != first) & c.good(first) & c.may(first)
    if kind == "at_once":
        phase.now("on -> returning", FAILBACK, "return", when=home)
    elif kind == "next_open":
        opening = next_open(calendar)
        back_home = phase.after("on -> returning", opening, "return", when=home, cls="planned")
        c.context.call(back_home, f"{c.group.name}/failback")
    back = [outcome(1.0, c.arrived, active.move(c.activate(first)), by, *proves(c.proof))]
    there = c.good(first) & c.may(first)
    vain = tried_in_vain(c, first, there, "failed") if c.standby else {}
    # No root of its own: it keeps the one with which the return began.
    phase.after(
        "returning ->",
        c.group.law("switchover"),
        "returned",
        outcomes={**vain, there: back, True: stay},
    )
    if moving:
        # A fault of its own, at once: what was wrong with the member was not planned.
        off: dict[Condition | bool, list[OutcomeRequest]] = {}
        for x in c.members:
            # Who works on all at once has taken the outage into account, and goes on.
            off[(active == x) & at_once(c.context, c.group, x)] = [outcome(1.0, "on")]
            off[active == x if x != c.members[-1] else True] = [
                outcome(1.0, "on", *called_off(c.context, x))
            ]
        found = phase.after("unmoved ->", Deterministic(0.0), "unmoved", cls="fault", outcomes=off)
        c.context.call(found, f"{c.group.name}/standby")
