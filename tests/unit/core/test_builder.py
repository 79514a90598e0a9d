"""The builder: what it makes, and every mistake at once by name."""

import re
from typing import Any

import pytest

from pacsim.core import ModelBuilder, every, next_business_day, next_open, next_opening, outcome
from pacsim.core.model import NONE, Numbering
from pacsim.delays import Calendar, Deterministic, Exponential
from pacsim.engines.reference.gate_reader import GateReader
from pacsim.errors import ModelError

DESK = Calendar.weekly_hours("desk", "mon-fri 08:00-17:00")


def problems(m: ModelBuilder) -> tuple[str, ...]:
    with pytest.raises(ModelError) as error:
        m.build()
    assert all(problem in str(error.value) for problem in error.value.problems)
    return error.value.problems


def two() -> tuple[ModelBuilder, Any, Any]:
    m = ModelBuilder()
    return m, m.element("a", "up down", fault="down"), m.element("b", "up down")


def test_order_is_rank_then_name() -> None:
    m, a, b = two()
    b.after("up -> down", Exponential(1), "z")
    a.after("up -> down", Exponential(1), "y", rank=1)
    a.after("up -> down", Exponential(1), "x")
    assert [t.name for t in m.build().transitions] == ["a.x", "b.z", "a.y"]


def test_all_mistakes_at_once() -> None:
    m, a, b = two()
    a.after("up -> dwon", Exponential(1), "fail")
    a.after("up down", Exponential(1), "none")
    b.after("up", Exponential(1), "odds", outcomes=[outcome(0.5, "up"), outcome(0.4, "down")])
    b.now("up -> down", 5, "now", fifo=True)
    b.now("down -> up", 5, "back")
    b.after("up -> down", Exponential(1), "slow", speed=-1.0)
    b.after("up -> down", next_open(DESK, 36000.0), "long")
    b.after("up -> down", every(60.0), "tick", memory="keep")
    found = problems(m)
    for text in (
        "a.fail: no state 'dwon' in element a; it has up, down",
        "a.none: arrow 'up down' needs exactly one target after '->'",
        "b.odds: outcome probabilities sum to 0.9, not to 1",
        "priority 5 is fifo for some and by index for others of b.back, b.now",
        "b.slow: speed -1.0 must be a finite number >= 0",
        "b.long: calendar desk: 36000 s never fit",
        "b.tick: a calendar delay allows only memory 'restart'",
    ):
        assert any(text in line for line in found), text
    assert len(found) == 7


