"""Where figures stand: by name, on a model with every kind of observation."""

import math
import pickle
from dataclasses import fields, replace

import pytest
from scipy import stats

from pacsim.core import Columns, Layout, Model, ModelBuilder, layout
from pacsim.delays import Deterministic, Exponential
from pacsim.engines import kernel, reference
from tests.close import close

D = Deterministic
KINDS = [f.name for f in fields(Columns) if f.name not in {"all", "windows", "passage"}]


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


ENGINES = {"reference": reference.simulate, "kernel": kernel.simulate}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_figures_of_a_run_by_name(engine: str) -> None:
    """Down over [10, 14), [24, 28), [38, 42), [52, 56); the age is reset every 12; windows of 20."""
    batch = ENGINES[engine](observed(), count=3, horizon=60.0, window=20.0)
    one = {name: batch[name][0].tolist() for name in layout(observed()).names}
    ages = 0.5 * (12**2 * 4)  # Never until 12, then from 0 to 12 four times.
    samples = [14 - 12, 28 - 24, 42 - 36, 56 - 48]
    assert one == {
        "down": 16.0,
        "up": 44.0,
        "number": [44.0, 16.0],
        "mean": 16.0,
        "age": ages,
        "failures": 4.0,
        "entries": 4.0,
        "age at repair": float(sum(samples)),
        "first": 10.0,
        "plain": 16.0,
        "by window": 16.0,
        "with causes": 16.0,
        "role": 16.0,
    }
    assert batch.column("role", "windows.time").tolist() == [[4.0, 6.0, 6.0]] * 3
    assert batch.column("role", "windows.begun").tolist() == [[1.0, 2.0, 1.0]] * 3
    assert batch.column("role", "windows.planned").tolist() == [[0.0, 0.0, 0.0]] * 3
    assert batch.column("role", "contributors").tolist() == [[16.0, 0.0]] * 3
    assert batch.column("down", "windows.time").tolist() == [[4.0, 6.0, 6.0]] * 3
    assert [batch.mean("role", k).value for k in ("begun", "unplanned", "mixed")] == [4, 16, 0]
    assert batch.mean("age at repair", "count").value == 4.0
    assert batch.mean("age at repair", "never").value == 0.0
    by_element = batch.means("role", "contributors", per=60.0)
    assert {k: v.value for k, v in by_element.items()} == {"part": 16.0 / 60.0, "other": 0.0}
    assert [v.value for v in batch.means("number").values()] == [44.0, 16.0]
    assert list(batch.means("role", "windows.time")) == [0, 1, 2]
    assert batch.mean("first").value == 1.0
    assert len(batch.episodes_of("role")) == 12
    assert batch.samples_of("age at repair")["value"].tolist() == samples * 3


@pytest.mark.slow
def test_means_have_their_standard_errors() -> None:
    """Exponential lives: count, mean and error of the counts, by numpy."""
    m = ModelBuilder()
    a = m.element("a", "up down", fault="down")
    a.after("up -> down", Exponential(40.0), "fail", cls="fault")
    a.after("down -> up", Exponential(10.0), "repair", cls="repair", renew=True)
    m.gate_time("down", a == "down")
    m.first_passage("first", a == "down")
    batch = kernel.simulate(m.build(), count=500, horizon=100.0)
    found = batch.mean("down", per=100.0)
    share = batch["down"] / 100.0
    assert found.value == close(float(share.mean()), rel=1e-13)
    error = float(share.std(ddof=1)) / math.sqrt(500)
    assert found.error == close(error, rel=1e-12)
    assert found.upper is not None
    assert found.lower is not None
    assert found.upper - found.lower == close(2 * stats.t.ppf(0.975, 499) * error, rel=1e-9)
    wider = batch.mean("down", per=100.0, level=0.99)
    assert wider.half_width / found.half_width == close(
        stats.t.ppf(0.995, 499) / stats.t.ppf(0.975, 499), rel=1e-9
    )
    happened = int((batch["first"] < 100.0).sum())
    first = batch.mean("first")
    assert 0 < happened < 500
    assert first.value == happened / 500
    assert first.lower == close(float(stats.beta.ppf(0.025, happened, 501 - happened)), rel=1e-9)


def test_what_may_be_negative_has_the_plain_interval() -> None:
    m = ModelBuilder()
    a = m.element("a", "up down", fault="down")
    a.after("up -> down", Exponential(1000.0), "fail", cls="fault")
    m.level_integral("loss", m.count([a == "down"]) * -2.0)
    m.gate_time("down", a == "down")
    batch = kernel.simulate(m.build(), count=100, horizon=10.0)
    assert batch.mean("loss").method == "Student t"
    assert "eventful" in batch.mean("down").method or batch.mean("down").value == 0.0


def test_figures_that_are_not_there_are_refused_in_words() -> None:
    batch = kernel.simulate(observed(), count=2, horizon=60.0, window=20.0)
    with pytest.raises(KeyError, match="no figure 'start'; there are time, begun, unplanned"):
        batch.column("role", "start")
    with pytest.raises(KeyError, match="no observation 'data'"):
        batch.mean("data")
    for which in ("contributors", "windows.time"):
        with pytest.raises(ValueError, match=r"ask for means"):
            batch.mean("role", which)
    with pytest.raises(ValueError, match=r"per 0 must be > 0"):
        batch.mean("role", per=0)
    with pytest.raises(ValueError, match="without a layout"):
        replace(batch, layout=None)["role"]
