"""Means of figures over blocks of terms, from what tallies have kept of each block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.stats import BLOCK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.campaign.tally import MeanFigure
    from pacsim.stats import Moments


def traced(figures: Sequence[MeanFigure]) -> list[Moments]:
    """Return what figures are made of, each once."""
    return list({id(one.moments): one.moments for one in figures}.values())


class FigureBlocks:
    """The blocks that moments have seen since their trail began, and the begun one behind them.

    Parameters
    ----------
    moments : Moments
        With a trail.

    Attributes
    ----------
    last : int
        Terms of the last block, 64 if it is whole.
    seen : frozenset of int
        Columns in which there is anything.
    """

    def __init__(self, moments: Moments) -> None:
        rows = [*(moments.trail or [])]
        self.last = BLOCK
        if moments.rest is not None:
            self.last, summary = moments.rest
            rows.append(moments.traced(summary))
        self._rows = np.array(rows).reshape(len(rows), moments.columns)
        self.seen = frozenset(np.flatnonzero(self._rows.any(axis=0)).tolist())

    def __len__(self) -> int:
        return len(self._rows)

    def of(self, figure: MeanFigure) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the means of what stands above in a figure, and of what stands below, if any.

        Columns are added one by one: the bits do not depend on how many blocks there are.
        """
        below = self.summed(figure.below, 1.0) if figure.below else None
        return self.summed(figure.top, figure.scale), below

    def summed(self, columns: tuple[int, ...], scale: float) -> np.ndarray:
        """Return the means of what columns come to, scaled."""
        total: np.ndarray = 0.0 + self._rows[:, columns[0]]
        for column in columns[1:]:
            total = total + self._rows[:, column]
        return total * scale

    def plain(self, columns: Sequence[int], scales: Sequence[float]) -> np.ndarray:
        """Return the means of single columns, each scaled, to the bits that `summed` gives."""
        found: np.ndarray = (0.0 + self._rows[:, columns]) * np.array(scales)
        return found
