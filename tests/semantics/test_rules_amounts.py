"""Amounts on profiles, integrals of quantities on profiles, real capacities, who was there first.

R6, R23 and R24. Times are in hours in the comments, in seconds in the models, which start on a
Monday at 00:00.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pacsim.core import ModelBuilder, every, next_open
from pacsim.delays import Calendar, Exponential
from pacsim.delays import Deterministic as D
from pacsim.engines import exact
from pacsim.errors import ModelError
from tests.semantics.scenes import Run, once

Engine = Callable[..., Run]
H = 3600.0
DESK = Calendar.weekly_hours("desk", "mon-fri 08:00-17:00")
BUSY = Calendar.weekly_hours("busy", "mon-sun 08:00-20:00", closed_speed=0.2)
SHUT = Calendar.weekly_hours(
    "shut", "mon-sun 08:00-20:00", closed_speed=0.2, closed_dates=(dt.date(2023, 12, 31),)
)


def losing(
    m: ModelBuilder,
    at: float,
    profile: Calendar,
    *,
    copied: float | None = None,
    start: float | None = None,
    rate: float = 1.0,
    high: float = float("inf"),
    scale: float = 1.0,
) -> None:
    """Sample at a loss what came in since the last copy."""
    age = m.quantity("age", low=0, high=high, start=start, rate=rate)
    data = m.element("data", "there lost")
    lose = data.after("there -> lost", D(at * H), "lose")
    if copied is not None:
        m.element("copy", "old new").after("old -> new", D(copied * H), "c", effects=[age.set(0)])
    m.sample("lost", lose, age, profile=profile, scale=scale)


def lost(run: Run) -> float:
    """Return the only sample."""
    (row,) = run.batch.samples
    assert run.column("lost") == 1
    return float(row["value"])


def test_an_amount_counts_by_the_profile(engine: Engine) -> None:
    m = ModelBuilder()
    # From Monday 12 to Tuesday 10: 8 by day, 12 at night at 0.2, 2 by day.
    losing(m, 34, BUSY, copied=12, start=0, scale=0.01)
    # Sees: the age times the scale, 0.01 x 22 h; the night at full speed.
    assert lost(engine(m, 50 * H)) == pytest.approx(0.01 * 12.4 * H)


@pytest.mark.parametrize(("profile", "hours"), [(BUSY, 17.6), (SHUT, 8.0)])
def test_an_amount_reaches_back_before_the_mission(
    engine: Engine, profile: Calendar, hours: float
) -> None:
    m = ModelBuilder()
    # From Saturday 18 to Monday 2: 2, 2.4, 12, 0.8, 0.4; a closed Sunday gives 2 and 30 x 0.2.
    losing(m, 2, profile, start=30 * H)
    assert lost(engine(m, 50 * H)) == pytest.approx(hours * H)


def test_an_amount_of_whole_weeks_is_the_same_from_any_origin(engine: Engine) -> None:
    m = ModelBuilder(random_origin=True)
    # Nine weeks of 84 h by day and 84 h at 0.2; far more than the margin of a table.
    losing(m, 3, BUSY, start=(9 * 168 - 3) * H)
    values = engine(m, 10 * H, count=30).batch.samples["value"]
    assert values == pytest.approx(np.full(30, 9 * 100.8 * H))


def test_an_amount_over_an_age_that_is_never(engine: Engine) -> None:
    m = ModelBuilder()
    losing(m, 3, BUSY)
    run = engine(m, 10 * H)
    assert np.isnan(lost(run))
    assert run.column("lost", 1) == 1


def test_an_age_with_a_bound_may_grow_as_it_likes(engine: Engine) -> None:
    m = ModelBuilder()
    # Twice as fast and stopped at 36 h, seen at Monday 22: from Sunday 10 on that is 10 by day,
    # 12 at night, 12 by day, 2 at night.
    losing(m, 22, BUSY, start=0, rate=2.0, high=36 * H)
    assert lost(engine(m, 50 * H)) == pytest.approx((22 + 14 * 0.2) * H)


def test_an_age_begins_at_its_lower_bound(engine: Engine) -> None:
    m = ModelBuilder()
    # Set to 0 but cut at 100 days: 50 days and nights back from 2 000 s after a Monday midnight.
    age = m.quantity("age", low=100 * 24 * H, high=float("inf"), start=None, rate=1.0)
    e = m.element("e", "a b")
    e.after("a -> b", D(1000.0), "set", effects=[age.set(0)])
    m.sample("lost", e.after("b -> a", D(1000.0), "read"), age, profile=BUSY)
    # 100 days of 14.4 h, and the first 1 000 s at 0.2, since what is at the far end is night too.
    found = engine(m, 2500.0).batch.samples["value"]
    assert found == pytest.approx(100 * 14.4 * H + 1000 * 0.2 - 0.0)


def test_an_age_may_be_copied_from_an_older_one(engine: Engine) -> None:
    m = ModelBuilder()
    older = m.quantity("older", low=0, high=float("inf"), start=50 * 168 * H, rate=1.0)
    age = m.quantity("age", low=0, high=float("inf"), start=0, rate=1.0)
    e = m.element("e", "a b c")
    e.after("a -> b", D(1 * H), "copy", effects=[age.copy(older)])
    m.sample("lost", e.after("b -> c", D(1 * H), "read"), age, profile=BUSY)
    # Fifty weeks and the two hours since, which are night: far more than the margin of a table.
    assert lost(engine(m, 50 * H)) == pytest.approx((50 * 100.8 + 2 * 0.2) * H)


def test_a_bound_of_its_own_bounds_an_age_that_is_copied(engine: Engine) -> None:
    m = ModelBuilder()
    other = m.quantity("other", low=0, high=float("inf"), start=0, rate=2.0)
    age = m.quantity("age", low=0, high=5 * H, start=0, rate=1.0)
    e = m.element("e", "a b c")
    e.after("a -> b", D(20 * H), "copy", effects=[age.copy(other)])
    m.sample("lost", e.after("b -> c", D(1 * H), "read"), age, profile=BUSY)
    # 40 h cut to 5: from Monday 16 to 21 are 4 by day and one at night.
    assert lost(engine(m, 50 * H)) == pytest.approx(4.2 * H)


def test_the_moments_of_several_transitions(engine: Engine) -> None:
    m = ModelBuilder()
    gate, e = once(m, "gate", 5, 12), m.element("e", "x")
    ticks = [e.after("x -> x", every(7, at), f"t{at}") for at in (1, 3)]
    m.sample("while up", ticks, when=gate == "up")
    m.sample("in minutes", ticks, scale=60.0)
    run = engine(m, 20)
    moments = run.batch.samples[run.batch.samples["observation"] == 0]
    assert moments["value"].tolist() == [1, 3]
    assert moments["time"].tolist() == [1, 3]
    # Each firing restarts the element, so both clocks go on: 1, 3, 8, 10, 15, 17.
    assert run.column("in minutes") == 6
    assert run.column("in minutes", 2) == 60 * (1 + 3 + 8 + 10 + 15 + 17)


def test_a_profile_needs_an_age() -> None:
    m = ModelBuilder()
    tick = m.element("e", "a").after("a -> a", D(1), "t")
    m.sample("s", tick, profile=BUSY)
    with pytest.raises(ModelError) as error:
        m.build()
    assert error.value.problems == ("observation 's': a profile needs a quantity that is an age",)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"rate": 2.0}, "nothing bounds the age age; give it a bound high of 100 years or less"),
        ({"low": -1.0}, "age may be less than 0, which is no age; give it the bound low=0"),
        ({"add": 5.0}, "nothing bounds the age age; give it a bound high of 100 years or less"),
    ],
)
def test_an_age_that_nothing_bounds_is_refused(options: dict[str, float], text: str) -> None:
    m = ModelBuilder()
    rate, low = options.get("rate", 1.0), options.get("low", 0.0)
    age = m.quantity("age", low=low, high=float("inf"), start=0, rate=rate)
    effects = [age.add(options["add"])] if "add" in options else []
    tick = m.element("e", "a").after("a -> a", D(1), "t", effects=effects)
    m.sample("s", tick, age, profile=BUSY)
    with pytest.raises(ModelError) as error:
        m.build()
    assert error.value.problems == (f"observation 's': {text}",)


@pytest.mark.parametrize("window", [None, 5 * H])
@pytest.mark.parametrize(
    ("profile", "start", "rate", "high", "hours"),
    [
        # Monday 8 to 17: 9^2/2; flat at 9 for 15 h; Tuesday 8 to 10: 2 x 9 + 2.
        (DESK, 0.0, 1.0, 1e9, 195.5),
        # Full at 5 from 13 on, for 21 h.
        (DESK, 0.0, 1.0, 5.0, 117.5),
        # 8 h at -0.2 from 10 to 8.4, empty 8.4 h later.
        (BUSY, 10.0, -1.0, 1e9, 8 * 9.2 + 8.4**2 / 2),
        (DESK, 3.0, 0.0, 1e9, 3 * 34.0),
    ],
)
def test_the_integral_of_a_quantity_on_a_profile(
    engine: Engine,
    profile: Calendar,
    start: float,
    rate: float,
    high: float,
    hours: float,
    window: float | None,
) -> None:
    m = ModelBuilder()
    # In hours and per second; what happens beside it changes nothing.
    q = m.quantity("q", low=0, high=high, start=start, rate=rate / H, profile=profile)
    m.element("e", "a").after("a -> a", D(0.7 * H), "tick")
    m.quantity_integral("i", q)
    # Sees: the profile left out, which gives 34^2/2 in the first case.
    assert engine(m, 34 * H, window=window).column("i") / H == pytest.approx(hours, rel=1e-12)


def test_the_integral_when_the_rate_turns_on_the_profile(engine: Engine) -> None:
    m = ModelBuilder()
    e = m.element("e", "fill drain")
    e.after("fill -> drain", D(12 * H), "turn")
    q = m.quantity(
        "q", low=0, high=100, start=0, rate={e == "fill": 1 / H, True: -2 / H}, profile=DESK
    )
    m.quantity_integral("i", q)
    # Up to 4 from 8 to 12, empty at 14.
    assert engine(m, 40 * H).column("i") / H == pytest.approx(4 * 4 / 2 + 2 * 4 / 2)


def test_a_need_may_lead_beyond_the_horizon(engine: Engine) -> None:
    m = ModelBuilder()
    e = m.element("e", "a b")
    e.after("a -> b", next_open(Calendar.always(), 60 * 24 * H), "go")
    # Sees: a table that ends a week after the horizon, in which sixty days do not fit.
    assert engine(m, 10 * H).times("e.go") == [0.0]


def at_start(run: Run, row: int = 0) -> dict[str, bool]:
    """Return the contributors of an episode, and whether they were flagged when it began."""
    names = run.model.elements
    rows = run.batch.contributors
    return {names[r["element"]].name: bool(r["at_start"]) for r in rows if r["episode"] == row}


def test_who_was_flagged_when_an_episode_began_is_kept_apart(engine: Engine) -> None:
    m = ModelBuilder()
    # C is over before, D begins and ends inside, E begins after.
    spans = {"A": (1, 9), "B": (2, 8), "C": (0, 1), "D": (4, 5), "E": (8, 9)}
    units = {name: once(m, name, *span) for name, span in spans.items()}
    # The role needs one of C, D and E as well: never more than one of them is down.
    spare = m.any(units[name] != "down" for name in "CDE")
    m.role("role", ~m.all([units["A"] == "down", units["B"] == "down"]) & spare)
    run = engine(m, 20)
    assert run.episodes() == [(2, 8, "B.f")]
    # E fails in the instant of the repair, after which the role is up.
    assert at_start(run) == {"A": True, "B": True, "D": False}


def test_flagged_for_no_time_at_the_start_is_not_there(engine: Engine) -> None:
    m = ModelBuilder()
    a, b = once(m, "a", 2, 8), m.element("b", "up down after", fault="down")
    b.now("up -> down", 10, "f", when=a == "down")
    b.after("down -> after", D(0), "r", cls="repair")
    c = m.element("c", "up down", fault="down")
    c.now("up -> down", 20, "f", when=a == "down")
    # It needs b or c as well, one of which is up whenever a is.
    m.role("role", (a != "down") & ((b != "down") | (c != "down")))
    run = engine(m, 20)
    assert run.episodes() == [(2, 8, "a.f")]
    # c follows a in the same instant; b is down at 2 for no time.
    assert at_start(run) == {"a": True, "c": True}


CAPACITIES = (2.5, 1.25, 0.1)
"""Of three nodes that are up from 0 to 10, 0 to 20 and 0 to 40."""


def nodes(m: ModelBuilder, capacities: tuple[float, ...] = CAPACITIES) -> Any:
    """Return the capacity of nodes of which one after the other goes down."""
    ends = (10, 20, 40)
    made = [once(m, f"n{k}", end, 1000) for k, end in enumerate(ends)]
    return sum(
        (n.value({"up": c}) for n, c in zip(made[1:], capacities[1:], strict=True)),
        made[0].value({"up": capacities[0]}),
    )


def test_real_capacities_are_scaled_to_integers(engine: Engine) -> None:
    m = ModelBuilder()
    capacity = nodes(m)
    m.level_integral("sum", capacity)
    m.level_integral("twice and a half", 2.5 * capacity - 0.5)
    for name, condition in {
        "all": capacity >= 3.85,
        "not all": capacity < 3.85,
        "more": capacity > 1.35,
        "enough": capacity >= 1.35,
        "at most": capacity <= 0.1,
        "tenth": 10 * capacity >= 1,
    }.items():
        m.gate_time(name, condition)
    run = engine(m, 100)
    integral = 25 + 25 + 4
    assert run.column("sum") == pytest.approx(integral)
    assert run.column("twice and a half") == pytest.approx(2.5 * integral - 50)
    # Sees: capacities cut to whole numbers (2, 1 and 0).
    assert [run.column(n) for n in ("all", "not all", "more", "enough", "at most", "tenth")] == [
        10, 90, 10, 20, 80, 40,
    ]  # fmt: skip
    assert run.model.notes == ()


def test_thirds_add_up_to_one(engine: Engine) -> None:
    m = ModelBuilder()
    third = 1 / 3
    m.gate_time("one", nodes(m, (third, third, third)) >= 1)
    run = engine(m, 100)
    assert run.column("one") == 10
    assert run.model.notes == ()


def test_a_fine_threshold_does_not_make_a_level_coarse(engine: Engine) -> None:
    """A threshold only picks a value between those that the level can have."""
    m = ModelBuilder()
    up = m.count(once(m, f"n{k}", end, 1000) == "up" for k, end in enumerate((10, 20, 40)))
    for name, condition in {
        "any": up * 2.5 >= 1e-9,
        "more than none": up > 1e-12,
        "all and a little": up >= 3.0000000001,
        "nearly all": up >= 2.9999999999,
        "thousands": up * 1000 >= 2000.0000001,
    }.items():
        m.gate_time(name, condition)
    run = engine(m, 100)
    names = ("any", "more than none", "all and a little", "nearly all", "thousands")
    assert [run.column(n) for n in names] == [40, 40, 0, 10, 10]
    assert run.model.notes == ()


def test_what_every_state_has_in_common_does_not_make_a_level_coarse(engine: Engine) -> None:
    """A large constant, and a large term that cancels, are taken off before anything is rounded."""
    m = ModelBuilder()
    n = once(m, "n", 10, 1000)
    odd = n.value({"up": 1.5, "down": 2**0.5})
    m.gate_time("constant", odd + 1e9 >= 1e9 + 1.45)
    m.gate_time("everywhere", odd + n.value({"up": 1e9, "down": 1e9, "after": 1e9}) >= 1e9 + 1.45)
    cancels = m.count([n == "up"]) * 1e9 - n.value({"up": 1e9})
    m.gate_time("cancels", odd + cancels >= 1.45)
    run = engine(m, 100)
    assert [run.column(name) for name in ("constant", "everywhere", "cancels")] == [10, 10, 10]


def test_halves_may_add_up_to_whole_numbers(engine: Engine) -> None:
    m = ModelBuilder()
    n = once(m, "n", 10, 1000)
    half = n.value({"up": 0.5})
    m.level_time("twice", half + half)
    m.level_time("shifted", (n.value({"up": 1}) + 0.5) + 0.5)
    m.level_time("divided", m.count([n == "up"]) * 6 / 3)
    run = engine(m, 100)
    assert [run.column("twice", k) for k in (0, 1)] == [90, 10]
    assert [run.column("shifted", k) for k in (0, 1, 2)] == [0, 90, 10]
    assert [run.column("divided", k) for k in (0, 1, 2)] == [90, 0, 10]


def test_what_has_no_common_denominator_is_rounded_and_reported(engine: Engine) -> None:
    m = ModelBuilder()
    irrational = (2**0.5, 3**0.5, 5**0.5)
    capacity = nodes(m, irrational)
    m.gate_time("all", capacity >= sum(irrational))
    m.gate_time("above", capacity > irrational[1] + irrational[2])
    m.gate_time("last", capacity >= irrational[2])
    m.gate_time("never", capacity > sum(irrational))
    m.level_integral("sum", capacity)
    run = engine(m, 100)
    # A sum that misses by rounding alone counts as reaching it, and as no more than it.
    assert [run.column(n) for n in ("all", "above", "last", "never")] == [10, 10, 40, 0]
    expected = sum(c * t for c, t in zip(irrational, (10, 20, 40), strict=True))
    assert run.column("sum") == pytest.approx(expected, rel=1e-8)
    assert run.model.notes
    assert all("level of n0, n1, n2: capacities are rounded to" in x for x in run.model.notes)


def test_real_capacities_in_the_exact_engine() -> None:
    m = ModelBuilder()
    made = [m.element(name, "up down", fault="down") for name in "abc"]
    for n in made:
        n.after("up -> down", Exponential(100.0), "f", cls="fault")
        n.after("down -> up", Exponential(10.0), "r", cls="repair")
    capacity = sum((n.value({"up": 0.75}) for n in made[1:]), made[0].value({"up": 0.75}))
    m.level_integral("sum", capacity)
    m.gate_time("half", capacity >= 1.5)
    found = exact.solve(m.build(), steady=True).steady
    a = 100 / 110
    # By hand: the mean of a binomial, and at least two of three.
    assert found["sum"][0] == pytest.approx(3 * 0.75 * a, rel=1e-12)
    assert found["half"][0] == pytest.approx(3 * a**2 * (1 - a) + a**3, rel=1e-12)


@pytest.mark.parametrize(
    "write",
    [
        lambda m, level, e: m.level_time("o", level),
        lambda m, level, e: m.episodes("o", e == "up", at_start=level),
        lambda m, level, e: e.after("up -> down", D(1), "t", speed=(level, (1.0, 2.0))),
    ],
)
def test_levels_that_are_not_whole_select_nothing(write: Any) -> None:
    m = ModelBuilder()
    e = m.element("e", "up down")
    write(m, e.value({"up": 0.5}), e)
    with pytest.raises(ModelError) as error:
        m.build()
    assert "a level with values that are not whole selects nothing" in str(error.value)
