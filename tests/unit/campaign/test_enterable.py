"""Planned work that can never happen: said only where it is sure, and wherever it is plain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pacsim.campaign.reachable_states import Enterable, plans
from pacsim.core import Batch, Model, ModelBuilder, every
from pacsim.delays import Deterministic, Exponential
from pacsim.design import load
from pacsim.design.build import build
from pacsim.engines import kernel
from pacsim.errors import SimulationError
from tests.agreement.generator import HORIZON, generated

if TYPE_CHECKING:
    from pathlib import Path

PAIR = """
pacsim: 1
name: pair
parts:
  one:
    type: server
    ttf: 2000 h
    ttr: 20 h
    reboot: 5 min
    boot_after_power: 5 min
  two: {like: one}
groups:
  both:
    type: active_passive
    members: [one, two]
    check: {sees: host, every: 1 s, fall: 3}
    FAILBACK
roles:
  use: {needs: [both]}
PRACTICES
"""
NOTHING = {"FAILBACK": "failback: never", "PRACTICES": ""}
WINDOWS = (
    "practices: {maintenance: {windows: "
    '{of: [OF], every: month, "on": "first sunday 02:00", lasts: 1 h}}}'
)


def written(folder: Path, **changes: str) -> Model:
    text = PAIR
    for word, now in (NOTHING | changes).items():
        text = text.replace(word, now)
    file = folder / "pair.yaml"
    file.write_text(text)
    return build(load(file).resolved).model


@pytest.mark.parametrize("failback", ["never", "at_once"])
def test_a_group_without_planned_work_has_none(tmp_path: Path, failback: str) -> None:
    """A return at once is planned only where planned work has moved the service."""
    assert not plans(written(tmp_path, FAILBACK=f"failback: {failback}"))


@pytest.mark.parametrize(
    "changes",
    [
        {"FAILBACK": "failback: {next_open: {hours: 24x7}}"},
        {"PRACTICES": "practices: {failover_tests: {every: 3 months, outage: 10 min}}"},
        {"PRACTICES": WINDOWS.replace("OF", "one, two")},
        {"PRACTICES": WINDOWS.replace("OF", "two")},
    ],
    ids=["failback", "tests", "windows", "a window of one"],
)
def test_each_kind_of_planned_work_is_seen(tmp_path: Path, changes: dict[str, str]) -> None:
    assert plans(written(tmp_path, **changes))


def entered(model: Model, batch: Batch) -> list[set[int]]:
    """Return the states into which firings led, where the outcome is the same in every case."""
    assert batch.trace is not None
    states = [{e.initial} for e in model.elements]
    for _, k, o in batch.trace.tolist():
        t = model.transitions[k]
        if len(t.outcomes.table) == 1:
            states[t.element].add(t.outcomes.table[0][o].target)
    return states


@pytest.mark.slow
def test_whatever_happens_was_held_possible() -> None:
    """Of 150 random models: every transition that fired, every state it surely led to."""
    planned = 0
    for number in range(150):
        model = generated(number)
        try:
            batch = kernel.simulate(model, seed=number, horizon=HORIZON, trace=True)
        except SimulationError:
            # Some of them stop on purpose, as with a stock taken beyond its range.
            continue
        assert batch.trace is not None
        fired = set(batch.trace["transition"].tolist())
        found = Enterable(model)
        assert fired <= found.firing, number
        pairs = zip(entered(model, batch), found.states, strict=True)
        assert all(a <= b for a, b in pairs), number
        if any(model.transitions[k].cls == "planned" and model.transitions[k].timed for k in fired):
            planned += 1
            assert plans(model)
    assert planned > 50


def built(effect_from: str, *, guard: bool) -> Model:
    """Return a model: boss goes a -> b; from a state it puts the worker into work, by an effect."""
    m = ModelBuilder()
    worker = m.element("worker", "idle work", planned="work")
    boss = m.element("boss", "a b c")
    never = m.element("never", "no yes")
    boss.after("a -> b", Exponential(5.0), "go", when=(never == "yes") if guard else None)
    moved = worker.move({"idle": "work"})
    boss.after(f"{effect_from} -> a", Deterministic(1.0), "put", effects=[moved])
    worker.after("work -> idle", Deterministic(1.0), "end", cls="planned")
    m.gate_time("working", worker == "work")
    return m.build()


def test_effects_and_guards_are_followed() -> None:
    assert plans(built("b", guard=False))
    assert not plans(built("c", guard=False))
    assert not plans(built("b", guard=True))


def test_a_guard_that_a_sum_rules_out() -> None:
    """At least two of two of which one is stuck can never hold; not of a stuck one always does."""
    for needed, opens in ((2, False), (1, True)):
        m = ModelBuilder()
        a, stuck = m.element("a", "up down", fault="down"), m.element("stuck", "up down")
        a.after("up -> down", Exponential(9.0), "fail", cls="fault")
        work = m.element("work", "off on", planned="on")
        both = m.at_least(needed, [a == "down", stuck == "down"])
        work.after("off -> on", every(7.0), "begin", cls="planned", when=both)
        m.gate_time("on", work == "on")
        assert plans(m.build()) == opens
    m = ModelBuilder()
    stuck = m.element("stuck", "up down")
    work = m.element("work", "off on", planned="on")
    work.after("off -> on", every(7.0), "begin", cls="planned", when=~(stuck == "down"))
    m.gate_time("on", work == "on")
    assert plans(m.build())


def test_what_is_planned_is_a_root_and_no_flag() -> None:
    """Only a timed transition of class planned is a planned root; a flag says nothing (R28)."""
    # Sees: planned states, or immediates of class planned, that are taken for planned work.
    m = ModelBuilder()
    work = m.element("work", "on off", planned="on")
    work.now("on -> off", 20, "stop", cls="planned")
    work.after("off -> on", Exponential(5.0), "start")
    m.gate_time("on", work == "on")
    assert not plans(m.build())
