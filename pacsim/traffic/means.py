"""Means of what laws give: of an item's time beyond a bound, and of a size."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pacsim.delays import Law
    from pacsim.traffic.client_tables import Work

STEPS = 2000
"""Of Simpson's rule, even."""
NEVER = 1e-12
"""Probability beyond which a law is not followed."""


@lru_cache(maxsize=256)
def mean_excess(law: Law, bound: float) -> float:
    """Return the mean of what a law gives beyond a bound, nothing where it stays below.

    Parameters
    ----------
    law : Law
        Any.
    bound : float
        In the unit of the law.

    Examples
    --------
    >>> from pacsim.delays import Deterministic, Exponential
    >>> mean_excess(Deterministic(3.0), 1.0), round(mean_excess(Exponential(2.0), 4.0), 9)
    (2.0, 0.270670566)
    """
    if law.fixed is not None:
        return max(law.fixed - bound, 0.0)
    if bound <= 0.0:
        return law.mean() - bound
    wide = law.isf(NEVER) - bound
    if wide <= 0.0:
        return 0.0
    # The survival function from the bound on, at x = bound + wide t^3: most points are near it.
    total = 0.0
    for k in range(1, STEPS + 1):
        t = k / STEPS
        weight = 1.0 if k == STEPS else 4.0 if k % 2 else 2.0
        total += weight * 3.0 * t * t * law.sf(bound + wide * t**3)
    return wide * total / (3.0 * STEPS)


def mean_size(size: Law | float) -> float:
    """Return the mean of a size that may be drawn."""
    return size if isinstance(size, (int, float)) else size.mean()


def mean_service(work: Work, size: Law | float) -> float:
    """Return the mean seconds of a worker for an item: no less than the steps in it (T6).

    Parameters
    ----------
    work : Work
        At one member.
    size : Law or float
        Bytes of an item.

    Examples
    --------
    >>> from pacsim.traffic.client_tables import Work
    >>> mean_service(Work(1.0, mean=0.2, step=0.1, array=0.05), 4.0)
    0.30000000000000004
    """
    if work.service is not None:
        least = work.step + mean_size(size) * work.array
        return least + mean_excess(work.service, least)
    if isinstance(size, (int, float)) or work.array == 0.0:
        return max(work.mean, work.step + mean_size(size) * work.array)
    return work.mean + work.array * mean_excess(size, (work.mean - work.step) / work.array)
