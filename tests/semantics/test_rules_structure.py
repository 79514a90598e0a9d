"""Levels, paths, errors and ties of structure: rows 19, 68, 79, 85, 89."""

from collections.abc import Callable
from typing import Any

import pytest

from pacsim.core import Model, ModelBuilder, outcome
from pacsim.delays import Deterministic as D
from pacsim.engines.exact import solve
from pacsim.errors import ModelError, SimulationError
from tests.semantics.scenes import Run

Engine = Callable[..., Run]


def capacity(clip: int = 4) -> Model:
    """Return four nodes of 25 and a store of 100 or 50, drawn once at the start."""
    m = ModelBuilder()
    nodes = [m.element(f"node-{k}", "new up down") for k in range(4)]
    store = m.element("store", "new full half")
    for node in nodes:
        node.now("new", 10, "draw", outcomes=[outcome(0.99, "up"), outcome(0.01, "down")])
    store.now("new", 10, "draw", outcomes=[outcome(0.9, "full"), outcome(0.1, "half")])
    up = m.count(node == "up" for node in nodes)
    room = store.value({"full": 4, "half": 2})
    m.gate_time("nodes", up >= 3)
    m.gate_time("both", (up >= 3) & (room >= 3))
    m.level_integral("min", m.count((up >= j) & (room >= j) for j in range(1, 5)))
    m.level_integral("clipped", m.count(up >= j for j in range(1, clip + 1)))
    return m.build()


def test_19_89_levels_of_capacity() -> None:
    """Rows 19 and 89: the smaller of two capacities and a clipped sum, as K gates each (R6)."""
    r = solve(capacity(clip=2), horizon=1.0).mission
    assert r["nodes"][0] == pytest.approx(0.99940797, rel=1e-9)
    assert r["both"][0] == pytest.approx(0.899467173, rel=1e-9)
    assert 25 * r["min"][0] == pytest.approx(94.09999005, rel=1e-9)
    assert 25 * r["clipped"][0] == pytest.approx(49.9999005, rel=1e-9)
    assert 25 * solve(capacity(), horizon=1.0).mission["clipped"][0] == pytest.approx(99, rel=1e-9)


def test_19_89_in_every_state(engine: Engine) -> None:
    """Rows 19 and 89 by hand in each state: no chance is left, so nothing is left to tolerance."""
    for nodes in range(5):
        for store in (2, 4):
            m = ModelBuilder()
            count, room = m.counter("nodes", 4, nodes), m.counter("store", 4, store)
            up, free = count.number(), room.number()
            m.level_integral("min", m.count((up >= j) & (free >= j) for j in range(1, 5)))
            m.level_integral("max", m.count((up >= j) | (free >= j) for j in range(1, 5)))
            m.level_integral("clipped", m.count(up >= j for j in (1, 2)))
            run = engine(m, 1.0)
            found = [run.column(name) for name in ("min", "max", "clipped")]
            assert found == [min(nodes, store), max(nodes, store), min(nodes, 2)]


Joined = Callable[[ModelBuilder], bool]


def paths(found: Joined) -> None:
    """Assert row 68, where ``found`` tells whether the gate ``on`` is true from the start."""

    def joined(start: str, end: str, dead: str = "", *, directed: bool = True) -> bool:
        m = ModelBuilder()
        alive: dict[str, Any] = {
            n: m.element(n, "up down", initial="down" if n == dead else "up") == "up" for n in "smt"
        }
        edges = [("s", "m"), ("m", "t")]
        m.gate_time("on", m.connected(alive, edges, [start], [end], directed=directed))
        return found(m)

    assert joined("s", "t")
    assert not joined("t", "s")
    assert not joined("s", "t", "m")
    assert not joined("s", "t", "s")
    assert joined("s", "s")
    assert not joined("s", "s", "s")
    assert joined("t", "s", directed=False)


def test_68_paths(engine: Engine) -> None:
    """Row 68: direction, dead vertices inside and at the ends, a path of no edges.

    Sees: one dead vertex or one direction that is not heeded.
    """
    paths(lambda m: bool(engine(m, 1.0).column("on")))


def test_68_paths_on_exact() -> None:
    """Row 68 on exact: its search is its own. Sees: as above."""
    paths(lambda m: bool(solve(m.build(), horizon=1.0).mission["on"][0]))


@pytest.mark.parametrize("drawn", [float("nan"), -1.0])
def test_79_impossible_draws(engine: Engine, drawn: float) -> None:
    """Row 79: a law that returns NaN or a negative delay stops the run by name."""
    law = D(1.0)
    # A law checks what it is given, so the bad figure is put in behind its back.
    object.__setattr__(law, "value", drawn)
    m = ModelBuilder()
    m.element("a", "x y").after("x -> y", law, "go")
    with pytest.raises(SimulationError, match=rf"a\.go drew {drawn!r}.* a delay must be >= 0"):
        engine(m, 10.0)


def test_79_one_priority_is_of_one_kind() -> None:
    """Row 79: first come first served and index order do not mix in one priority."""
    m = ModelBuilder()
    a, b = m.element("a", "x y"), m.element("b", "x y")
    a.now("x -> y", 50, "go", fifo=True)
    b.now("x -> y", 50, "go")
    with pytest.raises(ModelError, match="fifo"):
        m.build()


@pytest.mark.parametrize(
    ("memory", "ranks", "alarm"),
    [("restart", (0, 1), []), ("restart", (1, 0), [13]), ("resume", (0, 1), [13])],
)
def test_85_a_guard_that_is_false_between_two_instants(
    engine: Engine, memory: Any, ranks: tuple[int, int], alarm: list[float]
) -> None:
    """Row 85: A is down 4-10 and B 10-16; the order of the tied events decides under restart."""
    m = ModelBuilder()
    a, b = m.element("A", "up down after"), m.element("B", "up down after")
    a.after("up -> down", D(4), "f")
    a.after("down -> after", D(6), "r", rank=ranks[0])
    b.after("up -> down", D(10), "f", rank=ranks[1])
    b.after("down -> after", D(6), "r")
    bell = m.element("bell", "quiet rings")
    bell.after("quiet -> rings", D(9), "ring", memory=memory, when=(a == "down") | (b == "down"))
    assert engine(m, 100.0).times("bell.ring") == alarm
