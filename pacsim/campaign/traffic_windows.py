"""Windows of a design's terms: the term passed again, its traffic, and one of them as tables."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.campaign.probe_windows import without_probes
from pacsim.campaign.severe_windows import starts_after_quiet
from pacsim.errors import ArgumentError
from pacsim.formatting import cause
from pacsim.traffic.capacity_table import check_carried
from pacsim.traffic.chosen_simulator import simulator
from pacsim.traffic.episode import episode_of
from pacsim.traffic.from_design import conditions_of, tables
from pacsim.traffic.handover import hand_over
from pacsim.traffic.second_pass import timelines
from pacsim.traffic.window_tables import WINDOWS, WindowBatch, WindowLogs
from pacsim.traffic.windows import LEAD, TrafficWindows
from pacsim.units import YEAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pacsim.design import Design
    from pacsim.results.kept_window import KeptWindow
    from pacsim.traffic.episode import Episode
    from pacsim.traffic.second_pass import Passed
    from pacsim.traffic.windows import TrafficWindow


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
        # Probes are simulated apart: they share nothing with others (`ProbeWindows`).
        self.tables = without_probes(tables(resolved))
        check_carried(design)
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
        """Yield the windows of a term that begin not after a time, since all was quiet before.

        Parameters
        ----------
        passed : Passed
            The term.
        until : float
            Seconds.
        """
        found = passed.divergences
        # Nothing from before a long quiet time is open.
        firsts = [k for k in starts_after_quiet(found) if found[k].start - LEAD <= until]
        done = firsts[-1] if firsts else 0
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

    def episode_from(self, number: int, start: float) -> Episode:
        """Return the window of a term that begins at a time, as a run has kept it.

        Parameters
        ----------
        number : int
            Of the replication.
        start : float
            Seconds from the start of the term.
        """
        (passed,) = self.passed([number])
        begins = [max(0.0, one.start - LEAD) for one in passed.divergences]
        return self.episode(passed, self._windows.window(passed, begins.index(start)))

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


def kept_windows(
    designs: Iterable[Design], seed: int, told: Mapping[str, Any]
) -> dict[str, KeptWindow]:
    """Return the worst window of each design of a run, as a result keeps it.

    Parameters
    ----------
    designs : iterable of Design
        Of the run.
    seed : int
        Of all its random streams.
    told : mapping
        What the run tells of its traffic, with the worst windows of each design.
    """
    found = {}
    for design in designs:
        worst = worst_windows(told, design.name)
        if worst:
            one = DesignWindows(design, seed).episode_from(worst[0]["term"], worst[0]["start"])
            found[design.name] = one.kept()
    return found


def worst_windows(told: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the worst windows of a design of a run, with term and start, the worst first.

    Parameters
    ----------
    told : mapping
        What the run tells of its traffic.
    name : str
        Of the design.
    """
    known: list[dict[str, Any]] = told.get("designs", {}).get(name, {}).get("worst", [])
    return known
