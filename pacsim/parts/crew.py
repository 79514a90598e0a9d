"""A crew: people on duty by a calendar, a number of them free, first come first served."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts.slots import LAST, RecordType, Slot, work
from pacsim.parts.traits import BACKGROUND, RESPONDS

if TYPE_CHECKING:
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add gate ``<name>.free``: fewer are busy than there are, counted over states, not taken."""
    free = int(part["size"]) - context.m.count(context.busy)
    context.m.gate(f"{part.name}.free", free >= 1)


def check(review: Review, part: Part, path: str) -> None:
    """Note a second crew."""
    first = next(review.having(RESPONDS))
    if first.name != part.name:
        rule = f'a second crew beside "{first.name}" is not supported yet'
        review.problem(path, rule, "give one crew more people")


TYPE = RecordType(
    name="crew",
    doc="People who repair and restart; outside their hours they respond more slowly.",
    slots=(
        Slot(
            "size",
            "count",
            "people who can work at the same time",
            default={"catalogue": "hum.crew"},
            also="crew",
            positive=True,
        ),
        Slot(
            "on_duty",
            "calendar",
            "hours on duty; always if not given",
            file=True,
            requires=("respond_night",),
        ),
        work("respond", "alert to start of work, on duty"),
        Slot("respond_night", "work", "alert to start of work, off duty", default=None),
    ),
    unused=MappingProxyType(
        {
            "hours": "on_duty is a calendar",
            "onsite_night": "vendors come on site",
            "diagnose": "counted in manual_restart and in repairs",
            "operator_error": "stated as a component of its own",
            "operator_repair": "stated as a component of its own",
            "service_fault": "visits do no damage",
            "spare_stock": "replacement is a law of its own",
            "spare_replenish": "replacement is a law of its own",
        }
    ),
    build=build,
    traits=frozenset({BACKGROUND, RESPONDS}),
    turn=LAST,
    check=check,
)
