"""The types of parts and groups: those that ship, and those of installed packages."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts import (
    active_passive,
    ats,
    backup,
    clients,
    common_cause,
    component,
    crew,
    database,
    disk_array,
    generator,
    link,
    pdu,
    server,
    switch,
    ups,
    utility,
)
from pacsim.parts.slots import RecordType

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTRY_POINT = "pacsim.parts"
"""Group under which a package offers a `RecordType` of its own."""
SHIPPED = (
    component, clients, server, database, disk_array, switch, link, utility, ats, ups, generator,
    pdu, common_cause, crew, backup,
)  # fmt: skip
GROUPS = MappingProxyType({active_passive.TYPE.name: active_passive.TYPE})


@cache
def part_types() -> Mapping[str, RecordType]:
    """Return the types of parts by name.

    Examples
    --------
    >>> "server" in part_types()
    True
    """
    found = {module.TYPE.name: module.TYPE for module in SHIPPED}
    for point in entry_points(group=ENTRY_POINT):
        made = point.load()
        if isinstance(made, RecordType):
            found.setdefault(made.name, made)
    return MappingProxyType(found)
