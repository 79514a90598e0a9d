"""Who is served alike whatever fails asks nothing in windows; who may be disturbed does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim.traffic.client_conditions import SERVER, SILENT, UP, ConditionChange, Conditions
from pacsim.traffic.client_tables import (
    ARCHIVE,
    FREE,
    WORKLIST,
    Asker,
    Operation,
    SharedPool,
    Station,
    TrafficTables,
    Work,
)
from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.reference import ReferenceTraffic
from pacsim.traffic.undisturbed_stations import undisturbed, without_undisturbed
from pacsim.traffic.windows import TrafficWindows
from pacsim.units import HOUR
from tests.oracle.traffic.outages import passed
from tests.oracle.traffic.scenes import modality

if TYPE_CHECKING:
    from pacsim.traffic.simulators import TrafficSimulator

ALONE = Work(0.2)


def asker(target: int, work: Work = ALONE) -> Station:
    """Return a console that asks every 600 s."""
    return Station("worklist-CT-1", Asker(Operation(WORKLIST, (work,), target=target), every=600.0))


@pytest.mark.parametrize(
    ("station", "right"),
    [
        (asker(FREE), True),
        (asker(ARCHIVE), False),
        (asker(0), False),
        (asker(FREE, Work(0.2, ((0, 0.1),))), False),
        (asker(FREE, Work(0.2, sized=((0, 1e-9),))), False),
        (modality("CT-1"), False),
    ],
)
def test_only_who_takes_nothing_from_others_and_never_fails(station: Station, right: bool) -> None:
    """A target of the design may fail, a pool is shared with those that are held up."""
    assert undisturbed(station) is right


@pytest.mark.parametrize("simulator", [ReferenceTraffic, CompiledTraffic])
def test_nobody_else_goes_on_otherwise(simulator: type[TrafficSimulator]) -> None:
    """Windows, and all that happened in them to others, are the same to the bit."""
    conditions = Conditions(SERVER, ("a",), ("s",))
    scanner, asks = modality("CT-1"), asker(FREE)
    pools = (SharedPool("workers", 1.0),)
    whole = TrafficTables(conditions, (scanner, asks, replace(asker(ARCHIVE), name="own")), pools)
    away = [ConditionChange(5 * HOUR, "member.a", SILENT)]
    away += [ConditionChange(5.2 * HOUR, "member.a", UP)]
    term = passed(conditions, away, 12 * HOUR)
    one, other = (
        TrafficWindows(simulator(x), 12 * HOUR).batch(term)  # type: ignore[call-arg]
        for x in (whole, without_undisturbed(whole))
    )
    assert np.array_equal(one.windows, other.windows)
    assert len(one.windows) == 1
    logs = [x.faulted.log(0) for x in (one, other)]
    asked = [int((log.attempts["station"] == 1).sum()) for log in logs]
    assert asked[0] > 0
    assert asked[1] == 0
    rest = [log.attempts[log.attempts["station"] != 1] for log in logs]
    assert rest[0].tobytes() == rest[1].tobytes()
    assert (rest[0]["station"] == 2).any()


@pytest.mark.parametrize("simulator", [ReferenceTraffic, CompiledTraffic])
def test_a_workload_in_which_nobody_asks(simulator: type[TrafficSimulator]) -> None:
    """Such as one of probes, which are simulated apart: it comes to its end."""
    conditions = Conditions(SERVER, ("a",), ("s",))
    away = [ConditionChange(5 * HOUR, "member.a", SILENT)]
    away += [ConditionChange(5.2 * HOUR, "member.a", UP)]
    term = passed(conditions, away, 12 * HOUR)
    found = TrafficWindows(
        simulator(TrafficTables(conditions, ())),  # type: ignore[call-arg]
        12 * HOUR,
    ).batch(term)
    assert len(found.windows) == 1
    assert not len(found.faulted.attempts)
