"""How much of what results vary by is the inputs, and how much is sampling: two components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.errors import ArgumentError
from pacsim.stats import LEVEL, Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

RESAMPLES = 1000
"""Of the hypercubes, for an interval."""
FEWEST = 5
"""Hypercubes from which an interval is made."""


@dataclass(frozen=True, slots=True)
class VarianceSplit:
    """The variance of results over draws of the inputs, split.

    Parameters
    ----------
    total : float
        Variance of the results of the draws.
    sampling : float
        Mean variance of one result by sampling alone; more replications make it smaller.
    inputs : Estimate
        What is left: variance by the inputs, which replications do not touch; 0 at least.
    shrunk : float
        Factor by which results are nearer to their mean without sampling error, 0 to 1.
    """

    total: float
    sampling: float
    inputs: Estimate
    shrunk: float


def split_variance(
    results: Sequence[np.ndarray],
    sampling: Sequence[np.ndarray],
    *,
    seed: int = 1,
    level: float = LEVEL,
) -> VarianceSplit:
    """Split the variance of results by the one-way random-effects formula.

    The variance by the inputs is that of all results less the mean of their own sampling
    variances. Each result must be of replications of its own: with common ones the difference is
    too small, by half where results correlate by half. Points of one Latin hypercube are not
    independent, hypercubes are: the interval is by the studentised bootstrap over them (Efron and
    Tibshirani 1993, section 12.5).

    Parameters
    ----------
    results : sequence of ndarray
        Those of the points of each hypercube.
    sampling : sequence of ndarray
        The variance of each by sampling alone: of its replications, over their number.
    seed : int
        Of the bootstrap.
    level : float
        Coverage asked for.

    Raises
    ------
    ArgumentError
        If there are fewer than `FEWEST` hypercubes with any point.

    Examples
    --------
    Inputs with variance 4, each result with a sampling variance of 1:

    >>> rng = np.random.default_rng(1)
    >>> truth = [2.0 * rng.normal(size=10) for _ in range(20)]
    >>> found = split_variance([x + rng.normal(size=10) for x in truth], [np.ones(10)] * 20)
    >>> round(found.total, 1), found.sampling, round(found.inputs.value, 1)
    (4.4, 1.0, 3.4)
    >>> round(found.inputs.lower, 1), round(found.inputs.upper, 1)
    (2.5, 4.8)
    """
    cubes = [(y, v) for y, v in zip(results, sampling, strict=True) if len(y)]
    if len(cubes) < FEWEST:
        msg = f"{len(cubes)} hypercubes have points; an interval needs {FEWEST} at least"
        raise ArgumentError(msg)
    # Sums of each hypercube: points, results, squares, sampling variances.
    centre = float(np.mean(np.concatenate([y for y, _ in cubes])))
    sums = np.array(
        [(len(y), (y - centre).sum(), ((y - centre) ** 2).sum(), v.sum()) for y, v in cubes]
    )
    total, own = _components(sums.sum(axis=0))
    inputs = total - own
    rng = np.random.default_rng(seed)
    drawn = sums[rng.integers(len(cubes), size=(RESAMPLES, len(cubes)))]
    estimates, errors = _with_error(drawn)
    error = _with_error(sums[None])[1][0]
    known = errors > 0.0
    low, high = np.quantile(
        (estimates[known] - inputs) / errors[known], [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    ) if known.any() else (0.0, 0.0)  # fmt: skip
    kept = max(inputs, 0.0)
    found = Estimate(
        kept,
        float(np.clip(inputs - float(high) * error, 0.0, kept)),
        float(max(inputs - float(low) * error, kept)),
        int(sums[:, 0].sum()),
        f"bootstrap over {len(cubes)} hypercubes",
    )
    return VarianceSplit(total, own, found, float(np.sqrt(kept / total)) if total > 0.0 else 0.0)


def _components(sums: np.ndarray) -> tuple[float, float]:
    """Return the variance of the results and their mean sampling variance, from their sums."""
    n, one, two, own = (float(x) for x in sums)
    return (two - one * one / n) / max(n - 1.0, 1.0), own / n


def _with_error(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the variance by the inputs of each sample of hypercubes, and its standard error.

    It is a mean over hypercubes, but for where the centre is, which is known well.
    """
    n, one, two, own = (sums[..., k] for k in range(4))
    count = sums.shape[-2]
    every = n.sum(axis=-1)
    centre = (one.sum(axis=-1) / every)[..., None]
    each = (two - 2.0 * centre * one + n * centre**2) * (every / (every - 1.0))[..., None] - own
    mean = each.sum(axis=-1) / every
    off = each - n * mean[..., None]
    error = np.sqrt((off * off).sum(axis=-1) * count / (count - 1.0)) / every
    return mean, error
