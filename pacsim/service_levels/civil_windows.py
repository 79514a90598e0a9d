"""Windows of civil time in which a contract is judged: months, quarters, years, the whole term.

A day has 24 h: summer time is not observed. Years are leap as in the calendar.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from itertools import count

import numpy as np

from pacsim.units import ROUNDING

MONTHS = {"month": 1, "quarter": 3, "year": 12, "fiscal_year": 12}
"""Length of the windows by name, in months; the term is the one that has none."""
TERM = "term"
MONTH_NAMES = tuple(name.lower() for name in calendar.month_name)[1:]


@dataclass(frozen=True, slots=True)
class Period:
    """What a window or an allowance is for: each month, quarter or year, or the whole term.

    Parameters
    ----------
    name : {"month", "quarter", "year", "fiscal_year", "term"}
        All but fiscal years begin on the day of the month on which the term starts.
    begins : int
        Month in which a fiscal year begins, 1 to 12.

    Examples
    --------
    >>> Period("fiscal_year", 4).said, Period("month").said
    ('fiscal year from April', 'month')
    """

    name: str
    begins: int = 1

    @property
    def said(self) -> str:
        """What people call it."""
        if self.name == "fiscal_year":
            return f"fiscal year from {MONTH_NAMES[self.begins - 1].capitalize()}"
        return self.name


MONTH, QUARTER = Period("month"), Period("quarter")


@dataclass(frozen=True, slots=True, eq=False)
class CivilWindows:
    """The windows of a term, one after another.

    Parameters
    ----------
    edges : ndarray of float64
        Seconds from the start of the term, from 0 to its length; one more than there are windows.
    whole : ndarray of float64
        Seconds that each window has if it is not cut by the start or the end of the term.
    """

    edges: np.ndarray
    whole: np.ndarray

    def __len__(self) -> int:
        return len(self.whole)

    @property
    def shares(self) -> np.ndarray:
        """How much of each window is in the term, 1 for all of it."""
        shares: np.ndarray = np.diff(self.edges) / self.whole
        return shares

    def holding(self, times: np.ndarray) -> np.ndarray:
        """Return the number of the window in which something at each of some times begins."""
        return np.clip(np.searchsorted(self.edges, times, side="right") - 1, 0, len(self) - 1)


def months_later(when: dt.datetime, months: int) -> dt.datetime:
    """Return the same day and hour some months later, or the last day of a month without it.

    Examples
    --------
    >>> [months_later(dt.datetime(2027, 12, 31), k).date().isoformat() for k in (1, 2, 14)]
    ['2028-01-31', '2028-02-29', '2029-02-28']
    """
    year, month = divmod(when.year * 12 + when.month - 1 + months, 12)
    day = min(when.day, calendar.monthrange(year, month + 1)[1])
    return when.replace(year=year, month=month + 1, day=day)


def civil_windows(starts: dt.datetime, length: float, period: Period) -> CivilWindows:
    """Return the windows of a term; the last one is cut where the term ends.

    Parameters
    ----------
    starts : datetime
        Civil time of the start of the term.
    length : float
        Of the term in seconds, > 0.
    period : Period
        Of each window. The first fiscal year is cut as well, by the start of the term.

    Examples
    --------
    >>> found = civil_windows(dt.datetime(2028, 1, 31), 59 * 86400.0, Period("month"))
    >>> (found.edges / 86400).tolist(), (found.whole / 86400).tolist()
    ([0.0, 29.0, 59.0], [29.0, 31.0])
    """
    if period.name == TERM:
        return CivilWindows(np.array([0.0, length]), np.array([length]))
    step, first = MONTHS[period.name], starts
    if period.name == "fiscal_year":
        first = dt.datetime(starts.year, period.begins, 1)
        if first > starts:
            first = months_later(first, -12)
    edges, whole = [0.0], []
    for k in count():
        begins, ends = months_later(first, k * step), months_later(first, (k + 1) * step)
        end = (ends - starts).total_seconds()
        whole.append((ends - begins).total_seconds())
        if end >= length - ROUNDING:
            break
        edges.append(end)
    return CivilWindows(np.array([*edges, length]), np.array(whole))
