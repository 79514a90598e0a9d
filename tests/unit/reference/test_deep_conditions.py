"""Conditions nested deeper than Python recurses: both simulators read them alike (R5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pacsim.core import Model, ModelBuilder
from pacsim.delays import Deterministic
from pacsim.engines import kernel, reference

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef

pytestmark = pytest.mark.slow

DEPTH = 5000
"""Several times what Python's recursion limit allows."""
HORIZON = 100.0


def nested(m: ModelBuilder, a: ElementRef, b: ElementRef) -> Condition:
    """Return ``not (not (... and b) and b)`` over "a is down"."""
    found = a == "down"
    for _ in range(DEPTH):
        found = ~(found & (b == "down"))
    return found


def named(m: ModelBuilder, a: ElementRef, b: ElementRef) -> Condition:
    """Return the last of many gates, each named before the one that it asks is defined."""
    for k in range(DEPTH):
        below = m.forward(f"g{k + 1}") if k + 1 < DEPTH else a == "down"
        m.gate(f"g{k}", ~(below & (b == "down")))
    return m.forward("g0")


def counted(m: ModelBuilder, a: ElementRef, b: ElementRef) -> Condition:
    """Return a chain of counts, each over the one before; it takes long to write a long one."""
    found = a == "down"
    for _ in range(DEPTH // 2):
        found = ~(m.count([found, b == "down"]) >= 2)
    return found


def linked(m: ModelBuilder, a: ElementRef, b: ElementRef) -> Condition:
    """Return a chain of paths, each over a line that works unless the path before does.

    It takes long to follow a long one.
    """
    found = a == "down"
    for _ in range(DEPTH // 2):
        ends = {"x": b == "down", "y": None}
        found = ~m.connected(ends, [("x", "y", found)], ["x"], ["y"])
    return found


CHAINS = {one.__name__: one for one in (nested, named, counted, linked)}


def model(kind: str) -> Model:
    """Return two units, and a third that repairs nothing while the chain holds."""
    m = ModelBuilder()
    a = m.element("a", "up down", fault="down")
    b = m.element("b", "up down", fault="down")
    a.after("up -> down", Deterministic(10.0), "fail", cls="fault")
    a.after("down -> up", Deterministic(15.0), "repair", cls="repair")
    b.after("up -> down", Deterministic(20.0), "fail", cls="fault")
    b.after("down -> up", Deterministic(30.0), "repair", cls="repair")
    deep = CHAINS[kind](m, a, b)
    bell = m.element("bell", "still")
    bell.after("still -> still", Deterministic(4.0), "ring", when=deep)
    m.gate_time("deep", deep)
    return m.build()


@pytest.mark.parametrize("kind", CHAINS)
def test_engines_agree_on_what_is_nested_deeply(kind: str) -> None:
    """An even number of "not (x and b)" is "a or not b"; a is down in 10-25, 35-50, 60-75, 85-100.

    b is down in 20-50 and 70-100, so that the chain is false in 25-35 and 75-85.
    """
    deep = model(kind)
    one = reference.simulate(deep, horizon=HORIZON, trace=True)
    other = kernel.simulate(deep, horizon=HORIZON, trace=True)
    assert one.trace is not None
    assert other.trace is not None
    assert one.trace.tobytes() == other.trace.tobytes()
    assert one.values.tolist() == other.values.tolist() == [[80.0]]
