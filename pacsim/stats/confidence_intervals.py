"""Estimates with intervals: means, ratios, differences, proportions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

LEVEL = 0.95
MANY = 200
"""Eventful replications from which on Student's interval of a mean and the delta method are long
enough; `experiments/validation/few_events.py` measures both sides of it."""
NONE_SEEN = "none seen"
ONE_SEEN = "one eventful term: upper bound"
SURE = 1e-9
"""A share nearer to 0 or 1 than this is none or all: sums of times leave last digits over."""


def t_quantile(level: float, freedom: int) -> float:
    """Return the two-sided Student quantile.

    Parameters
    ----------
    level : float
        Coverage, 0 to 1.
    freedom : int
        Degrees of freedom, >= 1.

    Examples
    --------
    >>> round(t_quantile(0.95, 10), 4)
    2.2281
    """
    return _t_quantile(level, freedom)


@lru_cache(maxsize=1024)
def _t_quantile(level: float, freedom: int) -> float:
    """Return what `t_quantile` does; many figures of a run have as many terms."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2.0))


@lru_cache(maxsize=4096)
def _beta_quantile(a: float, b: float, p: float) -> float:
    """Return the quantile of a beta distribution; what goes down together has the same shares."""
    from scipy.special import betaincinv

    return float(betaincinv(a, b, p))


@lru_cache(maxsize=64)
def _normal_quantile(level: float) -> float:
    """Return the two-sided normal quantile."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2.0))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval; ``lower`` and ``upper`` are None where none can be given.

    ``error`` is the standard error of a mean from at least two replications.

    Parameters
    ----------
    value, lower, upper : float or None
        The figure and the ends of its interval, in its own unit.
    n : int
        Sample size.
    method : str
        How the interval was made.
    error : float, optional
        Standard error.
    """

    value: float | None
    lower: float | None
    upper: float | None
    n: int
    method: str
    error: float | None = None

    @property
    def half_width(self) -> float:
        """Half the length of the interval; infinite without one."""
        if self.lower is None or self.upper is None:
            return math.inf
        return (self.upper - self.lower) / 2.0


def mean_interval(
    mean: float, variance: float, n: int, level: float = LEVEL, *, eventful: int | None = None
) -> Estimate:
    """Return a mean with Student's interval, or with a longer one if it rests on few events.

    With few eventful replications the mean is a sum of a few sizes, skewed, and its variance is
    known as badly as the mean itself. Its logarithm is less skewed, and as many degrees of freedom
    as there are eventful replications make up for the variance:
    mean x exp(+- t s / (mean sqrt(n))). One event says nothing about how sizes vary; if they vary
    no more than exponential ones, the mean is below mean / -log((1 + level) / 2).

    Parameters
    ----------
    mean, variance : float
        Of the sample; unbiased variance.
    n : int
        Independent replications.
    level : float
        Coverage asked for.
    eventful : int, optional
        Replications that are not zero, of a measure that is never negative; all if not given.

    Examples
    --------
    >>> mean_interval(2.0, 1.0, 100).method
    'Student t'
    >>> few = mean_interval(0.02, 0.019798, 100, eventful=2)
    >>> few.method
    'Student t of the logarithm, 2 eventful terms'
    >>> round(few.value / few.lower, 1), round(few.upper / few.value, 1)
    (20.6, 20.6)
    """
    if n < 2:
        return Estimate(mean if n else None, None, None, n, "Student t")
    if eventful == 0:
        return none_seen(n, level=level)
    error = math.sqrt(max(variance, 0.0) / n)
    if eventful == 1:
        return Estimate(mean, 0.0, mean / -math.log((1.0 + level) / 2.0), n, ONE_SEEN, error)
    if eventful is None or eventful >= MANY:
        half = t_quantile(level, n - 1) * error
        return Estimate(mean, mean - half, mean + half, n, "Student t", error)
    factor = math.exp(t_quantile(level, min(eventful, n - 1)) * error / mean)
    method = f"Student t of the logarithm, {eventful} eventful terms"
    return Estimate(mean, mean / factor, mean * factor, n, method, error)


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
    return Estimate(0.0 if n else None, 0.0 if n else None, upper, n, NONE_SEEN)


