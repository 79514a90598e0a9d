"""A box whose faults are soft, over by a reset within minutes, or hard and repaired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.parts.build_context import Victim
from pacsim.parts.repair import UNSEEN, add_repair, stages
from pacsim.parts.slots import Slot, life, vendor_repair, work

if TYPE_CHECKING:
    from pacsim.core.writing.handles import ElementRef
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part

FAULTS = (
    life("fails", "time to failure", also="ttf"),
    vendor_repair("a hard fault"),
    Slot(
        "soft_share",
        "share",
        "share of faults that are soft",
        default=0,
        requires=("soft_repair",),
    ),
    work("soft_repair", "recovery from a soft fault, everything included", default=None),
)
"""Slots of such a box."""


def add_unit(context: BuildContext, part: Part) -> ElementRef:
    """Add ``<name>/unit``, which is up or has a soft or a hard fault, and return it.

    Nobody feels the hard fault of a member of a group that serves from another.
    """
    repair = part.delay("repair")
    down = stages(context, part, repair)
    soft = part.number("soft_share") if "soft_repair" in part else 0.0
    late = [UNSEEN] if down[0] == "failed" and context.unseen(part.name) is not None else []
    states = ["up", *down, *(["soft"] if soft else []), *late]
    unit = context.element(part.name, "unit", states, fault=states[1:])
    law = context.own_law(part.name, "hardware", part.law("fails"))
    chances = {down[0]: 1.0 - soft, **({"soft": soft} if soft else {})}
    ways = [outcome(p, state) for state, p in chances.items()]
    unfelt = [outcome(p, UNSEEN if state == down[0] else state) for state, p in chances.items()]
    outcomes = context.unfelt(part.name, ways, unfelt) if late else ways
    unit.after("up ->", law, "fail", cls="fault", memory="resume", outcomes=outcomes)
    maps = tuple((p, {"up": state}) for state, p in chances.items())
    context.victims[part.name, "hardware"] = Victim(unit, maps)
    add_repair(context, unit, part, repair, masked=False)
    if soft:
        unit.after(
            "soft -> up",
            part.law("soft_repair"),
            "reset",
            cls="repair",
            renew=True,
            automatic=True,
        )
    return unit
