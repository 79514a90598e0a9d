"""Misuse of the builder: named at build, never a traceback nor a model that does nothing."""

import math
from typing import Any

import numpy as np
import pytest

from pacsim.core import ModelBuilder, every, next_business_day, next_open, next_opening, outcome
from pacsim.core.building.assemble import Assembler
from pacsim.core.model import Numbering
from pacsim.delays import Calendar, Exponential
from pacsim.engines.reference.gate_reader import GateReader
from pacsim.errors import ModelError

NAN = math.nan
NO: Any = None
HUGE = 10**400

DESK = Calendar.weekly_hours("desk", "mon-fri 08:00-17:00")


def problems(m: ModelBuilder) -> tuple[str, ...]:
    with pytest.raises(ModelError) as error:
        m.build()
    return error.value.problems


def two() -> tuple[ModelBuilder, Any, Any]:
    m = ModelBuilder()
    return m, m.element("a", "up down", fault="down"), m.element("b", "up down")


def test_a_graph_takes_generators() -> None:
    """Edges, sources and targets are gone through twice; a generator must not be spent by that."""
    m, a, b = two()
    lists = m.connected({"s": None, "t": a == "up"}, [("s", "t", b == "up")], ["s"], ["t"])
    edges = [("s", "t", b == "up")]
    drawn = m.connected({"s": None, "t": a == "up"}, (e for e in edges), iter("s"), iter("t"))
    numbers = Numbering()
    assert numbers.of(lists.expr) == numbers.of(drawn.expr)
    m.gate("g", drawn)
    model = m.build()
    assert [GateReader(model, s).gate(model.gate("g")) for s in ([0, 0], [1, 0], [0, 1])] == [
        1,
        0,
        0,
    ]


def test_all_unknown_vertices_are_named_in_order() -> None:
    m, *_ = two()
    m.connected({"x": None}, [("x", "z"), ("y", "x")], ["w"], ["x", "v"])
    assert problems(m) == tuple(f"connected: no vertex {n!r} among x" for n in "wvzy")


def foreign() -> tuple[ModelBuilder, Any, Any, Any]:
    """Another builder with an element, a quantity and a transition, in places that exist here."""
    m = ModelBuilder()
    z = m.element("z", "up down")
    q = m.quantity("zq", low=0, high=9, start=0)
    return m, z, q, z.after("up -> down", Exponential(1), "f")


@pytest.mark.parametrize(
    ("owner", "name", "write"),
    [
        ("a.f: when", "z", lambda m, a, z, q, f: tied(a, when=z == "up")),
        ("a.f", "z", lambda m, a, z, q, f: tied(a, speed={z == "up": 1.0, True: 0.0})),
        ("a.f", "z", lambda m, a, z, q, f: tied(a, speed=(z.number(), (1.0, 2.0)))),
        ("a.f", "z", lambda m, a, z, q, f: tied(a, effects=[z.renew()])),
        ("a.f", "zq", lambda m, a, z, q, f: tied(a, effects=[q.add(1)])),
        ("a.f", "zq", lambda m, a, z, q, f: tied(a, effects=[own(m).copy(q)])),
        ("a.f", "zq", lambda m, a, z, q, f: a.after("up -> down", q.rises_to(1), "f")),
        ("all", "z", lambda m, a, z, q, f: m.all([a == "up", z == "up"])),
        ("any", "z", lambda m, a, z, q, f: m.any([~(z == "up")])),
        ("count", "z", lambda m, a, z, q, f: m.count([z.number() >= 1])),
        ("at_least(1, ...)", "z", lambda m, a, z, q, f: m.at_least(1, [z == "up"])),
        ("gate 'g'", "z", lambda m, a, z, q, f: m.gate("g", z == "up")),
        ("a condition beside &", "z", lambda m, a, z, q, f: (a == "up") & (z == "up")),
        ("a level and what is added", "z", lambda m, a, z, q, f: a.number() + z.number()),
        ("gate 'g'", "z", lambda m, a, z, q, f: m.gate("g", (z == "up") & (a == "up"))),
        (
            "connected: vertex 'x'",
            "z",
            lambda m, a, z, q, f: m.connected({"x": z == "up"}, [], "x", "x"),
        ),
        ("observation 'o'", "z", lambda m, a, z, q, f: m.gate_time("o", z == "up")),
        ("observation 'o'", "z", lambda m, a, z, q, f: m.level_integral("o", z.number())),
        ("observation 'o'", "z", lambda m, a, z, q, f: m.entries("o", z, "up")),
        ("observation 'o'", "z.f", lambda m, a, z, q, f: m.firings("o", f)),
        ("observation 'o'", "zq", lambda m, a, z, q, f: m.quantity_integral("o", q)),
        ("gate 'g'", "a condition", lambda m, a, z, q, f: m.gate("g", z.builder.forward("h"))),
    ],
)
def test_handles_of_another_builder_are_named(owner: str, name: str, write: Any) -> None:
    m, a, _ = two()
    _, z, q, f = foreign()
    write(m, a, z, q, f)
    assert problems(m) == (f"{owner}: {name} is of another builder",)


