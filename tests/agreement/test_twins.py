"""The reference and the compiled engine agree to the bit on random models."""

from typing import Any

import numpy as np
import pytest

from pacsim.core import Batch
from pacsim.engines import kernel, reference
from pacsim.errors import SimulationError
from tests.agreement.generator import HORIZON, WINDOW, features, generated

pytestmark = pytest.mark.slow

MODELS = 300
FLOORS = {
    "ties": 0.3, "cascades": 0.05, "restart": 0.3, "resume": 0.25, "keep": 0.4, "effects": 0.6,
    "chancy effects": 0.4, "renewals": 0.4, "jumps": 0.15, "quantities": 0.4, "speeds": 0.3,
    "fifo": 0.25, "profiles": 0.25, "connected": 0.3, "outcome tables": 0.3, "planned": 0.1,
    "mixed": 0.03, "samples": 0.2, "amounts": 0.3, "later contributors": 0.15,
    "integrals on profiles": 0.1,
}  # fmt: skip


def outcome_of(engine: Any, number: int, **options: Any) -> Batch | str:
    try:
        result: Batch = engine.simulate(
            generated(number), horizon=HORIZON, window=WINDOW, **options
        )
    except SimulationError as error:
        return str(error).split(" drew ")[0].split(" at ")[0]
    return result


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether two arrays are equal to the bit, NaN included."""
    return a.shape == b.shape and a.tobytes() == b.tobytes()


def assert_twins(one: Batch | str, other: Batch | str) -> None:
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    for name in ("trace", "values", "events", "episodes", "contributors", "samples", "turns"):
        a, b = getattr(one, name), getattr(other, name)
        if a is not None or b is not None:
            assert same(a, b), name


@pytest.mark.parametrize("number", range(MODELS))
def test_engines_agree(number: int) -> None:
    assert_twins(outcome_of(reference, number, trace=True), outcome_of(kernel, number, trace=True))


def test_the_generator_reaches_every_mechanism() -> None:
    found = []
    for number in range(MODELS):
        result = outcome_of(kernel, number, trace=True)
        if not isinstance(result, str):
            assert result.events[0] < 2000
            found.append(features(generated(number), result))
    assert len(found) > 0.7 * MODELS
    shares = {name: np.mean([f[name] for f in found]) for name in FLOORS}
    assert {name: share for name, share in shares.items() if share < FLOORS[name]} == {}


@pytest.mark.parametrize("number", range(0, MODELS, 10))
def test_results_do_not_depend_on_batches(number: int) -> None:
    whole = outcome_of(kernel, number, count=8)
    parts = [outcome_of(kernel, number, first=f, count=c) for f, c in ((0, 3), (3, 5))]
    if isinstance(whole, str):
        assert whole in parts
        return
    for name in ("values", "events", "episodes", "samples"):
        assert same(np.concatenate([getattr(p, name) for p in parts]), getattr(whole, name))
