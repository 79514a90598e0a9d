"""Estimates with intervals: means, ratios, differences, proportions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

LEVEL = 0.95
FEW = 20
"""Replications with events below which the delta method gives far too short intervals."""


def t_quantile(level: float, freedom: int) -> float:
    """Return the two-sided Student quantile.

    Examples
    --------
    >>> round(t_quantile(0.95, 10), 4)
    2.2281
    """
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2.0))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval; ``lower`` and ``upper`` are None where none can be given."""

    value: float | None
    lower: float | None
    upper: float | None
    n: int
    method: str

    @property
    def half_width(self) -> float:
        """Half the length of the interval; infinite without one."""
        if self.lower is None or self.upper is None:
            return math.inf
        return (self.upper - self.lower) / 2.0


def mean_interval(mean: float, variance: float, n: int, level: float = LEVEL) -> Estimate:
    """Return a mean with Student's interval.

    Parameters
    ----------
    mean, variance : float
        Of the sample; unbiased variance.
    n : int
        Independent replications.
    level : float
        Coverage asked for.

    Examples
    --------
    >>> mean_interval(2.0, 1.0, 100).method
    'Student t'
    """
    if n < 2:
        return Estimate(mean if n else None, None, None, n, "Student t")
    half = t_quantile(level, n - 1) * math.sqrt(max(variance, 0.0) / n)
    return Estimate(mean, mean - half, mean + half, n, "Student t")


def none_seen(n: int, exposure: float | None = None, level: float = LEVEL) -> Estimate:
    """Return the estimate of something that was not seen in n replications: 0 is no certainty.

    Parameters
    ----------
    n : int
        Replications.
    exposure : float, optional
        Time over all replications. With it the figure is a rate of events, whose upper bound is
        that of a Poisson count of none, -log((1 - level) / 2) / exposure; without it, say for
        hours of which nobody knows how long they would last, none can be given.

    Examples
    --------
    >>> round(none_seen(1000, 7000.0).upper, 6)
    0.000527
    >>> none_seen(1000).upper is None
    True
    """
    upper = None
    if exposure is not None and exposure > 0:
        upper = -math.log((1.0 - level) / 2.0) / exposure
    return Estimate(0.0 if n else None, 0.0 if n else None, upper, n, "none seen")


def ratio_interval(
    top: float,
    below: float,
    cov: np.ndarray,
    n: int,
    level: float = LEVEL,
    *,
    eventful: int | None = None,
) -> Estimate:
    """Return a ratio of means with the interval of the delta method.

    var(R) = (s_xx - 2 R s_xy + R^2 s_yy) / (n y^2); `cov` is the 2 x 2 covariance of numerator
    and denominator. The delta method takes many events for granted, so with fewer than
    `FEW` replications that have any (``eventful``; all of them if not given) there is no interval.
    """
    method = "ratio, delta method"
    if n < 2 or below == 0:
        return Estimate(None, None, None, n, method)
    r = top / below
    if eventful is not None and eventful < FEW:
        return Estimate(r, None, None, n, f"{method}: too few events for an interval")
    spread = max(float(cov[0, 0] - 2 * r * cov[0, 1] + r * r * cov[1, 1]), 0.0)
    half = t_quantile(level, n - 1) * math.sqrt(spread / n) / abs(below)
    return Estimate(r, r - half, r + half, n, method)


def paired_difference(
    first: float,
    second: float,
    cov: np.ndarray,
    n: int,
    level: float = LEVEL,
    *,
    comparisons: int = 1,
) -> Estimate:
    """Return the second mean less the first, of the same replications, with Student's interval.

    Parameters
    ----------
    first, second : float
        Means.
    cov : ndarray
        Their 2 x 2 covariance over replications: what both meet alike cancels.
    n : int
        Replications.
    level : float
        Coverage of all comparisons together.
    comparisons : int
        How many are shown together (Bonferroni).

    Examples
    --------
    >>> import numpy as np
    >>> alike = np.array([[4.0, 3.9], [3.9, 4.0]])
    >>> round(paired_difference(10.0, 9.0, alike, 100).half_width, 3)
    0.089
    """
    variance = float(cov[0, 0] + cov[1, 1] - 2.0 * cov[0, 1])
    return mean_interval(second - first, variance, n, 1.0 - (1.0 - level) / comparisons)


def proportion_interval(k: int, n: int, level: float = LEVEL) -> Estimate:
    """Return k of n with the interval of Clopper and Pearson (1934); an upper bound for none.

    Examples
    --------
    >>> e = proportion_interval(0, 100)
    >>> e.lower, round(e.upper, 6)
    (0.0, 0.036217)
    """
    from scipy.special import betaincinv

    if n == 0:
        return Estimate(None, None, None, 0, "Clopper-Pearson")
    a = (1.0 - level) / 2.0
    lower = float(betaincinv(k, n - k + 1, a)) if k else 0.0
    upper = float(betaincinv(k + 1, n - k, 1.0 - a)) if k < n else 1.0
    return Estimate(k / n, lower, upper, n, "Clopper-Pearson")