def tied(a: Any, **options: Any) -> None:
    a.after("up -> down", Exponential(1), "f", **options)


def f_of(a: Any) -> Any:
    return a.after("up -> down", Exponential(1), "f")


def word() -> Any:
    return "x"


def own(m: ModelBuilder) -> Any:
    return m.quantity("q", low=0, high=1, start=0)


@pytest.mark.parametrize(
    ("text", "write"),
    [
        ("element a: value in state 'up': 'x' is no finite", lambda m, a, b: a.value({"up": "x"})),
        ("at_least(1.5, ...): 1.5 is no integer", lambda m, a, b: m.at_least(1.5, [a == "up"])),
        (
            "threshold of a level of a, b: None is no finite number",
            lambda m, a, b: m.count([a == "up", b == "up"]) >= None,
        ),
        ("threshold of a level of a: nan is no finite", lambda m, a, b: a.number() < NAN),
        ("a level times a factor: inf is no finite", lambda m, a, b: a.number() * math.inf),
        ("what is added: 'x' is no finite number", lambda m, a, b: a.number() + "x"),
        ("what is added: a condition is no finite", lambda m, a, b: a.number() + (b == "up")),
        (
            "gate 'g': a level ranges over 0..3000000000",
            lambda m, a, b: m.gate("g", a.number() * 3_000_000_000 >= 1),
        ),
        (
            "observation 'o': a level ranges over -1..2147483647",
            lambda m, a, b: m.level_integral("o", a.value({"up": 2**31}) - 1),
        ),
        (
            "a.f: when: threshold 2147483648 is no 32-bit",
            lambda m, a, b: tied(a, when=b.number() >= 2**31),
        ),
        ("counter n: top: 1.5 is no integer", lambda m, a, b: m.counter("n", 1.5)),
        ("cases need conditions as keys", lambda m, a, b: tied(a, speed={})),
        ("cases need conditions as keys", lambda m, a, b: tied(a, memory="keep", outcomes={})),
        (
            "cases need conditions as keys",
            lambda m, a, b: a.after("up -> down", {}, "f"),
        ),
        ("(level, table) needs a tuple", lambda m, a, b: tied(a, speed=(b.number(), 1.0))),
        ("a.f: outcomes must be a list", lambda m, a, b: a.after("up", every(1), "f", outcomes=3)),
        ("a.f: when: True is no condition", lambda m, a, b: tied(a, when=True)),
        ("a is compared with 0", lambda m, a, b: m.all([a == 0])),
        ("beside &: True is no condition", lambda m, a, b: (a == "up") & True),
        ("b is compared with 0", lambda m, a, b: (b == 0) | (a == "up")),
        ("any: give a list of conditions", lambda m, a, b: m.any(a == "up")),
        ("gate 'g': a level is no condition", lambda m, a, b: m.gate("g", a.number())),
        ("a is compared with 0", lambda m, a, b: m.role("o", a == 0)),
        ("observation 'o.degraded': full: 3 is", lambda m, a, b: m.role("o", a == "up", 3)),
        ("observation 'o': None is no condition", lambda m, a, b: m.gate_time("o", None)),
        ("observation 'o': a condition is no level", lambda m, a, b: m.level_time("o", a == "up")),
        ("observation 'o': None is no level", lambda m, a, b: m.level_time("o", None)),
        ("observation 'o': 'a.f' is no transition", lambda m, a, b: m.firings("o", "a.f")),
        ("observation 'o': 'a' is no element", lambda m, a, b: m.entries("o", "a", "up")),
        ("a.f: effects must be a list", lambda m, a, b: tied(a, effects=b.renew())),
        ("a.f: rank: 'x' is no integer", lambda m, a, b: tied(a, rank="x")),
        ("a.f: initial_age 'x' must be", lambda m, a, b: tied(a, initial_age="x")),
        ("a.f: 'x' is no calendar", lambda m, a, b: tied(a, profile="x")),
        ("a.f: arrow 5 must be text", lambda m, a, b: a.after(5, Exponential(1), "f")),
        ("a.f: effect probability 'x'", lambda m, a, b: tied(a, effects=[b.renew(p="x")])),
        (
            "a.f: outcome probability 'x'",
            lambda m, a, b: a.after("up", every(1), "f", outcomes=[outcome(word(), "up")]),
        ),
        ("a.f: q jumps to 'x'", lambda m, a, b: tied(a, effects=[own(m).set("x")])),
        (
            "quantity q: low None, high 1 and start 0 must be numbers",
            lambda m, a, b: m.quantity("q", low=None, high=1, start=0),
        ),
        (
            "quantity q: low 0, high 1 and start 'x' must be numbers",
            lambda m, a, b: m.quantity("q", low=0, high=1, start="x"),
        ),
        (
            "a.f: <element b: up down> is no quantity",
            lambda m, a, b: tied(a, effects=[own(m).copy(b)]),
        ),
        ("element a: value(2.5) must map", lambda m, a, b: a.value(2.5)),
        ("a.f: None is no calendar", lambda m, a, b: a.after("up -> down", next_open(NO), "f")),
        ("a.f: fifo must be True or False", lambda m, a, b: a.now("up -> down", 1, "f", fifo=NO)),
        ("a.f: renew must be True or False", lambda m, a, b: tied(a, renew="yes")),
        (
            "by_window must be True or False",
            lambda m, a, b: m.gate_time("o", a == "up", by_window=5),
        ),
        ("causes must be True or", lambda m, a, b: m.episodes("o", a == "up", causes=2.5)),
        ("observation 'o': 'a.f' is no transition", lambda m, a, b: m.sample("o", "a.f")),
        ("'o': no transition is given", lambda m, a, b: m.sample("o", [])),
        ("'o': a transition is listed twice", lambda m, a, b: m.sample("o", [f_of(a)] * 2)),
        (
            "quantity q: rate 1000",
            lambda m, a, b: m.quantity("q", low=0, high=1, start=0, rate=HUGE),
        ),
        ("quantity q: low 1000", lambda m, a, b: m.quantity("q", low=HUGE, high=1, start=0)),
        ("a level by a divisor: 0 is nothing", lambda m, a, b: a.number() / 0),
        ("element 5: a name must be text", lambda m, a, b: m.element(5, "up")),
        ("element '': a name must be", lambda m, a, b: m.element("", "up")),
        ("element 'x\\ud800': a name must be", lambda m, a, b: m.element("x\ud800", "up")),
        ("transition of a 7: a name must be text", lambda m, a, b: a.now("up -> down", 1, 7)),
        ("quantity 7: a name must", lambda m, a, b: m.quantity(7, low=0, high=1, start=0)),
        ("gate 7: a name must be text", lambda m, a, b: m.gate(7, a == "up")),
        ("observation 7: a name must be text", lambda m, a, b: m.gate_time(7, a == "up")),
        ("element c: 5 must be names", lambda m, a, b: m.element("c", 5)),
        ("element c: 5 must be names", lambda m, a, b: m.element("c", "up", fault=5)),
        ("element c: state 5: a name must be text", lambda m, a, b: m.element("c", ["up", 5])),
        ("observation 'o': 5 must be names", lambda m, a, b: m.entries("o", a, 5)),
        ("vertices must be a mapping", lambda m, a, b: m.connected(["a"], [], ["a"], ["a"])),
        ("edge (3,) must be", lambda m, a, b: m.connected({"a": None}, [3], ["a"], ["a"])),
        ("sources: 3 must be names", lambda m, a, b: m.connected({"a": None}, [], 3, "a")),
        ("every(x, 0.0) needs a period", lambda m, a, b: a.after("up -> down", every(word()), "f")),
    ],
)
def test_wrong_kinds_are_named(text: str, write: Any) -> None:
    m, a, b = two()
    write(m, a, b)
    assert any(text in line for line in problems(m)), problems(m)


