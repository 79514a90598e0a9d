"""A media converter, copper to fibre: passes traffic on while it is up and powered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.hardware import ON_THE_WAY
from pacsim.parts.repair import repaired
from pacsim.parts.slots import NETWORK, POWER, RecordType, life, work
from pacsim.parts.traits import ATTENDED, FORWARDS, NEEDS_POWER, SHARES_FAULTS

if TYPE_CHECKING:
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``<name>/unit``; it forwards while up and powered."""
    unit = repaired(context, part, "unit", "fails", "repair")
    context.m.gate(f"{part.name}.forwards", (unit == "up") & context.powered(part))
    context.m.gate(f"{part.name}.ok", context.m.forward(f"{part.name}.forwards"))


TYPE = RecordType(
    name="media_converter",
    doc="A media converter on the way between clients and servers.",
    slots=(
        life("fails", "time to failure", also="ttf"),
        work("repair", "hands-on repair", also="ttr", counted=True),
        POWER,
        NETWORK,
    ),
    bundle=False,
    build=build,
    traits=frozenset({ATTENDED, FORWARDS, NEEDS_POWER, SHARES_FAULTS}),
    hardware=ON_THE_WAY,
)
