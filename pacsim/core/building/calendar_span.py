"""How far before t = 0 and after the horizon a model asks its calendars (R2, R3, R23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core.model import NextOpen, Sample

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.core.model import Model, Observation, Outcome, Quantity, Transition
    from pacsim.delays.calendars import Unrolled

FARTHEST = 100 * 365 * 86400.0
"""Seconds before t = 0 for which a profile can be asked."""


def unrolled(model: Model, horizon: float) -> list[Unrolled]:
    """Return the model's calendars as tables that hold whatever is asked of them in a run.

    Parameters
    ----------
    model : Model
        With its transitions and observations.
    horizon : float
        End of the mission in seconds.
    """
    after = [0.0] * len(model.calendars)
    before = [0.0] * len(model.calendars)
    for t in model.transitions:
        for entry in t.delay.table if t.delay is not None else ():
            if isinstance(entry, NextOpen):
                # Whether the need fits is asked of openings before the horizon as well.
                after[entry.calendar] = max(after[entry.calendar], entry.need)
    for observed in model.observations:
        if isinstance(observed, Sample) and observed.profile >= 0 and observed.quantity >= 0:
            age = oldest(model.quantities, model.transitions, observed.quantity)
            before[observed.profile] = max(before[observed.profile], age)
    return [
        calendar.unroll(model.origin, horizon + later, earlier)
        for calendar, earlier, later in zip(model.calendars, before, after, strict=True)
    ]


def oldest(
    quantities: Iterable[Quantity], transitions: Iterable[Transition], quantity: int
) -> float:
    """Return how far before t = 0 an age in seconds can reach; infinity if nothing bounds it.

    An age grows by one second a second at most, so it reaches no farther back than the largest
    value that it starts with or jumps to. Anything else needs an upper bound of its own.
    """
    known = tuple(quantities)
    jumps = [jump for outcome in _outcomes(transitions) for jump in outcome.jumps]
    todo, seen, farthest = [quantity], {quantity}, 0.0
    while todo:
        q = todo.pop()
        mine = [jump for jump in jumps if jump.quantity == q]
        one = known[q]
        # It is cut at its bounds, so a jump below the lower one leads to that.
        farthest = max(farthest, one.low)
        grows_like_time = one.profile < 0 and max(one.rate.table, default=0.0) <= 1.0
        if not grows_like_time or any(j.how == "add" and j.value > 0 for j in mine):
            farthest = max(farthest, one.high)
            continue
        sets = [min(j.value, one.high) for j in mine if j.how == "set"]
        farthest = max([farthest, one.start or 0.0, *sets])
        others = {j.other for j in mine if j.how == "copy"} - seen
        todo += others
        seen |= others
    return min(farthest, known[quantity].high)


def refusal(
    observed: Observation, quantities: tuple[Quantity, ...], transitions: tuple[Transition, ...]
) -> str | None:
    """Return why a sample cannot be read as an amount on a profile, None if it can."""
    if not isinstance(observed, Sample) or observed.profile < 0 or observed.quantity < 0:
        return None
    one = quantities[observed.quantity]
    if one.low < 0:
        return f"{one.name} may be less than 0, which is no age; give it the bound low=0"
    if not oldest(quantities, transitions, observed.quantity) <= FARTHEST:
        years = FARTHEST / (365 * 86400)
        return f"nothing bounds the age {one.name}; give it a bound high of {years:g} years or less"
    return None


def _outcomes(transitions: Iterable[Transition]) -> list[Outcome]:
    return [outcome for t in transitions for row in t.outcomes.table for outcome in row]
