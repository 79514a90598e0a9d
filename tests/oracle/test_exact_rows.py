"""Rows 13, 14, 15b, 17, 17b, 18, 40 and 45 of the table of rules by the exact engine."""

import pytest

from pacsim.core import ModelBuilder
from pacsim.delays import Exponential as Exp
from pacsim.engines.exact import solve
from pacsim.engines.exact.explore import explore
from tests.close import close
from tests.oracle.building import beta_factor, bridge, crews, part, priority_and, queueing, slowed


def steady(m: ModelBuilder, name: str = "down") -> float:
    return float(solve(m.build(), steady=True).steady[name][0])


def failed(m: ModelBuilder, horizon: float = 1.0) -> float:
    return float(solve(m.build(), horizon=horizon).mission["failed"][0])


@pytest.mark.parametrize(
    ("number", "mean"), [(1, 0.6395217686), (2, 0.4647943956), (5, 0.4545454545)]
)
def test_13_crews(number: int, mean: float) -> None:
    assert steady(crews(number)) == close(mean, 1e-9)


@pytest.mark.parametrize(
    ("kind", "down", "up", "states"),
    [
        ("fifo", 0.0356786551, 0.5232381582, 16),
        ("fixed", 0.0362342861, 0.5238756373, 13),
        ("preemptive", 0.0222849737, 0.5273091954, 8),
    ],
)
def test_14_queue_disciplines(kind: str, down: float, up: float, states: int) -> None:
    """An order of coming needs more states than an order of rank, and that more than none."""
    found = solve(queueing(kind).build(), steady=True)
    assert found.steady["all down"][0] == close(down, 2e-9)
    assert found.steady["all up"][0] == close(up, 1e-10)
    assert found.states == states


@pytest.mark.parametrize(
    ("selector", "value", "states", "classes"),
    [("speed", 3.920031361e-4, 4, 3), ("delay", 1.679605852e-4, 8, 5)],
)
def test_15b_speed_is_read_always_and_a_delay_once(
    selector: str, value: float, states: int, classes: int
) -> None:
    """Five states if the two units are not told apart: none, quick, slow, quick and slow, two slow."""
    m = slowed(selector)
    assert steady(m) == close(value, 1e-9)
    chain = explore(m.build())
    assert len(chain.states) == states
    alike = {tuple(sorted(zip(s.states, s.memo or s.states, strict=True))) for s in chain.states}
    assert len(alike) == classes


def test_17_a_bridge() -> None:
    found = solve(bridge().build(), steady=True).steady
    assert 1 - found["down"][0] == close(0.97848, 1e-12)
    assert found["by paths"][0] == close(found["down"][0], 1e-13)
    assert found["by cuts"][0] == close(found["down"][0], 1e-13)
    assert 1 - found["no tie"][0] == close(0.9639, 1e-12)


def test_17b_a_beta_factor() -> None:
    assert failed(beta_factor()) == close(0.0172842979, 4e-9)


def test_18_a_shock_to_some_of_four() -> None:
    m = ModelBuilder()
    four = [m.element(n, "up down") for n in "abcd"]
    shock = m.element("shock", "x")
    shock.after("x -> x", Exp(100), "hit", effects=[e.move({"up": "down"}, p=0.5) for e in four])
    m.first_passage("failed", m.all(e == "down" for e in four))
    assert failed(m, 100.0) == close(0.1322342256, 1e-9)


@pytest.mark.parametrize(
    ("shock", "counts", "value"),
    [(True, True, 0.1479479474), (True, False, 0.0872998641), (False, False, 0.0774090609)],
)
def test_40_priority_and_with_a_common_shock(shock: bool, counts: bool, value: float) -> None:
    assert failed(priority_and(shock=shock, counts=counts)) == close(value, 1e-9)


def test_45_memory_is_of_no_consequence_to_an_exponential() -> None:
    values = set()
    for memory in ("restart", "resume", "keep"):
        m = ModelBuilder()
        a, g = m.element("a", "up down"), part(m, "g", 10, 3)
        a.after("up -> down", Exp(30), "fail", memory=memory, when=g == "up")
        a.after("down -> up", Exp(5), "repair", renew=True)
        m.gate_time("down", a == "down")
        values.add(steady(m))
    assert max(values) == close(min(values), 1e-13)
