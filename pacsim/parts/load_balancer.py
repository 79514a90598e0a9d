"""A load balancer: hands connections on to the servers of a pool while it is powered and up.

It is an end of every path, so it joins no two switches: what goes over it goes to it first, and
from it to a server.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts.hardware import Failures, Hardware, box_failed, box_of
from pacsim.parts.slots import NETWORK, POWER, RecordType
from pacsim.parts.soft_faults import FAULTS, add_unit
from pacsim.parts.traits import (
    ATTENDED,
    BALANCES,
    NEEDS_POWER,
    REACHED,
    SHARES_ADDRESS,
    SHARES_FAULTS,
)

if TYPE_CHECKING:
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``<name>/unit`` with soft and hard faults; ``.ok`` up and powered, ``.soft`` a reset."""
    unit = add_unit(context, part)
    context.m.gate(f"{part.name}.ok", (unit == "up") & context.powered(part))
    soft = unit.among("soft") if "soft" in unit.states else ~context.m.always()
    context.m.gate(f"{part.name}.soft", soft)


def failed(failures: Failures, part: Part, places: tuple[str, ...]) -> int:
    """Return that it is broken or without power, or that a place does not reach it."""
    ways = [failures.cut(place, part.name) for place in places]
    return failures.any([box_failed(failures, part, ()), *ways])


TYPE = RecordType(
    name="load_balancer",
    doc="Hands connections on to the servers behind it. Most of its faults are short.",
    slots=(*FAULTS, POWER, NETWORK),
    unused=MappingProxyType({"failover_fails": "of the vrrp group that it is in"}),
    build=build,
    traits=frozenset({ATTENDED, BALANCES, NEEDS_POWER, REACHED, SHARES_ADDRESS, SHARES_FAULTS}),
    hardware=Hardware(box_of, failed, needed=True),
)
