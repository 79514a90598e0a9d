"""Digits, bounds and refusals of the exact engine; expected values are closed forms."""

import math
from typing import Any

import numpy as np
import pytest
from scipy.linalg import blas

from pacsim.core import ModelBuilder, outcome
from pacsim.delays import Erlang, Exponential, Mixture, Weibull
from pacsim.engines.exact import elimination, explore, mean_time_to, solve, supports, transient
from pacsim.engines.exact.transient import Jumps
from pacsim.errors import SimulationError, UnsupportedError
from tests.close import close

pytestmark = pytest.mark.slow


def units(m: ModelBuilder, lives: list[float], repairs: list[float] | None = None) -> list[Any]:
    """Return parts, and their conditions of being down."""
    made = [m.element(f"unit-{k}", "up down", fault="down") for k in range(len(lives))]
    for k, unit in enumerate(made):
        unit.after("up -> down", Exponential(lives[k]), "fail", cls="fault")
        if repairs:
            unit.after("down -> up", Exponential(repairs[k]), "repair", cls="repair", renew=True)
    return made


def integral(function: Any, end: float) -> float:
    nodes, weights = np.polynomial.legendre.leggauss(40)
    return float(
        sum(w * function(end * (x + 1) / 2) for x, w in zip(nodes, weights, strict=True)) * end / 2
    )


@pytest.mark.parametrize(
    ("count", "life", "horizon"),
    [
        (6, 1.0, 1e-4),
        (5, 1e6, 24.0),
        (4, 1.0, 1e-4),
        (8, 1.0, 1e-3),
        (3, 1.0, 1e-6),
        (2, 1e9, 1.0),
        (9, 1.0, 1e-9),
        (6, 1.0, 1e-2),
        (5, 1.0, 2.0),
        (5, 1.0, 30.0),
    ],
)
def test_rare_events_of_a_mission_keep_their_digits(
    count: int, life: float, horizon: float
) -> None:
    """All of n units without repair: (1 - exp(-T / life))^n, and its integral."""
    m = ModelBuilder()
    down = m.all(u == "down" for u in units(m, [life] * count))
    m.first_passage("passage", down)
    m.gate_time("time", down)
    found = solve(m.build(), horizon=horizon)
    p = (-math.expm1(-horizon / life)) ** count
    spent = integral(lambda t: (-math.expm1(-t / life)) ** count, horizon)
    assert found.error_bound < 1e-12
    assert found.mission["passage"][0] == close(p, found.error_bound)
    # The integral itself is a sum of forty terms.
    assert found.mission["time"][0] == close(spent, found.error_bound + 1e-13)


@pytest.mark.parametrize("horizon", [1e-3, 1e-5])
def test_a_likely_long_way_beside_a_short_unlikely_one(horizon: float) -> None:
    """Five steps of rate 1, or one of rate 1e-40: an Erlang probability, which comes last."""
    m = ModelBuilder()
    a = m.element("a", "s0 s1 s2 s3 s4 s5")
    for k in range(5):
        a.after(f"s{k} -> s{k + 1}", Exponential(1.0), f"step-{k}")
    a.after("s0 -> s5", Exponential(1e40), "leap")
    m.first_passage("there", a == "s5")
    m.gate_time("time there", a == "s5")
    found, law = solve(m.build(), horizon=horizon).mission, Erlang(5, 5.0)
    assert found["there"][0] == close(law.cdf(horizon), 1e-13)
    assert found["time there"][0] == close(integral(law.cdf, horizon), 1e-12)


def test_a_long_mission_by_powers_keeps_its_digits() -> None:
    """Three units down 1e-9 of the time each: the product of u (1 - exp(-c t)), integrated."""
    lives, repairs, horizon = [1e9, 2e9, 3e9], [1.0, 2.0, 3.0], 1e5
    m = ModelBuilder()
    m.gate_time("down", m.all(u == "down" for u in units(m, lives, repairs)))
    found = solve(m.build(), horizon=horizon)
    rates = [1 / a + 1 / b for a, b in zip(lives, repairs, strict=True)]

    def at(t: float) -> float:
        return math.prod(-math.expm1(-c * t) / a / c for a, c in zip(lives, rates, strict=True))

    # Steady after 200 hours to the last digit.
    expected = sum(integral(lambda t, k=k: at(t + 10 * k), 10.0) for k in range(20))
    expected += at(200.0) * (horizon - 200.0)
    assert found.mission["down"][0] == close(expected, found.error_bound)


