"""Stations as columns: what figures of many windows ask of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pacsim.traffic.client_tables import (
    STUDY,
    Asker,
    Forwarder,
    Modality,
    Probe,
    Reader,
    Station,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.traffic.client_tables import TrafficTables

SENDS, READS, FORWARDS, ASKS, PROBES = range(5)
"""What a station does."""
KINDS_OF_STATIONS = {
    Modality: SENDS,
    Reader: READS,
    Forwarder: FORWARDS,
    Asker: ASKS,
    Probe: PROBES,
}
WORKLIST_OF = "worklist-"
"""Begins the name of the console of a modality's station."""
TARGETS = {"store": "store", "retrieve": "first_image", "query": "query", "worklist": "worklist"}
"""Target by which each operation is held to be slow."""


def modality_of(station: Station) -> str:
    """Return the code of a station that makes exams, or of the console beside it; empty of others.

    Examples
    --------
    >>> from pacsim.traffic.client_tables import Asker, Operation
    >>> modality_of(Station("worklist-CT-2", Asker(Operation("worklist", ()), 600.0)))
    'CT'
    """
    if not isinstance(station.does, Modality | Asker):
        return ""
    return station.name.removeprefix(WORKLIST_OF).rpartition("-")[0] or station.name


def client_of(station: Station, sites: tuple[str, ...]) -> str:
    """Return whose failovers a probe feels: a kind of client, or itself if it was written.

    Examples
    --------
    >>> from pacsim.traffic.client_tables import Probe
    >>> riding = Station("probe-reader-ward", Probe((), "reader"))
    >>> client_of(riding, ("ward",)), client_of(Station("drill", Probe((), "reader")), ("ward",))
    ('reader', 'drill')
    """
    assert isinstance(station.does, Probe)
    kind = station.does.of
    return kind if station.name == f"probe-{kind}-{sites[station.site]}" else station.name


@dataclass(frozen=True, eq=False)
class FiguredStations:
    """The stations of a workload, and when what they ask for is late.

    Parameters
    ----------
    tables : TrafficTables
        The workload.
    targets : mapping of float
        Seconds within which a store, a first image, a query, a worklist are expected; without end
        if not given.
    """

    tables: TrafficTables
    targets: Mapping[str, float]

    @cached_property
    def does(self) -> np.ndarray:
        """What each does, of `SENDS`, `READS`, `FORWARDS`, `ASKS`, `PROBES`."""
        return np.array([KINDS_OF_STATIONS[type(one.does)] for one in self.tables.stations])

    @cached_property
    def modalities(self) -> tuple[str, ...]:
        """Codes of modalities, each once, in the order of stations."""
        found = dict.fromkeys(modality_of(one) for one in self.tables.stations)
        return tuple(code for code in found if code)

    @cached_property
    def modality(self) -> np.ndarray:
        """Place of each one's code among `modalities`, -1 without."""
        codes = [modality_of(one) for one in self.tables.stations]
        return np.array([self.modalities.index(code) if code else -1 for code in codes])

    @cached_property
    def clients(self) -> tuple[str, ...]:
        """Whose failovers probes feel, each once."""
        return tuple(dict.fromkeys(self.client_of_probe.values()))

    @cached_property
    def client_of_probe(self) -> dict[int, str]:
        """Whose failovers the probe at each station feels."""
        sites = self.tables.conditions.sites
        return {
            k: client_of(one, sites)
            for k, one in enumerate(self.tables.stations)
            if isinstance(one.does, Probe)
        }

    @cached_property
    def retry_every(self) -> np.ndarray:
        """Seconds from a failure to the next try."""
        return np.array([one.timers.retry_every for one in self.tables.stations])

    @cached_property
    def retry_count(self) -> np.ndarray:
        """Further tries before a job is parked; -1 without end."""
        return np.array([one.timers.retry_count for one in self.tables.stations])

    @cached_property
    def patience(self) -> np.ndarray:
        """Seconds until an opening is put aside or a question given up; without end for others."""
        does = [one.does for one in self.tables.stations]
        return np.array([x.patience if isinstance(x, Reader | Asker) else np.inf for x in does])

    @cached_property
    def returns(self) -> np.ndarray:
        """Seconds until an opening that was put aside comes back; 0 for others."""
        does = [one.does for one in self.tables.stations]
        return np.array([x.returns if isinstance(x, Reader) else 0.0 for x in does])

    @cached_property
    def sends_anew(self) -> np.ndarray:
        """Whether a failed exam is sent as a whole again."""
        does = [one.does for one in self.tables.stations]
        return np.array([getattr(x, "resend", "") == STUDY for x in does], dtype=bool)

    @cached_property
    def operations(self) -> tuple[str, ...]:
        """Operations that any station asks for, in the order of `TARGETS`."""
        does = set(self.does.tolist())
        asked = {"store": SENDS, "retrieve": READS, "query": READS, "worklist": ASKS}
        return tuple(name for name in TARGETS if asked[name] in does)

    def target(self, operation: str) -> float:
        """Return the seconds within which an operation is expected."""
        return float(self.targets.get(TARGETS[operation], np.inf))
