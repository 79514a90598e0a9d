"""Hours a year that each cause takes from a role, by hand: rate x mean, cause by cause.

Nothing here runs a model. The laws of a resolved design are drawn on an even grid of their
quantiles, shuffled, so that minima, maxima and products of delays have means; everything else is
written out. Causes do not overlap, nobody waits for a person, and every other part is good.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pacsim.units import HOUR, YEAR

if TYPE_CHECKING:
    from pacsim.design.resolve import Resolved
    from pacsim.parts.values import Delay, Part

POINTS = 40_000
HOURS = YEAR / HOUR
WEEK = 604_800.0


@dataclass
class Hand:
    """Laws and numbers of one design, times in hours."""

    resolved: Resolved
    term: float
    chance: np.random.Generator = field(default_factory=lambda: np.random.default_rng(1))

    def part(self, name: str) -> Part:
        """Return a part."""
        return self.resolved.parts[name]

    def drawn(self, delay: Delay) -> np.ndarray:
        """Return a law's quantiles in random order, in hours."""
        middles = (np.arange(POINTS) + 0.5) / POINTS
        values = np.array([delay.law.isf(float(u)) for u in middles]) / HOUR
        return self.chance.permutation(values)

    def of(self, part: Part, slot: str) -> np.ndarray:
        """Return the quantiles of a slot."""
        return self.drawn(part.delay(slot))

    def people(self, slot: str) -> np.ndarray:
        """Return the quantiles of one of the times of the practices."""
        return self.of(self.resolved.practices.part("times"), slot)

    def happens(self, p: float) -> np.ndarray:
        """Return 1 in a share ``p`` of the points."""
        return self.chance.permutation((np.arange(POINTS) + 0.5) / POINTS < p).astype(float)

    def rate(self, part: Part, slot: str) -> float:
        """Return failures a year of a part that is nearly always up."""
        return HOURS / (part.law(slot).mean() / HOUR)

    def respond(self) -> np.ndarray:
        """Return alert until a person is there; slower in the share of the week off duty."""
        crew = next(p for p in self.resolved.parts.values() if p.type == "crew")
        on_duty = sum(close - open_ for open_, close in crew["on_duty"].weekly) / WEEK
        slow = crew.law("respond_night").quantile(0.5) / crew.law("respond").quantile(0.5)
        return self.of(crew, "respond") * np.where(self.happens(on_duty) > 0, 1.0, slow)

    def repair(self, part: Part, slot: str, *, masked: bool = False) -> np.ndarray:
        """Return fault until repaired: one delay, or noticed + person + vendor + part + work."""
        if part.delay(slot).covers == "all_in":
            return self.of(part, slot)
        support = self.resolved.practices.part("support")
        missing = self.happens(support.number("part_missing")) * self.of(support, "part_delay")
        known = self.people("hidden" if masked else "alert")
        vendor = self.of(support, "response")
        return known + self.respond() + vendor + missing + self.of(part, slot)

    def failover(
        self, group: Part, in_place: np.ndarray, booted: np.ndarray | None = None
    ) -> np.ndarray:
        """Return fault seen until service, if the old server is good again ``in_place``.

        Detection and switchover if fencing and switchover succeed; otherwise the old server, or
        people who switch by hand, whoever is first, but not before the switchover has failed. The
        database recovers after an old server is back; a switchover, also by hand, contains that.
        A fencing that worked has reset the old server: it is good again when it has ``booted``, if
        a boot mends what was wrong with it.
        """
        check, fencing = group.part("check"), group.part("fencing")
        detect = (check.number("fall") - 0.5) * check.number("every") / HOUR
        fenced = self.happens(fencing.number("success"))
        switched = self.happens(group.number("success"))
        ended = detect + fenced * self.of(group, "switchover")
        times = self.resolved.practices.part("times")
        tries = np.ones(POINTS)
        again = 1 - self.happens(times.number("manual_success"))
        tries += again / times.number("manual_success")
        by_hand = self.people("alert") + self.respond() + tries * self.people("manual_failover")
        recovery = self.of(self.part("database"), "recovery")
        if booted is not None:
            reset = detect + fencing.number("takes") / HOUR + booted
            in_place = np.where(fenced > 0, reset, in_place)
        back = np.maximum(ended, in_place) + recovery
        failed = np.where(in_place < ended + by_hand, back, ended + by_hand)
        return np.where(fenced * switched > 0, ended, failed)


