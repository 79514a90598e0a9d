"""Models that differ in numbers alone: the same elements, conditions and arrows, other laws."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pacsim.core.model.automata import NONE, NextTick, Selector, Until
from pacsim.delays.law import Law

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core.model.automata import Delay, Gate, Level, Model, Quantity, Transition


def alike(before: Model, model: Model) -> bool:
    """Return whether two models differ in numbers at most, and not in which of them are 0.

    Laws, times of ticks, probabilities, speeds and ages may differ, and so may bounds, rates and
    jumps of quantities.

    Parameters
    ----------
    before, model : Model
        As they were built.
    """
    return (
        before.elements == model.elements
        and before.order == model.order
        and before.observations == model.observations
        and list(map(_bare_quantity, before.quantities))
        == list(map(_bare_quantity, model.quantities))
        and before.dormant == model.dormant
        and before.origin == model.origin
        and before.random_origin == model.random_origin
        and len(before.transitions) == len(model.transitions)
        and len(before.levels) == len(model.levels)
        and len(before.gates) == len(model.gates)
        and len(before.calendars) == len(model.calendars)
        and all(map(_same_calendar, before.calendars, model.calendars))
        and all(map(_same_level, before.levels, model.levels))
        and all(map(_same_gate, before.gates, model.gates))
        and all(map(same_but_for_numbers, before.transitions, model.transitions))
    )


def _bare_quantity(q: Quantity) -> object:
    """Return what is left of a quantity without its numbers, but for which rates are 0."""
    bare = replace(q.rate, table=tuple(float(x > 0.0) - float(x < 0.0) for x in q.rate.table))
    return replace(q, low=0.0, high=0.0, start=None if q.start is None else 0.0, rate=bare)


def _same_calendar(one: object, other: object) -> bool:
    return one is other or one == other


def _same_level(one: Level, other: Level) -> bool:
    if one is other:
        return True
    mine = (one.constant, one.elements, one.gates, one.low, one.high)
    return mine == (other.constant, other.elements, other.gates, other.low, other.high)


def _same_gate(one: Gate, other: Gate) -> bool:
    if one is other:
        return True
    return (one.level, one.k, one.connection) == (other.level, other.k, other.connection)


def same_but_for_numbers(one: Transition, other: Transition) -> bool:
    """Return whether two transitions differ in numbers at most.

    Parameters
    ----------
    one, other : Transition
        Of two models.
    """
    if one is other or one == other:
        return True
    bare = replace(
        other, delay=one.delay, speed=one.speed, outcomes=one.outcomes,
        initial_age=one.initial_age,
    )  # fmt: skip
    if bare != one or one.speed.level != other.speed.level:
        return False
    usual = Selector(NONE, (1.0,))
    if (one.speed == usual) != (other.speed == usual):
        return False
    if [x > 0.0 for x in one.speed.table] != [x > 0.0 for x in other.speed.table]:
        return False
    return _same_delays(one.delay, other.delay) and _same_outcomes(one, other)


def _same_delays(one: Selector[Delay] | None, other: Selector[Delay] | None) -> bool:
    if one is None or other is None:
        return one is other
    if one.level != other.level or len(one.table) != len(other.table):
        return False
    return all(map(_same_delay, one.table, other.table))


def _same_delay(one: Delay, other: Delay) -> bool:
    if isinstance(one, Law):
        return isinstance(other, Law) and (one.fixed is None) == (other.fixed is None)
    if isinstance(one, NextTick):
        return isinstance(other, NextTick)
    if isinstance(one, Until) and isinstance(other, Until):
        return (one.quantity, one.falls) == (other.quantity, other.falls)
    return one == other


def _same_outcomes(one: Transition, other: Transition) -> bool:
    if one.outcomes.level != other.outcomes.level:
        return False
    return list(_bare(one)) == list(_bare(other))


def _bare(t: Transition) -> Iterator[object]:
    """Yield what is left of the outcomes without their probabilities, but for which are 0."""
    for row in t.outcomes.table:
        yield len(row)
        for o in row:
            yield replace(o, p=float(o.p > 0.0), effects=(), jumps=())
            yield from (replace(j, value=0.0) for j in o.jumps)
            yield from (replace(e, p=float(e.p > 0.0)) for e in o.effects)
