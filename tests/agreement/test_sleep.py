"""What sleeps and what ticks agree to the bit: on random models, and on the shipped designs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim.core import Batch, dormant
from pacsim.design import load
from pacsim.design.build import build
from pacsim.engines import kernel, reference
from pacsim.errors import SimulationError
from pacsim.units import YEAR
from tests.agreement import sleepers
from tests.agreement.generator import WINDOW
from tests.agreement.test_twins import assert_twins

if TYPE_CHECKING:
    from types import ModuleType

    from pacsim.core import Model

MODELS = 300
FEW = 10_000
"""Events that the reference has to go through in a model."""
DESIGNS = sorted((Path(__file__).parents[2] / "models" / "designs").glob("*.yaml"))


sleepy = cache(sleepers.sleepy)


def ran(number: int, *, sleep: bool, count: int = 3) -> Batch | str:
    model, horizon = sleepy(number)
    try:
        return kernel.Runner(model, horizon, WINDOW).batch(1, 0, count, sleep=sleep)
    except SimulationError as error:
        return said(error)


def said(error: SimulationError) -> str:
    return str(error).split(" drew ")[0].split(" at ")[0]


def simulated(engine: ModuleType, model: Model, horizon: float) -> Batch | str:
    try:
        return engine.simulate(model, horizon=horizon)  # type: ignore[no-any-return]
    except SimulationError as error:
        return said(error)


@pytest.mark.parametrize("number", range(MODELS))
def test_sleeping_changes_no_bit(number: int) -> None:
    assert_twins(ran(number, sleep=True), ran(number, sleep=False))


@pytest.mark.slow
@pytest.mark.parametrize("number", range(0, MODELS, 10))
def test_the_reference_agrees_with_what_slept(number: int) -> None:
    model, horizon = sleepy(number)
    horizon = min(horizon, 60 * 3600.0)
    slept = simulated(kernel, model, horizon)
    if not isinstance(slept, str) and slept.events[0] > FEW:
        horizon *= FEW / slept.events[0]
        slept = simulated(kernel, model, horizon)
    assert_twins(slept, simulated(reference, model, horizon))


@pytest.mark.slow
def test_most_models_sleep() -> None:
    found = [ran(number, sleep=True, count=1) for number in range(MODELS)]
    batches = [batch for batch in found if not isinstance(batch, str)]
    assert len(batches) > 0.7 * MODELS
    slept = [batch.replayed.sum() / batch.events.sum() for batch in batches]
    assert np.mean([share > 0 for share in slept]) > 0.7
    awake = sum(
        bool(dormant.kept_awake(model, one))
        for model, _ in map(sleepy, range(MODELS))
        for one in model.dormant
    )
    assert 10 < awake < MODELS


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_shipped_designs_sleep_to_the_bit(path: Path) -> None:
    resolved = load(path).resolved
    model = build(resolved).model
    runner = kernel.Runner(model, resolved.contract.number("term"), YEAR)
    slept, ticked = (runner.batch(7, 0, 64, sleep=sleep) for sleep in (True, False))
    assert_twins(slept, ticked)
    assert not any(dormant.kept_awake(model, one) for one in model.dormant)
    assert slept.replayed.sum() > 0.9 * 2 * 7 * 350 * 64
    assert ticked.replayed.sum() == 0
