"""Calendars, profiles and monthly schedules in civil time (R1-R3).

A day is 86 400 s; there is no daylight saving. An interval over midnight belongs to the date on
which it opens, so a closed date removes the intervals that open on it.
"""

from __future__ import annotations

import datetime as dt
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

DAY = 86400
WEEK = 7 * DAY
MONDAY = dt.datetime(2024, 1, 1)
DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MARGIN_DAYS = 8
"""Days unrolled before t = 0 (a random origin looks back up to a week) and after the horizon."""


@dataclass(frozen=True, slots=True)
class TimeOrigin:
    """The civil local date and hour of t = 0; a Monday, 2024-01-01 00:00, by default (R1).

    Parameters
    ----------
    when : datetime
        Local civil time in whole seconds, without a zone.

    Examples
    --------
    >>> TimeOrigin().weekday
    0
    """

    when: dt.datetime = MONDAY

    def __post_init__(self) -> None:
        # Whole seconds keep every opening exact, so that abutting intervals are seen to abut.
        if self.when.microsecond or self.when.tzinfo is not None:
            msg = f"origin {self.when!r} must be local civil time in whole seconds"
            raise ValueError(msg)

    @property
    def weekday(self) -> int:
        """Day of the week, 0 for Monday."""
        return self.when.weekday()

    @property
    def second_of_day(self) -> float:
        """Seconds since midnight."""
        midnight = dt.datetime.combine(self.when.date(), dt.time())
        return (self.when - midnight).total_seconds()


@dataclass(frozen=True, slots=True, eq=False)
class Unrolled:
    """Intervals as seconds since t = 0 for `pacsim.delays.intervals`, before any random shift.

    The last piece is empty: room for the one that t = 0 may cut in two. ``days`` are civil days
    counted from the origin's date; ``civil`` is what to add to t to get seconds since that date's
    midnight.
    """

    opens: np.ndarray
    closes: np.ndarray
    days: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    speeds: np.ndarray
    civil: float


class Intervals(ABC):
    """Anything that opens and closes in civil time."""

    __slots__ = ()
    name: str

    @abstractmethod
    def on_date(self, date: dt.date) -> list[tuple[float, float, float]]:
        """Return (open, close, speed) of the intervals opening on a date, seconds from midnight.

        Parameters
        ----------
        date : datetime.date
            Of the openings.
        """

    @property
    def resting_speed(self) -> float:
        """Speed of a profile while it is closed."""
        return 0.0

    @property
    @abstractmethod
    def longest(self) -> float:
        """Length of the longest open interval in seconds, closed dates apart."""

    def check_need(self, need: float) -> None:
        """Raise ValueError if no open interval has room for ``need`` seconds.

        Parameters
        ----------
        need : float
            In s, >= 0.

        Examples
        --------
        >>> Calendar.weekly_hours("desk", "mon-fri 08:00-17:00").check_need(10 * 3600.0)
        Traceback (most recent call last):
        ...
        ValueError: calendar desk: 36000 s never fit, its longest interval is 32400 s; lengthen it
        """
        if need > self.longest:
            msg = (
                f"calendar {self.name}: {need:g} s never fit, its longest interval is "
                f"{self.longest:g} s; lengthen it"
            )
            raise ValueError(msg)

    def check_business_days(self) -> None:
        """Raise ValueError if a business day need not begin with an opening (R2).

        Examples
        --------
        >>> Calendar.always().check_business_days()
        Traceback (most recent call last):
        ...
        ValueError: calendar 24x7: a next business day needs an opening; close it overnight
        """
        if self.longest > DAY:
            msg = f"calendar {self.name}: a next business day needs an opening; close it overnight"
            raise ValueError(msg)

    def unroll(self, origin: TimeOrigin, until: float, before: float = 0.0) -> Unrolled:
        """Return the intervals from a week before ``before`` to a week after ``until`` seconds.

        Parameters
        ----------
        origin : Origin
            Civil date of t = 0.
        until : float
            Seconds; later openings may be missing.
        before : float
            Seconds before t = 0 for which a profile is asked, >= 0.

        Returns
        -------
        Unrolled
            Openings merged where they abut, pieces merged where they abut at one speed. Its arrays
            are read-only: the same ones are given to all who ask for the same.
        """
        try:
            return _unrolled(self, origin, until, before)
        except TypeError:
            # One of one's own that cannot be looked up.
            return self._unroll(origin, until, before)

    def _unroll(self, origin: TimeOrigin, until: float, before: float) -> Unrolled:
        civil = origin.second_of_day
        first = origin.when.date()
        spans: list[tuple[float, float, float, int]] = []
        earliest = -MARGIN_DAYS - math.ceil(before / DAY)
        latest = math.ceil(until / DAY) + MARGIN_DAYS
        if not (dt.date.min - first).days <= earliest <= latest <= (dt.date.max - first).days:
            msg = (
                f"calendar {self.name}: {-earliest} days before {first} to {latest} days after it "
                "are asked, beyond the years 1 to 9999; move the origin or shorten the run"
            )
            raise ValueError(msg)
        for day in range(earliest, latest + 1):
            midnight = day * DAY - civil
            spans.extend(
                (midnight + start, midnight + end, speed, day)
                for start, end, speed in self.on_date(first + dt.timedelta(days=day))
            )
        spans.sort()
        openings = _merge([(a, b, 1.0, day) for a, b, _, day in spans])
        rest = self.resting_speed
        pieces = spans
        if rest > 0:
            # Before the first opening and after the last one it rests as well.
            ends = [
                earliest * DAY - civil,
                (math.ceil(until / DAY) + MARGIN_DAYS) * DAY - civil,
            ]
            around = [(ends[0], ends[0], rest, 0), *spans, (ends[1], ends[1], rest, 0)]
            gaps = pairwise(around)
            between = [(a[1], b[0], rest, a[3]) for a, b in gaps if b[0] > a[1]]
            pieces = sorted([*spans, *between])
        pieces = [piece for piece in _merge(pieces) if piece[2] > 0]
        last = pieces[-1][1] if pieces else 0.0
        pieces.append((last, last, 1.0, 0))
        return Unrolled(
            opens=_fixed([row[0] for row in openings], np.float64),
            closes=_fixed([row[1] for row in openings], np.float64),
            days=_fixed([row[3] for row in openings], np.int64),
            starts=_fixed([row[0] for row in pieces], np.float64),
            ends=_fixed([row[1] for row in pieces], np.float64),
            speeds=_fixed([row[2] for row in pieces], np.float64),
            civil=civil,
        )