@pytest.mark.parametrize(
    ("text", "write"),
    [
        ("element 'a' is defined twice", lambda m, a, b: m.element("a", "x")),
        ("states must be there and differ", lambda m, a, b: m.element("c", "x x")),
        ("no state 'q'", lambda m, a, b: a == "q"),
        (
            "transition 'a.f' is defined twice",
            lambda m, a, b: [a.after("up -> down", Exponential(1), "f") for _ in "12"],
        ),
        ("is no delay", lambda m, a, b: a.after("up -> down", 5.0, "f")),
        (
            "class 'failure' is none of fault",
            lambda m, a, b: a.after("up -> down", Exponential(1), "f", cls="failure"),
        ),
        (
            "memory 'hold'",
            lambda m, a, b: a.after("up -> down", Exponential(1), "f", memory="hold"),
        ),
        (
            "an effect on its own element a",
            lambda m, a, b: a.after("up -> down", Exponential(1), "f", effects=[a.renew()]),
        ),
        (
            "an element occurs in two effects",
            lambda m, a, b: a.after(
                "up -> down", Exponential(1), "f", effects=[b.renew(), b.move({"up": "down"})]
            ),
        ),
        (
            "effect probability 1.5",
            lambda m, a, b: a.after("up -> down", Exponential(1), "f", effects=[b.renew(p=1.5)]),
        ),
        (
            "effect probability -0.1 is outside [0, 1]",
            lambda m, a, b: a.after("up -> down", Exponential(1), "f", effects=[b.renew(p=-0.1)]),
        ),
        (
            "cases need conditions as keys and a default",
            lambda m, a, b: a.after("up -> down", Exponential(1), "f", speed={b == "up": 1.0}),
        ),
        (
            "the default True must be the last case",
            lambda m, a, b: a.after(
                "up -> down", Exponential(1), "f", speed={True: 1.0, b == "up": 0.0}
            ),
        ),
        (
            "the level ranges over 0..2 but its table has entries 0..1",
            lambda m, a, b: a.after(
                "up -> down",
                Exponential(1),
                "f",
                speed=(m.count([a == "up", b == "up"]), (1.0, 2.0)),
            ),
        ),
        (
            "at_least(2, ...) has the same condition twice",
            lambda m, a, b: m.gate("g", m.at_least(2, [a == "up", a == "up"])),
        ),
        ("gate 'g' is used but never defined", lambda m, a, b: m.gate_time("x", m.forward("g"))),
        (
            "gates depend on one another in a circle: p -> q -> p",
            lambda m, a, b: [m.gate("p", m.forward("q")), m.gate("q", ~m.forward("p"))],
        ),
        ("gate 'g' is defined twice", lambda m, a, b: [m.gate("g", a == "up") for _ in "12"]),
        (
            "connected: no vertex 'z'",
            lambda m, a, b: m.connected({"x": None}, [("x", "z")], ["x"], ["x"]),
        ),
        ("need low < high", lambda m, a, b: m.quantity("q", low=1, high=1, start=1)),
        ("start 9 lies outside [0, 1]", lambda m, a, b: m.quantity("q", low=0, high=1, start=9)),
        (
            "waits for q at 7, outside [0, 1]",
            lambda m, a, b: a.after(
                "up -> down", m.quantity("q", low=0, high=1, start=0).rises_to(7), "f"
            ),
        ),
        (
            "run at speed 1 without a profile",
            lambda m, a, b: a.after("up -> down", next_opening(DESK), "f", speed=2.0),
        ),
        (
            "initial_age needs a law",
            lambda m, a, b: a.after("up -> down", next_business_day(DESK), "f", initial_age=2.0),
        ),
        (
            "observation 'x' is defined twice",
            lambda m, a, b: [m.gate_time("x", a == "up") for _ in "12"],
        ),
        ("its level ranges over -1..0", lambda m, a, b: m.level_time("x", -m.count([a == "up"]))),
        (
            "must stay within 0..7",
            lambda m, a, b: m.episodes("x", a == "up", phase=9 * m.count([a == "up"])),
        ),
        (
            "give effects and renew to each outcome",
            lambda m, a, b: a.after(
                "up", Exponential(1), "f", renew=True, outcomes=[outcome(1, "up")]
            ),
        ),
        (
            "leave the target out",
            lambda m, a, b: a.after("up -> up", Exponential(1), "f", outcomes=[outcome(1, "up")]),
        ),
        (
            "every(0, 0.0) needs a period > 0",
            lambda m, a, b: a.after("up -> down", every(0), "f"),
        ),
    ],
)
def test_each_mistake_is_named(text: str, write: Any) -> None:
    m, a, b = two()
    write(m, a, b)
    assert any(text in line for line in problems(m)), problems(m)


def test_a_condition_has_no_truth_value() -> None:
    _, a, b = two()
    with pytest.raises(TypeError, match="instead of and, or, not"):
        bool((a == "up") and (b == "up"))


def test_the_model_is_frozen() -> None:
    model = two()[0].build()
    with pytest.raises(AttributeError):
        model.elements = ()  # type: ignore[misc]
    with pytest.raises(KeyError, match=re.escape("no element 'z'")):
        model.element("z")


def folded(model: Any, states: list[int]) -> list[bool]:
    """Evaluate folded levels and gates in order: the twin of the unfolded reading."""
    levels: dict[int, int] = {}
    gates: dict[int, bool] = {}
    for kind, i in model.order:
        if kind == "L":
            level = model.levels[i]
            levels[i] = level.constant + sum(w[states[e]] for e, w in level.elements)
            levels[i] += sum(w * gates[g] for g, w in level.gates)
            assert level.low <= levels[i] <= level.high
        elif model.gates[i].level != NONE:
            gates[i] = levels[model.gates[i].level] >= model.gates[i].k
    return [gates[i] for i in range(len(model.gates))]


