"""Windows of a design's terms: the term passed again, its traffic, and one of them as tables."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

import numpy as np

from pacsim.errors import ArgumentError
from pacsim.formatting import cause
from pacsim.traffic.capacity_table import check_workload
from pacsim.traffic.chosen_simulator import simulator
from pacsim.traffic.episode import episode_of
from pacsim.traffic.episode_curves import window_run
from pacsim.traffic.episode_marks import Lateness, lateness
from pacsim.traffic.from_design import conditions_of, tables
from pacsim.traffic.handover import hand_over
from pacsim.traffic.second_pass import timelines
from pacsim.traffic.window_tables import WINDOWS, WindowBatch, WindowLogs
from pacsim.traffic.windows import LEAD, TrafficWindows
from pacsim.units import YEAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pacsim.design import Design
    from pacsim.traffic.episode import Episode
    from pacsim.traffic.second_pass import Passed
    from pacsim.traffic.windows import TrafficWindow


MOST_KEPT = 20
"""Worst windows that can be asked for (T27)."""
YEARS = 2000.0
"""In which they are looked for (T3)."""


class DesignWindows:
    """Windows of the terms of a design with a workload.

    Parameters
    ----------
    design : Design
        What is run.
    seed : int
        Of all random streams.

    Raises
    ------
    PacsimError
        If it has no workload, or one that some mean week cannot carry.
    """

    def __init__(self, design: Design, seed: int) -> None:
        resolved = design.resolved
        self.design, self.seed = design, seed
        self.tables = tables(resolved)
        check_workload(resolved)
        assert resolved.workload is not None, "tables need one"
        workload, conditions = resolved.workload, conditions_of(resolved)
        self.targets = workload.targets
        self._handed = hand_over(resolved, workload.archive, workload.sites, conditions.targets)
        self.began = self._handed.model.origin.when
        self.term = resolved.contract.number("term")
        self._windows = TrafficWindows(
            simulator(self.tables), self.term, seed=seed, roots=self._handed.roots
        )

    def passed(self, numbers: Iterable[int]) -> Iterator[Passed]:
        """Yield terms, passed again.

        Parameters
        ----------
        numbers : iterable of int
            Of the replications.
        """
        yield from timelines(self._handed, self.term, numbers, seed=self.seed)

    def windows(self, passed: Passed, until: float) -> Iterator[TrafficWindow]:
        """Yield the windows of a term that begin not after a time, in order.

        Parameters
        ----------
        passed : Passed
            The term.
        until : float
            Seconds.
        """
        done, found = 0, passed.divergences
        while done < len(found) and found[done].start - LEAD <= until:
            window = self._windows.window(passed, done)
            yield window
            done += window.divergences

    def episode(self, passed: Passed, window: TrafficWindow) -> Episode:
        """Return one window as tables.

        Parameters
        ----------
        passed : Passed
            Its term.
        window : TrafficWindow
            Of the term.
        """
        stations = len(self.tables.stations)
        batch = WindowBatch(
            np.array([window.row], dtype=WINDOWS),
            WindowLogs.of([window.faulted], stations),
            WindowLogs.of([window.twin], stations),
        )
        return episode_of(
            self.tables,
            passed,
            batch,
            0,
            self.targets,
            design=self.design.name,
            seed=self.seed,
            began=self.began,
        )

    def episode_at(self, number: int, at: float) -> Episode:
        """Return the window of a term in which a time is.

        Parameters
        ----------
        number : int
            Of the replication.
        at : float
            Seconds from the start of the term.

        Raises
        ------
        ArgumentError
            If there is no window at that time; it says which are near.
        """
        if at < 0.0:
            msg = f"at is {self._date(at)}, which is before the start of the term, {self._date(0)}"
            raise ArgumentError(msg)
        if at >= self.term:
            msg = f"at is {at / YEAR:.4g} years on, the term has {self.term / YEAR:.3g}"
            raise ArgumentError(msg)
        (passed,) = self.passed([number])
        for window in self.windows(passed, at):
            start, closed = window.row[1], window.row[4]
            if start <= at <= closed:
                return self.episode(passed, window)
        raise ArgumentError(self._nothing(passed, at))

    def worst(self, rank: int, terms: int | None = None) -> Episode:
        """Return one of the worst windows, by exams late and lost.

        Parameters
        ----------
        rank : int
            From 1, the worst one.
        terms : int, optional
            In how many to look, those of T3 unless given.

        Raises
        ------
        ArgumentError
            If there are not so many windows.
        """
        count = math.ceil(YEARS * YEAR / self.term) if terms is None else terms
        kept: list[tuple[int, int, float]] = []
        for passed in self.passed(range(max(1, count))):
            for window in self.windows(passed, self.term):
                exams = self._exams(window)
                kept.append((-(exams.late + exams.lost), passed.number, window.row[2]))
            kept = sorted(kept)[:MOST_KEPT]
        if rank > len(kept):
            many = f"{len(kept)} window{'' if len(kept) == 1 else 's'}"
            msg = f"worst {rank}: there is no such window, the run has {many}"
            raise ArgumentError(msg)
        _, number, at = kept[rank - 1]
        return self.episode_at(number, at)

    def _exams(self, window: TrafficWindow) -> Lateness:
        faulted, twin = (
            window_run(self.tables, one.attempts, one.jobs) for one in (window.faulted, window.twin)
        )
        return lateness(self.tables, faulted, twin)

    def _nothing(self, passed: Passed, at: float) -> str:
        """Return that there is no window at a time, and which are near."""
        before = [one for one in passed.divergences if one.start - LEAD <= at]
        after = passed.divergences[len(before) :]
        near = [*before[-1:], *after[:1]]
        said = [f"{self._date(one.start)} ({one.kind}, {cause(one.root)})" for one in near]
        where = f"near are {' and '.join(said)}" if near else "there is none in the whole term"
        return (
            f"term {passed.number} has no window at {self._date(at)}: nothing was unusual for its "
            f"clients; {where}"
        )

    def _date(self, at: float) -> str:
        return f"{self.began + dt.timedelta(seconds=at):%Y-%m-%d %H:%M}"
