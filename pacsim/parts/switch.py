"""A switch: passes traffic on while it is powered and up; most of its faults are short."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts.balancers import add_forwards
from pacsim.parts.hardware import ON_THE_WAY
from pacsim.parts.slots import NETWORK, POWER, RecordType
from pacsim.parts.soft_faults import FAULTS, add_unit
from pacsim.parts.traits import ATTENDED, FORWARDS, NEEDS_POWER, SHARES_ADDRESS, SHARES_FAULTS

if TYPE_CHECKING:
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``<name>/unit`` with soft and hard faults; it forwards while up and powered."""
    unit = add_unit(context, part)
    add_forwards(context, part.name, (unit == "up") & context.powered(part))


TYPE = RecordType(
    name="switch",
    doc="A network or storage switch. A share of its faults are soft: over by a reset, soon.",
    slots=(*FAULTS, POWER, NETWORK),
    unused=MappingProxyType({"reconverge": "seconds, below the shortest outage counted"}),
    build=build,
    traits=frozenset({ATTENDED, FORWARDS, NEEDS_POWER, SHARES_ADDRESS, SHARES_FAULTS}),
    hardware=ON_THE_WAY,
)
