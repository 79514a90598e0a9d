"""Which transitions of shipped parts bring something back although nobody has to do it (R8)."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pacsim import load
from pacsim.core import Model, ModelBuilder
from pacsim.delays import Deterministic
from pacsim.design.build import Built, build
from pacsim.engines import kernel, reference
from pacsim.errors import ModelError

DESIGNS = Path(__file__).parents[3] / "models" / "designs"
KNOWN = {
    ("server", "host.booted"),
    ("server", "host.rebooted"),
    ("server", "host.recovered"),
    ("server", "application.watchdog"),
    ("server", "application.restarted"),
    ("server", "application.started"),
    ("database", "engine.recovered"),
    ("database", "engine.started"),
    ("switch", "unit.reset"),
    ("load_balancer", "unit.reset"),
    ("generator", "tank.delivery"),
    ("disk_array", "disk.rebuilt"),
    ("primary_standby", "replica.caught-up"),
}
"""Restart, boot, recovery, soft reset, refuelling, rebuilding and catching up."""


@pytest.fixture(scope="module")
def built() -> list[tuple[Built, dict[str, str]]]:
    """Return the shipped designs as built, with the type of each part and group."""
    made = []
    for file in sorted(DESIGNS.glob("*.yaml")):
        resolved = load(file).resolved
        everything = {**resolved.parts, **resolved.groups}
        made.append((build(resolved), {name: one.type for name, one in everything.items()}))
    return made


def named(built: Built, types: dict[str, str], *, automatic: bool) -> set[tuple[str, str]]:
    """Return type and name of each transition that has the flag or has not."""
    found = set()
    for one in built.model.transitions:
        of = built.elements[one.element]
        if one.automatic is automatic and of.part in types:
            found.add((types[of.part], f"{of.kind.split('-')[0]}.{one.name.rpartition('.')[2]}"))
    return found


def test_all_that_nobody_does(built: list[tuple[Built, dict[str, str]]]) -> None:
    """The shipped designs have each of them, and no other; repairs by people have no flag."""
    # Sees: the flag left out of the reset of a switch; the flag on a repair that people do.
    with_flag = set().union(*(named(*one, automatic=True) for one in built))
    without = set().union(*(named(*one, automatic=False) for one in built))
    assert with_flag == KNOWN
    assert not with_flag & without
    assert {("server", "hardware.repaired"), ("server", "application.fixed")} <= without
    assert ("active_passive", "phase.worked") in without


@pytest.mark.slow
def test_it_changes_nothing(built: list[tuple[Built, dict[str, str]]]) -> None:
    """Without any flag the same happens, to the bit."""
    for one, _ in built:
        plain = without_flags(one.model)
        assert plain != one.model
        month = 30 * 86400.0
        ours, theirs = (
            reference.simulate(m, horizon=month, trace=True) for m in (one.model, plain)
        )
        assert ours.trace is not None
        assert theirs.trace is not None
        assert np.array_equal(ours.trace, theirs.trace)
        ours, theirs = (kernel.simulate(m, horizon=12 * month, count=8) for m in (one.model, plain))
        assert np.array_equal(ours.values, theirs.values)


def without_flags(model: Model) -> Model:
    """Return the model as it was before there was such a flag."""
    return replace(model, transitions=tuple(replace(t, automatic=False) for t in model.transitions))


def test_a_fault_cannot_be_automatic() -> None:
    m = ModelBuilder()
    unit = m.element("unit", "up down", fault="down")
    unit.after("up -> down", Deterministic(1.0), "fail", cls="fault", automatic=True)
    unit.after("down -> up", Deterministic(1.0), "back", automatic=3)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="2 problems") as caught:
        m.build()
    assert "unit.fail: class 'fault' brings nothing back, so it cannot be automatic" in str(
        caught.value
    )
    assert "unit.back" in str(caught.value)
