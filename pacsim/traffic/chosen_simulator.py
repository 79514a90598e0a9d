"""Which simulator answers, chosen in one place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

from pacsim.core.streams import replication_key
from pacsim.units import HOUR

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.traffic.arrival_tables import ArrivalTable
    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.simulators import TrafficSimulator

ENGINE = "kernel of the traffic"
"""What it is called where figures say how they were made."""


def simulator(tables: TrafficTables) -> TrafficSimulator:
    """Return the simulator that a workload is run on."""
    from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic

    return cast("TrafficSimulator", CompiledTraffic(tables))


def arrivals_until(tables: TrafficTables, seed: int, until: float) -> Callable[[int], ArrivalTable]:
    """Return what gives, for the number of a replication, all that arrives in it.

    Parameters
    ----------
    tables : TrafficTables
        Of the workload.
    seed : int
        Of all draws.
    until : float
        Seconds; of the whole slots from the first one that begin before it.
    """
    from pacsim.traffic.kernel.arriving import ArrivingStreams

    streams, slots = ArrivingStreams(tables), math.ceil(until / HOUR)
    return lambda number: streams.table(replication_key(seed, number), 0, slots)
