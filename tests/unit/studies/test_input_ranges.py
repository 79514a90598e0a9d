"""Ranges of inputs: what is written at an end is what a person would write there."""

from __future__ import annotations

from typing import Any

import pytest

import pacsim
from pacsim.design import Design, design_of
from pacsim.errors import PacsimError
from pacsim.studies.amounts import LINEAR, LOG, Amount
from pacsim.studies.input_ranges import InputRange, input_ranges

SHIPPED = ("active-passive", "single-server")


def range_of(slot: str, **written: Any) -> InputRange | None:
    part = {"type": "component", "ttf": "1 year", "ttr": "4 h", slot: written}
    return input_ranges(design_of({"pacsim": 1, "parts": {"a": part}})).get(f"parts.a.{slot}")


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ({"rate": "2 /year", "low": "1 /year", "high": "4 /year"}, {"rate": "1 /year"}, {"rate": "4 /year"}),
        ({"mttf": "10 years", "low": "8760 h", "high": "20 years"}, {"mttf": "1 years"}, {"mttf": "20 years"}),
        ({"afr": "2 %", "low": 0.01, "high": "4 %"}, {"afr": "1 %"}, {"afr": "4 %"}),
        ({"value": "10 years", "low": "1 year", "high": "20 years"}, "1 years", "20 years"),
        ({"scale": "2 years", "shape": 2, "low": "1 years", "high": "4 years"}, {"scale": "1 years", "shape": 2}, {"scale": "4 years", "shape": 2}),
    ],
)  # fmt: skip
def test_an_end_keeps_the_form(written: dict[str, Any], low: Any, high: Any) -> None:
    # Sees: the end of a rate written as a time, a shape that is scaled as well.
    one = range_of("ttf", **written)
    assert one is not None
    assert (one.written(one.low), one.written(one.high)) == (low, high)


def test_the_spread_of_a_law_stays() -> None:
    one = range_of("ttr", median="4 h", p95="12 h", low="60 min", high="8 h")
    assert one is not None
    assert one.written(one.low) == {"median": "1 h", "p95": "3 h"}
    assert one.written(Amount(6.0, "h")) == {"median": "6 h", "p95": "18 h"}


def test_a_law_as_wide_as_its_range_has_none() -> None:
    assert range_of("ttr", low="1 h", high="3 h") is None


@pytest.mark.parametrize("name", SHIPPED)
def test_ranges_of_the_shipped_designs(name: str) -> None:
    design = pacsim.load(f"models/designs/{name}.yaml")
    found = input_ranges(design)
    ranged = {one.path for one in design.resolved.inputs if one.low and one.high}
    assert set(found) <= ranged
    # The others are laws as wide as their range.
    assert len(ranged) - len(found) <= 4
    for one in found.values():
        assert one.written(one.own) == one.form
        assert one.scale == (
            LINEAR if one.path.endswith(("share", "success", "usable")) else one.scale
        )
        assert one.scale == LINEAR or one.low.number > 0


def test_scale_and_whole_numbers() -> None:
    found = input_ranges(pacsim.load("models/designs/single-server.yaml"))
    assert found["parts.it-team.size"].whole
    assert not found["parts.nightly.interval"].whole
    assert found["parts.nightly.interval"].scale == LOG
    assert found["parts.nightly.success"].scale == LINEAR


def _loads(design: Design, changes: dict[str, Any]) -> bool:
    try:
        design.vary(changes)
    except PacsimError:
        return False
    return True


@pytest.mark.slow
def test_every_end_is_a_value_of_its_slot() -> None:
    """But for those that must go with others: lives of members that fail together, fencing."""
    design = pacsim.load("models/designs/active-passive.yaml")
    found = input_ranges(design).values()
    refused = {
        one.path
        for one in found
        for end in (one.low, one.high)
        if not _loads(design, {one.path: one.written(end)})
    }
    tied = {
        p for p in refused if p.startswith(("parts.server-", "parts.ups-", "groups.pacs.fencing."))
    }
    assert refused == tied


@pytest.mark.parametrize("wrong", ["x", "4 parsecs", None, True, {"a": 1}, "4 h more"])
def test_what_is_no_amount(wrong: Any) -> None:
    with pytest.raises(ValueError, match="is no number with a unit"):
        Amount.read(wrong)


def test_another_dimension() -> None:
    with pytest.raises(ValueError, match="'4 h' cannot be told in 1/year"):
        Amount.read("4 h").in_unit("1/year")