def test_folded_and_written_gates_agree_in_every_state() -> None:
    m = ModelBuilder()
    a, b, c = (m.element(name, "x y z") for name in "abc")
    late = m.forward("late")
    n = m.count([a == "x", b != "y", ~(c == "z"), late])
    m.gate("g1", (n >= 2) & ~(a.among("x", "y")))
    m.gate("g2", m.at_least(2, [a == "x", b == "x", ~(c != "x")]))
    m.gate("g3", (2 * n - c.number() <= 1) | (3 - n > 2))
    m.gate("g4", (n < 2) & m.any([]) | m.all([]))
    m.gate("g5", m.first_of([a == "x", b == "y", late]) >= 2)
    m.gate("late", m.any([a == "z", ~m.forward("base")]))
    m.gate("base", b == "x")
    model = m.build()
    for number in range(27):
        states = [number % 3, number // 3 % 3, number // 9]
        reader = GateReader(model, states)
        assert folded(model, states) == [reader.gate(i) for i in range(len(model.gates))]


def test_equal_conditions_share_one_gate() -> None:
    m, a, b = two()
    for name in "pqr":
        a.after("up -> down", Exponential(1), name, when=(a == "up") & (b == "up"))
    assert len(m.build().gates) == 1


def test_counters_and_values() -> None:
    m = ModelBuilder()
    stock = m.counter("stock", 3, initial=2)
    take = m.element("take", "idle")
    take.after("idle -> idle", Deterministic(1), "one", effects=[stock.step(-1)])
    model = m.build()
    effect = model.transitions[0].outcomes.table[0][0].effects[0]
    assert (effect.moves, effect.counter) == ((NONE, 0, 1, 2), True)
    assert model.elements[0].initial == 2


@pytest.mark.parametrize("every_one", [True, False])
@pytest.mark.parametrize("leftwards", [True, False])
def test_long_chains_are_one_gate(*, every_one: bool, leftwards: bool) -> None:
    m = ModelBuilder()
    units = [m.element(f"u{i}", "up down") for i in range(2000)]
    chain = units[0] == "up"
    for unit in units[1:]:
        left, right = (unit == "up", chain) if leftwards else (chain, unit == "up")
        chain = left & right if every_one else left | right
    m.gate("g", chain)
    model = m.build()
    assert [gate.name for gate in model.gates] == ["g"]
    some = [0, *[1] * 1999]
    for states, expected in (([0] * 2000, True), (some, not every_one), ([1] * 2000, False)):
        assert GateReader(model, states).gate(0) is expected
        assert folded(model, states) == [expected]


def test_deep_chains_of_other_kinds_build() -> None:
    m, a, b = two()
    for k in range(2000):
        m.gate(f"g{k}", (m.forward(f"g{k + 1}") if k < 1999 else a == "up") & (b == "up"))
    negated = any_of = a == "up"
    for _ in range(2001):
        negated, any_of = ~negated, m.any([any_of, b == "up"])
    m.gate("not", negated)
    m.gate("nested", any_of)
    model = m.build()
    for states in ([0, 0], [0, 1], [1, 0], [1, 1]):
        found = dict(zip([g.name for g in model.gates], folded(model, states), strict=True))
        assert found["g0"] is (states == [0, 0])
        assert found["not"] is (states[0] == 1)
        assert found["nested"] is (0 in states)


def test_shared_conditions_are_looked_at_once() -> None:
    """Work that doubles with each level of sharing would never end here."""
    m, a, b = two()
    x = once = a == "up"
    for _ in range(200):
        x = (x & (b == "up")) | (x & (a == "up"))
        once = (once | (a == "up")) & (once | (b == "up"))
        once = once & once
    m.gate("g", x)
    m.gate("h", m.at_least(1, [once, x]))
    model = m.build()
    for states in ([0, 0], [0, 1], [1, 0], [1, 1]):
        found = dict(zip([g.name for g in model.gates], folded(model, states), strict=True))
        assert found["g"] is (states[0] == 0)


def test_expressions_that_are_equal_have_one_number() -> None:
    """Each kind of expression, written twice, and once with every part changed."""
    m, a, b = two()

    def written(up: str, k: int, *, directed: bool) -> list[Any]:
        n = m.count([a == up, b == "up"]) + k
        return [
            a == up,
            ~(a == up),
            m.at_least(k, [a == up, b == "up"]),
            n >= 1,
            m.forward(up),
            m.connected({"s": None, "t": a == up}, [("s", "t")], "s", "t", directed=directed),
            m.connected({"s": a == up, "t": None}, [("s", "t")], "s", "t", directed=directed),
            m.connected({"s": None, "t": None}, [("s", "t", a == up)], "s", "t", directed=directed),
        ]

    numbers = Numbering()
    first, again, others, third = (
        [numbers.of(condition.expr) for condition in written(up, k, directed=directed)]
        for up, k, directed in (
            ("up", 1, False), ("up", 1, False), ("down", 2, True), ("up", 2, True)
        )
    )  # fmt: skip
    assert first == again
    assert len({*first, *others}) == 2 * len(first)
    # The third differs from the first in a threshold, a constant and a direction alone.
    changed = [one != three for one, three in zip(first, third, strict=True)]
    assert changed == [False, False, True, True, False, True, True, True]
