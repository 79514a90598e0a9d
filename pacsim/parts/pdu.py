"""A power distribution unit: passes power on while it is up."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts.hardware import ON_THE_WAY
from pacsim.parts.repair import repaired
from pacsim.parts.slots import POWER, RecordType, life, vendor_repair
from pacsim.parts.traits import ATTENDED, GIVES_POWER, SHARES_FAULTS

if TYPE_CHECKING:
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``<name>/unit``, in series with its feeds."""
    unit = repaired(context, part, "unit", "fails", "repair")
    context.m.gate(f"{part.name}.output", (unit == "up") & context.powered(part))
    context.m.gate(f"{part.name}.ok", context.output(part.name))


TYPE = RecordType(
    name="pdu",
    doc="A power distribution unit in series with its feed.",
    slots=(
        POWER,
        life("fails", "time to failure", also="ttf"),
        vendor_repair(),
    ),
    unused=MappingProxyType(
        {
            "overload": "feeds are sized for the whole load",
            "single_corded": "cords are drawn as power feeds",
        }
    ),
    build=build,
    traits=frozenset({ATTENDED, GIVES_POWER, SHARES_FAULTS}),
    hardware=ON_THE_WAY,
)
