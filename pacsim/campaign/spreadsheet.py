"""The number a spreadsheet of mean times would give: hardware boxes, independent, exactly.

Boxes: server, power supply per feed, controllers one of n, disks as a set, every switch and every
link that can fail, UPS and PDU in series per feed. A failover group is one of n, instant and
perfect. It leaves out software and databases, hung services, failovers that fail or take time,
detection and travel, mains, generator, transfer switch and battery, common causes, wipes and
shelves, operators, planned work and restores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.campaign.diagrams import ALWAYS, NEVER, Diagrams
from pacsim.delays.calendars import WEEK, Calendar, TimeOrigin
from pacsim.delays.intervals import next_business_day
from pacsim.parts.network import cables
from pacsim.parts.slots import declaration
from pacsim.parts.traits import FORWARDS
from pacsim.parts.values import ALL_IN, Delay, Needs, Part
from pacsim.units import YEAR

if TYPE_CHECKING:
    from pacsim.design.resolved import Resolved
    from pacsim.parts.hardware import Hardware

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

    def broken(part: Part, life: str, repair: str) -> float:
        r = _mean_down(part, repair, resolved.practices)
        return r / (part.law(life).mean() + r)

    for part in (*resolved.parts.values(), *resolved.groups.values()):
        kind = declaration(part)
        if kind is not None and kind.hardware is not None:
            q.update(kind.hardware.boxes(part, broken))
    logic = BoxFailures(resolved, Diagrams(q))
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
        base = week.unroll(TimeOrigin(), 2 * WEEK)
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
    base = week.unroll(TimeOrigin(), (2.0 + needed.max() / done_in_a_week) * WEEK)
    times = np.concatenate([base.starts[:1], base.ends])
    work = np.concatenate([[0.0], np.cumsum((base.ends - base.starts) * base.speeds)])
    if not np.array_equal(base.starts[1:], base.ends[:-1]):
        # Between the pieces nothing is done.
        times = np.column_stack([base.starts, base.ends]).ravel()
        work = np.column_stack([work[:-1], work[1:]]).ravel()
    so_far = np.interp(begun, times, work)
    ends = np.interp((so_far[:, None] + needed[None, :]).ravel(), work, times)
    return float(ends.mean() - begun.mean())


class BoxFailures:
    """When parts of a design have failed, as diagrams over its boxes.

    It is the `pacsim.parts.hardware.Failures` that types ask.
    """

    def __init__(self, resolved: Resolved, diagrams: Diagrams) -> None:
        self.resolved = resolved
        self.d = diagrams
        self.cables = cables(resolved.parts)
        self.box, self.either = diagrams.box, diagrams.either
        self.any, self.all, self.at_least = diagrams.any, diagrams.all, diagrams.at_least

    def role(self, needs: Needs, places: tuple[str, ...]) -> int:
        """Return "fewer of the needs than needed are met"."""
        children = [
            self.role(child, places) if isinstance(child, Needs) else self.needed(child, places)
            for child in needs.of
        ]
        return self.at_least(len(children) - needs.k + 1, children)

    def needed(self, name: str, places: tuple[str, ...]) -> int:
        """Return "a part or group has failed, or a place does not reach it"."""
        hardware = self._hardware(name)
        if hardware is None or not hardware.needed:
            return NEVER
        return hardware.failed(self, self._named(name), places)

    def unfed(self, part: Part) -> int:
        """Return "fewer feeds than needed get through"; never without feeds."""
        feeds = part.values.get("power")
        if feeds is None:
            return NEVER
        dead = [
            self.either(self.box(f"{part.name}/psu-{k + 1}"), self._on_the_way(feed))
            for k, feed in enumerate(feeds.of)
        ]
        return self.at_least(len(dead) - feeds.need + 1, dead)

    def cut(self, start: str, end: str) -> int:
        """Return "no path joins them", by the greatest fixed point over the cables."""
        parts = self.resolved.parts
        near: dict[str, list[str]] = {}
        for a, b in self.cables:
            if all(x in {start, end} or parts[x].has(FORWARDS) for x in (a, b)):
                near.setdefault(a, []).append(b)
                near.setdefault(b, []).append(a)
        if start not in near or end not in near:
            return NEVER
        own = {name: NEVER if name in {start, end} else self._on_the_way(name) for name in near}
        cut = dict.fromkeys(near, ALWAYS) | {start: NEVER}
        for _ in near:
            for name, others in near.items():
                if name != start:
                    behind = self.all(cut[other] for other in others)
                    cut[name] = self.either(own[name], behind)
        return cut[end]

    def _on_the_way(self, name: str) -> int:
        hardware = self._hardware(name)
        return hardware.failed(self, self._named(name), ()) if hardware is not None else NEVER

    def _named(self, name: str) -> Part:
        group = self.resolved.groups.get(name)
        return group if group is not None else self.resolved.parts[name]

    def _hardware(self, name: str) -> Hardware | None:
        kind = declaration(self._named(name))
        return kind.hardware if kind is not None else None
