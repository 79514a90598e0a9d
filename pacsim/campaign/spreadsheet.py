"""The number a spreadsheet of mean times would give: hardware boxes, independent, exactly.

Boxes: server, power supply per feed, controllers one of n, disks as a set, every switch and every
link that can fail, UPS and PDU in series per feed. A failover group is one of n, instant and
perfect. It leaves out software and databases, hung services, failovers that fail or take time,
detection and travel, mains, generator, transfer switch and battery, common causes, wipes and
shelves, operators, planned work and restores.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pacsim.campaign.diagrams import ALWAYS, NEVER, Diagrams
from pacsim.delays.calendars import WEEK, Calendar, Origin
from pacsim.delays.intervals import next_business_day
from pacsim.parts.network import CARRIERS, cables
from pacsim.parts.raid import tolerance
from pacsim.parts.values import ALL_IN, Delay, Needs, Part
from pacsim.units import YEAR

if TYPE_CHECKING:
    from pacsim.design.resolve import Resolved

HOURS = YEAR / 3600.0
STARTS, POINTS = 672, 64
"""Quarters of an hour at which a delay may begin, and points of its law, in a mean."""


def spreadsheet_down(resolved: Resolved, role: str) -> float:
    """Return the hours a year that a role is down by the spreadsheet's reasoning.

    8 760 h x P(the role's hardware boxes are down), with q = r / (m + r) for mean life m and r the
    mean of ``ttr``, or of response + ``repair``; evaluated exactly over the needs, each box once.

    Parameters
    ----------
    resolved : Resolved
        Of a design.
    role : str
        One of its roles.
    """
    q: dict[str, float] = {}
    for part in resolved.parts.values():
        q.update(_of_part(part, resolved.practices))
    logic = Failures(resolved, Diagrams(q))
    wanted = resolved.roles[role]
    down = logic.role(wanted["needs"], wanted.names("used_from"))
    return HOURS * logic.d.probability(down, q)


def _mean_down(part: Part, slot: str, practices: Part) -> float:
    repair = part.delay(slot)
    if repair.covers == ALL_IN:
        return mean_elapsed(repair)
    contract = part.values.get("support") or practices.values.get("support")
    if contract is None:
        return practices.part("times").law("no_contract").mean() + mean_elapsed(repair)
    return mean_elapsed(contract.delay("response")) + mean_elapsed(repair)


def mean_elapsed(delay: Delay) -> float:
    """Return the mean seconds that pass in a delay that begins at any time of the week.

    A delay counted in the hours of a calendar passes more; one from the next business day waits for
    its opening first. Holidays are left out.

    Examples
    --------
    >>> from pacsim.delays import Calendar, Deterministic
    >>> desk = Calendar.weekly_hours("desk", "mon-fri 08:00-17:00")
    >>> round(mean_elapsed(Delay(Deterministic(3600.0))))
    3600
    >>> begun = Delay(Deterministic(0.0), desk, next_day=True)
    >>> round(mean_elapsed(begun) / 3600, 2)
    30.29
    """
    law, calendar = delay.law, delay.calendar
    if calendar is None:
        return law.mean()
    week = Calendar(calendar.name, calendar.weekly, (), calendar.closed_speed)
    begun = (np.arange(STARTS) + 0.5) * (WEEK / STARTS)
    if delay.next_day:
        base = week.unroll(Origin(), 2 * WEEK)
        opens = [
            next_business_day(base.opens, base.days, len(base.opens), t, base.civil) for t in begun
        ]
        return float(np.mean(opens - begun)) + law.mean()
    middles = (np.arange(POINTS) + 0.5) / POINTS
    needed = np.array([law.quantile(p) for p in middles])
    # What the midpoints leave out of a long tail is put back in proportion.
    needed *= law.mean() / needed.mean() if needed.mean() > 0 else 1.0
    # Work that ends with the closing hour ends then, not at the next opening.
    needed *= 1.0 - 1e-9
    done_in_a_week = sum(
        (row[1] - row[0]) * ((row[2] if len(row) == 3 else 1.0) - week.closed_speed)
        for row in week.weekly
    )
    done_in_a_week += WEEK * week.closed_speed
    base = week.unroll(Origin(), (2.0 + needed.max() / done_in_a_week) * WEEK)
    times = np.concatenate([base.starts[:1], base.ends])
    work = np.concatenate([[0.0], np.cumsum((base.ends - base.starts) * base.speeds)])
    if not np.array_equal(base.starts[1:], base.ends[:-1]):
        # Between the pieces nothing is done.
        times = np.column_stack([base.starts, base.ends]).ravel()
        work = np.column_stack([work[:-1], work[1:]]).ravel()
    so_far = np.interp(begun, times, work)
    ends = np.interp((so_far[:, None] + needed[None, :]).ravel(), work, times)
    return float(ends.mean() - begun.mean())


def _q(part: Part, life: str, repair: str, practices: Part) -> float:
    r = _mean_down(part, repair, practices)
    return r / (part.law(life).mean() + r)


def _of_part(part: Part, practices: Part) -> dict[str, float]:
    name = part.name
    match part.type:
        case "server":
            found = {f"{name}/box": _q(part, "fails", "repair", practices)}
            feeds = part.values.get("power")
            if feeds is not None and "psu" in part:
                one = _q(part, "psu", "psu_repair", practices)
                found.update({f"{name}/psu-{k + 1}": one for k in range(len(feeds.of))})
            return found
        case "switch" | "link" | "ups" | "pdu":
            return {f"{name}/box": _q(part, "fails", "repair", practices)}
        case "disk_array":
            found = {}
            if "controller" in part:
                one = _q(part, "controller", "controller_repair", practices)
                found[f"{name}/controllers"] = one ** int(part["controllers"])
            found[f"{name}/disks"] = _disks(part)
            return found
        case _:
            return {}


def _disks(part: Part) -> float:
    """Return P(more disks down than the set survives), each down for replacement and rebuild."""
    disk, n = part.part("disk"), int(part["disks"])
    r = part.law("disk_replace").mean() + disk.number("size") / disk.number("rebuild_rate")
    q = r / (disk.law("life").mean() + r)
    if part["layout"] == "raid10":
        return -math.expm1(n // 2 * math.log1p(-q * q))
    worst = range(tolerance(part) + 1, n + 1)
    return math.fsum(math.comb(n, k) * q**k * (1.0 - q) ** (n - k) for k in worst)


class Failures:
    """When parts of a design have failed, as diagrams over its boxes."""

    def __init__(self, resolved: Resolved, diagrams: Diagrams) -> None:
        self.resolved = resolved
        self.d = diagrams
        self.cables = cables(resolved.parts)

    def role(self, needs: Needs, places: tuple[str, ...]) -> int:
        """Return "fewer of the needs than needed are met"."""
        children = [
            self.role(child, places) if isinstance(child, Needs) else self._named(child, places)
            for child in needs.of
        ]
        return self.d.at_least(len(children) - needs.k + 1, children)

    def _named(self, name: str, places: tuple[str, ...]) -> int:
        group = self.resolved.groups.get(name)
        if group is not None:
            return self.d.all(self._server(member, places) for member in group.names("members"))
        part = self.resolved.parts[name]
        if part.type == "server":
            return self._server(name, places)
        if part.type == "disk_array":
            own = [self.d.box(f"{name}/controllers"), self.d.box(f"{name}/disks")]
            return self.d.any([*own, self._unfed(part)])
        return NEVER

    def _server(self, name: str, places: tuple[str, ...]) -> int:
        part = self.resolved.parts[name]
        return self.d.any(
            [
                self.d.box(f"{name}/box"),
                self._unfed(part),
                *(self._cut(place, name) for place in places),
                *(self._cut(name, other) for other in part.names("storage")),
            ]
        )

    def _unfed(self, part: Part) -> int:
        feeds = part.values.get("power")
        if feeds is None:
            return NEVER
        dead = [
            self.d.either(self.d.box(f"{part.name}/psu-{k + 1}"), self._dead(feed))
            for k, feed in enumerate(feeds.of)
        ]
        return self.d.at_least(len(dead) - feeds.need + 1, dead)

    def _dead(self, name: str) -> int:
        part = self.resolved.parts[name]
        if part.type not in {"ups", "pdu"}:
            return NEVER
        return self.d.either(self.d.box(f"{name}/box"), self._unfed(part))

    def _cut(self, start: str, end: str) -> int:
        """Return "no path joins them", by the greatest fixed point over the cables."""
        parts = self.resolved.parts
        near: dict[str, list[str]] = {}
        for a, b in self.cables:
            if all(x in {start, end} or parts[x].type in CARRIERS for x in (a, b)):
                near.setdefault(a, []).append(b)
                near.setdefault(b, []).append(a)
        if start not in near or end not in near:
            return NEVER
        own = {
            name: NEVER
            if name in {start, end}
            else self.d.either(self.d.box(f"{name}/box"), self._unfed(parts[name]))
            for name in near
        }
        cut = dict.fromkeys(near, ALWAYS) | {start: NEVER}
        for _ in near:
            for name, others in near.items():
                if name != start:
                    behind = self.d.all(cut[other] for other in others)
                    cut[name] = self.d.either(own[name], behind)
        return cut[end]
