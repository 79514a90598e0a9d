"""Means of times as they pass: calendars, next business days, what a contract takes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from pacsim.delays.calendars import WEEK, Calendar, TimeOrigin
from pacsim.delays.intervals import next_business_day

if TYPE_CHECKING:
    from pacsim.delays.law import Law
    from pacsim.parts.values import Delay, Part

STARTS, POINTS = 672, 64
"""Quarters of an hour at which a delay may begin, and points of its law, in a mean."""


def contract_of(part: Part, practices: Part) -> Part | None:
    """Return the vendor contract that covers a part: its own, or that of the practices."""
    return part.values.get("support") or practices.values.get("support")


def mean_supply(contract: Part | None, *, ordered: Law | None = None) -> float:
    """Return the mean seconds from the call until a person and the part are there.

    Without a contract it is that of ``ordered``, until the part is there.
    """
    if contract is None:
        assert ordered is not None
        return ordered.mean()
    mean = mean_elapsed(contract.delay("response"))
    if "part_delay" in contract:
        missing = float(contract.values.get("part_missing") or 0.0)
        mean += missing * mean_elapsed(contract.delay("part_delay"))
    return mean


def mean_elapsed(delay: Delay) -> float:
    """Return the mean seconds that pass in a delay that begins at any time of the week.

    A delay counted in the hours of a calendar passes more; one from the next business day waits for
    its opening first. Holidays are left out.

    Examples
    --------
    >>> from pacsim.delays import Calendar, Deterministic
    >>> from pacsim.parts.values import Delay
    >>> desk = Calendar.weekly_hours("desk", "mon-fri 08:00-17:00")
    >>> round(mean_elapsed(Delay(Deterministic(3600.0))))
    3600
    >>> begun = Delay(Deterministic(0.0), desk, next_day=True)
    >>> round(mean_elapsed(begun) / 3600, 2)
    30.29
    """
    if delay.calendar is None:
        return delay.law.mean()
    return _mean_in_hours(delay.law, delay.calendar, delay.next_day)


@lru_cache(maxsize=1024)
def _mean_in_hours(law: Law, calendar: Calendar, next_day: bool) -> float:
    """Return the mean of a delay that is counted in hours; a design asks for few, and often."""
    week = Calendar(calendar.name, calendar.weekly, (), calendar.closed_speed)
    begun = (np.arange(STARTS) + 0.5) * (WEEK / STARTS)
    if next_day:
        base = week.unroll(TimeOrigin(), 2 * WEEK)
        opens = [
            next_business_day(base.opens, base.days, len(base.opens), t, base.civil) for t in begun
        ]
        return float(np.mean(opens - begun)) + law.mean()
    middles = (np.arange(POINTS) + 0.5) / POINTS
    needed = np.array([law.quantile(p) for p in middles])
    # What the midpoints leave out of a long tail is put back in proportion.
    needed *= law.mean() / needed.mean() if needed.mean() > 0 else 1.0
    # Work that ends with the closing hour ends then, not at the next opening.
    needed *= 1.0 - 1e-9
    done_in_a_week = sum(
        (row[1] - row[0]) * ((row[2] if len(row) == 3 else 1.0) - week.closed_speed)
        for row in week.weekly
    )
    done_in_a_week += WEEK * week.closed_speed
    base = week.unroll(TimeOrigin(), (2.0 + needed.max() / done_in_a_week) * WEEK)
    times = np.concatenate([base.starts[:1], base.ends])
    work = np.concatenate([[0.0], np.cumsum((base.ends - base.starts) * base.speeds)])
    if not np.array_equal(base.starts[1:], base.ends[:-1]):
        # Between the pieces nothing is done.
        times = np.column_stack([base.starts, base.ends]).ravel()
        work = np.column_stack([work[:-1], work[1:]]).ravel()
    so_far = np.interp(begun, times, work)
    ends = np.interp((so_far[:, None] + needed[None, :]).ravel(), work, times)
    return float(ends.mean() - begun.mean())
