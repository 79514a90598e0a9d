"""Gaps of service of the pair by kind of fault, by hand: beside the sums of `hand_sums`."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from hand_pair import Gaps, both_at_once, both_bad, by_hand
from hand_standby import share_away

from pacsim.units import YEAR

if TYPE_CHECKING:
    import numpy as np
    from hand_sums import Hand


@dataclass(frozen=True)
class Switches:
    """Gaps of service of one kind in a year, the share a switch ends, and the hours of both.

    Of the gaps in which a switch was tried: where it worked, and where it failed.
    """

    gaps: float
    automatic: float
    worked: float
    failed: float

    def __add__(self, other: Switches) -> Switches:
        """Return the gaps of two kinds of fault that look the same."""
        gaps = self.gaps + other.gaps
        ended = self.gaps * self.automatic + other.gaps * other.automatic
        return Switches(gaps, ended / gaps, self.worked + other.worked, self.failed + other.failed)


def counted(rate: float, gaps: Gaps) -> Switches:
    """Return so many gaps a year by how they end."""
    worked = (gaps.hours * gaps.works).mean()
    failed = (gaps.hours * (gaps.tried & ~gaps.works)).mean()
    return Switches(rate, float(gaps.works.mean()), float(rate * worked), float(rate * failed))


def failovers(h: Hand) -> dict[str, Switches]:
    """Return the gaps of the pair by kind of fault, split by whether the switch worked.

    A fault that takes both applications leaves a standby that looks able, so its gaps count.
    """
    server, group = h.part("server-a"), h.resolved.groups["pacs"]
    software, common = server.part("software"), group.part("common")
    start = h.of(software, "start")
    crashes, hangs = h.rate(software, "crash"), software.number("hang_share")
    mended = h.of(server, "reboot") + start
    restart = h.of(software, "watchdog") + start
    # While the other one is worked on a gap is one without a standby.
    there = 1 - share_away(h)

    def one(
        rate: float,
        in_place: np.ndarray,
        booted: np.ndarray | None = mended,
        *,
        seen: float = 1.0,
        before: np.ndarray | float = 0.0,
        fit: float | None = None,
    ) -> Switches:
        """Count gaps of which a share is seen, after so many hours."""
        hours, works = h.failover(group, in_place, booted, fit=fit)
        tried = h.happens(seen) > 0
        return counted(rate * there, Gaps(before + hours, tried, works & tried))

    release = crashes * common.number("software")
    dead, hung = (crashes - release) * (1 - hangs), (crashes - release) * hangs
    both = both_bad(h, mended)
    fails = software.number("change_fails")
    rolling = [(name, work) for name, work in h.work() if work["rolling"]]
    moves = sum(
        YEAR / w.number("every") * (1 - fails * w.number("seen_at_once")) for _, w in rolling
    )
    taken = h.of(group, "switchover").mean()
    # A move to a standby that is unfit has taken as long when the work is called off.
    good = fmean(h.standby.moves[name] for name, _ in rolling) if rolling else 1.0
    hardware = h.rate(server, "fails") * (1 - common.number("hardware"))
    repaired, fix = h.repair(server, "repair") + mended, h.of(software, "change_fix")
    stuck, alert = 1 - software.number("watchdog_cures"), h.people(h.known)
    return {
        "host": one(h.rate(server, "os_crash"), mended) + one(hardware, repaired, None),
        "process": one(dead, alert + by_hand(h), seen=stuck, before=restart)
        + one(shown(h), fix, None, fit=h.standby.fresh)
        + counted(release * (1 - hangs) * there, both[0]),
        "hung": one(hung, by_hand(h), before=alert) + counted(release * hangs * there, both[1]),
        "planned": Switches(moves, good, moves * good * taken, moves * (1 - good) * taken),
    }


def shown(h: Hand) -> float:
    """Return the changes a year that stop one server in use, once the other one is there.

    Only the end of such a change mends it; what shows while the other one is still worked on is a
    gap without standby.
    """
    software, rate = h.part("server-a").part("software"), 0.0
    for name, work in h.work():
        on = h.lasts(work) + h.of(software, "start")
        if not work["rolling"]:
            _, _, on = both_at_once(h, name, work, h.of(software, "change_fix"))
        fails = software.number("change_fails") * (1 - work.number("shared"))
        used = (1 - work.number("seen_at_once")) * float((h.of(work, "found") > on).mean())
        rate += YEAR / work.number("every") * fails * used
    return rate
