"""Where each figure of what is watched stands in a batch; with the kinds of observations.

Each replication fills one row of a table; `Layout` says which columns belong to which observation.
Samples and episodes are also listed one by one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.core.observation_kinds import (
    PHASES,
    Changes,
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
from pacsim.stats.intervals import LEVEL, Estimate, mean_interval, proportion_interval
from pacsim.stats.moments import Moments

if TYPE_CHECKING:
    from pacsim.core.model import Model

__all__ = [
    "CHANGE",
    "CONTRIBUTOR",
    "EPISODE",
    "FIRING",
    "PHASES",
    "SAMPLE",
    "Batch",
    "Changes",
    "Columns",
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

CHANGE = np.dtype(
    [
        ("replication", np.int64),
        ("what", np.int32),
        ("time", np.float64),
        ("value", np.int32),
    ]
)
"""One change; ``what`` counts the model's `Changes` in their order."""

FIRING = np.dtype([("time", np.float64), ("transition", np.int32), ("outcome", np.int32)])
"""One elementary step of a trace, immediates included."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the figures of one observation stand in a row of results; None for what it has not.

    Attributes
    ----------
    all : slice
        Every column of the observation.
    time : slice or None
        Seconds: true or down in all, at each value of a level from 0 on, or until the first
        passage.
    integral : slice or None
        Of a level or a quantity over time.
    count : slice or None
        Firings, entries, or samples taken.
    never, sum : slice or None
        Samples whose quantity was still never, and the sum of all others.
    begun : slice or None
        Episodes begun.
    unplanned, planned, mixed : slice or None
        Seconds of episodes by what they follow from (R28).
    contributors : slice or None
        Seconds of episodes by flagged element, one column for each element of the model (R27).
    windows : Columns or None
        The same per window, one column for each window in each of its slices.
    passage : bool
        Whether ``time`` is that of a first passage, infinite where it did not happen.
    """

    all: slice
    time: slice | None = None
    integral: slice | None = None
    count: slice | None = None
    never: slice | None = None
    sum: slice | None = None
    begun: slice | None = None
    unplanned: slice | None = None
    planned: slice | None = None
    mixed: slice | None = None
    contributors: slice | None = None
    windows: Columns | None = None
    passage: bool = False

    def figure(self, which: str = "") -> slice:
        """Return the slice of that name, such as ``"begun"`` or ``"windows.planned"``.

        Without a name that of the main figure: the time, the integral, the sum or the count.

        Raises
        ------
        KeyError
            Naming the figures that there are.

        Examples
        --------
        >>> Columns(slice(0, 2), time=slice(0, 1), begun=slice(1, 2)).figure("begun")
        slice(1, 2, None)
        """
        found = self.figures()
        if not which:
            return next(found[name] for name in MAIN if name in found)
        if which not in found:
            msg = f"no figure {which!r}; there are {', '.join(found)}"
            raise KeyError(msg)
        return found[which]

    def figures(self) -> dict[str, slice]:
        """Return all slices by name."""
        own = {name: getattr(self, name) for name in FIGURES}
        found = {name: value for name, value in own.items() if value is not None}
        if self.windows is not None:
            found |= {f"windows.{name}": at for name, at in self.windows.figures().items()}
        return found


FIGURES = (
    "time", "integral", "count", "never", "sum", "begun", "unplanned", "planned", "mixed",
    "contributors",
)  # fmt: skip
"""What an observation may have."""
MAIN = ("time", "integral", "sum", "count")
"""What is meant where none is named: the first of these that there is."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of a batch: observation ``i`` has ``width[i]`` of them from ``first[i]`` on.

    ``layout[name]`` gives them by name, as `Columns`. They stand in this order, with W windows and
    E elements: GateTime: total, then W if by window; LevelIntegral 1; LevelTime high + 1;
    FiringCount 1; EntryCount 1; QuantityIntegral 1; Sample: number, number still never, sum;
    FirstPassage 1; Episodes: time, number begun, then with causes unplanned, planned, mixed and E
    contributor times, then if by window W times and W begun and, with causes, W unplanned,
    W planned, W mixed.

    Examples
    --------
    >>> from pacsim.core import ModelBuilder, layout
    >>> from pacsim.delays import Exponential
    >>> m = ModelBuilder()
    >>> disk = m.element("disk", "up down", fault="down")
    >>> fail = disk.after("up -> down", Exponential(1e7), "fail")
    >>> m.firings("failures", fail)
    >>> m.role("data", disk == "up")
    >>> lay = layout(m.build(), windows=3)
    >>> lay["failures"].count, lay["data"].planned, lay["data"].windows.time
    (slice(0, 1, None), slice(4, 5, None), slice(7, 10, None))
    """

    first: tuple[int, ...]
    width: tuple[int, ...]
    columns: int
    windows: int
    names: tuple[str, ...]
    # Slices have no hash before Python 3.12.
    slices: tuple[Columns, ...] = field(hash=False)
    elements: tuple[str, ...] = ()
    """Names of the model's elements, those of contributors."""

    def __getitem__(self, name: str) -> Columns:
        """Return the columns of the observation of that name; KeyError if there is none."""
        return self.slices[self.index(name)]

    def index(self, name: str) -> int:
        """Return the number of the observation of that name; KeyError if there is none."""
        try:
            return self.names.index(name)
        except ValueError:
            msg = f"no observation {name!r}; {_known(name, self.names)}"
            raise KeyError(msg) from None

    def labels(self, name: str, which: str = "") -> tuple[str | int, ...]:
        """Return what each column of a figure is called.

        Parameters
        ----------
        name : str
            Of the observation.
        which : str
            A figure of its `Columns`, by default the main one.

        Returns
        -------
        tuple
            Element names for contributors, numbers of windows, or values of a level, from 0 on.
        """
        at = self[name].figure(which)
        if which == "contributors":
            return self.elements
        return tuple(range(at.stop - at.start))


