"""A run of a model of one's own to a precision."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.core.model import layout
from pacsim.engines.kernel.run import run
from pacsim.stats import (
    LEVEL,
    Estimate,
    Moments,
    Sequential,
    Skewness,
    mean_interval,
    proportion_interval,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core.model import Batch, Layout, Model

CEILING = 1_000_000
"""Replications after which a run ends whatever its precision, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class UntilResult:
    """Estimates of a run to a precision; ``result[name]`` is one of them.

    Attributes
    ----------
    estimates : dict
        By observation, of its main figure as in `Batch.mean`; observations whose main figure has
        several columns are left out.
    replications : int
        How many were run.
    reached : bool
        Whether the precision was reached before the ceiling.
    """

    estimates: dict[str, Estimate]
    replications: int
    reached: bool

    def __getitem__(self, name: str) -> Estimate:
        """Return the estimate of an observation; KeyError if there is none."""
        if name not in self.estimates:
            msg = f"no estimate of {name!r}; there are {', '.join(map(repr, self.estimates))}"
            raise KeyError(msg)
        return self.estimates[name]


def run_until(
    model: Model,
    measure: str,
    *,
    precision: float,
    horizon: float,
    seed: int = 1,
    per: float = 1.0,
    level: float = LEVEL,
    replications: int = CEILING,
    threads: int | None = None,
) -> UntilResult:
    """Return estimates of all observations, one of them to a relative precision.

    It is looked at after fixed numbers of replications (`Sequential`), so that the same seed gives
    the same answer to the bit whatever the threads and the speed of the machine.

    Parameters
    ----------
    model : Model
        What is run.
    measure : str
        Name of the observation that decides; its main figure, with one column and a positive mean.
    precision : float
        Half-width of its interval that is asked for, as a share of its mean; 0 to 1.
    horizon : float
        Length of each replication in seconds, > 0.
    seed : int
        Of all streams (R25).
    per : float
        What all figures but the shares of first passages are divided by, > 0.
    level : float
        Coverage of the intervals, between 0 and 1.
    replications : int
        Ceiling, > 0; if it is met first, ``reached`` is False.
    threads : int, optional
        How many replications run at once; by default the processors this process may use.

    Returns
    -------
    UntilResult
        With the number of replications run.

    Raises
    ------
    KeyError
        Naming the observations that there are.
    ValueError
        Naming a wrong number, or a measure of several columns.
    UnsupportedError
        If the kernel cannot treat the model.
    SimulationError
        If a replication must stop (R9, R14, R17).

    Examples
    --------
    >>> from pacsim.core import ModelBuilder
    >>> from pacsim.delays import Exponential
    >>> m = ModelBuilder()
    >>> unit = m.element("unit", "up down", fault="down")
    >>> fail = unit.after("up -> down", Exponential(90.0), "fail", cls="fault")
    >>> back = unit.after("down -> up", Exponential(10.0), "repair", cls="repair", renew=True)
    >>> m.gate_time("down", unit == "down")
    >>> found = run_until(m.build(), "down", precision=0.02, horizon=1e4, per=1e4)
    >>> found.reached, found["down"].half_width <= 0.02 * found["down"].value
    (True, True)
    """
    lay = layout(model)
    columns = _single(lay)
    _check(lay, columns, measure, precision, per, level, replications)
    tally = _Tally(lay, columns, per, level)
    rule = Sequential(precision)
    batches = run(model, seed=seed, replications=replications, horizon=horizon, threads=threads)
    rows = _Rows(batches, list(columns.values()))
    done, reached = 0, False
    skewness, place = Skewness(), list(columns).index(measure)
    try:
        for look in rule.looks(replications):
            values = tally.add(rows.take(look - done))
            skewness.add(values[:, place])
            done = look
            eventful = int(tally.moments.eventful[place])
            if rule.done(tally.estimate(measure), eventful, skewness.value):
                reached = True
                break
    finally:
        rows.close()
    return UntilResult({name: tally.estimate(name) for name in columns}, done, reached)


def _single(lay: Layout) -> dict[str, int]:
    """Return the columns of main figures that have one, by observation."""
    slices = {name: lay[name].figure() for name in lay.names}
    return {name: at.start for name, at in slices.items() if at.stop - at.start == 1}


def _check(
    lay: Layout,
    columns: dict[str, int],
    measure: str,
    precision: float,
    per: float,
    level: float,
    replications: int,
) -> None:
    lay.index(measure)
    wrong = []
    if measure not in columns:
        wrong.append(f"measure {measure!r} has several columns; observe one of them by itself")
    for name, value, high in (("precision", precision, 1.0), ("level", level, 1.0)):
        if not 0.0 < value < high:
            wrong.append(f"{name} {value!r} must lie between 0 and 1")
    if not 0.0 < per < math.inf:
        wrong.append(f"per {per!r} must be > 0 and finite")
    if not replications > 0:
        wrong.append(f"replications {replications!r} must be > 0")
    if wrong:
        raise ValueError("; ".join(wrong))


class _Tally:
    """Moments of main figures; of a first passage whether it happened."""

    def __init__(self, lay: Layout, columns: dict[str, int], per: float, level: float) -> None:
        self.moments = Moments(len(columns))
        self._place = {name: k for k, name in enumerate(columns)}
        self._passages = np.array([lay[name].passage for name in columns])
        self._negative = np.zeros(len(columns), dtype=bool)
        self._per = per
        self._level = level

    def add(self, rows: np.ndarray) -> np.ndarray:
        """Add the main figures of more replications; return what of them is averaged."""
        values = np.where(self._passages, np.isfinite(rows), rows)
        self._negative |= np.any(values < 0.0, axis=0)
        self.moments.add(values)
        return values

    def estimate(self, name: str) -> Estimate:
        """Return the estimate of an observation."""
        k, n = self._place[name], self.moments.n
        eventful = int(self.moments.eventful[k])
        if self._passages[k]:
            return proportion_interval(eventful, n, self._level)
        mean = float(self.moments.mean[k]) / self._per
        variance = float(self.moments.covariance[k, k]) / self._per**2
        some = None if self._negative[k] else eventful
        return mean_interval(mean, variance, n, self._level, eventful=some)


class _Rows:
    """Columns of replications by number: batches are as long as the machine is fast."""

    def __init__(self, batches: Iterator[Batch], columns: list[int]) -> None:
        self._batches = batches
        self._columns = columns
        self._rest = np.zeros((0, len(columns)))

    def take(self, number: int) -> np.ndarray:
        """Return as many more rows."""
        parts, there = [self._rest], len(self._rest)
        while there < number:
            parts.append(next(self._batches).values[:, self._columns])
            there += len(parts[-1])
        rows = np.concatenate(parts)
        self._rest = rows[number:]
        return rows[:number]

    def close(self) -> None:
        """Stop what is running."""
        close = getattr(self._batches, "close", None)
        if close is not None:
            close()
