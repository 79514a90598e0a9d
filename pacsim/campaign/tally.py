"""What every tally can do: add a batch, merge what another one has seen, give rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

import numpy as np

from pacsim.parts.watch_handles import Watch

if TYPE_CHECKING:
    from pacsim.campaign.batch_view import BatchView
    from pacsim.core.model import Batch
    from pacsim.parts.watch_handles import AllStores, RolePlaces, SessionsWatch
    from pacsim.results.rows import Row
    from pacsim.stats import Moments


class MeanFigure(NamedTuple):
    """A figure that is a mean over terms, or a ratio of two: what blocks of terms say of it.

    Parameters
    ----------
    measure, of : str
        As in the row of it.
    moments : Moments
        What has its columns.
    top : tuple of int
        Columns whose sum it is the mean of.
    below : tuple of int
        Columns whose sum's mean it is divided by; none of a mean.
    scale : float
        Factor to the unit of its row.
    """

    measure: str
    of: str
    moments: Moments
    top: tuple[int, ...]
    below: tuple[int, ...] = ()
    scale: float = 1.0


class Tally(ABC):
    """Base of the tallies of one handle.

    Sums are by blocks of 64 replications, folded from the left (`pacsim.stats.Blocks`), and counts
    are whole numbers: whoever added which batches, a merged tally has the bits of one stream.

    Parameters
    ----------
    reader : BatchView
        Of the design's batches.
    watch : Watch
        The handle.

    Attributes
    ----------
    paired : tuple of str
        Measures by which designs are compared term by term; `add` returns a column for each.
    kept : tuple of str
        Names of the attributes that hold what has been seen: moments, histograms, counts, and what
        has such attributes itself. All else follows from the design.
    """

    paired: ClassVar[tuple[str, ...]] = ()
    kept: ClassVar[tuple[str, ...]]

    def __init__(
        self, reader: BatchView, watch: Watch | AllStores | RolePlaces | SessionsWatch
    ) -> None:
        self.reader = reader
        self.owner = watch.owner
        self.observed = watch.observed if isinstance(watch, Watch) else ""

    @abstractmethod
    def add(self, batch: Batch) -> np.ndarray:
        """Add a batch; return its key columns, one row per replication."""

    @abstractmethod
    def merge(self, other: Self) -> None:
        """Add what another tally of the same handle has seen; it is not changed."""

    @abstractmethod
    def rows(self) -> list[Row]:
        """Return every figure."""

    @abstractmethod
    def mean_figures(self) -> list[MeanFigure]:
        """Return those of its figures that are means over terms, or ratios of two."""

    def paired_figures(self) -> list[MeanFigure]:
        """Return the figures by which designs are compared, in the order of `paired`."""
        found = {one.measure: one for one in self.mean_figures() if not one.of}
        return [found[measure] for measure in self.paired]

    def certain(self, measure: str) -> bool:
        """Return whether a measure is exactly 0, whatever is seen."""
        del measure
        return False

    @staticmethod
    def no_keys(batch: Batch) -> np.ndarray:
        """Return no columns, a row per replication."""
        return np.zeros((len(batch.events), 0))
