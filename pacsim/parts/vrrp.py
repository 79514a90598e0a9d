"""A vrrp group: parts that share an address, held by one that is up; takeover, and people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.parts.build_context import ADDRESS, TIDY
from pacsim.parts.failover import HOW
from pacsim.parts.groups import GroupHooks
from pacsim.parts.hardware import Failures, Hardware, no_boxes
from pacsim.parts.manual_failover import add_call, waiting_states
from pacsim.parts.slots import RecordType, Slot, share
from pacsim.parts.traits import BALANCES, FORWARDS, REACHED, SHARES_ADDRESS
from pacsim.parts.watch_handles import FailoverWatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.core import ModelBuilder
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef
    from pacsim.core.writing.transition_requests import MoveRequest, OutcomeRequest
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part

KINDS = ("power", "process", "host")
"""What took the holder at the start of a gap, first of: its power, a short software fault, itself.

The words are those of server groups, so that one table has the gaps of all.
"""
PHASES = ("detection", "decision")
"""Until adverts have been missed for long enough, and people; the takeover itself is instant."""


@dataclass(frozen=True, slots=True)
class Router:
    """A group that shares an address, under construction, with what its transitions share."""

    context: BuildContext
    group: Part
    phase: ElementRef
    active: ElementRef
    ended: ElementRef

    @property
    def members(self) -> tuple[str, ...]:
        """Names of the members, the first one with the highest priority."""
        return self.group.names("members")

    def up(self, member: str) -> Condition:
        """Return the condition that a member is up, whether or not it holds the address."""
        return self.context.ok(member)

    def held_by(self, *members: str) -> Condition:
        """Return the condition that one of some members holds, or held last, and is up."""
        return self.context.m.any((self.active == x) & self.up(x) for x in members)

    def first_up(self, member: str) -> Condition:
        """Return the condition that a member is up and none before it is."""
        earlier = self.members[: self.members.index(member)]
        return self.context.m.all([self.up(member), *(~self.up(x) for x in earlier)])

    def takes(self, member: str, how: str) -> list[MoveRequest]:
        """Return the effects by which a member takes the address."""
        hold = self.active.move(dict.fromkeys(self.members, member))
        return [hold, self.ended.move(dict.fromkeys(HOW, how))]


def build(context: BuildContext, group: Part) -> None:
    """Add ``/phase``, ``/active`` and ``/ended-by``.

    Gates: ``.holder.MEMBER`` the address is its own and it is up; ``.ok`` somebody's.
    """
    m, name = context.m, group.name
    members, faults = group.names("members"), waiting_states(context)
    phase = context.element(name, "phase", f"on taking {faults}", fault=faults)
    active = context.element(name, "active", list(members), lasting=True)
    ended = context.element(name, "ended-by", list(HOW))
    context.ended[name] = ended
    router = Router(context, group, phase, active, ended)
    for x in members:
        m.gate(f"{name}.holder.{x}", (phase == "on") & (active == x) & router.up(x))
    m.gate(f"{name}.ok", m.any(is_holder(m, group, x) for x in members))
    add_takeover(router)
    add_preemption(router)
    add_recall(router, faults)
    watch_moves(router)


def add_takeover(r: Router) -> None:
    """Add the takeover: no adverts for a while, and the first other one that is up holds.

    It stops if the holder is back before. Who finds nobody up changes nothing: then the address is
    nobody's, and the first one back takes it over unless it was the holder.
    """
    phase, m = r.phase, r.context.m
    back = r.held_by(*r.members)
    others = m.any((r.active != x) & r.up(x) for x in r.members)
    phase.now("on -> taking", ADDRESS, "miss", when=others & ~back)
    phase.now("taking -> on", ADDRESS, "healed", when=back)
    fails = r.group.number("failover_fails")
    failed = [outcome(fails, "failed")] if fails > 0 else []
    cases: dict[Condition | bool, list[OutcomeRequest]] = {}
    for x in r.members:
        taken = [outcome(1.0 - fails, "on", *r.takes(x, "automatic"))] if fails < 1 else []
        cases[r.first_up(x)] = [*taken, *failed]
    cases[True] = [outcome(1.0, "on")]
    phase.after("taking ->", r.group.law("takeover"), "taken", outcomes=cases)


def add_preemption(r: Router) -> None:
    """Add that a member takes the address from one of lower priority, which costs no time.

    Only from one that is up: what nobody sends adverts for is a takeover.
    """
    if not r.group["preempt"]:
        return
    for k, x in enumerate(r.members[:-1]):
        lower = r.held_by(*r.members[k + 1 :])
        hold = r.active.move(dict.fromkeys(r.members, x))
        when = r.first_up(x) & lower
        r.phase.now("on -> on", ADDRESS, f"preempt-{x}", when=when, effects=[hold])


def add_recall(r: Router, faults: str) -> None:
    """Add people after a takeover that failed; the return of the old holder makes them needless."""
    phase = r.phase
    back = r.held_by(*r.members)
    repaired = r.ended.move(dict.fromkeys(HOW, "repair"))
    phase.now(f"{faults} -> on", ADDRESS, "returned", when=back, effects=[repaired])
    law, p = add_call(r.context, phase)
    again = [outcome(1.0 - p, "working")] if p < 1 else []
    cases: dict[Condition | bool, list[OutcomeRequest]] = {
        r.first_up(x): [outcome(p, "on", *r.takes(x, "people")), *again] for x in r.members
    }
    cases[True] = [outcome(p, "on"), *again]
    phase.after("working ->", law, "worked", cls="repair", outcomes=cases)
    lost = phase.among("on", "taking") & ~r.context.ok(r.group.name)
    r.ended.now("automatic people repair -> in_place", TIDY, "reset", when=lost)


def watch_moves(r: Router) -> None:
    """Watch every gap in which nobody holds the address: kind, others up, ending, phases."""
    m, name, context = r.context.m, r.group.name, r.context

    def of_holder(what: Mapping[str, Condition]) -> Condition:
        return m.any((r.active == x) & condition for x, condition in what.items())

    parts = [context.parts[x] for x in r.members]
    dark = of_holder({x.name: ~context.powered(x) for x in parts})
    soft = of_holder({x.name: m.forward(f"{x.name}.soft") for x in parts if x.has(BALANCES)})
    others = m.any((r.active != x) & r.up(x) for x in r.members)
    gap = f"{name}.gap"
    gaps = FailoverWatch(name, f"failover:{name}", kinds=KINDS, endings=HOW, phases=PHASES, gap=gap)
    context.watch(gaps)
    m.episodes(
        gaps.observed,
        m.gate(gap, ~context.ok(name)),
        at_start=gaps.at_start(m.first_of([dark, soft]), m.count([~others])),
        at_end=r.ended.number(),
        phase=m.first_of([r.phase.among("on", "taking")]),
    )


def is_holder(m: ModelBuilder, group: Part, member: str) -> Condition:
    """Return the condition that a member is up and holds the address."""
    return m.forward(f"{group.name}.holder.{member}")


def failed(failures: Failures, group: Part, places: tuple[str, ...]) -> int:
    """Return that every member has failed: one of them suffices, and no takeover takes time."""
    return failures.all(failures.needed(member, places) for member in group.names("members"))


def check(review: Review, group: Part, path: str) -> None:
    """Note members of which some hand connections on and others pass traffic on."""
    members = review.members(group)
    passing = [x.name for x in members if x.has(FORWARDS)]
    ending = [x.name for x in members if not x.has(FORWARDS)]
    if passing and ending:
        rule = f"{passing[0]} passes traffic on and {ending[0]} ends it: they share no address"
        review.problem(f"{path}.members", rule, "name load balancers alone, or switches alone")


TYPE = RecordType(
    name="vrrp",
    doc="Load balancers, switches or firewalls that share an address; one that is up holds it.",
    slots=(
        Slot(
            "members",
            "names",
            "who may hold it, by priority; the first one holds it at the start",
            default="required",
            refers=(SHARES_ADDRESS,),
        ),
        Slot(
            "takeover",
            "delay",
            "no adverts of the holder until another holds the address",
            default={"catalogue": "fo.keepalived"},
        ),
        share(
            "failover_fails",
            "probability that a takeover fails and people have to come",
            default={"catalogue": "net.failover_ineffective"},
        ),
        Slot(
            "preempt",
            "flag",
            "whether one of higher priority takes the address back at once when it is up",
            default=False,
        ),
    ),
    bundle=False,
    build=build,
    traits=frozenset({BALANCES, REACHED}),
    check=check,
    hardware=Hardware(no_boxes, failed, needed=True),
    group=GroupHooks(active=is_holder, passes=is_holder),
)
