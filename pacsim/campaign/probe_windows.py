"""What probes feel of windows: they share nothing with others, so they are simulated apart (T28).

Beside the traffic they and their twins would ask each second through hours. Apart they begin
shortly before a window's first divergence, stop when they have been served after its last one, and
what is undisturbed is a short stretch of the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pacsim.core.streams import replication_key
from pacsim.traffic.arrival_tables import ARRIVED, STUDIES, ArrivalTable
from pacsim.traffic.client_tables import Probe
from pacsim.traffic.felt_failovers import NOTHING
from pacsim.traffic.probe import longest_gap, successes
from pacsim.units import MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.traffic.client_conditions import Timeline
    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.figured_stations import FiguredStations
    from pacsim.traffic.logs import TrafficLog
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
    """

    def __init__(
        self,
        simulator: Callable[[TrafficTables], TrafficSimulator],
        stations: FiguredStations,
        term: float,
        seed: int,
    ) -> None:
        places = list(stations.client_of_probe)
        probes = tuple(stations.tables.stations[k] for k in places)
        self._clients = [stations.client_of_probe[k] for k in places]
        self._simulator = simulator(replace(stations.tables, stations=probes))
        self._lead = LEAD + CYCLES * max((one.timers.pause for one in probes), default=0.0)
        self._term, self._seed = term, seed

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
        key = replication_key(self._seed, passed.number)
        if self._clients:
            for w, row in enumerate(windows):
                times = self._window(passed.timeline, row, key)
                for client, seconds in zip(self._clients, times, strict=True):
                    found[client][w] = max(found[client][w], seconds)
        return found

    def _window(self, timeline: Timeline, row: np.void, key: tuple[int, int]) -> list[float]:
        """Return how long each probe feels a window."""
        divergence, ended = float(row["divergence"]), float(row["ended"])
        start = max(0.0, divergence - self._lead)
        quiet = timeline.quiet(self._simulator.tables.conditions, start)
        undisturbed = self._until(quiet, start, key, divergence + self._lead, divergence)
        log = self._until(timeline, start, key, float(row["closed"]), ended)
        found = []
        for k in range(len(self._clients)):
            usual, longest = (
                longest_gap(successes(one, k), divergence) for one in (undisturbed, log)
            )
            seconds = longest - usual if longest < np.inf else np.inf
            found.append(seconds if seconds >= NOTHING else 0.0)
        return found

    def _until(
        self, timeline: Timeline, start: float, key: tuple[int, int], end: float, after: float
    ) -> TrafficLog:
        """Return what happens until an end, and on until each has been served after a moment."""
        run = self._simulator.begin(timeline, start, key)
        run.feed(ArrivalTable(np.zeros(0, dtype=ARRIVED), np.zeros(0, dtype=STUDIES)))
        while True:
            end = min(end, self._term)
            run.advance(end)
            log = run.log()
            last = [successes(log, k)[-1:] for k in range(len(self._clients))]
            if end >= self._term or all((one > after).any() for one in last):
                return log
            end += MINUTE
