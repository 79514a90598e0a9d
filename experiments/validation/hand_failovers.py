"""Gaps of service of the pair by kind of fault, by hand: beside the sums of `hand_sums`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hand_standby import share_away

from pacsim.units import HOUR, YEAR

if TYPE_CHECKING:
    import numpy as np
    from hand_sums import Hand


@dataclass(frozen=True)
class Switches:
    """Gaps of service of one kind in a year, the share a switch ends, and the hours of both."""

    gaps: float
    automatic: float
    worked: float
    failed: float

    def __add__(self, other: Switches) -> Switches:
        """Return the gaps of two kinds of fault that look the same."""
        gaps = self.gaps + other.gaps
        ended = self.gaps * self.automatic + other.gaps * other.automatic
        return Switches(gaps, ended / gaps, self.worked + other.worked, self.failed + other.failed)


def failovers(h: Hand) -> dict[str, Switches]:
    """Return the gaps of the pair by kind of fault, split by whether the switch worked."""
    server, group = h.part("server-a"), h.resolved.groups["pacs"]
    software, check = server.part("software"), group.part("check")
    start = h.of(software, "start")
    fencing = group.values.get("fencing")
    # Without fencing every takeover begins.
    p = (1.0 if fencing is None else fencing.number("success")) * h.success(group)
    detect = (check.number("fall") - 0.5) * check.number("every") / HOUR
    worked = detect + h.of(group, "switchover").mean()
    own = 1 - group.part("common").number("software")
    crashes, hangs = h.rate(software, "crash"), software.number("hang_share")
    by_hand = h.respond() + h.of(software, "manual_restart") + start
    mended = h.of(server, "reboot") + start
    restart = (h.of(software, "watchdog") + start).mean()
    stuck = 1 - software.number("watchdog_cures")

    # While the other one is worked on a gap is one without a standby.
    there = 1 - share_away(h)

    def split(
        rate: float,
        seen: float,
        before: float,
        in_place: np.ndarray,
        booted: np.ndarray | None = mended,
    ) -> Switches:
        """Split gaps of which a share is seen, after so many hours, by how they end."""
        total, gaps = h.failover(group, in_place, booted).mean(), rate * there
        lost = (total - p * worked) / (1 - p)
        good, bad = gaps * seen * p, gaps * seen * (1 - p)
        return Switches(gaps, seen * p, good * (before + worked), bad * (before + lost))

    alert = h.people(h.known)
    # A release takes both members: it is a gap without standby, and not counted here.
    dead, hung = crashes * own * (1 - hangs), crashes * own * hangs
    fails = software.number("change_fails")
    rolling = [work for _, work in h.work() if work["rolling"]]
    moves = sum(YEAR / w.number("every") * (1 - fails * w.number("seen_at_once")) for w in rolling)
    hardware = h.rate(server, "fails") * (1 - group.part("common").number("hardware"))
    repaired, fix = h.repair(server, "repair") + mended, h.of(software, "change_fix")
    # A change that shows in use stops the application, and only its own end mends it.
    shown = sum(
        YEAR / w.number("every") * fails * (1 - w.number("shared")) * (1 - w.number("seen_at_once"))
        for _, w in h.work()
    )
    crashed = split(h.rate(server, "os_crash"), 1.0, 0.0, mended)
    return {
        "host": crashed + split(hardware, 1.0, 0.0, repaired, None),
        "process": split(dead, stuck, restart, alert + by_hand) + split(shown, 1.0, 0.0, fix, None),
        "hung": split(hung, 1.0, alert.mean(), by_hand),
        "planned": Switches(moves, 1.0, moves * h.of(group, "switchover").mean(), 0.0),
    }
