"""Monthly times of planned work, read from words such as ``"first sunday 02:00"``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.delays.calendars import MonthlySchedule
from pacsim.units import HOUR, MONTH

if TYPE_CHECKING:
    from pacsim.parts.values import Part

WEEKS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LENGTH = 4.0 * HOUR
"""How long the last server of a rolling window may wait for its turn, beside the work on others."""
LONGEST = 7.0 * 24.0 * HOUR


def parse_monthly(text: str) -> tuple[int, int, float]:
    """Return week (1 to 4, or -1), weekday (Monday 0) and second of the day.

    Raises
    ------
    ValueError
        If the words are not of the form ``"first sunday 02:00"``.

    Examples
    --------
    >>> parse_monthly("first sunday 02:00")
    (1, 6, 7200.0)
    """
    try:
        week, day, clock = text.lower().split()
        hours, minutes = (int(part) for part in clock.split(":"))
        parsed = WEEKS[week], DAYS.index(day), hours * 3600.0 + minutes * 60.0
    except (ValueError, KeyError):
        parsed = (0, 0, 0.0)
        hours, minutes = 99, 0
    if not (0 <= hours < 24 and 0 <= minutes < 60):
        msg = f"{text!r} is no monthly time; write 'first sunday 02:00' (first to fourth, or last)"
        raise ValueError(msg)
    return parsed


def monthly(name: str, window: Part, others: float = 0.0) -> MonthlySchedule:
    """Return the schedule of a maintenance window, in every k-th month from January on.

    It stays open for `LENGTH` and the seconds that work on the servers before may take, at most a
    week. Work that begins at the opening uses no more of it.
    """
    week, day, second = parse_monthly(str(window["on"]))
    step = max(1, round(window.number("every") / MONTH))
    months = tuple(range(1, 13, step))
    return MonthlySchedule(name, week, day, second, min(LENGTH + others, LONGEST), months)
