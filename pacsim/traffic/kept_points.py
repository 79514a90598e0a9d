"""What a result keeps of a window: as many points as its picture can show, and no more digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.results.kept_window import MINUTE_COLUMNS, KeptMinutes, KeptModality

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.traffic.episode_curves import ModalityCurves, StepCurve

CELLS = 200
"""Parts of a window of which a few points are kept, where a curve has more than three for each."""
ROWS = 1440
"""Most rows of operations: a minute each, or several where a window is longer than a day."""
STROKES = 1000
"""Failures side by side."""
DIGITS = 6
"""Of GB."""


def kept_modality(one: ModalityCurves, start: float, end: float) -> KeptModality:
    """Return queues and unsent GB of a modality, with its twin's.

    Parameters
    ----------
    one : ModalityCurves
        As they are.
    start, end : float
        Of the window, seconds.
    """
    own = _columns(one.queue, one.unsent, start, end)
    twin = _columns(one.twin_queue, one.twin_unsent, start, end)
    return KeptModality(
        modality=one.modality,
        **dict(zip(("times", "exams", "gb"), own, strict=True)),
        **dict(zip(("twin_times", "twin_exams", "twin_gb"), twin, strict=True)),
    )


def _columns(exams: StepCurve, gb: StepCurve, start: float, end: float) -> tuple[list[float], ...]:
    # Exams and their bytes come and go at the same times.
    at = shown_points(exams.times, np.stack([exams.values, gb.values]), start, end)
    times = np.round(exams.times[at], 2)
    # It is known from the very start.
    times[:1] = exams.times[:1]
    sizes = [float(f"{x:.{DIGITS}g}") for x in gb.values[at].tolist()]
    return np.maximum.accumulate(times).tolist(), exams.values[at].tolist(), sizes


def shown_points(times: np.ndarray, values: np.ndarray, start: float, end: float) -> np.ndarray:
    """Return which points of curves are kept: all, or of each part the highest and the last one.

    Parameters
    ----------
    times : ndarray of float64, shape (n,)
        Rising; the first is always kept.
    values : ndarray of float64, shape (curves, n)
        What holds from each time on.
    start, end : float
        Between which the parts lie, seconds.

    Examples
    --------
    Of 800 points in a second each part has four, of which the second is the highest:

    >>> times = np.arange(800) / 800
    >>> shown_points(times, np.array([[1.0, 9.0, 2.0, 3.0] * 200]), 0.0, 1.0)[:6].tolist()
    [0, 1, 3, 5, 7, 9]
    """
    if len(times) <= 3 * CELLS:
        return np.arange(len(times))
    cell = np.clip((times - start) * (CELLS / (end - start)), 0, CELLS - 1).astype(np.int64)
    last = np.append(cell[1:] != cell[:-1], True)
    kept = [np.array([0]), np.flatnonzero(last)]
    # In order of value within a part the highest stands where the last one does in time.
    kept += [np.lexsort((one, cell))[last] for one in values]
    return np.unique(np.concatenate(kept))


def kept_failures(failures: Sequence[float], start: float, end: float) -> list[float]:
    """Return when associations failed: the first in each of many parts of a window.

    Parameters
    ----------
    failures : sequence of float
        Seconds, rising.
    start, end : float
        Of the window.
    """
    apart = (end - start) / STROKES
    first = {(time - start) // apart: round(time, 2) for time in reversed(failures)}
    return sorted(first.values())


def kept_minutes(minutes: np.ndarray) -> KeptMinutes:
    """Return what became of operations, in no more than `ROWS` rows.

    Parameters
    ----------
    minutes : ndarray of `pacsim.traffic.episode_curves.MINUTES`
        One after another.
    """
    each = -(-len(minutes) // ROWS)
    firsts = np.arange(0, len(minutes), each)
    rows = {name: np.add.reduceat(minutes[name], firsts).tolist() for name in MINUTE_COLUMNS}
    # How much waits is no sum: what does at the end of a row.
    rows["waiting"] = minutes["waiting"][np.append(firsts[1:], len(minutes)) - 1].tolist()
    return KeptMinutes(start=float(minutes["start"][0]), each=each, **rows)
