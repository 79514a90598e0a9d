"""A common cause: a share of the members' failures takes all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.slots import RecordType, Slot, share

if TYPE_CHECKING:
    from pacsim.parts.site import Site
    from pacsim.parts.values import Part


def build(site: Site, part: Part) -> None:
    """Add ``<name>/shock``; parts that a shock can take have registered how."""
    members = part.names("members")
    victims = [site.victims[name, "hardware"] for name in members]
    law = site.parts[members[0]].law("fails")
    site.shock(part.name, "shock", law, part.number("share"), victims)


TYPE = RecordType(
    name="common_cause",
    doc="One shock at share x rate with effects on all; the members' own rates keep 1 - share.",
    slots=(
        Slot("members", "names", "two parts or more of one type", default="required"),
        share("share", "share of a member's failures that are common"),
    ),
    bundle=False,
    build=build,
)
