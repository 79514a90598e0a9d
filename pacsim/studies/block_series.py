"""Means of blocks of 64 replications: what differences between points are made of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.stats import BLOCK, BlockMeans, linearised
from pacsim.studies.tally_states import from_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.studies.study_values import MeasureName


@dataclass(frozen=True, slots=True, eq=False)
class BlockSeries:
    """Means of one figure over each block of replications, from replication 0 on.

    Parameters
    ----------
    top : ndarray of float64, shape (blocks,)
        Means over whole blocks of the figure, or of what stands above in a ratio, in the unit of
        its row.
    below : ndarray of float64, shape (blocks,), or None
        Means of what stands below; None for a figure that is a mean.
    rest : tuple of float
        Both of the last block, if it is not whole.
    last : int
        Terms of that block; 64 if there is none.
    """

    top: np.ndarray
    below: np.ndarray | None = None
    rest: tuple[float, float] = (0.0, 0.0)
    last: int = BLOCK

    def __len__(self) -> int:
        return len(self.top)

    def means(self) -> BlockMeans | None:
        """Return the means over all terms, of a ratio linearised; None if nothing stands below."""
        top = BlockMeans(self._all(self.top, 0), self.last)
        if self.below is None:
            return linearised(top)
        return linearised(top, BlockMeans(self._all(self.below, 1), self.last))

    def _all(self, whole: np.ndarray, side: int) -> np.ndarray:
        return whole if self.last == BLOCK else np.append(whole, self.rest[side])


def series(stages: Iterable[bytes], name: MeasureName) -> BlockSeries | None:
    """Return the means of a figure over the blocks of stages that follow one another.

    Parameters
    ----------
    stages : iterable of bytes
        Blocks of each, in order.
    name : MeasureName
        Of a figure that is a mean or a ratio of two.

    Returns
    -------
    BlockSeries or None
        None if nothing of it was seen: it is 0 in all terms, or there is no such figure.
    """
    tops: list[np.ndarray] = [np.zeros(0)]
    unders: list[np.ndarray] = [np.zeros(0)]
    seen = ratio = False
    rest, last = (0.0, 0.0), BLOCK
    for content in stages:
        found = from_bytes(content)
        values, column = found["values"], 0
        top = below = np.zeros(len(values))
        # What a stage has left over is in the next one's first block.
        rest, last = (0.0, 0.0), int(found["last"])
        for called, wide in json.loads(found["names"].tobytes()):
            if called == str(name):
                seen, ratio = True, ratio or bool(wide)
                top = values[:, column]
                below = values[:, column + 1] if wide else below
                left = found["rest"][column : column + 1 + wide]
                rest = (float(left[0]), float(left[-1]) if wide else 0.0)
            column += 2 if wide else 1
        tops.append(top)
        unders.append(below)
    if not seen:
        return None
    below_all = np.concatenate(unders) if ratio else None
    return BlockSeries(np.concatenate(tops), below_all, rest, last)


def nothing(terms: int) -> BlockMeans:
    """Return the means of a figure that was 0 in all of so many terms."""
    blocks, last = -(-terms // BLOCK), terms % BLOCK or BLOCK
    return BlockMeans(np.zeros(blocks), last)
