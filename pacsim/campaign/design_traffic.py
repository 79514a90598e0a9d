"""The traffic of one design of a run: what is simulated of which term, and by what."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from pacsim.campaign.figured_windows import FiguredWindows, in_groups
from pacsim.campaign.probe_windows import ProbeWindows, without_probes
from pacsim.campaign.severe_windows import all_windows, severe_windows
from pacsim.campaign.traffic_tally import TrafficTally
from pacsim.campaign.working_ahead import working_ahead
from pacsim.traffic.chosen_simulator import simulator
from pacsim.traffic.fault_free import fault_free, operations_a_year
from pacsim.traffic.figured_stations import FiguredStations
from pacsim.traffic.from_design import tables
from pacsim.traffic.handover import hand_over
from pacsim.traffic.second_pass import timelines
from pacsim.traffic.undisturbed_stations import without_undisturbed
from pacsim.traffic.windows import TrafficWindows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.campaign.figured_windows import SeenWindows
    from pacsim.campaign.severe_terms import SevereTerms
    from pacsim.design import Design
    from pacsim.traffic.fault_free import FaultFree
    from pacsim.traffic.second_pass import Passed

AHEAD = 3
"""Terms that are simulated ahead, for each thread."""
FIGURED_AHEAD = 2
"""Groups of terms of which figures are made ahead: few, since an interruption leaves them out."""


class DesignTraffic:
    """The traffic of one design.

    Parameters
    ----------
    design : Design
        With a workload.
    severe : SevereTerms
        Of the run.
    terms : int
        Those of the run.
    most : int
        Terms of which all windows are simulated, the first ones.
    seed : int
        Of all random streams.
    threads : int or None
        By default all processors.
    """

    def __init__(
        self,
        design: Design,
        severe: SevereTerms,
        terms: int,
        most: int,
        seed: int,
        threads: int | None = None,
    ) -> None:
        resolved = design.resolved
        assert resolved.workload is not None, "the traffic is that of a workload"
        self.name, self.archive = design.name, resolved.workload.archive
        self.workload = resolved.workload
        self._severe, self._terms, self._most, self._seed = severe, terms, most, seed
        self._threads = threads or os.cpu_count() or 1
        self._term = resolved.contract.number("term")
        read = tables(resolved)
        conditions = read.conditions
        self._handed = hand_over(resolved, self.archive, conditions.sites, conditions.targets)
        self.stations = FiguredStations(read, self.workload.targets)
        plain, roots = without_undisturbed(without_probes(read)), self._handed.roots
        self._windows = TrafficWindows(simulator(plain), self._term, seed=seed, roots=roots)
        self._probes = ProbeWindows(simulator, self.stations, self._term, seed)
        yearly = operations_a_year(self.stations, self._term)
        self.tally = TrafficTally(self.stations, self._term, most, yearly)

    def wanted(self, term: int) -> bool:
        """Return whether a term is passed again."""
        return term < self._most or term in self._severe

    def base(self) -> FaultFree:
        """Return the operations of fault-free weeks."""
        return fault_free(simulator, self.stations, self._term, self._seed)

    def seen(self) -> Iterator[tuple[int, SeenWindows]]:
        """Yield the windows of each term that is wanted, in order, with its number."""
        return map(self._of, self._passed())

    def figured(self, block: int) -> Iterator[tuple[int, FiguredWindows]]:
        """Yield the figures of all windows, in order, with the first term of which they are.

        Parameters
        ----------
        block : int
            Terms of a block: those of several of them are made at once.
        """
        if self._threads == 1:
            yield from map(self._figures, in_groups(self.seen(), block))
            return
        pool = ThreadPoolExecutor(self._threads)
        try:
            # Enough that nobody waits while the faults of many terms are passed again here.
            seen = working_ahead(pool, self._of, self._passed(), AHEAD * self._threads)
            yield from working_ahead(pool, self._figures, in_groups(seen, block), FIGURED_AHEAD)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _passed(self) -> Iterator[Passed]:
        numbers = (k for k in range(self._terms) if self.wanted(k))
        return timelines(self._handed, self._term, numbers, seed=self._seed)

    def _of(self, passed: Passed) -> tuple[int, SeenWindows]:
        begun = self._severe.begun(passed.number)
        if passed.number < self._most:
            seen = all_windows(self._windows, passed, begun)
        else:
            seen = severe_windows(self._windows, passed, begun)
        felt = self._probes.felt(passed, seen.batch.windows)
        return passed.number, seen._replace(felt=felt)

    def _figures(self, group: tuple[int, list[SeenWindows]]) -> tuple[int, FiguredWindows]:
        first, seen = group
        return first, FiguredWindows.of(seen, self.stations)