def ratio_interval(
    top: float,
    below: float,
    cov: np.ndarray,
    n: int,
    level: float = LEVEL,
    *,
    eventful: int | None = None,
) -> Estimate:
    """Return a ratio of means, neither negative, with the interval of the delta method.

    var(R) = (s_xx - 2 R s_xy + R^2 s_yy) / (n y^2); `cov` is the 2 x 2 covariance of numerator
    and denominator. With few replications of which the denominator is not zero (``eventful``) the
    interval is that of the logarithm with as many degrees of freedom, and one more event is taken
    to vary as an exponential one: two outages that happen to be alike do not say that all are.
    One event alone gives no interval.

    Parameters
    ----------
    top, below : float
        Means of numerator and denominator, >= 0.
    cov : ndarray, shape (2, 2)
        Their covariance over replications.
    n : int
        Independent replications.
    level : float
        Coverage asked for.
    eventful : int, optional
        Replications in which the denominator is not zero; all if not given.
    """
    method = "ratio, delta method"
    if n < 2 or below == 0:
        return Estimate(None, None, None, n, method)
    r = top / below
    error = math.sqrt(_spread(r, cov) / n) / abs(below)
    if eventful is None or eventful >= MANY:
        half = t_quantile(level, n - 1) * error
        return Estimate(r, r - half, r + half, n, method)
    if eventful < 2:
        return Estimate(r, None, None, n, "ratio: one eventful term gives no interval")
    if r == 0:
        return none_seen(n, level=level)
    relative = math.hypot(error / r, 1.0 / eventful)
    factor = math.exp(t_quantile(level, min(eventful, n - 1)) * relative)
    method = f"ratio, delta method of the logarithm, {eventful} eventful terms"
    return Estimate(r, r / factor, r * factor, n, method)


def share_interval(
    top: float,
    below: float,
    cov: np.ndarray,
    n: int,
    level: float = LEVEL,
    *,
    eventful: int,
    each: int = 1,
) -> Estimate:
    """Return a ratio of means that lies within 0 and 1, with the interval of Korn and Graubard.

    It is that of Clopper and Pearson for p of n* independent ones, with n* = p (1 - p) / var(p) by
    the delta method, less (z / t)^2 for a variance known from few (Korn and Graubard 1998). While
    few replications are eventful, n* is at most that of Kish (1965), (sum y)^2 / sum y^2: long
    outages weigh more, so there are fewer than they look. So it is for a share seen as 0 or 1,
    which has no variance.

    Parameters
    ----------
    top, below : float
        Means; their ratio is the share.
    cov : ndarray
        Their 2 x 2 covariance over replications.
    n : int
        Replications.
    level : float
        Coverage asked for.
    eventful : int
        Replications with something to tell about the share, at least one.
    each : int
        Independent ones within a replication at most: the years of a term.

    Examples
    --------
    >>> import numpy as np
    >>> cov = np.full((2, 2), 0.029394)
    >>> all_of_three = share_interval(0.03, 0.03, cov, 100, eventful=3)
    >>> all_of_three.value, round(all_of_three.lower, 3), all_of_three.upper
    (1.0, 0.292, 1.0)
    """
    spread = float(cov[0, 0]), float(cov[0, 1]), float(cov[1, 1])
    return share_of_means(top, below, spread, n, level, eventful=eventful, each=each)