@dataclass
class Power:
    """What happens when the mains are gone, at the load behind one transfer switch."""

    h: Hand
    back: np.ndarray
    feeds: int

    def dead_battery(self) -> float:
        """Return the share of time a battery is bad: worn out before its age, known, replaced."""
        ups = self.h.part("ups-a")
        age = ups.number("battery_age")
        worn = ups.law("battery_life").cdf(age)
        bad = self.h.people("hidden").mean() + self.h.of(ups, "battery_replace").mean()
        return float((worn * bad / (age / HOUR)) ** self.feeds)

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
        stuck = ats.number("demand")
        alone = self.bridged(length)
        by_hand = self.bridged(np.minimum(length, self.h.of(ats, "bypass")))
        short = self.h.of(self.h.part("generator"), "start_delay") + self.h.of(ats, "delay")
        unbuffered = np.minimum(length, short) + self.back
        return float(
            self.locked() * alone.mean()
            + stuck * by_hand.mean()
            + self.dead_battery() * unbuffered.mean()
        )

    def outages(self) -> list[tuple[float, np.ndarray]]:
        """Return normal and major interruptions: number a year, and length."""
        mains = self.h.part("mains")
        rate, share = self.h.rate(mains, "outages"), mains.number("major_share")
        normal, major = self.h.of(mains, "duration"), self.h.of(mains, "major")
        return [(rate * (1 - share), normal), (rate * share, major)]

    def dry(self, length: np.ndarray) -> float:
        """Return the mean down time by an empty tank.

        It was full when the term began, and the outages since then have drained it; at the level at
        which fuel is ordered it is filled up.
        """
        g = self.h.part("generator")
        full, level = g.number("fuel") / HOUR, g.number("order_at") / HOUR
        (number, short), _ = self.outages()
        drained = number * short.mean() * self.h.term / HOURS * self.h.chance.random(POINTS)
        total, ordered = np.zeros(POINTS), (full - level) - drained % (full - level)
        for _ in range(6):
            lead, again = self.h.of(g, "refuel"), np.ones(POINTS)
            for _ in range(3):
                again *= 1 - self.h.happens(g.number("refuel_success"))
                lead += again * self.h.of(g, "refuel")
            dark = np.minimum(length, ordered + lead) - (ordered + level)
            total += np.where(dark > 0, self.bridged(dark), 0.0)
            ordered = ordered + lead + full - level
        return float(total.mean())

    def engine(self, length: np.ndarray) -> float:
        """Return the mean down time by an engine that fails while it runs."""
        g = self.h.part("generator")
        fails = length / (g.law("run").mean() / HOUR)
        rest = length * self.h.chance.random(POINTS)
        return float((fails * self.bridged(np.minimum(rest, self.h.of(g, "repair")))).mean())


def supplies(h: Hand, server: Part, back: np.ndarray, instead: np.ndarray | None = None) -> float:
    """Return the down time by power supplies, with the boot that follows, or what comes instead.

    One supply costs its repair. Of several, the second must fail while the first is not mended;
    then the one that is mended first ends it.
    """
    number, each = len(server["power"].of), h.rate(server, "psu")
    seen = h.repair(server, "psu_repair")
    if number == 1:
        return each * float((seen + back).mean())
    first = h.repair(server, "psu_repair", masked=True)
    lost = np.minimum(first * h.chance.random(POINTS), seen) + back if instead is None else instead
    return number * (number - 1) * each**2 * float((first * lost).mean()) / HOURS


