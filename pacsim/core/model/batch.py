"""What a run gives back: one row of figures a replication, episodes and samples one by one."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pacsim.core.model.observation_kinds import PHASES
from pacsim.stats.confidence_intervals import LEVEL, Estimate, mean_interval, proportion_interval
from pacsim.stats.moments import Moments

if TYPE_CHECKING:
    from pacsim.core.model.columns import Layout

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
        ("unplanned_cause", np.int32),
        ("planned_cause", np.int32),
        ("at_start", np.int32),
        ("at_end", np.int32),
        ("phases", np.float64, (PHASES,)),
    ]
)
"""One episode; ``cause`` is the index of the root transition, -1 for the initial settling.

``unplanned_cause`` and ``planned_cause`` are the roots with which its first unplanned and its first
planned time began, -1 if there is none: work that a fault follows on goes on as one episode.
"""

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
        ("time", np.float64),
        ("what", np.int32),
        ("value", np.int32),
    ]
)
"""One change; ``what`` counts the model's `Changes` in their order."""

TURN = np.dtype(
    [
        ("replication", np.int64),
        ("observation", np.int32),
        ("time", np.float64),
        ("before", np.int32),
        ("after", np.int32),
    ]
)
"""A change of the kind of an open episode, by number: 0 unplanned, 1 planned, 2 mixed (R28).

An episode without one is of one kind throughout.
"""

FIRING = np.dtype([("time", np.float64), ("transition", np.int32), ("outcome", np.int32)])
"""One elementary step of a trace, immediates included."""


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
    turns : structured ndarray
        `TURN` rows in order of replication and time.
    layout : Layout or None
        By which the figures below are found; engines give it.
    replayed : ndarray of int64, shape (count,)
        Of the events, those that were replayed when somebody looked at a dormant set; none with
        engines and runs that let nothing sleep (`ModelBuilder.dormant`).

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
    replayed: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    turns: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=TURN))

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
        values = self.values[:, at]
        many = which.partition(".")[0] in {"contributors", "windows"} or values.shape[1] != 1
        return values if many else values[:, 0]

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
        values, n = self.values[:, lay[name].figure(which)], len(self.values)
        if not per > 0.0 or not math.isfinite(per):
            msg = f"per {per!r} must be > 0 and finite"
            raise ValueError(msg)
        labels = lay.labels(name, which)
        if lay[name].passage:
            happened = int(np.isfinite(values).sum())
            return {labels[0]: proportion_interval(happened, n, level)}
        return {label: _mean(values[:, k], per, level) for k, label in enumerate(labels)}

    def episodes_of(self, name: str) -> np.ndarray:
        """Return the rows of ``episodes`` of one observation."""
        rows: np.ndarray = self.episodes[self.episodes["observation"] == self._number(name)]
        return rows

    def samples_of(self, name: str) -> np.ndarray:
        """Return the rows of ``samples`` of one observation."""
        rows: np.ndarray = self.samples[self.samples["observation"] == self._number(name)]
        return rows

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