def share_of_means(
    top: float,
    below: float,
    spread: tuple[float, float, float],
    n: int,
    level: float = LEVEL,
    *,
    eventful: int,
    each: int = 1,
) -> Estimate:
    """Return what `share_interval` does, of numbers instead of a matrix.

    Parameters
    ----------
    spread : tuple of float
        Variance of the first, covariance, and variance of the second.
    top, below, n, level, eventful, each
        As of `share_interval`.
    """
    method = "Korn-Graubard"
    few = eventful < MANY
    if few:
        method = f"{method}, {eventful} eventful term{'' if eventful == 1 else 's'}"
    if n == 0 or below == 0:
        return Estimate(None, None, None, n, method)
    p = min(top / below, 1.0)
    if n < 2:
        return Estimate(p, None, None, n, method)
    alike = n * below * below / (below * below + spread[2] * (n - 1) / n)
    variance = _spread_of(p, *spread) / n / (below * below)
    if min(p, 1.0 - p) < SURE or variance < SURE * SURE:
        size = alike
    else:
        ratio = _normal_quantile(level) / t_quantile(level, min(eventful, n - 1))
        size = p * (1.0 - p) / variance * ratio * ratio
        size = min(size, alike * each) if few else size
    some = size * (round(p) if min(p, 1.0 - p) < SURE else p)
    a = (1.0 - level) / 2.0
    lower = _beta_quantile(some, size - some + 1.0, a) if some > 0 else 0.0
    upper = _beta_quantile(some + 1.0, size - some, 1.0 - a) if some < size else 1.0
    return Estimate(p, lower, upper, n, method)


def clustered_interval(
    mean: float,
    variance: float,
    n: int,
    level: float = LEVEL,
    *,
    some: int,
    lacking: int,
    each: int,
) -> Estimate:
    """Return the share of good ones in n clusters of `each`, such as the years of n terms.

    It is that of `share_interval`, held within what is beyond doubt however much those of a
    cluster go together: a cluster that lacks any lacks one at least and all at most. A share seen
    as 0 or 1 has no spread and gets the bound of n alone.

    Parameters
    ----------
    mean, variance : float
        Of the share of good ones over clusters.
    n : int
        Clusters.
    level : float
        Coverage asked for.
    some, lacking : int
        Clusters with any good one, and with any that is not.
    each : int
        Size of a cluster.

    Examples
    --------
    >>> found = clustered_interval(2799 / 2800, 5.1e-5, 400, some=400, lacking=1, each=7)
    >>> round(found.lower, 4), 1.0 - found.upper > 0
    (0.9862, True)
    """
    if not some or not lacking:
        return proportion_interval(n if some else 0, n, level)
    cov = np.diag([variance, 0.0])
    of = share_interval(mean, 1.0, cov, n, level, eventful=min(some, lacking), each=each)
    if of.lower is None or of.upper is None:
        return of
    good, bad = proportion_interval(some, n, level), proportion_interval(lacking, n, level)
    assert good.lower is not None and good.upper is not None  # noqa: PT018
    assert bad.lower is not None and bad.upper is not None  # noqa: PT018
    lower = max(of.lower, 1.0 - bad.upper, good.lower / each)
    upper = min(of.upper, 1.0 - bad.lower / each, good.upper)
    return Estimate(of.value, lower, upper, n, of.method)


def _spread(r: float, cov: np.ndarray) -> float:
    """Return the variance of x - r y."""
    return _spread_of(r, float(cov[0, 0]), float(cov[0, 1]), float(cov[1, 1]))


def _spread_of(r: float, first: float, both: float, second: float) -> float:
    """Return the variance of x - r y from those of x and y and their covariance."""
    return max(first - 2.0 * r * both + r * r * second, 0.0)


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


def proportion_interval(k: float, n: int, level: float = LEVEL) -> Estimate:
    """Return k of n with the interval of Clopper and Pearson (1934); an upper bound for none.

    Trials of which each succeeds with a probability of its own vary less than as many alike
    (Hoeffding 1956), so the interval is no shorter than it ought to be for a sum of probabilities.

    Parameters
    ----------
    k : float
        Successes, or the sum of their probabilities, 0 <= k <= n.
    n : int
        Trials.
    level : float
        Coverage asked for.

    Examples
    --------
    >>> e = proportion_interval(0, 100)
    >>> e.lower, round(e.upper, 6)
    (0.0, 0.036217)
    """
    if n == 0:
        return Estimate(None, None, None, 0, "Clopper-Pearson")
    a = (1.0 - level) / 2.0
    lower = _beta_quantile(k, n - k + 1, a) if k else 0.0
    upper = _beta_quantile(k + 1, n - k, 1.0 - a) if k < n else 1.0
    return Estimate(k / n, lower, upper, n, "Clopper-Pearson")