def _known(name: str, names: tuple[str, ...]) -> str:
    """Return which names there are, the nearest ones if they are many."""
    if not names:
        return "nothing is observed; add for example m.gate_time(...)"
    shown = names if len(names) <= 12 else get_close_matches(str(name), names, n=4, cutoff=0.4)
    listed = ", ".join(map(repr, shown or names[:4]))
    return f"there are {listed}" if len(shown) == len(names) else f"there is for example {listed}"


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
        First column and width per observation, and its columns by name.
    """
    slices, column = [], 0
    for observed in model.observations:
        found = _columns(observed, column, windows, len(model.elements))
        slices.append(found)
        column = found.all.stop
    return Layout(
        first=tuple(found.all.start for found in slices),
        width=tuple(found.all.stop - found.all.start for found in slices),
        columns=column,
        windows=windows,
        names=tuple(observed.name for observed in model.observations),
        slices=tuple(slices),
        elements=tuple(element.name for element in model.elements),
    )


def _columns(observed: Observation, first: int, windows: int, elements: int) -> Columns:
    """Return the columns of an observation whose first one is given."""
    end = first

    def take(number: int) -> slice:
        nonlocal end
        end += number
        return slice(end - number, end)

    def whole() -> slice:
        return slice(first, end)

    match observed:
        case GateTime():
            time, per_window = take(1), None
            if observed.by_window:
                inside = take(windows)
                per_window = Columns(all=inside, time=inside)
            return Columns(whole(), time=time, windows=per_window)
        case LevelTime():
            return Columns(time=take(observed.high + 1), all=whole())
        case LevelIntegral() | QuantityIntegral():
            return Columns(integral=take(1), all=whole())
        case FiringCount() | EntryCount():
            return Columns(count=take(1), all=whole())
        case Sample():
            return Columns(count=take(1), never=take(1), sum=take(1), all=whole())
        case FirstPassage():
            return Columns(time=take(1), all=whole(), passage=True)
        case Episodes():
            kinds = ("time", "begun", *(("unplanned", "planned", "mixed") * observed.causes))
            parts: dict[str, Any] = {kind: take(1) for kind in kinds}
            if observed.causes:
                parts["contributors"] = take(elements)
            per_window = None
            if observed.by_window:
                begin = end
                inner: dict[str, Any] = {kind: take(windows) for kind in kinds}
                per_window = Columns(slice(begin, end), **inner)
            return Columns(whole(), **parts, windows=per_window)
        case Changes():
            return Columns(whole())


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
    changes : structured ndarray
        `CHANGE` rows in order of replication, time and number; none unless the model has `Changes`
        (`pacsim.core.recording`).
    layout : Layout or None
        By which the figures below are found; engines give it.

    Examples
    --------
    >>> from pacsim.core import ModelBuilder
    >>> from pacsim.delays import Deterministic
    >>> from pacsim.engines import reference
    >>> m = ModelBuilder()
    >>> disk = m.element("disk", "up down", fault="down")
    >>> fail = disk.after("up -> down", Deterministic(60.0), "fail", cls="fault")
    >>> back = disk.after("down -> up", Deterministic(40.0), "repair", cls="repair", renew=True)
    >>> m.role("data", disk == "up")
    >>> batch = reference.simulate(m.build(), count=3, horizon=1000.0)
    >>> batch["data"].tolist(), batch.mean("data", "begun").value
    ([400.0, 400.0, 400.0], 10.0)
    >>> batch.means("data", "contributors", per=500.0)["disk"].value
    0.8
    """

    first: int
    values: np.ndarray
    events: np.ndarray
    episodes: np.ndarray
    contributors: np.ndarray
    samples: np.ndarray
    trace: np.ndarray | None = None
    changes: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=CHANGE))
    layout: Layout | None = None

    def __getitem__(self, name: str) -> np.ndarray:
        """Return the main figure of an observation, one row per replication: see `column`."""
        return self.column(name)

    def column(self, name: str, which: str = "") -> np.ndarray:
        """Return a figure of an observation in every replication.

        Parameters
        ----------
        name : str
            Of the observation.
        which : str
            A figure of its `Columns`, such as ``"begun"``, ``"contributors"`` or
            ``"windows.time"``; by default the time, the integral, the sum or the count.

        Returns
        -------
        ndarray of float64, shape (count,) or (count, k)
            Seconds or numbers; k columns, by `Layout.labels`, for contributors, windows and the
            values of a level.

        Raises
        ------
        KeyError
            Naming the observations, or the figures, that there are.
        """
        at = self._layout()[name].figure(which)
        found = self.values[:, at]
        many = which.partition(".")[0] in {"contributors", "windows"} or found.shape[1] != 1
        return found if many else found[:, 0]

    def mean(
        self, name: str, which: str = "", *, per: float = 1.0, level: float = LEVEL
    ) -> Estimate:
        """Return the mean of a figure over replications with its standard error and interval.

        Of a first passage the share of replications in which it happened; of nothing else is a
        mean over replications infinite.

        Parameters
        ----------
        name, which : str
            As in `column`; one column.
        per : float
            What the figure is divided by, > 0: the horizon makes a share of time of seconds.
        level : float
            Coverage of the interval, between 0 and 1.

        Returns
        -------
        Estimate
            Student's t, or for few eventful replications that of the logarithm (`mean_interval`);
            of a share Clopper and Pearson's.

        Raises
        ------
        KeyError
            Naming the observations, or the figures, that there are.
        ValueError
            If it has several columns; `means` gives them by name.
        """
        labels = self._layout().labels(name, which)
        if len(labels) != 1 or which == "contributors" or which.startswith("windows."):
            msg = f"{name!r} has {len(labels)} columns {which or 'of its own'}; ask for means(...)"
            raise ValueError(msg)
        return self.means(name, which, per=per, level=level)[labels[0]]

    def means(
        self, name: str, which: str = "", *, per: float = 1.0, level: float = LEVEL
    ) -> dict[str | int, Estimate]:
        """Return the means of a figure of several columns, each by the name of its column.

        Parameters
        ----------
        name, which, per, level
            As in `mean`.

        Returns
        -------
        dict
            By element for contributors, by number of window, or by value of a level.
        """
        lay = self._layout()
        found, n = self.values[:, lay[name].figure(which)], len(self.values)
        if not per > 0.0 or not math.isfinite(per):
            msg = f"per {per!r} must be > 0 and finite"
            raise ValueError(msg)
        labels = lay.labels(name, which)
        if lay[name].passage:
            happened = int(np.isfinite(found).sum())
            return {labels[0]: proportion_interval(happened, n, level)}
        return {label: _mean(found[:, k], per, level) for k, label in enumerate(labels)}

    def episodes_of(self, name: str) -> np.ndarray:
        """Return the rows of ``episodes`` of one observation."""
        found: np.ndarray = self.episodes[self.episodes["observation"] == self._number(name)]
        return found

    def samples_of(self, name: str) -> np.ndarray:
        """Return the rows of ``samples`` of one observation."""
        found: np.ndarray = self.samples[self.samples["observation"] == self._number(name)]
        return found

    def _number(self, name: str) -> int:
        return self._layout().index(name)

    def _layout(self) -> Layout:
        if self.layout is None:
            msg = "this batch was made without a layout; read batch.values by layout(model)"
            raise ValueError(msg)
        return self.layout


def _mean(values: np.ndarray, per: float, level: float) -> Estimate:
    moments = Moments(1)
    moments.add(values[:, None])
    mean, variance = float(moments.mean[0]) / per, float(moments.covariance[0, 0]) / per**2
    # The intervals of few events are those of figures that are never negative.
    eventful = int(moments.eventful[0]) if not np.any(values < 0.0) else None
    return mean_interval(mean, variance, moments.n, level, eventful=eventful)
