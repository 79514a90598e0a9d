"""A line of a provider: up, or down until the provider has mended it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts.build_context import BuildContext, Victim
from pacsim.parts.hardware import Hardware, Unavailability, box_failed
from pacsim.parts.lives import life_of
from pacsim.parts.slots import CAPACITY, NETWORK, REQUIRED, RecordType, Slot, work
from pacsim.parts.traits import FORWARDS, SHARES_FAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.parts.review import Review
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``<name>/line``; it forwards while it is up."""
    m, name = context.m, part.name
    life = life_of(part)
    assert life is not None, name
    line = context.element(name, "line", "up down", fault="down")
    law = context.own_law(name, "hardware", life)
    line.after("up -> down", law, "fail", cls="fault", memory="resume")
    line.after("down -> up", part.law("repair"), "repaired", cls="repair", renew=True)
    context.victims[name, "hardware"] = Victim(line, ((1.0, {"up": "down"}),))
    m.gate(f"{name}.forwards", line == "up")
    m.gate(f"{name}.ok", m.forward(f"{name}.forwards"))


def check(review: Review, part: Part, path: str) -> None:
    """Note a line whose life is stated twice."""
    if "fails" in part and "availability" in part:
        rule = "a life and an availability say the same twice"
        remedy = "leave one of them out, or write availability: null if the bundle gives it"
        review.problem(f"{path}.fails", rule, remedy)


def boxes(part: Part, _q: Unavailability) -> Mapping[str, float]:
    """Return the one box; a repair covers everything, whatever contract is in force."""
    life = life_of(part)
    assert life is not None, part.name
    down = part.law("repair").mean()
    return {f"{part.name}/box": down / (life.mean() + down)}


TYPE = RecordType(
    name="wan",
    doc="A line of a provider, by what it promises or by its life.",
    slots=(
        Slot(
            "availability",
            "share",
            "share of time that it is up; with the mean of repair it gives the mean life",
            positive=True,
            below=1.0,
        ),
        Slot(
            "fails",
            "life",
            "time to failure, in place of availability",
            also="ttf",
            without=("availability", REQUIRED),
            remedy="give availability or fails, or from: wan_business",
        ),
        work("repair", "fault to working, everything included", also="ttr", covers=""),
        NETWORK,
        CAPACITY,
    ),
    unused=MappingProxyType(
        {
            "common": "stated as a common_cause of the lines",
            "reroute": "seconds, below the shortest outage counted",
        }
    ),
    build=build,
    traits=frozenset({FORWARDS, SHARES_FAULTS}),
    check=check,
    hardware=Hardware(boxes, box_failed),
)
