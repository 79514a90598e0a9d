"""Instants, ties, cascades, effects: tests 5-7, 35-37, 39, 42-44, 46, 57, 64-67, 78-80 and others."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from pacsim.core import ModelBuilder, every, outcome
from pacsim.delays import Deterministic as D
from pacsim.delays import Erlang, Exponential
from pacsim.engines.exact import solve
from pacsim.errors import ModelError, SimulationError, UnsupportedError
from tests.semantics.scenes import Run, once

Engine = Callable[..., Run]


def crew(fifo: bool) -> ModelBuilder:
    m = ModelBuilder()
    parts = {n: m.element(n, "up waiting work", fault="waiting work") for n in "ABC"}
    free = 1 - m.count(p == "work" for p in parts.values())
    # Ranks give the index order C < B < A.
    for rank, (name, part) in enumerate(reversed(parts.items())):
        part.after("up -> waiting", D(1 + "ABC".index(name)), "fail", cls="fault", rank=rank)
        part.now("waiting -> work", 50, "start", when=free >= 1, fifo=fifo, rank=rank)
        part.after("work -> up", D(10), "repair", cls="repair", rank=rank)
    return m


def test_05_first_come_first_served(engine: Engine) -> None:
    run = engine(crew(True), 30)
    assert [run.times(f"{n}.start")[0] for n in "ABC"] == [1, 11, 21]
    run = engine(crew(False), 30)
    assert [run.times(f"{n}.start")[0] for n in "ACB"] == [1, 11, 21]


@pytest.mark.parametrize(
    ("kind", "high", "low"), [("resume", 7, 13), ("restart", 7, 17), ("none", 13, 10)]
)
def test_06_preemption(engine: Engine, kind: str, high: float, low: float) -> None:
    m = ModelBuilder()
    a = m.element("low", "work held done")
    b = m.element("high", "idle waiting work done")
    free = 1 - m.count([a == "work", b == "work"])
    memory: Any = "keep" if kind == "resume" else "restart"
    a.after("work -> done", D(10), "end", memory=memory)
    b.after("idle -> waiting", D(4), "come")
    b.now("waiting -> work", 30, "start", when=free >= 1)
    b.after("work -> done", D(3), "end")
    if kind != "none":
        a.now("work -> held", 40, "hold", when=(b == "waiting") & (free < 1))
        a.now("held -> work", 45, "on", when=free >= 1)
    run = engine(m, 100)
    assert (run.times("high.end"), run.times("low.end")) == ([high], [low])


@pytest.mark.parametrize(
    ("slots", "served"), [(5, [0, 10, 100, 110, 120]), (1, [0, 10, 100, 200, 300])]
)
def test_07_one_order_per_demand(engine: Engine, slots: int, served: list[float]) -> None:
    m = ModelBuilder()
    stock, owed = m.counter("stock", 5, 2), m.counter("owed", 9)
    for k in range(5):
        want = m.element(f"want{k}", "before waiting served")
        arrive = D(10.0 * k)
        want.after("before -> waiting", arrive, "demand", effects=[owed.step(1)])
        want.now(
            "waiting -> served", 50, "serve", when=stock != "0", fifo=True, effects=[stock.step(-1)]
        )
    for k in range(slots):
        order = m.element(f"order{k}", "idle ordered")
        order.now("idle -> ordered", 60, "place", when=owed != "0", effects=[owed.step(-1)])
        order.after("ordered -> idle", D(100), "arrive", effects=[stock.step(1)])
    run = engine(m, 1000)
    assert sorted(run.times(f"want{k}.serve")[0] for k in range(5)) == served


@pytest.mark.parametrize("names", ["AB", "BA"])
def test_35_no_time_no_episode(engine: Engine, names: str) -> None:
    m = ModelBuilder()
    a, b = once(m, names[0], 4, 10), once(m, names[1], 10, 16)
    m.episodes("parallel", (a == "down") & (b == "down"))
    m.episodes("series", (a == "down") | (b == "down"))
    run = engine(m, 100)
    assert (run.column("parallel"), run.column("parallel", 1)) == (0, 0)
    assert (run.column("series"), run.column("series", 1)) == (12, 1)
    assert run.episodes() == [(4, 16, f"{names[0]}.f")]


@pytest.mark.parametrize(("ranks", "both"), [((0, 0), False), ((1, 0), True)])
def test_36_65_ties_are_taken_in_index_order(
    engine: Engine, ranks: tuple[int, int], both: bool
) -> None:
    m = ModelBuilder()
    a, b = m.element("A", "x y"), m.element("B", "x y")
    a.after("x -> y", D(10), "go", rank=ranks[0])
    b.after("x -> y", D(10), "go", rank=ranks[1], when=a == "x")
    run = engine(m, 100)
    assert run.times("A.go") == [10]
    assert run.times("B.go") == ([10] if both else [])


def test_37_the_horizon_is_open(engine: Engine) -> None:
    m = ModelBuilder()
    ups = []
    for name in "AB":
        part = m.element(name, "up down", fault="down")
        part.after("up -> down", D(90), "fail", cls="fault")
        part.after("down -> up", D(10), "repair", cls="repair", renew=True)
        ups.append(part == "up")
    tick = m.element("tick", "x")
    tick.after("x -> x", every(250.0), "tick", cls="tick")
    m.episodes("system", ~m.all(ups))
    run = engine(m, 1000)
    assert (run.column("system"), run.column("system", 1)) == (100, 10)
    assert run.times("tick.tick") == [250, 500, 750]


def test_39_a_shock_is_one_step(engine: Engine) -> None:
    m = ModelBuilder()
    a, b, group = m.element("a", "up down"), m.element("b", "up down"), m.element("g", "on_a on_b")
    shock = m.element("shock", "ready done")
    shock.after(
        "ready -> done", D(5), "hit", effects=[a.move({"up": "down"}), b.move({"up": "down"})]
    )
    over = group.now("on_a -> on_b", 20, "failover", when=(a == "down") & (b == "up"))
    m.firings("failovers", over)
    run = engine(m, 10)
    assert run.column("failovers") == 0
    assert run.order() == ["shock.hit"]


def test_42_nothing_else_moves(engine: Engine) -> None:
    def model(extra: str) -> ModelBuilder:
        m = ModelBuilder()
        b, c = m.element("b", "up down"), m.element("c", "up down")
        lamp = m.element("lamp", "x")
        for part in (b, c):
            speed: Any = {lamp == "x": 1.0, True: 5.0} if extra == "selector" else 1.0
            effects = [lamp.renew()] if extra == "trigger" and part is b else []
            part.after(
                "up -> down", Exponential(30), "fail", memory="resume", speed=speed, effects=effects
            )
            part.after("down -> up", Exponential(3), "repair", renew=True)
        if extra == "part":
            a = m.element("a", "up down")
            a.after("up -> down", Exponential(1), "fail", effects=[lamp.renew(p=0.5)])
            a.after("down -> up", Exponential(1), "repair")
        return m

    plain = engine(model(""), 2000, seed=5)
    for extra in ("part", "trigger", "selector"):
        other = engine(model(extra), 2000, seed=5)
        for name in ("b.fail", "b.repair", "c.fail", "c.repair"):
            assert other.times(name) == plain.times(name)


@pytest.mark.slow
def test_43_loops_are_named(engine: Engine) -> None:
    m = ModelBuilder()
    a = m.element("a", "x y")
    a.now("x -> y", 20, "there")
    a.now("y -> x", 20, "back")
    with pytest.raises(
        SimulationError, match=r"steps in one instant at t = 0\.0.*a\.(there|back), a\.(there|back)"
    ):
        engine(m, 10)
    m = ModelBuilder()
    m.element("spin", "x").after("x -> x", D(0), "again")
    with pytest.raises(SimulationError, match=r"100000 instants at one time.*spin\.again"):
        engine(m, 10)


def test_43_loops_are_named_by_exact() -> None:
    """Row 43 on exact: the loop of immediates stops with a name in it; a delay of 0 is refused.

    Sees: a loop that runs for ever, or a message without any transition of the loop.
    """
    m = ModelBuilder()
    a = m.element("a", "x y")
    a.now("x -> y", 20, "there")
    a.now("y -> x", 20, "back")
    with pytest.raises(SimulationError, match=r"a\.(there|back)"):
        solve(m.build(), horizon=10.0)
    m = ModelBuilder()
    m.element("spin", "x").after("x -> x", D(0), "again")
    with pytest.raises(UnsupportedError, match=r"spin\.again"):
        solve(m.build(), horizon=10.0)


def test_44_counters(engine: Engine) -> None:
    m = ModelBuilder()
    stock = m.counter("stock", 3, 3)
    for k in range(4):
        user = m.element(f"u{k}", "idle waiting served")
        user.after("idle -> waiting", D(1), "want")
        user.now(
            "waiting -> served", 50, "take", when=stock != "0", fifo=True, effects=[stock.step(-1)]
        )
    m.level_time("stock", stock.number())
    run = engine(m, 10)
    assert [len(run.times(f"u{k}.take")) for k in range(4)] == [1, 1, 1, 0]
    assert [run.column("stock", value) for value in range(4)] == [9, 0, 0, 1]
    m = ModelBuilder()
    a, b = m.element("a", "x y"), m.element("b", "x y")
    a.after("x -> y", D(1), "go", effects=[b.renew(), b.move({"x": "y"})])
    with pytest.raises(ModelError, match="an element occurs in two effects"):
        m.build()


def test_44_a_counter_is_never_silently_lost(engine: Engine) -> None:
    m = ModelBuilder()
    stock, tick = m.counter("stock", 2), m.element("t", "x")
    tick.after("x -> x", D(1), "add", effects=[stock.step(1)])
    with pytest.raises(SimulationError, match=r"t\.add counts stock beyond its range at 2"):
        engine(m, 10)


def test_44_counters_on_exact() -> None:
    """Row 44 on exact, where one exponential event of mean 1 makes all four users wait.

    Sees: one take too many or too few in the instant; a counter that stays at its top unsaid.
    """
    m = ModelBuilder()
    stock, call = m.counter("stock", 3, 3), m.element("call", "before after")
    users = [m.element(f"u{k}", "idle waiting served") for k in range(4)]
    all_want = [user.move({"idle": "waiting"}) for user in users]
    call.after("before -> after", Exponential(1.0), "want", effects=all_want)
    taken = [stock.step(-1)]
    for user in users:
        user.now("waiting -> served", 50, "take", when=stock != "0", fifo=True, effects=taken)
    m.level_time("stock", stock.number())
    m.level_integral("waiting", m.count(user == "waiting" for user in users))
    found = solve(m.build(), horizon=10.0).mission
    before = 1.0 - math.exp(-10.0)
    assert list(found["stock"]) == [pytest.approx(t) for t in (10.0 - before, 0, 0, before)]
    assert found["waiting"][0] == pytest.approx(10.0 - before)
    m = ModelBuilder()
    stock, tick = m.counter("stock", 2), m.element("t", "x")
    tick.after("x -> x", Exponential(1.0), "add", effects=[stock.step(1)])
    with pytest.raises(SimulationError, match="stock"):
        solve(m.build(), horizon=10.0)


def test_46_a_destroyed_part_gives_its_crew_back(engine: Engine) -> None:
    m = ModelBuilder()
    a, b = m.element("A", "work up destroyed"), m.element("B", "up waiting work done")
    fire = m.element("fire", "no yes")
    free = 1 - m.count([a == "work", b == "work"])
    a.after("work -> up", D(10), "repair")
    b.after("up -> waiting", D(1), "fail")
    b.now("waiting -> work", 50, "start", when=free >= 1, fifo=True)
    b.after("work -> done", D(10), "repair")
    fire.after("no -> yes", D(4), "fire", effects=[a.move({"work": "destroyed"})])
    run = engine(m, 100)
    assert (run.times("B.start"), run.times("B.repair")) == ([4], [14])


def test_57_one_chance_for_move_and_renewal(engine: Engine) -> None:
    m = ModelBuilder()
    a, tick = m.element("a", "p q"), m.element("t", "x")
    a.after("p q -> p", D(1.5), "old")
    tick.after("x -> x", D(1), "tick", effects=[a.move({"p": "q", "q": "p"}, p=0.5, renew=True)])
    m.entries("moves", a, "q")
    moves = [0, 0]
    for seed in (1, 2, 3):
        run = engine(m, 40, seed=seed)
        steps = run.order()
        # Without a renewal the clock of 1.5 fires; after a move it has always been drawn afresh.
        fired = run.times("a.old")
        for k, t in enumerate(run.times("t.tick")):
            stayed = any(t < f <= t + 0.5 for f in fired)
            moves[stayed] += 1
            assert k < len(steps)
    assert min(moves) > 20


def test_57_one_chance_for_move_and_renewal_on_exact() -> None:
    """Row 57 on exact: Erlang(2) stages of mean 1 each remember the renewal; ticks of mean 1/2.

    By hand: a moves and is renewed at rate 1, so P(q, first stage) = P(p) / 2 and P(q, second
    stage) = P(p) / 4; hence P(p) = 4/7, and the clock fires out of q at rate 1/7.

    Sees: two chances of 1/2 each, which give 4/27.
    """
    m = ModelBuilder()
    a, tick = m.element("a", "p q"), m.element("t", "x")
    old = a.after("p q -> p", Erlang(2, 2.0), "old")
    swap = [a.move({"p": "q", "q": "p"}, p=0.5, renew=True)]
    tick.after("x -> x", Exponential(0.5), "tick", effects=swap)
    m.gate_time("p", a == "p")
    m.firings("out of q", old, when=a == "q")
    found = solve(m.build(), steady=True).steady
    assert found["p"][0] == pytest.approx(4 / 7, rel=1e-12)
    assert found["out of q"][0] == pytest.approx(1 / 7, rel=1e-12)


def test_64_other_instants_at_the_same_time_do_not_matter(engine: Engine) -> None:
    for other in ("Aa", "Zz"):
        m = ModelBuilder()
        a, tick = m.element("M", "up down", fault="down"), m.element(other, "x")
        a.after("up -> down", D(10), "fail", cls="fault")
        tick.after("x -> x", D(10), "tick", cls="tick")
        m.role("role", a == "up")
        run = engine(m, 15)
        assert run.episodes() == [(10, 15, "M.fail")]


@pytest.mark.parametrize(
    ("moves", "first"), [({"waiting": "waiting"}, "A"), ({"waiting": "up"}, "B")]
)
def test_66_an_identity_entry_keeps_the_place_in_the_queue(
    engine: Engine, moves: dict[str, str], first: str
) -> None:
    m = ModelBuilder()
    crew_of = m.element("crew", "busy free")
    crew_of.after("busy -> free", D(5), "free")
    parts = {n: m.element(n, "up waiting work done") for n in "AB"}
    free = crew_of.value({"free": 1}) - m.count(p == "work" for p in parts.values())
    for k, (name, part) in enumerate(parts.items()):
        part.after("up -> waiting", D(1 + k), "fail")
        part.now("waiting -> work", 50, "start", when=free >= 1, fifo=True)
        part.after("work -> done", D(9), "end")
        assert name in "AB"
    poke = m.element("poke", "x y")
    poke.after("x -> y", D(3), "go", effects=[parts["A"].move(moves)])
    run = engine(m, 100)
    second = {"A": "B", "B": "A"}[first]
    assert (run.times(f"{first}.start"), run.times(f"{second}.start")) == ([5], [14])


def test_67_steps_not_indices_make_the_queue(engine: Engine) -> None:
    m = ModelBuilder()
    crew_of = m.element("crew", "busy free")
    crew_of.after("busy -> free", D(5), "free")
    parts = {n: m.element(n, "up waiting work done") for n in "AB"}
    free = crew_of.value({"free": 1}) - m.count(p == "work" for p in parts.values())
    for name, part in parts.items():
        part.now("waiting -> work", 50, "start", when=free >= 1, fifo=True, rank="BA".index(name))
        part.after("work -> done", D(9), "end")
    both = m.element("both", "x y")
    both.after(
        "x -> y",
        D(1),
        "go",
        effects=[parts["A"].move({"up": "waiting"}), parts["B"].move({"up": "waiting"})],
    )
    run = engine(m, 100)
    # One step makes both wait: the same stamp, so the index order B < A decides.
    assert (run.times("B.start"), run.times("A.start")) == ([5], [14])


def test_78_outcomes_are_numbered_by_firings(engine: Engine) -> None:
    def model(flicker: bool) -> ModelBuilder:
        m = ModelBuilder()
        a, g = m.element("a", "up"), m.element("g", "on off")
        ends = [outcome(0.5, "up"), outcome(0.5, "up")]
        refs = a.after("up", D(10), "go", outcomes=ends, when=g == "on")
        for k in (0, 1):
            m.firings(f"n{k}", refs, outcome=k)
        if flicker:
            g.after("on -> off", D(3), "off")
            g.after("off -> on", D(1), "on")
        else:
            g.after("on -> off", D(1000), "off")
        return m

    def chosen(run: Run, n: int) -> list[int]:
        assert run.batch.trace is not None
        index = run.model.transition("a.go")
        return [int(r["outcome"]) for r in run.batch.trace if r["transition"] == index][:n]

    plain = engine(model(False), 300)
    assert len(chosen(plain, 99)) == 29
    m = model(False)
    slow = ModelBuilder()
    b, g = slow.element("a", "up"), slow.element("g", "on off")
    b.after("up", D(10), "go", outcomes=[outcome(0.5, "up"), outcome(0.5, "up")], when=g == "on")
    g.after("on -> off", D(13), "off")
    g.after("off -> on", D(1), "on")
    assert m is not slow
    flickered = engine(slow, 300)
    n = len(chosen(flickered, 99))
    assert n > 10
    assert chosen(flickered, n) == chosen(plain, n)


def one_token() -> ModelBuilder:
    m = ModelBuilder()
    token = m.counter("token", 1, 1)
    parts = {}
    for name, priority in (("a", 50), ("z", 30)):
        parts[name] = m.element(name, "idle has", fault="has")
        take = parts[name].now(
            "idle -> has", priority, "take", when=token == "1", effects=[token.step(-1)]
        )
        m.firings(f"{name} takes", take)
        m.gate_time(f"{name} has", parts[name] == "has")
    m.role("role", m.all(part == "idle" for part in parts.values()))
    return m


def test_80_immediates_settle_at_the_start(engine: Engine) -> None:
    """Row 80. Sees: nothing done at 0, the order of names for that of priorities, another cause."""
    run = engine(one_token(), 10)
    assert run.order() == ["z.take"]
    assert run.episodes() == [(0, 10, "initial")]


def test_80_immediates_settle_at_the_start_on_exact() -> None:
    """Row 80 on exact, which has no causes. Sees: nothing done at 0; a takes the token, or both."""
    found = solve(one_token().build(), horizon=10.0).mission
    taken = {name: (found[f"{name} takes"][0], found[f"{name} has"][0]) for name in "az"}
    assert taken == {"a": (0, 0), "z": (1, pytest.approx(10.0))}
    assert tuple(found["role"][:2]) == (pytest.approx(10.0), 1)


def test_40_priority_and_by_simulation_of_order(engine: Engine) -> None:
    """Deterministic stand-in: left before right counts, right before left does not."""
    for left, right, expected in ((1.0, 2.0, 1), (2.0, 1.0, 0)):
        m = ModelBuilder()
        a, b, top = (
            m.element("a", "up down"),
            m.element("b", "up down"),
            m.element("top", "ok fail"),
        )
        a.after("up -> down", D(left), "fail")
        b.after("up -> down", D(right), "fail")
        guard = m.element("order", "none left")
        guard.now("none -> left", 20, "left", when=(a == "down") & (b == "up"))
        top.now("ok -> fail", 30, "fail", when=(guard == "left") & (b == "down"))
        m.entries("failed", top, "fail")
        assert engine(m, 10).column("failed") == expected
