"""The complement of a calendar: open exactly while that one is closed (R2)."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.delays.calendars import DAY, WEEK, Calendar, Intervals

if TYPE_CHECKING:
    from collections.abc import Iterator

NEAR_DAYS = WEEK // DAY + 1
"""Days around a closed date in which a weekly table is open at least once."""
CYCLE = (dt.date(2000, 1, 1), dt.date(2028, 1, 1))
"""28 years, after which the days of the week fall on the same dates again (1901 - 2099)."""


@dataclass(frozen=True, slots=True)
class Complement(Intervals):
    """Open while another calendar is closed: nights and weekends for office hours, and holidays.

    Both together are open at every moment, and never both: where the one closes the other opens.
    Speeds of the other play no part; it is open where it has an interval.

    Parameters
    ----------
    of : Intervals
        The other calendar or schedule.
    name : str
        For messages; ``not NAME`` unless given.

    Raises
    ------
    ValueError
        If the other one never closes.

    Examples
    --------
    >>> desk = Calendar.weekly_hours("desk", "mon-fri 08:00-17:00")
    >>> off = Complement(desk)
    >>> [(a / 3600, b / 3600) for a, b, _ in off.on_date(dt.date(2024, 1, 1))]
    [(0.0, 8.0), (17.0, 24.0)]
    >>> off.name, off.longest / 3600
    ('not desk', 63.0)
    """

    of: Intervals
    name: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", f"not {self.of.name}")
        if math.isinf(self.of.longest) and not getattr(self.of, "closed_dates", ()):
            msg = f"calendar {self.of.name}: never closes, so its complement never opens"
            raise ValueError(msg)

    def on_date(self, date: dt.date) -> list[tuple[float, float, float]]:
        """Return what is left of a date, in seconds from its midnight; each ends at the next one.

        Parameters
        ----------
        date : datetime.date
            Of the openings; what goes on over midnight is opened anew and merged by `unroll`.
        """
        left, at = [], 0.0
        for start, end in sorted(self._covered(date)):
            if start > at:
                left.append((at, start, 1.0))
            at = max(at, end)
        if at < DAY:
            left.append((at, float(DAY), 1.0))
        return left

    def _covered(self, date: dt.date) -> Iterator[tuple[float, float]]:
        """Yield what the other calendar covers of a date, its own openings and earlier ones."""
        for back in range(min(_reach(self.of), (date - dt.date.min).days) + 1):
            for start, end, _ in self.of.on_date(date - dt.timedelta(days=back)):
                inside = max(start - back * DAY, 0.0), min(end - back * DAY, float(DAY))
                if inside[0] < inside[1]:
                    yield inside

    @property
    def longest(self) -> float:
        """Length of the longest interval in seconds, closed dates of the other calendar included.

        Infinite if the other calendar never opens.
        """
        if isinstance(self.of, Calendar) and not self.of.weekly:
            return math.inf
        longest = length = 0.0
        before = None
        for date in _dates(self.of):
            whole = before is not None and date - before == dt.timedelta(days=1)
            for start, end, _ in self.on_date(date):
                goes_on = whole and start == 0.0
                length = length + end if goes_on else end - start
                longest = max(longest, length)
                whole = False
            if not self.on_date(date) or self.on_date(date)[-1][1] < DAY:
                length = 0.0
            before = date
        return longest


def _reach(of: Intervals) -> int:
    """Return over how many midnights an interval may run."""
    if isinstance(of, Complement):
        return 0
    longest = of.longest
    # Rows of a weekly table are a week at most, however they abut.
    return math.ceil((WEEK if isinstance(of, Calendar) else longest) / DAY)


def _dates(of: Intervals) -> list[dt.date]:
    """Return dates among which each kind of gap begins and ends, in order."""
    while isinstance(of, Complement):
        of = of.of
    if isinstance(of, Calendar):
        around = range(-NEAR_DAYS, NEAR_DAYS + 1)
        middles = (CYCLE[0], *of.closed_dates)
        return sorted({date + dt.timedelta(days=k) for date in middles for k in around})
    return [CYCLE[0] + dt.timedelta(days=k) for k in range((CYCLE[1] - CYCLE[0]).days)]
