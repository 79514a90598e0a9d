"""A whole term against its windows: the same design, history and arrivals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacsim.core.streams import replication_key
from pacsim.design import load
from pacsim.traffic.client_tables import Probe
from pacsim.traffic.from_design import tables
from pacsim.traffic.kernel.arriving import ArrivingStreams
from pacsim.traffic.windows import TrafficWindows
from pacsim.units import HOUR
from tests.oracle.traffic.differences import Differences
from tests.oracle.traffic.outages import Scripted

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.simulators import TrafficSimulator
    from pacsim.traffic.window_tables import WindowBatch

MODELS = Path(__file__).parents[3] / "models"


class WholeTerm:
    """A term of a shipped workload on the pair, with outages of all kinds.

    Parameters
    ----------
    simulator : callable
        Makes a simulator of tables.
    folder : Path
        Where the design is written.
    horizon : float
        Length of the term in seconds, whole hours.
    outages : int
        How many.
    workload : str
        Name of the workload.
    """

    def __init__(
        self,
        simulator: Callable[[TrafficTables], TrafficSimulator],
        folder: Path,
        horizon: float,
        outages: int,
        workload: str = "community-hospital",
    ) -> None:
        file = folder / "pair.yaml"
        file.write_text(
            f'pacsim: 1\ncatalogue: "2026.3"\nextends: {MODELS}/designs/active-passive.yaml\n'
            f"workload: {{from: {MODELS}/workloads/{workload}.yaml, archive: pacs, "
            "at: {modalities: radiology, readers: reading-rooms}}\n"
        )
        all_of = tables(load(file).resolved)
        # Probes begin with the run that they are in, so of them windows have other operations.
        clients = tuple(one for one in all_of.stations if not isinstance(one.does, Probe))
        self.simulator = simulator(replace(all_of, stations=clients))
        self.horizon = horizon
        self.passed = Scripted(all_of.conditions, 3).history(outages, horizon)

    def whole(self) -> Differences:
        """Return what the term costs, from its begin to its end."""
        made = self.simulator.tables
        key, streams, logs = replication_key(1, 0), ArrivingStreams(made), []
        line = self.passed.timeline
        for one in (line, line.quiet(made.conditions, 0.0)):
            run = self.simulator.begin(one, 0.0, key)
            for slot in range(round(self.horizon / HOUR)):
                run.feed(streams.table(key, slot, 1))
                run.advance(HOUR * (slot + 1))
            logs.append(run.log())
            logs[-1].check()
        found = Differences()
        found.add(*logs)
        return found

    def windows(self, **options: Any) -> WindowBatch:
        """Return the windows of the term."""
        return TrafficWindows(self.simulator, self.horizon, **options).batch(self.passed)


def cost(batch: WindowBatch) -> Differences:
    """Return what windows cost."""
    found = Differences()
    for k in range(len(batch.windows)):
        found.add(batch.faulted.log(k), batch.twin.log(k))
    return found
