"""Fewer gates, the same truths: small formulas in every state, against the formulas as written."""

from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pacsim.core import Model, ModelBuilder, every, outcome
from pacsim.core import model as watch
from pacsim.core.model import (
    NONE,
    AtLeast,
    Compare,
    Connected,
    Forward,
    GateExpr,
    In,
    LevelExpr,
    Not,
)
from pacsim.design import load
from pacsim.design.build import build
from pacsim.engines import kernel, reference
from pacsim.engines.kernel.simplify import Sum, Threshold, both, either, merged, simplified
from pacsim.engines.kernel.users import users_of
from tests.agreement.generator import generated
from tests.agreement.test_twins import assert_twins

HOUR = 3600.0
DESIGNS = Path(__file__).resolve().parents[3] / "models" / "designs"


# ---- two independent readings: what an author wrote, and what the kernel is given


class Author:
    """Reads expressions as they were written, in one state of the elements."""

    def __init__(self, model: Model, states: tuple[int, ...]) -> None:
        self.model = model
        self.states = states
        # Designs share most of their expressions: each is read once, by its place in memory.
        self.known: dict[int, bool] = {}

    def holds(self, expr: GateExpr) -> bool:
        """Return whether an expression is true."""
        if id(expr) not in self.known:
            self.known[id(expr)] = self.read(expr)
        return self.known[id(expr)]

    def read(self, expr: GateExpr) -> bool:
        match expr:
            case In(element, wanted):
                return self.states[element] in wanted
            case Not(of):
                return not self.holds(of)
            case AtLeast(k, of):
                return sum(map(self.holds, of)) >= k
            case Compare(level, k):
                return self.value(level) >= k
            case Forward(name):
                return self.holds(self.model.definitions[name])
            case Connected(vertices, edges, sources, targets):
                alive = [v is None or self.holds(v) for v in vertices]
                lines = [e[:3] for e in edges if e[3] is None or self.holds(e[3])]
                return joined(alive, lines, sources, targets)

    def value(self, level: LevelExpr) -> int:
        """Return the value of a level."""
        own = sum(part.weights[self.states[part.element]] for part in level.elements)
        gates = sum(weight for gate, weight in level.gates if self.holds(gate))
        return level.constant + own + gates


def joined(
    alive: list[bool],
    edges: Iterable[tuple[int, int, bool]],
    sources: Iterable[int],
    targets: Iterable[int],
) -> bool:
    """Return whether some path of what is alive leads from a source to a target."""
    reached = {v for v in sources if alive[v]}
    both_ways = [p for a, b, d in edges for p in ([(a, b)] if d else [(a, b), (b, a)])]
    for _ in alive:
        reached |= {b for a, b in both_ways if a in reached and alive[b]}
    return bool(reached & set(targets))


def packed_values(model: Model, states: tuple[int, ...]) -> tuple[dict[int, bool], dict[int, int]]:
    """Return all gates and levels of a model by its folded sums, in its order."""
    gates: dict[int, bool] = {NONE: True}
    levels: dict[int, int] = {}
    for kind, i in model.order:
        if kind == "L":
            level = model.levels[i]
            levels[i] = (
                level.constant
                + sum(row[states[e]] for e, row in level.elements)
                + sum(w for g, w in level.gates if gates[g])
            )
            assert level.low <= levels[i] <= level.high
        else:
            gate = model.gates[i]
            if gate.connection is None:
                gates[i] = levels[gate.level] >= gate.k
            else:
                graph = gate.connection
                lines = [(a, b, d) for a, b, d, g in graph.edges if gates[g]]
                alive = [gates[v] for v in graph.vertices]
                gates[i] = joined(alive, lines, graph.sources, graph.targets)
    return gates, levels


def readings(model: Model) -> Iterator[tuple[Any, ...]]:
    """Yield what transitions, quantities and observations read of gates and levels, in order."""
    for t in model.transitions:
        yield "gate", t.guard
        yield from (("level", k) for k in (t.speed.level, t.outcomes.level))
        yield "level", NONE if t.delay is None else t.delay.level
    for q in model.quantities:
        yield "level", q.rate.level
    for o in model.observations:
        match o:
            case watch.GateTime() | watch.FirstPassage():
                yield "gate", o.gate
            case watch.LevelTime() | watch.LevelIntegral():
                yield "level", o.level
            case watch.FiringCount() | watch.Sample():
                yield "gate", o.when
            case watch.Episodes():
                yield "gate", o.gate
                yield from (("level", k) for k in (o.at_start, o.at_end, o.phase))
            case _:
                pass


