"""The complement of a calendar, against a minute-by-minute reading of its table and its dates."""

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pacsim.delays import Calendar, Complement, Intervals, MonthlySchedule, TimeOrigin, intervals

H, DAY, WEEK = 3600.0, 86400.0, 604800
FIRST = dt.date(2024, 1, 1)
DAYS = 42
DESK = Calendar.weekly_hours("desk", "mon-fri 08:00-17:00")


@st.composite
def tables(draw: st.DrawFn) -> Calendar:
    """Draw a week of intervals in whole minutes, some over midnight or for days, and holidays."""
    cuts = sorted(draw(st.sets(st.integers(0, WEEK // 60 - 1), min_size=2, max_size=8)))
    first = draw(st.integers(0, 1))
    ends = [*cuts[first:], *(cut + WEEK // 60 for cut in cuts[:first])]
    rows = tuple(
        (60.0 * a % WEEK, 60.0 * a % WEEK + 60.0 * (b - a))
        for a, b in zip(ends[::2], ends[1::2], strict=False)
    )
    closed = draw(st.sets(st.integers(-9, DAYS), max_size=6))
    return Calendar("drawn", rows, tuple(FIRST + dt.timedelta(days=k) for k in sorted(closed)))


def minutes(calendar: Calendar) -> np.ndarray:
    """Return which minutes of the first weeks are open, read off the table itself."""
    opened = np.zeros(DAYS * 1440, dtype=bool)
    for day in range(-8, DAYS):
        date = FIRST + dt.timedelta(days=day)
        for row in calendar.weekly:
            if int(row[0] // DAY) == date.weekday() and date not in calendar.closed_dates:
                start = day * 1440 + int(row[0] % DAY // 60)
                end = start + int((row[1] - row[0]) // 60)
                opened[max(start, 0) : max(end, 0)] = True
    return opened


def read(calendar: Intervals) -> np.ndarray:
    """Return which of these minutes the pieces of an unrolled calendar cover, each once."""
    found = np.zeros(DAYS * 1440, dtype=int)
    base = calendar.unroll(TimeOrigin(), DAYS * DAY)
    for start, end in zip(base.starts[:-1], base.ends[:-1], strict=True):
        found[max(int(start // 60), 0) : max(int(end // 60), 0)] += 1
    assert found.max(initial=0) <= 1
    return found.astype(bool)


@pytest.mark.slow
@given(tables())
@example(Calendar.weekly_hours("night", "sun 22:00-06:00", closed_dates=(dt.date(2024, 1, 7),)))
@example(Calendar("always but one", Calendar.always().weekly, (dt.date(2024, 1, 9),)))
@example(Calendar("a week", ((3 * DAY + 7 * H, 10 * DAY + 6 * H),), (dt.date(2024, 1, 11),)))
def test_open_where_the_other_is_closed(calendar: Calendar) -> None:
    """Together they cover every minute, none twice; the other way round it is the calendar again."""
    # Sees: what ran over midnight counted as left (no look at the days before); a closed date that
    # stays closed in both.
    opened = minutes(calendar)
    off = Complement(calendar)
    assert np.array_equal(read(off), ~opened)
    assert np.array_equal(read(Complement(off)), opened)


@pytest.mark.slow
@given(tables())
def test_twice_is_the_calendar(calendar: Calendar) -> None:
    """The complement of the complement has the openings, with their civil days, to the bit."""
    # Sees: an opening that belongs to the date of another one, as a piece cut at midnight would.
    ours, again = (
        one.unroll(TimeOrigin(), DAYS * DAY) for one in (calendar, Complement(Complement(calendar)))
    )
    # At both ends one of them may be cut where the unrolled days end.
    insides = [(one.opens >= 0.0) & (one.opens < DAYS * DAY) for one in (ours, again)]
    for name in ("opens", "closes", "days"):
        known, found = (
            getattr(one, name)[k] for one, k in zip((ours, again), insides, strict=True)
        )
        assert np.array_equal(known, found), name


@pytest.mark.slow
@given(tables(), st.floats(0.0, 30 * DAY))
def test_it_opens_when_the_other_closes(calendar: Calendar, t: float) -> None:
    """The next opening of the one is the next closing of the other."""
    ours, off = (
        one.unroll(TimeOrigin(), 2 * DAYS * DAY) for one in (calendar, Complement(calendar))
    )
    closings = ours.closes[ours.closes > t]
    found = intervals.next_opening(off.opens, len(off.opens), t)
    assert found == (closings[0] if len(closings) else math.inf)


def test_office_hours_and_a_holiday() -> None:
    """Friday 17:00 until Monday 8:00 is 63 h; with Monday a holiday until Tuesday, 87 h."""
    assert Complement(DESK).longest == 63 * H
    bank = Calendar("bank", DESK.weekly, (dt.date(2024, 1, 8),))
    off = Complement(bank)
    assert off.longest == 87 * H
    base = off.unroll(TimeOrigin(), 20 * DAY)
    assert (113 * H, 200 * H) in zip(base.opens, base.closes, strict=True)
    assert off.on_date(dt.date(2024, 1, 8)) == [(0.0, DAY, 1.0)]
    off.check_need(87 * H)
    with pytest.raises(ValueError, match=r"not bank: .* its longest interval is 313200 s"):
        off.check_need(88 * H)
    assert Complement(off).longest == 9 * H


def test_nights_keep_their_date() -> None:
    """A night from 22:00 to 6:00: what is left opens at 6:00, on the date on which it does."""
    night = Calendar.weekly_hours("night", "mon-sun 22:00-06:00")
    base = Complement(night).unroll(TimeOrigin(), 3 * DAY)
    inside = (base.opens >= 0) & (base.opens < 3 * DAY)
    assert base.opens[inside].tolist() == [6 * H, 30 * H, 54 * H]
    assert base.days[inside].tolist() == [0, 1, 2]


def test_a_schedule_has_one_too() -> None:
    """A window of two hours on the first Sunday leaves the rest; five weeks less 2 h at most."""
    off = Complement(MonthlySchedule("patches", 1, 6, 2 * H, 2 * H), "between")
    assert off.on_date(dt.date(2024, 1, 7)) == [(0.0, 2 * H, 1.0), (4 * H, DAY, 1.0)]
    assert off.on_date(dt.date(2024, 1, 14)) == [(0.0, DAY, 1.0)]
    assert off.longest == (35 * 24 - 2) * H
    assert off.name == "between"


def test_a_profile_counts_as_open_where_it_has_intervals() -> None:
    """Slow hours outside the table are outside of it; one without any table leaves everything."""
    day = Calendar.weekly_hours("day", "mon-sun 08:00-20:00", closed_speed=0.2)
    assert Complement(day).on_date(FIRST) == [(0.0, 8 * H, 1.0), (20 * H, DAY, 1.0)]
    resting = Complement(Calendar("resting", (), closed_speed=0.5))
    assert resting.on_date(FIRST) == [(0.0, DAY, 1.0)]
    assert resting.longest == math.inf


def test_days_have_24_hours_all_year() -> None:
    """No daylight saving (R1): the nights of the last Sundays of March and October are as long."""
    off = Complement(Calendar.weekly_hours("day", "mon-sun 08:00-20:00"))
    base = off.unroll(TimeOrigin(), 366 * DAY)
    whole = (base.opens > 0) & (base.closes < 366 * DAY)
    assert set((base.closes - base.opens)[whole]) == {12 * H}


def test_what_never_closes_has_none() -> None:
    with pytest.raises(ValueError, match="24x7: never closes, so its complement never opens"):
        Complement(Calendar.always())
