"""What the changes of an element's state do, worked out by hand for a small model."""

from __future__ import annotations

from typing import Any

from pacsim.core import Model, ModelBuilder
from pacsim.delays import Exponential
from pacsim.engines.kernel.tables import Packer


def small() -> Model:
    m = ModelBuilder()
    unit = m.element("unit", "up down worn patched", fault="down", planned="patched")
    other = m.element("other", "on off")
    unit.after("up worn -> down", Exponential(9.0), "fail")
    unit.after("up -> worn", Exponential(5.0), "wear")
    unit.after("down -> up", Exponential(1.0), "repair")
    unit.after("down worn patched -> patched", Exponential(2.0), "patch")
    wears = unit.move({"up": "worn"})
    other.after("on -> off", Exponential(3.0), "go", effects=[wears])
    m.entries("bad", unit, "down worn")
    m.gate_time("good", (unit == "up") | (unit == "patched"))
    return m.build()


class Packed:
    """Reads the rows of a packed model by names."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.tables = Packer(model, 10.0, 0).tables().model

    def rows(self, change_at: int) -> list[Any]:
        """Return the changes by the state in which they begin, None where there is none."""
        numbers = self.tables["integers"][change_at : change_at + 4]
        return [None if n < 0 else self.tables["state_changes"][n] for n in numbers]

    def integers(self, row: Any, what: str, width: int = 1) -> list[int]:
        """Return a list to which a row points."""
        first = row[f"{what}_first"]
        return list(self.tables["integers"][first : first + width * row[f"{what}_count"]])

    def transitions(self, row: Any, what: str) -> list[str]:
        """Return the names in a list of transitions."""
        return [self.model.transitions[i].name for i in self.integers(row, what)]

    def outcome(self, name: str) -> Any:
        """Return the first outcome of a transition."""
        index = [t.name for t in self.model.transitions].index(name)
        place = self.tables["transitions"][index]["rows_first"]
        return self.tables["outcomes"][self.tables["integers"][place]]


def test_changes_of_a_firing() -> None:
    packed = Packed(small())
    rows = packed.rows(packed.outcome("unit.fail")["change_at"])
    assert [row is None for row in rows] == [False, True, False, True]
    up, worn = rows[0], rows[2]
    assert (up["target"], worn["target"]) == (1, 1)
    assert (up["flag"], worn["flag"]) == (1, 1)
    # From up: what starts from up alone, or from up and worn, is left; from down it goes on.
    assert packed.transitions(up, "left") == ["unit.fail", "unit.wear"]
    assert packed.transitions(up, "entered") == ["unit.patch", "unit.repair"]
    # Worn and down are both source states of the patch, which is neither left nor entered.
    assert packed.transitions(worn, "left") == ["unit.fail"]
    assert packed.transitions(worn, "entered") == ["unit.repair"]
    # Down is entered from outside "down worn" only from up.
    assert packed.integers(up, "entry") == [0]
    assert packed.integers(worn, "entry") == []


def test_levels_that_a_change_shifts() -> None:
    packed = Packed(small())
    up = packed.rows(packed.outcome("unit.fail")["change_at"])[0]
    pairs = packed.integers(up, "level", width=2)
    weights = {
        level: w for level, found in enumerate(packed.model.levels) for e, w in found.elements
    }
    expected = {k: w[1] - w[0] for k, w in weights.items() if w[1] != w[0]}
    assert dict(zip(pairs[::2], pairs[1::2], strict=True)) == expected
    assert expected
    # From worn to down nothing is read differently.
    worn = packed.rows(packed.outcome("unit.fail")["change_at"])[2]
    assert packed.integers(worn, "level", width=2) == []


def test_a_change_to_itself_does_nothing() -> None:
    packed = Packed(small())
    rows = packed.rows(packed.outcome("unit.patch")["change_at"])
    assert [row is None for row in rows] == [True, False, False, False]
    same = rows[3]
    assert same["target"] == 3
    assert same["flag"] == 2
    for what in ("left", "entered", "level", "entry", "need"):
        assert same[f"{what}_count"] == 0


def test_effects_share_the_changes_of_firings() -> None:
    packed = Packed(small())
    effect = packed.tables["effects"][packed.outcome("other.go")["effect_first"]]
    rows = packed.rows(effect["change_at"])
    assert [row is None for row in rows] == [False, True, True, True]
    wears = packed.rows(packed.outcome("unit.wear")["change_at"])
    assert rows[0] == wears[0]
    # fail 2, wear 1 (also the effect), repair 1, patch 3, go 1.
    assert len(packed.tables["state_changes"]) == 8
