"""Uniforms that attributes take during a run, by the keys of T5, and an item's time (T6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pacsim.core.streams import stream_id, uniform

if TYPE_CHECKING:
    from pacsim.delays import Law
    from pacsim.traffic.client_tables import Work

BY_HAND, FORGOTTEN, COMMITMENT, MISSED_RESET, SERVICE, SOURCE = 4, 5, 6, 7, 9, 12
"""Lanes."""
PLACES = 1
"""Lane of phases of grids."""
SLOT, AGAIN = 2**20, 2**40
"""Numbers of a slot; what a further question of the same arrival adds."""
TRY, TRIES = 2**48, 2**12
"""What a further try of the same question adds, so many times: the next one draws as the first."""
SENDERS = 64
"""Senders of a station that draws may tell apart."""


def arrival_key(slot: int, number: int) -> int:
    """Return the draw number of an arrival."""
    return SLOT * slot + number


class Draws:
    """Uniforms of one replication by stream and lane.

    Parameters
    ----------
    key : tuple of two int
        From `replication_key`.
    """

    def __init__(self, key: tuple[int, int]) -> None:
        self._key = key
        self._streams: dict[tuple[str, int], int] = {}

    def uniform(self, stream: str, lane: int, n: int) -> float:
        """Return one uniform; ``stream`` is such as ``CT-1/exams``."""
        found = self._streams.get((stream, lane))
        if found is None:
            found = self._streams[stream, lane] = stream_id(f"traffic/{stream}", lane)
        return uniform(self._key, found, n)

    def delay(self, law: Law, stream: str, lane: int, n: int) -> float:
        """Return one draw of a law."""
        return float(law.isf(self.uniform(stream, lane, n)))


class Item(NamedTuple):
    """One item of an operation: seconds alone, and pools with the seconds that it uses of them."""

    alone: float
    uses: tuple[tuple[int, float], ...]


def item_of(work: Work, size: float, service: float | None) -> Item:
    """Return what an item takes at a member (T6).

    Parameters
    ----------
    work : Work
        Of the operation at the member.
    size : float
        Bytes.
    service : float or None
        Drawn, in place of the mean.

    Examples
    --------
    >>> from pacsim.traffic.client_tables import Work
    >>> item_of(Work(0.5, ((0, 0.2),), served_by=0, mean=0.2, line=0.01), 10.0, None)
    Item(alone=0.6, uses=((0, 0.2),))
    """
    busy = max(work.mean if service is None else service, work.step + size * work.array)
    more = busy - work.mean
    uses = [(pool, use + more if pool == work.served_by else use) for pool, use in work.uses]
    uses += [(pool, size * each) for pool, each in work.sized]
    return Item(work.alone + size * work.line + more, tuple(uses))