def all_states(model: Model, most: int = 400) -> list[tuple[int, ...]]:
    """Return every state of the elements; an even choice of them if there are very many."""
    sizes = [len(e.states) for e in model.elements]
    total = int(np.prod(sizes, dtype=np.float64))
    if total <= most:
        return list(product(*map(range, sizes)))
    rng = np.random.default_rng(total % 2**32)
    return [tuple(int(rng.integers(s)) for s in sizes) for _ in range(most)]


def check(model: Model) -> Model:
    """Return the simplified model; all that is read of it is held against what was written."""
    small = simplified(model)
    reads = list(zip(readings(model), readings(small), strict=True))
    for states in all_states(model):
        gates, levels = packed_values(small, states)
        author = Author(model, states)
        for (kind, old), (new_kind, new) in reads:
            assert kind == new_kind
            assert (old == NONE) == (new == NONE)
            if old == NONE:
                continue
            if kind == "gate":
                assert gates[new] == author.holds(model.gates[old].expr), states
            else:
                assert levels[new] == author.value(model.levels[old].expr), states
    assert len(small.gates) <= len(model.gates)
    return small


# ---- every small formula


def elements(m: ModelBuilder) -> tuple[Any, Any, Any]:
    return m.element("a", "x y"), m.element("b", "x y z"), m.element("c", "x y")


def watched(top: Any) -> Model:
    """Return the model that watches the formula which ``top`` makes of three elements."""
    m = ModelBuilder()
    parts = elements(m)
    parts[0].after("x -> y", every(HOUR), "move")
    m.gate_time("top", top(m, *parts))
    return m.build()


def leaves(a: Any, b: Any, c: Any) -> list[Any]:
    return [a == "x", b == "y", (b == "x") | (b == "z"), ~(c == "y")]


JOINS = ("all", "any", "none", "lacks", "two", "weighs")


def join(m: ModelBuilder, how: str, one: Any, other: Any, third: Any) -> Any:
    match how:
        case "all":
            return m.all([one, other])
        case "any":
            return m.any([one, other])
        case "none":
            return ~m.any([one, other])
        case "lacks":
            return ~m.all([one, other])
        case "two":
            return m.count([one, other, third]) >= 2
        case _:
            return 2 * m.count([one]) - m.count([other]) + m.count([third]) >= 2


@pytest.mark.parametrize("outer", JOINS)
@pytest.mark.parametrize("middle", JOINS)
@pytest.mark.parametrize("inner", JOINS)
def test_chains_of_three(outer: str, middle: str, inner: str) -> None:
    for w, x, y in product(range(4), range(4), (1, 2)):

        def top(m: ModelBuilder, *parts: Any, w: int = w, x: int = x, y: int = y) -> Any:
            leaf = leaves(*parts)
            low = join(m, inner, leaf[x], leaf[y], leaf[w])
            return join(m, outer, leaf[w], join(m, middle, low, leaf[x], leaf[y]), leaf[y])

        check(watched(top))


@pytest.mark.parametrize("outer", JOINS)
def test_pairs_of_formulas(outer: str) -> None:
    for left, right in product(JOINS, repeat=2):
        for x, y in product(range(4), repeat=2):

            def top(
                m: ModelBuilder,
                *p: Any,
                left: str = left,
                right: str = right,
                x: int = x,
                y: int = y,
            ) -> Any:
                leaf = leaves(*p)
                one = join(m, left, leaf[x], leaf[1], leaf[3])
                return join(m, outer, one, join(m, right, leaf[y], leaf[2], leaf[0]), one)

            check(watched(top))