@pytest.mark.parametrize(
    ("text", "write"),
    [
        *(
            (
                f"observation 'o': a.f has no outcome {k}; they are 0..1, or -1 for all",
                lambda m, a, b, k=k: m.firings(
                    "o",
                    a.after(
                        "up", every(1), "f", outcomes=[outcome(0.5, "up"), outcome(0.5, "down")]
                    ),
                    outcome=k,
                ),
            )
            for k in (7, 2, -2)
        ),
        *(
            (
                f"a.f: need {need!r} must be a number of seconds >= 0",
                lambda m, a, b, need=need: a.after("up -> down", next_open(DESK, need), "f"),
            )
            for need in (float("nan"), -1.0, "x")
        ),
        *(
            (
                "a.f: calendar 24x7 never closes, so it never opens again",
                lambda m, a, b, of=of: a.after("up -> down", of(Calendar.always()), "f"),
            )
            for of in (next_opening, next_business_day)
        ),
        *(
            (
                "a.f: calendar shut never opens",
                lambda m, a, b, of=of: a.after(
                    "up -> down", of(Calendar("shut", (), closed_speed=1.0)), "f"
                ),
            )
            for of in (next_open, next_opening, next_business_day)
        ),
        (
            "element c: step(10) can never apply to its 3 states",
            lambda m, a, b: tied(a, effects=[m.counter("c", 2).step(10)]),
        ),
        (
            "element b: move({}) does nothing; map source states to targets",
            lambda m, a, b: tied(a, effects=[b.move({})]),
        ),
    ],
)
def test_what_would_silently_do_nothing_is_named(text: str, write: Any) -> None:
    m, a, b = two()
    write(m, a, b)
    assert problems(m) == (text,)


