"""Calendars against a minute-by-minute reading of a week, and against dates worked out by hand."""

import datetime as dt
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacsim.delays import Calendar, MonthlySchedule, TimeOrigin, intervals
from pacsim.delays.jitted import twins

if TYPE_CHECKING:
    from pacsim.delays.calendars import Unrolled

H = 3600.0
DESK = Calendar.weekly_hours("desk", "mon-fri 08:00-17:00")


class Search:
    """The functions on one unrolled calendar."""

    def __init__(
        self,
        calendar: Calendar | MonthlySchedule,
        origin: TimeOrigin | None = None,
        shift: float = 0.0,
        until: float = 60 * 24 * H,
        functions: dict[str, object] | None = None,
    ) -> None:
        base: Unrolled = calendar.unroll(origin or TimeOrigin(), until)
        n, m = len(base.opens), len(base.starts)
        self.o, self.c, self.days = np.empty(n), np.empty(n), base.days
        self.s, self.e, self.v, self.w = (np.empty(m) for _ in range(4))
        self.n = intervals.fill_openings(base.opens, base.closes, shift, self.o, self.c)
        self.m = intervals.fill_pieces(
            base.starts, base.ends, base.speeds, shift, self.s, self.e, self.v, self.w
        )
        self.civil = base.civil + shift
        self.f = functions or vars(intervals)

    def open(self, t: float, need: float = 0.0) -> float:
        return self.f["next_open"](self.o, self.c, self.n, t, need)  # type: ignore[no-any-return, operator]

    def opening(self, t: float) -> float:
        return self.f["next_opening"](self.o, self.n, t)  # type: ignore[no-any-return, operator]

    def day(self, t: float) -> float:
        return self.f["next_business_day"](self.o, self.days, self.n, t, self.civil)  # type: ignore[no-any-return, operator]

    def work(self, t: float) -> float:
        return self.f["work"](self.s, self.e, self.v, self.w, self.m, t)  # type: ignore[no-any-return, operator]

    def inverse(self, w: float) -> float:
        return self.f["work_inverse"](self.s, self.e, self.v, self.w, self.m, w)  # type: ignore[no-any-return, operator]


def after_work(search: Search, start: float, hours: float) -> float:
    return max(start * H, search.inverse(search.work(start * H) + hours * H)) / H


def test_friday_afternoon() -> None:
    """Semantics 16: origin Monday, desk Mon-Fri 8-17, fault Friday 16:30 (112.5 h)."""
    desk = Search(DESK)
    assert desk.day(112.5 * H) == 176 * H
    assert after_work(desk, 112.5, 4) == 179.5
    assert desk.open(113 * H) == 176 * H
    assert desk.open(8 * H) == 8 * H
    holiday = Search(
        Calendar.weekly_hours("desk", "mon-fri 08:00-17:00", closed_dates=(dt.date(2024, 1, 8),))
    )
    assert holiday.day(112.5 * H) == 200 * H
    assert holiday.open(113 * H) == 200 * H


def test_mean_wait_of_a_uniform_time() -> None:
    """Semantics 25: 4869/336 hours, and 10 working hours from Monday 9:30 end Tuesday 10:30."""
    desk = Search(DESK)
    quarter = [i * 0.25 + 0.125 for i in range(168 * 4)]
    waits = [desk.open(t * H) / H - t for t in quarter]
    # The wait falls linearly inside each closed quarter of an hour, so midpoints are exact.
    assert np.mean(waits) == pytest.approx(4869 / 336, abs=1e-9)
    assert after_work(desk, 9.5, 10) == 34.5


def test_work_clocks() -> None:
    """Semantics 51 and 52."""
    desk = Search(DESK)
    assert after_work(desk, 112.5, 4) == 179.5
    day = Calendar.weekly_hours("day", "mon-sun 08:00-20:00", closed_speed=0.2)
    assert after_work(Search(day), 0, 10) == pytest.approx(16.4, abs=1e-12)
    assert after_work(desk, 120, 0) == 120


def test_an_interval_over_midnight_belongs_to_the_date_on_which_it_opens() -> None:
    night = Calendar.weekly_hours("night", "sun 22:00-06:00", closed_dates=(dt.date(2024, 1, 7),))
    search = Search(night)
    # Sunday 31 December ran into Monday; Sunday 7 January is closed, the 14th is open.
    assert search.open(0.0) == 0.0
    assert search.open(6 * H) == (13 * 24 + 22) * H
    assert search.work(14 * 24 * H) == 6 * H + 2 * H


