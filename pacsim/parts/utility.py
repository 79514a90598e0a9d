"""The utility: mains with long, major and momentary interruptions and faults inside the house."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.delays import Mixture
from pacsim.parts.slots import RecordType, Slot, life, work
from pacsim.parts.traits import GIVES_POWER

if TYPE_CHECKING:
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``/outage``, ``/momentary`` and ``/internal``; live while all three are on."""
    m = context.m
    length = part.law("duration")
    major = part.number("major_share") if "major" in part else 0.0
    if major == 1.0:
        length = part.law("major")
    elif major:
        length = Mixture((1.0 - major, major), (length, part.law("major")))
    kinds = [("outage", part.law("outages"), length)]
    if "momentary" in part:
        kinds.append(("momentary", part.law("momentary"), part.law("momentary_length")))
    if "internal" in part:
        kinds.append(("internal", part.law("internal"), part.law("internal_repair")))
    on = []
    for kind, between, lasting in kinds:
        element = context.element(part.name, kind, "on off", fault="off")
        element.after("on -> off", between, "off", cls="fault", memory="resume")
        element.after("off -> on", lasting, "on", cls="repair", renew=True)
        on.append(element == "on")
    m.gate(f"{part.name}.output", m.all(on))
    m.gate(f"{part.name}.ok", m.forward(f"{part.name}.output"))


TYPE = RecordType(
    name="utility",
    doc="Mains power. An interruption is normal or, with a share, major; or momentary.",
    slots=(
        life("outages", "time between interruptions longer than a few minutes"),
        work("duration", "length of a normal interruption"),
        Slot(
            "major",
            "work",
            "length of a major interruption",
            requires=("major_share",),
        ),
        Slot(
            "major_share",
            "share",
            "share of interruptions that are major",
            default=0,
            requires=("major",),
        ),
        life(
            "momentary",
            "time between momentary interruptions",
            default=None,
            requires=("momentary_length",),
        ),
        work("momentary_length", "length of a momentary interruption", default=None),
        life(
            "internal",
            "time between faults of the distribution inside the house",
            default=None,
            requires=("internal_repair",),
        ),
        work("internal_repair", "repair of such a fault, everything included", default=None),
    ),
    build=build,
    traits=frozenset({GIVES_POWER}),
)
