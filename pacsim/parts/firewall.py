"""A firewall or router: passes traffic on while it is powered and up."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts.balancers import add_forwards
from pacsim.parts.hardware import ON_THE_WAY
from pacsim.parts.repair import repaired
from pacsim.parts.slots import CAPACITY, NETWORK, POWER, RecordType, life, vendor_repair
from pacsim.parts.traits import ATTENDED, FORWARDS, NEEDS_POWER, SHARES_ADDRESS, SHARES_FAULTS

if TYPE_CHECKING:
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``<name>/unit``; it forwards while up and powered."""
    unit = repaired(context, part, "unit", "fails", "repair")
    add_forwards(context, part.name, (unit == "up") & context.powered(part))


TYPE = RecordType(
    name="firewall",
    doc="A firewall or router on the way of traffic.",
    slots=(
        life("fails", "time to failure", also="ttf"),
        vendor_repair(),
        POWER,
        NETWORK,
        CAPACITY,
    ),
    unused=MappingProxyType({}),
    build=build,
    traits=frozenset({ATTENDED, FORWARDS, NEEDS_POWER, SHARES_ADDRESS, SHARES_FAULTS}),
    hardware=ON_THE_WAY,
)