@lru_cache(maxsize=64)
def _unrolled(calendar: Intervals, origin: TimeOrigin, until: float, before: float) -> Unrolled:
    return calendar._unroll(origin, until, before)  # noqa: SLF001


def _fixed(values: list[float] | list[int], kind: type) -> np.ndarray:
    made: np.ndarray = np.array(values, dtype=kind)
    made.setflags(write=False)
    return made


def _merge(rows: list[tuple[float, float, float, int]]) -> list[tuple[float, float, float, int]]:
    merged: list[tuple[float, float, float, int]] = []
    for row in rows:
        if merged and merged[-1][1] == row[0] and merged[-1][2] == row[2]:
            merged[-1] = (merged[-1][0], row[1], row[2], merged[-1][3])
        else:
            merged.append(row)
    return merged


@dataclass(frozen=True, slots=True)
class Calendar(Intervals):
    """A weekly table of open intervals minus closed dates; with speeds it is a profile (R2, R3).

    Parameters
    ----------
    name : str
        For messages.
    weekly : tuple of (open, close) or (open, close, speed)
        Seconds from Monday 00:00; ``close`` may run past the week's end.
    closed_dates : tuple of datetime.date
        Dates on which nothing opens.
    closed_speed : float
        Speed of the profile outside the intervals.

    Examples
    --------
    >>> desk = Calendar.weekly_hours("desk", "mon-fri 08:00-17:00")
    >>> len(desk.weekly), desk.longest / 3600
    (5, 9.0)
    """

    name: str
    weekly: tuple[tuple[float, ...], ...]
    closed_dates: tuple[dt.date, ...] = ()
    closed_speed: float = 0.0

    def __post_init__(self) -> None:
        rows = sorted(self.weekly)
        for row in rows:
            good = len(row) in {2, 3} and 0 <= row[0] < WEEK and row[0] < row[1] <= row[0] + WEEK
            if not good or (len(row) == 3 and not 0 < row[2] < math.inf):
                msg = (
                    f"calendar {self.name}: {row!r} must be (open, close) with 0 <= open < 604800, "
                    "open < close within a week, and a speed > 0 if given"
                )
                raise ValueError(msg)
        ends = [*rows[1:], (rows[0][0] + WEEK,)] if rows else []
        for row, following in zip(rows, ends, strict=True):
            if row[1] > following[0]:
                msg = (
                    f"calendar {self.name}: {_hours(row)} overlaps the interval after it, "
                    f"{_hours(following)}; end it earlier"
                )
                raise ValueError(msg)
        odd = [date for date in self.closed_dates if type(date) is not dt.date]
        if odd:
            msg = f"calendar {self.name}: closed date {odd[0]!r} must be a datetime.date"
            raise ValueError(msg)
        if not rows and self.closed_speed <= 0:
            msg = f"calendar {self.name}: never open; give at least one interval"
            raise ValueError(msg)
        if not (self.closed_speed >= 0 and math.isfinite(self.closed_speed)):
            msg = f"calendar {self.name}: closed_speed {self.closed_speed!r} must be >= 0"
            raise ValueError(msg)

    @classmethod
    def weekly_hours(
        cls,
        name: str,
        *hours: str,
        closed_dates: tuple[dt.date, ...] = (),
        closed_speed: float = 0.0,
    ) -> Calendar:
        """Return the calendar for texts such as ``"mon-fri 08:00-17:00"`` or ``"sat 9:00-12:00"``.

        An interval that ends at or before its start runs over midnight.

        Parameters
        ----------
        name : str
            As messages call it.
        *hours : str
            Days and times of opening, not overlapping.
        closed_dates : tuple of datetime.date
            On which nothing opens.
        closed_speed : float
            Speed of a clock outside the hours, >= 0.
        """
        rows: list[tuple[float, ...]] = []
        for text in hours:
            rows.extend(_parse_hours(name, text))
        return cls(name, tuple(rows), closed_dates, closed_speed)

    @classmethod
    def always(cls, name: str = "24x7") -> Calendar:
        """Return the calendar that never closes.

        Parameters
        ----------
        name : str
            As messages call it.
        """
        return cls(name, tuple((day * DAY, (day + 1) * DAY) for day in range(7)))

    def on_date(self, date: dt.date) -> list[tuple[float, float, float]]:
        """Return the intervals that open on a date, in seconds from its midnight."""
        if date in self.closed_dates:
            return []
        monday = date.weekday() * DAY
        return [
            (row[0] - monday, row[1] - monday, row[2] if len(row) == 3 else 1.0)
            for row in sorted(self.weekly)
            if monday <= row[0] < monday + DAY
        ]

    @property
    def resting_speed(self) -> float:
        """Speed of the profile while it is closed."""
        return self.closed_speed

    @property
    def longest(self) -> float:
        """Length of the longest open interval in seconds; infinite if it never closes."""
        rows = sorted(self.weekly)
        twice = [
            (row[0] + week * WEEK, row[1] + week * WEEK, 1.0, 0) for week in (0, 1) for row in rows
        ]
        length = max((end - start for start, end, _, _ in _merge(twice)), default=0.0)
        return math.inf if length >= 2 * WEEK else length