def test_a_mission_of_very_many_jumps_is_squared_not_followed() -> None:
    """Three steps of rate 1e-7, each back at 1: a mean of 1e21 + 2e14 + 3e7 hours to the last."""
    m = ModelBuilder()
    a = m.element("a", "s0 s1 s2 s3")
    for k in range(3):
        a.after(f"s{k} -> s{k + 1}", Exponential(1e7), f"up-{k}")
        a.after(f"s{k + 1} -> s{k}", Exponential(1.0), f"down-{k}")
    m.first_passage("last", a == "s3")
    m.gate_time("time", a == "s3")
    found = solve(m.build(), horizon=1e12)
    passed = -math.expm1(-1e12 / (1e21 + 2e14 + 3e7))
    assert found.mission["last"][0] == close(passed, 1e-11)
    # Steady but for the first few hours.
    assert found.mission["time"][0] == close(1e12 * 1e-21 / (1 + 1e-7 + 1e-14 + 1e-21), 1e-11)
    assert found.error_bound < 0.01


def test_a_long_mission_that_never_settles_keeps_its_digits() -> None:
    """Three units down 1e-9 of the time each while one of two parts has ended: exponentials."""
    lives, repairs, horizon = [1e9, 2e9, 3e9], [1.0, 2.0, 3.0], 1e8
    m = ModelBuilder()
    down = [u == "down" for u in units(m, lives, repairs)]
    first, second = (m.element(name, "up off") for name in ("early", "late"))
    first.after("up -> off", Exponential(1e8), "end")
    second.after("up -> off", Exponential(3e8), "end")
    m.gate_time("down", m.all([*down, first == "off", second == "up"]))
    found = solve(m.build(), horizon=horizon)
    early, late = 1 / 1e8, 1 / 3e8
    rates = [1 / a + 1 / b for a, b in zip(lives, repairs, strict=True)]
    share = math.prod(1 / a / c for a, c in zip(lives, rates, strict=True))
    # Nothing has ended yet while the units start: 1e-14 of the integral.
    both = -math.expm1(-(early + late) * horizon) / (early + late)
    expected = share * (-math.expm1(-late * horizon) / late - both)
    assert found.mission["down"][0] == close(expected, 1e-11)