@pytest.mark.parametrize("weight", [-3, -2, -1, 1, 2, 3])
@pytest.mark.parametrize("constant", [-1, 0, 2])
def test_weighted_sums_of_gates(weight: int, constant: int) -> None:
    for k, how, x in product(range(-4, 6), JOINS, range(4)):

        def top(m: ModelBuilder, *p: Any, k: int = k, how: str = how, x: int = x) -> Any:
            leaf = leaves(*p)
            inner = join(m, how, leaf[x], leaf[1], leaf[3])
            value = p[1].value({"x": 0, "y": 2, "z": -1})
            return m.count([inner]) * weight + value + constant >= k

        check(watched(top))


def test_what_is_shared_copied_and_read_by_value() -> None:
    for how, x, k in product(JOINS, range(4), range(3)):
        m = ModelBuilder()
        a, b, c = elements(m)
        leaf = leaves(a, b, c)
        inner = join(m, how, leaf[x], leaf[1], leaf[3])
        named = m.gate("named", inner)
        again = m.gate("again", ~named)
        later = m.forward("later")
        level = m.count([inner, again, leaf[x]]) * 2 - b.value({"x": 1, "y": 0, "z": 3})
        graph = m.connected(
            {"s": named, "m": leaf[2], "t": None},
            [("s", "m", again), ("m", "t", None), ("s", "t", later)],
            ["s"],
            ["t"],
        )
        m.gate("later", (level >= k) & ~again)
        a.after("x -> y", every(HOUR), "move", when=graph | again)
        b.now("x -> y", 10, "at once", when=~later)
        ways = {later: [outcome(1.0, "y")], True: [outcome(1.0, "x")]}
        asked = c.after("x", every(HOUR), "ask", when=named, outcomes=ways)
        m.level_integral("value", level)
        m.first_passage("first", ~(level >= k))
        m.firings("fired", asked, when=again)
        m.role("role", ~graph & later)
        check(m.build())


# ---- planned and unplanned: the same formulas read without planned work, without faults (R28)


def walking(join_outer: str, join_inner: str, x: int) -> Model:
    """Return a role over elements that walk through all states, with faults and planned work."""
    m = ModelBuilder()
    a = m.element("a", "x y", fault="y")
    b = m.element("b", "x y z", planned="y", fault="z")
    c = m.element("c", "x y")
    walks: Any = ((a, 1.0, "fault"), (b, 2.0, "planned"), (c, 6.0, "planned"))
    for element, period, cls in walks:
        states = element.states
        for k, state in enumerate(states):
            move = f"{state} -> {states[(k + 1) % len(states)]}"
            element.after(move, every(period * HOUR), f"move{k}", cls=cls)
    leaf = leaves(a, b, c)
    inner = join(m, join_inner, leaf[x], leaf[1], leaf[3])
    m.role("service", join(m, join_outer, inner, leaf[(x + 1) % 4], leaf[2]))
    return m.build()


def test_kinds_of_down_time() -> None:
    kinds = np.zeros(3)
    for outer, inner, x in product(JOINS, JOINS, range(4)):
        model = walking(outer, inner, x)
        found = kernel.simulate(model, horizon=24 * HOUR)
        assert_twins(found, reference.simulate(model, horizon=24 * HOUR))
        kinds += found.values[0][2:5]
    assert (kinds > 0.0).all()


# ---- larger models


@pytest.mark.parametrize("number", range(0, 300, 3))
def test_random_models(number: int) -> None:
    check(generated(number))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["single-server", "active-passive"])
def test_shipped_designs(name: str) -> None:
    model = build(load(DESIGNS / f"{name}.yaml").resolved).model
    small = check(model)
    # Every gate that is left is read, and less than six in ten are.
    assert len(small.gates) < 0.6 * len(model.gates)
    users = users_of(small)
    whens = {getattr(o, "when", NONE) for o in small.observations}
    whens |= {declared.gate for declared in small.dormant}
    # What a guard or an observer watches by what it denies.
    whens |= {t.guard for t in small.transitions}
    for what in ("gate", "split_by"):
        whens |= {getattr(o, what, NONE) for o in small.observations}
    for i in range(len(small.gates)):
        lists = (users.terms, users.graphs, users.guards, users.gate_watches)
        assert any(found[i] for found in lists) or i in whens


# ---- what is left, counted by hand


