"""One window as plain tables, for a picture and for CSV."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pacsim.files.writing import write_whole
from pacsim.parts.failover import KINDS
from pacsim.results.kept_window import (
    KeptExams,
    KeptLane,
    KeptMoment,
    KeptSpan,
    KeptWindow,
)
from pacsim.traffic.association_rows import as_csv, association_rows
from pacsim.traffic.episode_curves import (
    MINUTE,
    ModalityCurves,
    modality_curves,
    operations_a_minute,
    window_run,
)
from pacsim.traffic.episode_lanes import Lane, client_lanes, condition_lanes
from pacsim.traffic.episode_marks import BACKLOG_GONE, Lateness, Moment, lateness, moments
from pacsim.traffic.kept_points import kept_failures, kept_minutes, kept_modality

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    import pandas as pd

    from pacsim.plots.figures import Axes
    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.second_pass import Passed
    from pacsim.traffic.window_tables import WindowBatch, WindowLogs


@dataclass(frozen=True, slots=True, eq=False)
class Episode:
    """One window: what happened to the archive, and what its clients had of it.

    Times are in seconds from the start of the term.

    Parameters
    ----------
    design : str
        Name of the design.
    seed, term : int
        Of the run, and which contract term, from 0.
    began : datetime
        When the term starts.
    start, fault, end : float
        When the window begins, when its first divergence does, and when it is closed.
    censored : bool
        Whether the end of the term closed it.
    kind, root : str
        Of the first divergence: one of `pacsim.parts.failover.KINDS`, and what it began with.
    overlapped : int
        Divergences that began later.
    conditions, clients : tuple of Lane
        What members, ways, address and list were; what kinds of clients met.
    modalities : tuple of ModalityCurves
        Queue and unsent GB, beside the twin.
    minutes : ndarray of `pacsim.traffic.episode_curves.MINUTES`
        Operations; minutes are counted from the first divergence.
    marks : tuple of Moment
        In order of time.
    exams : Lateness
        Exams that were late, lost, blocked.
    associations : ndarray of `pacsim.traffic.association_rows.ASSOCIATIONS`
        Each attempt.
    """

    design: str
    seed: int
    term: int
    began: dt.datetime
    start: float
    fault: float
    end: float
    censored: bool
    kind: str
    root: str
    overlapped: int
    conditions: tuple[Lane, ...]
    clients: tuple[Lane, ...]
    modalities: tuple[ModalityCurves, ...]
    minutes: np.ndarray
    marks: tuple[Moment, ...]
    exams: Lateness
    associations: np.ndarray

    def when(self, time: float) -> dt.datetime:
        """Return the date of a time.

        Parameters
        ----------
        time : float
            Seconds from the start of the term.
        """
        return self.began + dt.timedelta(seconds=time)

    def plot(self) -> tuple[Axes, ...]:
        """Return the picture of the window, see `pacsim.plots.episode`."""
        from pacsim.plots import episode

        return episode(self)

    def kept(self) -> KeptWindow:
        """Return what a picture needs of the window, as a result keeps it."""
        return KeptWindow(
            design=self.design,
            term=self.term,
            began=self.began.isoformat(),
            start=self.start,
            fault=self.fault,
            end=self.end,
            censored=self.censored,
            kind=self.kind,
            root=self.root,
            overlapped=self.overlapped,
            conditions=[_kept_lane(one, self.start, self.end) for one in self.conditions],
            clients=[_kept_lane(one, self.start, self.end) for one in self.clients],
            modalities=[kept_modality(one, self.start, self.end) for one in self.modalities],
            operations=kept_minutes(self.minutes),
            marks=[KeptMoment(name=one.name, time=one.time) for one in self.marks],
            exams=KeptExams(**{x: getattr(self.exams, x) for x in ("late", "lost", "blocked")}),
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the associations as a pandas table, as in the CSV."""
        import pandas as pd

        names = self.associations.dtype.names
        assert names is not None
        return pd.DataFrame({name: self.associations[name] for name in names})

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the associations as CSV, one a row; the file is whole or as before.

        Parameters
        ----------
        path : path
            The file; its folder must be there.

        Raises
        ------
        PacsimError
            If it cannot be written.
        """
        write_whole(Path(path), as_csv(self.associations, self.began))


def _kept_lane(lane: Lane, start: float, end: float) -> KeptLane:
    spans = [KeptSpan(**one._asdict()) for one in lane.spans]
    failures = kept_failures(lane.failures, start, end)
    return KeptLane(name=lane.name, spans=spans, failures=failures)


def episode_of(
    tables: TrafficTables,
    passed: Passed,
    batch: WindowBatch,
    index: int,
    targets: Mapping[str, float],
    *,
    design: str,
    seed: int,
    began: dt.datetime,
) -> Episode:
    """Return one window as tables.

    Parameters
    ----------
    tables : TrafficTables
        Of the workload.
    passed : Passed
        The term of the window.
    batch : WindowBatch
        With the window.
    index : int
        Its number in the batch.
    targets : mapping
        Of the workload: seconds by name.
    design : str
        Name of the design.
    seed : int
        Of the run.
    began : datetime
        When the term starts.
    """
    window = batch.windows[index]
    start, end, fault = (float(window[name]) for name in ("start", "closed", "divergence"))
    attempts, jobs = _rows(batch.faulted, index)
    twin_attempts, twin_jobs = _rows(batch.twin, index)
    faulted = window_run(tables, attempts, jobs)
    twin = window_run(tables, twin_attempts, twin_jobs)
    inside = [x for x in passed.divergences if fault <= x.start <= float(window["ended"])]
    exams = lateness(tables, faulted, twin)
    marks = list(moments(tables.conditions, passed.timeline, inside))
    if exams.gone is not None:
        marks.append(Moment(BACKLOG_GONE, exams.gone))
    first, last = math.floor((start - fault) / MINUTE), math.ceil((end - fault) / MINUTE)
    minutes = fault + MINUTE * np.arange(first, max(last, first + 1))
    return Episode(
        design=design,
        seed=seed,
        term=int(window["term"]),
        began=began,
        start=start,
        fault=fault,
        end=end,
        censored=bool(window["censored"]),
        kind=KINDS[window["kind"]],
        root=inside[0].root if inside else "",
        overlapped=int(window["overlapped"]),
        conditions=condition_lanes(tables.conditions, passed.timeline, start, end),
        clients=client_lanes(tables, passed.timeline, attempts, start, end),
        modalities=modality_curves(tables, faulted, twin, start),
        minutes=operations_a_minute(tables, faulted, twin, targets, minutes),
        marks=tuple(sorted(marks, key=lambda one: one.time)),
        exams=exams,
        associations=association_rows(tables, attempts, twin_attempts),
    )


def _rows(logs: WindowLogs, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the attempts and jobs of one window."""
    attempts = logs.attempts[logs.attempts_from[index] : logs.attempts_from[index + 1]]
    return attempts, logs.jobs[logs.jobs_from[index] : logs.jobs_from[index + 1]]
