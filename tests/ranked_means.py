"""Block means of designs whose means are known, met by the same faults, and rankings of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.stats import BLOCK
from pacsim.studies.ranking import Ranked, Ranking

if TYPE_CHECKING:
    from collections.abc import Callable

STAGE = 64
"""Blocks that are drawn at once."""


def normal(
    designs: int, better: float | np.ndarray, rng: np.random.Generator, blocks: int
) -> np.ndarray:
    """Return means with twice as much spread in common as of their own; the first is the best."""
    means = 2.0 * rng.normal(size=(blocks, 1)) + rng.normal(size=(blocks, designs))
    means[:, 1:] += better
    return means


def rare(
    designs: int, better: float | np.ndarray, rng: np.random.Generator, blocks: int
) -> np.ndarray:
    """Return hours a term of which the best design has any in 0.4 % of the terms, 1 h on average.

    0.3 % of the terms meet all designs alike; what is left is each design's own.
    """
    own = np.full(designs, 0.001)
    own[1:] += better
    shared = _hours(rng, rng.binomial(BLOCK, 0.003, size=(blocks, 1)))
    alone = _hours(rng, rng.binomial(BLOCK, own, size=(blocks, designs)))
    means: np.ndarray = (shared + alone) / BLOCK
    return means


def _hours(rng: np.random.Generator, events: np.ndarray) -> np.ndarray:
    """Return the sums of so many exponential hours."""
    hours: np.ndarray = np.where(events > 0, rng.gamma(np.maximum(events, 1)), 0.0)
    return hours


def ranked(
    draw: Callable[[np.random.Generator, int], np.ndarray],
    designs: int,
    *,
    seed: int,
    certainty: float,
    indifferent: float,
) -> tuple[bool, Ranked]:
    """Return whether the first design was chosen, which stands somewhere, and the ranking."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(designs)
    ranking = Ranking(designs, certainty=certainty, indifferent=indifferent)
    while not ranking.over:
        ranking.add(draw(rng, STAGE)[:, order][:, ranking.alive])
    found = ranking.found()
    return int(order[found.best]) == 0, found
