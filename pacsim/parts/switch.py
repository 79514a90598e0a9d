"""A switch: passes traffic on while it is powered and up; most of its faults are short."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.parts.balancers import add_forwards
from pacsim.parts.build_context import BuildContext, Victim
from pacsim.parts.hardware import ON_THE_WAY
from pacsim.parts.repair import add_repair, stages
from pacsim.parts.slots import NETWORK, POWER, RecordType, Slot, life, vendor_repair, work
from pacsim.parts.traits import ATTENDED, FORWARDS, NEEDS_POWER, SHARES_ADDRESS, SHARES_FAULTS

if TYPE_CHECKING:
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``<name>/unit`` with soft and hard faults; it forwards while up and powered."""
    repair = part.delay("repair")
    down = stages(context, part, repair)
    soft = part.number("soft_share") if "soft_repair" in part else 0.0
    states = ["up", *down, *(["soft"] if soft else [])]
    unit = context.element(part.name, "unit", states, fault=states[1:])
    ways = [outcome(1.0 - soft, down[0])] + ([outcome(soft, "soft")] if soft else [])
    law = context.own_law(part.name, "hardware", part.law("fails"))
    unit.after("up ->", law, "fail", cls="fault", memory="resume", outcomes=ways)
    maps = [(w.p, {"up": w.target}) for w in ways]
    context.victims[part.name, "hardware"] = Victim(unit, tuple(maps))
    add_repair(context, unit, part, repair, masked=False)
    if soft:
        unit.after("soft -> up", part.law("soft_repair"), "reset", cls="repair", renew=True)
    add_forwards(context, part.name, (unit == "up") & context.powered(part))


TYPE = RecordType(
    name="switch",
    doc="A network or storage switch. A share of its faults are soft: over by a reset, soon.",
    slots=(
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
        POWER,
        NETWORK,
    ),
    unused=MappingProxyType({"reconverge": "seconds, below the shortest outage counted"}),
    build=build,
    traits=frozenset({ATTENDED, FORWARDS, NEEDS_POWER, SHARES_ADDRESS, SHARES_FAULTS}),
    hardware=ON_THE_WAY,
)
