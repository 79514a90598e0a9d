"""Quantiles of what comes in clusters, such as the operations of independent hours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pacsim.stats.confidence_intervals import LEVEL, Estimate, t_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

CLUSTERED = "order statistics, hours as clusters"


def cluster_quantile(clusters: Sequence[np.ndarray], p: float, level: float = LEVEL) -> Estimate:
    """Return a quantile of all values together, with an interval that clusters alone decide.

    The share of values up to the quantile is a ratio of two totals over independent clusters; its
    variance is that of the ratio, and the ends are the values at p less and plus t times its root
    (Woodruff 1952).

    Parameters
    ----------
    clusters : sequence of ndarray of float64
        Values of each, of any number; infinite for those that are known to be the largest.
    p : float
        Between 0 and 1.
    level : float
        Coverage asked for.

    Returns
    -------
    Estimate
        None for what is infinite, or where there are no values; no ends from a single cluster.

    Examples
    --------
    >>> import numpy as np
    >>> found = cluster_quantile([np.arange(10.0) + 10 * k for k in range(10)], 0.5)
    >>> found.value, found.n
    (49.0, 100)
    """
    together = np.sort(np.concatenate([np.zeros(0), *clusters]))
    n, many = len(together), len(clusters)
    if n == 0:
        return Estimate(None, None, None, 0, CLUSTERED)
    value = _at(together, p)
    lower = upper = None
    if many > 1:
        sizes = np.array([len(one) for one in clusters], dtype=np.float64)
        below = np.array([np.count_nonzero(one <= value) for one in clusters], dtype=np.float64)
        away = below - sizes * (below.sum() / n)
        error = math.sqrt(many / (many - 1.0) * float(away @ away)) / n
        half = t_quantile(level, many - 1) * error
        lower = _known(_at(together, max(p - half, 0.0)))
        upper = _known(_at(together, p + half)) if p + half <= 1.0 else None
    return Estimate(_known(value), lower, upper, n, CLUSTERED)


def _at(rising: np.ndarray, p: float) -> float:
    """Return the smallest value up to which there is a share of at least p."""
    return float(rising[min(max(math.ceil(p * len(rising) - 1e-9), 1), len(rising)) - 1])


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
