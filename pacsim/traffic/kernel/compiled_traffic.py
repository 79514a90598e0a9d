"""The compiled simulator of traffic (`pacsim.traffic.simulators`), equal to the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.traffic.kernel import numbers_of_traffic as n
from pacsim.traffic.kernel.joined_traffic import ENTRY, kernel
from pacsim.traffic.kernel.lowered import lowered
from pacsim.traffic.kernel.run_arrays import RunArrays
from pacsim.traffic.kernel.run_log import log_of

if TYPE_CHECKING:
    from pacsim.traffic.arrival_tables import ArrivalTable
    from pacsim.traffic.client_conditions import Timeline
    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.logs import TrafficLog


class CompiledTraffic:
    """A workload that can be run (`pacsim.traffic.simulators.TrafficSimulator`).

    Parameters
    ----------
    tables : TrafficTables
        Stations, pools, limits.

    Raises
    ------
    UnsupportedError
        If a law is not one of the kernel's.
    """

    def __init__(self, tables: TrafficTables) -> None:
        self.tables = tables
        self._fixed = lowered(tables)

    def begin(self, timeline: Timeline, start: float, key: tuple[int, int]) -> CompiledRun:
        """Return a run that begins empty at ``start``, seconds, with the draws of ``key``."""
        return CompiledRun(RunArrays(self._fixed, timeline, start, key))


class CompiledRun:
    """Stations that live (`pacsim.traffic.simulators.TrafficRun`).

    Parameters
    ----------
    arrays : RunArrays
        Of a run that begins.
    """

    def __init__(self, arrays: RunArrays) -> None:
        self.arrays = arrays
        self._advance = kernel(arrays.held())[ENTRY]

    @property
    def now(self) -> float:
        """Return the time, of which nothing has happened yet."""
        return self.arrays.now

    def feed(self, more: ArrivalTable) -> None:
        """Take in what arrives next, of whole slots."""
        self.arrays.feed(more)

    def advance(self, until: float) -> None:
        """Go on to before a time."""
        while self._advance(*self.arrays.held(), until) != n.DONE:
            self.arrays.make_room()
        self.arrays.now = until

    def log(self) -> TrafficLog:
        """Return what has happened, with what is not over yet."""
        return log_of(self.arrays)
