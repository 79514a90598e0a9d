"""What the exact engine refuses, by name."""

import pytest

from pacsim.core import ModelBuilder, every, next_open
from pacsim.delays import Calendar, Deterministic
from pacsim.delays import Exponential as Exp
from pacsim.engines.exact import mean_time_to, solve, supports, transient
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


def test_a_mean_time_beyond_the_range_of_numbers() -> None:
    """Twenty steps of rate 1e-20, each back at 1: 1e400 hours."""
    m = ModelBuilder()
    e = m.element("e", " ".join(f"s{k}" for k in range(21)))
    for k in range(20):
        e.after(f"s{k} -> s{k + 1}", Exp(1e20), f"up-{k:02d}")
        e.after(f"s{k + 1} -> s{k}", Exp(1.0), f"down-{k:02d}")
    m.first_passage("last", e == "s20")
    ways = r"ways through 20 states are out of range, below 1e-290 or above 1e\+290.*\n.* e \(21\)"
    with pytest.raises(UnsupportedError, match=ways):
        mean_time_to(m.build(), "last")


def test_powers_that_would_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few states, but more work than is allowed: as for many, with the numbers."""
    m = ModelBuilder()
    e = m.element("e", "x y off")
    e.after("x -> y", Exp(1.0), "on")
    e.after("y -> x", Exp(1.0), "back")
    e.after("y -> off", Exp(1e9), "end")
    m.gate_time("off", e == "off")
    for name in ("WORK", "TRIAL"):
        monkeypatch.setattr(transient, name, 1.0)
    with pytest.raises(UnsupportedError, match=r"3 states that do not settle within .* jumps"):
        solve(m.build(), horizon=1e7)
