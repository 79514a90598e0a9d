"""Clocks and their memory: tests 1-4, 9, 47, 49, 53-56, 59, 69, 71, 73, 74, 76, 83 of docs/semantics."""

from collections.abc import Callable
from typing import Any

import pytest

from pacsim.core import ModelBuilder, every
from pacsim.core.streams import replication_key, stream_id, uniform
from pacsim.delays import Deterministic as D
from pacsim.delays import Weibull
from tests.semantics.scenes import Run, unit

Engine = Callable[..., Run]


def series(memory: Any) -> ModelBuilder:
    m = ModelBuilder()
    a, b = m.element("A", "up down", fault="down"), m.element("B", "up down", fault="down")
    for me, other, life in ((a, b, 100.0), (b, a, 120.0)):
        me.after(
            "up -> down",
            D(life),
            "fail",
            cls="fault",
            memory=memory or "restart",
            when=None if memory is None else other == "up",
        )
        me.after("down -> up", D(10), "repair", cls="repair", renew=True)
    m.role("system", (a == "up") & (b == "up"))
    return m


def test_01_parts_do_not_age_while_the_system_is_down(engine: Engine) -> None:
    run = engine(series("resume"), 300)
    assert run.times("B.fail") == [130, 270]
    assert run.times("A.fail") == [100, 220]
    assert (run.column("system"), run.column("system", 1)) == (40, 4)


def test_01_wrong_readings_are_other_models(engine: Engine) -> None:
    run = engine(series("restart"), 300)
    assert (run.times("A.fail"), run.times("B.fail")) == ([100, 210], [])
    run = engine(series(None), 300)
    assert run.times("B.fail") == [120, 250]
    assert run.column("system") == 40


def test_02_a_flicker_inside_an_instant_is_no_interruption(engine: Engine) -> None:
    m = ModelBuilder()
    a, b = m.element("A", "up down"), m.element("B", "up down")
    a.after("up -> down", D(10), "fail")
    a.now("down -> up", 20, "repair")
    b.after("up -> down", D(15), "fail", when=a == "up")
    assert engine(m, 40).times("B.fail") == [15]


@pytest.mark.parametrize(("memory", "crashes"), [("restart", []), ("resume", []), ("keep", [15])])
def test_03_leaving_the_source_counts_even_if_back_at_once(
    engine: Engine, memory: Any, crashes: list[float]
) -> None:
    m = ModelBuilder()
    e = m.element("E", "up down gone")
    e.after("up -> down", D(10), "fail")
    e.now("down -> up", 20, "repair")
    e.after("up -> gone", D(15), "crash", memory=memory)
    run = engine(m, 100)
    assert run.times("E.crash") == crashes
    assert len(run.times("E.fail")) == (1 if crashes else 9)


def test_04_renewal_clears_a_running_clock(engine: Engine) -> None:
    def model(*, renew: bool) -> ModelBuilder:
        m = ModelBuilder()
        disk, tick = m.element("disk", "up down"), m.element("tick", "idle")
        disk.after("up -> down", D(100), "fail", memory="keep")
        tick.after("idle -> idle", D(60), "tick", effects=[disk.renew()] if renew else [])
        return m

    assert engine(model(renew=True), 1000).times("disk.fail") == []
    assert engine(model(renew=False), 1000).times("disk.fail") == [100]


@pytest.mark.parametrize(("memory", "done"), [("restart", 14), ("keep", 10)])
def test_47_left_and_back_in_one_instant(engine: Engine, memory: Any, done: float) -> None:
    m = ModelBuilder()
    a = m.element("a", "work up done")
    b = m.element("b", "before after")
    a.after("work -> done", D(10), "end", memory=memory)
    a.now("up -> work", 20, "take")
    b.after("before -> after", D(4), "hit", effects=[a.move({"work": "up"})])
    assert engine(m, 100).times("a.end") == [done]


