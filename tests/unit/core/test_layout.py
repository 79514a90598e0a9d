"""Where figures stand: by name, on a model with every kind of observation."""

import math
import pickle
from dataclasses import fields

import pytest

from pacsim.core import Columns, Layout, Model, ModelBuilder, layout
from pacsim.delays import Deterministic

D = Deterministic
KINDS = [f.name for f in fields(Columns) if f.name not in {"all", "windows"}]


def observed() -> Model:
    """A part down over [10, 14), [24, 28), ...; an age; everything is watched."""
    m = ModelBuilder()
    part = m.element("part", "up down", fault="down")
    fail = part.after("up -> down", D(10), "fail", cls="fault")
    back = part.after("down -> up", D(4), "repair", cls="repair", renew=True)
    other = m.element("other", "idle")
    other.after("idle -> idle", D(1000), "never")
    age = m.quantity("age", low=0, high=math.inf, start=None, rate=1.0)
    other.after("idle -> idle", D(12), "reset", effects=[age.set(0)])
    down = part == "down"
    m.gate_time("down", down, by_window=True)
    m.gate_time("up", ~down)
    m.level_time("number", m.count([down]))
    m.level_integral("mean", m.count([down]))
    m.quantity_integral("age", age)
    m.firings("failures", fail)
    m.entries("entries", part, "down")
    m.sample("age at repair", back, age)
    m.first_passage("first", down)
    m.episodes("plain", down)
    m.episodes("by window", down, by_window=True)
    m.episodes("with causes", down, causes=True)
    m.role("role", ~down)
    return m.build()


def figures(lay: Layout, name: str) -> dict[str, tuple[int, int]]:
    found = lay[name]
    inner = (
        {} if found.windows is None else {f"windows.{k}": getattr(found.windows, k) for k in KINDS}
    )
    slices = {k: getattr(found, k) for k in KINDS} | inner
    base = found.all.start
    return {k: (s.start - base, s.stop - base) for k, s in slices.items() if s is not None}


def test_every_kind_by_hand() -> None:
    """Written out for three windows and two elements, from the words of `Layout`."""
    lay = layout(observed(), 3)
    assert figures(lay, "down") == {"time": (0, 1), "windows.time": (1, 4)}
    assert figures(lay, "up") == {"time": (0, 1)}
    assert figures(lay, "number") == {"time": (0, 2)}
    assert figures(lay, "mean") == figures(lay, "age") == {"integral": (0, 1)}
    assert figures(lay, "failures") == figures(lay, "entries") == {"count": (0, 1)}
    assert figures(lay, "age at repair") == {"count": (0, 1), "never": (1, 2), "sum": (2, 3)}
    assert figures(lay, "first") == {"time": (0, 1)}
    assert figures(lay, "plain") == {"time": (0, 1), "begun": (1, 2)}
    assert figures(lay, "by window") == {
        "time": (0, 1),
        "begun": (1, 2),
        "windows.time": (2, 5),
        "windows.begun": (5, 8),
    }
    causes = {
        "time": (0, 1),
        "begun": (1, 2),
        "unplanned": (2, 3),
        "planned": (3, 4),
        "mixed": (4, 5),
        "contributors": (5, 7),
    }
    assert figures(lay, "with causes") == causes
    assert figures(lay, "role") == causes | {
        "windows.time": (7, 10),
        "windows.begun": (10, 13),
        "windows.unplanned": (13, 16),
        "windows.planned": (16, 19),
        "windows.mixed": (19, 22),
    }


def test_observations_follow_one_another() -> None:
    lay = layout(observed(), 3)
    assert [c.all.start for c in lay.slices] == list(lay.first)
    assert [c.all.stop for c in lay.slices] == [
        f + w for f, w in zip(lay.first, lay.width, strict=True)
    ]
    assert [*lay.first[1:], lay.columns] == [c.all.stop for c in lay.slices]
    assert [lay.index(name) for name in lay.names] == list(range(len(lay.names)))


def test_without_windows_there_are_none() -> None:
    lay = layout(observed())
    assert lay["role"].all.stop - lay["role"].all.start == 7
    inner = lay["role"].windows
    assert inner is not None
    assert inner.time == slice(inner.all.start, inner.all.start)


def test_a_layout_is_plain_data() -> None:
    lay = layout(observed(), 3)
    assert pickle.loads(pickle.dumps(lay)) == lay
    assert hash(lay) == hash(layout(observed(), 3))


def test_a_name_that_is_not_there_is_refused_in_words() -> None:
    lay = layout(observed(), 3)
    with pytest.raises(KeyError, match="no observation 'rolle'; there is for example 'role'"):
        lay["rolle"]
    m = ModelBuilder()
    m.element("a", "x")
    with pytest.raises(KeyError, match="nothing is observed"):
        layout(m.build())["x"]
