"""From a resolved design to a model: every part adds its automaton to one build context."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pacsim.core import ModelBuilder
from pacsim.core.building.assemble import assembled
from pacsim.delays import TimeOrigin
from pacsim.parts.build_context import BuildContext
from pacsim.parts.overlaps import with_overlaps
from pacsim.parts.planned_work import add_changes
from pacsim.parts.roles import build_role
from pacsim.parts.slots import declaration
from pacsim.parts.watch_handles import AllStores, AnyRoleWatch, Belonging, FirstLossWatch
from pacsim.results.rows import OVERALL

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.core import Model
    from pacsim.core.building.assemble import Assembled
    from pacsim.design.resolved import Resolved
    from pacsim.parts.values import Part
    from pacsim.parts.watch_handles import Handle


@dataclass(frozen=True, slots=True)
class Built:
    """What a design becomes: a model, and what is watched in it.

    Parameters
    ----------
    model : Model
        Frozen.
    handles : tuple of Handle
        What is watched, in the order in which parts, groups and roles were added.
    elements : tuple of Belonging
        Whose each element of the model is, and what it is called as a cause.
    roots : tuple of str
        What each transition of the model is called as a root: as its element, if not otherwise.
    assembled : Assembled, optional
        How the model was made, for those that are like it.
    """

    model: Model
    handles: tuple[Handle, ...]
    elements: tuple[Belonging, ...]
    roots: tuple[str, ...]
    assembled: Assembled | None = field(default=None, repr=False, compare=False)

    def is_like(self, other: Built) -> bool:
        """Return whether this was made by what was known of another, so that numbers differ."""
        if self.assembled is None or other.assembled is None:
            return False
        return self.assembled.folder is other.assembled.folder


def build(
    resolved: Resolved,
    addition: Callable[[BuildContext], None] | None = None,
    *,
    like: Built | None = None,
) -> Built:
    """Return the frozen model of a resolved design with the handles of what is watched in it.

    Parameters
    ----------
    resolved : Resolved
        Of a loaded design.
    addition : callable, optional
        ``addition(context)`` may add gates and observations to all that is there, before the model
        is frozen. They change nothing that happens (R22).
    like : Built, optional
        Of a design that may differ in numbers alone: then it takes a third of the time.

    Returns
    -------
    Built
        The model, and the handles that its parts, groups and roles gave.

    Raises
    ------
    ModelError
        If a part type's automaton contradicts itself.
    """
    context = described(resolved)
    if addition is not None:
        addition(context)
    known = like.assembled if like is not None else None
    made = assembled(context.m.written(), known)
    if like is not None and known is not None and made.folder is known.folder:
        overlaps = like.handles[len(context.handles) :]
        model = replace(made.model, observations=like.model.observations)
        return Built(model, (*context.handles, *overlaps), like.elements, like.roots, made)
    model, overlaps = with_overlaps(made.model, context.handles)
    elements = tuple(context.belongings[element.name] for element in model.elements)
    roots = tuple(context.called.get(t.name, elements[t.element].label) for t in model.transitions)
    return Built(model, (*context.handles, *overlaps), elements, roots, made)


def described(resolved: Resolved) -> BuildContext:
    """Return all that the parts, groups and roles of a design have to say, not yet a model.

    Parameters
    ----------
    resolved : Resolved
        Of a loaded design.
    """
    starts = dt.datetime.fromisoformat(str(resolved.contract["starts"]))
    m = ModelBuilder(TimeOrigin(starts))
    context = BuildContext(
        m=m,
        parts=resolved.parts,
        groups=resolved.groups,
        roles=resolved.roles,
        practices=resolved.practices,
        archive=resolved.archive,
        term=resolved.contract.number("term"),
    )
    add_changes(context)
    # Types that register something for others come first; those that use it come after the groups.
    parts = sorted(resolved.parts.values(), key=_turn)
    for part in parts:
        if _turn(part) <= 0:
            _add(context, part)
    for group in resolved.groups.values():
        _add(context, group)
    for part in parts:
        if _turn(part) > 0:
            _add(context, part)
    for role in resolved.roles.values():
        build_role(context, role)
    if len(resolved.roles) > 1:
        m.gate_time(OVERALL, ~m.all(m.forward(f"role.{name}") for name in resolved.roles))
        if OVERALL not in resolved.roles:
            context.watch(AnyRoleWatch(OVERALL, OVERALL, roles=tuple(resolved.roles)))
    firsts = [one for one in context.handles if isinstance(one, FirstLossWatch)]
    if firsts:
        stores, seen = (one.owner for one in firsts), tuple(one.observed for one in firsts)
        context.watch(AllStores(OVERALL, tuple(stores), seen))
    return context


def _turn(part: Part) -> int:
    kind = declaration(part)
    return kind.turn if kind is not None else 0


def _add(context: BuildContext, part: Part) -> None:
    """Let a part or group add its automaton; elements that it made by itself are named in full."""
    kind = declaration(part)
    assert kind is not None
    assert kind.build is not None, part.type
    before = len(context.m.elements)
    kind.build(context, part)
    for element in context.m.elements[before:]:
        own = Belonging(part.name, element.name.removeprefix(f"{part.name}/"), element.name)
        context.belongings.setdefault(element.name, own)
