"""Points held against one another on the same faults: ranks as ranges, effects of dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.stats import BLOCK, LEAST_BLOCKS, LEVEL, BlockMeans, block_difference, in_common
from pacsim.stats.paired_blocks import SAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pacsim.stats import Estimate


@dataclass(frozen=True, slots=True)
class RankRange:
    """Where a point may stand among all of them, from 1.

    Parameters
    ----------
    best, worst : int
        1 plus the points that are surely better, and all less those that are surely worse.
    """

    best: int
    worst: int

    def __str__(self) -> str:
        return str(self.best) if self.best == self.worst else f"{self.best}-{self.worst}"


def rank_ranges(
    series: Sequence[BlockMeans], shown: Sequence[int], *, lowest: bool = True
) -> tuple[list[RankRange], int]:
    """Return the rank of some points among all, and how many comparisons that took.

    A pair is told apart where its paired interval does not hold 0; the intervals hold together
    (Bonferroni over the comparisons).

    Parameters
    ----------
    series : sequence of BlockMeans
        Of each point.
    shown : sequence of int
        Places of the points whose ranks are wanted.
    lowest : bool
        Whether less is better.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> same = rng.normal(size=64)
    >>> made = [same, same + 1e-3 * rng.normal(size=64), same + 1 + 0.1 * rng.normal(size=64)]
    >>> ranks, comparisons = rank_ranges([BlockMeans(one) for one in made], [0, 1, 2])
    >>> [str(one) for one in ranks], comparisons
    (['1-2', '1-2', '3'], 3)
    """
    terms = np.array([one.terms for one in series])
    wide = np.zeros((len(series), max(map(len, series), default=0)))
    for k, one in enumerate(series):
        wide[k, : len(one)] = one.means
    others = len(series) - len(shown)
    comparisons = len(shown) * (len(shown) - 1) // 2 + len(shown) * others
    level = 1.0 - (1.0 - LEVEL) / max(comparisons, 1)
    found = []
    for k in shown:
        side = _sides(wide, terms, k, level)
        better, worse = (side < 0, side > 0) if lowest else (side > 0, side < 0)
        found.append(RankRange(1 + int(better.sum()), len(series) - int(worse.sum())))
    return found, comparisons


def _sides(wide: np.ndarray, terms: np.ndarray, k: int, level: float) -> np.ndarray:
    """Return for each point whether it is surely below (-1) or above (1) one of them.

    What `block_difference` says of each pair, for all of them at once.
    """
    from scipy.special import stdtrit

    # A last block that is not whole counts where both end in it; its spread says nothing.
    count = np.minimum(terms, terms[k]) // BLOCK
    alike = np.where(terms == terms[k], terms, count * BLOCK)
    weight = np.clip(alike[:, None] - BLOCK * np.arange(wide.shape[1]), 0, BLOCK)
    both = weight == BLOCK
    gap = wide - wide[k]
    total = np.maximum(alike, 1)
    mean = (gap * weight).sum(axis=1) / total
    apart = (np.abs(gap) > SAME * (np.abs(wide) + np.abs(wide[k]))) & both
    differing = apart.sum(axis=1)
    centre = (gap * both).sum(axis=1) / np.maximum(count, 1)
    off = (gap - centre[:, None]) * both
    error = np.sqrt((off * off).sum(axis=1) / np.maximum(count - 1, 1) * BLOCK / total)
    freedom = np.maximum(np.minimum(count, differing) - 1, 1)
    half = stdtrit(freedom, 0.5 + level / 2.0) * error
    sure = (count >= LEAST_BLOCKS) & (differing >= 2) & (np.abs(mean) > half)
    side: np.ndarray = np.sign(mean) * sure
    return side


@dataclass(frozen=True, slots=True)
class MainEffect:
    """What a value of a dimension does to a measure, all else alike.

    Parameters
    ----------
    dimension, label, against : str
        The value, and the first one of the dimension.
    estimate : Estimate
        Mean over all pairs of points that differ in this alone, of the differences.
    pairs : int
        How many there are.
    """

    dimension: str
    label: str
    against: str
    estimate: Estimate
    pairs: int


def main_effects(
    dimensions: Mapping[str, Sequence[str]],
    labels: Sequence[Mapping[str, str]],
    series: Sequence[BlockMeans | None],
) -> list[MainEffect]:
    """Return the effect of each value of each dimension against the first one of it.

    Parameters
    ----------
    dimensions : mapping
        Name to what its values are called.
    labels : sequence of mapping
        Of each point.
    series : sequence of BlockMeans or None
        Of each point; None of those that have none.

    Examples
    --------
    >>> same = np.random.default_rng(1).normal(size=64)
    >>> labels = [{"x": x, "y": y} for x in "ab" for y in "cd"]
    >>> made = [BlockMeans(same + more) for more in (0, 1, 2, 4)]
    >>> for one in main_effects({"x": "ab", "y": "cd"}, labels, made):
    ...     print(one.dimension, one.label, one.estimate.value, one.pairs)
    x b 2.5 2
    y d 1.5 2
    """
    pairs: list[tuple[str, str, str, list[tuple[int, int]]]] = []
    for name, values in dimensions.items():
        if len(values) < 2:
            continue
        first = values[0]
        rest = [tuple((k, v) for k, v in one.items() if k != name) for one in labels]
        there = {
            rest[k]: k
            for k, one in enumerate(labels)
            if one.get(name) == first and series[k] is not None
        }
        for value in values[1:]:
            mine = [
                (there[rest[k]], k)
                for k, one in enumerate(labels)
                if one.get(name) == value and rest[k] in there and series[k] is not None
            ]
            if mine:
                pairs.append((name, value, first, mine))
    return [
        MainEffect(name, value, first, _effect(series, mine, len(pairs)), len(mine))
        for name, value, first, mine in pairs
    ]


def _effect(
    series: Sequence[BlockMeans | None], pairs: Sequence[tuple[int, int]], together: int
) -> Estimate:
    """Return the mean difference of pairs of points, over the terms that all of them have."""
    all_of = in_common([one for pair in pairs for k in pair if (one := series[k]) is not None])
    ends = [
        BlockMeans(np.mean([one.means for one in all_of[side::2]], axis=0), all_of[0].last)
        for side in (0, 1)
    ]
    return block_difference(*ends, comparisons=together)
