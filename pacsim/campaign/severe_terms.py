"""When roles went down for long: the traffic of that is looked at in every term of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from pacsim.parts.watch_handles import RoleWatch
from pacsim.units import HOUR

if TYPE_CHECKING:
    from pacsim.campaign.batch_view import BatchView
    from pacsim.core.model import Batch

LONG = 8 * HOUR
"""Seconds of a single outage of a role from which on a window is severe (T3)."""


class SevereTerms:
    """When roles went down for long, by term; merged like any tally.

    Parameters
    ----------
    reader : BatchView
        Of the design's batches.
    """

    def __init__(self, reader: BatchView) -> None:
        self.reader = reader
        self._begun: dict[int, np.ndarray] = {}

    def add(self, batch: Batch) -> None:
        """Add a batch."""
        found = [
            episodes[episodes["end"] - episodes["start"] >= LONG]
            for watch in self.reader.handles(RoleWatch)
            for episodes in (self.reader.episodes(batch, watch.observed),)
        ]
        for rows in found:
            for term in np.unique(rows["replication"]).tolist():
                mine = rows["start"][rows["replication"] == term]
                known = self._begun.get(term, np.zeros(0))
                self._begun[term] = np.unique(np.concatenate([known, mine]))

    def merge(self, other: Self) -> None:
        """Add what another one has of other terms; it is not changed."""
        self._begun |= other._begun

    def begun(self, term: int) -> np.ndarray:
        """Return when long outages of a term began, in seconds, rising."""
        return self._begun.get(term, np.zeros(0))

    def __contains__(self, term: int) -> bool:
        return term in self._begun
