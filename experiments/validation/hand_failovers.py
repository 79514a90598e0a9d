"""Gaps of service of the pair by kind of fault, by hand: beside the sums of `hand_sums`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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

    def split(gaps: float, seen: float, before: float, in_place: np.ndarray) -> Switches:
        """Split gaps of which a share is seen, after so many hours, by how they end."""
        total = h.failover(group, in_place, mended).mean()
        lost = (total - p * worked) / (1 - p)
        good, bad = gaps * seen * p, gaps * seen * (1 - p)
        return Switches(gaps, seen * p, good * (before + worked), bad * (before + lost))

    alert = h.people(h.known)
    # A release takes both members: it is a gap without standby, and not counted here.
    dead, hung = crashes * own * (1 - hangs), crashes * own * hangs
    fails = software.number("change_fails")
    rolling = [work for _, work in h.work() if work["rolling"]]
    moves = sum(YEAR / w.number("every") * (1 - fails * w.number("seen_at_once")) for w in rolling)
    return {
        "host": split(h.rate(server, "os_crash"), 1.0, 0.0, mended),
        "process": split(dead, stuck, restart, alert + by_hand),
        "hung": split(hung, 1.0, alert.mean(), by_hand),
        "planned": Switches(moves, 1.0, moves * h.of(group, "switchover").mean(), 0.0),
    }
