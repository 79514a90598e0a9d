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

ASKED = np.dtype([(name, np.float64) for name in ("start", "divergence", "usual", "end", "after")])
"""A window of probes a row, in seconds: when they begin, when something is first not as usual,
until when they go on undisturbed, until when in the window, and after which moment all are
served."""
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
        self._draws = any(
            work.service is not None
            for one in probes
            for operation in one.does.operations  # type: ignore[union-attr]
            for work in operation.works
        )
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
        if not self._clients:
            return {}
        key = replication_key(self._seed, passed.number)
        asked = self._asked(windows)
        gaps = getattr(self._simulator, "gaps", self._gaps)
        usual, longest = gaps(passed.timeline, key, self._term, asked)
        with np.errstate(invalid="ignore"):
            seconds = np.where(longest < np.inf, longest - usual, np.inf)
        seconds[seconds < NOTHING] = 0.0
        found = {client: np.zeros(len(windows)) for client in self._clients}
        for client, times in zip(self._clients, seconds.T, strict=True):
            found[client] = np.maximum(found[client], times)
        return found

    def _asked(self, windows: np.ndarray) -> np.ndarray:
        """Return when probes begin in windows, and until when they go on.

        Once all is as usual again and they have been served, nothing that is felt can follow; with
        drawn services an interval may still be longer by chance, as it may in a drill.
        """
        asked = np.zeros(len(windows), dtype=ASKED)
        divergence, ended = windows["divergence"], windows["ended"]
        asked["start"] = np.maximum(0.0, divergence - self._lead)
        asked["divergence"], asked["after"] = divergence, ended
        asked["usual"] = divergence + self._lead
        asked["end"] = windows["closed"] if self._draws else ended
        return asked

    def _gaps(
        self, timeline: Timeline, key: tuple[int, int], term: float, asked: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the longest intervals between successes, undisturbed and in windows (T28)."""
        shape = (len(asked), len(self._clients))
        usual, longest = np.zeros(shape), np.zeros(shape)
        for w, row in enumerate(asked.tolist()):
            start, divergence, until, end, after = row
            quiet = timeline.quiet(self._simulator.tables.conditions, start)
            for found, line, stop, since in (
                (usual, quiet, until, divergence),
                (longest, timeline, end, after),
            ):
                log = self._until(line, start, key, min(stop, term), since)
                for k in range(len(self._clients)):
                    found[w, k] = longest_gap(successes(log, k), divergence)
        return usual, longest

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
