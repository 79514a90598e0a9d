"""Figures at a time, several horizons at once, and first passages that stop at their target."""

import math
import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.linalg import expm

from pacsim.core import Model, ModelBuilder
from pacsim.delays import Erlang, Exponential
from pacsim.engines.exact import mean_time_to, solve
from pacsim.engines.exact.explore import explore
from pacsim.errors import UnsupportedError
from tests.close import close
from tests.oracle.building import part

pytestmark = pytest.mark.slow

FAIL, REPAIR = 1 / 50.0, 1 / 4.0
BOTH = FAIL + REPAIR
HORIZONS = (0.5, 3.0, 20.0, 1000.0)


def down_at(t: float) -> float:
    """Probability that a repairable unit is down at t, from up: Trivedi 2002, example 8.1."""
    return FAIL / BOTH * -math.expm1(-BOTH * t)


def down_until(t: float) -> float:
    """Expected down time until t: the integral of `down_at`."""
    return FAIL / BOTH * (t + math.expm1(-BOTH * t) / BOTH)


def unit() -> Model:
    m = ModelBuilder()
    u = m.element("u", "up down", fault="down")
    m.element("bystander", "x")
    fail = u.after("up -> down", Exponential(1 / FAIL), "fail", cls="fault")
    u.after("down -> up", Exponential(1 / REPAIR), "repair", cls="repair", renew=True)
    m.gate_time("down", u == "down")
    m.level_integral("worth", m.count([u == "up"]) * 2.5)
    m.level_time("number", m.count([u == "down"]))
    m.firings("failures", fail)
    m.role("service", u == "up")
    m.first_passage("first", u == "down")
    return m.build()


@pytest.mark.parametrize("t", HORIZONS)
def test_figures_at_a_time_and_until_then(t: float) -> None:
    found = solve(unit(), horizon=t, steady=True)
    assert found["down"].at_end == close(down_at(t), 1e-13)
    assert found["down"].mission == close(down_until(t), 1e-13)
    assert found["down"].steady == close(FAIL / BOTH, 1e-14)
    assert found["worth"].at_end == close(2.5 * (1 - down_at(t)), 1e-13)
    assert found["number"].figures(of="at_end") == {
        0: close(1 - down_at(t), 1e-13),
        1: close(down_at(t), 1e-13),
    }
    assert found["failures"].at_end == close(FAIL * (1 - down_at(t)), 1e-13)
    assert found["failures"].mission == close(FAIL * (t - down_until(t)), 1e-12)
    service = found["service"]
    assert service.figure("begun") == close(FAIL * (t - down_until(t)), 1e-12)
    assert service.figure("begun", "at_end") == close(FAIL * (1 - down_at(t)), 1e-13)
    assert service.figures("contributors") == {"u": close(down_until(t), 1e-13), "bystander": 0.0}
    assert service.figures("contributors", "steady")["u"] == close(FAIL / BOTH, 1e-14)
    assert math.isnan(float(service.figure("mixed")))
    assert found["first"].mission == close(-math.expm1(-FAIL * t), 1e-13)
    assert math.isnan(float(found["first"].at_end))


def test_rare_states_keep_their_digits_at_a_time() -> None:
    """Ten units down at once at t: p(t)^10, far below the last digit of one."""
    m = ModelBuilder()
    units = [part(m, f"u{k}", 1 / FAIL, 1 / REPAIR) for k in range(10)]
    m.gate_time("all", m.all(u == "down" for u in units))
    found = solve(m.build(), horizon=(0.01, 2.0))["all"].at_end
    assert isinstance(found, np.ndarray)
    assert found[0] == close(down_at(0.01) ** 10, 1e-12)
    assert found[0] < 1e-36
    assert found[1] == close(down_at(2.0) ** 10, 1e-12)


