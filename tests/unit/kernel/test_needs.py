"""Which levels are kept up, and when, listed by hand for a small model; what is not is not behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim.core import ModelBuilder, every, outcome
from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.engines import kernel
from pacsim.engines.kernel.engine import Runner
from pacsim.engines.kernel.needs import LevelNeeds
from pacsim.engines.kernel.users import users_of
from pacsim.engines.reference import simulate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.core import Model


def small() -> Model:
    """Return a model with each kind of reading, on conditions that have a level each."""
    m = ModelBuilder()
    a, b, c = (m.element(x, "up down", fault="down") for x in "abc")
    for part, mean in ((a, 5.0), (b, 6.0), (c, 7.0)):
        part.after("up -> down", Exp(mean), "fail", cls="fault")
        part.after("down -> up", Exp(2.0), "repair", cls="repair")
    good, fair, poor = (
        m.gate(name, m.at_least(k, [x == "up" for x in (a, b, c)]) & (x == "up"))
        for name, k, x in (("good", 3, a), ("fair", 2, b), ("poor", 1, c))
    )
    shift = m.element("shift", "day night rest")
    shift.after("day -> night", Det(3.0), "dusk", when=good)
    shift.after("night -> rest", {fair: Exp(2.0), True: Det(1.0)}, "tire")
    ends = {poor: [outcome(1.0, "day")], True: [outcome(0.5, "day"), outcome(0.5, "night")]}
    wakes = shift.after("rest ->", Exp(1.0), "wake", outcomes=ends, speed={good: 1.0, True: 0.5})
    m.firings("fair wakes", wakes, when=fair)
    m.episodes("a down", a == "down", at_start=m.count([good, poor]), at_end=m.count([fair]))
    m.gate_time("b up", b == "up")
    return m.build()


def below(model: Model, gates: Iterable[str]) -> set[int]:
    """Return the levels under named gates, found by walking down from them."""
    found: set[int] = set()
    todo = [model.gate(name) for name in gates]
    while todo:
        level = model.gates[todo.pop()].level
        found.add(level)
        todo += [g for g, _ in model.levels[level].gates]
    return found


def named(model: Model, levels: Iterable[int]) -> set[str]:
    """Return the named gates that stand on some levels."""
    some = set(levels)
    return {x for x in ("good", "fair", "poor") if model.gates[model.gate(x)].level in some}


def test_what_is_needed_when() -> None:
    """Good by day, fair as night begins, poor as somebody wakes; for b alone always."""
    # Sees: a table that is kept up; a guard that is not; a speed that is forgotten.
    model = small()
    needs = LevelNeeds(model, users_of(model), [])
    assert named(model, needs.always) == set()
    by_day = [k for k, n in enumerate(needs.at_start()) if n and k not in needs.always]
    assert named(model, by_day) == {"good"}
    states = model.elements[3].states
    day, night, rest = (states.index(x) for x in ("day", "night", "rest"))
    dusk = dict(needs.changed(3, day, night))
    assert named(model, dusk) == {"good"}
    assert set(dusk.values()) == {-1}
    assert needs.changed(3, night, night) == []
    tired = dict(needs.changed(3, night, rest))
    assert named(model, tired) == {"good"}
    assert set(tired.values()) == {1}
    # The guard by day and the speed in rest: what both read is asked for as often as before.
    assert {k for k, by in needs.changed(3, rest, day) if by > 0} <= below(model, ["good"])
    tire, wake = (model.transition(f"shift.{x}") for x in ("tire", "wake"))
    table = model.transitions[tire].delay
    assert table is not None
    assert "fair" in named(model, needs.to_read(level=table.level))
    assert "poor" in named(model, needs.to_read(level=model.transitions[wake].outcomes.level))
    assert "fair" in named(model, needs.to_read(gate=model.gate("fair")))
    assert needs.to_read() == []


def test_what_is_never_read_is_told_of_nothing() -> None:
    """A denial is watched by what it denies, for guards and observers alike: nobody reads it."""
    # Sees: a denial that is kept up; a guard that is enabled where it should not be.
    m = ModelBuilder()
    a, b = (m.element(x, "up down", fault="down") for x in "ab")
    both = m.gate("both", (a == "up") & (b == "up"))
    bad = m.gate("bad", ~both)
    a.after("up -> down", Exp(5.0), "fail", when=both, cls="fault")
    b.after("up -> down", Exp(7.0), "fail", cls="fault")
    for part in (a, b):
        part.after("down -> up", Exp(2.0), "repair", cls="repair", when=bad)
    m.gate_time("bad time", bad)
    m.gate_time("good time", both)
    model = m.build()
    users = users_of(model)
    needs = LevelNeeds(model, users, [])
    denial = model.gates[model.gate("bad")].level
    assert needs.never() == {denial}
    less = users.without(needs.never())
    told = {
        pairs[0] for found in (less.weights, less.terms) for of in found.values() for pairs in of
    }
    assert denial not in told
    assert model.gates[model.gate("both")].level in told
    mine = kernel.simulate(model, seed=4, horizon=300.0, trace=True)
    other = simulate(model, seed=4, horizon=300.0, trace=True)
    assert mine.trace is not None
    assert other.trace is not None
    assert np.array_equal(mine.trace, other.trace)
    assert mine.values.sum() == pytest.approx(300.0)
    assert np.array_equal(mine.values, other.values)


def test_numbers_that_ask_come_back_to_what_they_were() -> None:
    """Round any cycle of states as many ask as at its start, and never fewer than none."""
    # Sees: a change that counts one way only.
    model = small()
    needs = LevelNeeds(model, users_of(model), [])
    for e, element in enumerate(model.elements):
        n = len(element.states)
        for one in range(n):
            for two in range(n):
                there = dict(needs.changed(e, one, two))
                assert {k: -by for k, by in there.items()} == dict(needs.changed(e, two, one))


@pytest.mark.parametrize("first", range(6))
def test_what_nobody_reads_is_not_behind(first: int) -> None:
    """The kernel gives to the bit what the reference gives, which keeps nothing up."""
    # Sees: a level that is let go for good; one that is read as it was.
    model = small()
    mine = kernel.simulate(model, seed=2, first=first, horizon=400.0, trace=True)
    other = simulate(model, seed=2, first=first, horizon=400.0, trace=True)
    assert np.array_equal(mine.values, other.values)
    for table in ("trace", "episodes"):
        assert np.array_equal(getattr(mine, table), getattr(other, table))
    assert mine.values[0].max() > 0
    rows = mine.episodes_of("a down")
    assert len(set(rows["at_start"])) > 1
    assert len(set(rows["at_end"])) > 1


def test_what_is_not_read_is_let_go() -> None:
    """Levels that nobody asks for by day are not among those that begin as needed."""
    # Sees: a kernel that keeps everything up.
    tables = Runner(small(), 400.0).tables.model
    needed = tables["levels"]["needed"]
    assert (needed == 0).any()
    assert (needed > 0).any()
    asks = tables["transitions"]["delay_asks"], tables["transitions"]["outcome_asks"]
    assert [sum(int(one) >= 0 for one in found) for found in asks] == [1, 1]


def powered() -> Model:
    """Return runs of three hours a day that stand still without power, which goes within one."""
    m = ModelBuilder()
    power = m.element("power", "on off", fault="off")
    power.after("on -> off", Det(97.0), "cut", cls="fault")
    power.after("off -> on", Det(2.0), "back", cls="repair")
    run, copy = m.element("run", "idle busy"), m.element("copy", "none there")
    start = run.after("idle -> busy", every(24.0), "start", cls="tick")
    kept = copy.move({"none": "there", "there": "there"}, renew=True)
    speed = {power == "on": 1.0, True: 0.0}
    ends = [outcome(1.0, "idle", kept)]
    end = run.after("busy ->", Det(3.0), "end", outcomes=ends, speed=speed, memory="resume")
    m.dormant(start, end, when=power == "on")
    look = m.element("look", "x").after("x -> x", every(50.0), "look")
    m.firings("copies", look, when=copy == "there")
    return m.build()


def test_what_a_sleeping_set_reads_is_kept_up() -> None:
    """Its elements are put in other states without a step, so nobody would ask: busy at 96."""
    # Sees: a set that wakes in a run whose speed nobody has asked for.
    model = powered()
    speed = model.transitions[model.transition("run.end")].speed.level
    users = users_of(model)
    assert speed not in LevelNeeds(model, users, []).always
    assert speed in LevelNeeds(model, users, model.dormant).always
    slept, ticked = (Runner(model, 1000.0).batch(1, 0, 1, sleep=sleep) for sleep in (True, False))
    assert slept.replayed[0] > 0
    traced = kernel.simulate(model, horizon=1000.0, trace=True)
    assert traced.trace is not None
    times = traced.trace["time"][traced.trace["transition"] == model.transition("run.end")]
    # The run of 96 stands still from 97 to 99.
    assert 101.0 in times.tolist()
    assert np.array_equal(slept.values, ticked.values)
    assert np.array_equal(slept.events, ticked.events)
