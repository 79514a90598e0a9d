"""How many events a replication may have, and that nobody waits for one that is not wanted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pacsim.core import Model, ModelBuilder, run_arguments
from pacsim.delays import Deterministic
from pacsim.engines import kernel, reference
from pacsim.engines.kernel import engine
from pacsim.engines.kernel.engine import Halt, Runner
from pacsim.errors import SimulationError


def ticking(**periods: float) -> Model:
    """Return a model of parts that do nothing but tick, each with its own period."""
    m = ModelBuilder()
    for name, period in periods.items():
        part = m.element(name, "on")
        m.firings(name, part.after("on -> on", Deterministic(period), "tick"))
    part = m.element("switch", "up down", fault="down")
    part.after("up -> down", Deterministic(10.0), "off", cls="fault")
    part.after("down -> up", Deterministic(10.0), "on", cls="repair")
    m.role("role", part == "up")
    return m.build()


@pytest.mark.parametrize("run", [kernel, reference], ids=["compiled", "reference"])
def test_too_many_events_name_the_commonest(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In 100.5 s a ticks 100 times, b 50, c 25, d 20, the switch turns 10 times: 205 events."""
    # Sees: a bound one off; names without the most frequent; a count over all replications.
    model = ticking(a=1.0, b=2.0, c=4.0, d=5.0)
    monkeypatch.setattr(run_arguments, "MOST_EVENTS", 205)
    assert list(run.simulate(model, horizon=100.5, count=3).events) == [205, 205, 205]
    monkeypatch.setattr(run_arguments, "MOST_EVENTS", 204)
    said = (
        r"events at t = 100\.0, replication 0; the commonest are a\.tick .*, b\.tick .*, c\.tick "
    )
    with pytest.raises(SimulationError, match=said):
        run.simulate(model, horizon=100.5)


def test_looks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    model = ticking(a=1.0, b=2.0)
    plain = kernel.simulate(model, horizon=1e4, count=5)
    monkeypatch.setattr(engine, "LOOK_EVENTS", 7)
    looked = kernel.simulate(model, horizon=1e4, count=5)
    assert plain.values.tobytes() == looked.values.tobytes()
    assert plain.episodes.tobytes() == looked.episodes.tobytes()


class Unseen(Halt):
    """A wish that only compiled code sees."""

    def is_set(self) -> bool:
        return False


def test_a_replication_that_nobody_wants_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is left within a million events, here 100 of 999 + 499 + 99, with nothing of it in the batch."""
    # Sees: a wish that is seen between replications only; half a replication handed over.
    monkeypatch.setattr(engine, "LOOK_EVENTS", 100)
    stop = Unseen()
    runner = Runner(ticking(a=1.0, b=2.0), 1000.0)
    whole = runner.batch(1, 0, 2, stop=stop)
    assert whole.events.tolist() == [1597, 1597]
    stop.set()
    left = runner.batch(1, 0, 2, stop=stop)
    assert not left.events.any()
    assert not left.values.any()
    assert not len(left.episodes)
    assert np.array_equal(whole.events, runner.batch(1, 0, 2).events)
