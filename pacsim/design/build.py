"""From a resolved design to a model: every part adds its automaton to one building site."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from pacsim.core import ModelBuilder
from pacsim.delays import Origin
from pacsim.parts.overlaps import with_overlaps
from pacsim.parts.roles import build_role
from pacsim.parts.site import Site
from pacsim.parts.traits import FAILS_OVER

if TYPE_CHECKING:
    from pacsim.core import Model
    from pacsim.design.resolved import Resolved
    from pacsim.parts.values import Part


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
    # Types that register something for others come first; those that use it come after the groups.
    parts = sorted(resolved.parts.values(), key=_turn)
    for part in parts:
        if _turn(part) <= 0:
            _add(site, part)
    for group in resolved.groups.values():
        _add(site, group)
    for part in parts:
        if _turn(part) > 0:
            _add(site, part)
    for role in resolved.roles.values():
        build_role(site, role)
    if len(resolved.roles) > 1:
        m.gate_time("overall", ~m.all(m.forward(f"role.{name}") for name in resolved.roles))
    watched = [group.name for group in resolved.groups.values() if group.has(FAILS_OVER)]
    return with_overlaps(m.build(), watched)


def _turn(part: Part) -> int:
    return part.kind.turn if part.kind is not None else 0


def _add(site: Site, part: Part) -> None:
    assert part.kind is not None
    assert part.kind.build is not None, part.type
    part.kind.build(site, part)
