"""Power by hand: what a load loses behind one transfer switch, with a set, a tank and batteries.

Nothing of pacsim runs here. Many sites go through their terms side by side: mains go off and come
back; the set starts or locks out, fails while it runs, burns its tank, has fuel delivered or not,
and is repaired; a battery bridges what it can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.units import HOUR, YEAR

if TYPE_CHECKING:
    from hand_sums import Hand

HOURS = YEAR / HOUR
STEPS = 1400
"""Steps in which a term is cut to count batteries that wear out."""
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
        self.chance = np.random.default_rng((self.h.seed, self.number))
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
        return values[self.chance.integers(len(values), size=number)]

    def term(self, rate: float, lengths: list[np.ndarray], shares: list[float]) -> None:
        """Go through the interruptions of a term: so many a year, of lengths of several kinds."""
        term, n = self.h.term, self.number
        between = HOURS / rate
        at = self.chance.exponential(between, n)
        on = np.flatnonzero(at < term)
        while len(on):
            kind = self.chance.choice(len(shares), p=shares, size=len(on))
            length = np.choose(kind, [self.one_of(d, len(on)) for d in lengths])
            end = np.minimum(at[on] + length, term)
            self.outage(on, at[on], end)
            at[on] = end + self.chance.exponential(between, len(on))
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
            starts = self.chance.random(len(tries)) >= self.locked
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
            fails = np.where(runs[i], t + self.chance.exponential(self.life, len(i)), np.inf)
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
            comes = self.chance.random(len(late)) < self.comes
            there, again = of[late[comes]], of[late[~comes]]
            self.fuel[there], self.due[there] = self.full, np.inf
            self.due[again] += self.one_of(self.refuel, len(again))


@dataclass
class Power:
    """What happens when the mains are gone, at the load behind one transfer switch."""

    h: Hand
    back: np.ndarray
    feeds: int

    def unbridged(self) -> float:
        """Return the share of the term in which no battery would carry the load.

        A battery wears out before its age, is found and replaced, and then counts from new; those
        that are in use at the same time began at the same time. A module that is bypassed bridges
        nothing either.
        """
        ups = self.h.part("ups-a")
        found = self.h.resolved.practices.values.get("monitoring")
        known = ups.number("battery_test") / HOUR / 2
        if found is not None and "dead_battery" in found.names("finds"):
            known = self.h.people("hidden").mean()
        bad = known + self.h.of(ups, "battery_replace").mean()
        step = self.h.term / STEPS
        whole = round(ups.number("battery_age") / HOUR / step)
        worn = np.diff([ups.law("battery_life").cdf(k * step * HOUR) for k in range(whole + 1)])
        begun, dead = np.zeros(STEPS + 1), np.zeros(STEPS)
        begun[0] = 1.0
        for k in range(STEPS):
            ages = np.arange(min(k + 1, whole))
            dead[k] = begun[k - ages] @ worn[ages]
            aged = begun[k + 1 - whole] * (1 - worn.sum()) if k + 1 >= whole else 0.0
            begun[k + 1] = dead[k] + aged
        repair = self.h.of(ups, "repair").mean()
        bypassed = self.h.rate(ups, "fails") * (1 - ups.number("drops_load")) * repair / HOURS
        return float(((dead / step * bad + bypassed) ** self.feeds).mean())

    def locked(self) -> float:
        """Return the probability that the generator does not start in all its attempts."""
        g = self.h.part("generator")
        more = int(g["retries"]) - 1
        return g.number("start") * (1 - g.number("retry_cures")) ** more

    def bridged(self, dark: np.ndarray) -> np.ndarray:
        """Return what the battery leaves of a dark time, and the boot after it."""
        left = dark - self.h.part("ups-a").number("runtime") / HOUR
        return np.where(left > 0, left + self.back, 0.0)

    def cut(self, length: np.ndarray) -> float:
        """Return the mean down time of one cut of the mains, the tank and the engine aside."""
        ats = self.h.part("ats")
        by_hand = self.bridged(np.minimum(length, self.h.of(ats, "bypass")))
        short = self.h.of(self.h.part("generator"), "start_delay") + self.h.of(ats, "delay")
        unbuffered = np.minimum(length, short) + self.back
        return float(ats.number("demand") * by_hand.mean() + self.unbridged() * unbuffered.mean())

    def outages(self) -> list[tuple[float, np.ndarray]]:
        """Return normal and major interruptions: number a year, and length."""
        mains = self.h.part("mains")
        rate, share = self.h.rate(mains, "outages"), mains.number("major_share")
        normal, major = self.h.of(mains, "duration"), self.h.of(mains, "major")
        return [(rate * (1 - share), normal), (rate * share, major)]

    def sites(self, number: int) -> Sites:
        """Return so many sites with a set, a tank and a battery."""
        return Sites(self.h, float(self.back.mean()), self.locked(), number)

    def terms(self) -> np.ndarray:
        """Return the hours a year by mains without a set, and by a set that failed on duty."""
        mains, sites = self.h.part("mains"), self.sites(self.h.terms)
        share = mains.number("major_share")
        lengths = [self.h.grid(mains, "duration"), self.h.grid(mains, "major")]
        sites.term(self.h.rate(mains, "outages"), lengths, [1 - share, share])
        return np.asarray(sites.lost.mean(axis=1) * HOURS / self.h.term)

    def once(self, lengths: np.ndarray) -> np.ndarray:
        """Return the mean hours of one interruption that finds the tank full and the set whole."""
        sites = self.sites(len(lengths))
        sites.outage(np.arange(len(lengths)), np.zeros(len(lengths)), lengths)
        return np.asarray(sites.lost.mean(axis=1))
