"""A service in the cloud: an object store or a managed archive, with outages of its own."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts.hardware import Failures, Hardware, Unavailability
from pacsim.parts.slots import NETWORK, RecordType, life, work
from pacsim.parts.traits import REACHED, VOTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``<name>/service``; ok while it is up. Whoever needs it needs a path to it besides."""
    service = context.element(part.name, "service", "up down", fault="down")
    service.after("up -> down", part.law("outages"), "out", cls="fault", memory="resume")
    service.after("down -> up", part.law("repair"), "back", cls="repair", renew=True)
    context.m.gate(f"{part.name}.ok", service == "up")


def boxes(part: Part, _q: Unavailability) -> Mapping[str, float]:
    """Return the one box; an outage covers everything, whatever contract is in force."""
    down = part.law("repair").mean()
    return {f"{part.name}/box": down / (part.law("outages").mean() + down)}


def failed(failures: Failures, part: Part, places: tuple[str, ...]) -> int:
    """Return that it is down, or out of reach of a place."""
    cut = (failures.cut(place, part.name) for place in places)
    return failures.any([failures.box(f"{part.name}/box"), *cut])


TYPE = RecordType(
    name="cloud",
    doc="A service in the cloud that is reached over lines of providers.",
    slots=(
        life("outages", "time between outages that stop the service"),
        work("repair", "length of an outage", also="ttr", covers=""),
        NETWORK,
    ),
    unused=MappingProxyType(
        {
            "promise": "a promise, not what is delivered",
            "promise_dicom": "a promise, not what is delivered",
            "durability": "loss of what it holds is not modelled",
        }
    ),
    build=build,
    traits=frozenset({REACHED, VOTES}),
    hardware=Hardware(boxes, failed, needed=True),
)
