"""Tables of a model that differs from another one in numbers alone: refilled, not packed anew."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pacsim.core import model as core
from pacsim.core.model import NONE
from pacsim.delays.law import Law
from pacsim.engines.kernel.declaring import row_type
from pacsim.engines.kernel.delay_rows import DelayRows, dormant_numbers
from pacsim.engines.kernel.records import DelayRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core.model import Model
    from pacsim.engines.kernel.tables import Tables


def refilled(known: Tables, before: Model, model: Model, horizon: float) -> Tables | None:
    """Return the tables of a model, made from those of another one; None if it differs in more.

    The same bits as if they were packed anew. Laws, times of ticks, probabilities, speeds and ages
    may differ, and so may bounds, rates and jumps of
    quantities; not which of them are 0, nor anything else.

    Parameters
    ----------
    known : Tables
        Of the other model, over the same horizon.
    before : Model
        The other model, as it was built.
    model : Model
        The model, as it was built.
    horizon : float
        In s.
    """
    if not _alike(before, model):
        return None
    made = dict(known.model)
    rows = DelayRows()
    delays = [rows.row(x) for t in model.transitions if t.delay is not None for x in t.delay.table]
    made["delays"] = np.array(delays, dtype=row_type(DelayRow))
    made |= rows.tables()
    outcomes = [o for t in model.transitions for row in t.outcomes.table for o in row]
    _put(made, "outcomes", "p", [o.p for o in outcomes])
    _put(made, "effects", "p", [e.p for o in outcomes for e in o.effects])
    _put(made, "jumps", "value", [j.value for o in outcomes for j in o.jumps])
    for name in ("low", "high"):
        _put(made, "quantities", name, [getattr(q, name) for q in model.quantities])
    _put(made, "quantities", "start", [q.start or 0.0 for q in model.quantities])
    _put(made, "transitions", "initial_age", [t.initial_age for t in model.transitions])
    speeds = [x for t in model.transitions for x in t.speed.table]
    rates = [x for q in model.quantities for x in q.rate.table]
    made["reals"] = np.array([*speeds, *rates], dtype=known.model["reals"].dtype)
    # Sets that are kept awake have no row.
    places = {(d.start, d.end): d for d in model.dormant}
    sleeping = [places[row["start"], row["end"]] for row in made["dormant"]]
    numbers = [dormant_numbers(model, d, horizon) for d in sleeping]
    _put(made, "dormant", "quick", [quick for quick, _ in numbers])
    _put(made, "dormant", "lasts", [lasts for _, lasts in numbers])
    return replace(known, model=made)


def _put(made: dict[str, np.ndarray], table: str, column: str, values: list[float]) -> None:
    made[table] = made[table].copy()
    if len(made[table]):
        made[table][column] = values


def _alike(before: Model, model: Model) -> bool:
    """Return whether two models differ in such numbers at most."""
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
        and all(map(_same_calendar, before.calendars, model.calendars))
        and len(before.calendars) == len(model.calendars)
        and [(x.constant, x.elements, x.gates, x.low, x.high) for x in before.levels]
        == [(x.constant, x.elements, x.gates, x.low, x.high) for x in model.levels]
        and [(x.level, x.k, x.connection) for x in before.gates]
        == [(x.level, x.k, x.connection) for x in model.gates]
        and all(map(_same_transition, before.transitions, model.transitions))
    )


def _bare_quantity(q: core.Quantity) -> object:
    """Return what is left of a quantity without its numbers, but for which rates are 0."""
    bare = replace(q.rate, table=tuple(float(x > 0.0) - float(x < 0.0) for x in q.rate.table))
    return replace(q, low=0.0, high=0.0, start=None if q.start is None else 0.0, rate=bare)


def _same_calendar(one: object, other: object) -> bool:
    return one is other or one == other


def _same_transition(one: core.Transition, other: core.Transition) -> bool:
    """Return whether two transitions differ in numbers at most."""
    if one == other:
        return True
    bare = replace(
        other, delay=one.delay, speed=one.speed, outcomes=one.outcomes,
        initial_age=one.initial_age,
    )  # fmt: skip
    if bare != one or one.speed.level != other.speed.level:
        return False
    usual = core.Selector(NONE, (1.0,))
    if (one.speed == usual) != (other.speed == usual):
        return False
    if [x > 0.0 for x in one.speed.table] != [x > 0.0 for x in other.speed.table]:
        return False
    return _same_delays(one.delay, other.delay) and _same_outcomes(one, other)


def _same_delays(
    one: core.Selector[core.Delay] | None, other: core.Selector[core.Delay] | None
) -> bool:
    if one is None or other is None:
        return one is other
    if one.level != other.level or len(one.table) != len(other.table):
        return False
    return all(map(_same_delay, one.table, other.table))


def _same_delay(one: core.Delay, other: core.Delay) -> bool:
    if isinstance(one, Law):
        return isinstance(other, Law) and (one.fixed is None) == (other.fixed is None)
    if isinstance(one, core.NextTick):
        return isinstance(other, core.NextTick)
    if isinstance(one, core.Until) and isinstance(other, core.Until):
        return (one.quantity, one.falls) == (other.quantity, other.falls)
    return one == other


def _same_outcomes(one: core.Transition, other: core.Transition) -> bool:
    if one.outcomes.level != other.outcomes.level:
        return False
    return list(_bare(one)) == list(_bare(other))


def _bare(t: core.Transition) -> Iterator[object]:
    """Yield what is left of the outcomes without their probabilities, but for which are 0."""
    for row in t.outcomes.table:
        yield len(row)
        for o in row:
            yield replace(o, p=float(o.p > 0.0), effects=(), jumps=())
            yield from (replace(j, value=0.0) for j in o.jumps)
            yield from (replace(e, p=float(e.p > 0.0)) for e in o.effects)
