"""Windows beside a twin give what the whole term gives (T21 to T26)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.reference import ReferenceTraffic
from pacsim.traffic.window_tables import WINDOWS
from pacsim.traffic.windows import TrafficWindows
from pacsim.units import DAY
from tests.oracle.traffic.runs_beside import same_logs
from tests.oracle.traffic.whole_terms import WholeTerm, cost

if TYPE_CHECKING:
    from tests.oracle.traffic.differences import Differences

TERMS = ((ReferenceTraffic, 5, 12), (CompiledTraffic, 30, 40))
"""Simulators, each with days and outages."""


@pytest.fixture(scope="module", params=TERMS, ids=["reference", "kernel"])
def compared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> WholeTerm:
    simulator, days, outages = request.param
    return WholeTerm(simulator, tmp_path_factory.mktemp("windows"), days * DAY, outages)


@pytest.fixture(scope="module")
def right(compared: WholeTerm) -> Differences:
    return compared.whole()


@pytest.mark.slow
def test_windowed_equals_full(compared: WholeTerm, right: Differences) -> None:
    """Every count to the bit, every sum to 1e-9, in a small share of the time."""
    batch = compared.windows()
    found = cost(batch)
    assert found.known() == right.known()
    assert found.far(right) <= 1e-9
    assert sum(found.counts.values()) > 100
    rows = batch.windows
    assert not rows["censored"].any()
    assert rows["overlapped"].sum() >= 1
    assert (rows["closed"] - rows["start"]).sum() < 0.15 * compared.horizon


@pytest.mark.slow
def test_windows_one_by_one_are_those_of_the_batch(compared: WholeTerm) -> None:
    """What is in a window does not hang on which others there are."""
    batch = compared.windows()
    alone = TrafficWindows(compared.simulator, compared.horizon)
    first = 0
    for k, row in enumerate(batch.windows):
        one = alone.window(compared.passed, first)
        first += one.divergences
        if k % 4:
            continue
        assert np.array(one.row, dtype=WINDOWS).tobytes() == row.tobytes()
        for log, other in ((one.faulted, batch.faulted), (one.twin, batch.twin)):
            assert same_logs(log, other.log(k))
    assert first == len(compared.passed.divergences)


@pytest.mark.slow
def test_without_a_lead_it_differs(compared: WholeTerm, right: Differences) -> None:
    """What was under way as the divergence started is missed."""
    found = cost(compared.windows(lead=0.0))
    assert found.known() != right.known()
