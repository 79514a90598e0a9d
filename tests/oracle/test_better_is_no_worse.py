"""Ladders: each step up is better in plain words, so that the paired mean of down time falls.

`rising` is the property: it takes a design and steps from worse to better, each a set of changes;
no step may have more down time than the one before, by more than their paired interval allows.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import pacsim
from pacsim.design import Design, load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SINGLE, PAIR = (
    ROOT / "models" / "designs" / f"{x}.yaml" for x in ("single-server", "active-passive")
)
NBD, FOUR = (
    str(ROOT / "models" / "support" / f"{x}.yaml") for x in ("next-business-day", "24x7-4h")
)
CONTRACTS: list[Mapping[str, Any]] = [{"practices.support": x} for x in (None, NBD, FOUR)]


def factors(path: str, key: str, value: str) -> list[Mapping[str, Any]]:
    """Return a slot of ten, three and one times a length."""
    number, unit = value.split()
    return [{path: {key: f"{k * float(number)} {unit}"}} for k in (10, 3, 1)]


SHORTER = {
    "parts.core-1.ttr": "5 h",
    "parts.pdu-a.ttr": "5 h",
    "parts.operators.ttr": "1 h",
    "parts.server-a.repair": "2 h",
    "parts.server-a.psu_repair": "2 h",
    "parts.array.controller_repair": "2 h",
    "parts.array.shelf_repair": "5 h",
    "parts.array.disk_replace": "9 h",
    "parts.ups-a.ttr": "9 h",
}


def rising(design: Design, steps: Sequence[Mapping[str, Any]], terms: int) -> list[float]:
    """Return what each step saves in hours a year; fail if one surely costs."""
    ladder = [design.vary({**step, "name": f"step {k}"}) for k, step in enumerate(steps)]
    saved = []
    for worse, better in itertools.pairwise(ladder):
        found = pacsim.compare([worse, better], replications=terms, progress=False, seed=3)
        (row,) = [r for r in found.rows if r.measure == "down" and r.against and r.role == "store"]
        # What is the same in all terms has no interval.
        assert row.lower is not None or row.estimate == 0.0
        assert (row.lower or 0.0) <= 0.0, (
            f"{better.name}: {row.lower} h a year more than {worse.name}"
        )
        saved.append(-float(row.estimate or 0.0))
    return saved


@pytest.mark.parametrize("file", [SINGLE, PAIR], ids=["single", "pair"])
def test_a_better_contract(file: Path) -> None:
    """None, next business day, 4 h."""
    # Sees: a contract that changes the hands-on repairs only, with signs turned round.
    saved = rising(load(file), CONTRACTS, 512)
    assert min(saved) > 0.0


@pytest.mark.parametrize("path", SHORTER)
def test_a_shorter_repair(path: str) -> None:
    """A tenth of it, in two steps."""
    worn = {"parts.array.disk.life": "20 000 h"} if path.endswith("disk_replace") else {}
    steps = [{**worn, **step} for step in factors(path, "exactly", SHORTER[path])]
    saved = rising(load(SINGLE), steps, 256)
    assert min(saved) >= -0.05
