"""Calendars, profiles and tests made by the clock: rows 16, 20, 21, 23b, 24, 25, 51, 52, R1, R3."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from pacsim.core import ModelBuilder, every, next_business_day, next_open, next_opening, outcome
from pacsim.delays import Calendar
from pacsim.delays import Deterministic as D
from tests.semantics.scenes import Run

Engine = Callable[..., Run]
H = 3600.0


def desk(*closed: dt.date) -> Calendar:
    return Calendar.weekly_hours("desk", "mon-fri 08:00-17:00", closed_dates=closed)


def answered(engine: Engine, at: float, delay: Any, profile: Any = None) -> list[float]:
    """Return when a wait ends that begins at ``at``, all in hours."""
    m = ModelBuilder()
    part = m.element("part", "up down answered")
    part.after("up -> down", D(at * H), "fail")
    part.after("down -> answered", delay, "answer", profile=profile)
    return [t / H for t in engine(m, 400 * H).times("part.answer")]


def test_16_office_hours(engine: Engine) -> None:
    """Row 16: Friday 16:30, and the two edges of an interval, open at 8:00 and shut at 17:00."""
    holiday = desk(dt.date(2024, 1, 8))
    assert answered(engine, 112.5, next_business_day(desk())) == [176]
    assert answered(engine, 112.5, D(4 * H), desk()) == [179.5]
    assert answered(engine, 112.5, next_business_day(holiday)) == [200]
    assert answered(engine, 113, next_open(desk())) == [176]
    assert answered(engine, 8, next_open(desk())) == [8]


def rolling(engine: Engine, window: float, fault: tuple[float, float] | None) -> dict[str, Any]:
    """Return (begin, end) of the work on A and B, both due on Sunday 02:00."""
    m = ModelBuilder()
    sunday = Calendar("sunday", ((146 * H, (146 + window) * H),))
    good = {n: m.element(f"hardware-{n}", "up down mended", fault="down") for n in "AB"}
    work = {n: m.element(n, "idle due work done", planned="work") for n in "AB"}
    if fault is not None:
        good["A"].after("up -> down", D(fault[0] * H), "fail", cls="fault")
        good["A"].after("down -> mended", D((fault[1] - fault[0]) * H), "mend", cls="repair")
    for me, other in ("AB", "BA"):
        can = (good[me] != "down") & (good[other] != "down") & (work[other] != "work")
        work[me].after("idle -> due", D(146 * H), "due", cls="tick")
        work[me].after("due -> work", next_open(sunday, 1.5 * H), "begin", cls="planned", when=can)
        work[me].after("work -> done", D(1.5 * H), "end", cls="planned")
    run = engine(m, 500 * H)
    return {
        n: tuple(t / H for what in ("begin", "end") for t in run.times(f"{n}.{what}")) for n in "AB"
    }


@pytest.mark.parametrize(
    ("window", "fault", "a", "b"),
    [
        (2, None, (146, 147.5), (314, 315.5)),
        (4, None, (146, 147.5), (147.5, 149)),
        (4, (140, 151), (314, 315.5), (315.5, 317)),
    ],
    ids=["20", "21", "21-fault"],
)
def test_20_21_rolling_work(engine: Engine, window: float, fault: Any, a: Any, b: Any) -> None:
    """Rows 20 and 21: one after the other, only if all of it fits, never while a partner is down."""
    assert rolling(engine, window, fault) == {"A": a, "B": b}


def test_23b_a_hidden_fault_waits_for_its_test(engine: Engine) -> None:
    """Row 23b: fails at 100, is found by the test at 120, is down until 125."""
    m = ModelBuilder()
    part = m.element("part", "up hidden repair", fault="hidden repair")
    test = m.element("test", "idle")
    part.after("up -> hidden", D(100), "fail", cls="fault")
    part.after("repair -> up", D(5), "repair", cls="repair", renew=True)
    test.after(
        "idle -> idle", every(30), "go", cls="tick", effects=[part.move({"hidden": "repair"})]
    )
    m.role("role", part == "up")
    run = engine(m, 150)
    assert run.episodes() == [(100, 125, "part.fail")]


@pytest.mark.parametrize(("period", "mean"), [(182.5, 0.8080821917808219), (60.0, 0.95)])
def test_24_a_drill_is_valid_for_a_time(engine: Engine, period: float, mean: float) -> None:
    """Row 24: the validity clock is renewed while it runs; success is read at the demand."""
    m = ModelBuilder()
    state, drill, demand = (
        m.element("state", "tested stale"),
        m.element("drill", "x"),
        m.element("d", "x"),
    )
    state.after("tested -> stale", D(90), "expire")
    again = state.move({"tested": "tested", "stale": "tested"}, renew=True)
    drill.after("x -> x", every(period), "drill", cls="planned", effects=[again])
    asked = demand.after(
        "x",
        every(7.0, 0.25),
        "ask",
        outcomes={
            state == "tested": [outcome(1.0, "x"), outcome(0.0, "x")],
            True: [outcome(0.0, "x"), outcome(1.0, "x")],
        },
    )
    m.gate_time("stale", state == "stale")
    m.firings("as tested", asked, outcome=0)
    m.firings("asked", asked)
    horizon = 365.0 * 4
    run = engine(m, horizon)
    assert 0.95 - 0.28 * run.column("stale") / horizon == pytest.approx(mean, abs=1e-12)
    demands = run.times("d.ask")
    good = sum(t % period <= 90 for t in demands)
    assert (run.column("as tested"), run.column("asked")) == (good, len(demands))


def test_25_ten_working_hours(engine: Engine) -> None:
    """Row 25: begun on Monday at 9:30 they end on Tuesday at 10:30."""
    assert answered(engine, 9.5, D(10 * H), desk()) == [34.5]


def test_51_clocks_on_profiles(engine: Engine) -> None:
    """Row 51: closed hours and slow hours."""
    assert answered(engine, 112.5, D(4 * H), desk()) == [179.5]
    day = Calendar.weekly_hours("day", "mon-sun 08:00-20:00", closed_speed=0.2)
    assert answered(engine, 0, D(10 * H), day) == [pytest.approx(16.4, rel=1e-12)]


def test_52_no_work_on_a_closed_profile(engine: Engine) -> None:
    """Row 52: a clock of zero work fires at once, not at the last closing."""
    assert answered(engine, 120, D(0), desk()) == [120]


HOLIDAYS = tuple(dt.date(2024, 12, 21) + dt.timedelta(days=k) for k in range(20))


@pytest.mark.parametrize("days", [366, 400])
def test_r3_a_profile_rests_past_the_horizon(engine: Engine, days: int) -> None:
    """R3: 10 h at speed 0.2 begun in the holidays on day 356 take 50 h, whatever the horizon.

    Sees: slow hours that end with the table, or with the last opening in it, and not at the next.
    """
    hours = Calendar.weekly_hours(
        "plant", "mon-fri 08:00-18:00", closed_dates=HOLIDAYS, closed_speed=0.2
    )
    assert (HOLIDAYS[0], HOLIDAYS[-1]) == (dt.date(2024, 12, 21), dt.date(2025, 1, 9))
    m = ModelBuilder()
    part = m.element("part", "up down answered")
    part.after("up -> down", D(356 * 24 * H), "fail")
    part.after("down -> answered", D(10 * H), "answer", profile=hours)
    fired = engine(m, days * 24 * H).times("part.answer")
    assert fired == [pytest.approx((356 * 24 + 50) * H, rel=1e-12)]


def test_r3_a_profile_that_only_rests(engine: Engine) -> None:
    """R3: without any opening, at half speed, an hour takes two.

    Sees: a profile without openings that stands still or runs at full speed.
    """
    m = ModelBuilder()
    m.element("a", "x y").after("x -> y", D(H), "go", profile=Calendar("c", (), closed_speed=0.5))
    assert engine(m, 10 * H).times("a.go") == [2 * H]


def test_r1_work_that_fills_an_opening_ends_with_it(engine: Engine) -> None:
    """R1: nine hours begun when a desk of nine hours opens end at closing under any shift.

    Sees: one replication in 300 in which a rounded opening is a bit short, so that the work ends
    the next morning (24 h later or more).
    """
    m = ModelBuilder(random_origin=True)
    part = m.element("part", "waits works done")
    part.after("waits -> works", next_opening(desk()), "begin")
    end = part.after("works -> done", D(9 * H), "end", profile=desk())
    m.gate_time("work", part == "works")
    m.firings("ends", end)
    run = engine(m, 14 * 24 * H, count=300)
    assert set(run.batch.values[:, 0]) == {9 * H}
    assert set(run.batch.values[:, 1]) == {1}
