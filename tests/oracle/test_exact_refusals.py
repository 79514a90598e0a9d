"""What the exact engine refuses, by name."""

import pytest

from pacsim.core import ModelBuilder, every, next_open
from pacsim.delays import Calendar, Deterministic
from pacsim.delays import Exponential as Exp
from pacsim.engines.exact import solve, supports
from pacsim.errors import UnsupportedError
from tests.oracle.building import part


def test_what_is_not_markov_is_named() -> None:
    m = ModelBuilder()
    desk = Calendar.weekly_hours("desk", "mon 08:00-09:00")
    a = m.element("a", "x y")
    q = m.quantity("charge", low=0, high=1, start=0)
    a.after("x -> y", Deterministic(5), "fixed")
    a.after("x -> y", every(5), "tick")
    a.after("x -> y", next_open(desk), "open")
    a.after("x -> y", q.rises_to(1), "full")
    a.after("x -> y", Exp(5), "hours", profile=desk)
    reasons = supports(m.build())
    for text in (
        "quantity charge",
        "a.fixed: Deterministic",
        "a.tick: ticks every 5",
        "a.open: calendar 'desk'",
        "a.full: waits",
        "a.hours: profile 'desk'",
    ):
        assert any(text in reason for reason in reasons), text


def test_too_many_states_name_the_parts() -> None:
    m = ModelBuilder()
    for k in range(12):
        part(m, f"p{k}", 10, 1)
    with pytest.raises(
        UnsupportedError, match=r"more than 100 states; 12 elements, the largest are p0 \(2\)"
    ):
        solve(m.build(), horizon=1, max_states=100)
