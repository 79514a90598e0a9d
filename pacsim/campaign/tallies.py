"""Everything seen of one design: the tallies of all that is watched in it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from pacsim.campaign.failovers import FailoverTally
from pacsim.campaign.losses import LossTally
from pacsim.campaign.overall import AnyRoleTally
from pacsim.campaign.reading import Reader
from pacsim.campaign.roles import START, RoleTally
from pacsim.design.build import build
from pacsim.parts.handles import AnyRoleWatch, FailoverWatch, FirstLossWatch, RoleWatch
from pacsim.results.outages import TYPES, KeptOutages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pacsim.campaign.tally import Tally
    from pacsim.core.observations import Batch
    from pacsim.design import Design
    from pacsim.parts.handles import Watch
    from pacsim.results.rows import Row

TALLIES: Mapping[type[Watch], Callable[[Reader, Any], Tally]] = MappingProxyType(
    {
        RoleWatch: RoleTally,
        AnyRoleWatch: AnyRoleTally,
        FirstLossWatch: LossTally,
        FailoverWatch: FailoverTally,
    }
)
"""The tally of each handle that has one, in the order of rows."""
KEPT = 10_000
"""Replications whose outages are kept with the result."""
Key = tuple[type, str]
"""Which tally of a design: the type of its handle and whose it is."""


class DesignTally:
    """Everything seen of one design.

    Parameters
    ----------
    reader : Reader
        Of the design's batches.

    Attributes
    ----------
    tallies : mapping of Tally
        By type of handle and owner, in the order of rows.
    events : int
        Timed firings in all replications.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.tallies = {
            (kind, handle.owner): made(reader, handle)
            for kind, made in TALLIES.items()
            for handle in reader.handles(kind)
        }
        self.events = 0
        self.kept: dict[int, dict[str, np.ndarray]] = {}

    @classmethod
    def of(cls, design: Design) -> Self:
        """Return the empty tally of a design, whose model is built."""
        return cls(Reader.of(build(design.resolved), design.resolved, design.name))

    def empty(self) -> Self:
        """Return an empty tally of the same design."""
        return type(self)(self.reader)

    def add(self, batch: Batch) -> dict[Key, np.ndarray]:
        """Add a batch; return the key columns of each tally, one row per replication."""
        self.events += int(batch.events.sum())
        if batch.first < KEPT:
            self.kept[batch.first] = self._outages(batch)
        return {key: tally.add(batch) for key, tally in self.tallies.items()}

    def merge(self, other: Self) -> None:
        """Add what another tally of the design has seen; it is not changed.

        Raises
        ------
        ValueError
            If both have seen the same replication.
        """
        for key, tally in self.tallies.items():
            tally.merge(other.tallies[key])
        self.events += other.events
        self.kept |= other.kept

    def roles(self) -> list[RoleTally]:
        """Return the tallies of the design's roles."""
        return [one for one in self.tallies.values() if isinstance(one, RoleTally)]

    def _outages(self, batch: Batch) -> dict[str, np.ndarray]:
        """Return what is kept of a batch: the roles' down times of the first terms, in columns."""
        roles = np.full(len(self.reader.model.observations), -1, dtype=np.int16)
        for k, role in enumerate(self.roles()):
            roles[self.reader.lay.index(role.observed)] = k
        found = batch.episodes
        of = roles[found["observation"]]
        taken = np.flatnonzero((of >= 0) & (found["replication"] < KEPT))
        started = len(self.reader.model.transitions)
        columns = {name: found[name][taken] for name in TYPES if name != "role"}
        columns |= {"role": of[taken]}
        columns["cause"] = np.where(columns["cause"] < 0, started, columns["cause"])
        return {name: columns[name].astype(kind) for name, kind in TYPES.items()}

    def outages(self) -> KeptOutages:
        """Return the outages of the first terms."""
        kept = [self.kept[first] for first in sorted(self.kept)]
        columns = {name: np.concatenate([one[name] for one in kept]) for name in TYPES}
        causes = (*(x.name for x in self.reader.model.transitions), START)
        return KeptOutages(tuple(role.owner for role in self.roles()), causes, columns)

    def rows(self) -> list[Row]:
        """Return every figure of the design."""
        return [found for tally in self.tallies.values() for found in tally.rows()]
