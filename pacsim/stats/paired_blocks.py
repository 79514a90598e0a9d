"""Differences of two runs that met the same faults, from means over the same blocks of terms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.stats.blocks import BLOCK
from pacsim.stats.confidence_intervals import LEVEL, Estimate, t_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

LEAST_BLOCKS = 16
"""Blocks in common below which a difference has no interval."""
PAIRED = "paired, Student t over means of blocks"
SAME = 1e-12
"""Block means nearer to each other by size than this are the same: sums leave last digits over."""


@dataclass(frozen=True, slots=True, eq=False)
class BlockMeans:
    """Means of one figure over blocks of 64 terms, from the first term on.

    Parameters
    ----------
    means : ndarray, shape (blocks,)
        Of each block, the last of which need not be whole.
    last : int
        Terms of the last one, 1 to 64.

    Examples
    --------
    >>> import numpy as np
    >>> one = BlockMeans(np.array([1.0, 2.0, 4.0]), 16)
    >>> one.terms, one.whole.tolist(), one.mean
    (144, [1.0, 2.0], 1.7777777777777777)
    """

    means: np.ndarray
    last: int = BLOCK

    def __len__(self) -> int:
        return len(self.means)

    @property
    def terms(self) -> int:
        """How many terms it is of."""
        return BLOCK * (len(self.means) - 1) + self.last if len(self.means) else 0

    @property
    def whole(self) -> np.ndarray:
        """Means of the blocks that are whole."""
        return self.means[: self.terms // BLOCK]

    @property
    def mean(self) -> float:
        """Mean over all terms."""
        return _mean(self.means, self.last)


def in_common(several: Sequence[BlockMeans]) -> list[BlockMeans]:
    """Return each over the terms that all have: to the last one, or the blocks that all have whole.

    Examples
    --------
    >>> import numpy as np
    >>> a, b = BlockMeans(np.arange(3.0), 16), BlockMeans(np.arange(5.0))
    >>> [one.terms for one in in_common([a, b])], [one.terms for one in in_common([a, a])]
    ([128, 128], [144, 144])
    """
    if len({one.terms for one in several}) < 2:
        return list(several)
    count = min(len(one.whole) for one in several)
    return [BlockMeans(one.means[:count]) for one in several]


def linearised(top: BlockMeans, below: BlockMeans | None = None) -> BlockMeans | None:
    """Return a series of blocks whose mean is a ratio's value and whose spread is the ratio's.

    Parameters
    ----------
    top : BlockMeans
        Of what stands above.
    below : BlockMeans, optional
        Of what stands below, over the same terms; without it the figure is a mean, and the series
        is ``top``.

    Returns
    -------
    BlockMeans
        To first order (delta method); None if nothing stands below.

    Examples
    --------
    >>> import numpy as np
    >>> made = linearised(BlockMeans(np.array([2.0, 4.0])), BlockMeans(np.array([1.0, 3.0])))
    >>> made.means.tolist(), made.mean
    ([1.75, 1.25], 1.5)
    """
    if below is None:
        return top
    whole = below.mean if len(below) else 0.0
    if whole == 0.0:
        return None
    ratio = top.mean / whole
    return BlockMeans(ratio + (top.means - ratio * below.means) / whole, top.last)


def block_difference(
    first: BlockMeans, second: BlockMeans, *, comparisons: int = 1, level: float = LEVEL
) -> Estimate:
    """Return the second mean less the first, over the terms that both have.

    Whatever both meet alike cancels. The spread of a rare difference is known only as well as the
    blocks are many in which there is one: they give the degrees of freedom. It is that of blocks
    that are whole; terms of a last one that is not narrow the interval as much as all others.

    Parameters
    ----------
    first, second : BlockMeans
        From the first term on.
    comparisons : int
        How many are shown together (Bonferroni).
    level : float
        Coverage of all comparisons together.

    Returns
    -------
    Estimate
        Without ends where there are fewer than 16 whole blocks, or fewer than two that differ.

    Examples
    --------
    >>> import numpy as np
    >>> a = np.arange(32.0)
    >>> found = block_difference(BlockMeans(a), BlockMeans(a + np.tile([1.0, 3.0], 16)))
    >>> found.value, round(found.half_width, 3), found.n
    (2.0, 0.366, 2048)
    """
    first, second = in_common([first, second])
    terms = first.terms
    if not terms:
        return Estimate(None, None, None, 0, PAIRED)
    gap = second.means - first.means
    apart = abs(gap) > SAME * (abs(second.means) + abs(first.means))
    if not apart.any():
        return Estimate(0.0, None, None, terms, PAIRED, 0.0)
    mean = _mean(gap, first.last)
    count = terms // BLOCK
    differing = int(apart[:count].sum())
    if count < LEAST_BLOCKS or differing < 2:
        return Estimate(mean, None, None, terms, PAIRED)
    error = math.sqrt(float(gap[:count].var(ddof=1)) * BLOCK / terms)
    half = t_quantile(1.0 - (1.0 - level) / comparisons, min(count, differing) - 1) * error
    return Estimate(mean, mean - half, mean + half, terms, PAIRED, error)


def at_level(comparisons: int) -> str:
    """Return in words how sure intervals of comparisons that are shown together are.

    Examples
    --------
    >>> at_level(1), at_level(3)
    ('95 %', '95 % over 3 comparisons together')
    """
    sure = f"{100.0 * LEVEL:g} %"
    return (
        sure
        if comparisons == 1
        else f"{sure} over {comparisons:,} comparisons together".replace(",", " ")
    )


def _mean(means: np.ndarray, last: int) -> float:
    """Return the mean over all terms, with the last block by its number of terms."""
    if last == BLOCK:
        return float(means.mean())
    terms = BLOCK * (len(means) - 1) + last
    return float((BLOCK * means[:-1].sum() + last * means[-1]) / terms)