def reselected(law: Any, begin: float, *, pause: bool) -> ModelBuilder:
    """A clock from ``begin`` whose speed 1 is read at another level after every tick."""
    m = ModelBuilder()
    a, lamp, tick = (
        m.element("a", "new up down"),
        m.element("lamp", "on off later"),
        m.element("t", "even odd"),
    )
    level = tick.value({"odd": 1}) + lamp.value({"off": 2})
    a.after("new -> up", D(begin), "begin")
    a.after("up -> down", law, "fail", speed=(level, (1.0, 1.0, 0.0, 0.0)))
    if pause:
        lamp.after("on -> off", D(30), "off")
        lamp.after("off -> later", D(20), "on")
    tick.after("even -> odd", D(7), "tick")
    tick.after("odd -> even", D(7), "tock")
    m.level_time("level", level)
    return m


def test_49_speed_zero_for_a_while(engine: Engine) -> None:
    """Row 49: speed 1 -> 0 -> 1 at 30 and 50; speed 1 is selected anew every 7, which is nothing.

    Sees: a pause that is ignored (100 for 120); one bit lost by a recomputation at equal speed.
    """
    run = engine(reselected(D(100), 0.0, pause=True), 1000)
    assert run.times("a.fail") == [120]
    # All four entries of the table are read, so the ticks do select anew.
    assert all(run.column("level", value) > 0 for value in range(4))
    weibull = Weibull(100.0, 2.0)
    draw = weibull.isf(uniform(replication_key(1, 0), stream_id("a.fail"), 0))
    for law, drawn in ((D(100), 100.0), (D(100 / 3), 100 / 3), (weibull, draw)):
        for begin in (0.0, 0.1, 3.7):
            run = engine(reselected(law, begin, pause=False), 1000, seed=1)
            assert run.times("a.fail") == [begin + drawn]


def moved(memory: Any, steps: list[tuple[float, dict[str, str], bool]]) -> ModelBuilder:
    m = ModelBuilder()
    disk = m.element("disk", "up down spare")
    disk.after("up -> down", D(100), "fail", memory=memory)
    for k, (t, moves, renew) in enumerate(steps):
        hand = m.element(f"hand{k}", "before after")
        effect = disk.move(moves, renew=renew) if moves else disk.renew()
        hand.after("before -> after", D(t), "go", effects=[effect])
    return m


def test_53_renewed_while_moved_out(engine: Engine) -> None:
    out, back = (60, {"up": "spare"}, False), (70, {"spare": "up"}, False)
    assert engine(moved("keep", [out, back, (65, {}, True)]), 1000).times("disk.fail") == [170]
    assert engine(moved("keep", [out, back]), 1000).times("disk.fail") == [110]


def test_71_moved_out_and_in(engine: Engine) -> None:
    out, back = (60, {"up": "spare"}, False), (70, {"spare": "up"}, False)
    assert engine(moved("resume", [out, back]), 1000).times("disk.fail") == [170]


@pytest.mark.parametrize(("moves", "failed"), [({"down": "up"}, 100), ({"up": "up"}, 160)])
def test_56_a_renewal_with_a_map_applies_where_the_map_does(
    engine: Engine, moves: dict[str, str], failed: float
) -> None:
    assert engine(moved("keep", [(60, moves, True)]), 1000).times("disk.fail")[0] == failed


def guarded(memory: Any, extra: str = "") -> ModelBuilder:
    m = ModelBuilder()
    a, g = m.element("a", "up down away"), m.element("g", "yes no later")
    a.after("up -> down", D(100), "fail", memory=memory, when=g != "no")
    g.after("yes -> no", D(60), "off")
    g.after("no -> later", D(10), "on")
    h = m.element("h", "0 1 2")
    if extra == "renew":
        h.after("0 -> 1", D(65), "go", effects=[a.renew()])
    if extra == "away":
        h.after("0 -> 1", D(65), "go", effects=[a.move({"up": "away"})])
        h.after("1 -> 2", D(1), "back", effects=[a.move({"away": "up"})])
    return m


def test_54_renewed_while_the_guard_is_false(engine: Engine) -> None:
    assert engine(guarded("resume", "renew"), 1000).times("a.fail") == [170]
    assert engine(guarded("resume"), 1000).times("a.fail") == [110]


@pytest.mark.parametrize(("memory", "failed"), [("resume", 170), ("keep", 110)])
def test_55_left_while_the_guard_is_false(engine: Engine, memory: Any, failed: float) -> None:
    assert engine(guarded(memory, "away"), 1000).times("a.fail") == [failed]


