"""A replication in words: dates, what moved, cascades, what took a role down."""

import datetime as dt
from typing import Any

import numpy as np
import pytest

from pacsim.core import Model, ModelBuilder, outcome
from pacsim.core.replay import _Story, replay
from pacsim.delays import Deterministic, Exponential, TimeOrigin
from pacsim.engines import kernel, reference
from pacsim.engines.reference.simulation import Replication
from pacsim.errors import SimulationError
from tests.agreement.generator import HORIZON, generated

H = 3600.0
D = Deterministic


def lines(m: ModelBuilder, horizon: float, **options: Any) -> list[str]:
    model = m.build()
    return replay(model, reference.simulate(model, horizon=horizon, trace=True, **options))


def pair(origin: TimeOrigin | None = None, *, random_origin: bool = False) -> ModelBuilder:
    m = ModelBuilder(origin, random_origin=random_origin)
    a = m.element("a", "up down", fault="down")
    b = m.element("b", "idle busy")
    a.after("up -> down", D(60 * H), "fail", cls="fault")
    a.after("down -> up", D(30 * H), "repair", cls="repair", renew=True)
    b.now("idle -> busy", 20, "take", when=a == "down", cls="reaction")
    b.now("busy -> idle", 20, "rest", when=a == "up")
    m.role("service", a == "up")
    return m


def test_dates_cascades_and_episodes() -> None:
    assert lines(pair(TimeOrigin(dt.datetime(2024, 2, 27, 6, 30))), 100 * H) == [
        "Thu 2024-02-29 18:30:00  2.50 d  a: up -> down (a.fail, fault)",
        "Thu 2024-02-29 18:30:00  2.50 d    b: idle -> busy (b.take, reaction)",
        "Thu 2024-02-29 18:30:00  2.50 d  * service begins, root a.fail",
        "Sat 2024-03-02 00:30:00  3.75 d  a: down -> up (a.repair, repair)",
        "Sat 2024-03-02 00:30:00  3.75 d    b: busy -> idle (b.rest, reaction)",
        "Sat 2024-03-02 00:30:00  3.75 d  * service ends after 30 h",
    ]


def test_an_episode_open_at_the_end_says_so() -> None:
    assert lines(pair(), 80 * H)[-1].endswith("* service goes on at the end of the run after 20 h")


def test_a_random_origin_has_no_dates() -> None:
    assert lines(pair(random_origin=True), 80 * H)[0] == "2.50 d  a: up -> down (a.fail, fault)"


def test_dates_beyond_the_calendar_are_left_out() -> None:
    m = ModelBuilder()
    m.element("a", "x y").after("x -> y", D(1e12), "late")
    assert lines(m, 2e12) == ["11574074.07 d  a: x -> y (a.late, reaction)"]


def test_down_from_the_start() -> None:
    m = ModelBuilder()
    a = m.element("a", "up down", initial="down")
    a.after("down -> up", D(H), "repair")
    m.role("service", a == "up")
    assert lines(m, 2 * H)[0].endswith("0 h  * service begins, root the start")


def test_effects_outcomes_and_what_chance_hides() -> None:
    m = ModelBuilder()
    a, b, c = (m.element(name, "up down") for name in "abc")
    hits = (b.move({"up": "down"}), c.move({"up": "down"}, p=0.5))
    rows = [outcome(1.0, "down", *hits), outcome(0.0, "up")]
    never = [outcome(0.0, "up"), outcome(1.0, "down", b.renew())]
    a.after("up", D(H), "shock", outcomes={b == "up": rows, True: never})
    a.after("down -> up", D(H), "back")
    told = lines(m, 4 * H)
    assert [line.split("h  ")[1] for line in told] == [
        "a: up -> down, b: up -> down, c: up -> up|down (a.shock outcome 1, reaction)",
        "a: down -> up (a.back, reaction)",
        "a: up -> down (a.shock outcome 2, reaction)",
    ]


def test_a_firing_tells_where_its_element_was() -> None:
    m = ModelBuilder()
    a, c = m.element("a", "up down"), m.element("c", "up down")
    a.after("up -> down", D(H), "hit", effects=[c.move({"up": "down"}, p=0.5)])
    c.after("down -> up", Exponential(H), "back")
    model = m.build()
    for seed in range(9):
        batch = reference.simulate(model, seed=seed, horizon=100 * H, trace=True)
        told = replay(model, batch)
        assert "c: up -> up|down" in told[0]
        if len(told) > 1:
            assert "c: down -> up (c.back" in told[1]


def test_what_cannot_be_told_is_refused() -> None:
    model = pair().build()
    with pytest.raises(ValueError, match="got 1 without a trace"):
        replay(model, reference.simulate(model, horizon=H))
    with pytest.raises(ValueError, match="one replication, not of 2"):
        replay(model, reference.simulate(model, horizon=H, count=2, trace=True))


class Spy(Replication):
    """Holds the states after every step beside what the story says they may be."""

    seen: list[list[int]]

    def step(self, index: int, t: float) -> None:
        super().step(index, t)
        self.seen.append(list(self.state.states))


@pytest.mark.parametrize("number", range(0, 60, 2))
def test_the_story_holds_the_true_state(number: int) -> None:
    """Random models: the true states are always among those told, and mostly known."""
    model: Model = generated(number)
    spy = Spy(
        model, 1, 0, HORIZON, [], 0, [c.unroll(model.origin, HORIZON) for c in model.calendars]
    )
    spy.seen = []
    try:
        spy.run()
    except SimulationError:  # a counter beyond its range; what ran before is looked at
        spy.trace = spy.trace[: len(spy.seen)]
    story = _Story(model)
    known = []
    for (_, index, chosen), states in zip(spy.trace, spy.seen, strict=True):
        story.tell(index, chosen)
        for state, maybe in zip(states, story.maybe, strict=True):
            assert state in maybe
            known.append(len(maybe) == 1)
    assert not known or np.mean(known) > 0.2


def test_both_engines_tell_the_same() -> None:
    model = generated(3)
    one, other = (
        replay(model, engine.simulate(model, horizon=HORIZON, trace=True))
        for engine in (reference, kernel)
    )
    assert one == other != []
