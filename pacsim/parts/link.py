"""A link: a cable that can fail, between two parts."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts.hardware import ON_THE_WAY
from pacsim.parts.network import path
from pacsim.parts.repair import repaired
from pacsim.parts.slots import CAPACITY, RecordType, Slot, life, vendor_repair
from pacsim.parts.traits import ATTENDED, CARRIES_HEARTBEAT, FORWARDS, SHARES_FAULTS

if TYPE_CHECKING:
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``<name>/cable``; it forwards while it is up.

    Nobody sees that it is down while its ends reach each other another way.
    """
    ends = part.names("between")
    around = path(context, *ends) if len(ends) == 2 else True
    cable = repaired(context, part, "cable", "fails", "repair", masked=around)
    context.m.gate(f"{part.name}.forwards", cable == "up")
    context.m.gate(f"{part.name}.ok", cable == "up")


def check(review: Review, part: Part, path: str) -> None:
    """Note a link, or a bond of links, that joins other than two."""
    between = part.values.get("between")
    if between is not None and len(between) != 2:
        rule = f"between names {len(between)} parts"
        review.problem(f"{path}.between", rule, f"a {part.type} joins two")


TYPE = RecordType(
    name="link",
    doc="A cable or line that can fail, between two parts; an entry in `network` cannot.",
    slots=(
        life("fails", "time to failure", also="ttf"),
        vendor_repair(),
        Slot("between", "names", "the two parts it joins"),
        CAPACITY,
    ),
    unused=MappingProxyType({}),
    build=build,
    traits=frozenset({ATTENDED, CARRIES_HEARTBEAT, FORWARDS, SHARES_FAULTS}),
    check=check,
    hardware=ON_THE_WAY,
)
