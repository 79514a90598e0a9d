"""Hours a year that each cause takes from a role, by hand: rate x mean, cause by cause.

Nothing here runs a model. The laws of a resolved design are drawn on an even grid of their
quantiles, shuffled, so that minima, maxima and products of delays have means; everything else is
written out. Nobody waits for a person, and every other part is good; what causes take from one
another by overlapping is taken off at the end, to first order.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from fuel import BROKEN, MAINS, Power
from hand_standby import Standby, standby

from pacsim.units import HOUR, YEAR

if TYPE_CHECKING:
    from pacsim.delays import Law
    from pacsim.design.resolve import Resolved
    from pacsim.parts.values import Delay, Part

GRID, TIMES = 20_000, 16
POINTS, TERMS = GRID * TIMES, 200_000
HOURS = YEAR / HOUR
WEEK = 604_800.0
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@cache
def quantiles(law: Law) -> np.ndarray:
    """Return the quantiles of a law in the middle of so many equal shares, in hours."""
    middles = (np.arange(GRID) + 0.5) / GRID
    return np.array([law.isf(float(u)) for u in middles]) / HOUR


class Failover(NamedTuple):
    """Takeovers: fault seen until service, and whether a switch brought it back."""

    hours: np.ndarray
    works: np.ndarray


@dataclass
class Hand:
    """Laws and numbers of one design, times in hours.

    Tanks have numbers of their own, so a design that is changed elsewhere has the same ones.
    """

    resolved: Resolved
    term: float
    terms: int = TERMS
    seed: int = 1
    chance: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        """Begin the random numbers."""
        self.chance = np.random.default_rng(self.seed)

    def part(self, name: str) -> Part:
        """Return a part."""
        return self.resolved.parts[name]

    def drawn(self, delay: Delay) -> np.ndarray:
        """Return a law's quantiles in random order, in hours."""
        return self.chance.permutation(np.tile(quantiles(delay.law), TIMES))

    def grid(self, part: Part, slot: str) -> np.ndarray:
        """Return the quantiles of a slot, in order."""
        return quantiles(part.law(slot))

    def of(self, part: Part, slot: str) -> np.ndarray:
        """Return the quantiles of a slot."""
        return self.drawn(part.delay(slot))

    def people(self, slot: str) -> np.ndarray:
        """Return the quantiles of one of the times of the practices."""
        return self.of(self.resolved.practices.part("times"), slot)

    def happens(self, p: float) -> np.ndarray:
        """Return 1 in a share ``p`` of the points."""
        return self.chance.permutation((np.arange(POINTS) + 0.5) / POINTS < p).astype(float)

    def work(self) -> list[tuple[str, Part]]:
        """Return planned work by name, the upgrades last."""
        practices = self.resolved.practices
        work = list((practices.values.get("maintenance") or {}).items())
        return [
            *work,
            *([("upgrades", practices.part("upgrades"))] if "upgrades" in practices else []),
        ]

    def lasts(self, work: Part) -> np.ndarray:
        """Return the quantiles of the length of planned work."""
        late = self.happens(float(work.values.get("overruns") or 0.0))
        return self.of(work, "lasts") * (1 + late)

    def rate(self, part: Part, slot: str) -> float:
        """Return failures a year of a part that is nearly always up."""
        return HOURS / (part.law(slot).mean() / HOUR)

    def noticed(self) -> float:
        """Return the mean hours until a plain fault is known."""
        return float(self.people(self.known).mean())

    @property
    def known(self) -> str:
        """How a plain fault becomes known: by an alert if anything is monitored, else by a call."""
        return "alert" if "monitoring" in self.resolved.practices else "call"

    @property
    def hidden(self) -> str:
        """How a fault becomes known that nobody feels."""
        return "hidden" if "monitoring" in self.resolved.practices else "hidden_unmonitored"

    @property
    def hung(self) -> str:
        """How a hung application becomes known to people."""
        return "alert" if self.finds("hung_service") else "gray"

    def finds(self, what: str) -> bool:
        """Return whether monitoring finds a kind of hidden fault."""
        found = self.resolved.practices.values.get("monitoring")
        return found is not None and what in found.names("finds")

    @cached_property
    def standby(self) -> Standby:
        """How often a switch of the pair works."""
        return standby(self, self.resolved.groups["pacs"])

    def respond(self, at: np.ndarray | None = None) -> np.ndarray:
        """Return alert until a person is there, from times of the week; slower off duty.

        Who sets out at night is as fast as anybody from the beginning of the day on.
        """
        crew = next(p for p in self.resolved.parts.values() if p.type == "crew")
        if crew.values.get("on_duty") is None:
            return self.of(crew, "respond")
        slow = crew.law("respond_night").quantile(0.5) / crew.law("respond").quantile(0.5)
        opened = np.array(crew["on_duty"].weekly) / HOUR
        weeks = np.arange(20)[:, None, None] * WEEK / HOUR
        edges = np.concatenate([[0.0], (weeks + opened).ravel(), [20 * WEEK / HOUR]])
        speed = np.where(np.arange(len(edges) - 1) % 2, 1.0, 1.0 / slow)
        done = np.concatenate([[0.0], np.cumsum(np.diff(edges) * speed)])
        at = self.any_time() if at is None else at
        work = np.interp(at, edges, done) + self.of(crew, "respond")
        return np.interp(work, done, edges) - at

    def any_time(self) -> np.ndarray:
        """Return evenly spread hours of the week in random order."""
        return self.chance.permutation((np.arange(POINTS) + 0.5) / POINTS) * WEEK / HOUR

    def repair(self, part: Part, slot: str, *, masked: bool = False) -> np.ndarray:
        """Return fault until repaired: one delay, or noticed + person + vendor + part + work."""
        if part.delay(slot).covers == "all_in":
            return self.of(part, slot)
        support = self.resolved.practices.values.get("support")
        if support is None:
            ordered = part.delay(slot).ordered
            law = self.resolved.practices.part("times").law("no_contract")
            vendor = self.drawn(replace(part.delay(slot), law=ordered or law))
        else:
            missing = self.happens(support.number("part_missing")) * self.of(support, "part_delay")
            vendor = self.of(support, "response") + missing
            if support.delay("response").next_day:
                vendor += self.until_a_desk_opens()
        if part.delay(slot).covers == "contracted":
            return vendor + self.of(part, slot)
        known = self.people(self.hidden if masked else self.known)
        return known + self.respond() + vendor + self.of(part, slot)

    def until_a_desk_opens(self) -> np.ndarray:
        """Return the wait for 8:00 of the next working day, from any time of the week."""
        at = self.any_time()
        tomorrow = at // 24 + 1
        return np.where(tomorrow < 5, tomorrow, 7) * 24 + 8 - at

    def failover(
        self,
        group: Part,
        in_place: np.ndarray,
        booted: np.ndarray | None = None,
        *,
        detected: bool = False,
        fit: float | None = None,
        vain: np.ndarray | None = None,
        at: np.ndarray | None = None,
    ) -> Failover:
        """Return fault seen until service, and whether a switch brought it back.

        The old server is good again ``in_place``.

        Detection and switchover if fencing and switchover succeed; otherwise the old server, or
        people who switch by hand, whoever is first, but not before the switchover has failed. The
        database recovers after an old server is back; a switchover, also by hand, contains that.
        A fencing that worked has reset the old server: it is good again when it has ``booted``, if
        a boot mends what was wrong with it and it comes back into the group by itself. Otherwise
        people have to end it. Without fencing each takeover begins and nobody is reset; who was
        left comes back into the group on the same terms.

        The switch works as often as the standby is ``fit``, by default that of any time. It never
        does if the standby is broken too and nobody knows that yet; then it is good after ``vain``,
        and serves as soon as it is, if it is fit besides, fencing has worked and the old one does
        not serve before. People are called ``at`` an hour of the week, by default at any.
        """
        check, fencing = group.part("check"), group.values.get("fencing")
        detect = (check.number("fall") - 0.5) * check.number("every") / HOUR
        takes = fencing.number("takes") / HOUR if fencing is not None else 0.0
        fenced = self.happens(fencing.number("success")) if fencing is not None else np.ones(POINTS)
        if detected:
            # Fencing has worked already: it is what took the service down.
            detect, fenced = 0.0, np.ones(POINTS)
        good = self.happens(self.standby.fit if fit is None else fit)
        switched = good if vain is None else np.zeros(POINTS)
        ended = detect + takes + fenced * self.of(group, "switchover")
        if group["standby"] == "cold":
            ended += fenced * switched * self.of(self.part("server-a").part("software"), "start")
        by_hand = self.people(self.known) + self.respond(at) + self.manual()
        recovery = self.of(self.part("database"), "recovery")
        if fencing is not None and booted is not None:
            in_place = np.where(fenced > 0, detect + takes + booted, in_place)
        rejoins = self.happens(group.number("rejoins"))
        in_place = np.where((fenced > 0) & (rejoins == 0), np.inf, in_place)
        if vain is not None:
            in_place = np.where(fenced * good > 0, np.minimum(in_place, vain), in_place)
        back = np.maximum(ended, in_place) + recovery
        failed = np.where(in_place < ended + by_hand, back, ended + by_hand)
        works = fenced * switched > 0
        return Failover(np.where(works, ended, failed), works)

    def manual(self) -> np.ndarray:
        """Return how long people take for a switch by hand, tries that fail included."""
        practices = self.resolved.practices
        times, written = practices.part("times"), practices["procedures"] == "written"
        sure = times.number("manual_success" if written else "manual_success_no_procedure")
        slower = 1.0 if written else times.number("no_procedure")
        tries = 1.0 + (1 - self.happens(sure)) / sure
        return slower * tries * self.people("manual_failover")


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
    inside, often = h.of(mains, "internal_repair"), h.rate(mains, "internal")
    terms, once = power.terms(), power.once(inside)
    found["mains/outage"] = sum(n * power.cut(d) for n, d in power.outages()) + terms[MAINS]
    found["generator/set"] = terms[BROKEN] + often * once[BROKEN]
    found["mains/momentary"] = h.rate(mains, "momentary") * power.unbridged() * power.back.mean()
    found["mains/internal"] = often * (power.cut(inside) + once[MAINS])
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
    # A wipe: somebody notices, people decide and prepare; from then on new studies are written.
    back = h.noticed() + h.of(h.part("nightly"), "prepare").mean()
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
    by_hand = h.respond() + h.of(software, "manual_restart") + start
    restart = h.of(software, "watchdog") + h.of(software, "start")
    cures, hung = software.number("watchdog_cures"), software.number("hang_share")
    dead = restart.mean() + (1 - cures) * (h.noticed() + by_hand.mean())
    seen = h.people(h.hung).mean() + by_hand.mean()
    found["server-a/application"] = h.rate(software, "crash") * ((1 - hung) * dead + hung * seen)
    # A change that is seen to have failed is put right before anything starts.
    fails, fix = software.number("change_fails"), h.of(software, "change_fix").mean()
    for name, work in h.work():
        rounds, at_once = YEAR / work.number("every"), fails * work.number("seen_at_once")
        each = h.lasts(work).mean() + (1 - at_once) * serves.mean()
        found[f"{name}/work"] = rounds * each
        found["failed changes"] = found.get("failed changes", 0.0) + rounds * fails * fix
    for name, work in h.work():
        for other, before in h.work():
            if name != other:
                hours = still_broken(h, before, work)
                found[f"{name}/work"] -= YEAR / before.number("every") * fails * hours
    drops = ups.number("drops_load") * (h.of(ups, "repair") + power.back).mean()
    found["ups-a/module"] = h.rate(ups, "fails") * drops
    found["pdu-a/unit"] = h.rate(pdu, "fails") * (h.repair(pdu, "repair") + power.back).mean()
    soft = core.number("soft_share")
    fault = soft * h.of(core, "soft_repair").mean() + (1 - soft) * h.repair(core, "repair").mean()
    found["core-1/unit"] = h.rate(core, "fails") * fault
    return overlapped(h, found, halted=("server-a/application",), stopped=("database/engine",))


