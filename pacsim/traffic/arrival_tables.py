"""Arrivals as columns: what a simulator is fed with, slot by slot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from pacsim.traffic.arrivals import Exam, Opening
from pacsim.traffic.client_tables import OPENINGS
from pacsim.traffic.keyed_draws import SLOT
from pacsim.traffic.logs import STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ARRIVED = np.dtype(
    [
        ("time", np.float64),
        ("station", np.int32),
        ("stream", np.int8),
        ("slot", np.int32),
        ("number", np.int64),
        ("turn", np.int64),
        ("items", np.int64),
        ("size", np.float64),
        ("sent", np.float64),
        ("stored", np.float64),
        ("queries", np.int32),
        ("studies_from", np.int64),
        ("studies", np.int32),
    ]
)
"""An exam or an opening a row, in the order of `pacsim.traffic.arrivals.arrivals`.

``stream`` counts `pacsim.traffic.logs.STREAMS`; ``turn`` is the number of its operation in its
stream (T15): 2^20 times the slot and the rank among those of the slot. An opening has ``queries``
and ``studies`` rows of the studies from ``studies_from`` on; an exam has the rest. What one has not
is 0."""
STUDIES = np.dtype([("items", np.int64), ("size", np.float64)])
"""A study of an opening: items, and bytes of an item as it is stored."""


@dataclass(frozen=True, eq=False)
class ArrivalTable:
    """What arrives in consecutive slots.

    Parameters
    ----------
    rows : ndarray of `ARRIVED`
        In order of time, station, stream and number.
    studies : ndarray of `STUDIES`
        Of the openings.
    """

    rows: np.ndarray
    studies: np.ndarray

    @classmethod
    def of(cls, arrivals: Iterable[Exam | Opening]) -> Self:
        """Return arrivals as a table.

        Parameters
        ----------
        arrivals : iterable of Exam or Opening
            Whole slots, in order: turns count from the first of a stream in its slot.

        Examples
        --------
        >>> one = Opening(7200.5, 3, 2, 0, queries=1, studies=((40, 1e6), (2, 8e6)))
        >>> table = ArrivalTable.of([one])
        >>> table.rows["turn"].item() == 2 * 2**20, list(table.arrivals()) == [one]
        (True, True)
        """
        ranks: dict[tuple[int, str, int], int] = {}
        rows: list[tuple[float, ...]] = []
        studies: list[tuple[int, float]] = []
        for one in arrivals:
            stream = one.stream if isinstance(one, Exam) else OPENINGS
            key = (one.station, stream, one.slot)
            rank = ranks[key] = ranks.get(key, -1) + 1
            head = (one.time, one.station, STREAMS.index(stream), one.slot, one.number)
            rows.append((*head, SLOT * one.slot + rank, *_rest(one, len(studies))))
            if isinstance(one, Opening):
                studies += one.studies
        return cls(np.array(rows, dtype=ARRIVED), np.array(studies, dtype=STUDIES))

    def arrivals(self) -> Iterator[Exam | Opening]:
        """Yield the arrivals one by one."""
        studies = self.studies.tolist()
        # Fields in the order of `ARRIVED`.
        for time, station, stream, slot, number, _, items, *more in self.rows.tolist():
            size, sent, stored, queries, first, count = more
            if STREAMS[stream] == OPENINGS:
                mine = tuple(studies[first : first + count])
                yield Opening(time, station, slot, number, queries, mine)
            else:
                name = STREAMS[stream]
                yield Exam(time, station, name, slot, number, items, size, sent, stored)


def _rest(one: Exam | Opening, studies: int) -> tuple[float, ...]:
    """Return the columns behind the turn."""
    if isinstance(one, Exam):
        return (one.items, one.size, one.sent, one.stored, 0, 0, 0)
    return (0, 0.0, 0.0, 0.0, one.queries, studies, len(one.studies))
