"""The types of parts and groups: those that ship, and those of installed packages."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.errors import PacsimError
from pacsim.parts import (
    active_active,
    active_passive,
    ats,
    backup,
    bond,
    clients,
    cloud,
    common_cause,
    component,
    crew,
    database,
    disk_array,
    firewall,
    generator,
    link,
    load_balancer,
    mirror,
    pdu,
    primary_standby,
    quorum,
    server,
    switch,
    ups,
    utility,
    vrrp,
    wan,
)
from pacsim.parts.slots import RecordType

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTRY_POINT, GROUP_ENTRY_POINT = "pacsim.parts", "pacsim.groups"
"""Entry points under which a package offers a `RecordType` of its own, of a part or a group."""
SHIPPED = (
    component, clients, server, database, disk_array, switch, link, bond, firewall, wan, cloud,
    utility, ats, ups, generator, pdu, common_cause, crew, backup,
    load_balancer,
)  # fmt: skip
GROUPS = MappingProxyType(
    {
        module.TYPE.name: module.TYPE
        for module in (active_passive, active_active, vrrp, quorum, primary_standby, mirror)
    }
)
"""Types of groups that ship."""


class TypeOfPackageError(PacsimError):
    """A type that an installed package offers cannot be used; names the package and why."""


@cache
def part_types() -> Mapping[str, RecordType]:
    """Return the types of parts by name, those that ship first.

    Raises
    ------
    TypeOfPackageError
        If a package offers something that cannot be loaded, is no type, or has a name in use.

    Examples
    --------
    >>> "server" in part_types()
    True
    """
    shipped = {module.TYPE.name: module.TYPE for module in SHIPPED}
    return _with_installed(shipped, ENTRY_POINT, GROUPS)


@cache
def group_types() -> Mapping[str, RecordType]:
    """Return the types of groups by name, those that ship first.

    Raises
    ------
    TypeOfPackageError
        As for `part_types`.

    Examples
    --------
    >>> "active_passive" in group_types()
    True
    """
    return _with_installed(dict(GROUPS), GROUP_ENTRY_POINT, part_types())


def all_types() -> Mapping[str, RecordType]:
    """Return the types of parts, then those of groups, by name.

    Examples
    --------
    >>> list(all_types())[-1] in group_types()
    True
    """
    return MappingProxyType({**part_types(), **group_types()})


def _with_installed(
    types: dict[str, RecordType], entry_point: str, others: Mapping[str, RecordType]
) -> Mapping[str, RecordType]:
    """Return types and those of installed packages; a name belongs to one type only."""
    problems = []
    for point in sorted(entry_points(group=entry_point), key=lambda p: (_package(p), p.name)):
        where = f'package {_package(point)}, entry point "{point.name}" of {entry_point}'
        try:
            made = point.load()
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            problems.append(f"{where}: {point.value} cannot be loaded ({said}); mend or remove it")
            continue
        if not isinstance(made, RecordType) or made.build is None:
            rule = "is no RecordType with a build"
            problems.append(f"{where}: {point.value} {rule}; name the object, such as module:TYPE")
        elif made.name in types or made.name in others:
            rule = f'a type "{made.name}" is there already'
            problems.append(f"{where}: {rule}; give it another name")
        else:
            types[made.name] = made
    if problems:
        raise TypeOfPackageError("\n".join(problems))
    return MappingProxyType(types)


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "(unknown)"