def test_abutting_intervals_merge() -> None:
    halves = Calendar("halves", ((8 * H, 12 * H), (12 * H, 17 * H)))
    assert Search(halves).open(11 * H, 3 * H) == 11 * H
    assert halves.longest == 9 * H
    assert Calendar.always().longest == math.inf
    with pytest.raises(ValueError, match="never fit, its longest interval is 32400 s"):
        halves.check_need(10 * H)


def test_origin_on_a_thursday_noon() -> None:
    search = Search(DESK, TimeOrigin(dt.datetime(2026, 1, 1, 12)))
    assert search.open(6 * H) == 20 * H
    assert search.day(0.0) == 20 * H
    assert search.opening(0.0) == 20 * H
    assert search.work(6 * H) == 5 * H


def test_first_sunday() -> None:
    patches = Search(MonthlySchedule("patches", 1, 6, 2 * H, 2 * H), until=100 * 24 * H)
    days = [6, 34, 62]
    assert [patches.o[k] for k in range(len(patches.o)) if 0 < patches.o[k] < 80 * 24 * H] == [
        (day * 24 + 2) * H for day in days
    ]
    last = MonthlySchedule("last", -1, 4, 0.0, H)
    assert last.on_date(dt.date(2026, 11, 27))
    assert not last.on_date(dt.date(2026, 11, 20))


def test_tick_is_strict_and_single() -> None:
    """Semantics 73: one tick, not two an ulp apart."""
    period = 504124.3216138604
    due = intervals.next_tick(period, 0.0, 221023.59562717707)
    assert due == period
    assert intervals.next_tick(period, 0.0, due) == 2 * period


@given(st.floats(1e-3, 1e6), st.floats(-1e6, 1e6), st.integers(0, 10_000))
def test_ticks_are_on_the_grid(period: float, offset: float, k: int) -> None:
    t = offset + k * period
    due = intervals.next_tick(period, offset, t)
    assert due > t
    assert due <= offset + (k + 2) * period


