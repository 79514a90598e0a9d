"""Exact and simulated figures agree on random Markov models; large and tiny exact figures."""

from functools import cache
from math import comb, exp
from typing import Any

import numpy as np
import pytest

from pacsim.core import Model, ModelBuilder, layout, next_open, outcome
from pacsim.delays import Calendar, Exponential, Weibull
from pacsim.engines import kernel
from pacsim.engines.exact import explore, solve
from pacsim.engines.exact.instant import Instants
from pacsim.errors import UnsupportedError
from tests.close import close
from tests.oracle.simulating import judge
from tests.semantics.planting import Fault

pytestmark = pytest.mark.slow

HORIZON = 200.0
COUNT = 20_000
NUMBERS = 8
RARE = 100
"""Replications in which a figure must differ from the usual one to be judged by its mean."""
MEMORIES = ("restart", "resume", "keep")


class Draw:
    """One random Markov model: exponential clocks, immediates, effects, outcomes, a crew."""

    def __init__(self, number: int, slower: float = 1.0) -> None:
        self.rng = np.random.default_rng([number, 77])
        self.slower = slower
        self.m = ModelBuilder()
        names = [f"e{k}" for k in range(int(self.rng.integers(2, 5)) + 1)]
        self.elements = [self.m.element(name, "a b c", fault="b c") for name in names]

    def pick(self, options: Any) -> Any:
        return options[int(self.rng.integers(len(options)))]

    def law(self) -> Exponential:
        return Exponential(self.slower * float(self.rng.integers(5, 80)))

    def condition(self) -> Any:
        m = self.m
        some = [(e == self.pick("abc")) for e in self.rng.permutation(np.array(self.elements))]
        kind = int(self.rng.integers(5))
        if kind == 0:
            return m.all(some[:2])
        if kind == 1:
            return m.any(some)
        if kind == 2:
            return m.count(some) * 2 - 1 >= 2
        if kind == 3:
            edges: list[Any] = [("s", "u", some[0]), ("t", "u", ~some[1]), ("u", "t", some[-1])]
            vertices = {"s": None, "t": some[1] | some[0], "u": None}
            return m.connected(vertices, edges, ["s"], ["t"], directed=True)
        return ~some[0]

    def model(self) -> Model:
        m = self.m
        working = m.count(e == "c" for e in self.elements)
        crew = 1 - working >= 1
        fired = [self.element(e, crew) for e in self.elements]
        m.gate_time("time", self.condition())
        m.level_integral("level", 2 * m.count(e != "a" for e in self.elements) - working)
        m.level_time("values", working)
        m.firings("fired", self.pick(fired), when=self.condition())
        m.entries("entered", self.pick(self.elements), self.pick(("b", "c", "b c")))
        m.role("role", self.condition())
        m.first_passage("passage", m.all(e != "a" for e in self.elements))
        return m.build()

    def element(self, element: Any, crew: Any) -> Any:
        others = [e for e in self.elements if e is not element]
        hit = self.pick(others).move({"a": "b"}, p=float(self.pick((1.0, 0.3))))
        effects = [hit] if self.rng.random() < 0.7 else []
        options: dict[str, Any] = {"memory": self.pick(MEMORIES)}
        if self.rng.random() < 0.5:
            options["speed"] = {self.condition(): float(self.pick((0.0, 2.0))), True: 1.0}
        if self.rng.random() < 0.4:
            options["when"] = self.condition() | self.condition()
        life: Any = self.law()
        if self.rng.random() < 0.75:
            quick = Exponential(self.slower * 3.0)
            life = {self.condition(): quick, True: life}
        rows: Any = [outcome(0.7, "b", *effects), outcome(0.3, "c")]
        if self.rng.random() < 0.5:
            rows = {self.condition(): rows, True: [outcome(1.0, "b", *effects, renew=True)]}
        failed = element.after("a", life, "fail", cls="fault", outcomes=rows, **options)
        element.now("b -> c", 50, "start", when=crew, fifo=True)
        element.after("c -> a", self.law(), "repair", cls="repair", renew=True)
        element.after("b -> a", self.law(), "alone", memory=self.pick(MEMORIES))
        return failed


@cache
def values(number: int) -> Any:
    """Return the simulated figures of a model, one row per replication."""
    return kernel.simulate(Draw(number).model(), seed=5, count=COUNT, horizon=HORIZON).values


def pairs(model: Model, number: int) -> list[tuple[Any, float]]:
    """Return each figure that a chain can tell: per replication, and its exact mean."""
    simulated = values(number)
    exact = solve(model, horizon=HORIZON).mission
    places = layout(model)
    found: list[tuple[Any, float]] = []
    for observed, first in zip(model.observations, places.first, strict=True):
        for column, mean in enumerate(exact[observed.name]):
            each = simulated[:, first + column]
            if observed.name == "passage":
                each = (each < HORIZON).astype(float)
            if not np.isnan(mean):
                found.append((each, float(mean)))
    return found


def projected(number: int) -> Any:
    """Return one figure per replication whose mean is zero if all means are right."""
    model = Draw(number).model()
    signs = np.random.default_rng([number, 78])
    total = np.zeros(COUNT)
    for each, mean in pairs(model, number):
        if np.count_nonzero(each != np.median(each)) < RARE:
            # Too rare for a normal law of the mean; it must be rare by the exact engine as well.
            assert abs(each.mean() - mean) < HORIZON * RARE / COUNT
        else:
            total += signs.choice((-1.0, 1.0)) * (each - mean) / each.std(ddof=1)
    return total


