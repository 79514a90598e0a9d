"""A component: anything that fails and is repaired, for what has no type of its own."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts.repair import repaired
from pacsim.parts.slots import NETWORK, POWER, RecordType, life, work
from pacsim.parts.traits import ATTENDED, SHARES_FAULTS, VOTES

if TYPE_CHECKING:
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``<name>/unit``; gate ``<name>.ok``: up and powered."""
    unit = repaired(context, part, "unit", "fails", "repair")
    context.m.gate(f"{part.name}.ok", (unit == "up") & context.powered(part))


TYPE = RecordType(
    name="component",
    doc="Anything that fails and is repaired: a RIS interface, a site's network, a chiller.",
    slots=(
        life("fails", "time to failure", also="ttf"),
        work(
            "repair",
            "hands-on repair, or with ttr everything from fault to working",
            also="ttr",
            counted=True,
        ),
        POWER,
        NETWORK,
    ),
    unused=MappingProxyType({}),
    build=build,
    traits=frozenset({ATTENDED, SHARES_FAULTS, VOTES}),
)
