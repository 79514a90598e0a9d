"""From a resolved design to a model: every part adds its automaton to one building site."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from pacsim.core import ModelBuilder
from pacsim.delays import Origin
from pacsim.parts.overlaps import with_overlaps
from pacsim.parts.registry import GROUPS, part_types
from pacsim.parts.roles import build_role
from pacsim.parts.site import Site

if TYPE_CHECKING:
    from pacsim.core import Model
    from pacsim.design.resolve import Resolved

FIRST, LAST = ("backup",), ("common_cause", "crew")
"""Types that register something for others, and types that use what others registered."""


def build(resolved: Resolved) -> Model:
    """Return the frozen model of a resolved design.

    Parameters
    ----------
    resolved : Resolved
        Of a loaded design.

    Returns
    -------
    Model
        With roles, losses and failovers observed as ``role:<name>``, ``loss:<array>:...`` and
        ``failover:<group>``, the moments of faults in a gap as ``overlap:<group>``.

    Raises
    ------
    ModelError
        If a part type's automaton contradicts itself.
    """
    starts = dt.datetime.fromisoformat(str(resolved.contract["starts"]))
    m = ModelBuilder(Origin(starts))
    site = Site(
        m=m,
        parts=resolved.parts,
        groups=resolved.groups,
        roles=resolved.roles,
        practices=resolved.practices,
        archive=resolved.archive,
    )
    types = part_types()

    def turn(kind: str) -> int:
        return 0 if kind in FIRST else 2 if kind in LAST else 1

    for wanted in (0, 1):
        for part in resolved.parts.values():
            if turn(part.type) == wanted:
                _add(types[part.type].build, site, part)
    for group in resolved.groups.values():
        _add(GROUPS[group.type].build, site, group)
    for kind in LAST:
        for part in resolved.parts.values():
            if part.type == kind:
                _add(types[kind].build, site, part)
    for role in resolved.roles.values():
        build_role(site, role)
    if len(resolved.roles) > 1:
        m.gate_time("overall", ~m.all(m.forward(f"role.{name}") for name in resolved.roles))
    return with_overlaps(m.build(), resolved.groups)


def _add(adds: object, site: Site, part: object) -> None:
    assert callable(adds)
    adds(site, part)