MINUTES = 7 * 24 * 60


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Calendar, np.ndarray]:
    cuts = sorted(draw(st.sets(st.integers(0, MINUTES - 1), min_size=2, max_size=8)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    rest = draw(st.sampled_from([0.0, 0.0, 0.25]))
    speeds = np.full(MINUTES, rest)
    rows = []
    for a, b in pairs:
        speed = draw(st.sampled_from([1.0, 2.0, 0.5]))
        rows.append((a * 60.0, b * 60.0, speed))
        speeds[a:b] = speed
    return Calendar("drawn", tuple(rows), closed_speed=rest), speeds


@given(calendars(), st.integers(0, MINUTES - 1), st.integers(0, 300), st.integers(0, 5000))
def test_against_a_minute_grid(
    drawn: tuple[Calendar, np.ndarray], start: int, need: int, amount: int
) -> None:
    calendar, weekly = drawn
    search = Search(calendar, until=200 * 24 * H)
    speeds = np.tile(weekly, 40)
    opened = np.zeros(MINUTES, dtype=bool)
    for row in calendar.weekly:
        opened[int(row[0] // 60) : int(row[1] // 60)] = True
    opened = np.tile(opened, 4)
    assert search.work(start * 60.0) == pytest.approx(60 * speeds[:start].sum())
    if need * 60.0 <= calendar.longest:
        first = next(t for t in range(start, 3 * MINUTES) if opened[t : t + max(1, need)].all())
        assert search.open(start * 60.0, need * 60.0) == first * 60.0
    w = search.work(start * 60.0) + amount % (1 + int(3 * weekly.sum())) * 60.0
    reached = search.inverse(w)
    total = np.concatenate([[0.0], np.cumsum(speeds)]) * 60
    minute = int(np.searchsorted(total, w - 1e-6))
    assert (minute - 1) * 60 - 1e-3 <= reached <= minute * 60 + 1e-3
    assert search.work(reached) == pytest.approx(w)


def test_jitted_searches_are_equal_to_the_bit() -> None:
    jitted = twins()
    calendar = Calendar.weekly_hours(
        "day", "mon-fri 08:00-17:30", "sat 09:00-12:00", closed_speed=0.3
    )
    for shift in (0.0, 123456.789):
        plain = Search(calendar, shift=shift)
        fast = Search(calendar, shift=shift, functions=jitted)
        for t in np.random.default_rng(2).random(300) * 40 * 24 * H:
            for name in ("open", "opening", "day", "work", "inverse"):
                assert getattr(plain, name)(float(t)) == getattr(fast, name)(float(t))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (((5.0, 4.0),), "must be"),
        (((0.0, 10.0), (5.0, 20.0)), "overlaps"),
        ((), "never open"),
        (((0.0, 10.0, 0.0),), "must be"),
        (((604700.0, 604900.0), (0.0, 200.0)), "overlaps"),
    ],
)
def test_wrong_calendars_are_named(rows: tuple[tuple[float, ...], ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Calendar("c", rows)


@pytest.mark.parametrize("text", ["mon 8-9-10", "abc 08:00-09:00", "mon 25:00-26:00", "mon"])
def test_unreadable_hours(text: str) -> None:
    with pytest.raises(ValueError, match="cannot read"):
        Calendar.weekly_hours("c", text)


def test_a_profile_rests_beyond_its_openings() -> None:
    """Closed for weeks, and never open at all: the resting speed goes on, whatever the horizon."""
    # Sees: speed 0 before the first opening found and after the last one.
    resting = Calendar("resting", (), closed_speed=0.5)
    base = resting.unroll(TimeOrigin(), 10 * 86400.0)
    assert base.speeds[0] == 0.5
    assert base.starts[0] <= 0.0
    assert base.ends[0] >= 10 * 86400.0
    # Beside it only the empty piece that makes room for the one that t = 0 cuts.
    assert list(base.ends[1:] - base.starts[1:]) == [0.0]
    holidays = tuple(dt.date(2024, 12, 21) + dt.timedelta(days=k) for k in range(20))
    desk = Calendar("desk", Calendar.weekly_hours("d", "mon-fri 08:00-18:00").weekly, holidays, 0.2)
    found = set()
    for days in (366, 400):
        base = desk.unroll(TimeOrigin(), days * 86400.0)
        inside = (base.starts <= 356 * 86400.0) & (base.ends > 358.5 * 86400.0)
        assert base.speeds[inside].tolist() == [0.2]
        found.add(days)
    assert found == {366, 400}


def test_origins_are_whole_seconds() -> None:
    with pytest.raises(ValueError, match="whole seconds"):
        TimeOrigin(dt.datetime(2024, 1, 1, 0, 0, 0, 5))
    with pytest.raises(ValueError, match="speed > 0"):
        Calendar("fast", ((0.0, 10.0, float("inf")),))


def test_a_business_day_needs_an_opening() -> None:
    Calendar.weekly_hours("desk", "mon-fri 08:00-17:00").check_business_days()
    Calendar.weekly_hours("night", "mon-fri 22:00-06:00").check_business_days()
    with pytest.raises(ValueError, match="close it overnight"):
        Calendar.weekly_hours("long", "mon-fri 00:00-24:00").check_business_days()


def test_overlapping_hours_are_named_as_one_writes_them() -> None:
    with pytest.raises(ValueError, match=r"mon 08:00-10:00 overlaps .* mon 09:00-11:30; end it"):
        Calendar.weekly_hours("c", "mon 08:00-10:00", "mon 09:00-11:30")
    with pytest.raises(ValueError, match=r"sun 22:00-08:00 overlaps .* mon 07:00; end it"):
        Calendar.weekly_hours("c", "sun 22:00-08:00", "mon 07:00-11:00")


@pytest.mark.parametrize(
    ("start", "until", "before"),
    [
        ((50, 1, 1), 1.0, 3e9),
        ((1, 1, 1), 1.0, 0.0),
        ((9999, 12, 31), 1.0, 0.0),
        ((2024, 1, 1), 1e12, 0.0),
    ],
)
def test_dates_that_no_calendar_has_are_refused(
    start: tuple[int, int, int], until: float, before: float
) -> None:
    with pytest.raises(ValueError, match="beyond the years 1 to 9999"):
        Calendar.always().unroll(TimeOrigin(dt.datetime(*start)), until, before)
