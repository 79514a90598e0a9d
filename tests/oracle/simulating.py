"""Runs a case on the compiled engine and judges its figures by their own standard error."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pacsim.core import Batch, Model, ModelBuilder, layout
from pacsim.engines import kernel
from tests.statistical import agrees

YEAR = 8760.0
SEED = 20240101


@dataclass(frozen=True)
class Simulated:
    """Many replications of one model."""

    model: Model
    batch: Batch
    horizon: float
    windows: int = 0

    def each(self, name: str, column: int = 0) -> Any:
        """Return one column of an observation, one figure per replication."""
        names = [o.name for o in self.model.observations]
        first = layout(self.model, self.windows).first[names.index(name)]
        return self.batch.values[:, first + column]

    def by_time(self, expected: float, name: str, column: int = 0) -> None:
        """Judge the mean share of time (or events per unit of time)."""
        judge(self.each(name, column) / self.horizon, expected)

    def happened(self, expected: float, name: str) -> None:
        """Judge the probability that a first passage came before the horizon."""
        judge(self.each(name) < self.horizon, expected)


def judge(values: Any, expected: float) -> None:
    """Judge independent figures by their mean and the standard error of it."""
    found = np.asarray(values, dtype=np.float64)
    agrees(float(found.mean()), float(found.std(ddof=1) / np.sqrt(len(found))), expected)


def simulated(
    m: ModelBuilder | Model, horizon: float, count: int, window: float | None = None
) -> Simulated:
    """Run replications 0 to ``count - 1`` with the seed that all cases share."""
    model = m.build() if isinstance(m, ModelBuilder) else m
    runner = kernel.Runner(model, horizon, window)
    batch = runner.batch(SEED, 0, count)
    return Simulated(model, batch, horizon, runner.windows)


def times(m: ModelBuilder, horizon: float, names: Iterable[str]) -> list[list[float]]:
    """Return when transitions fired in a case that has no chance in it."""
    model = m.build()
    trace = kernel.simulate(model, horizon=horizon, trace=True).trace
    assert trace is not None
    wanted = [model.transition(name) for name in names]
    return [[float(row["time"]) for row in trace if row["transition"] == i] for i in wanted]
