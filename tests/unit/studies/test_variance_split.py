"""The split of variance into inputs and sampling, on models of which both are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.stats import qmc

from pacsim.errors import ArgumentError
from pacsim.studies.variance_split import split_variance
from tests.statistical import agrees, likely

CUBES, EACH, OWN = 20, 10, 8
SEEDS = 200
SLOPES = np.array([3.0, 2.0, 1.0, 0.5])
RATES = np.array([2.0, 1.0, 0.5, 0.2])
SAMPLING = 1.0
"""Sampling variance of a result by the variance of the inputs."""


def added(u: np.ndarray) -> np.ndarray:
    value: np.ndarray = u @ SLOPES
    return value


def multiplied(u: np.ndarray) -> np.ndarray:
    value: np.ndarray = np.exp(u @ RATES)
    return value


VARIANCES = {
    added: float(np.sum(SLOPES**2) / 12.0),
    multiplied: float(
        np.prod(np.expm1(2.0 * RATES) / (2.0 * RATES)) - np.prod(np.expm1(RATES) / RATES) ** 2
    ),
}
"""Closed forms for independent inputs that are uniform on (0, 1)."""


def drawn(model: object, seed: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return results of Latin hypercubes, each the mean of its own noise, and their variances."""
    rng = np.random.default_rng(seed)
    variance = VARIANCES[model]  # type: ignore[index]
    results, sampling = [], []
    for _ in range(CUBES):
        truth = model(qmc.LatinHypercube(4, seed=rng).random(EACH))  # type: ignore[operator]
        noise = rng.normal(0.0, np.sqrt(SAMPLING * variance * OWN), size=(EACH, OWN))
        results.append(truth + noise.mean(axis=1))
        sampling.append(noise.var(axis=1, ddof=1) / OWN)
    return results, sampling


@pytest.mark.parametrize("model", [added, multiplied])
def test_both_components_and_the_coverage_of_the_split(model: object) -> None:
    """Over 200 seeds; 95 % intervals of one component, which the other is as large as."""
    # Sees: the sampling variance subtracted twice or not at all; intervals half as wide.
    found = [split_variance(*drawn(model, seed), seed=seed) for seed in range(SEEDS)]
    variance = VARIANCES[model]  # type: ignore[index]
    estimates = np.array([one.inputs.value for one in found])
    own = np.array([one.sampling for one in found])
    # A hypercube's own mean varies less than that of independent points: 1 / 200 too much at most.
    shift = variance / (2.0 * CUBES * EACH)
    error = np.std(estimates, ddof=1) / np.sqrt(SEEDS)
    agrees(float(estimates.mean()) - shift, float(error), variance)
    agrees(float(own.mean()), float(own.std(ddof=1) / np.sqrt(SEEDS)), SAMPLING * variance)
    held = sum(
        one.inputs.lower <= variance <= one.inputs.upper  # type: ignore[operator]
        for one in found
    )
    # As often as said, to two parts in a hundred, by which twenty hypercubes may miss it.
    likely(float(stats.binom.cdf(held, SEEDS, 0.93)))
    likely(float(stats.binom.sf(held - 1, SEEDS, 0.97)))


def test_by_hand() -> None:
    """Results 1, 3 | 5, 7 | 9, 11 and so on, to 19: squares of their distances from 10 sum to 330."""
    results = [np.array([4.0 * k + 1.0, 4.0 * k + 3.0]) for k in range(5)]
    found = split_variance(results, [np.array([2.0, 4.0])] * 5)
    assert found.total == pytest.approx(330.0 / 9.0, rel=1e-12)
    assert found.sampling == 3.0
    assert found.inputs.value == pytest.approx(330.0 / 9.0 - 3.0, rel=1e-12)
    assert found.shrunk == pytest.approx(np.sqrt(1.0 - 27.0 / 330.0), rel=1e-12)


def test_inputs_that_do_nothing() -> None:
    """Nothing but sampling: the estimate is 0 or little, and the interval begins at 0."""
    rng = np.random.default_rng(4)
    found = split_variance([rng.normal(size=10) for _ in range(20)], [np.ones(10)] * 20)
    assert found.inputs.lower == 0.0
    assert found.inputs.value is not None
    assert 0.0 <= found.inputs.value < 0.4


def test_results_that_are_all_alike() -> None:
    found = split_variance([np.ones(3)] * 6, [np.zeros(3)] * 6)
    assert (found.total, found.inputs.value, found.inputs.upper, found.shrunk) == (0, 0, 0, 0)


def test_hypercubes_of_which_points_are_left_out() -> None:
    rng = np.random.default_rng(2)
    cubes = [rng.normal(size=n) for n in (10, 9, 0, 10, 7, 10, 10)]
    found = split_variance(cubes, [np.zeros(len(x)) for x in cubes])
    every = np.concatenate(cubes)
    assert found.total == pytest.approx(float(np.var(every, ddof=1)), rel=1e-12)
    assert found.inputs.n == 56


def test_few_hypercubes_are_refused() -> None:
    with pytest.raises(ArgumentError, match="4 hypercubes have points; an interval needs 5"):
        split_variance([np.ones(3)] * 4, [np.zeros(3)] * 4)
