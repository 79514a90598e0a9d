"""Differences of two runs that met the same faults, from means over the same blocks of terms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.stats.blocks import BLOCK
from pacsim.stats.confidence_intervals import LEVEL, Estimate, t_quantile

if TYPE_CHECKING:
    import numpy as np

LEAST_BLOCKS = 16
"""Blocks in common below which a difference has no interval."""
PAIRED = "paired, Student t over means of blocks"
SAME = 1e-12
"""Block means nearer to each other by size than this are the same: sums leave last digits over."""


def linearised(top: np.ndarray, below: np.ndarray | None = None) -> np.ndarray | None:
    """Return a series of blocks whose mean is a ratio's value and whose spread is the ratio's.

    Parameters
    ----------
    top : ndarray, shape (blocks,)
        Means over blocks of what stands above.
    below : ndarray, shape (blocks,), optional
        Of what stands below; without it the figure is a mean, and the series is ``top``.

    Returns
    -------
    ndarray, shape (blocks,)
        To first order (delta method); None if nothing stands below.

    Examples
    --------
    >>> import numpy as np
    >>> made = linearised(np.array([2.0, 4.0]), np.array([1.0, 3.0]))
    >>> made.tolist(), float(made.mean())
    ([1.75, 1.25], 1.5)
    """
    if below is None:
        return top
    whole = float(below.mean()) if len(below) else 0.0
    if whole == 0.0:
        return None
    ratio = float(top.mean()) / whole
    made: np.ndarray = ratio + (top - ratio * below) / whole
    return made


def block_difference(
    first: np.ndarray, second: np.ndarray, *, comparisons: int = 1, level: float = LEVEL
) -> Estimate:
    """Return the second mean less the first, over the blocks that both have.

    Whatever both meet alike cancels. The spread of a rare difference is known only as well as the
    blocks are many in which there is one: they give the degrees of freedom.

    Parameters
    ----------
    first, second : ndarray, shape (blocks,)
        Means over blocks of 64 terms, from the first block on.
    comparisons : int
        How many are shown together (Bonferroni).
    level : float
        Coverage of all comparisons together.

    Returns
    -------
    Estimate
        Without ends where there are fewer than 16 blocks, or fewer than two that differ.

    Examples
    --------
    >>> import numpy as np
    >>> a = np.arange(32.0)
    >>> found = block_difference(a, a + np.tile([1.0, 3.0], 16))
    >>> found.value, round(found.half_width, 3), found.n
    (2.0, 0.366, 2048)
    """
    count = min(len(first), len(second))
    terms = count * BLOCK
    if not count:
        return Estimate(None, None, None, 0, PAIRED)
    gap = second[:count] - first[:count]
    mean = float(gap.mean())
    differing = int((abs(gap) > SAME * (abs(second[:count]) + abs(first[:count]))).sum())
    if not differing:
        return Estimate(0.0, None, None, terms, PAIRED, 0.0)
    if count < LEAST_BLOCKS or differing < 2:
        return Estimate(mean, None, None, terms, PAIRED)
    error = math.sqrt(float(gap.var(ddof=1)) / count)
    half = t_quantile(1.0 - (1.0 - level) / comparisons, min(count, differing) - 1) * error
    return Estimate(mean, mean - half, mean + half, terms, PAIRED, error)