def still_broken(h: Hand, before: Part, work: Part) -> float:
    """Return the hours of a piece of work that a failed change of another one takes with it.

    The two are taken to be in one week, as a first Saturday and the Sunday after it are; the change
    is seen at once or in use, and then put right.
    """
    software = h.part("server-a").part("software")
    week = WEEK / HOUR
    begin, other = (hour_of_week(w["on"]) for w in (work, before))
    since = (begin - other) % week
    seen = h.happens(before.number("seen_at_once"))
    shows = h.lasts(before) + (1 - seen) * h.of(before, "found")
    mended = shows + h.of(software, "change_fix")
    end = since + h.lasts(work)
    return float(np.clip(np.minimum(mended, end) - np.maximum(shows, since), 0.0, None).mean())


def hour_of_week(words: str) -> float:
    """Return the hour of the week of words such as "first sunday 02:00"."""
    _, day, clock = words.split()
    hour, minute = clock.split(":")
    return DAYS.index(day[:3]) * 24 + int(hour) + int(minute) / 60


def overlapped(
    h: Hand, found: dict[str, float], halted: tuple[str, ...], stopped: tuple[str, ...]
) -> dict[str, float]:
    """Return the causes less what they take from one another.

    An application crashes only where it runs, whatever else has the service down; a database only
    while its host serves, so not in planned work. Two faults that meet count once, for the one
    that came first. An hour of planned work in which a fault alone would have been down is the
    fault's, but for faults that cannot begin or go on in the work: those of the application and
    of changes.
    """
    planned = {f"{name}/work" for name, _ in h.work()} | {"pacs/tests"}
    work = sum(v for k, v in found.items() if k in planned)
    faults = sum(found.values()) - work
    calm = {*halted, "failed changes"}
    lasting = faults - sum(v for k, v in found.items() if k in calm)
    less = {}
    for cause, hours in found.items():
        if cause in planned:
            others = lasting
        else:
            others = (faults - hours) / 2
            if cause in halted:
                others = work + faults
            elif cause in stopped:
                others += work
        less[cause] = hours * (1 - others / HOURS)
    return less