def test_59_speed_zero_is_no_interruption(engine: Engine) -> None:
    m = ModelBuilder()
    a, lamp = m.element("a", "up down"), m.element("lamp", "on off later")
    a.after("up -> down", D(100), "fail", memory="restart", speed={lamp == "off": 0.0, True: 1.0})
    lamp.after("on -> off", D(30), "off")
    lamp.after("off -> later", D(20), "on")
    assert engine(m, 1000).times("a.fail") == [120]


def test_69_initial_age(engine: Engine) -> None:
    def failed_by_50(age: float) -> tuple[float, float]:
        m = ModelBuilder()
        a = m.element("a", "up down")
        a.after("up -> down", Weibull(100.0, 2.0), "fail", initial_age=age)
        m.entries("failed", a, "down")
        return engine(m, 50, count=400).mean("failed")

    for age, expected in ((50.0, 0.5276334473), (0.0, 0.2211992169)):
        mean, _ = failed_by_50(age)
        assert abs(mean - expected) < 4.0 * (expected * (1 - expected) / 400) ** 0.5


def test_73_a_tick_fires_at_its_own_time(engine: Engine) -> None:
    """Row 73: armed at 221023.6 s, due at 504124.3 s: the sum of the wait is an ulp before it.

    Sees: a tick at t0 + (s - t0), which is strictly before s, so that s comes as a second tick.
    """
    armed, due = 221023.59562717707, 504124.3216138604
    assert armed + (due - armed) < due
    m = ModelBuilder()
    arm, tick = m.element("arm", "no yes"), m.element("t", "x")
    arm.after("no -> yes", D(armed), "arm")
    # A grid of one period: the first point after the arming is the period itself.
    tick.after("x -> x", every(due), "tick", cls="tick", when=arm == "yes")
    assert engine(m, 1.9 * due).times("t.tick") == [due]


def test_74_a_delay_table_is_read_when_a_draw_is_made(engine: Engine) -> None:
    m = ModelBuilder()
    a, g = m.element("a", "up down"), m.element("g", "0 1 2 3")
    a.after(
        "up -> down",
        {g.among("2", "3"): D(2), True: D(10)},
        "fail",
        memory="resume",
        when=~g.among("1", "2"),
    )
    g.after("0 -> 1", D(4), "x")
    g.after("1 -> 2", D(1), "y")
    g.after("2 -> 3", D(1), "z")
    assert engine(m, 100).times("a.fail") == [12]


def test_76_an_unchanged_speed_recomputes_nothing(engine: Engine) -> None:
    m = ModelBuilder()
    a, tick = m.element("a", "up down"), m.element("t", "x y")
    a.after("up -> down", D(100 / 3), "fail", speed=(tick.value({"y": 1}), (1.0, 1.0)))
    tick.after("x -> y", D(0.7), "go")
    tick.after("y -> x", D(0.7), "back")
    assert engine(m, 100).times("a.fail") == [33.333333333333336]


def test_83_no_negative_residual(engine: Engine) -> None:
    """The clock is due in the very instant in which a transition of lower index slows it down."""
    m = ModelBuilder()
    due = 36.79849945342617 + 33.48652007201105 / 3
    z = m.element("z", "wait up down")
    a = m.element("a", "fast slow")
    z.after("wait -> up", D(36.79849945342617), "begin")
    z.after("up -> down", D(33.48652007201105), "fail", speed={a == "slow": 1.0, True: 3.0})
    a.after("fast -> slow", D(due), "slow")
    run = engine(m, 100)
    assert run.order() == ["z.begin", "a.slow", "z.fail"]
    assert run.times("z.fail") == [47.960672810763185]


def test_clock_memory(engine: Engine) -> None:
    """A pump fails after 10 h of running; power is on for 6 h and off for 1 h."""

    def model(memory: Any) -> ModelBuilder:
        m = ModelBuilder()
        power = m.element("power", "on off")
        power.after("on -> off", D(6), "off")
        power.after("off -> on", D(1), "on")
        unit(m, "pump", 10, 2, memory=memory, when=power == "on")
        return m

    assert engine(model("resume"), 40).times("pump.fail") == [11, 25, 39]
    assert engine(model("restart"), 40).times("pump.fail") == []
