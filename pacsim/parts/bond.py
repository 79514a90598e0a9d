"""A bond: several links side by side between two parts, used as one (IEEE 802.1AX)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts import link
from pacsim.parts.hardware import Failures, Hardware, Unavailability
from pacsim.parts.network import path
from pacsim.parts.repair import repaired
from pacsim.parts.slots import REQUIRED, RecordType, Slot, life, vendor_repair
from pacsim.parts.traits import AGGREGATES, ATTENDED, CARRIES_HEARTBEAT, FORWARDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``<name>/link-k``; it forwards while one is up, ``.up.K`` while K or more are.

    Nobody sees a fault of one while its ends reach each other over the others or another way.
    """
    m, name = context.m, part.name
    masked = path(context, *part.names("between"))
    links = [
        repaired(context, part, "link", "fails", "repair", number=k, masked=masked, common="")
        for k in _numbers(part)
    ]
    up = m.count(one == "up" for one in links)
    for k in _numbers(part):
        m.gate(f"{name}.up.{k}", up >= k)
    m.gate(f"{name}.forwards", m.forward(f"{name}.up.1"))
    m.gate(f"{name}.ok", m.forward(f"{name}.forwards"))


def _numbers(part: Part) -> range:
    return range(1, int(part["links"]) + 1)


def boxes(part: Part, q: Unavailability) -> Mapping[str, float]:
    """Return a box for each link."""
    one = q(part, "fails", "repair")
    return {f"{part.name}/link-{k}": one for k in _numbers(part)}


def failed(failures: Failures, part: Part, _places: tuple[str, ...]) -> int:
    """Return that all its links are broken."""
    return failures.all(failures.box(f"{part.name}/link-{k}") for k in _numbers(part))


TYPE = RecordType(
    name="bond",
    doc="Several links between two parts, used as one; what is left carries the traffic.",
    slots=(
        Slot("links", "count", "links side by side", default=2, positive=True),
        life("fails", "time to failure of one link", also="ttf"),
        vendor_repair("one link"),
        Slot("between", "names", "the two parts it joins", default=REQUIRED),
        Slot("capacity", "throughput", "most that one link carries; everything if not given"),
    ),
    unused=MappingProxyType({}),
    build=build,
    traits=frozenset({AGGREGATES, ATTENDED, CARRIES_HEARTBEAT, FORWARDS}),
    check=link.check,
    hardware=Hardware(boxes, failed),
)
