"""Chains of several thousand states against closed forms; at 20 000 states by a benchmark."""

import math
from itertools import pairwise

import numpy as np
import pytest

from pacsim.core import ModelBuilder, outcome
from pacsim.delays import Exponential as Exp
from pacsim.engines.exact import (
    elimination,
    explore,
    front,
    mean_time_to,
    ordering,
    solve,
    transient,
)
from pacsim.errors import UnsupportedError
from tests.close import close
from tests.oracle.large import SHORTER, Shape, queue, renewed, several, tangle, time_down

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", SHORTER)
def test_the_long_run_of_a_shape(name: str) -> None:
    """However many states and however rare: 1e-12 of the product form."""
    shape = SHORTER[name]()
    found = solve(shape.model, steady=True)
    assert found.states == shape.states
    assert found.steady["last"][0] == close(shape.last, 1e-12)
    assert found.error_bound < 1e-11


@pytest.mark.parametrize("states", [255, 256, 257, 1500])
def test_a_tangle_keeps_every_digit(states: int) -> None:
    """Joined at random, probabilities over thirty decades; below, at and above one batch."""
    graph, pi = tangle(states)
    assert elimination.steady_state(graph) == close(pi, 1e-12)


def test_few_are_held_of_a_long_chain_of_groups() -> None:
    """Twenty full groups of ten in a row, numbered at random: no more than two groups wait."""
    from scipy.sparse import csr_array

    names = np.random.default_rng(3).permutation(200)
    pairs = [
        (a, b)
        for a in range(200)
        for b in range(200)
        if a != b and (a // 10 == b // 10 or (a % 10 == b % 10 and abs(a - b) == 10))
    ]
    source, target = names[np.array(pairs)].T
    joined = csr_array((np.ones(len(pairs)), (source, target)), shape=(200, 200))
    order = ordering.ordered(joined, 17)
    assert sorted(order.states) == list(range(200))
    assert order.widths().max() <= 20
    # By their definition: those before that are joined to one at or after it.
    place = np.argsort(order.states)
    for at in (1, 70, 199):
        waiting = {
            place[a] for a, b in zip(source, target, strict=True) if place[a] < at <= place[b]
        }
        assert order.widths()[at] == len(waiting)


@pytest.mark.parametrize(
    ("shape", "most"), [(queue(6), 300), (renewed(8), 100)], ids=["queue", "renewed"]
)
def test_few_are_held_where_layers_are_wide(shape: Shape, most: int) -> None:
    """In layers of distance 709 of 1 957 and 254 of 256 states would wait."""
    chain = explore.explore(shape.model)
    rates = elimination.Graph(chain.source, chain.target, chain.rate, shape.states).matrix()
    assert ordering.ordered((rates + rates.T).tocsr(), 0).widths().max() < most


def test_mean_times_of_several_thousand_states() -> None:
    """All of 12 units without repair: life * (1 + 1/2 + ... + 1/12)."""
    m = ModelBuilder()
    parts = [m.element(f"part-{k}", "up down") for k in range(12)]
    for part in parts:
        part.after("up -> down", Exp(7.0), "fail")
    m.first_passage("all", m.all(part == "down" for part in parts))
    assert mean_time_to(m.build(), "all") == close(7.0 * sum(1 / k for k in range(1, 13)), 1e-13)


def test_mean_times_from_starts_that_share_no_state() -> None:
    """A draw decides between two passages; neither leads to the other."""
    m = ModelBuilder()
    a = m.element("a", "new left right done")
    a.now("new ->", 1, "draw", outcomes=[outcome(0.25, "left"), outcome(0.75, "right")])
    a.after("left -> done", Exp(4.0), "l")
    a.after("right -> done", Exp(8.0), "r")
    m.first_passage("done", a == "done")
    assert mean_time_to(m.build(), "done") == close(0.25 * 4.0 + 0.75 * 8.0, 1e-14)


def test_a_mission_that_settles_is_not_followed_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten million jumps of 2 048 states in about as much time as the first few thousand."""
    jumps: list[float] = []
    plain = transient.Jumps._piece

    def piece(self: transient.Jumps, start: np.ndarray, length: float) -> transient.Spent:
        jumps.append(self.uniform_rate * length)
        return plain(self, start, length)

    monkeypatch.setattr(transient.Jumps, "_piece", piece)
    horizon = 3e6
    found = solve(several([2] * 11).model, horizon=horizon)
    assert sum(jumps) < 1e5
    # The bound adds up what every jump may lose; what is lost is far less.
    assert found.error_bound < 2e-7
    assert found.mission["last"][0] == close(time_down(11, horizon), 1e-11)


@pytest.mark.parametrize("dense", [0, 1500], ids=["pieces", "powers"])
@pytest.mark.parametrize(
    ("life", "horizon", "fast"),
    [(1e6, 87600.0, 1.0), (1e3, 1e6, 1.0), (10.0, 40.0, 1e4), (1.0, 7.0, 1e4), (0.06, 60.0, 1e3)],
    ids=["rare", "likely", "some", "most", "all-in-a-piece"],
)
def test_a_passage_that_settles(
    monkeypatch: pytest.MonkeyPatch, life: float, horizon: float, fast: float, dense: int
) -> None:
    """A mirror beside what fails often: two exponentials, the slower one known by its product."""
    monkeypatch.setattr(transient, "DENSE", dense)
    m = ModelBuilder()
    parts = [m.element(name, "up down") for name in "ab"]
    for part in parts:
        part.after("up -> down", Exp(life), "fail")
        part.after("down -> up", Exp(1.0), "repair", renew=True)
    other = m.element("other", "x y")
    other.after("x -> y", Exp(1 / fast), "there")
    other.after("y -> x", Exp(1 / fast), "back")
    m.first_passage("both", m.all(part == "down" for part in parts))
    c, r = 1 / life, 1.0
    high = ((3 * c + r) + math.sqrt((3 * c + r) ** 2 - 8 * c * c)) / 2
    low = 2 * c * c / high
    gone = (low * math.expm1(-high * horizon) - high * math.expm1(-low * horizon)) / (high - low)
    found = solve(m.build(), horizon=horizon)
    assert found.mission["both"][0] == close(gone, 1e-11)


def test_twenty_thousand_states_are_within_the_limits_in_any_order() -> None:
    """All joined to one another: the k-th has k before it, 20 000^3 / 3 multiplications."""
    front._refuse(np.arange(20_000))
    with pytest.raises(UnsupportedError, match=r"30000 states, 29999 .* 9\.0e\+12 .* 10\.9 GB"):
        front._refuse(np.arange(30_000))


def test_what_is_refused_names_parts_and_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = several([2, 2, 2, 2, 3, 4])
    monkeypatch.setattr(front, "WORK", 1e4)
    parts = r"\n  6 elements, the largest are unit-5 \(4\), unit-4 \(3\)"
    numbers = r"192 states, \d+ of them joined at a time, need \S+ multiplications and 0\.0 GB"
    with pytest.raises(UnsupportedError, match=numbers + r"; leave parts out.*" + parts):
        solve(shape.model, steady=True)
    for name in ("WORK", "TRIAL", "DENSE"):
        monkeypatch.setattr(transient, name, 1.0)
    numbers = r"192 states that do not settle within 5e\+03 jumps, and \S+ more until the horizon"
    # What ends one in 1e9 never settles.
    slow = ModelBuilder()
    for k, states in enumerate(["up down"] * 4 + ["up down off", "up down off out"]):
        unit = slow.element(f"unit-{k}", states)
        unit.after("up -> down", Exp(10.0**k), "fail")
        unit.after("down -> up", Exp(1.0), "repair")
        for source, target in pairwise(states.split()[2:]):
            unit.after(f"{source} -> {target}", Exp(1e9), "go")
        if "off" in states:
            unit.after("up -> off", Exp(1e9), "end")
    slow.gate_time("down", slow.always())
    with pytest.raises(UnsupportedError, match=numbers + r" 1e\+08.*" + parts):
        solve(slow.build(), horizon=1e8)
