"""Recorded changes: both engines list the same, the trace tells the same, all else keeps its bits."""

from typing import Any

import numpy as np
import pytest

from pacsim.core import Batch, Model, ModelBuilder, layout, recording
from pacsim.delays import Deterministic, Exponential
from pacsim.engines import kernel, reference
from pacsim.errors import SimulationError
from tests.agreement.generator import HORIZON, WINDOW, generated
from tests.agreement.test_twins import same

pytestmark = pytest.mark.slow

MODELS = 60
FIELDS = ("values", "events", "episodes", "contributors", "samples", "turns")


def recorded(model: Model) -> Model:
    """Return the model with every element and every second gate recorded."""
    return recording(
        model,
        elements=[e.name for e in model.elements],
        gates=[g.name for g in model.gates[::2]],
    )


def outcome_of(engine: Any, model: Model, **options: Any) -> Batch | str:
    try:
        found: Batch = engine.simulate(model, horizon=HORIZON, window=WINDOW, **options)
    except SimulationError as error:
        return str(error).split(" drew ")[0].split(" at ")[0]
    return found


@pytest.mark.parametrize("number", range(MODELS))
def test_both_engines_record_the_same_and_change_nothing_else(number: int) -> None:
    model = generated(number)
    one, other = (outcome_of(e, recorded(model), count=2) for e in (reference, kernel))
    plain = outcome_of(kernel, model, count=2)
    if isinstance(one, str) or isinstance(other, str) or isinstance(plain, str):
        assert one == other == plain
        return
    assert len(one.changes)
    assert same(one.changes, other.changes)
    for name in FIELDS:
        assert same(getattr(plain, name), getattr(other, name)), name
    assert not len(plain.changes)


def states_by_trace(model: Model, batch: Batch) -> list[tuple[float, int, int]]:
    """Return (time, element, state) of settled states, from the firings of a trace alone.

    Only for models in which no chance decides an effect, so that firings tell all.
    """
    states = [e.initial for e in model.elements]
    told: list[int | None] = [None] * len(states)
    rows: list[tuple[float, int, int]] = []
    assert batch.trace is not None
    steps = [(float(t), int(i), int(k)) for t, i, k in batch.trace]
    moments = sorted({0.0} | {t for t, _, _ in steps})
    for moment in moments:
        for _, index, chosen in (step for step in steps if step[0] == moment):
            transition = model.transitions[index]
            found = transition.outcomes.table[0][chosen]
            before = list(states)
            states[transition.element] = found.target
            for effect in found.effects:
                if effect.moves is not None and effect.moves[before[effect.element]] >= 0:
                    states[effect.element] = effect.moves[before[effect.element]]
        for e, state in enumerate(states):
            if told[e] != state:
                told[e] = state
                rows.append((moment, e, state))
    return rows


def system() -> Model:
    m = ModelBuilder()
    a, b = (m.element(x, "up waiting work", fault="waiting work") for x in "ab")
    watch = m.element("watch", "calm alarm over")
    free = 1 - m.count(x == "work" for x in (a, b))
    for unit in (a, b):
        unit.after("up -> waiting", Exponential(50.0), "fail", cls="fault")
        unit.now("waiting -> work", 50, "start", when=free >= 1, fifo=True)
        unit.after("work -> up", Exponential(9.0), "repair", cls="repair", renew=True)
    watch.now("calm -> alarm", 60, "raise", when=(a != "up") & (b != "up"))
    # Gone within the instant in which it turned: nobody may see it.
    watch.now("alarm -> over", 70, "clear", when=(a == "work") & (b == "waiting"))
    watch.after("over alarm -> calm", Exponential(5.0), "rest")
    m.gate("both", (a != "up") & (b != "up"))
    m.role("service", m.any((a == "up", b == "up")))
    return m.build()


@pytest.mark.parametrize("engine", [reference, kernel], ids=["reference", "kernel"])
def test_states_are_those_that_the_firings_lead_to(engine: Any) -> None:
    model = system()
    names = [e.name for e in model.elements]
    found = engine.simulate(recording(model, elements=names), horizon=5000.0, trace=True)
    told = [(float(r["time"]), int(r["what"]), int(r["value"])) for r in found.changes]
    assert told == states_by_trace(model, found)
    assert len(told) > 300