def test_a_move_of_nothing_may_renew_and_a_last_outcome_may_be_watched() -> None:
    m, a, b = two()
    rows = [outcome(0.5, "up"), outcome(0.5, "down", b.move({}, renew=True))]
    f = a.after("up", Exponential(1), "f", outcomes={b == "up": rows, True: [outcome(1, "up")]})
    m.firings("o", f, outcome=1)
    m.firings("all", f)
    m.build()


def test_an_origin_must_be_one() -> None:
    given: Any = "2026-01-01"
    m = ModelBuilder(origin=given)
    assert problems(m) == ("origin '2026-01-01' must be a TimeOrigin of pacsim.delays",)


def test_numpy_integers_are_integers() -> None:
    m, a, b = two()
    two_of: Any = np.int64(2)
    tied(a, when=m.count([b == "up"]) * two_of >= np.int32(1))
    assert all(
        type(w) is int for level in m.build().levels for _, row in level.elements for w in row
    )


def test_levels_and_elements_are_not_compared_like_numbers() -> None:
    """`n != 1` and `a != b` would be plain True, and take the place of the default case."""
    m, a, b = two()
    n = m.count(x == "up" for x in (a, b))
    a.after("up -> down", Exponential(1), "f", speed={n != 1: 5.0, True: 1.0})
    b.after("up -> down", Exponential(1), "g", speed={a != b: 5.0, True: 1.0})
    with pytest.raises(ModelError) as found:
        m.build()
    assert any("by == or !=" in text for text in found.value.problems)
    assert any("a is compared with" in text for text in found.value.problems)


def test_an_immediate_without_a_priority_is_not_taken_for_a_timed_one() -> None:
    m, a, b = two()
    a.now("up -> down", NO, "at once")
    b.now("up -> down", -1, "before")
    assert problems(m) == (
        "a.at once: priority None must be an integer >= 0",
        "b.before: priority -1 must be an integer >= 0",
    )


def test_a_written_model_is_plain_and_stays_as_it_was() -> None:
    """Two builds of one builder are equal; what is written later is not in what was taken."""
    m, a, _ = two()
    a.after("up -> down", Exponential(1), "fail", effects=iter(()))
    m.gate_time("down", a == "down")
    before = m.written()
    first = m.build()
    m.gate_time("up", a == "up")
    a.after("down -> up", Exponential(1), "back")
    assert len(before.transitions) == len(before.observations) == 1
    assert Assembler(before).model() == first
    assert [t.name for t in m.build().transitions] == ["a.back", "a.fail"]
