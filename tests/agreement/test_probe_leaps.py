"""Probes that ask by leaps are served when those are that ask moment by moment, to the bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pacsim.campaign.probe_windows import ASKED
from pacsim.traffic.client_conditions import POOL, REFUSES, ConditionChange, Conditions, Timeline
from pacsim.traffic.client_tables import ECHO, Dial, Operation, Probe, Station, TrafficTables, Work
from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from tests.agreement.probe_worlds import ARCHIVES, KEY, ProbedWorld, probed_world, struck_world
from tests.oracle.traffic.scenes import TIMERS

SEEDS = 120


def agree(world: ProbedWorld) -> bool:
    """Return whether both ways find the same."""
    leaps, moments = world.leaps(), world.moments()
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(leaps, moments, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("archive", range(len(ARCHIVES)))
def test_leaps_are_moments_to_the_bit(archive: int) -> None:
    # Sees: the lines of `experiments/validation/traffic/leap_plants.py`.
    seeds = range(archive, SEEDS, len(ARCHIVES))
    assert [seed for seed in seeds if not agree(probed_world(seed))] == []
    assert [seed for seed in seeds if not agree(struck_world(seed))] == []


def one_out(days: float) -> ProbedWorld:
    """Return a pool of which a member is off the list for days."""
    conditions = Conditions(POOL, ("a", "b"), ("s",))
    ask = Operation(ECHO, (Work(0.13), Work(0.11)), association=0.2)
    station = Station("probe", Probe((ask,)), timers=replace(TIMERS, pause=1.0))
    tables = TrafficTables(conditions, (station,), dial=Dial(retries=3, redispatch=True))
    out, end = 1.2e8, 1.2e8 + 86400.0 * days
    changes = [
        ConditionChange(out, "member.a", REFUSES),
        ConditionChange(out + 4.0, "listed.a", 0),
        ConditionChange(end, "member.a", 0),
        ConditionChange(end + 4.0, "listed.a", 1),
    ]
    asked = np.array([(out - 33.0, out, out + 33.0, end + 4.0, end + 4.0)], dtype=ASKED)
    return ProbedWorld(tables, Timeline.of(conditions, changes), asked, end + 4000.0)


def test_hours_without_a_change_cost_nothing() -> None:
    """Of ten days in which a probe asks each second a few events are left."""
    # Sees: leaps that are never taken.
    events = []
    for days in (1.0, 10.0):
        world = one_out(days)
        made = CompiledTraffic(world.tables)
        made.gaps(world.line, KEY, world.horizon, world.asked)
        (spare,) = made._spare
        events.append(int(spare._run.world["events"]))
    assert max(events) < 20
    assert agree(one_out(1.0))