def shared(h: Hand, power: Power) -> dict[str, float]:
    """Return the causes that both designs have, in h/year."""
    mains, ats, array = h.part("mains"), h.part("ats"), h.part("array")
    database, access = h.part("database"), h.part("access-1")
    found: dict[str, float] = {}
    outages = power.outages()
    found["mains/outage"] = sum(n * (power.cut(d) + power.dry(d)) for n, d in outages)
    found["generator/set"] = sum(n * power.engine(d) for n, d in outages)
    found["mains/momentary"] = h.rate(mains, "momentary") * power.dead_battery() * power.back.mean()
    inside = h.of(mains, "internal_repair")
    found["mains/internal"] = h.rate(mains, "internal") * (power.cut(inside) + power.dry(inside))
    found["ats/position"] = h.rate(ats, "spurious") * power.bridged(h.of(ats, "bypass")).mean()
    soft = access.number("soft_share")
    fault = (
        soft * h.of(access, "soft_repair").mean() + (1 - soft) * h.repair(access, "repair").mean()
    )
    found["access-1/unit"] = h.rate(access, "fails") * fault
    for name in ("site-network", "operators"):
        part = h.part(name)
        found[f"{name}/unit"] = h.rate(part, "fails") * h.repair(part, "repair").mean()
    found["database/engine"] = h.rate(database, "crash") * h.of(database, "recovery").mean()
    found["database/contents"] = h.rate(database, "corruption") * h.of(database, "restore").mean()
    # A wipe: somebody notices and decides; what was stored comes back while it is written to again.
    back = h.people("alert").mean() + h.of(h.part("nightly"), "prepare").mean()
    found["array/contents"] = h.rate(array, "wipe") * back
    found["array/shelf"] = h.rate(array, "shelf") * h.repair(array, "shelf_repair").mean()
    # Both controllers at once, which is seen at once; the first one mended ends it.
    two = [h.repair(array, "controller_repair") for _ in range(2)]
    both = h.rate(array, "controller") * array.number("both_controllers")
    found["array/controllers"] = both * np.minimum(*two).mean()
    return found


def single_server(h: Hand) -> dict[str, float]:
    """Return the causes of the single server, in h/year."""
    server, database, ups, pdu = (h.part(n) for n in ("server-a", "database", "ups-a", "pdu-a"))
    core, software = h.part("core-1"), server.part("software")
    start = h.of(software, "start")
    # When the host is on again, the application starts and the database recovers beside it.
    serves = np.maximum(start, h.of(database, "recovery"))
    power = Power(h, h.of(server, "boot_after_power") + serves, feeds=1)
    found = shared(h, power)
    mended = h.of(server, "reboot") + serves
    found["server-a/host"] = h.rate(server, "os_crash") * mended.mean()
    repair = h.repair(server, "repair") + mended
    found["server-a/hardware"] = h.rate(server, "fails") * repair.mean()
    found["server-a/psu"] = supplies(h, server, power.back)
    by_hand = h.people("alert") + h.respond() + h.of(software, "manual_restart") + start
    restart = h.of(software, "watchdog") + h.of(software, "start")
    cures, hung = software.number("watchdog_cures"), software.number("hang_share")
    dead = restart.mean() + (1 - cures) * by_hand.mean()
    found["server-a/application"] = h.rate(software, "crash") * (
        (1 - hung) * dead + hung * by_hand.mean()
    )
    window = h.resolved.practices.values["maintenance"]["windows"]
    fails = software.number("change_fails")
    after = (1 - fails) * serves.mean() + fails * h.of(software, "change_fix").mean()
    each = h.of(window, "lasts").mean() + after
    found["server-a/patch"] = YEAR / window.number("every") * each
    drops = ups.number("drops_load") * (h.of(ups, "repair") + power.back).mean()
    found["ups-a/module"] = h.rate(ups, "fails") * drops
    found["pdu-a/unit"] = h.rate(pdu, "fails") * (h.repair(pdu, "repair") + power.back).mean()
    soft = core.number("soft_share")
    fault = soft * h.of(core, "soft_repair").mean() + (1 - soft) * h.repair(core, "repair").mean()
    found["core-1/unit"] = h.rate(core, "fails") * fault
    return found


