"""Which simulator answers, chosen in one place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.arrival_tables import ArrivalTable
from pacsim.traffic.arrivals import arrivals
from pacsim.traffic.reference import ReferenceTraffic
from pacsim.units import HOUR

if TYPE_CHECKING:
    from pacsim.traffic.client_tables import TrafficTables


ENGINE = "reference of the traffic"
"""What it is called where figures say how they were made."""


def simulator(tables: TrafficTables) -> ReferenceTraffic:
    """Return the simulator that a workload is run on."""
    return ReferenceTraffic(tables)


def arrivals_until(tables: TrafficTables, seed: int, number: int, until: float) -> ArrivalTable:
    """Return what arrives in the whole slots of a replication that begin before a time."""
    slots = math.ceil(until / HOUR)
    return ArrivalTable.of(arrivals(tables, seed, number, 0.0, HOUR * slots))
