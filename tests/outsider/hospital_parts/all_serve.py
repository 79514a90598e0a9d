"""A group in which all serve: all members serve behind a balancer that leaves out the bad ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.build_context import GROUP, TIDY
from pacsim.parts.groups import GroupHooks
from pacsim.parts.hardware import Failures, Hardware, Unavailability
from pacsim.parts.slots import RecordType, Slot
from pacsim.parts.traits import REACHED, SERVES
from pacsim.parts.watch_handles import FailoverWatch

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part

KINDS = ("planned", "member")
"""What took service away, in the order of the level ``at_start``."""
ENDINGS = ("by_itself", "left_out")
"""How it came back, in the order of the level ``at_end``: the bad one did, or it was left out."""
PHASES = ("detection", "outage")
"""Another member could serve and the balancer does not know yet; no member could."""


def build(context: BuildContext, group: Part) -> None:
    """Add ``.ok``: a member serves, and the balancer sends nobody to one that does not.

    With ``notice`` there are ``/seat-<member>``, in or out of the balancer's list, and
    ``/ended-by``. Every gap is watched as a failover.
    """
    m, name, members = context.m, group.name, group.names("members")
    good = [context.ok(member) for member in members]
    if "notice" in group:
        serving, left_out = _balanced(context, group)
    else:
        serving, left_out = m.any(good), ~m.always()
    m.gate(f"{name}.ok", serving)
    gap = f"{name}.gap"
    watch = FailoverWatch(
        name, f"gaps:{name}", kinds=KINDS, endings=ENDINGS, phases=PHASES,
        automatic="left_out", gap=gap,
    )  # fmt: skip
    context.watch(watch)
    none_left = ~m.any(good)
    kind = m.first_of([m.any(m.forward(f"{member}.working") for member in members)])
    m.episodes(
        watch.observed,
        m.gate(gap, ~m.forward(f"{name}.ok")),
        at_start=watch.at_start(kind, m.count([none_left])),
        at_end=m.count([left_out]),
        phase=m.count([none_left]),
    )


def _balanced(context: BuildContext, group: Part) -> tuple[Condition, Condition]:
    """Add the balancer's list; return when it serves, and that leaving one out made it so."""
    m, name = context.m, group.name
    ended = context.element(name, "ended-by", "itself notice", lasting=True)
    noticed = ended.move({"itself": "notice", "notice": "notice"})
    serves, misleads = [], []
    for member in group.names("members"):
        good, working = context.ok(member), m.forward(f"{member}.working")
        seat = context.element(name, f"seat-{member}", "in out")
        law = group.law("notice")
        seat.after("in -> out", law, "noticed", when=~good, effects=[noticed])
        seat.now("in -> out", GROUP, "drained", when=working, cls="planned")
        seat.now("out -> in", GROUP, "back", when=good)
        serves.append((seat == "in") & good)
        misleads.append((seat == "in") & ~good)
    serving = m.any(serves) & ~m.any(misleads)
    ended.now("notice -> itself", TIDY, "forgotten", when=~m.forward(f"{name}.ok"))
    return serving, ended == "notice"


def boxes(_group: Part, _q: Unavailability) -> dict[str, float]:
    """Return nothing: its members have the boxes."""
    return {}


def failed(failures: Failures, group: Part, places: tuple[str, ...]) -> int:
    """Return that all members have failed."""
    return failures.all(failures.needed(member, places) for member in group.names("members"))


TYPE = RecordType(
    name="all_serve",
    doc="Servers that all serve behind a balancer; one suffices.",
    slots=(
        Slot("members", "names", "servers", default="required", refers=(SERVES,)),
        Slot("notice", "delay", "until a bad member is left out; at once if not given"),
    ),
    bundle=False,
    build=build,
    traits=frozenset({REACHED}),
    hardware=Hardware(boxes, failed, needed=True),
    group=GroupHooks(),
)
