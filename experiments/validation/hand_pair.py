"""The same of a pair: what a switch replaces, and what both of its servers lose together."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from fuel import Power
from hand_standby import share_away
from hand_sums import HOURS, POINTS, overlapped, shared, supplies

from pacsim.units import HOUR, YEAR

if TYPE_CHECKING:
    from hand_sums import Hand

    from pacsim.parts.values import Part


def active_passive(h: Hand) -> dict[str, float]:
    """Return the causes of the pair, in h/year.

    Each takeover may find a standby that is unfit; then people are called (see `hand_standby`).
    """
    server, database, group = h.part("server-a"), h.part("database"), h.resolved.groups["pacs"]
    software, common, ups = server.part("software"), group.part("common"), h.part("ups-a")
    start, recovery = h.of(software, "start"), h.of(database, "recovery")
    mended = h.of(server, "reboot") + start
    power = Power(h, both_boot(h, mended), feeds=2)
    found = shared(h, power)
    # While the other one is worked on there is nobody to fail over to.
    away = share_away(h)
    alone = h.of(server, "reboot") + np.maximum(start, recovery)
    crashed = (1 - away) * h.failover(group, mended, mended).hours.mean() + away * alone.mean()
    found["pacs/host"] = h.rate(server, "os_crash") * crashed
    # Hardware: own faults of the active server, and those that take both.
    hit, own = (
        common.number("hardware"),
        h.failover(group, h.repair(server, "repair") + mended).hours,
    )
    two = [h.repair(server, "repair") + mended for _ in range(2)]
    each = (1 - hit) * own.mean() + hit * (np.minimum(*two) + recovery).mean()
    found["pacs/hardware"] = h.rate(server, "fails") * each

    cures, hangs = software.number("watchdog_cures"), software.number("hang_share")
    restart = h.of(software, "watchdog") + h.of(software, "start")
    uncured = 1 - h.happens(cures)
    mends = h.people(h.known) + by_hand(h)
    lonely = h.happens(away) > 0
    stuck = np.where(lonely, mends, h.failover(group, mends, mended).hours)
    dead = restart + uncured * stuck if group["restart_first"] else stuck
    # A check of the port does not see a hang; people do, and what they stop is then failed over.
    if group.part("check")["sees"] in {"host", "tcp"}:
        later = by_hand(h)
        hung = h.people(h.hung) + np.where(lonely, later, h.failover(group, later, mended).hours)
    else:
        hung = h.failover(group, h.people(h.hung) + by_hand(h), mended).hours
    release = common.number("software")
    crashes = h.rate(software, "crash")
    found["pacs/application"] = (
        crashes * (1 - release) * ((1 - hangs) * dead.mean() + hangs * hung.mean())
    )
    # What only waits to be started is not struck.
    cold = group["standby"] == "cold"
    both = [dead.mean(), hung.mean()]
    both = both if cold else [gaps.hours.mean() for gaps in both_bad(h, mended)]
    found["pacs/software"] = crashes * release * ((1 - hangs) * both[0] + hangs * both[1])
    found |= tests(h)
    hangs_too = h.happens(hangs / (hangs + (1 - hangs) * (1 - cures)))
    faults = [
        (h.rate(server, "os_crash"), mended),
        (
            crashes * (hangs + (1 - hangs) * (1 - cures)),
            by_hand(h) + (1 - hangs_too) * h.people(h.known),
        ),
    ]
    found |= changes_of_a_pair(h, faults)
    found["pacs/standby"] = failed_moves(h)
    found["heartbeat/cable"] = heartbeat(h, mended)
    dark = h.repair(server, "psu_repair") + h.of(server, "boot_after_power") + start
    found["pacs/psu"] = supplies(h, server, power.back, h.failover(group, dark).hours)
    shock = h.part("ups-pair").number("share") * ups.number("drops_load")
    repairs = [h.of(ups, "repair") for _ in range(2)]
    found["ups-pair/shock"] = (
        h.rate(ups, "fails") * shock * (np.minimum(*repairs) + power.back).mean()
    )
    return overlapped(h, found, halted=("pacs/application", "pacs/software"), stopped=())


def by_hand(h: Hand, at: np.ndarray | None = None) -> np.ndarray:
    """Return known until service by people who restart an application, from times of the week."""
    software = h.part("server-a").part("software")
    return h.respond(at) + h.of(software, "manual_restart") + h.of(software, "start")


def detection(h: Hand) -> float:
    """Return the mean time of the check, in hours."""
    check = h.resolved.groups["pacs"].part("check")
    return (check.number("fall") - 0.5) * check.number("every") / HOUR


class Gaps(NamedTuple):
    """Gaps of one kind: fault until service, whether a switch was tried, whether it worked."""

    hours: np.ndarray
    tried: np.ndarray
    works: np.ndarray


def both_bad(h: Hand, mended: np.ndarray) -> tuple[Gaps, Gaps]:
    """Return the gaps by crashes, and by hangs, that take both applications.

    Nobody knows of the standby's fault before its own alert, so it looks able. If the active one is
    found bad before that the group tries the standby, in vain; who is mended first serves.
    Where each restarts in place, the standby helps if its own restart cures it.
    """
    group, software = h.resolved.groups["pacs"], h.part("server-a").part("software")
    check, none = group.part("check"), np.zeros(POINTS)
    deep, looks = check["sees"] not in {"host", "tcp"}, bool(check["standby"])
    hung = both_known_late(h, [none, none], h.hung, mended, seen=deep, looked=looks and deep)
    tcp = looks and check["sees"] != "host"
    if not group["restart_first"]:
        dead = both_known_late(h, [none, none], h.known, mended, seen=True, looked=tcp)
        return dead, hung
    restarts = [h.of(software, "watchdog") + h.of(software, "start") for _ in range(2)]
    itself, other = (h.happens(software.number("watchdog_cures")) > 0 for _ in range(2))
    both = both_known_late(h, restarts, h.known, mended, seen=True, looked=tcp)
    ready = np.maximum(*restarts)
    later = restarts[0] + h.people(h.known) + by_hand(h)
    taken, works = h.failover(group, np.maximum(later - ready, 0.0), mended)
    hours = np.where(itself, restarts[0], np.where(other, ready + taken, both.hours))
    tried = ~itself & (other | both.tried)
    return Gaps(hours, tried, ~itself & np.where(other, works, both.works)), hung


def both_known_late(
    h: Hand, since: list[np.ndarray], known: str, mended: np.ndarray, *, seen: bool, looked: bool
) -> Gaps:
    """Return the gaps while both are bad, the active one first, each from a time of its own.

    The check has ``seen`` the active one's fault at once, or sees it when people stop it; and if it
    also ``looked`` at the standby nothing is tried before that is mended.
    """
    group, at = h.resolved.groups["pacs"], h.any_time()
    alerts = [x + h.people(known) for x in since]
    good = [x + by_hand(h, at) for x in alerts]
    begins = np.maximum(*since) if seen else alerts[0]
    # The standby, if it is mended first, takes over as it would from any fault. The host of the
    # active one has been on all the time, and the database with it.
    taken, works = h.failover(group, np.maximum(good[0] - good[1], 0.0), mended, at=at)
    first = good[0] <= good[1]
    nobody = np.where(first, good[0], good[1] + taken)
    mends = [np.maximum(x - begins, 0.0) for x in good]
    vain = begins + h.failover(group, mends[0], mended, vain=mends[1], at=at).hours
    unknown = (alerts[1] > begins + detection(h)) & (not looked)
    return Gaps(np.where(unknown, vain, nobody), unknown | ~first, ~unknown & ~first & works)


def tests(h: Hand) -> dict[str, float]:
    """Return tests of the failover: their planned outage, and those that end without service."""
    found = h.resolved.practices.values.get("failover_tests")
    if found is None:
        return {}
    number = max(0.0, np.ceil(h.term / (found.number("every") / HOUR)) - 1.0) * HOURS / h.term
    upset = float(found.values.get("causes_outage") or 0.0)
    return {
        "pacs/tests": number * h.of(found, "outage").mean(),
        "pacs/tests upset": number * upset * h.of(found, "outage_repair").mean(),
    }


def both_boot(h: Hand, mended: np.ndarray) -> np.ndarray:
    """Return power back until service: both servers boot, and the active one may be the later.

    If the standby is good first the check finds the active one bad, and all goes on as with any
    fault that is mended when that has booted.
    """
    server, group = h.part("server-a"), h.resolved.groups["pacs"]
    software, detect = server.part("software"), detection(h)
    hosts = [h.of(server, "boot_after_power") for _ in range(2)]
    good = [host + h.of(software, "start") for host in hosts]
    alone = np.maximum(good[0], hosts[0] + h.of(h.part("database"), "recovery"))
    taken = good[1] + h.failover(group, np.maximum(good[0] - good[1], 0.0), mended).hours
    return np.where(good[0] <= good[1] + detect, alone, taken)


def changes_of_a_pair(h: Hand, faults: list[tuple[float, np.ndarray]]) -> dict[str, float]:
    """Return planned work and failed changes of the pair, in h/year.

    Rolling work costs one move of the service a round, unless a change was seen to fail and ended
    it. A change that is shared takes everything until it is put right. One of a single server's own
    that shows in use costs a failover, once the service has moved there and the fault shows; while
    the round is still on there is nobody to fail over to.

    A fault that strikes the one that serves while the other is worked on (so many a year, each
    over in place after so long) is failed over when the work ends. It is the work that
    brings that about, so the hours from there on are the work's.
    """
    server, group = h.part("server-a"), h.resolved.groups["pacs"]
    software, found = server.part("software"), {"failed changes": 0.0}
    fails, fix = software.number("change_fails"), h.of(software, "change_fix")
    mended = h.of(server, "reboot") + h.of(software, "start")
    for name, work in h.work():
        rounds, shared, seen = (
            YEAR / work.number("every"), work.number("shared"), work.number("seen_at_once")
        )  # fmt: skip
        lost = rounds * fails * shared * fix.mean()
        if work["rolling"]:
            found[f"{name}/work"] = rounds * (1 - fails * seen) * h.of(group, "switchover").mean()
            on = h.lasts(work) + h.of(software, "start")
            # The standby has been idle all month as its work ends, the other one since the move.
            turns = (h.standby.at_work[name], 1.0), (h.standby.fresh, 1.0 - fails * seen)
            for (rate, in_place), (fit, number) in product(faults, turns):
                left = in_place - on * h.chance.random(POINTS)
                taken = h.failover(group, np.maximum(left, 0.0), mended, fit=fit).hours
                met = rate / HOURS * float((on * (left > 0) * taken).mean())
                found[f"{name}/work"] += rounds * number * met
        else:
            hours, broken, on = both_at_once(h, name, work, fix)
            found[f"{name}/work"] = rounds * hours
            lost += rounds * fails * (1 - shared) * seen * broken
        # The server that has been changed serves from then on; the other one is worked on.
        left = np.maximum(on - h.of(work, "found"), 0.0)
        over = h.failover(group, np.maximum(fix - left, 0.0), fit=h.standby.fresh).hours
        own = np.where(fix <= left, fix, left + over)
        found["failed changes"] += lost + rounds * fails * (1 - shared) * (1 - seen) * own.mean()
    return found


def both_at_once(
    h: Hand, name: str, work: Part, fix: np.ndarray
) -> tuple[float, float, np.ndarray]:
    """Return what work on both servers at once costs, and until when the second one is away.

    The active one serves once it is ready, the other by a move, if it has started while the
    active one is worked on; a move in vain ends no work. The one that is ready first has been
    changed. A change that is seen to have failed there keeps it from serving: if it takes all, the
    planned hours end with the first work; if it takes that server alone, what is waited for is the
    other one, be it the active one, whose work is the reason then, or the standby, to which the
    service fails over.
    """
    group, software = h.resolved.groups["pacs"], h.part("server-a").part("software")
    fails, shared, seen = (
        software.number("change_fails"), work.number("shared"), work.number("seen_at_once")
    )  # fmt: skip
    active, standby = h.lasts(work), h.lasts(work)
    start = h.of(software, "start")
    serves = np.maximum(start, h.of(h.part("database"), "recovery"))
    move = h.of(group, "switchover")
    moved = standby + start + move
    moves = standby + start < active
    unfit = 1 - h.standby.moves[name]

    def at(moved: np.ndarray) -> np.ndarray:
        """Return when service is back if it is to move by then: in vain if the standby is unfit.

        It moves once the standby is mended, if the active one is not ready before.
        """
        mended = moved + h.people(h.known) + h.people("manual_failover") + move
        return (1 - unfit) * moved + unfit * np.clip(active + serves, moved, mended)

    plain = np.where(moves, at(moved), active + serves)
    first = active <= standby
    # What is put right before the active one is done serves before that.
    own = np.where(standby + fix < active, at(standby + fix + move), active + serves)
    own = np.where(first, active, own)
    every, alone = fails * seen * shared, fails * seen * (1 - shared)
    planned = (1 - every - alone) * plain + every * np.minimum(active, standby) + alone * own
    wait = standby - active + start
    later = wait + h.failover(group, np.maximum(fix - wait, 0.0), fit=h.standby.at_work[name]).hours
    broken = np.where(first, np.where(fix <= wait, fix, later), 0.0)
    away = np.abs(standby - active) + start
    return float(planned.mean()), float(broken.mean()), away


def failed_moves(h: Hand) -> float:
    """Return the hours a year by planned moves of rolling work to a standby that is unfit.

    The move has taken its switchover, which is planned; then the work is called off, the active
    member starts, and the database recovers beside it. A round moves unless a change was seen to
    fail. Work on all members at once goes on.
    """
    server, hours = h.part("server-a"), 0.0
    software = server.part("software")
    serves = np.maximum(h.of(software, "start"), h.of(h.part("database"), "recovery"))
    for name, work in h.work():
        if not work["rolling"]:
            continue
        moves = 1 - software.number("change_fails") * work.number("seen_at_once")
        unfit = 1 - h.standby.moves[name]
        hours += YEAR / work.number("every") * moves * unfit * float(serves.mean())
    return hours


def heartbeat(h: Hand, mended: np.ndarray) -> float:
    """Return the hours a year by a lost heartbeat: the active one shot, or both sides serving.

    A shot member is no standby until the heartbeat is back.
    """
    group = h.resolved.groups["pacs"]
    link = h.part(group.names("heartbeat")[0])
    fencing = group.values.get("fencing")
    even = fencing is not None and group["race"] == "even"
    shot = fencing.number("success") / 2 if even else 0.0
    back = np.maximum(mended, h.repair(link, "repair"))
    lost = h.failover(group, back, back, detected=True).hours.mean()
    split = group.number("split") * h.of(group, "reconcile_down").mean()
    return h.rate(link, "fails") * float(shot * lost + split)


def degraded(h: Hand) -> float:
    """Return the hours a year in which two sides serve, by a lost heartbeat.

    What hangs and cannot be stopped is left out: a check of the port leaves nobody for a hang.
    """
    group = h.resolved.groups["pacs"]
    link = h.part(group.names("heartbeat")[0])
    return h.rate(link, "fails") * group.number("split") * h.of(group, "reconcile").mean()