def active_passive(h: Hand) -> dict[str, float]:
    """Return the causes of the pair, in h/year."""
    server, database, group = h.part("server-a"), h.part("database"), h.resolved.groups["pacs"]
    software, common, ups = server.part("software"), group.part("common"), h.part("ups-a")
    start, recovery = h.of(software, "start"), h.of(database, "recovery")
    # Both servers boot when power is back; the first one that is good serves.
    boots = [h.of(server, "boot_after_power") + h.of(software, "start") for _ in range(2)]
    power = Power(h, np.minimum(*boots), feeds=2)
    found = shared(h, power)
    mended = h.of(server, "reboot") + start
    found["pacs/host"] = h.rate(server, "os_crash") * h.failover(group, mended, mended).mean()
    # Hardware: own faults of the active server, and those that take both.
    hit, own = common.number("hardware"), h.failover(group, h.repair(server, "repair") + mended)
    two = [h.repair(server, "repair") + mended for _ in range(2)]
    each = (1 - hit) * own.mean() + hit * (np.minimum(*two) + recovery).mean()
    found["pacs/hardware"] = h.rate(server, "fails") * each

    def by_hand() -> np.ndarray:
        return h.respond() + h.of(software, "manual_restart") + h.of(software, "start")

    cures, hangs = software.number("watchdog_cures"), software.number("hang_share")
    restart = h.of(software, "watchdog") + h.of(software, "start")
    uncured = 1 - h.happens(cures)
    stuck = h.failover(group, h.people("alert") + by_hand(), mended)
    dead = restart + uncured * stuck
    # A check of the port does not see a hang; people do, and what they stop is then failed over.
    hung = h.people("alert") + h.failover(group, by_hand(), mended)
    release = common.number("software")
    crashes = h.rate(software, "crash")
    found["pacs/application"] = (
        crashes * (1 - release) * ((1 - hangs) * dead.mean() + hangs * hung.mean())
    )
    # A release takes both: the other one helps only if its own restart cures it.
    two = [h.people("alert") + by_hand() for _ in range(2)]
    nobody = np.minimum(*two) + recovery
    other = h.happens(cures)
    dead = restart + uncured * np.where(other > 0, stuck, nobody)
    found["pacs/software"] = crashes * release * ((1 - hangs) * dead.mean() + hangs * nobody.mean())
    window = h.resolved.practices.values["maintenance"]["windows"]
    moves = YEAR / window.number("every")
    found["pacs/patch"] = moves * h.of(group, "switchover").mean()
    dark = h.repair(server, "psu_repair") + h.of(server, "boot_after_power") + start
    found["pacs/psu"] = supplies(h, server, power.back, h.failover(group, dark))
    shock = h.part("ups-pair").number("share") * ups.number("drops_load")
    repairs = [h.of(ups, "repair") for _ in range(2)]
    found["ups-pair/shock"] = (
        h.rate(ups, "fails") * shock * (np.minimum(*repairs) + power.back).mean()
    )
    return found


@dataclass(frozen=True)
class Switches:
    """Gaps of service of one kind in a year, the share a switch ends, and the hours of both."""

    gaps: float
    automatic: float
    worked: float
    failed: float


def failovers(h: Hand) -> dict[str, Switches]:
    """Return the gaps of the pair by kind of fault, split by whether the switch worked."""
    server, group = h.part("server-a"), h.resolved.groups["pacs"]
    software, check = server.part("software"), group.part("check")
    start = h.of(software, "start")
    p = group.part("fencing").number("success") * group.number("success")
    detect = (check.number("fall") - 0.5) * check.number("every") / HOUR
    worked = detect + h.of(group, "switchover").mean()
    own = 1 - group.part("common").number("software")
    crashes, hangs = h.rate(software, "crash"), software.number("hang_share")
    by_hand = h.respond() + h.of(software, "manual_restart") + start
    mended = h.of(server, "reboot") + start
    restart = (h.of(software, "watchdog") + start).mean()
    stuck = 1 - software.number("watchdog_cures")

    def split(gaps: float, seen: float, before: float, in_place: np.ndarray) -> Switches:
        """Split gaps of which a share is seen, after so many hours, by how they end."""
        total = h.failover(group, in_place, mended).mean()
        lost = (total - p * worked) / (1 - p)
        good, bad = gaps * seen * p, gaps * seen * (1 - p)
        return Switches(gaps, seen * p, good * (before + worked), bad * (before + lost))

    alert = h.people("alert")
    # A release takes both members: it is a gap without standby, and not counted here.
    dead, hung = crashes * own * (1 - hangs), crashes * own * hangs
    moves = YEAR / h.resolved.practices.values["maintenance"]["windows"].number("every")
    return {
        "host": split(h.rate(server, "os_crash"), 1.0, 0.0, mended),
        "process": split(dead, stuck, restart, alert + by_hand),
        "hung": split(hung, 1.0, alert.mean(), by_hand),
        "database": Switches(h.rate(h.part("database"), "crash"), 0.0, 0.0, 0.0),
        "planned": Switches(moves, 1.0, moves * h.of(group, "switchover").mean(), 0.0),
    }
