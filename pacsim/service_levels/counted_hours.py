"""Time that counts: all of it, or only what is within the hours of a calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.delays.calendars import TimeOrigin

if TYPE_CHECKING:
    import datetime as dt

    from pacsim.delays import Calendar


class CountedHours:
    """How much of a term's time counts up to any moment of it.

    Parameters
    ----------
    calendar : Calendar, optional
        Hours that count; all of them without.
    starts : datetime
        Civil time of the start of the term.
    length : float
        Of the term in seconds.

    Examples
    --------
    Friday 16:00 to Monday 09:00, of which office hours are two:

    >>> import datetime as dt
    >>> from pacsim.delays import Calendar
    >>> office = Calendar.weekly_hours("office", "mon-fri 08:00-17:00")
    >>> hours = CountedHours(office, dt.datetime(2026, 1, 5), 14 * 86400.0)
    >>> friday, monday = 4 * 86400.0 + 16 * 3600, 7 * 86400.0 + 9 * 3600
    >>> (hours.between(np.array([friday]), np.array([monday])) / 3600).tolist()
    [2.0]
    """

    def __init__(self, calendar: Calendar | None, starts: dt.datetime, length: float) -> None:
        self.opens: np.ndarray | None = None
        if calendar is None:
            return
        unrolled = calendar.unroll(TimeOrigin(starts), length)
        opens, closes = unrolled.opens.clip(0.0, length), unrolled.closes.clip(0.0, length)
        some = closes > opens
        self.opens = opens[some]
        self.open_for = closes[some] - opens[some]
        self.sums = np.cumsum(self.open_for) - self.open_for

    def between(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return the seconds that count from some moments to others, not before them."""
        if self.opens is None:
            passed: np.ndarray = end - start
            return passed
        within: np.ndarray = self._until(end) - self._until(start)
        return within

    def later(self, start: np.ndarray, counted: np.ndarray) -> np.ndarray:
        """Return the first moments that count once so many seconds have counted since others."""
        if self.opens is None:
            moments: np.ndarray = start + counted
            return moments
        work = self._until(start) + counted
        at = np.searchsorted(self.sums + self.open_for, work, side="right")
        at = np.minimum(at, len(self.opens) - 1)
        found: np.ndarray = self.opens[at] + (work - self.sums[at])
        return found

    def _until(self, times: np.ndarray) -> np.ndarray:
        assert self.opens is not None
        if not len(self.opens):
            return np.zeros(len(times))
        at = np.maximum(np.searchsorted(self.opens, times, side="right") - 1, 0)
        until: np.ndarray = self.sums[at] + np.clip(times - self.opens[at], 0.0, self.open_for[at])
        return until