@dataclass(frozen=True, slots=True)
class MonthlySchedule(Intervals):
    """An interval on one weekday of each month, such as the first Sunday at 02:00 for two hours.

    Parameters
    ----------
    name : str
        For messages.
    week : int
        1 to 4 for the first to the fourth such weekday, -1 for the last one.
    weekday : int
        0 for Monday.
    second : float
        Start in seconds from midnight.
    length : float
        Seconds, > 0.
    months : tuple of int
        1 to 12; all of them by default.

    Examples
    --------
    >>> first = MonthlySchedule("patches", 1, 6, 2 * 3600.0, 7200.0)
    >>> first.on_date(dt.date(2024, 1, 7)), first.on_date(dt.date(2024, 1, 14))
    ([(7200.0, 14400.0, 1.0)], [])
    """

    name: str
    week: int
    weekday: int
    second: float
    length: float
    months: tuple[int, ...] = tuple(range(1, 13))

    def __post_init__(self) -> None:
        good = self.week in {-1, 1, 2, 3, 4} and self.weekday in range(7) and 0 <= self.second < DAY
        months = bool(self.months) and set(self.months) <= set(range(1, 13))
        if not good or not 0 < self.length <= WEEK or not months:
            msg = (
                f"schedule {self.name}: week {self.week} must be 1-4 or -1, weekday {self.weekday} "
                f"0-6, start {self.second} within a day, length {self.length} in (0, a week], and "
                f"months {self.months} of 1 to 12, at least one"
            )
            raise ValueError(msg)

    def on_date(self, date: dt.date) -> list[tuple[float, float, float]]:
        """Return the interval if the schedule falls on this date."""
        if date.weekday() != self.weekday or date.month not in self.months:
            return []
        if self.week > 0:
            due = (date.day - 1) // 7 + 1 == self.week
        else:
            due = (date + dt.timedelta(days=7)).month != date.month
        return [(self.second, self.second + self.length, 1.0)] if due else []

    @property
    def longest(self) -> float:
        """Length of the interval in seconds."""
        return self.length


def _hours(row: tuple[float, ...]) -> str:
    """Return an interval as one writes it: mon 08:00-17:00."""
    ends = [f"{int(t % DAY // 3600):02d}:{int(t % 3600 // 60):02d}" for t in row[:2]]
    return f"{DAY_NAMES[int(row[0] // DAY) % 7]} {'-'.join(ends)}"


def _parse_hours(name: str, text: str) -> list[tuple[float, float]]:
    try:
        days, hours = text.split()
        first, _, last = days.partition("-")
        start, end = (_clock(part) for part in hours.split("-"))
        a, b = DAY_NAMES.index(first.lower()), DAY_NAMES.index((last or first).lower())
    except ValueError:
        msg = f"calendar {name}: cannot read {text!r}; write 'mon-fri 08:00-17:00'"
        raise ValueError(msg) from None
    if end <= start:
        end += DAY
    return [
        (day % 7 * DAY + start, day % 7 * DAY + end)
        for day in range(a, b + 1 + (7 if b < a else 0))
    ]


def _clock(text: str) -> float:
    hours, _, minutes = text.partition(":")
    value = int(hours) * 3600.0 + int(minutes) * 60.0
    if not (0 <= value <= DAY and 0 <= int(minutes) < 60):
        msg = f"{text} is no time of day"
        raise ValueError(msg)
    return value
