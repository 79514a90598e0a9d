"""Numbers of a design that change nothing in it, because something else of it stands in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.design.owners import owners

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.design.noted import Input
    from pacsim.design.resolved import Resolved


def idle_slots(resolved: Resolved) -> dict[str, str]:
    """Return why slots change nothing, by path: what their types know of the practices.

    It is not every number that changes nothing: others are of parts that no role needs.

    Examples
    --------
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "parts": {"u": {"type": "ups", "from": "ups"}},
    ...     "practices": {"monitoring": {"finds": ["dead_battery"]}}})
    >>> idle_slots(one.resolved)["parts.u.battery_test"]
    'monitoring finds a dead battery in place of tests'
    """
    found: dict[str, str] = {}
    for owner in owners(resolved):
        if owner.kind.idle is not None:
            idle = owner.kind.idle(resolved.practices, owner.part)
            found |= {f"{owner.path}.{slot}": why for slot, why in idle.items()}
    return found


def warn_idle(resolved: Resolved, inputs: Iterable[Input]) -> list[str]:
    """Return a warning for each number that somebody wrote although it changes nothing."""
    idle = idle_slots(resolved)
    return [
        f"{one.path}: changes nothing: {idle[one.path]}; leave it out, or change that"
        for one in inputs
        if one.status == "user" and one.path in idle
    ]