def test_squaring_takes_the_place_of_jumps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four hundred states over 3e9 jumps, both counters up 1e-7 of the time."""
    jumps, squarings = [], []
    piece, product = Jumps._piece, blas.dgemm

    def counted_piece(self: Jumps, start: Any, length: float) -> Any:
        jumps.append(self.uniform_rate * length)
        return piece(self, start, length)

    def counted_product(*factors: Any) -> Any:
        squarings.append(1)
        return product(*factors)

    monkeypatch.setattr(Jumps, "_piece", counted_piece)
    monkeypatch.setattr(blas, "dgemm", counted_product)
    m = ModelBuilder()
    up = []
    for name, count in (("a", 10), ("b", 40)):
        e = m.element(name, " ".join(f"s{k}" for k in range(count)))
        for k in range(count - 1):
            e.after(f"s{k} -> s{k + 1}", Exponential(1e7), f"up-{k:02d}")
            e.after(f"s{k + 1} -> s{k}", Exponential(1.0), f"down-{k:02d}")
        up.append(e != "s0")
    m.gate_time("up", m.all(up))
    found = solve(m.build(), horizon=1.5e9)
    # Work is counted and not timed: jumps up to where powers are cheaper, then at most a squaring
    # for each doubling of the mission, of which there are 32.
    assert sum(jumps) < 1e5
    assert 0 < len(squarings) <= 32
    # Each starts at the bottom: (1 - exp(-t))^2 until it is steady, 1.5 s in all.
    assert found.mission["up"][0] == close(1e-14 * (1.5e9 - 1.5), 1e-10)


def counter(ratio: float, steps: int, initial: int) -> Any:
    m = ModelBuilder()
    e = m.element("e", " ".join(f"s{k}" for k in range(steps + 1)), initial=f"s{initial}")
    for k in range(steps):
        e.after(f"s{k} -> s{k + 1}", Exponential(1 / ratio), f"up-{k:02d}")
        e.after(f"s{k + 1} -> s{k}", Exponential(1.0), f"down-{k:02d}")
    for k in (0, 1, steps):
        m.gate_time(f"s{k}", e == f"s{k}")
        m.first_passage(f"to s{k}", e == f"s{k}")
    return m.build()


@pytest.mark.parametrize("initial", [0, 10, 20])
def test_shares_beyond_the_range_of_numbers(initial: int) -> None:
    """Twenty steps of 1e-20: 1e-400 beside one, wherever the elimination ends."""
    found = solve(counter(1e-20, 20, initial), steady=True).steady
    assert found["s0"][0] == close(1.0, 1e-14)
    assert found["s1"][0] == close(1e-20, 1e-14)
    assert found["s20"][0] == 0.0
    assert mean_time_to(counter(1e-20, 20, initial), "to s0") == close(float(initial), 1e-14)


@pytest.mark.parametrize("seed", range(3))
def test_a_likely_state_beyond_an_unlikely_one(seed: int) -> None:
    """Twenty steps of 1e-20 up, then twenty-five of 1e20: the way leads through 1e-400."""
    name = np.random.default_rng(seed).permutation(46)
    up = [1e-20] * 20 + [1.0] * 25
    down = [1.0] * 20 + [1e-20] * 25
    source, target = np.concatenate([name[:-1], name[1:]]), np.concatenate([name[1:], name[:-1]])
    pi = elimination.steady_state(elimination.Graph(source, target, np.array(up + down), 46))
    assert pi[name[[-1, -2, 0, 1]]] == close(np.array([1.0, 1e-20, 1e-100, 1e-120]), 1e-13)
    assert pi[name[20]] == 0.0


@pytest.mark.parametrize("mean", [1e-9, 0.3, 1.0, 57.2, 40_000.0])
def test_poisson_weights(mean: float) -> None:
    first, weights = transient.poisson_weights(mean)
    for place in (0, len(weights) // 2, len(weights) - 1):
        k = first + place
        logarithm = k * math.log(mean) - mean - math.lgamma(k + 1)
        assert weights[place] == close(math.exp(logarithm), 1e-9)


@pytest.mark.parametrize("base", [1.0, 10.0, 100.0])
@pytest.mark.parametrize("count", [4, 11])
def test_the_long_run_at_any_time_scale(base: float, count: int) -> None:
    """Units of very different pace: the probability of any set being down is a product."""
    lives = [1e4 * base**k for k in range(count)]
    m = ModelBuilder()
    down = [u == "down" for u in units(m, lives, [base**k for k in range(count)])]
    m.gate_time("all", m.all(down))
    m.gate_time("slow", m.all(down[-3:]))
    m.gate_time("fast", m.all(down[:2]))
    found = solve(m.build(), steady=True)
    assert found.states == 2**count
    assert found.error_bound < 1e-11
    for name, some in (("all", count), ("slow", 3), ("fast", 2)):
        assert found.steady[name][0] == close(10001.0**-some, found.error_bound), name


def dense(graph: elimination.Graph) -> np.ndarray:
    """Return the long run by plain linear algebra."""
    a = graph.matrix().toarray()
    a -= np.diag(a.sum(axis=1))
    a[:, 0] = 1.0
    return np.linalg.solve(a.T, np.eye(graph.states)[0])


@pytest.mark.parametrize("states", [1, 2, 9, 200, 700])
def test_elimination_of_random_chains(states: int) -> None:
    """A cycle with random leaps, so that levels are many; against plain linear algebra."""
    rng = np.random.default_rng([states, 5])
    ring = np.arange(states)
    near = np.clip(ring + rng.integers(-40, 40, states), 0, states - 1)
    source = np.concatenate([ring, ring[1:], ring])
    target = np.concatenate([near, ring[:-1], np.minimum(ring + 1, states - 1)])
    apart = source != target
    rate = rng.uniform(0.5, 2.0, len(source))
    graph = elimination.Graph(source[apart], target[apart], rate[apart], states)
    pi = elimination.steady_state(graph)
    assert pi == close(dense(graph), 1e-9)
    absorbing, start = np.zeros(states), np.zeros(states)
    absorbing[-1] = start[0] = 1.0
    times = elimination.mean_times(graph, start, absorbing)
    a = graph.matrix().toarray()[:-1]
    balance = np.diag(a.sum(axis=1)) - a[:, :-1]
    assert times[:-1] == close(np.linalg.solve(balance, np.ones(states - 1)), 1e-7)


def test_mean_times_are_harmonic_sums() -> None:
    """All of 11 units without repair: life * (1 + 1/2 + ... + 1/11)."""
    m = ModelBuilder()
    m.first_passage("all", m.all(u == "down" for u in units(m, [7.0] * 11)))
    assert mean_time_to(m.build(), "all") == close(7.0 * sum(1 / k for k in range(1, 12)), 1e-13)


def test_a_passage_that_may_never_be() -> None:
    m = ModelBuilder()
    a = m.element("a", "x y z")
    a.after("x -> y", Exponential(1.0), "f")
    a.after("x -> z", Exponential(1e9), "g")
    m.first_passage("y", a == "y")
    m.first_passage("x", a == "x")
    model = m.build()
    assert (mean_time_to(model, "y"), mean_time_to(model, "x")) == (math.inf, 0.0)


@pytest.mark.parametrize("chance", [0.5, 1e-6, 1e-30])
def test_an_immediate_loop_with_a_way_out(chance: float) -> None:
    """Tries until one succeeds: as if at once; the number of tries is geometric."""
    m = ModelBuilder()
    a = m.element("a", "up try down")
    a.after("up -> try", Exponential(3.0), "fail")
    rows = [outcome(chance, "down"), outcome(1.0 - chance, "try")]
    again = a.now("try ->", 1, "again", outcomes=rows)
    a.after("down -> up", Exponential(1.0), "back")
    m.gate_time("down", a == "down")
    m.firings("tries", again)
    m.entries("falls", a, "down")
    steady = solve(m.build(), steady=True).steady
    assert steady["down"][0] == close(0.25, 1e-14)
    assert steady["falls"][0] == close(0.25, 1e-14)
    assert steady["tries"][0] == close(0.25 / chance, 1e-9)


def test_an_immediate_loop_over_two_elements() -> None:
    """A coin is thrown until two throws agree: 1/2 each way out; 3 throws in the mean."""
    m = ModelBuilder()
    a, b = m.element("a", "idle first second"), m.element("b", "none head tail won lost")
    a.after("idle -> first", Exponential(1.0), "begin")
    coin = [outcome(0.5, "second", b.move({"none": s})) for s in ("head", "tail")]
    one = a.now("first ->", 1, "one", outcomes=coin)
    two = [
        outcome(0.5, "idle", b.move({"head": "won", "tail": "lost"})),
        outcome(0.5, "second", b.move({"head": "tail", "tail": "head"})),
    ]
    other = a.now("second ->", 1, "other", outcomes=two)
    b.after("won -> none", Exponential(0.5), "paid", effects=[])
    b.after("lost -> none", Exponential(1.5), "lost")
    m.firings("one", one, when=b == "none")
    m.firings("other", other)
    m.entries("won", b, "won")
    m.entries("lost", b, "lost")
    found = solve(m.build(), horizon=1e-6).mission
    begun = -math.expm1(-1e-6)
    assert found["one"][0] == close(begun, 2e-6)
    assert found["other"][0] == close(2 * begun, 2e-6)
    for end in ("won", "lost"):
        assert found[end][0] == close(begun / 2, 2e-6)


def test_a_loop_without_an_end_names_all_its_transitions() -> None:
    m = ModelBuilder()
    a = m.element("a", "w x y z")
    a.after("w -> x", Exponential(1.0), "start")
    a.now("x -> y", 20, "there")
    a.now("y -> z", 20, "on")
    a.now("z -> x", 20, "back")
    with pytest.raises(SimulationError, match=r"never end.* a\.there, a\.on, a\.back; give one"):
        solve(m.build(), horizon=1.0)


def test_a_counter_beyond_its_range_names_element_and_transition() -> None:
    m = ModelBuilder()
    stock = m.counter("stock", 2, 0)
    m.element("t", "x").after("x -> x", Exponential(1.0), "add", effects=[stock.step(1)])
    with pytest.raises(SimulationError, match=r"t\.add counts stock beyond its range at 2"):
        solve(m.build(), horizon=1.0)


def test_a_shock_to_many_parts_is_binomial() -> None:
    """Ten parts hit with p = 1/2 by each of Poisson shocks: each survives them with exp(-T p)."""
    m = ModelBuilder()
    parts = [m.element(f"part-{k}", "up down") for k in range(10)]
    shock = m.element("shock", "x")
    hits = [part.move({"up": "down"}, p=0.5) for part in parts]
    shock.after("x -> x", Exponential(1.0), "hit", effects=hits)
    m.first_passage("one", parts[3] == "down")
    m.first_passage("any", m.any(part == "down" for part in parts))
    found = solve(m.build(), horizon=0.25)
    # Behind the first one nothing is explored: 2^9 states of the others, and it.
    assert found.states == 513
    assert found.mission["one"][0] == close(-math.expm1(-0.125), 1e-13)
    assert found.mission["any"][0] == close(-math.expm1(-0.25 * (1 - 0.5**10)), 1e-13)


LAWS = [
    Mixture((0.7, 0.3), (Exponential(1.0), Exponential(11.0))),
    Mixture((0.25, 0.75), (Erlang(3, 6.0), Exponential(0.5))),
    Mixture(
        (0.5, 0.5), (Mixture((0.5, 0.5), (Exponential(1.0), Exponential(2.0))), Erlang(2, 9.0))
    ),
    Weibull(4.0, 1.0),
]


@pytest.mark.parametrize("law", LAWS, ids=repr)
@pytest.mark.parametrize("memory", ["restart", "resume", "keep"])
def test_phases_of_a_law(law: Any, memory: Any) -> None:
    """The first passage has the law itself; the long run only its mean."""
    m = ModelBuilder()
    a = m.element("a", "up down")
    a.after("up -> down", law, "fail", memory=memory)
    a.after("down -> up", Exponential(2.0), "repair", renew=True)
    m.gate_time("down", a == "down")
    m.first_passage("passage", a == "down")
    model = m.build()
    for horizon in (1e-3, 0.5, 20.0):
        p = solve(model, horizon=horizon).mission["passage"][0]
        # Laws and digits: a distribution function near one term of a mixture is only so exact.
        assert p == close(law.cdf(horizon), 1e-11)
    assert solve(model, steady=True).steady["down"][0] == close(2.0 / (2.0 + law.mean()), 1e-13)
    assert mean_time_to(model, "passage") == close(law.mean(), 1e-13)


@pytest.mark.parametrize(("memory", "kept"), [("restart", False), ("resume", True)])
def test_an_interrupted_mixture_is_drawn_again_or_not(memory: Any, kept: bool) -> None:
    """Cut short at rate c by a pause: drawn again, each try ends with chance E[a / (a + c)]."""
    m = ModelBuilder()
    law = Mixture((0.5, 0.5), (Exponential(1.0), Exponential(10.0)))
    a, b = m.element("a", "up down"), m.element("b", "on off")
    a.after("up -> down", law, "fail", when=b == "on", memory=memory)
    b.after("on -> off", Exponential(2.0), "pause", when=a == "up")
    b.after("off -> on", Exponential(1.0), "resume")
    m.first_passage("down", a == "down")
    # Time switched on until the end, then pauses: one per 2 of it, each of mean 1.
    tries = 0.5 * (1 / 1.5 + 0.1 / 0.6)
    on = 0.5 * (1 / 1.5 + 1 / 0.6) / tries if not kept else law.mean()
    assert mean_time_to(m.build(), "down") == close(1.5 * on, 1e-13)


def test_an_initial_age_of_phases_is_refused() -> None:
    m = ModelBuilder()
    m.element("a", "up down").after("up -> down", LAWS[0], "fail", initial_age=1.0)
    assert supports(m.build()) == ("a.fail: initial_age of a delay with phases; leave it out",)


def test_a_mixture_with_another_law_is_refused() -> None:
    m = ModelBuilder()
    law = Mixture((0.5, 0.5), (Exponential(1.0), Weibull(1.0, 2.0)))
    m.element("a", "up down").after("up -> down", law, "fail")
    with pytest.raises(UnsupportedError, match=r"a\.fail: Mixture.*not made of exponential phases"):
        solve(m.build(), horizon=1.0)


def test_a_long_run_that_depends_on_chance_is_refused_by_name() -> None:
    m = ModelBuilder()
    units(m, [5.0], [1.0])
    a = m.element("disk", "new good bad")
    a.after("new -> good", Exponential(1.0), "f")
    a.after("new -> bad", Exponential(1.0), "g")
    m.gate_time("bad", a == "bad")
    with pytest.raises(
        UnsupportedError, match=r"2 sets of states .*disk (good|bad); disk"
    ) as error:
        solve(m.build(), steady=True)
    assert "unit-0" not in str(error.value)


@pytest.mark.parametrize("horizon", [-5.0, 0.0, math.nan, math.inf])
def test_a_horizon_that_makes_no_sense_is_refused(horizon: float) -> None:
    m = ModelBuilder()
    m.gate_time("down", units(m, [5.0], [1.0])[0] == "down")
    with pytest.raises(ValueError, match="horizon"):
        solve(m.build(), horizon=horizon)


def test_the_start_may_be_many_states() -> None:
    """An initial draw by an immediate; nothing is lost of either state."""
    m = ModelBuilder()
    a = m.element("a", "new good bad")
    a.now("new ->", 1, "draw", outcomes=[outcome(0.75, "good"), outcome(0.25, "bad")])
    a.after("bad -> good", Exponential(2.0), "mend")
    m.first_passage("good", a == "good")
    model = m.build()
    assert explore.explore(model).start.tolist() in ([0.75, 0.25], [0.25, 0.75])
    assert mean_time_to(model, "good") == close(0.5, 1e-14)
