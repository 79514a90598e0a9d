"""Windows beside a twin give what the whole term gives (T21 to T26)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.core.streams import replication_key
from pacsim.design import load
from pacsim.traffic.client_tables import Probe, TrafficTables
from pacsim.traffic.from_design import tables
from pacsim.traffic.kernel.arriving import ArrivingStreams
from pacsim.traffic.reference import ReferenceTraffic
from pacsim.traffic.window_tables import WINDOWS
from pacsim.traffic.windows import TrafficWindows
from pacsim.units import DAY, HOUR
from tests.oracle.traffic.differences import Differences
from tests.oracle.traffic.outages import Scripted
from tests.oracle.traffic.test_reference_run import same_logs

if TYPE_CHECKING:
    from pacsim.traffic.second_pass import Passed
    from pacsim.traffic.window_tables import WindowBatch

MODELS = Path(__file__).parents[3] / "models"
TERM = 5 * DAY
OUTAGES = 12


class Compared:
    """A week of the community hospital on the pair, whole, and the outages that it has.

    Parameters
    ----------
    folder : Path
        Where the design is written.
    """

    def __init__(self, folder: Path) -> None:
        file = folder / "pair.yaml"
        file.write_text(
            f'pacsim: 1\ncatalogue: "2026.3"\nextends: {MODELS}/designs/active-passive.yaml\n'
            f"workload: {{from: {MODELS}/workloads/community-hospital.yaml, archive: pacs, "
            "at: {modalities: radiology, readers: reading-rooms}}\n"
        )
        whole = tables(load(file).resolved)
        # Probes begin with the run that they are in, so of them windows have other operations.
        clients = tuple(one for one in whole.stations if not isinstance(one.does, Probe))
        self.tables: TrafficTables = replace(whole, stations=clients)
        self.passed: Passed = Scripted(whole.conditions, 3).history(OUTAGES, TERM)
        self.right = self.whole()

    def whole(self) -> Differences:
        """Return what the term costs, from its begin to its end."""
        key, streams, logs = replication_key(1, 0), ArrivingStreams(self.tables), []
        line = self.passed.timeline
        for one in (line, line.quiet(self.tables.conditions, 0.0)):
            run = ReferenceTraffic(self.tables).begin(one, 0.0, key)
            run.feed(streams.table(key, 0, round(TERM / HOUR)))
            run.advance(TERM)
            logs.append(run.log())
            logs[-1].check()
        found = Differences()
        found.add(*logs)
        return found

    def windows(self, **options: Any) -> WindowBatch:
        """Return the windows of the term."""
        return TrafficWindows(ReferenceTraffic(self.tables), TERM, **options).batch(self.passed)


def cost(batch: WindowBatch) -> Differences:
    """Return what windows cost."""
    found = Differences()
    for k in range(len(batch.windows)):
        found.add(batch.faulted.log(k), batch.twin.log(k))
    return found


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    return Compared(tmp_path_factory.mktemp("windows"))


@pytest.mark.slow
def test_windowed_equals_full(compared: Compared) -> None:
    """Every count to the bit, every sum to 1e-9, in a small share of the time."""
    batch = compared.windows()
    found = cost(batch)
    assert found.known() == compared.right.known()
    assert found.far(compared.right) <= 1e-9
    assert sum(found.counts.values()) > 100
    rows = batch.windows
    assert not rows["censored"].any()
    assert rows["overlapped"].sum() >= 1
    assert (rows["closed"] - rows["start"]).sum() < 0.15 * TERM


@pytest.mark.slow
def test_windows_one_by_one_are_those_of_the_batch(compared: Compared) -> None:
    """What is in a window does not hang on which others there are."""
    batch = compared.windows()
    alone = TrafficWindows(ReferenceTraffic(compared.tables), TERM)
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
def test_without_a_lead_it_differs(compared: Compared) -> None:
    """What was under way as the divergence started is missed."""
    found = cost(compared.windows(lead=0.0))
    assert found.known() != compared.right.known()
