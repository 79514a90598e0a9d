"""The compiled simulator of traffic (`pacsim.traffic.simulators`), equal to the reference."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

from pacsim.traffic.kernel import numbers_of_traffic as n
from pacsim.traffic.kernel.arriving import ArrivingStreams
from pacsim.traffic.kernel.compiled_windows import CompiledWindows
from pacsim.traffic.kernel.joined_traffic import kernel
from pacsim.traffic.kernel.lowered import lowered
from pacsim.traffic.kernel.run_arrays import RunArrays
from pacsim.traffic.kernel.run_log import log_of
from pacsim.traffic.kernel.term_arrays import DrawnArrays, TermArrays

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from pacsim.traffic.arrival_tables import ArrivalTable
    from pacsim.traffic.client_conditions import Timeline
    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.kernel.compiled_windows import FoundWindows, WantedTerm
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
        self.fixed = lowered(tables)
        self._spare: list[CompiledWindows] = []
        # What single runs are handed in place of a term.
        nothing = ArrivingStreams(replace(tables, stations=())).columns
        self._nothing = (*TermArrays().held.values(), *DrawnArrays(nothing).held())

    @cached_property
    def streams(self) -> ArrivingStreams:
        """Return what arrives in windows; single runs are fed by hand."""
        return ArrivingStreams(self.tables)

    def begin(self, timeline: Timeline, start: float, key: tuple[int, int]) -> CompiledRun:
        """Return a run that begins empty at ``start``, seconds, with the draws of ``key``."""
        return CompiledRun(RunArrays(self.fixed, timeline, start, key), self._nothing)

    def windows(self, wanted: WantedTerm, *, whole: bool) -> FoundWindows:
        """Return the windows of a term, as of `CompiledWindows.found`."""
        with self._at_hand() as made:
            return made.found(wanted, whole=whole)

    def gaps(
        self, timeline: Timeline, key: tuple[int, int], horizon: float, asked: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the longest intervals without probes served, as of `CompiledWindows.gaps`."""
        with self._at_hand() as made:
            return made.gaps(timeline, key, horizon, asked)

    @contextmanager
    def _at_hand(self) -> Iterator[CompiledWindows]:
        """Give arrays that no other thread has, and take them back."""
        try:
            made = self._spare.pop()
        except IndexError:
            made = CompiledWindows(self.tables.conditions, self.fixed, self.streams.columns)
        yield made
        # Only those of calls that came to their end are fit for another one.
        self._spare.append(made)

    @staticmethod
    def meet(run: CompiledRun, twin: CompiledRun, first: float, last: float) -> float:
        """Go on by whole minutes until both are the same (T22).

        Parameters
        ----------
        run, twin : CompiledRun
            At the same time, not after ``first``; arrivals until ``last`` were fed.
        first, last : float
            Seconds: the first minute at which they are compared, and the last that may be one.

        Returns
        -------
        float
            The minute at which they are the same and stand; infinity if there is none.
        """
        while True:
            said, first = run.ask(n.MEET, first, last, twin)
            if said != n.SHORT:
                return first if said == n.SAME else math.inf
            run.arrays.make_room()
            twin.arrays.make_room()


class CompiledRun:
    """Stations that live (`pacsim.traffic.simulators.TrafficRun`).

    Parameters
    ----------
    arrays : RunArrays
        Of a run that begins.
    nothing : tuple of ndarray
        What compiled code is handed in place of a term.
    """

    def __init__(self, arrays: RunArrays, nothing: tuple[np.ndarray, ...]) -> None:
        self.arrays = arrays
        self._nothing = nothing

    @property
    def now(self) -> float:
        """Return the time, of which nothing has happened yet."""
        return self.arrays.now

    def feed(self, more: ArrivalTable) -> None:
        """Take in what arrives next, of whole slots."""
        self.arrays.feed(more)

    def advance(self, until: float) -> None:
        """Go on to before a time."""
        while self.ask(n.ADVANCE, until, until)[0] != n.DONE:
            self.arrays.make_room()

    def same_as(self, other: Self) -> bool:
        """Return whether both go on alike (T22)."""
        while (said := self.ask(n.MEET, self.now, self.now, other)[0]) == n.SHORT:
            self.arrays.make_room()
            other.arrays.make_room()
        return bool(said == n.SAME)

    def ask(
        self, what: int, first: float, last: float, twin: Self | None = None
    ) -> tuple[int, float]:
        """Let compiled code do something with a run, and another one; return what it says."""
        arrays, other = self.arrays, (twin or self).arrays
        held = (
            *(*arrays.fixed.arrays.values(), *arrays.held(), *other.held()),
            *(*self._nothing, what, first, last),
        )
        said, at = kernel(held)(*held)
        return int(said), float(at)

    def log(self) -> TrafficLog:
        """Return what has happened, with what is not over yet."""
        while self.ask(n.LOOK_BACK, 0.0, 0.0)[0] == n.SHORT:
            self.arrays.make_room()
        return log_of(self.arrays)
