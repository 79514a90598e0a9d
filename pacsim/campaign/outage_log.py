"""The outages of a design as they were, kept on request up to a size, merged like any tally."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from pacsim.campaign.one_kind_each import one_kind_each
from pacsim.campaign.reasons import START
from pacsim.parts.watch_handles import DegradedWatch, RoleWatch
from pacsim.results.outage_file import TYPES, KeptOutages

if TYPE_CHECKING:
    from pacsim.campaign.batch_view import BatchView
    from pacsim.core.model import Batch

MOST = 2_500_000
"""Outages kept of one design: some 140 MB in memory, and a fifth of that in a file."""


class OutageLog:
    """Every down time and every degraded time of every role, in columns, of the first terms.

    Which terms are in it depends on what happened in them alone: as many from the first one on as
    have no more outages than ``most``.

    Parameters
    ----------
    reader : Reader
        Of the design's batches.
    most : int
        Outages that are kept.
    """

    def __init__(self, reader: BatchView, most: int = MOST) -> None:
        self.reader, self.most = reader, most
        self.watches = reader.handles(RoleWatch)
        self.in_part = reader.handles(DegradedWatch)
        self.pieces: dict[int, tuple[int, dict[str, np.ndarray]]] = {}
        """Number of terms and columns of each piece, by its first term."""
        self.terms = 0

    def add(self, batch: Batch) -> None:
        """Add a batch."""
        roles = np.full(len(self.reader.model.observations), -1, dtype=np.int16)
        for k, watch in enumerate(self.watches):
            roles[self.reader.lay.index(watch.observed)] = k
        degraded = np.zeros(len(roles), dtype=np.int8)
        owners = [watch.owner for watch in self.watches]
        for partly in self.in_part:
            at = self.reader.lay.index(partly.observed)
            roles[at], degraded[at] = owners.index(partly.owner), 1
        of = roles[batch.episodes["observation"]]
        taken = np.flatnonzero(of >= 0)
        episodes, follows = one_kind_each(batch.episodes[taken], batch.turns)
        started = len(self.reader.model.transitions)
        made = {"role", "degraded", "follows"}
        columns = {name: episodes[name] for name in TYPES if name not in made}
        columns |= {
            "role": roles[episodes["observation"]],
            "degraded": degraded[episodes["observation"]],
            "follows": follows,
            "cause": np.where(episodes["cause"] < 0, started, episodes["cause"]),
        }
        typed = {name: columns[name].astype(kind) for name, kind in TYPES.items()}
        self.pieces[batch.first] = (len(batch.events), typed)
        self.terms += len(batch.events)
        self._drop()

    def merge(self, other: Self) -> None:
        """Add what another log of the design has; it is not changed."""
        self.pieces |= other.pieces
        self.terms += other.terms
        self._drop()

    def _drop(self) -> None:
        """Let go of what comes after as many outages as are kept, whatever is still to come."""
        room = self.most
        for first in sorted(self.pieces):
            if room < 0:
                del self.pieces[first]
            else:
                room -= len(self.pieces[first][1]["start"])

    def kept(self) -> KeptOutages:
        """Return the outages of as many terms from the first one on as there is room for."""
        kept: list[dict[str, np.ndarray]] = []
        terms, room = 0, self.most
        for first in sorted(self.pieces):
            count, columns = self.pieces[first]
            if first != terms:
                break
            # Terms of the piece that are whole in what there is room for.
            if len(columns["start"]) > room:
                count = int(columns["replication"][room]) - first
            inside = columns["replication"] < first + count
            kept.append({name: column[inside] for name, column in columns.items()})
            terms, room = terms + count, room - int(inside.sum())
            if count < self.pieces[first][0]:
                break
        joined = {
            name: np.concatenate([np.zeros(0, dtype=kind), *(one[name] for one in kept)])
            for name, kind in TYPES.items()
        }
        causes = (*(x.name for x in self.reader.model.transitions), START)
        roles = tuple(watch.owner for watch in self.watches)
        contract = self.reader.resolved.contract
        return KeptOutages(
            roles,
            causes,
            joined,
            terms,
            self.terms,
            length=contract.number("term"),
            starts=str(contract["starts"]),
        )