@pytest.mark.parametrize("number", range(NUMBERS))
def test_exact_means_are_simulated_means(number: int) -> None:
    """All figures of a model at once, by random signs, are one comparison."""
    judge(projected(number), 0.0)


@pytest.mark.parametrize("number", range(2))
def test_a_difference_of_a_twentieth_would_be_seen(number: int) -> None:
    right, wrong = Draw(number).model(), Draw(number, slower=1.05).model()
    place = layout(right).first[[o.name for o in right.observations].index("entered")]
    mean = float(solve(wrong, horizon=HORIZON).mission["entered"][0])
    with pytest.raises(AssertionError, match="standard errors"):
        judge(values(number)[:, place], mean)


def no_row(_: Any) -> None:
    """Stand for the test of a row; random models are the test here."""


FAULTS = [
    Fault(
        "chance of an effect ignored",
        Instants,
        "_effects",
        "1.0 if hit == way else effect.p",
        "1.0",
        no_row,
    ),
    Fault(
        "speeds ignored",
        explore,
        "_firings",
        "t.speed.table[0 if t.speed.level == NONE else levels[t.speed.level]]",
        "1.0",
        no_row,
    ),
    Fault(
        "a delay read again whenever it is asked for",
        explore,
        "_firings",
        "memory = state.memo[place]",
        "memory = clock.drawn(instants.entry(t, state.states))[0][1]",
        no_row,
    ),
    Fault("guards ignored", Instants, "enabled", "t.guard == NONE or", "True or", no_row),
    Fault(
        "directed edges walked both ways",
        Instants,
        "_connected",
        "if directed else",
        "if False else",
        no_row,
    ),
    Fault(
        "waiting in order of index",
        Instants,
        "following",
        "spot.ranks[self.fifo.index(t.element)] if t.fifo else 0",
        "0",
        no_row,
    ),
    Fault(
        "the memory of a clock left is kept",
        Instants,
        "tangible",
        'if i in spot.dropped or (i in spot.left and t.memory != "keep"):',
        "if i in spot.dropped:",
        no_row,
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_planted_in_the_exact_engine_is_seen(
    fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault.plant(monkeypatch)
    seen = 0
    # More models than are judged: how far a fault shows in one is a matter of luck.
    for number in range(2 * NUMBERS):
        try:
            judge(projected(number), 0.0)
        except AssertionError:
            seen += 1
            break
    assert seen


def units(m: ModelBuilder, count: int, life: float, repair: float) -> list[Any]:
    made = [m.element(f"unit-{k}", "up down", fault="down") for k in range(count)]
    for unit in made:
        unit.after("up -> down", Exponential(life), "fail", cls="fault")
        unit.after("down -> up", Exponential(repair), "repair", cls="repair", renew=True)
    return made


def at_least(k: int, n: int, p: float) -> float:
    return sum(comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(k, n + 1))


def test_sixteen_thousand_states_are_solved() -> None:
    """Fourteen independent units, unlumped, against the binomial closed form at T and over [0, T]."""
    life, repair, n, horizon = 100.0, 24.0, 14, 50.0
    m = ModelBuilder()
    down = [unit == "down" for unit in units(m, n, life, repair)]
    for k in (1, 4, 9):
        m.gate_time(f"{k} down", m.at_least(k, down))
    found = solve(m.build(), horizon=horizon)
    assert found.states == 2**n
    rate = 1 / life + 1 / repair
    nodes, weights = np.polynomial.legendre.leggauss(60)
    times = horizon * (nodes + 1) / 2
    for k in (1, 4, 9):
        at = [at_least(k, n, (1 - exp(-rate * t)) / life / rate) for t in times]
        assert found.mission[f"{k} down"][0] == close(float(weights @ at) * horizon / 2, 1e-9)


def test_two_thousand_states_in_the_long_run() -> None:
    m = ModelBuilder()
    down = [unit == "down" for unit in units(m, 11, 1000.0, 24.0)]
    for k in (1, 3, 8, 11):
        m.gate_time(f"{k} down", m.at_least(k, down))
    found = solve(m.build(), steady=True)
    assert found.states == 2**11
    for k in (1, 3, 8, 11):
        assert found.steady[f"{k} down"][0] == close(at_least(k, 11, 24 / 1024), 1e-9)


def test_tiny_probabilities_keep_their_digits() -> None:
    """Two parts each down 1e-9, three each down 1e-9: products, to twelve digits."""
    for count in (2, 3):
        m = ModelBuilder()
        m.gate_time("down", m.all(u == "down" for u in units(m, count, 1e9 - 1.0, 1.0)))
        assert solve(m.build(), steady=True).steady["down"][0] == close(10.0 ** (-9 * count), 1e-12)


def test_a_refusal_names_each_part_and_nothing_else() -> None:
    m = ModelBuilder()
    desk = Calendar.weekly_hours("office", "mon-fri 08:00-17:00")
    m.quantity("battery", low=0.0, high=1.0, start=1.0)
    disk, person, clean = (m.element(name, "up down") for name in ("disk", "person", "clean"))
    disk.after("up -> down", Weibull(100.0, 1.5), "wear", cls="fault")
    person.after("up -> down", next_open(desk), "come")
    clean.after("up -> down", Exponential(5.0), "fine")
    with pytest.raises(UnsupportedError) as error:
        solve(m.build(), horizon=1.0)
    text = str(error.value)
    for part in ("quantity battery", "disk.wear: Weibull", "person.come: calendar 'office'"):
        assert part in text
    assert "clean" not in text
