"""What a simulator of the traffic can do: the reference for reading, the kernel for answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from pacsim.traffic.arrival_tables import ArrivalTable
    from pacsim.traffic.client_conditions import Timeline
    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.logs import TrafficLog


class TrafficRun(Protocol):
    """A workload under way, begun empty; nothing at ``now`` itself has happened yet."""

    @property
    def now(self) -> float:
        """Return the time in seconds."""

    def feed(self, more: ArrivalTable) -> None:
        """Take in what arrives next: whole slots, none before those it was given.

        The first slot is the one in which the run begins; what arrived in it before that is
        skipped.
        """

    def advance(self, until: float) -> None:
        """Go on to before ``until``, seconds, not before ``now``; arrivals until then were fed."""

    def same_as(self, other: Self) -> bool:
        """Return whether both will go on alike, as T22 compares two runs at the same moment."""

    def log(self) -> TrafficLog:
        """Return what has happened, with what is open now; it can go on afterwards."""


class TrafficSimulator(Protocol):
    """A workload that can be run: tables, and what is worked out of them once."""

    tables: TrafficTables

    def begin(self, timeline: Timeline, start: float, key: tuple[int, int]) -> TrafficRun:
        """Return a run that begins empty at ``start``, seconds.

        Parameters
        ----------
        timeline : Timeline
            Of the conditions.
        start : float
            Seconds from the start of the term.
        key : tuple of two int
            Of the replication's draws, from `pacsim.core.streams.replication_key`.
        """
