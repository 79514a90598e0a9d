"""Means of rare, very unequal costs: what was not seen may still be most of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.stats.confidence_intervals import (
    LEVEL,
    MANY,
    NONE_SEEN,
    Estimate,
    mean_interval,
    proportion_interval,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def capped_interval(
    mean: float,
    variance: float,
    n: int,
    level: float = LEVEL,
    *,
    eventful: int,
    most: float,
) -> Estimate:
    """Return the mean of a cost that is at most ``most`` in a replication, mostly 0.

    It is `mean_interval`, whose upper end is cut at what holds whatever the sizes: the upper end of
    Clopper and Pearson for the share of eventful replications, times the most that one may cost.
    If none was eventful that is the upper end.

    Parameters
    ----------
    mean, variance : float
        Of the sample; unbiased variance.
    n : int
        Independent replications.
    level : float
        Coverage asked for.
    eventful : int
        Replications that are not zero.
    most : float
        Most that one may cost, > 0.

    Examples
    --------
    >>> none = capped_interval(0.0, 0.0, 1000, eventful=0, most=5000.0)
    >>> none.value, none.lower, round(none.upper, 1), none.method
    (0.0, 0.0, 18.4, 'none seen')
    """
    beyond = proportion_interval(eventful, n, level).upper
    if beyond is None:
        return Estimate(None, None, None, n, NONE_SEEN)
    if eventful == 0:
        return Estimate(0.0, 0.0, beyond * most, n, NONE_SEEN)
    of = mean_interval(mean, variance, n, level, eventful=eventful)
    if of.upper is None or of.lower is None:
        return of
    # From many events on Student's interval is good by itself; it would only be cut by chance.
    upper = of.upper if eventful >= MANY else min(of.upper, beyond * most)
    return Estimate(mean, max(of.lower, 0.0), max(upper, mean), n, of.method, of.error)


def total_interval(parts: Sequence[Estimate]) -> Estimate:
    """Return the sum of figures that hardly depend on each other, with an interval from theirs.

    The ends are off the sum by the square root of the sum of the squares by which theirs are off
    (Zou and Donner 2008), so that each keeps its own skewness: a class of losses that was seen
    thirty times has a narrow interval, one that was never seen a bound, and the sum has both.

    Parameters
    ----------
    parts : sequence of Estimate
        At least one, of the same replications.

    Examples
    --------
    >>> seen = Estimate(10.0, 8.0, 13.0, 500, "Student t")
    >>> bound = Estimate(0.0, 0.0, 4.0, 500, "none seen")
    >>> both = total_interval([seen, bound])
    >>> both.value, both.lower, both.upper
    (10.0, 8.0, 15.0)
    """
    n = parts[0].n
    if len(parts) == 1:
        return parts[0]
    values = [one.value for one in parts if one.value is not None]
    if len(values) < len(parts):
        return Estimate(None, None, None, n, "sum")
    total = math.fsum(values)
    method = NONE_SEEN if total == 0.0 else "sum by class, Zou-Donner"
    below, above = [], []
    for one, value in zip(parts, values, strict=True):
        if one.lower is None or one.upper is None:
            return Estimate(total, None, None, n, method)
        below.append(value - one.lower)
        above.append(one.upper - value)
    return Estimate(
        total, max(total - math.hypot(*below), 0.0), total + math.hypot(*above), n, method
    )
