"""A flywheel: carries the load for a while after its feed is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.build_context import BATTERY
from pacsim.parts.hardware import ON_THE_WAY
from pacsim.parts.repair import repaired
from pacsim.parts.slots import POWER, RecordType, Slot, life, work
from pacsim.parts.traits import GIVES_POWER, SHARES_FAULTS

if TYPE_CHECKING:
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``<name>/unit`` and ``<name>/wheel``, which rides through until it stands still."""
    unit = repaired(context, part, "unit", "fails", "repair")
    fed = context.powered(part)
    wheel = context.m.element(f"{part.name}/wheel", "fed riding still", fault="still")
    wheel.now("fed -> riding", BATTERY, "lost", when=~fed)
    wheel.now("riding still -> fed", BATTERY, "back", when=fed)
    wheel.after("riding -> still", part.law("rides"), "still")
    context.m.gate(f"{part.name}.output", (unit == "up") & (wheel != "still"))
    context.m.gate(f"{part.name}.ok", context.output(part.name))


TYPE = RecordType(
    name="flywheel",
    doc="A flywheel in series with its feed; rides through short losses of it.",
    slots=(
        POWER,
        life("fails", "time to failure", also="ttf"),
        work("repair", "repair, everything included", also="ttr"),
        Slot("rides", "delay", "how long it carries the load", default="required"),
    ),
    bundle=False,
    build=build,
    traits=frozenset({GIVES_POWER, SHARES_FAULTS}),
    hardware=ON_THE_WAY,
)
