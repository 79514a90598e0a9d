"""Input uncertainty on a model of which both components are known, and what is said of it."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import pacsim
from pacsim.design import design_of
from pacsim.errors import ArgumentError, PacsimError
from pacsim.formatting import plain
from pacsim.studies.input_uncertainty import CUBES, EACH, TERMS, InputUncertainty, draw_inputs
from tests.statistical import agrees

if TYPE_CHECKING:
    from pacsim.design import Design

YEARS, LOW, HIGH = 7.0, 2.0, 8.0
RATE = 0.5
"""Failures a year; the time down, some hours each, is as nothing beside it."""


def one(name: str = "one", **ttr: Any) -> Design:
    spread = {"exactly": "4 h", "low": f"{LOW} h", "high": f"{HIGH} h", **ttr}
    part = {"type": "component", "ttf": {"rate": f"{RATE} /year"}, "ttr": spread}
    return design_of(
        {"pacsim": 1, "name": name, "parts": {"a": part}, "roles": {"store": {"needs": ["a"]}}}
    )


@cache
def found() -> InputUncertainty:
    return pacsim.input_uncertainty(one(), progress=False, threads=1)


def moments() -> tuple[float, float]:
    """Return mean and mean square of the log-uniform hours of an outage."""
    spread = math.log(HIGH / LOW)
    return (HIGH - LOW) / spread, (HIGH**2 - LOW**2) / (2.0 * spread)


def test_both_components() -> None:
    """A term has Poisson outages of R hours each, with R drawn once: hours a year are R N / T.

    By the inputs they vary by rate^2 var(R), by sampling by rate E(R^2) / T over the terms.
    """
    # Sees: draws on common replications; the sampling variance of one term for that of a mean.
    mean, square = moments()
    split = found().split()
    assert split.inputs.lower is not None
    assert split.inputs.upper is not None
    # Of 200 draws 20 hypercubes know this variance to a tenth.
    error = (split.inputs.upper - split.inputs.lower) / 4.0
    agrees(split.inputs.value or 0.0, error, RATE**2 * (square - mean**2))
    sampling = RATE * square / YEARS / TERMS
    assert split.sampling == pytest.approx(sampling, rel=0.1)
    assert split.total == pytest.approx((split.inputs.value or 0.0) + split.sampling)


def test_the_range_is_that_of_the_inputs() -> None:
    low, high = found().range() or (math.nan, math.nan)
    ends = [RATE * LOW * (HIGH / LOW) ** q for q in (0.025, 0.975)]
    assert [low, high] == pytest.approx(ends, rel=0.03)
    told = f"{plain(low)} - {plain(high)} h/year"
    assert found().line() == f"with the inputs as uncertain as they are: {told}"


def test_draws_have_replications_of_their_own() -> None:
    """Hours over the drawn length are how often it failed: no two draws of the same terms."""
    # Sees: the same replications for every draw.
    places = draw_inputs(found().inputs, seed=1).reshape(CUBES * EACH, -1)
    hours = LOW * (HIGH / LOW) ** places[:, 0]
    often = np.round(found().results[:, 0] * YEARS * TERMS / hours, 1)
    assert len(set(often)) > 50
    assert abs(np.corrcoef(often[:-1], often[1:])[0, 1]) < 0.3


def test_each_hypercube_has_each_slice_once() -> None:
    for cube in draw_inputs(3, seed=7):
        assert (np.sort((EACH * cube).astype(int), axis=0) == np.arange(EACH)[:, None]).all()
    assert (draw_inputs(3, seed=7) == draw_inputs(3, seed=7)).all()
    assert (draw_inputs(3, seed=7) != draw_inputs(3, seed=8)).any()


def test_the_order_of_designs() -> None:
    """The other one is down half as long in every draw, or by a number of its own."""
    # Sees: numbers that two designs share and that are drawn apart.
    first = one("first")
    half = one("half").vary({"parts.a.ttf": {"rate": f"{RATE / 2} /year"}})
    both = pacsim.input_uncertainty([first, half], progress=False, threads=1)
    assert both.kept("half").value == 1.0
    assert both.order_line("half") == "half lower than first in 100 % of 200 draws"
    apart = one("apart", low="1 h", high="16 h")
    mixed = pacsim.input_uncertainty([first, apart], progress=False, threads=1)
    share = mixed.kept("apart").value
    assert share is not None
    assert 0.5 <= share < 0.7
    with pytest.raises(ArgumentError, match="no design 'none'; there are first, apart"):
        mixed.kept("none")


def test_rows_for_a_result() -> None:
    first, half = one("first"), one("half").vary({"parts.a.ttf": {"rate": f"{RATE / 2} /year"}})
    both = pacsim.input_uncertainty(
        [first, half], "store.down_unplanned", progress=False, threads=1
    )
    rows = both.rows()
    assert [(x.design, x.measure, x.role, x.unit, x.n) for x in rows] == [
        ("first", "down_unplanned_over_inputs", "store", "h/year", 200),
        ("half", "down_unplanned_over_inputs", "store", "h/year", 200),
        ("half", "order_over_inputs", "store", "1", 200),
    ]
    assert (rows[1].lower, rows[1].upper) == both.range("half")
    assert (rows[2].estimate, rows[2].note) == (1.0, "lower")


def test_draws_that_are_no_design_are_left_out_and_named() -> None:
    """Members of a common cause must have one life; ranges without one origin move apart."""
    life = {"mttf": "1 year", "low": "0.5 year", "high": "2 years"}
    part = {"type": "component", "ttf": life, "ttr": "4 h"}
    design = design_of(
        {
            "pacsim": 1,
            "parts": {
                "a": part,
                "b": part,
                "both": {"type": "common_cause", "members": ["a", "b"], "share": "10 %"},
            },
            "roles": {"store": {"needs": ["a"]}},
        }
    )
    with pytest.raises(ArgumentError, match=r"200 of 200 draws make a wrong design: parts\.both"):
        pacsim.input_uncertainty(design, progress=False, threads=1)


def test_no_ranges() -> None:
    with pytest.raises(ArgumentError, match="no design given"):
        pacsim.input_uncertainty([])


def test_draws_in_which_nothing_happens_have_no_side() -> None:
    """Two designs that are equal in most draws, and differ in few: 16 lower of 200."""
    results = np.zeros((200, 2))
    results[:16, 0] = 1.0
    few = InputUncertainty(
        ("often", "seldom"), "store.down_unplanned", "h/year", results,
        np.full((200, 2), 1.0), np.arange(200) % 20, (), 3, 256, 1,
    )  # fmt: skip
    assert few.side("seldom") == "lower"
    assert few.kept("seldom").value is None
    assert "not told" in few.order_line("seldom")
    assert few.range("seldom") is None
    assert "not told from sampling" in few.line("seldom")
    rows = few.rows()
    assert (rows[1].lower, rows[1].upper, rows[2].estimate) == (None, None, None)


def test_ties_are_on_no_side() -> None:
    """Lower in 60, higher in 50, equal in 90 of 200 draws: lower in 30 %."""
    results = np.zeros((200, 2))
    results[:60, 1], results[60:110, 1] = -1.0, 1.0
    some = InputUncertainty(
        ("one", "other"), "store.down_unplanned", "h/year", results,
        np.full((200, 2), 0.1), np.arange(200) % 20, (), 3, 256, 1,
    )  # fmt: skip
    assert some.kept("other").value == pytest.approx(0.3)
    assert some.order_line("other") == "other lower than one in 30 % of 200 draws"


def test_two_designs_of_one_name_are_refused() -> None:
    # Sees: the figures of the first one told of both, as a design that is varied keeps its name.
    usual = one("usual")
    with pytest.raises(ArgumentError, match="several designs are called usual; give each a name"):
        pacsim.input_uncertainty([usual, usual.vary({"parts.a.ttf": "1 month"})], progress=False)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"seed": -1}, "seed -1 must be 0 to"),
        ({"seed": 1.5}, "seed 1.5 must be a whole number"),
        ({"threads": 0}, "threads 0 must be 1 to 4096"),
        ({"threads": "x"}, "threads 'x' must be a whole number"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(PacsimError, match=said):
        pacsim.input_uncertainty(one(), progress=False, **asked)


def test_draws_that_are_all_equal_have_no_shares() -> None:
    # Sees: all of a variance of 0 told as sampling.
    none = np.zeros((200, 1))
    still = InputUncertainty(
        ("still",), "store.down", "h/year", none, none, np.arange(200) % 20, (), 3, 256, 1
    )
    assert "  all draws are equal" in still.lines()
    assert "variance" not in str(still)
