"""How many rows a batch is given room for: what those before it needed, so that few are too small.

A batch whose room runs out runs the replication under way again; nothing else depends on it.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST_ROWS = 256
MARGIN = 1.25
"""Room is given for so many times what is expected: batches differ."""
MOST_ROWS = 1 << 19
"""Most rows that are expected beforehand: one replication with very many must not fill the memory.

Beyond it room only doubles when it has run out.
"""


class RowsNeeded:
    """Rows that the replications of a model have needed so far; shared by threads.

    Parameters
    ----------
    kinds : int
        Number of kinds of rows that are counted apart.

    Examples
    --------
    >>> needed = RowsNeeded(1)
    >>> needed.room(0, 100)
    256
    >>> needed.learn([800], 10)
    >>> needed.room(0, 100)
    10256
    """

    def __init__(self, kinds: int) -> None:
        self._lock = threading.Lock()
        self._rows = [0] * kinds
        self._replications = 0

    def learn(self, rows: Sequence[int], replications: int) -> None:
        """Take in how many rows of each kind some replications have needed."""
        with self._lock:
            self._replications += replications
            self._rows = [a + b for a, b in zip(self._rows, rows, strict=True)]

    def room(self, kind: int, count: int) -> int:
        """Return the number of rows with which a batch of ``count`` replications begins."""
        with self._lock:
            rows, replications = self._rows[kind], self._replications
        return FIRST_ROWS + expected(rows, replications, count)


def expected(rows: int, replications: int, count: int) -> int:
    """Return for how many rows of ``count`` replications there should be room.

    Parameters
    ----------
    rows, replications : int
        How many rows so many replications have needed; none tell nothing.
    count : int
        How many replications there will be.

    Examples
    --------
    >>> expected(800, 10, 100), expected(0, 0, 100), expected(10**9, 1, 100)
    (10000, 0, 524288)
    """
    if replications == 0:
        return 0
    return min(MOST_ROWS, math.ceil(MARGIN * count * (rows / replications)))
