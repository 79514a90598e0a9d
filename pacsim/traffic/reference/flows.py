"""Flows of whole items that share pools (T8, T12)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from pacsim.traffic import arithmetic as rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pacsim.traffic.client_tables import SharedPool
    from pacsim.traffic.keyed_draws import Item


class Progress(NamedTuple):
    """How far a flow is at a moment.

    Parameters
    ----------
    remaining, whole : float
        Items that are left, and those that are acknowledged.
    last, first : float
        Times of the last response and of the first item, which may not have come.
    """

    remaining: float
    whole: float
    last: float
    first: float


class Flow:
    """The items of one attempt.

    It is settled when its own rate changes or it ends, and not at the events of others, so that a
    station more leaves its numbers as they are to the bit.

    Parameters
    ----------
    items : int
        How many, at least 1.
    item : Item
        One of them.
    now : float
        When they begin: the association was just accepted, which is the last response.
    """

    def __init__(self, items: int, item: Item, now: float) -> None:
        self.items = float(items)
        self.item = item
        self.remaining = self.items
        self.since = now
        self.rate = 0.0
        self.whole = 0.0
        self.last = now
        self.first = math.nan
        self.moves = True

    def end(self) -> float:
        """Return when nothing remains at this rate."""
        return rules.flow_end(self.since, self.remaining, self.rate)

    def passes(self, mark: float) -> float:
        """Return when a number of items is whole at this rate."""
        return rules.reached(self.since, self.items - self.remaining, mark, self.rate)

    def seen(self, now: float) -> Progress:
        """Return what is done."""
        kept = Progress(self.remaining, self.whole, self.last, self.first)
        if self.rate <= 0.0:
            return kept
        remaining = rules.settled(self.remaining, self.rate, now - self.since)
        progress = self.items - remaining
        whole = rules.whole_items(progress)
        if whole <= self.whole:
            return kept._replace(remaining=remaining)
        last = rules.last_response(now, progress, whole, self.rate)
        return Progress(remaining, whole, last, self._first_item(now))

    def settle(self, now: float) -> None:
        """Keep what is done."""
        self.remaining, self.whole, self.last, self.first = self.seen(now)
        self.since = now

    def set_rate(self, now: float, rate: float) -> None:
        """Go on at another rate."""
        self.settle(now)
        self.rate = rate

    def finish(self, now: float) -> None:
        """Take the end as it was foreseen: nothing remains."""
        self.first = self._first_item(now)
        self.remaining = 0.0
        self.whole = self.items
        self.last = now
        self.since = now
        self.rate = 0.0

    def _first_item(self, now: float) -> float:
        if not math.isnan(self.first):
            return self.first
        at = rules.reached(self.since, self.items - self.remaining, 1.0, self.rate)
        return min(at, now)


class Sharing:
    """Pools, and the rates that they leave."""

    def __init__(self, pools: Sequence[SharedPool]) -> None:
        self._pools = pools

    def rates(self, flows: Iterable[Flow]) -> list[float]:
        """Return the rate of each flow, given in station order; sums are made from nothing."""
        flows = list(flows)
        load = [0.0] * len(self._pools)
        for flow in flows:
            if flow.moves:
                for pool, use in flow.item.uses:
                    load[pool] += use / flow.item.alone
        found = []
        for flow in flows:
            share = 1.0
            for pool, _ in flow.item.uses:
                share = min(share, rules.pool_share(self._pools[pool].capacity, load[pool]))
            found.append(share / flow.item.alone if flow.moves else 0.0)
        return found
