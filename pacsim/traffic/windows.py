"""Windows of the traffic: around divergences, each beside its twin, until both are the same.

Rules T21 to T26. What is in a window hangs on its term alone, and on nothing that was simulated
before it or is simulated with it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from pacsim.core.streams import replication_key
from pacsim.errors import SimulationError
from pacsim.parts.failover import KINDS
from pacsim.traffic.kernel.arriving import ArrivingStreams
from pacsim.traffic.kernel.compiled_windows import WantedTerm
from pacsim.traffic.window_tables import WINDOWS, WindowBatch, WindowLogs
from pacsim.units import HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pacsim.traffic.arrival_tables import ArrivalTable
    from pacsim.traffic.logs import TrafficLog
    from pacsim.traffic.second_pass import Divergence, Passed
    from pacsim.traffic.simulators import TrafficRun, TrafficSimulator

LEAD = 30 * MINUTE
"""Seconds from the begin of a window to its first divergence."""
SLOTS_AT_ONCE = 24
"""Slots that are fed before a run goes on, which bounds what is kept of them."""


Span = tuple[int, float]
"""From which divergence on windows are wanted, as long as they begin not after a time."""
ALL: tuple[Span, ...] = ((0, math.inf),)


class SlotSource(Protocol):
    """From where arrivals come."""

    def table(self, key: tuple[int, int], first: int, count: int) -> ArrivalTable:
        """Return what arrives in some slots of the term of a key."""


class TrafficWindow(NamedTuple):
    """One window, over and told.

    Parameters
    ----------
    row : tuple
        Of `WINDOWS`.
    divergences : int
        How many of its term belong to it.
    faulted, twin : TrafficLog
        What happened, and what would have.
    """

    row: tuple[float, ...]
    divergences: int
    faulted: TrafficLog
    twin: TrafficLog


class TrafficWindows:
    """The windows of terms.

    Parameters
    ----------
    simulator : TrafficSimulator
        Of a workload. If it has a function ``meet``, such as `meet` of this module, that is asked.
    horizon : float
        Length of a term in seconds.
    seed : int
        Of all random streams.
    roots : sequence of str
        Names of what divergences begin with, as of a `HandOver`.
    lead : float
        Seconds from the begin of a window to its first divergence, >= 0.
    streams : SlotSource, optional
        Arrivals; those of the simulator's workload unless given.
    """

    def __init__(
        self,
        simulator: TrafficSimulator,
        horizon: float,
        *,
        seed: int = 1,
        roots: Sequence[str] = (),
        lead: float = LEAD,
        streams: SlotSource | None = None,
    ) -> None:
        self._simulator = simulator
        self._horizon = horizon
        self._seed = seed
        self._lead = lead
        self._roots = {name: k for k, name in enumerate(roots)}
        self._given = streams
        self._streams = streams or ArrivingStreams(simulator.tables)

    def batches(self, terms: Iterable[Passed]) -> Iterator[WindowBatch]:
        """Yield the windows of each term, as of `pacsim.traffic.second_pass.timelines`.

        Raises
        ------
        SimulationError
            If exams, bytes or attempts of a window do not add up (T24).
        """
        for passed in terms:
            yield self.batch(passed)

    def batch(self, passed: Passed, spans: Sequence[Span] = ALL) -> WindowBatch:
        """Return windows of one term with all that happened in them.

        Parameters
        ----------
        passed : Passed
            The term.
        spans : sequence of Span
            Which windows are wanted; all unless given.
        """
        return self._compiled(passed, spans, whole=True) or self._one_by_one(passed, spans)

    def differing(self, passed: Passed, spans: Sequence[Span] = ALL) -> WindowBatch:
        """Return windows of one term with what figures are made of, at least.

        Compiled code keeps no more than that: cases in which a window and its twin differ, without
        tries that tell nothing.

        Parameters
        ----------
        passed, spans
            As of `batch`.
        """
        return self._compiled(passed, spans, whole=False) or self._one_by_one(passed, spans)

    def _compiled(
        self, passed: Passed, spans: Sequence[Span], *, whole: bool
    ) -> WindowBatch | None:
        """Return what compiled code finds, if the simulator and the arrivals are compiled."""
        made = getattr(self._simulator, "windows", None)
        if made is None or self._given is not None:
            return None
        every = passed.divergences
        starts, ends = (np.array([getattr(x, name) for x in every]) for name in ("start", "end"))
        censored = np.array([one.censored for one in every], dtype=bool)
        key = replication_key(self._seed, passed.number)
        wanted = WantedTerm(
            passed.timeline, key, starts, ends, censored, self._horizon, self._lead, spans
        )
        try:
            found = made(wanted, whole=whole)
        except SimulationError as error:
            msg = f"term {passed.number}, {error}"
            raise SimulationError(msg) from error
        rows = np.zeros(len(found.first), dtype=WINDOWS)
        first = found.first
        rows["term"], rows["start"], rows["closed"] = passed.number, found.start, found.closed
        rows["divergence"], rows["ended"] = starts[first], ends[first + found.divergences - 1]
        rows["censored"], rows["overlapped"] = found.censored, found.divergences - 1
        rows["kind"] = [KINDS.index(every[k].kind) for k in first.tolist()]
        rows["root"] = [self._root(every[k]) for k in first.tolist()]
        return WindowBatch(rows, found.faulted, found.twin)

    def _root(self, one: Divergence) -> int:
        return self._roots[one.root] if one.root else -1

    def _one_by_one(self, passed: Passed, spans: Sequence[Span]) -> WindowBatch:
        found: list[TrafficWindow] = []
        every, following = passed.divergences, 0
        for first, until in spans:
            following = max(following, first)
            while following < len(every) and every[following].start - self._lead <= until:
                found.append(self.window(passed, following))
                following += found[-1].divergences
        stations = len(self._simulator.tables.stations)
        return WindowBatch(
            np.array([one.row for one in found], dtype=WINDOWS),
            WindowLogs.of([one.faulted for one in found], stations),
            WindowLogs.of([one.twin for one in found], stations),
        )

    def window(self, passed: Passed, first: int) -> TrafficWindow:
        """Return the window that a divergence opens.

        Parameters
        ----------
        passed : Passed
            The term.
        first : int
            Number of the divergence, which belongs to no window before.
        """
        all_of, horizon = passed.divergences, self._horizon
        start = max(0.0, all_of[first].start - self._lead)
        runs = self._begun(passed, start)
        count, closed = 1, math.inf
        while closed == math.inf:
            last = all_of[first + count - 1]
            at = next_minute(last.end)
            opens = self._opens(all_of, first + count)
            if opens < at:
                count += 1
            elif last.censored or at > horizon:
                break
            else:
                closed = runs.meet(at, min(opens, horizon))
                if closed == math.inf:
                    if opens > horizon:
                        break
                    count += 1
        censored = closed == math.inf
        if censored:
            closed = horizon
            runs.advance(horizon)
        one = all_of[first]
        row = (passed.number, start, one.start, last.end, closed, censored)
        told = (KINDS.index(one.kind), self._root(one), count - 1)
        return TrafficWindow((*row, *told), count, *runs.logs(f"term {passed.number}"))

    def _opens(self, divergences: Sequence[Divergence], k: int) -> float:
        """Return when a window of a divergence would begin; infinity if there is none."""
        return divergences[k].start - self._lead if k < len(divergences) else math.inf

    def _begun(self, passed: Passed, start: float) -> TwinRuns:
        line, conditions = passed.timeline, self._simulator.tables.conditions
        key = replication_key(self._seed, passed.number)
        run, twin = (
            self._simulator.begin(one, start, key) for one in (line, line.quiet(conditions, start))
        )
        return TwinRuns(run, twin, getattr(self._simulator, "meet", meet), self._streams, key)


class TwinRuns:
    """A run and its twin, begun empty at the same time, and fed alike.

    Parameters
    ----------
    run, twin : TrafficRun
        Of one simulator.
    meet : callable
        As `meet` of this module.
    streams : SlotSource
        Arrivals.
    key : tuple of two int
        Of the term's draws.
    """

    def __init__(
        self,
        run: TrafficRun,
        twin: TrafficRun,
        meet: Any,  # noqa: ANN401
        streams: SlotSource,
        key: tuple[int, int],
    ) -> None:
        self._run = run
        self._twin = twin
        self._meet = meet
        self._streams = streams
        self._key = key
        # One slot earlier at a full hour: the last place in a slot may round to it.
        self._slot = max(0, math.ceil(run.now / HOUR) - 1)

    def advance(self, until: float) -> None:
        """Go on to before a time."""
        while self._run.now < until:
            at = min(until, HOUR * (self._slot + SLOTS_AT_ONCE))
            self._feed(at)
            for one in (self._run, self._twin):
                one.advance(at)

    def meet(self, first: float, last: float) -> float:
        """Return the first whole minute, from one to another, at which both are the same.

        Infinity if there is none.
        """
        self.advance(first)
        while first <= last:
            until = min(last, HOUR * (first // HOUR + 1.0))
            self._feed(until)
            at = float(self._meet(self._run, self._twin, first, until))
            if at < math.inf:
                return at
            first = next_minute(until)
        return math.inf

    def logs(self, where: str) -> tuple[TrafficLog, TrafficLog]:
        """Return what has happened in both.

        Raises
        ------
        SimulationError
            If it does not add up.
        """
        logs = self._run.log(), self._twin.log()
        for name, log in zip(("faulted run", "twin"), logs, strict=True):
            try:
                log.check()
            except SimulationError as error:
                msg = f"{where}, {name} of the window until {self._run.now!r} s: {error}"
                raise SimulationError(msg) from error
        return logs

    def _feed(self, until: float) -> None:
        """Take in the slots that begin before a time."""
        count = math.ceil(until / HOUR) - self._slot
        if count > 0:
            table = self._streams.table(self._key, self._slot, count)
            self._slot += count
            for one in (self._run, self._twin):
                one.feed(table)


def next_minute(time: float) -> float:
    """Return the first whole minute after a time.

    Examples
    --------
    >>> next_minute(119.5), next_minute(120.0)
    (120.0, 180.0)
    """
    return MINUTE * (time // MINUTE + 1.0)


def meet(run: TrafficRun, twin: TrafficRun, first: float, last: float) -> float:
    """Go on by whole minutes until both are the same (T22).

    Parameters
    ----------
    run, twin : TrafficRun
        At the same time, not after ``first``; arrivals until ``last`` were fed.
    first, last : float
        Seconds: the first minute at which they are compared, and the last that may be one.

    Returns
    -------
    float
        The minute at which they are the same and stand; infinity if there is none.
    """
    at = first
    while at <= last:
        run.advance(at)
        twin.advance(at)
        if run.same_as(twin):
            return at
        at += MINUTE
    return math.inf
