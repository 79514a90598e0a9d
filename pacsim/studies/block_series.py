"""Means of blocks of 64 replications: what differences between points are made of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.studies.tally_states import from_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.studies.study_values import MeasureName


@dataclass(frozen=True, slots=True, eq=False)
class BlockSeries:
    """Means of one figure over each whole block of replications, from replication 0 on.

    Parameters
    ----------
    top : ndarray of float64, shape (blocks,)
        Means of the figure, or of what stands above in a ratio, in the unit of its row.
    below : ndarray of float64, shape (blocks,), or None
        Means of what stands below; None for a figure that is a mean.
    """

    top: np.ndarray
    below: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.top)


def series(stages: Iterable[bytes], name: MeasureName) -> BlockSeries:
    """Return the means of a figure over the blocks of stages that follow one another.

    Parameters
    ----------
    stages : iterable of bytes
        Blocks of each, in order.
    name : MeasureName
        Of a figure that is a mean or a ratio of two; of one of which nothing was seen all are 0.
    """
    tops: list[np.ndarray] = []
    unders: list[np.ndarray] = []
    ratio = False
    for content in stages:
        found = from_bytes(content)
        names = json.loads(found["names"].tobytes())
        values, column = found["values"], 0
        top = below = np.zeros(len(values))
        for called, wide in names:
            if called == str(name):
                top = values[:, column]
                if wide:
                    below, ratio = values[:, column + 1], True
            column += 2 if wide else 1
        tops.append(top)
        unders.append(below)
    none = np.zeros(0)
    return BlockSeries(
        np.concatenate([none, *tops]), np.concatenate([none, *unders]) if ratio else None
    )