@pytest.mark.parametrize("engine", [reference, kernel], ids=["reference", "kernel"])
def test_time_in_a_recorded_gate_is_the_time_observed(engine: Any) -> None:
    model = system()
    found = engine.simulate(recording(model, gates=["both"]), count=40, horizon=5000.0)
    down = np.zeros(40)
    for replication in range(40):
        rows = found.changes[found.changes["replication"] == replication]
        ends = np.append(rows["time"][1:], 5000.0)
        down[replication] = ((ends - rows["time"]) * rows["value"]).sum()
    assert down.sum() > 0
    assert down == pytest.approx(found.values[:, layout(model)["service"].time].ravel(), rel=1e-9)


@pytest.mark.parametrize("engine", [reference, kernel], ids=["reference", "kernel"])
def test_a_state_held_for_no_time_is_not_listed(engine: Any) -> None:
    m = ModelBuilder()
    a = m.element("a", "x y z")
    a.after("x -> y", Deterministic(3.0), "go")
    a.now("y -> z", 10, "on")
    a.after("z -> x", Deterministic(2.0), "back")
    found = engine.simulate(recording(m.build(), elements=["a"]), horizon=9.0)
    told = [(float(r["time"]), int(r["value"])) for r in found.changes]
    assert told == [(0.0, 0), (3.0, 2), (5.0, 0), (8.0, 2)]


@pytest.mark.parametrize("engine", [reference, kernel], ids=["reference", "kernel"])
def test_tied_changes_that_cancel_are_not_listed(engine: Any) -> None:
    m = ModelBuilder()
    a = m.element("a", "x y")
    out = a.after("x -> y", Deterministic(4.0), "out")
    tick = m.element("clock", "run")
    tick.after("run -> run", Deterministic(4.0), "tick", effects=[a.move({"y": "x"})])
    assert out is not None
    found = engine.simulate(recording(m.build(), elements=["a"]), horizon=9.0)
    assert [(float(r["time"]), int(r["value"])) for r in found.changes] == [(0.0, 0)]


def test_rows_outgrow_their_buffer_without_harm() -> None:
    model = recording(system(), elements=["a", "b", "watch"], gates=["both"])
    found = kernel.simulate(model, count=30, horizon=50_000.0)
    assert len(found.changes) > 30_000
    for replication in (0, 17, 29):
        one = kernel.simulate(model, first=replication, horizon=50_000.0)
        assert same(one.changes, found.changes[found.changes["replication"] == replication])


def test_recorded_levels_say_their_range() -> None:
    """An element's indices and a gate's truth: no more, no less."""
    made = recording(system(), elements=["watch", "a"], gates=["both"])
    assert [(one.low, one.high) for one in made.levels[-3:]] == [(0, 2), (0, 2), (0, 1)]
    assert made.levels[-1].name == "truth of both"


def test_unknown_names_are_said() -> None:
    with pytest.raises(KeyError, match="no element 'c'"):
        recording(system(), elements=["c"])


@pytest.mark.parametrize("engine", [reference, kernel], ids=["reference", "kernel"])
def test_a_level_is_recorded_with_its_values(engine: Any) -> None:
    m = ModelBuilder()
    a, b = (m.element(x, "up down") for x in "ab")
    a.after("up -> down", Deterministic(3.0), "fail")
    b.after("up -> down", Deterministic(5.0), "fail")
    a.after("down -> up", Deterministic(4.0), "back")
    m.changes("down and two", 2 + m.count(x == "down" for x in (a, b)))
    found = engine.simulate(m.build(), horizon=9.0)
    told = [(float(r["time"]), int(r["value"])) for r in found.changes]
    assert told == [(0.0, 2), (3.0, 3), (5.0, 4), (7.0, 3)]


@pytest.mark.parametrize("engine", [reference, kernel], ids=["reference", "kernel"])
def test_a_real_level_is_its_rows_times_its_scale(engine: Any) -> None:
    m = ModelBuilder()
    a = m.element("a", "up half down")
    a.after("up -> half", Deterministic(3.0), "slow")
    a.after("half -> down", Deterministic(3.0), "fail")
    m.changes("capacity", a.value({"up": 2.5, "half": 1.25}))
    model = m.build()
    scale = model.observations[0].scale  # type: ignore[union-attr]
    found = engine.simulate(model, horizon=9.0)
    told = [(float(r["time"]), float(r["value"] * scale)) for r in found.changes]
    assert told == [(0.0, 2.5), (3.0, 1.25), (6.0, 0.0)]
