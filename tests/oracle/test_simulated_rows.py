"""Rows 13, 14, 15, 15b, 17, 17b, 19, 40 and 89 of the table of rules, simulated.

Many compiled replications are judged by their own standard error; the reference engine must equal
three short ones bit by bit. "Sees" is three standard errors of the run over the value. Row 28 is
simulated as a case, at a hundred times its rates (`test_simulated_cases`).
"""

from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest

from pacsim.core import ModelBuilder, every, outcome
from pacsim.engines.exact import solve
from tests.close import close
from tests.oracle.building import (
    LIFE,
    REBUILD,
    beta_factor,
    bridge,
    crews,
    priority_and,
    queueing,
    raid,
    slowed,
)
from tests.oracle.chains_by_hand import lost_of_ten
from tests.oracle.simulating import judge
from tests.semantics.test_rules_chance import both
from tests.statistical import likely

pytestmark = pytest.mark.slow

SHORT = 500.0


@pytest.mark.parametrize(
    ("number", "mean"), [(1, 0.6395217686), (2, 0.4647943956), (5, 0.4545454545)]
)
def test_13_crews(number: int, mean: float) -> None:
    """Row 13: five units share one, two or five crews."""
    # Sees: 0.25 % of the mean; a third crew in the place of two makes 2 %.
    both(crews(number), 4e5, 300, short=SHORT).by_time(mean, "down")


@pytest.mark.parametrize(
    ("kind", "down", "up"),
    [
        ("fifo", 0.0356786551, 0.5232381582),
        ("fixed", 0.0362342861, 0.5238756373),
        ("preemptive", 0.0222849737, 0.5273091954),
    ],
)
def test_14_queue_disciplines(kind: str, down: float, up: float) -> None:
    """Row 14: one crew serves three unlike units in the order of their faults or of their rank."""
    run = both(queueing(kind), 1e5, 200, short=SHORT)
    # Sees: 0.7 %; first come first served and a fixed order differ by 1.6 %.
    run.by_time(down, "all down")
    # Sees: 0.1 %; with preemption it is 0.7 % more.
    run.by_time(up, "all up")


def test_15_a_rebuild_that_two_faults_slow_down() -> None:
    """Row 15: three of ten disks, at a hundred times the rate of faults; 2e-8 is too rare.

    The figure is a matrix exponential's; `exact` has it too, and the rare one (`test_exact_raid`).
    """
    often, hours = LIFE / 100, 8760.0
    m = raid(10, 2, life=often, weights=(1.0, 0.25))
    expected = lost_of_ten(often, REBUILD, (1.0, 0.5), hours)
    assert solve(m.build(), horizon=hours).mission["loss"][0] == close(expected, 1e-9)
    wrong = [lost_of_ten(often, REBUILD, total, hours) for total in ((1.0, 1.0), (1.0, 2.0))]
    # Sees: 9 % of 0.004; the wrong readings lose 1.9 and 3.8 times less often.
    assert max(wrong) < 0.55 * expected
    both(m, hours, 300_000, short=SHORT).happened(expected, "loss")


@pytest.mark.parametrize(
    ("selector", "value"), [("speed", 3.920031361e-4), ("delay", 1.679605852e-4)]
)
def test_15b_speed_is_read_always_and_a_delay_once(selector: str, value: float) -> None:
    """Row 15b: a repair slows down when the second unit fails, or goes on as it was begun."""
    # Sees: 1.2 % of each value; the two mixed up differ by a factor of 2.3.
    both(slowed(selector), 1e6, 800, short=5000.0).by_time(value, "down")


def test_17_a_bridge_by_search() -> None:
    """Row 17: five links of 0.9; searched and unfolded to paths or cuts, the time is one."""
    run = both(bridge(), 1e5, 50, short=SHORT)
    # Sees: 1 % of the time down; a search that never crosses the tie is down 68 % longer.
    run.by_time(1 - 0.97848, "down")
    # Sees: one search that misses one path, to the bit.
    assert np.array_equal(run.each("down"), run.each("by paths"))
    assert np.array_equal(run.each("down"), run.each("by cuts"))


def test_17b_a_beta_factor() -> None:
    """Row 17b: a tenth of the faults of two units comes to both; unrelated ones give 0.00906."""
    # Sees: 2.3 % of the probability.
    both(beta_factor(), 1.0, 1_000_000).happened(0.0172842979, "failed")


def test_19_89_capacities_drawn_every_hour() -> None:
    """Rows 19 and 89: four nodes of 25 at 0.99 and a store of 100 at 0.9, else 50.

    Each is drawn anew by a tick every hour, so that hours are independent; the first one is all up.
    """
    m = ModelBuilder()
    chances = {f"node-{k}": 0.99 for k in range(4)} | {"store": 0.9}
    parts = {name: m.element(name, "up down", fault="down") for name in chances}
    for name, p in chances.items():
        drawn = [outcome(p, "up"), outcome(1 - p, "down")]
        parts[name].after("up down ->", every(1.0), "draw", cls="tick", outcomes=drawn)
    up = m.count(parts[name] == "up" for name in chances if name != "store")
    full = parts["store"] == "up"
    # In steps of 25; a store at half has two of them for certain.
    served = [(up >= j) if j <= 2 else (up >= j) & full for j in range(1, 5)]
    m.gate_time("nodes", up >= 3)
    m.gate_time("both", served[2])
    m.level_integral("served", m.count(served))
    m.level_integral("clipped", m.count(up >= j for j in (1, 2)))
    hours, count = 20_000, 200
    run = both(m, float(hours), count, short=SHORT)

    def drawn_later(name: str, first: float) -> Any:
        return (run.each(name) - first) / (hours - 1)

    # Sees: 0.004 %, 0.05 % and 0.02 %; capacities multiplied instead give 94.05, 0.05 % less.
    judge(drawn_later("nodes", 1.0), 0.99940797)
    judge(drawn_later("both", 1.0), 0.899467173)
    judge(25 * drawn_later("served", 4.0), 94.09999005)
    # Sixteen hours with less than two nodes are too few for a standard error, but not for their
    # law. Sees: three times as many, or none; not clipped there would be 49 more than 50.
    lacking = 2 * hours * count - run.each("clipped").sum()
    chance = (50.0 - 49.9999005) / 25
    likely(float(binomtest(round(lacking), (hours - 1) * count, chance).pvalue))


@pytest.mark.parametrize(
    ("shock", "counts", "value"),
    [(True, True, 0.1479479474), (True, False, 0.0872998641), (False, False, 0.0774090609)],
)
def test_40_priority_and_with_a_common_shock(shock: bool, counts: bool, value: float) -> None:
    """Row 40: left before right, where both at once counts or does not."""
    # Sees: 1.7 % of the probability; without the shock, or with its two effects one by one, 13 %.
    both(priority_and(shock=shock, counts=counts), 1.0, 400_000).happened(value, "failed")