def test_several_horizons_are_those_of_one_each() -> None:
    """In any order, with one twice; and each as if asked alone."""
    asked = (20.0, 0.5, 1000.0, 20.0, 3.0)
    several = solve(unit(), horizon=asked)
    for name in several.mission:
        for figures in (several.mission, several.at_end):
            assert len(figures[name]) == len(asked)
    for k, t in enumerate(asked):
        alone = solve(unit(), horizon=t)
        for name in alone.mission:
            for these, those in ((several.mission, alone.mission), (several.at_end, alone.at_end)):
                np.testing.assert_allclose(these[name][k], those[name], rtol=1e-13)
    passages = several["first"].mission
    assert isinstance(passages, np.ndarray)
    assert passages.tolist() == [close(-math.expm1(-FAIL * t), 1e-13) for t in asked]
    one = solve(unit(), horizon=[3.0])
    assert one.mission["down"].shape == (1, 1)
    assert one["down"].mission == close(down_until(3.0), 1e-13)


def test_several_horizons_cost_one_exploration(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counting(*arguments: Any) -> Any:
        calls.append(arguments)
        return explore(*arguments)

    monkeypatch.setattr("pacsim.engines.exact.solver.explore", counting)
    solve(unit(), horizon=HORIZONS, steady=True)
    assert len(calls) == 1


def disks(number: int, allowed: int, *, also: bool = False) -> Model:
    """Disks with a repair each, lost when more than ``allowed`` are down."""
    m = ModelBuilder()
    parts = [part(m, f"disk-{k}", 1 / FAIL, 1 / REPAIR) for k in range(number)]
    m.first_passage("loss", m.count(p == "down" for p in parts) > allowed)
    if also:
        m.gate_time("all up", m.all(p == "up" for p in parts))
    return m.build()


def birth_death(number: int, allowed: int) -> float:
    """Mean time to more than ``allowed`` of ``number`` down, by the recursion of mean times."""
    up = [(number - k) * FAIL for k in range(allowed + 1)]
    back = [k * REPAIR for k in range(allowed + 1)]
    steps = [1 / up[0]]
    for k in range(1, allowed + 1):
        steps.append((1 + back[k] * steps[-1]) / up[k])
    return math.fsum(steps)


def test_a_first_passage_is_not_explored_behind_its_target() -> None:
    """Of 2^20 states 1 + 20 + 190 + 1140 + 4845 have at most four disks down."""
    model = disks(20, 4)
    found = solve(model, horizon=100.0, max_states=6196)
    assert found.states == 6196 + 1
    with pytest.raises(UnsupportedError, match="more than 6195 states"):
        solve(model, horizon=100.0, max_states=6195)
    assert mean_time_to(model, "loss", max_states=6196) == close(birth_death(20, 4), 1e-11)
    # The same by how many are down: 5 states and the target.
    rates = np.zeros((6, 6))
    for k in range(5):
        rates[k, k + 1] = (20 - k) * FAIL
        if k:
            rates[k, k - 1] = k * REPAIR
    rates -= np.diag(rates.sum(axis=1))
    assert found["loss"].mission == close(float(expm(rates * 100.0)[0, 5]), 1e-10)


def test_beside_other_figures_all_is_explored() -> None:
    """The figures are the same; so are those of a target that holds at the start."""
    alone, beside = disks(6, 2), disks(6, 2, also=True)
    a, b = (solve(model, horizon=(1.0, 30.0)) for model in (alone, beside))
    assert (a.states, b.states) == (1 + 6 + 15 + 1, 64)
    np.testing.assert_allclose(a["loss"].mission, b["loss"].mission, rtol=1e-12)
    m = ModelBuilder()
    u = part(m, "u", 5.0, 1.0)
    m.first_passage("up", u == "up")
    assert solve(m.build(), horizon=1.0)["up"].mission == 1.0
    assert mean_time_to(m.build(), "up") == 0.0


def test_targets_of_clocks_with_memory_are_one_state() -> None:
    """An Erlang repair has stages; the target may be entered in any of them."""
    m = ModelBuilder()
    a, b = m.element("a", "up down", fault="down"), m.element("b", "up down", fault="down")
    a.after("up -> down", Exponential(10.0), "fail", cls="fault")
    a.after("down -> up", Erlang(3, 2.0), "repair", cls="repair", renew=True)
    b.after("up -> down", Exponential(20.0), "fail", cls="fault")
    m.first_passage("both", (a == "down") & (b == "down"))
    m.first_passage("b", b == "down")
    found = solve(m.build(), horizon=7.0)
    # a up, three stages of its repair, with b up or down; and one target.
    assert found.states == 1 + 1 + 3 + 1
    assert found["b"].mission == close(-math.expm1(-7.0 / 20.0), 1e-13)
    # By hand: 0 both up, 1 to 3 stages of the repair of a, 4 b down, 5 both down.
    fail_a, fail_b, stage = 1 / 10.0, 1 / 20.0, 3 / 2.0
    rates = np.zeros((6, 6))
    for source, target, rate in [
        (0, 1, fail_a), (1, 2, stage), (2, 3, stage), (3, 0, stage),
        (0, 4, fail_b), (1, 5, fail_b), (2, 5, fail_b), (3, 5, fail_b), (4, 5, fail_a),
    ]:  # fmt: skip
        rates[source, target] = rate
    rates -= np.diag(rates.sum(axis=1))
    assert found["both"].mission == close(float(expm(rates * 7.0)[0, 5]), 1e-12)


def test_a_refusal_says_what_would_shrink_the_model() -> None:
    with pytest.raises(UnsupportedError) as refused:
        solve(disks(20, 4, also=True), horizon=1.0, max_states=1000)
    text = str(refused.value)
    alike = "20 elements that look alike, disk-0 ... disk-19, have 2^20 states together"
    assert alike in text
    assert "takes 21" in text
    assert "for 'loss' nothing behind the target need be explored" in text
    with pytest.raises(UnsupportedError) as refused:
        solve(disks(20, 9), horizon=1.0, max_states=1000)
    assert alike in str(refused.value)
    assert "behind" not in str(refused.value)
    m = ModelBuilder()
    for k in range(12):
        part(m, f"p{k}", 10.0 + k, 1.0)
    with pytest.raises(UnsupportedError) as refused:
        solve(m.build(), horizon=1.0, max_states=100)
    assert "alike" not in str(refused.value)


def test_nothing_asked_for_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"nothing is asked for; give horizon=.* or steady|both"):
        solve(unit())
    with pytest.raises(ValueError, match="horizon names no time"):
        solve(unit(), horizon=[])
    for bad in (-1.0, [3.0, math.inf], [1.0, "x"]):
        with pytest.raises(ValueError, match="must be > 0 and finite"):
            solve(unit(), horizon=bad)  # type: ignore[arg-type]
    mission, long_run = solve(unit(), horizon=1.0), solve(unit(), steady=True)
    with pytest.raises(ValueError, match=r"give steady=True"):
        _ = mission["down"].steady
    for kind in ("mission", "at_end"):
        with pytest.raises(ValueError, match=r"give horizon="):
            getattr(long_run["down"], kind)
    with pytest.raises(KeyError, match="no observation 'dwon'; there are 'down'"):
        mission["dwon"]
    with pytest.raises(KeyError, match="no figure 'cause'; there are time, begun, unplanned"):
        mission["service"].figure("cause")
    with pytest.raises(ValueError, match="ask for figures"):
        mission["service"].figure("contributors")
    with pytest.raises(ValueError, match="'start' is none of mission, at_end, steady"):
        mission["service"].figure("time", "start")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("down", "'down' is a GateTime and no first passage"),
        ("losss", "no first passage is called 'losss'"),
    ],
)
def test_a_mean_time_advises_a_name_that_is_free(asked: str, said: str) -> None:
    """Following the advice works: the name is not taken yet."""

    def written(extra: str | None) -> Model:
        m = ModelBuilder()
        u = part(m, "u", 5.0, 1.0)
        m.gate_time("down", u == "down")
        m.gate_time("first down", u == "down")
        m.first_passage("loss", u == "down")
        if extra:
            m.first_passage(extra, u == "down")
        return m.build()

    with pytest.raises(KeyError) as refused:
        mean_time_to(written(None), asked)
    text = str(refused.value)
    assert said in text
    assert "there are 'loss'" in text
    advised = re.search(r"add m\.first_passage\('([^']+)'", text)
    assert advised is not None
    assert mean_time_to(written(advised[1]), advised[1]) == close(5.0, 1e-14)


def test_the_bound_grows_with_the_horizons() -> None:
    bounds = [solve(unit(), horizon=HORIZONS[:k]).error_bound for k in range(1, 5)]
    assert all(a < b < 1e-9 for a, b in pairwise(bounds))
