"""Poisson's law by one uniform, as a plain scalar function: interpreted, and compiled by a kernel.

Only floats, `math.exp` and loops, so that CPython and numba give the same bits. The weights come
from one product each; `MOST` keeps the first of them, the exponential of minus the mean, far above
the smallest float.
"""

import math

MOST = 500.0
"""The highest mean; a call takes some two steps for each arrival expected."""
FAR = 0.999
"""Above it the survival function is summed, which keeps its digits where the other has none."""
NEGLIGIBLE = 1e-40
"""A weight beyond the mean that no uniform can ask for, which is 2^-53 at least."""


def poisson_quantile(u: float, mean: float) -> int:
    """Return the smallest k with P(N <= k) >= u.

    Parameters
    ----------
    u : float
        0 < u < 1, such as from `pacsim.core.streams.uniform`, where 1 - u is exact.
    mean : float
        0 <= mean <= `MOST`.

    Examples
    --------
    >>> [poisson_quantile(u, 2.0) for u in (0.13, 0.14, 0.5, 0.999, 1.0 - 2.0**-53)]
    [0, 1, 2, 8, 22]
    """
    if mean <= 0.0:
        return 0
    weight = math.exp(-mean)
    k = 0
    if u <= FAR:
        below = weight
        while below < u:
            k += 1
            weight *= mean / k
            below += weight
        return k
    while k < mean or weight > NEGLIGIBLE:
        k += 1
        weight *= mean / k
    above = 0.0
    rest = 1.0 - u
    while k > 0 and above + weight <= rest:
        above += weight
        weight *= k / mean
        k -= 1
    return k
