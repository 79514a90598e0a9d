"""A generator set, its tank and a battery through many terms at once: for sums by hand.

Nothing of pacsim runs here. Mains go off and come back; the set starts or locks out, fails while it
runs, burns its tank, has fuel delivered or not, and is repaired; a battery bridges what it can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.units import HOUR, YEAR

if TYPE_CHECKING:
    from hand_sums import Hand

MAINS, BROKEN = 0, 1
"""What a dark time began with: the mains (no start, empty tank), or a set that failed.

A tank that is empty belongs to what made the set run: the mains, or once it has failed and been
repaired, that failure."""


@dataclass
class Sites:
    """Many sites side by side; all times in hours, each array one number per site."""

    h: Hand
    back: float
    locked: float
    number: int

    def __post_init__(self) -> None:
        """Take the values of the design, and begin with a full tank and a whole set."""
        g, ups = self.h.part("generator"), self.h.part("ups-a")
        self.life, self.comes = g.law("run").mean() / HOUR, g.number("refuel_success")
        self.repair, self.refuel = self.h.grid(g, "repair"), self.h.grid(g, "refuel")
        self.full = g.number("fuel") / HOUR
        self.order_at = min(g.number("order_at") / HOUR, self.full / 2)
        self.runtime = ups.number("runtime") / HOUR
        self.filling = ups.number("runtime") / ups.number("recharge")
        n = self.number
        self.fuel, self.due = np.full(n, self.full), np.full(n, np.inf)
        self.mended, self.charge, self.fed = np.zeros(n), np.full(n, self.runtime), np.zeros(n)
        self.failed, self.lost = np.zeros(n, dtype=bool), np.zeros((2, n))

    def one_of(self, values: np.ndarray, number: int) -> np.ndarray:
        """Draw from the quantiles of a law."""
        return values[self.h.chance.integers(len(values), size=number)]

    def term(self, rate: float, lengths: list[np.ndarray], shares: list[float]) -> None:
        """Go through the interruptions of a term: so many a year, of lengths of several kinds."""
        term, n = self.h.term, self.number
        between = YEAR / HOUR / rate
        at = self.h.chance.exponential(between, n)
        on = np.flatnonzero(at < term)
        while len(on):
            kind = self.h.chance.choice(len(shares), p=shares, size=len(on))
            length = np.choose(kind, [self.one_of(d, len(on)) for d in lengths])
            end = np.minimum(at[on] + length, term)
            self.outage(on, at[on], end)
            at[on] = end + self.h.chance.exponential(between, len(on))
            on = on[at[on] < term]

    def outage(self, of: np.ndarray, at: np.ndarray, end: np.ndarray) -> None:
        """Go through one interruption at some of the sites."""
        now, runs = at.copy(), np.zeros(len(of), dtype=bool)
        # Dark since when, from what, and with what charge; nan while the set carries the load.
        since, cause, charge = np.full(len(of), np.nan), np.zeros(len(of), int), np.zeros(len(of))
        blamed = self.failed[of] & (self.mended[of] > at)
        while len(i := np.flatnonzero(now < end)):
            site, t = of[i], now[i]
            self.deliver(site, t)
            tries = i[~runs[i] & (self.mended[site] <= t)]
            starts = self.h.chance.random(len(tries)) >= self.locked
            runs[tries[starts]] = True
            no = tries[~starts]
            self.mended[of[no]] = now[no] + self.one_of(self.repair, len(no))
            self.failed[of[no]] = False
            carries = runs[i] & (self.fuel[site] > 0)
            self.light(of, i[carries], now, since, cause, charge)
            dark = i[~carries & np.isnan(since[i])]
            since[dark] = now[dark]
            charge[dark] = self.charged(of[dark], now[dark])
            cause[dark] = np.where(blamed[dark] & (now[dark] > at[dark]), BROKEN, MAINS)
            ordered = self.due[site] < np.inf
            left = np.maximum(self.fuel[site] - np.where(ordered, 0.0, self.order_at), 0.0)
            fails = np.where(runs[i], t + self.h.chance.exponential(self.life, len(i)), np.inf)
            event = np.where(carries, t + left, np.inf)
            mended = np.where(runs[i], np.inf, self.mended[site])
            until = np.minimum.reduce([end[i], event, self.due[site], fails, mended])
            burnt = np.where(carries, until - t, 0.0)
            self.fuel[site] = np.maximum(self.fuel[site] - burnt, 0.0)
            mark = carries & (until == event)
            self.fuel[site[mark]] = np.where(ordered[mark], 0.0, self.order_at)
            calls = mark & ~ordered
            self.due[site[calls]] = until[calls] + self.one_of(self.refuel, calls.sum())
            broke = until == fails
            runs[i[broke]] = False
            self.mended[site[broke]] = until[broke] + self.one_of(self.repair, broke.sum())
            self.failed[site[broke]] = blamed[i[broke]] = True
            # What is dark already keeps the cause with which it began.
            goes = broke & carries
            since[i[goes]], cause[i[goes]] = until[goes], BROKEN
            charge[i[goes]] = self.charged(site[goes], until[goes])
            now[i] = until
        self.light(of, np.arange(len(of)), end, since, cause, charge)

    def light(
        self,
        of: np.ndarray,
        i: np.ndarray,
        now: np.ndarray,
        since: np.ndarray,
        cause: np.ndarray,
        charge: np.ndarray,
    ) -> None:
        """End a dark time: what the battery did not bridge is lost, and the boot after it."""
        i = i[~np.isnan(since[i])]
        dark = now[i] - since[i]
        left = np.maximum(dark - charge[i], 0.0)
        np.add.at(self.lost, (cause[i], of[i]), np.where(left > 0, left + self.back, 0.0))
        self.charge[of[i]], self.fed[of[i]] = np.maximum(charge[i] - dark, 0.0), now[i]
        since[i], cause[i] = np.nan, MAINS

    def charged(self, of: np.ndarray, now: np.ndarray) -> np.ndarray:
        """Return what the battery has, in hours of the load."""
        gained = (now - self.fed[of]) * self.filling
        return np.minimum(self.runtime, self.charge[of] + gained)

    def deliver(self, of: np.ndarray, now: np.ndarray) -> None:
        """Let deliveries up to a time come, or be ordered again."""
        while len(late := np.flatnonzero(self.due[of] <= now)):
            comes = self.h.chance.random(len(late)) < self.comes
            there, again = of[late[comes]], of[late[~comes]]
            self.fuel[there], self.due[there] = self.full, np.inf
            self.due[again] += self.one_of(self.refuel, len(again))
