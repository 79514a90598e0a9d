"""Figures of windows: counts by which measure and coordinates, and values for quantiles.

All windows of a batch at once. What each figure is, is said in ``docs/traffic-figures.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pacsim.parts.failover import KINDS as FAULT_KINDS
from pacsim.traffic.case_operations import COUNTED, NAMES, compared_operations
from pacsim.traffic.felt_failovers import felt_in_windows
from pacsim.traffic.study_counts import (
    LATE,
    REASONS,
    backlogs,
    delays,
    drains,
    late_studies,
    study_flags,
    twice,
)
from pacsim.traffic.window_cases import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pacsim.traffic.figured_stations import FiguredStations
    from pacsim.traffic.window_cases import Cases
    from pacsim.traffic.window_tables import WindowBatch

FELT, WAIT, DELAY, DRAIN = "failover_felt", "wait_felt", "study_delay", "backlog_drain"
"""What has quantiles."""
PLANNED = FAULT_KINDS.index("planned")
GB, MINUTE = 1e9, 60.0


class Figured(NamedTuple):
    """A figure: its measure, and the coordinates of its row."""

    measure: str
    at: tuple[tuple[str, str], ...] = ()


class Values(NamedTuple):
    """Values of one kind: the window of each, how much, and whether the operation was given up."""

    window: np.ndarray
    value: np.ndarray
    given_up: np.ndarray


@dataclass(frozen=True, eq=False)
class WindowFigures:
    """What people get of windows.

    Parameters
    ----------
    counts : ndarray of float64, shape (windows, figures)
        Of `counted`, of each window.
    values : dict of Values
        For quantiles.
    drain, backlog : ndarray of float64, shape (windows,)
        Minutes, not a number without any; GB.
    harm : ndarray of int64, shape (windows,)
        Studies delayed or lost.
    """

    counts: np.ndarray
    values: dict[Figured, Values]
    backlog: np.ndarray
    harm: np.ndarray


def counted(stations: FiguredStations) -> tuple[Figured, ...]:
    """Return what is counted of windows, in the order of its columns.

    Parameters
    ----------
    stations : FiguredStations
        Of a workload.
    """
    found = [Figured("windows", (("fault_kind", kind),)) for kind in FAULT_KINDS]
    found += [Figured("windows_overlapped"), Figured("failovers_unfelt")]
    for what in COUNTED:
        names = stations.operations
        found += [Figured(f"operations_{what}", (("operation", name),)) for name in names]
    for code in stations.modalities:
        modality = ("modality", code)
        found += [
            Figured(name, (modality,))
            for name in ("studies_delayed", "studies_resent", "studies_by_hand")
        ]
        found += [
            Figured("studies_lost_at_modality", (modality, ("reason", why))) for why in REASONS
        ]
        found += [Figured(name, (modality,)) for name in ("exams_blocked", "worklist_by_hand")]
    return (*found, Figured("studies_unreachable"), Figured("sent_twice"))


def valued(stations: FiguredStations) -> tuple[Figured, ...]:
    """Return what has quantiles: felt by each kind of client, waits of each operation, the rest."""
    felt = [Figured(FELT, (("client", name),)) for name in stations.clients]
    waits = [Figured(WAIT, (("operation", name),)) for name in stations.operations]
    return (*felt, *waits, Figured(DELAY), Figured(DRAIN))


def window_figures(
    batch: WindowBatch, stations: FiguredStations, felt: Mapping[str, np.ndarray] | None = None
) -> WindowFigures:
    """Return the figures of windows.

    Parameters
    ----------
    batch : WindowBatch
        Windows with what happened in them and in their twins.
    stations : FiguredStations
        Of the workload.
    felt : mapping of ndarray of float64, shape (windows,), optional
        Seconds for which each kind of client feels them; what probes in them feel unless given.
    """
    cases = cases_of(batch, stations)
    columns = {one: k for k, one in enumerate(counted(stations))}
    counts = np.zeros((len(batch.windows), len(columns)))
    values: dict[Figured, Values] = {}
    rows = np.arange(len(batch.windows))
    for k, kind in enumerate(FAULT_KINDS):
        place = columns[Figured("windows", (("fault_kind", kind),))]
        counts[:, place] = batch.windows["kind"] == k
    counts[:, columns[Figured("windows_overlapped")]] = batch.windows["overlapped"]
    felt = _felt(batch, stations) if felt is None else felt
    for client, times in felt.items():
        some = np.flatnonzero((times > 0.0) & (times < np.inf))
        none = np.zeros(len(some), dtype=bool)
        values[Figured(FELT, (("client", client),))] = Values(some, times[some], none)
    unfelt = np.all([times == 0.0 for times in felt.values()], axis=0) if felt else rows < 0
    counts[:, columns[Figured("failovers_unfelt")]] = unfelt
    _add_operations(cases, stations, columns, counts, values)
    harm = _add_studies(cases, stations, columns, counts)
    late = np.flatnonzero(delays(cases) > LATE)
    late = late[late_studies(cases, stations)[late]]
    minutes = delays(cases)[late] / MINUTE
    values[Figured(DELAY)] = Values(cases.window[late], minutes, np.zeros(len(late), dtype=bool))
    drain = drains(cases, batch.windows["ended"], stations) / MINUTE
    over = np.flatnonzero(~np.isnan(drain) & ~batch.windows["censored"])
    values[Figured(DRAIN)] = Values(over, drain[over], np.zeros(len(over), dtype=bool))
    return WindowFigures(counts, values, backlogs(cases, len(rows), stations) / GB, harm)


def _felt(batch: WindowBatch, stations: FiguredStations) -> dict[str, np.ndarray]:
    """Return how long each kind of client feels each window, at the place where it is longest."""
    found: dict[str, np.ndarray] = {}
    for station, client in stations.client_of_probe.items():
        times = felt_in_windows(batch, station)
        found[client] = np.maximum(found[client], times) if client in found else times
    return found


def _add_operations(
    cases: Cases,
    stations: FiguredStations,
    columns: dict[Figured, int],
    counts: np.ndarray,
    values: dict[Figured, Values],
) -> None:
    """Count operations that failed, were slow or rejected; note waits."""
    found, waits = compared_operations(cases, stations, len(counts))
    for k, name in enumerate(NAMES):
        if name not in stations.operations:
            continue
        of = (("operation", name),)
        for column, what in enumerate(COUNTED):
            counts[:, columns[Figured(f"operations_{what}", of)]] = found[:, k, column]
        mine = np.flatnonzero(waits["operation"] == k)
        of_waits = (waits[x][mine] for x in ("window", "wait", "given_up"))
        values[Figured(WAIT, of)] = Values(*of_waits)


def _add_studies(
    cases: Cases, stations: FiguredStations, columns: dict[Figured, int], counts: np.ndarray
) -> np.ndarray:
    """Count what becomes of studies; return those delayed or lost, by window."""
    modality = stations.modality[cases.faulted.jobs["source"]]
    harm = np.zeros(len(counts), dtype=np.int64)
    for figure, flags in _studies(cases, stations):
        some = np.flatnonzero(flags)
        window, net = cases.window[some], flags[some].astype(np.int64)
        if figure.measure in ("studies_delayed", "studies_lost_at_modality"):
            harm += np.bincount(window, net, len(harm)).astype(np.int64)
        if figure.measure == "studies_unreachable":
            counts[:, columns[figure]] += np.bincount(window, net, len(counts))
            continue
        for k in np.unique(modality[some]).tolist():
            if k < 0:
                continue
            where = (("modality", stations.modalities[k]), *figure.at)
            mine = modality[some] == k
            counts[:, columns[Figured(figure.measure, where)]] += np.bincount(
                window[mine], net[mine], len(counts)
            )
    again = twice(cases.faulted) - twice(cases.twin)
    counts[:, columns[Figured("sent_twice")]] += np.bincount(cases.window, again / GB, len(counts))
    return harm


def _studies(cases: Cases, stations: FiguredStations) -> Iterator[tuple[Figured, np.ndarray]]:
    """Yield what becomes of studies in the faulted run, and then, negative, in the twin."""
    yield Figured("studies_delayed"), late_studies(cases, stations)
    for side, sign in ((cases.faulted, 1), (cases.twin, -1)):
        for name, flags in study_flags(side, stations).items():
            lost, _, why = name.partition(" ")
            figure = (
                Figured("studies_lost_at_modality", (("reason", why),)) if why else Figured(lost)
            )
            yield figure, sign * flags.astype(np.int64)
