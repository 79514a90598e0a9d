"""Tables of a model that differs from another one in numbers alone: refilled, not packed anew."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pacsim.core.building.calendar_span import oldest
from pacsim.core.model import Sample, alike
from pacsim.engines.kernel.declaring import row_type
from pacsim.engines.kernel.delay_rows import DelayRows, dormant_numbers
from pacsim.engines.kernel.records import DelayRow

if TYPE_CHECKING:
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
    if not alike(before, model) or _ages(before) != _ages(model):
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


def _ages(model: Model) -> list[float]:
    """Return how far back calendars are asked for the ages that samples look at."""
    return [
        oldest(model.quantities, model.transitions, one.quantity)
        for one in model.observations
        if isinstance(one, Sample) and one.profile >= 0 and one.quantity >= 0
    ]
