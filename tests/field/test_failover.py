"""Failover groups of the field: what is right in each, worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import pacsim
from pacsim.design import DesignError, load

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "models" / "designs" / "active-passive.yaml"


def rows(design: Any, count: int = 64) -> list[tuple[Any, ...]]:
    """Return every figure of a design."""
    found = pacsim.run(design, replications=count, seed=5, progress=False)
    return [
        (one.role, one.measure, one.by, one.of, one.estimate, one.lower, one.upper, one.note)
        for one in found.rows
    ]


# -- tests of the failover --------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("file", [SHIPPED, HERE / "fence-race.yaml"], ids=lambda x: x.stem)
@pytest.mark.parametrize("every", ["10 years", "7 years"])
def test_a_test_that_never_comes_changes_nothing(file: Path, every: str) -> None:
    """One every ten years in a term of seven: to the bit the figures without it."""
    # Sees: a group that is taken to be tested before the first test; planned work that may come.
    never = {"every": every, "outage": "10 min", "valid": "10 years"}
    tested = load(file).vary({"practices.failover_tests": never})
    assert rows(tested) == rows(load(file))


def test_valid_has_no_default() -> None:
    """How long a test is good for does not follow from how often there is one."""
    # Sees: a default.
    with pytest.raises(DesignError, match="write valid: 6 months") as raised:
        load(SHIPPED).vary({"practices.failover_tests": {"every": "3 months"}})
    (problem,) = raised.value.problems
    assert problem.path == "practices.failover_tests.valid"
