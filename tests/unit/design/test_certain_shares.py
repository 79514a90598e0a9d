"""Shares of 100 % and work of no time are as good as others."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacsim.delays.law import Law
from pacsim.design import design_of, load
from pacsim.design.build import build

PAIR = load(Path(__file__).parents[3] / "models" / "designs" / "active-passive.yaml")


@pytest.mark.parametrize(("shared", "seen"), [("1 %", "46 %"), ("8 %", "18 %"), ("30 %", "70 %")])
def test_a_change_that_always_fails(shared: str, seen: str) -> None:
    """Of some shares the four ways to fail add up to more than 1 by rounding."""
    design = PAIR.vary(
        {
            "parts.server-a.software.change_fails": "100 %",
            "practices.upgrades.shared": shared,
            "practices.upgrades.seen_at_once": seen,
        }
    )
    model = build(design.resolved).model
    ends = [t for t in model.transitions if t.name == "server-a/patch.upgrades-end"]
    assert [o.p for t in ends for o in t.outcomes.table[0]][-1] == pytest.approx(0.0, abs=1e-15)


def test_outages_that_are_all_major() -> None:
    design = PAIR.vary({"parts.mains.major_share": "100 %", "parts.mains.major": "3 d"})
    model = build(design.resolved).model
    (length,) = (t.delay for t in model.transitions if t.name == "mains/outage.on")
    assert length is not None
    (law,) = length.table
    assert isinstance(law, Law)
    assert law == design.resolved.parts["mains"].law("major")


def test_a_window_that_is_over_at_once() -> None:
    """Sees a look at who is out while it lasts."""
    plain = dict(PAIR.plain)
    window = {"of": ["server-a"], "on": "first saturday 08:00", "lasts": "0 s"}
    plain["practices"] = {**plain["practices"], "maintenance": {"own": window}}
    assert not any("together" in said for said in design_of(plain).resolved.warnings)
