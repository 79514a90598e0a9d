"""What probes feel of windows: they share nothing with others, so they are simulated apart (T28).

Beside the traffic they would ask each second through hours in which nothing is wrong. Apart they
begin shortly before each divergence and stop when they have been served again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pacsim.traffic.client_tables import Probe
from pacsim.traffic.felt_failovers import felt_in_windows
from pacsim.traffic.window_tables import WINDOWS, WindowBatch, WindowLogs
from pacsim.traffic.windows import TrafficWindows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.figured_stations import FiguredStations
    from pacsim.traffic.second_pass import Passed
    from pacsim.traffic.simulators import TrafficSimulator

LEAD, CYCLES = 30.0, 3
"""Seconds before a divergence, and pauses of a probe, so that it has been served before."""


def without_probes(read: TrafficTables) -> TrafficTables:
    """Return a workload without its probes, which stand last and change nothing for others."""
    kept = tuple(one for one in read.stations if not isinstance(one.does, Probe))
    assert read.stations[: len(kept)] == kept, "probes stand last"
    return replace(read, stations=kept)


class ProbeWindows:
    """Simulates the probes of a workload in windows.

    Parameters
    ----------
    simulator : callable
        Makes a simulator of tables.
    stations : FiguredStations
        Of the workload.
    term : float
        Seconds.
    seed : int
        Of all random streams.
    roots : sequence of str
        As of a `HandOver`.
    """

    def __init__(
        self,
        simulator: Callable[[TrafficTables], TrafficSimulator],
        stations: FiguredStations,
        term: float,
        seed: int,
        roots: Sequence[str],
    ) -> None:
        places = list(stations.client_of_probe)
        probes = tuple(stations.tables.stations[k] for k in places)
        self._clients = [stations.client_of_probe[k] for k in places]
        most = max((one.timers.pause for one in probes), default=0.0)
        made = simulator(replace(stations.tables, stations=probes))
        self._windows = TrafficWindows(
            made, term, seed=seed, roots=roots, lead=LEAD + CYCLES * most
        )

    def felt(self, passed: Passed, windows: np.ndarray) -> dict[str, np.ndarray]:
        """Return how long each kind of client feels each window, where it is felt longest.

        Parameters
        ----------
        passed : Passed
            The term.
        windows : ndarray of `WINDOWS`
            Of it.

        Returns
        -------
        dict of ndarray of float64, shape (windows,)
            Seconds, by kind of client; infinite if nothing succeeds afterwards.
        """
        found = {client: np.zeros(len(windows)) for client in self._clients}
        if not found:
            return found
        batch, window = self._batch(passed, windows)
        for k, client in enumerate(self._clients):
            np.maximum.at(found[client], window, felt_in_windows(batch, k))
        return found

    def _batch(self, passed: Passed, windows: np.ndarray) -> tuple[WindowBatch, np.ndarray]:
        """Return windows of probes, and in which of the given ones each is."""
        starts = [one.start for one in passed.divergences]
        firsts = np.searchsorted(starts, windows["divergence"])
        seen, owner = [], []
        for w, (first, more) in enumerate(
            zip(firsts.tolist(), windows["overlapped"].tolist(), strict=True)
        ):
            following = first
            while following <= first + more:
                one = self._windows.window(passed, following)
                following += one.divergences
                seen.append(one)
                owner.append(w)
        wide = len(self._clients)
        batch = WindowBatch(
            np.array([one.row for one in seen], dtype=WINDOWS),
            WindowLogs.of([one.faulted for one in seen], wide),
            WindowLogs.of([one.twin for one in seen], wide),
        )
        return batch, np.array(owner, dtype=np.int64)
