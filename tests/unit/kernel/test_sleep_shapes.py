"""Shapes of cycles that must stay awake, or must be read rightly: sleeping and ticking agree."""

from __future__ import annotations

from typing import Any

import pytest

from pacsim.core import Model, ModelBuilder, every, outcome
from pacsim.core.dormant import kept_awake
from pacsim.delays import Deterministic, Exponential, Uniform
from pacsim.engines import kernel, reference

H = 3600.0
YEAR = 8760.0 * H


def failing(m: ModelBuilder, name: str) -> Any:
    element = m.element(name, "ok lost")
    element.after("ok -> lost", Exponential(300 * H), "lose", cls="fault")
    element.after("lost -> ok", Exponential(30 * H), "restore", cls="repair")
    return element


def looking(m: ModelBuilder, every_hours: float = 100.0) -> Any:
    return m.element("probe", "x").after("x -> x", Exponential(every_hours * H), "p", cls="tick")


def rows_of_an_element_in_a_sum() -> Model:
    """The gate is one sum once it is simplified, from which the row of outcomes must follow."""
    m = ModelBuilder()
    a, b, c = (failing(m, name) for name in "abc")
    whole = m.gate("whole", m.gate("either", (a == "ok") | (b == "ok")) & (c == "ok"))
    run, copy = m.element("run", "idle busy"), m.element("copy", "none there")
    age = m.quantity("age", low=0.0, high=float("inf"), start=None, rate=1.0)
    start = run.after("idle -> busy", every(24 * H), "start", cls="tick")
    kept = copy.move({"none": "there", "there": "there"}, renew=True)
    good = [outcome(0.3, "idle", kept, age.set(0.0)), outcome(0.7, "idle")]
    table = {c != "ok": [outcome(1.0, "idle")], True: good}
    end = run.after("busy ->", Uniform(0, 20 * H), "end", outcomes=table)
    m.sample("age", looking(m), age)
    m.dormant(start, end, when=whole)
    return m.build()


def condition_on_another_set(*, first: bool) -> Model:
    """The condition of one cycle is what another one keeps."""
    m = ModelBuilder()
    runs = [m.element(f"{name}/run", "idle busy") for name in "ab"]
    copies = [m.element(f"{name}/copy", "none there") for name in "ab"]
    starts = [run.after("idle -> busy", every(24 * H), "start", cls="tick") for run in runs]
    ends = []
    for run, copy in zip(runs, copies, strict=True):
        kept = copy.move({"none": "there", "there": "there"}, renew=True)
        ways = [outcome(0.5, "idle", kept), outcome(0.5, "idle")]
        ends.append(run.after("busy ->", Uniform(0, 60 * H), "end", outcomes=ways))
    over = [copy.after("there -> none", Deterministic(50 * H), "expire") for copy in copies]
    m.firings("n", looking(m, 20.0), when=(copies[1] != "there") & (copies[0] == "there"))
    sets = [(0, copies[1] == "there"), (1, m.always())]
    for k, when in sets if first else sets[::-1]:
        m.dormant(starts[k], ends[k], when=when, expiry=over[k])
    return m.build()


def first_come_first_served(*, fifo: bool) -> Model:
    """Two immediates of the cycle compete for one place by who came first."""
    m = ModelBuilder()
    whole = m.gate("whole", m.all([failing(m, "a") == "ok"]))
    run, copy = m.element("run", "idle busy spoiled"), m.element("a-copy", "none there bad")
    start = run.after("idle -> busy", every(24 * H), "start", cls="tick")
    kept = copy.move({"none": "there", "there": "there", "bad": "there"}, renew=True)
    ways = {
        run == "busy": [outcome(0.5, "idle", kept), outcome(0.5, "idle")],
        True: [outcome(1.0, "idle")],
    }
    end = run.after("busy spoiled ->", Uniform(0, 40 * H), "end", outcomes=ways)
    free = ~whole & (run != "spoiled") & (copy != "bad")
    run.now("busy -> spoiled", 50, "spoil", when=free, fifo=fifo)
    copy.now("there -> bad", 50, "break", when=free, fifo=fifo)
    looks = looking(m, 11.0)
    m.firings("bad", looks, when=copy == "bad")
    m.firings("spoiled", looks, when=run == "spoiled")
    m.dormant(start, end, when=whole)
    return m.build()


def condition_that_never_holds() -> Model:
    """Nothing else of the shape is asked then, so an expiry of any law is legal."""
    m = ModelBuilder()
    a = failing(m, "a")
    run, copy = m.element("run", "idle busy"), m.element("copy", "none there")
    start = run.after("idle -> busy", every(24 * H), "start", cls="tick")
    kept = copy.move({"none": "there", "there": "there"}, renew=True)
    end = run.after("busy ->", Uniform(0, 40 * H), "end", outcomes=[outcome(1.0, "idle", kept)])
    expiry = copy.after("there -> none", Exponential(40 * H), "expire")
    m.dormant(start, end, when=(a == "ok") & (a == "lost"), expiry=expiry)
    m.firings("n", looking(m), when=copy == "there")
    return m.build()


SHAPES = {
    "rows of an element in a sum": (rows_of_an_element_in_a_sum(), True),
    "condition on another set, first": (condition_on_another_set(first=True), True),
    "condition on another set, last": (condition_on_another_set(first=False), True),
    "first come, first served": (first_come_first_served(fifo=True), False),
    "in order of priority": (first_come_first_served(fifo=False), True),
    "condition that never holds": (condition_that_never_holds(), False),
}
"""A model each, and whether something of it sleeps."""


@pytest.mark.parametrize("shape", SHAPES)
def test_sleeping_is_ticking(shape: str) -> None:
    model, sleeps = SHAPES[shape]
    runner = kernel.Runner(model, YEAR)
    slept, ticked = runner.batch(1, 0, 20), runner.batch(1, 0, 20, sleep=False)
    there = reference.simulate(model, horizon=YEAR)
    for name in ("values", "events", "samples"):
        assert getattr(slept, name).tobytes() == getattr(ticked, name).tobytes(), name
    assert there.values.tobytes() == slept.values[:1].tobytes()
    assert bool(slept.replayed.sum()) is sleeps


def test_who_keeps_a_set_awake_is_said() -> None:
    model = condition_on_another_set(first=True)
    said = [kept_awake(model, one) for one in model.dormant]
    assert said == [[], ["the condition of the dormant set of a/run.start depends on it"]]
    model = first_come_first_served(fifo=True)
    assert "transition run.spoil is first come, first served" in kept_awake(model, model.dormant[0])
