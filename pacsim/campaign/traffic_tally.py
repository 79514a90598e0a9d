"""Tally of the windows of one design's traffic: both strata, term by term (T3, T26, T27)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from pacsim.parts.failover import KINDS as FAULT_KINDS
from pacsim.stats import GroupedHistogram, StrataMoments
from pacsim.traffic.window_figures import (
    FELT,
    PLANNED,
    Figured,
    counted,
    valued,
)
from pacsim.units import YEAR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.campaign.figured_windows import FiguredWindows
    from pacsim.traffic.figured_stations import FiguredStations

KEPT = 20
"""Worst windows that are kept."""
USUAL, SEVERE = range(2)
"""Strata: windows of the first terms, and those with a long outage, of all terms."""


class WorstWindow(NamedTuple):
    """A window that is kept: the more studies are late or lost, the worse.

    Parameters
    ----------
    harm : int
        Studies delayed or lost.
    term : int
        Number of the replication.
    start, end : float
        Seconds from the start of the term.
    """

    harm: int
    term: int
    start: float
    end: float

    def rank(self) -> tuple[int, int, float]:
        """Return its place among others, the worst first."""
        return (-self.harm, self.term, self.start)


class TrafficTally:
    """What has been seen of the traffic of one design.

    Parameters
    ----------
    stations : FiguredStations
        Of its workload.
    term : float
        Seconds.
    most : int
        Terms of which all windows are seen, the first ones.
    yearly : dict of float
        Operations that are expected in a year.

    Attributes
    ----------
    paired : tuple of Figured
        By which designs are compared; `add` returns a column for each, of both strata.
    """

    def __init__(
        self, stations: FiguredStations, term: float, most: int, yearly: dict[str, float]
    ) -> None:
        self.stations, self.term, self.most, self.yearly = stations, term, most, yearly
        self.names = counted(stations)
        self.moments = StrataMoments(len(self.names), most)
        # Felt ones also by kind of fault; those of all kinds leave planned work out.
        felt = [one for one in valued(stations) if one.measure == FELT]
        kinds = [
            Figured(FELT, (*one.at, ("fault_kind", kind))) for one in felt for kind in FAULT_KINDS
        ]
        self.values = {one: GroupedHistogram() for one in (*valued(stations), *kinds)}
        self.given_up = dict.fromkeys(self.values, 0)
        self.backlog = 0.0
        self.windows = 0
        self.censored = 0
        self.milliseconds = [0, 0]
        self.worst: list[WorstWindow] = []
        self.paired = tuple(
            [Figured("user_unavailability", (("operation", x),)) for x in stations.operations]
            + [Figured("studies_delayed"), Figured("studies_lost_at_modality")]
        )

    def empty(self) -> Self:
        """Return an empty tally of the same design."""
        return type(self)(self.stations, self.term, self.most, self.yearly)

    def add(
        self, first: int, count: int, figured: Iterable[FiguredWindows]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Add the windows of ``count`` terms from ``first`` on; return the columns of pairs.

        Parameters
        ----------
        first, count : int
            Terms, with windows or without.
        figured : iterable of FiguredWindows
            Theirs; of terms from ``most`` on only severe ones count.

        Returns
        -------
        tuple of two ndarray, shape (count, len(paired))
            A year's figures of windows that are usual and of those that are severe.
        """
        rows = np.zeros((2, count, len(self.names)))
        for one in figured:
            self._add(first, one, rows)
        rows *= YEAR / self.term
        self.moments.add(rows[USUAL], rows[SEVERE], first)
        return self._columns(rows[USUAL]), self._columns(rows[SEVERE])

    def _add(self, first: int, figured: FiguredWindows, rows: np.ndarray) -> None:
        windows, severe, figures = figured
        term = windows["term"]
        taken = severe | (term < self.most)
        stratum = np.where(severe, SEVERE, USUAL)
        np.add.at(rows, (stratum[taken], term[taken] - first), figures.counts[taken])
        kinds = windows["kind"]
        for figure, values in figures.values.items():
            mine = taken[values.window]
            window, value = values.window[mine], values.value[mine]
            self.given_up[figure] += int(values.given_up[mine].sum())
            fault = kinds[window]
            counts = fault != PLANNED if figure.measure == FELT else np.ones(len(value), dtype=bool)
            self._add_values(figure, stratum, term, window[counts], value[counts])
            for kind in np.unique(fault).tolist() if figure.measure == FELT else ():
                by_kind = Figured(FELT, (*figure.at, ("fault_kind", FAULT_KINDS[kind])))
                some = fault == kind
                self._add_values(by_kind, stratum, term, window[some], value[some])
        self.backlog = max(self.backlog, float(figures.backlog[taken].max(initial=0.0)))
        self.windows += int(taken.sum())
        self.censored += int(windows["censored"][taken].sum())
        lasts = windows["closed"] - windows["start"]
        # Whole numbers have the same sum in any order.
        for s in (USUAL, SEVERE):
            some = taken & (stratum == s)
            self.milliseconds[s] += int(np.rint(1000.0 * lasts[some]).sum())
        self._keep(windows, figures.harm, taken)

    def _add_values(
        self,
        figure: Figured,
        stratum: np.ndarray,
        term: np.ndarray,
        window: np.ndarray,
        value: np.ndarray,
    ) -> None:
        for s in (USUAL, SEVERE):
            some = stratum[window] == s
            self.values[figure].add(s, term[window[some]], value[some])

    def _keep(self, windows: np.ndarray, harm: np.ndarray, taken: np.ndarray) -> None:
        """Keep the worst ones."""
        order = np.flatnonzero(taken)[np.argsort(-harm[taken], kind="stable")][:KEPT]
        columns = (harm, *(windows[name] for name in ("term", "start", "closed")))
        rows = zip(*(column[order].tolist() for column in columns), strict=True)
        self.worst = sorted([*self.worst, *(WorstWindow(*row) for row in rows)], key=_rank)[:KEPT]

    def merge(self, other: Self) -> None:
        """Add what another tally of the design has seen of other terms; it is not changed."""
        self.moments.merge(other.moments)
        for figure, histogram in self.values.items():
            histogram.merge(other.values[figure])
            self.given_up[figure] += other.given_up[figure]
        self.backlog = max(self.backlog, other.backlog)
        self.windows += other.windows
        self.censored += other.censored
        self.milliseconds = [
            mine + its for mine, its in zip(self.milliseconds, other.milliseconds, strict=True)
        ]
        self.worst = sorted([*self.worst, *other.worst], key=_rank)[:KEPT]

    @property
    def years(self) -> tuple[float, float]:
        """Years over which windows are seen: usual ones, and severe ones."""
        return tuple(n * self.term / YEAR for n in (self.moments.n, self.moments.rare.n))  # type: ignore[return-value]

    @property
    def share(self) -> float:
        """Share of the time that is in windows: each stratum over its own years."""
        seconds = (
            (ms / 1000.0, of * YEAR) for ms, of in zip(self.milliseconds, self.years, strict=True)
        )
        return sum(lasts / of for lasts, of in seconds if of)

    def columns_of(self, measure: str, **at: str) -> list[int]:
        """Return the columns of a measure, those whose coordinates are as wanted.

        Parameters
        ----------
        measure : str
            As in `names`.
        **at : str
            Coordinate to its value.
        """
        return [
            k
            for k, one in enumerate(self.names)
            if one.measure == measure and set(at.items()) <= set(one.at)
        ]

    def unserved(self, operation: str) -> list[int]:
        """Return the columns of operations that were not served in time."""
        names = ("operations_failed", "operations_slow")
        return [k for name in names for k in self.columns_of(name, operation=operation)]

    def _columns(self, rows: np.ndarray) -> np.ndarray:
        """Return what designs are compared by, of rows of a year's figures."""
        found = np.zeros((len(rows), len(self.paired)))
        for k, figure in enumerate(self.paired):
            operation = dict(figure.at).get("operation", "")
            picked = self.unserved(operation) if operation else self.columns_of(figure.measure)
            found[:, k] = rows[:, picked].sum(axis=1)
            if operation:
                found[:, k] /= max(self.yearly[operation], 1e-300)
        return found


def _rank(one: WorstWindow) -> tuple[int, int, float]:
    return one.rank()
