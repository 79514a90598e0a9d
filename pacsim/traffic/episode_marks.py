"""One window as moments: faults, what the archive did about them, when the backlog was gone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pacsim.traffic.client_conditions import GROUP, NOBODY
from pacsim.traffic.client_tables import Modality
from pacsim.traffic.logs import BLOCKED, LOST_FORGOTTEN, LOST_OVERWRITTEN, STORED_SAFE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.traffic.client_conditions import Conditions, Timeline
    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.episode_curves import WindowRun
    from pacsim.traffic.second_pass import Divergence

FAULT, WORK, DETECTED, SWITCHED, SERVING = "fault", "planned", "detected", "switched", "serving"
BACKLOG_GONE = "backlog gone"
PLANNED = "planned"
LATER, DELAYED = 1e-6, 60.0
"""Seconds by which an exam must be stored later than in the twin to be of a backlog, to be late."""


class Moment(NamedTuple):
    """When something happened.

    Parameters
    ----------
    name : str
        ``fault`` or ``planned``, ``detected``, ``switched``, ``serving``, ``backlog gone``; from
        the second divergence of a window on with its number, as ``fault 2``.
    time : float
        Seconds from the start of the term.
    """

    name: str
    time: float


def moments(
    conditions: Conditions, timeline: Timeline, divergences: Sequence[Divergence]
) -> tuple[Moment, ...]:
    """Return what happened in some divergences, one after another.

    Each begins with a fault or planned work and ends when all is *serving* as usual. Of a group it
    is *detected* when nobody owns the address any more, *switched* when somebody does again; of a
    pool it is detected when a member is taken off the list.

    Parameters
    ----------
    conditions : Conditions
        Which there are.
    timeline : Timeline
        What they were.
    divergences : sequence of Divergence
        Of a window.

    Examples
    --------
    >>> from pacsim.traffic.client_conditions import ConditionChange, Conditions, Timeline
    >>> from pacsim.traffic.second_pass import Divergence
    >>> pair = Conditions(GROUP, ("a", "b"), ("s",))
    >>> owner = [ConditionChange(t, "owner", v) for t, v in ((12.0, -1), (30.0, 1))]
    >>> line = Timeline.of(pair, [ConditionChange(5.0, "member.a", 1), *owner])
    >>> for one in moments(pair, line, [Divergence(5.0, 30.0, False, "host", "a")]):
    ...     print(*one)
    fault 5.0
    detected 12.0
    switched 30.0
    serving 30.0
    """
    found = []
    for k, one in enumerate(divergences):
        number = "" if k == 0 else f" {k + 1}"
        end = math.inf if one.censored else one.end
        found.append(Moment((WORK if one.kind == PLANNED else FAULT) + number, one.start))
        detected, switched = _reactions(conditions, timeline, one.start, end)
        if detected is not None:
            found.append(Moment(DETECTED + number, detected))
        if switched is not None:
            found.append(Moment(SWITCHED + number, switched))
        if not one.censored:
            found.append(Moment(SERVING + number, one.end))
    return tuple(found)


def _reactions(
    conditions: Conditions, timeline: Timeline, start: float, end: float
) -> tuple[float | None, float | None]:
    """Return when a divergence was noticed, and when the address had gone over."""
    names = conditions.names
    if conditions.kind == GROUP:
        changes = _changes(timeline, [names.index("owner")], start, end)
        left = next((time for time, value in changes if value == NOBODY), None)
        # An address that moves without having been nobody's goes over at once.
        back = next((t for t, value in changes if value >= 0 and (left is None or t >= left)), None)
        return left, back
    lists = [k for k, name in enumerate(names) if name.startswith("listed.")]
    return next((t for t, value in _changes(timeline, lists, start, end) if not value), None), None


def _changes(
    timeline: Timeline, which: list[int], start: float, end: float
) -> list[tuple[float, int]]:
    """Return times and values of changes of some conditions, from start to end."""
    mine = np.isin(timeline.what, which) & (timeline.time >= start) & (timeline.time <= end)
    mine &= timeline.time > 0.0
    return list(zip(timeline.time[mine].tolist(), timeline.value[mine].tolist(), strict=True))


class Lateness(NamedTuple):
    """What a window did to exams, by its twin.

    Parameters
    ----------
    late, lost, blocked : int
        Exams that the archive got over a minute later than in the twin, or not within the window;
        that were lost at the scanner; that could not be made.
    gone : float or None
        When the last exam was stored or lost that the archive got later than in the twin, seconds;
        None if that is not within the window, or if there is none.
    """

    late: int
    lost: int
    blocked: int
    gone: float | None


def lateness(tables: TrafficTables, faulted: WindowRun, twin: WindowRun) -> Lateness:
    """Return how many exams of a window were late, and when the last one was stored.

    Parameters
    ----------
    tables : TrafficTables
        Stations.
    faulted, twin : WindowRun
        Of the window.
    """
    scanners = [k for k, one in enumerate(tables.stations) if isinstance(one.does, Modality)]
    usual = _stored(twin, scanners)
    late, lost, blocked, gone = 0, 0, 0, -math.inf
    mine = np.flatnonzero(np.isin(faulted.jobs["station"], scanners))
    for k in mine:
        row = faulted.jobs[k]
        twins, over = usual.get(_exam(row), math.nan), float(faulted.over[k])
        # What the twin has not stored within the window is nobody's delay, nor what it blocked.
        if math.isnan(twins) or (row["outcome"] == STORED_SAFE and over <= twins + LATER):
            continue
        if row["outcome"] == BLOCKED:
            blocked += 1
            continue
        if row["outcome"] in {LOST_FORGOTTEN, LOST_OVERWRITTEN}:
            lost += 1
        elif over > twins + DELAYED:
            late += 1
        gone = max(gone, over)
    return Lateness(late, lost, blocked, gone if math.isfinite(gone) else None)


def _exam(row: np.void) -> tuple[int, int, int, int]:
    return tuple(int(row[name]) for name in ("source", "stream", "slot", "number"))  # type: ignore[return-value]


def _stored(run: WindowRun, stations: list[int]) -> dict[tuple[int, int, int, int], float]:
    """Return when exams were stored."""
    rows = run.jobs[np.isin(run.jobs["station"], stations)]
    return {_exam(row): float(row["stored"]) for row in rows}
