"""Runs models, sets their figures beside the expected ones and judges them at one rate for all."""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from pacsim.core import Model, ModelBuilder, layout
from pacsim.delays.scalar import normal_isf
from pacsim.engines import kernel

YEAR = 8760.0
FALSE_ALARMS = 1e-3
"""Chance that a programme without any fault in it fails."""
EXACT_DIGITS = 1e-9
"""Relative error allowed to the exact engine, beside the tolerance of the expected value."""
SEEN_AT = 4.0
"""Standard errors by which a fault must move a figure to be called visible."""
CHUNKS = 64


def limit(comparisons: int) -> float:
    """Return the |z| above which one of so many simulated comparisons fails (Bonferroni)."""
    return float(normal_isf(FALSE_ALARMS / comparisons / 2))


@dataclass(frozen=True)
class Estimate:
    """A simulated figure and its standard error."""

    mean: float
    error: float


def yearly(per_hour: Estimate) -> Estimate:
    """Return a rate per hour as one per 8760 h."""
    return Estimate(YEAR * per_hour.mean, YEAR * per_hour.error)


def mean_of(values: np.ndarray) -> Estimate:
    """Return the mean of independent figures, one per replication."""
    found = np.asarray(values, dtype=np.float64)
    return Estimate(float(found.mean()), float(found.std(ddof=1) / math.sqrt(len(found))))


def ratio_of(above: np.ndarray, below: np.ndarray) -> Estimate:
    """Return the ratio of two means, with the error of it by the delta method."""
    ratio = float(above.mean() / below.mean())
    residual = mean_of((above - ratio * below) / below.mean())
    return Estimate(ratio, residual.error)


@dataclass(frozen=True)
class Run:
    """Figures of many replications of one model."""

    model: Model
    values: np.ndarray
    horizon: float
    windows: int

    def each(self, name: str, column: int = 0) -> np.ndarray:
        """Return one column of an observation, one figure per replication."""
        names = [o.name for o in self.model.observations]
        return self.values[:, layout(self.model, self.windows).first[names.index(name)] + column]

    def rate(self, name: str, column: int = 0) -> Estimate:
        """Return the mean share of time, or the number per unit of time."""
        return mean_of(self.each(name, column) / self.horizon)

    def chance(self, name: str) -> Estimate:
        """Return the probability that a first passage came before the horizon."""
        return mean_of(self.each(name) < self.horizon)


@dataclass(frozen=True)
class Row:
    """One figure of one case: what is expected and what the engines say."""

    case: str
    figure: str
    expected: float
    tolerance: float
    exact: float | None
    simulated: Estimate | None

    @property
    def exact_error(self) -> float | None:
        """Relative error of the exact engine."""
        return None if self.exact is None else abs(self.exact / self.expected - 1)

    @property
    def z(self) -> float | None:
        """Distance of the simulated figure in standard errors, the expected one's included."""
        if self.simulated is None:
            return None
        off = self.simulated.mean - self.expected
        error = math.hypot(self.simulated.error, self.tolerance * self.expected)
        return off / error if error > 0 else math.copysign(math.inf, off)

    @property
    def visible(self) -> float | None:
        """Smallest relative fault that the simulation would show."""
        if self.simulated is None:
            return None
        return SEEN_AT * math.hypot(self.simulated.error / self.expected, self.tolerance)

    def fails(self, at: float) -> bool:
        """Return whether either engine disagrees with what is expected."""
        z, error = self.z, self.exact_error
        wrong = error is not None and not error <= max(EXACT_DIGITS, self.tolerance)
        return wrong or (z is not None and not abs(z) < at)


@dataclass(frozen=True)
class Told:
    """A figure of a case without chance, which must be right to the bit."""

    case: str
    figure: str
    expected: list[float]
    found: list[float]

    @property
    def fails(self) -> bool:
        """Whether any bit differs."""
        return self.expected != self.found


@dataclass
class Study:
    """One case being worked on: its expected figures, its runs and the rows found so far.

    Parameters
    ----------
    case : str
        Name of the case.
    entry : dict
        The case's entry in ``cases.yaml``.
    seed : int
        Of the programme; each run of each case has a seed of its own that follows from it.
    factor : float
        On the number of replications.
    """

    case: str
    entry: dict[str, Any]
    seed: int
    factor: float
    rows: list[Row] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    runs: int = 0
    events: int = 0
    seconds: float = 0.0

    def run(
        self, m: ModelBuilder | Model, horizon: float, count: int, window: float | None = None
    ) -> Run:
        """Simulate about ``count`` replications, one thread, tables of single outages dropped."""
        model = m.build() if isinstance(m, ModelBuilder) else m
        runner = kernel.Runner(model, horizon, window)
        self.runs += 1
        seed = zlib.crc32(f"{self.case}/{self.runs}".encode()) ^ self.seed
        asked = max(32, round(count * self.factor))
        size = max(1, math.ceil(asked / CHUNKS))
        began, parts = time.perf_counter(), []
        for first in range(0, asked, size):
            batch = runner.batch(seed, first, min(size, asked - first))
            parts.append(batch.values)
            self.events += int(batch.events.sum())
        self.seconds += time.perf_counter() - began
        return Run(model, np.concatenate(parts), horizon, runner.windows)

    def expected(self, figure: str) -> float:
        """Return the figure that the case's entry gives."""
        return float(self.entry["expect"][figure])

    def compare(
        self,
        figure: str,
        simulated: Estimate | None = None,
        *,
        exact: float | None = None,
        expected: float | None = None,
        tolerance: float | None = None,
    ) -> None:
        """Set a figure beside what is expected of it.

        Parameters
        ----------
        figure : str
            Name of the figure in the case's entry, or a new one if ``expected`` is given.
        simulated : Estimate, optional
            By the compiled engine.
        exact : float, optional
            By the exact engine.
        expected, tolerance : float, optional
            For figures that the entry does not have: computed anew, or another engine's.
        """
        if expected is None:
            given = self.entry["tolerance_rel"]
            tolerance = float(given[figure] if isinstance(given, dict) else given)
            expected = self.expected(figure)
        row = Row(
            self.case,
            figure,
            float(expected),
            tolerance or 0.0,
            None if exact is None else float(exact),
            simulated,
        )
        self.rows.append(row)

    def same(self, figure: str, found: float | list[float]) -> None:
        """Set a figure without chance, or a list of times, beside what the entry gives."""
        given = self.entry["expect"][figure]
        lists = [list(v) if isinstance(v, list) else [v] for v in (given, found)]
        expected, shown = ([float(number) for number in numbers] for numbers in lists)
        self.told.append(Told(self.case, figure, expected, shown))


Case = Callable[[Study], None]


def entries() -> dict[str, dict[str, Any]]:
    """Return the cases of ``cases.yaml`` by name."""
    text = (Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8")
    return {case["id"]: case for case in yaml.safe_load(text)["cases"]}
