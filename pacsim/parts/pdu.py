"""A power distribution unit: passes power on while it is up."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts.repair import repaired
from pacsim.parts.slots import POWER, RecordType, life, work

if TYPE_CHECKING:
    from pacsim.parts.site import Site
    from pacsim.parts.values import Part


def build(site: Site, part: Part) -> None:
    """Add ``<name>/unit``, in series with its feeds."""
    unit = repaired(site, part, "unit", "fails", "repair")
    site.m.gate(f"{part.name}.output", (unit == "up") & site.powered(part))
    site.m.gate(f"{part.name}.ok", site.output(part.name))


TYPE = RecordType(
    name="pdu",
    doc="A power distribution unit in series with its feed.",
    slots=(
        POWER,
        life("fails", "time to failure", also="ttf"),
        work("repair", "repair, everything included", also="ttr"),
    ),
    unused=MappingProxyType(
        {
            "overload": "feeds are sized for the whole load",
            "single_corded": "cords are drawn as power feeds",
        }
    ),
    build=build,
)
