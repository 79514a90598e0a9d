"""One part repaired under another contract than its time was read under, on both simulators.

Each replication has one failure, at a time that is uniform over a year of whole weeks, so that it
comes at any hour of the week alike; its repair is judged by its own standard error.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.core import layout
from pacsim.design import design_of, load
from pacsim.design.build import build
from pacsim.engines import kernel, reference
from tests.close import close
from tests.oracle.simulating import SEED, judge

if TYPE_CHECKING:
    from pacsim.core import Model
    from pacsim.design import Design

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
SUPPORT = ROOT / "models" / "support"
H, WEEK = 3600.0, 7 * 24 * 3600.0
HORIZON = 200 * WEEK
NBD, FOUR = str(SUPPORT / "next-business-day.yaml"), str(SUPPORT / "24x7-4h.yaml")


def mean(median: float, p95: float) -> float:
    return median * math.exp((math.log(p95 / median) / 1.6448536269514722) ** 2 / 2)


PART = 0.0548 * mean(53.7, 215.0)
OPENS = (5 * (12 + 8) + (12 + 56) + (12 + 32)) / 7 + 3
SWITCH, PDU, GENERATOR, UPS = mean(9.8, 39.2), mean(6.93, 27.7), mean(36.7, 147.0), mean(8, 48)
LIFE = {"low": "104 week", "high": "156 week"}
MAINS = {"type": "utility", "outages": {"rate": "0 /year"}, "duration": "1 h"}
PARTS: dict[str, dict[str, Any]] = {
    "switch": {"type": "switch", "from": "san_switch", "fails": LIFE},
    "pdu": {"type": "pdu", "from": "pdu", "fails": LIFE, "power": ["mains"]},
    "ups": {"type": "ups", "from": "ups", "fails": LIFE, "power": ["mains"], "drops_load": 1,
            "runtime": "1 h", "battery_life": None, "battery_replace": None},
}  # fmt: skip


def design(kind: str, contract: str | None) -> Design:
    """Return one part and a role that needs nothing else."""
    practices = {"support": contract} if contract is not None else {}
    parts = {"a": PARTS[kind], "mains": MAINS}
    return design_of(
        {"pacsim": 1, "parts": parts, "practices": practices, "roles": {"use": {"needs": ["a"]}}},
        str(ROOT / "my.yaml"),
    )


def down(model: Model, values: Any) -> Any:
    """Return the hours down of each replication."""
    place = [o.name for o in model.observations].index("role:use")
    return values[:, layout(model, 0).first[place]] / H


@pytest.mark.parametrize(
    ("kind", "contract", "expected"),
    [
        ("switch", NBD, SWITCH - (4 + PART) + OPENS + PART),
        ("pdu", None, PDU - (4 + PART) + 24 * mean(3.16, 12.6) - 2.5),
        ("ups", NBD, UPS - (4 + PART) + OPENS + PART),
        ("switch", FOUR, SWITCH),
    ],
)
def test_mean_of_many_repairs(kind: str, contract: str | None, expected: float) -> None:
    """14.0 - 8.2 + 37.5 = 43.3 h of a switch under the next business day."""
    # Sees: 2 % of the mean; a weekday that is lost makes 20 %, no missing parts 10 %.
    model = build(design(kind, contract).resolved).model
    batch = kernel.Runner(model, HORIZON, None).batch(SEED, 0, 40_000)
    judge(down(model, batch.values), expected)
    slow = reference.simulate(model, seed=SEED, count=200, horizon=HORIZON)
    # The same in the other simulator, to the bit: what is judged of one is true of both.
    assert np.array_equal(slow.values, batch.values[:200])


def test_no_contract_costs_studies() -> None:
    """A set of disks is lost oftener the longer a new one takes: 4 h, next business day, none."""
    # Sees: a replacement of disks that no contract changes.
    single = load(ROOT / "models" / "designs" / "single-server.yaml")
    changes = {"life": "3000 h", "uber": None}
    worn = single.vary({f"parts.array.disk.{key}": value for key, value in changes.items()})
    found = []
    for contract in (FOUR, NBD, None):
        model = build(worn.vary({"practices.support": contract}).resolved).model
        batch = kernel.Runner(model, 20_000 * H, None).batch(SEED, 0, 500)
        place = [o.name for o in model.observations].index("loss:array")
        first = batch.values[:, layout(model, 0).first[place]]
        found.append(float(np.mean(first < 20_000 * H)))
    assert found[0] + 0.2 < found[1]
    assert found[1] + 0.02 < found[2]


def test_under_the_same_contract_nothing_changes() -> None:
    """The model is that of a time of one's own with the same law, to the bit."""
    one = design("switch", FOUR)
    own = {"parts.a.ttr": {"median": "9.8 h", "p95": "39.2 h"}}
    models = [build(x.resolved).model for x in (one, one.vary(own))]
    values = [kernel.Runner(m, HORIZON, None).batch(SEED, 0, 50).values for m in models]
    assert np.array_equal(values[0], values[1])
    assert values[0].sum() > 0
    assert float(np.mean(down(models[0], values[0]))) == close(SWITCH, 0.5)
