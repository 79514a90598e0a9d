"""Where each figure of what is watched stands in a batch; with the kinds of observations.

Each replication fills one row of a table; `Layout` says which columns belong to which observation.
Samples and episodes are also listed one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.core.observation_kinds import (
    PHASES,
    EntryCount,
    Episodes,
    FiringCount,
    FirstPassage,
    GateTime,
    LevelIntegral,
    LevelTime,
    Observation,
    QuantityIntegral,
    Sample,
)

if TYPE_CHECKING:
    from pacsim.core.model import Model

__all__ = [
    "CONTRIBUTOR",
    "EPISODE",
    "FIRING",
    "PHASES",
    "SAMPLE",
    "Batch",
    "EntryCount",
    "Episodes",
    "FiringCount",
    "FirstPassage",
    "GateTime",
    "Layout",
    "LevelIntegral",
    "LevelTime",
    "Observation",
    "QuantityIntegral",
    "Sample",
    "layout",
]

EPISODE = np.dtype(
    [
        ("replication", np.int64),
        ("observation", np.int32),
        ("start", np.float64),
        ("end", np.float64),
        ("censored", np.bool_),
        ("cause", np.int32),
        ("unplanned", np.float64),
        ("planned", np.float64),
        ("mixed", np.float64),
        ("at_start", np.int32),
        ("at_end", np.int32),
        ("phases", np.float64, (PHASES,)),
    ]
)
"""One episode; ``cause`` is the index of the root transition, -1 for the initial settling."""

CONTRIBUTOR = np.dtype([("episode", np.int64), ("element", np.int32), ("at_start", np.bool_)])
"""One flagged element of one episode, by row number in the batch's episode table.

``at_start`` tells those that were flagged when it began from those that became so before its end.
"""

SAMPLE = np.dtype(
    [
        ("replication", np.int64),
        ("observation", np.int32),
        ("time", np.float64),
        ("value", np.float64),
    ]
)
"""One sample; ``value`` is NaN while the quantity is still never."""

FIRING = np.dtype([("time", np.float64), ("transition", np.int32), ("outcome", np.int32)])
"""One elementary step of a trace, immediates included."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of a batch: observation ``i`` has ``width[i]`` of them from ``first[i]`` on.

    Columns by kind, with W windows and E elements: GateTime: total, then W if by window;
    LevelIntegral 1; LevelTime high + 1; FiringCount 1; EntryCount 1; QuantityIntegral 1; Sample:
    number, number still never, sum; FirstPassage 1; Episodes: time, number begun, then with causes
    unplanned, planned, mixed and E contributor times, then if by window W times and W begun and,
    with causes, W unplanned, W planned, W mixed.
    """

    first: tuple[int, ...]
    width: tuple[int, ...]
    columns: int
    windows: int


def layout(model: Model, windows: int = 0) -> Layout:
    """Return where each observation of the model stands in a row of results.

    Parameters
    ----------
    model : Model
        Whose observations are laid out.
    windows : int
        Number of windows into which the horizon is cut; 0 for none.

    Returns
    -------
    Layout
        First column and width per observation.
    """
    first, widths, column = [], [], 0
    for observed in model.observations:
        width = _width(observed, windows, len(model.elements))
        first.append(column)
        widths.append(width)
        column += width
    return Layout(tuple(first), tuple(widths), column, windows)


def _width(observed: Observation, windows: int, elements: int) -> int:
    match observed:
        case GateTime():
            return 1 + (windows if observed.by_window else 0)
        case LevelTime():
            return observed.high + 1
        case Sample():
            return 3
        case Episodes():
            width = 2 + (3 + elements if observed.causes else 0)
            per_window = 2 + (3 if observed.causes else 0)
            return width + (windows * per_window if observed.by_window else 0)
        case _:
            return 1


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Replications ``first .. first + count - 1`` of a run, one row of ``values`` each.

    Attributes
    ----------
    values : ndarray of float64, shape (count, columns)
        By `Layout`.
    events : ndarray of int64, shape (count,)
        Timed firings per replication.
    episodes, contributors, samples : structured ndarrays
        In order of replication and time (end of episode, time of sample).
    trace : structured ndarray or None
        `FIRING` rows of the single replication, if it was asked for.
    """

    first: int
    values: np.ndarray
    events: np.ndarray
    episodes: np.ndarray
    contributors: np.ndarray
    samples: np.ndarray
    trace: np.ndarray | None = None
