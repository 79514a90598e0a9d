"""Tornados against the closed form of two parts in series, and what does nothing."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.design import design_of
from pacsim.errors import ArgumentError, ArgumentTypeError
from pacsim.studies.sensitivity import FIRST, tornado
from tests.statistical import agrees

if TYPE_CHECKING:
    from pacsim.design import Design
    from pacsim.studies.tornado import Tornado, TornadoBar

TERM, YEAR = 7.0 * 8760.0, 8760.0
MEANS = {"a.ttf": 500.0, "a.ttr": 50.0, "b.ttf": 2000.0, "b.ttr": 20.0}
"""Hours."""
OFF = 0.02
"""Share by which the ends of each range are off its number."""


def slot(hours: float) -> dict[str, Any]:
    return {
        "mean": f"{hours} h",
        "family": "exponential",
        "low": f"{hours * (1 - OFF)} h",
        "high": f"{hours * (1 + OFF)} h",
        "status": "assumed",
    }


def series(**more: Any) -> Design:
    parts: dict[str, Any] = {
        name: {
            "type": "component",
            "ttf": slot(MEANS[f"{name}.ttf"]),
            "ttr": slot(MEANS[f"{name}.ttr"]) | ({"status": "vendor"} if name == "b" else {}),
        }
        for name in "ab"
    }
    # A third part that no role needs.
    parts["c"] = {"type": "component", "ttf": slot(800.0), "ttr": "4 h"}
    return design_of(
        {"pacsim": 1, "parts": parts, "roles": {"store": {"needs": ["a", "b"]}}, **more}
    )


def hours_down(means: dict[str, float]) -> float:
    """Return the mean hours a year down of two independent parts in series, up at the start.

    Each is up at t with a probability of a + b exp(-s t), a = mu / s, b = lambda / s and
    s = lambda + mu; both are up with the product, whose mean over the term has a closed form.
    """
    laws = []
    for name in "ab":
        fails, back = 1.0 / means[f"{name}.ttf"], 1.0 / means[f"{name}.ttr"]
        laws.append((back / (fails + back), fails / (fails + back), fails + back))
    (a1, b1, s1), (a2, b2, s2) = laws

    def faded(s: float) -> float:
        return -math.expm1(-s * TERM) / (s * TERM)

    both = a1 * a2 + a1 * b2 * faded(s2) + a2 * b1 * faded(s1) + b1 * b2 * faded(s1 + s2)
    return YEAR * (1.0 - both)


def slope(path: str) -> float:
    """Return the closed derivative of the hours down of the long run by a mean time.

    They are 8760 (1 - A B) with A = ttf / (ttf + ttr): dA / dttf = ttr / (ttf + ttr)^2 and
    dA / dttr = -ttf / (ttf + ttr)^2.
    """
    part, of = path.split(".")
    other = "b" if part == "a" else "a"
    ttf, ttr = MEANS[f"{part}.ttf"], MEANS[f"{part}.ttr"]
    up = MEANS[f"{other}.ttf"] / (MEANS[f"{other}.ttf"] + MEANS[f"{other}.ttr"])
    own = (ttr if of == "ttf" else -ttf) / (ttf + ttr) ** 2
    return -YEAR * up * own


@cache
def found() -> Tornado:
    return tornado(series(), precision="0.5 %", threads=1)


def bar(path: str) -> TornadoBar:
    part, of = path.split(".")
    return next(one for one in found().bars if one.number.name == f"{of} of {part}")


def test_the_base() -> None:
    base = found().base
    assert base.value is not None
    assert base.error is not None
    agrees(base.value, base.error, hours_down(MEANS))


@pytest.mark.parametrize("path", MEANS)
def test_both_ends_against_the_closed_form(path: str) -> None:
    # Sees: low and high exchanged; differences of other terms; the base in place of an end.
    one = bar(path)
    for end, factor in ((one.low, 1.0 - OFF), (one.high, 1.0 + OFF)):
        of = end.difference
        assert of is not None
        assert of.value is not None
        assert of.error is not None
        expected = hours_down({**MEANS, path: factor * MEANS[path]}) - hours_down(MEANS)
        agrees(of.value, of.error, expected)
        # The same faults: independent runs would leave ten times as much open.
        assert of.error < 0.02 * hours_down(MEANS) / math.sqrt(of.n / FIRST)


@pytest.mark.parametrize("path", MEANS)
def test_the_slope_is_the_closed_derivative(path: str) -> None:
    one = bar(path)
    low, high = one.low.difference, one.high.difference
    assert low is not None
    assert high is not None
    step = 2.0 * OFF * MEANS[path]
    error = ((low.error or 0.0) + (high.error or 0.0)) / step
    agrees(((high.value or 0.0) - (low.value or 0.0)) / step, error, slope(path))


def test_the_widest_comes_first_and_assumed_ones_are_marked() -> None:
    names = [one.name for one in found().bars if one.width > 0.0]
    expected = sorted(MEANS, key=lambda path: -abs(slope(path)) * MEANS[path])
    # The mean times of one part matter alike; which of them is ahead is chance.
    assert [name.split(" of ")[1][0] for name in names] == [path[0] for path in expected]
    assert set(names) == {"ttf of a *", "ttr of a *", "ttf of b *", "ttr of b"}


def test_what_does_nothing_is_exactly_zero() -> None:
    # Sees: an end that is run with other random numbers than the base.
    unused = next(one for one in found().bars if one.number.name == "ttf of c")
    for end in (unused.low, unused.high):
        assert end.difference is not None
        assert (end.difference.value, end.differing) == (0.0, 0)
        assert end.note == f"the same in each of {end.terms} terms"


def test_what_the_design_does_not_use_is_zero_by_construction() -> None:
    away = next(one for one in found().bars if one.number.name == "times.no_contract")
    for end in (away.low, away.high):
        assert end.difference is not None
        assert (end.difference.value, end.difference.lower, end.difference.upper) == (0.0, 0.0, 0.0)
        assert end.note == "exactly 0: the design does not use it"


def test_threads_change_nothing() -> None:
    one, two = (tornado(series(), precision="50 %", threads=k) for k in (1, 3))
    assert one == two


def test_an_end_that_is_no_design_is_named() -> None:
    """Members of a common cause need one life; two ranges without one origin move alone."""
    design = series()
    parts = {"parts.both": {"type": "common_cause", "members": ["a", "b"], "share": "10 %"}}
    alike = {"parts.b.ttf": slot(MEANS["a.ttf"])}
    shown = tornado(design.vary(alike | parts), precision="50 %", threads=1)
    ends = [
        end
        for one in shown.bars
        if one.number.name.startswith("ttf of ") and one.number.name != "ttf of c"
        for end in (one.low, one.high)
    ]
    assert len(ends) == 4
    assert all(end.difference is None for end in ends)
    assert all(end.note.startswith("no such design: parts.both") for end in ends)
    assert "ttf of a at 490 h: no such design: parts.both" in str(shown)


def test_a_measure_that_is_no_mean_is_refused() -> None:
    with pytest.raises(ArgumentError) as caught:
        tornado(series(), "store.down_year_p95")
    assert "store.down_year_p95 is no mean over the terms of design" in str(caught.value)
    assert "store.down" in str(caught.value)


def test_a_design_without_ranges_is_refused() -> None:
    bare = design_of({"pacsim": 1, "name": "bare"})
    with pytest.raises(ArgumentError, match="bare declares no roles, so nothing is measured"):
        tornado(bare)


def parts_of(**parts: dict[str, Any]) -> Design:
    made = {name: {"type": "component", "ttf": "1 year", "ttr": "4 h"} | of
            for name, of in parts.items()}  # fmt: skip
    return design_of({"pacsim": 1, "parts": made, "roles": {"store": {"needs": list(parts)}}})


def lines_of(shown: Tornado) -> str:
    """Return the notes as one line, as wide as it is."""
    return " ".join(line.strip() for line in shown.lines())


def test_an_end_that_is_the_design_is_not_called_unused() -> None:
    """A part that never fails in these terms is in the design, whatever its low end is."""
    never = {"ttf": "1e7 years", "ttr": {"exactly": "4 h", "low": "4 h", "high": "8 h"}}
    shown = tornado(parts_of(a={}, b=never), precision="50 %", threads=1)
    one = next(one for one in shown.bars if one.number.name == "ttr of b")
    assert one.low.note == "exactly 0: it is so in the design"
    assert one.high.note.startswith("the same in each of ")
    unused = lines_of(shown).partition("the design does not use it: ")[2]
    assert unused
    assert "ttr of b" not in unused.partition("the same")[0]
    assert f"{one.high.note}: ttr of b" in lines_of(shown)


def test_an_end_that_is_the_design_moves_nothing_beside_one_that_does() -> None:
    shown = tornado(parts_of(a={"ttr": {"exactly": "4 h", "low": "4 h", "high": "8 h"}}), threads=1)
    row = next(line for line in shown.lines() if line.startswith("ttr of a"))
    assert row.split()[3:8] == ["4", "h", "4", "h", "0"]


def test_a_number_that_is_0_is_not_left_out() -> None:
    """A share of common cause of 0 that may be 20 %: of a pair it is what matters."""
    share = {"value": "0 %", "low": "0 %", "high": "20 %", "status": "assumed"}
    both = {"type": "common_cause", "members": ["a", "b"], "share": share}
    design = parts_of(a={}, b={}).vary(
        {"parts.both": both, "roles.store.needs": [{"any": ["a", "b"]}]}
    )
    widest = tornado(design, precision="50 %", threads=1).bars[0]
    assert (widest.name, widest.low.value, widest.high.value) == ("share of both *", "0 %", "20 %")
    # Of one failure a year of each, a fifth is of both, for four hours together.
    assert widest.high.moved == pytest.approx(0.2 * 4.0, rel=0.5)


def test_what_few_terms_show_is_told() -> None:
    """Once in 2 000 years, over contracts of seven: some 30 of 8 192 terms."""
    rare = {"ttf": "2000 years", "ttr": {"exactly": "4 h", "low": "2 h", "high": "8 h"}}
    shown = tornado(parts_of(a={}, b=rare), precision="0.01 %", threads=1)
    low = next(one for one in shown.bars if one.number.name == "ttr of b").low
    assert 0 < low.differing < 50
    said = f"hardly resolved, whatever the interval: ttr of b at 2 h differs in {low.differing} of "
    assert said in lines_of(shown)


def test_nothing_moves() -> None:
    rare = {"ttf": {"mttf": "1e8 years", "low": "5e7 years", "high": "2e8 years"}}
    shown = tornado(parts_of(a=rare), precision="50 %", threads=1)
    assert "No number moves it." in shown.lines()
    assert not any(line.startswith("input") for line in shown.lines())
    ax = shown.plot()
    assert [text.get_text() for text in ax.texts] == ["no number moves it"]
    assert ax.get_legend() is None


@pytest.mark.parametrize("measure", [5, ["store.down"]])
def test_a_measure_that_is_no_text_is_refused(measure: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="is no measure; write store"):
        tornado(series(), measure)
