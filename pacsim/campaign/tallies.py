"""Everything seen of one design: the tallies of all that is watched in it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from pacsim.campaign.any_loss import AnyLossTally
from pacsim.campaign.any_role import AnyRoleTally
from pacsim.campaign.batch_view import BatchView
from pacsim.campaign.degraded_tally import DegradedTally
from pacsim.campaign.failover_tally import FailoverTally
from pacsim.campaign.figure_blocks import traced
from pacsim.campaign.loss_tally import LossTally
from pacsim.campaign.outage_log import OutageLog
from pacsim.campaign.place_tally import PlaceTally
from pacsim.campaign.role_tally import RoleTally
from pacsim.campaign.sessions_tally import SessionsTally
from pacsim.campaign.severe_terms import SevereTerms
from pacsim.design.build import build
from pacsim.parts.watch_handles import (
    AllStores,
    AnyRoleWatch,
    DegradedWatch,
    FailoverWatch,
    FirstLossWatch,
    RolePlaces,
    RoleWatch,
    SessionsWatch,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np

    from pacsim.campaign.tally import Tally
    from pacsim.core.model import Batch
    from pacsim.design import Design
    from pacsim.parts.watch_handles import Handle
    from pacsim.results.rows import Row

TALLIES: Mapping[type[Handle], Callable[[BatchView, Any], Tally]] = MappingProxyType(
    {
        RoleWatch: RoleTally,
        AnyRoleWatch: AnyRoleTally,
        FirstLossWatch: LossTally,
        AllStores: AnyLossTally,
        FailoverWatch: FailoverTally,
        SessionsWatch: SessionsTally,
        DegradedWatch: DegradedTally,
        RolePlaces: PlaceTally,
    }
)
"""The tally of each handle that has one, in the order of rows."""
Key = tuple[type, str]
"""Which tally of a design: the type of its handle and whose it is."""


class DesignTally:
    """Everything seen of one design.

    Parameters
    ----------
    reader : Reader
        Of the design's batches.
    outages : bool
        Whether outages are kept as they were.
    severe : bool
        Whether it is noted when roles went down for long, which the traffic asks for.

    Attributes
    ----------
    tallies : mapping of Tally
        By type of handle and owner, in the order of rows.
    events : int
        Timed firings in all replications.
    replayed : int
        Those of them that were slept through and replayed.
    """

    kept = ("tallies", "events", "replayed")

    def __init__(self, reader: BatchView, *, outages: bool = False, severe: bool = False) -> None:
        self.reader = reader
        self.tallies = {
            (kind, handle.owner): made(reader, handle)
            for kind, made in TALLIES.items()
            for handle in reader.handles(kind)
        }
        self.events = 0
        self.replayed = 0
        self.log = OutageLog(reader) if outages else None
        self.severe = SevereTerms(reader) if severe else None
        self.traced = False

    @classmethod
    def of(cls, design: Design, *, outages: bool = False, severe: bool = False) -> Self:
        """Return the empty tally of a design, whose model is built."""
        reader = BatchView.of(build(design.resolved), design.resolved, design.name)
        return cls(reader, outages=outages, severe=severe)

    def empty(self) -> Self:
        """Return an empty tally of the same design."""
        severe = self.severe is not None
        made = type(self)(self.reader, outages=self.log is not None, severe=severe)
        if self.traced:
            made.trace()
        return made

    def trace(self) -> None:
        """Keep the means of each block of the figures by which designs are compared, from now on.

        Empty tallies made of this one do so too.
        """
        self.traced = True
        for tally in self.tallies.values():
            for moments in traced(tally.paired_figures()):
                moments.trail = []

    def add(self, batch: Batch) -> dict[Key, np.ndarray]:
        """Add a batch; return the key columns of each tally, one row per replication."""
        self.events += int(batch.events.sum())
        self.replayed += int(batch.replayed.sum())
        if self.log is not None:
            self.log.add(batch)
        if self.severe is not None:
            self.severe.add(batch)
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
        self.replayed += other.replayed
        if self.log is not None and other.log is not None:
            self.log.merge(other.log)
        if self.severe is not None and other.severe is not None:
            self.severe.merge(other.severe)

    def roles(self) -> list[RoleTally]:
        """Return the tallies of the design's roles."""
        return [one for one in self.tallies.values() if isinstance(one, RoleTally)]

    def rows(self) -> list[Row]:
        """Return every figure of the design."""
        return [one for tally in self.tallies.values() for one in tally.rows()]
