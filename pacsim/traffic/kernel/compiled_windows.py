"""Windows of a term in compiled code: one call for all of them, as long as there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pacsim.engines.kernel.declaring import row_type
from pacsim.errors import SimulationError
from pacsim.traffic.client_conditions import Timeline
from pacsim.traffic.kernel import numbers_of_traffic as n
from pacsim.traffic.kernel.joined_traffic import kernel
from pacsim.traffic.kernel.run_arrays import RunArrays
from pacsim.traffic.kernel.run_log import log_of
from pacsim.traffic.kernel.run_records import ArrivedRow, StudyRow
from pacsim.traffic.kernel.term_arrays import DrawnArrays, TermArrays
from pacsim.traffic.logs import ATTEMPTS, COUNTS, JOBS
from pacsim.traffic.table_rows import rows_copied
from pacsim.traffic.window_tables import WindowLogs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.traffic.client_conditions import Conditions
    from pacsim.traffic.kernel.arriving import ArrivalColumns
    from pacsim.traffic.kernel.lowered import LoweredTables
    from pacsim.traffic.logs import TrafficLog


class WantedTerm(NamedTuple):
    """A term of which windows are wanted.

    Parameters
    ----------
    timeline : Timeline
        Of its conditions.
    key : tuple of two int
        Of its draws.
    starts, ends : ndarray of float64
        Of its divergences, in order.
    censored : ndarray of bool
        Whether each was not over at the end of the term.
    horizon, lead : float
        Seconds: its length, and from the begin of a window to its first divergence.
    spans : sequence of (int, float)
        From which divergence on windows are wanted, as long as they begin not after a time.
    """

    timeline: Timeline
    key: tuple[int, int]
    starts: np.ndarray
    ends: np.ndarray
    censored: np.ndarray
    horizon: float
    lead: float
    spans: Sequence[tuple[int, float]]


class FoundWindows(NamedTuple):
    """Windows of a term.

    Parameters
    ----------
    first, divergences : ndarray of int64
        The first divergence of each, and how many it has.
    start, closed : ndarray of float64
        Seconds.
    censored : ndarray of bool
        Whether the end of the term closed it.
    faulted, twin : WindowLogs
        What happened.
    """

    first: np.ndarray
    divergences: np.ndarray
    start: np.ndarray
    closed: np.ndarray
    censored: np.ndarray
    faulted: WindowLogs
    twin: WindowLogs


class CompiledWindows:
    """Runs beside their twins, one after the other in the same arrays.

    Parameters
    ----------
    conditions : Conditions
        Of the archive.
    fixed : LoweredTables
        The workload.
    columns : ArrivalColumns
        What arrives.
    """

    def __init__(
        self, conditions: Conditions, fixed: LoweredTables, columns: ArrivalColumns
    ) -> None:
        usual = Timeline.of(conditions)
        self._owner = conditions.index_of("owner") if "owner" in conditions.names else -1
        self._fixed = fixed
        self._run, self._twin = (RunArrays(fixed, usual, 0.0, (0, 0)) for _ in range(2))
        self._term, self._drawn = TermArrays(), DrawnArrays(columns)
        self._give_arrivals()

    def found(self, wanted: WantedTerm, *, whole: bool) -> FoundWindows:
        """Return the windows of a term.

        Parameters
        ----------
        wanted : WantedTerm
            Which.
        whole : bool
            Whether with all that happened, or only with cases in which a window and its twin
            differ, without tries that tell nothing: figures are made of these.

        Raises
        ------
        SimulationError
            If exams, bytes or attempts of a window do not add up (T24).
        """
        self._take(wanted, whole=whole)
        logs: list[tuple[TrafficLog, TrafficLog]] = []
        while (said := self._ask(n.WINDOWS_OF)) != n.DONE:
            if said == n.OVER:
                logs.append((log_of(self._run), log_of(self._twin)))
            elif said == n.WRONG:
                self._tell()
            else:
                self._make_room()
        count = int(self._term.rows("numbers")["windows"][0])
        rows, times = self._term.rows("found")[:count], self._term.rows("found_times")[:count]
        if whole:
            stations = self._fixed.numbers.stations
            faulted, twin = (WindowLogs.of([pair[k] for pair in logs], stations) for k in (0, 1))
        else:
            faulted = self._kept(self._run, rows["attempts"], rows["rows"])
            twin = self._kept(self._twin, rows["twin_attempts"], rows["twin_rows"])
        return FoundWindows(
            rows["first"].copy(),
            rows["count"].copy(),
            times["start"].copy(),
            times["closed"].copy(),
            rows["censored"] == 1,
            faulted,
            twin,
        )

    def gaps(
        self, timeline: Timeline, key: tuple[int, int], horizon: float, asked: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the longest intervals between successes of probes, undisturbed and in windows.

        Parameters
        ----------
        timeline : Timeline
            Of the term's conditions.
        key : tuple of two int
            Of the term's draws.
        horizon : float
            Seconds: when the term ends.
        asked : ndarray of `pacsim.campaign.probe_windows.ASKED`
            Windows in order.

        Returns
        -------
        tuple of two ndarray of float64, shape (windows, probes)
            Seconds; infinite if nothing succeeds afterwards.
        """
        probes = self._fixed.numbers.stations
        self._take_changes(timeline, key)
        self._term.told("times", horizon=horizon)
        self._term.told("numbers", windows=len(asked))
        rows = self._term.set("asked", len(asked))
        for name in asked.dtype.names or ():
            rows[name][: len(asked)] = asked[name]
        self._term.set("probed", probes)
        usual, longest = (
            self._term.set(name, len(asked) * probes) for name in ("usual", "longest")
        )
        self._ask(n.FEEL)
        usual, longest = (
            one[: len(asked) * probes].reshape(len(asked), probes) for one in (usual, longest)
        )
        return np.where(usual < 0.0, np.inf, usual), np.where(longest < 0.0, np.inf, longest)

    def _take_changes(self, timeline: Timeline, key: tuple[int, int]) -> None:
        """Take the changes of a term, and for its twins those by which they follow the owner."""
        followed = (timeline.what == self._owner) & (timeline.value >= 0)
        moves = (timeline.time[followed], timeline.what[followed], timeline.value[followed])
        self._run.take(timeline, key)
        self._twin.take(Timeline(*moves, stays=True), key)

    def _take(self, wanted: WantedTerm, *, whole: bool) -> None:
        self._take_changes(wanted.timeline, wanted.key)
        term, count = self._term, len(wanted.starts)
        for name, values in (("starts", wanted.starts), ("ends", wanted.ends)):
            term.set(name, count)[:count] = values
        term.set("open_ends", count)[:count] = wanted.censored
        for name in ("found", "found_times"):
            term.set(name, count)
        spans = len(wanted.spans)
        term.set("spans", spans)["first"][:spans] = [first for first, _ in wanted.spans]
        term.set("span_ends", spans)[:spans] = [until for _, until in wanted.spans]
        term.told("times", horizon=wanted.horizon, lead=wanted.lead)
        zero = dict.fromkeys(("phase", "span", "following", "windows"), 0)
        term.told("numbers", divergences=count, spans=spans, whole=whole, **zero)

    def _ask(self, what: int) -> int:
        held = (
            *(*self._fixed.arrays.values(), *self._run.held(), *self._twin.held()),
            *(*self._term.held.values(), *self._drawn.held(), what, 0.0, 0.0),
        )
        said, _ = kernel(held)(*held)
        return int(said)

    def _make_room(self) -> None:
        """Give more room to what is short of it."""
        grown = [one.make_room() for one in (self._run, self._twin)]
        numbers = self._term.rows("numbers")[0]
        if numbers["phase"] == n.WRITES:
            rows = sum(
                int(one.world["rows"] + one.world["open_rows"]) for one in (self._run, self._twin)
            )
            self._term.make_room(rows - int(numbers["rows_from"] + numbers["twin_rows_from"]))
        elif not any(grown):
            self._drawn.make_room()
            self._give_arrivals()

    def _give_arrivals(self) -> None:
        for one in (self._run, self._twin):
            one.state["arrivals"] = self._drawn.rows.view(row_type(ArrivedRow))
            one.state["studies"] = self._drawn.opened.view(row_type(StudyRow))

    def _kept(self, run: RunArrays, attempts: np.ndarray, rows: np.ndarray) -> WindowLogs:
        """Return what was kept of windows in a run."""
        stations = self._fixed.numbers.stations
        tries, jobs = (int(one[-1]) if len(one) else 0 for one in (attempts, rows))
        return WindowLogs(
            rows_copied(run.state["attempts"][:tries].view(ATTEMPTS)),
            rows_copied(run.state["rows"][:jobs].view(JOBS)),
            np.concatenate([[0], attempts]),
            np.concatenate([[0], rows]),
            np.zeros((0, stations), dtype=COUNTS),
            run.state["follows"][:tries] == 1,
        )

    def _tell(self) -> None:
        """Say what does not add up."""
        for name, run in (("faulted run", self._run), ("twin", self._twin)):
            try:
                log_of(run).check()
            except SimulationError as error:
                msg = f"{name} of the window until {run.now!r} s: {error}"
                raise SimulationError(msg) from error
        msg = "a window does not add up"
        raise SimulationError(msg)
