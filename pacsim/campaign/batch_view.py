"""What a design's batches hold: which column is which, and what each cause is called."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from pacsim.campaign.reachable_states import plans
from pacsim.campaign.spreadsheet import Spreadsheet
from pacsim.core import layout
from pacsim.core.run_arguments import windows_in
from pacsim.units import YEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.core import Model
    from pacsim.core.model import Batch, Columns, Layout
    from pacsim.design.build import Built
    from pacsim.design.resolve import Resolved
    from pacsim.parts.watch_handles import Handle

H = TypeVar("H")


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """What things are called, where some are called alike.

    Parameters
    ----------
    names : tuple of str
        Each label once, in the order of the things.
    of : ndarray of int64
        The place of each thing's label among them.
    """

    names: tuple[str, ...]
    of: np.ndarray

    @classmethod
    def each(cls, labels: Sequence[str]) -> Labels:
        """Return those of things with such labels.

        Examples
        --------
        >>> found = Labels.each(["disk", "fan", "disk"])
        >>> found.names, found.of.tolist()
        (('disk', 'fan'), [0, 1, 0])
        """
        place = {name: k for k, name in enumerate(dict.fromkeys(labels))}
        return cls(tuple(place), np.array([place[x] for x in labels], dtype=np.int64))


@dataclass(frozen=True, slots=True)
class BatchView:
    """The observations of one built design by the handles of what is watched.

    Parameters
    ----------
    built : Built
        Model and handles of the design.
    resolved : Resolved
        The design.
    design : str
        Its name, as in rows.
    lay : Layout
        Of the model's batches.
    plans : bool
        Whether planned work may ever happen in it.
    roots : Labels
        Of every transition as a root.
    elements : Labels
        Of every element as a contributor.
    sheet : Spreadsheet
        Of the design.
    """

    built: Built
    resolved: Resolved
    design: str
    lay: Layout
    plans: bool
    roots: Labels = field(repr=False, compare=False)
    elements: Labels = field(repr=False, compare=False)
    sheet: Spreadsheet = field(repr=False, compare=False)

    @classmethod
    def of(
        cls, built: Built, resolved: Resolved, design: str, *, like: BatchView | None = None
    ) -> BatchView:
        """Return the reader of a model whose horizon, the contract term, is cut into years.

        What depends on no number is that of a reader of a model that is like it.
        """
        windows = windows_in(resolved.contract.number("term"), YEAR)
        sheet = Spreadsheet(resolved)
        if like is not None and built.is_like(like.built) and like.lay.windows == windows:
            return replace(like, built=built, resolved=resolved, design=design, sheet=sheet)
        return cls(
            built,
            resolved,
            design,
            layout(built.model, windows),
            plans(built.model),
            Labels.each(built.roots),
            Labels.each([element.label for element in built.elements]),
            sheet,
        )

    @property
    def model(self) -> Model:
        """What is run."""
        return self.built.model

    @property
    def term(self) -> float:
        """Length of a replication in seconds."""
        return self.resolved.contract.number("term")

    @property
    def years(self) -> float:
        """Length of a replication in years."""
        return self.term / YEAR

    def handles(self, kind: type[H], owner: str | None = None) -> list[H]:
        """Return the handles of a kind, all or those of one owner."""
        return [
            handle
            for handle in self.built.handles
            if isinstance(handle, kind) and owner in {None, _owner(handle)}
        ]

    def place(self, observed: str) -> Columns:
        """Return where the figures of an observation stand in a row of a batch."""
        return self.lay[observed]

    def episodes(self, batch: Batch, observed: str) -> np.ndarray:
        """Return the episodes of an observation."""
        at = self.lay.index(observed)
        episodes: np.ndarray = batch.episodes[batch.episodes["observation"] == at]
        return episodes

    def samples(self, batch: Batch, observed: str) -> np.ndarray:
        """Return the samples of an observation."""
        at = self.lay.index(observed)
        samples: np.ndarray = batch.samples[batch.samples["observation"] == at]
        return samples


def _owner(handle: Handle) -> str:
    return handle.owner