def left(*tops: Any) -> tuple[int, int]:
    """Return how many levels and gates are left of formulas that are watched."""
    m = ModelBuilder()
    parts = elements(m)
    parts[0].after("x -> y", every(HOUR), "move")
    for k, top in enumerate(tops):
        m.gate_time(f"top {k}", top(m, *parts))
    small = check(m.build())
    return len(small.levels), len(small.gates)


def test_copies_and_denials_are_left_out() -> None:
    def deep(m: ModelBuilder, a: Any, b: Any, c: Any) -> Any:
        pair = m.gate("pair", (a == "x") & (b == "x"))
        return m.gate("same", m.gate("not", ~pair)) | (c == "y")

    # not (a and b) or c is one sum.
    assert left(deep) == (1, 1)


def test_all_within_all_and_any_within_any_are_one() -> None:
    def every_one(m: ModelBuilder, a: Any, b: Any, c: Any) -> Any:
        return m.all([m.gate("pair", m.all([a == "x", b == "x"])), c == "x"])

    def one_of(m: ModelBuilder, a: Any, b: Any, c: Any) -> Any:
        return m.any([m.gate("either", m.any([a == "y", b == "y"])), c == "y"])

    assert left(every_one) == (1, 1)
    assert left(one_of) == (1, 1)
    # One is the opposite of the other, but both are watched.
    assert left(every_one, one_of)[1] == 2


def test_any_within_all_of_wide_sums_is_one_by_weights() -> None:
    def top(m: ModelBuilder, a: Any, b: Any, c: Any) -> Any:
        return m.all([m.gate("either", m.any([a == "y", b == "y"])), c == "y"])

    # [c] counts twice: 2 c + (a + b) >= 3.
    assert left(top) == (1, 1)


def test_two_readers_keep_a_gate() -> None:
    def pair(m: ModelBuilder, a: Any, b: Any) -> Any:
        return m.all([a == "x", b == "x"])

    # Two sums read it, each with a third element; it stays, and is evaluated once.
    tops = (
        lambda m, a, b, c: m.all([pair(m, a, b), c == "x"]),
        lambda m, a, b, c: m.any([pair(m, a, b), c == "y"]),
    )
    assert left(*tops) == (3, 3)


def test_a_sum_that_is_kept_up_anyway_is_not_doubled() -> None:
    m = ModelBuilder()
    a, b, c = elements(m)
    a.after("x -> y", every(HOUR), "move")
    number = m.count([a == "x", b == "x"])
    m.level_time("number", number)
    m.gate_time("top", m.all([m.gate("pair", number >= 2), c == "x"]))
    small = check(m.build())
    # The sum that is read by value and the one of "top"; "pair" stands on the first.
    assert (len(small.levels), len(small.gates)) == (2, 2)


def test_thresholds_that_are_joined() -> None:
    a, b = Sum(0, {0: (0, 1)}, {7: 1}), Sum(0, {1: (0, 1, 2)}, {})
    # Neither is tight: 1 of 2, and 1 of 0..2.
    assert both(Threshold(a, 1), Threshold(b, 1)) is None
    outer = Threshold(Sum(0, {0: (0, 1)}, {7: 1, 8: 1}), 2)
    # Two of three is neither "all" nor "any".
    assert merged(outer, 8, Threshold(b, 1)) is None
    # Numbers that do not fit into 32 bits are left as they are.
    wide = Threshold(Sum(0, {1: (0, 2**30)}, {}), 1)
    assert merged(Threshold(Sum(0, {0: (0, 2**30)}, {8: 2**30}), 2**31), 8, wide) is None


def test_one_of_two_is_the_opposite_of_both_opposites() -> None:
    a, b = Sum(3, {0: (0, 1), 2: (-1, 0)}, {7: 1}), Sum(0, {1: (0, 2, 3)}, {8: -2})
    tight = 0
    for k, j in product(range(a.low, a.high + 2), range(b.low, b.high + 2)):
        one, other = Threshold(a, k), Threshold(b, j)
        opposite = both(one.denied(), other.denied())
        assert either(one, other) == (None if opposite is None else opposite.denied())
        tight += opposite is not None
    assert tight > 3
