"""Numbers that change nothing: what is said of them is true of the model, both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pacsim import load, sensitivity
from pacsim.cli.show import remarks
from pacsim.design import design_of
from pacsim.design.build import build
from pacsim.design.idle_slots import idle_slots
from pacsim.studies.uncertain_numbers import uncertain_numbers

if TYPE_CHECKING:
    from pacsim.design import Design

SHIPPED = ["single-server", "active-passive", "active-active"]
WITHOUT = {"practices.monitoring": None, "practices.procedures": "none"}
"""Nobody watches, and nothing is written down."""


def shipped(name: str, changes: dict[str, Any] | None = None) -> Design:
    design = load(f"models/designs/{name}.yaml")
    return design.vary(changes) if changes else design


def moved(design: Design, place: float, *, idle: bool) -> list[dict[str, Any]]:
    """Return what puts each number that is idle, or only battery tests, at an end of its range."""
    why = idle_slots(design.resolved)
    return [
        one.changes(place, design)
        for one in uncertain_numbers([design])
        if (one.first.path in why if idle else "battery_test" in one.name)
    ]


@pytest.mark.parametrize("changes", [None, WITHOUT], ids=["watched", "unwatched"])
@pytest.mark.parametrize("name", SHIPPED)
def test_idle_numbers_leave_the_model_as_it_is(name: str, changes: dict[str, Any] | None) -> None:
    """All of them at once, at both ends. Sees: a number that is used and called idle."""
    design = shipped(name, changes)
    model = build(design.resolved).model
    for place in (0.0, 1.0):
        found = moved(design, place, idle=True)
        assert len(found) >= 3
        every = {path: value for one in found for path, value in one.items()}
        assert build(design.vary(every).resolved).model == model


def test_battery_tests_count_once_nothing_stands_in_their_way() -> None:
    """Sees: a reason that is given although tests are carried out."""
    design = shipped("active-passive", {"practices.monitoring.finds": ["degraded_raid"]})
    assert not any("battery_test" in path for path in idle_slots(design.resolved))
    (change,) = moved(design, 1.0, idle=False)
    assert set(change) == {"parts.ups-a.battery_test", "parts.ups-b.battery_test"}
    assert build(design.vary(change).resolved).model != build(design.resolved).model


def test_who_writes_one_is_told_and_who_takes_a_bundle_is_not() -> None:
    why = "monitoring finds a dead battery in place of tests"
    design = shipped("active-passive")
    assert design.resolved.warnings == ()
    told = " ".join(" ".join(remarks(design.resolved)).split())
    assert (
        f"Numbers that change nothing in this design, and why: # parts.ups-a.battery_test {why}"
        in told
    )
    written = design.vary({"parts.ups-b.battery_test": "1 month"})
    assert written.resolved.warnings == (
        f"parts.ups-b.battery_test: changes nothing: {why}; leave it out, or change that",
    )


def test_a_tornado_says_why() -> None:
    small = {
        "pacsim": 1,
        "parts": {
            "u": {"type": "ups", "from": "ups", "runtime": "10 min"},
            "a": {"type": "component", "ttf": "1 year", "ttr": "4 h"},
        },
        "roles": {"store": {"needs": ["a"]}},
        "practices": {"monitoring": {"finds": ["dead_battery"]}},
    }
    found = sensitivity(design_of(small), progress=False)
    (bar,) = (one for one in found.bars if one.number.name == "battery_test of u")
    why = "exactly 0: monitoring finds a dead battery in place of tests"
    assert (bar.low.note, bar.high.note) == (why, why)
    assert f"{why}: battery_test of u" in " ".join(str(found).split())
