"""Service levels scored step by step with plain loops, to hold the vectorised code to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from pacsim.service_levels.civil_windows import Period
    from pacsim.service_levels.histories import Histories
    from pacsim.service_levels.service_level import ServiceLevel

UNPLANNED, PLANNED, MIXED = 0, 1, 2
STEP = 300.0
"""Seconds: every time is a whole number of these."""


@dataclass
class Outcome:
    """Steps down of each window, and of each outage with the step in which it first counts."""

    down: list[float]
    outages: list[tuple[int, float]]


def scored_by_loops(histories: Histories, level: ServiceLevel, term: int) -> Outcome:
    """Return what one term comes to."""
    many = int(histories.length / STEP)
    kinds = kinds_of(histories, level, term, many)
    counts = (level.counts.unplanned, level.counts.planned, level.counts.mixed)
    kinds = [None if kind is None or not counts[kind] else kind for kind in kinds]
    close_gaps(kinds, int(level.merge / STEP))
    outages = leave_out_short(kinds, int(level.shortest / STEP))
    moments = [histories.starts + dt.timedelta(seconds=step * STEP) for step in range(many)]
    free: dict[int, float] = {}
    counted = [0.0] * many
    for step, kind in enumerate(kinds):
        if kind is None or not is_open(level, moments[step]):
            continue
        counted[step] = 1.0
        if kind == PLANNED and level.counts.free:
            period = window_of(histories.starts, moments[step], level.counts.free_in)
            used = free.get(period, 0.0)
            if used + 1.0 <= level.counts.free / STEP:
                free[period], counted[step] = used + 1.0, 0.0
    windows = [window_of(histories.starts, moment, level.window) for moment in moments]
    down = [0.0] * (windows[-1] + 1)
    for step, window in enumerate(windows):
        down[window] += counted[step]
    found = []
    for first, last in outages:
        mine = [step for step in range(first, last) if counted[step]]
        if mine:
            found.append((mine[0], float(len(mine))))
    return Outcome(down, found)


def kinds_of(histories: Histories, level: ServiceLevel, term: int, many: int) -> list[int | None]:
    """Return of which kind the down time of the measured roles is in each step, if it is down."""
    each = []
    for role in level.measured.roles:
        codes = [9] * many
        for k in range(len(histories.start)):
            of = int(histories.role[k])
            code = int(histories.code[k])
            mine = histories.term[k] == term and of in {histories.roles.index(role), -1}
            if not mine or (code >= 3 and not level.counts.degraded):
                continue
            for step in range(int(histories.start[k] / STEP), int(histories.end[k] / STEP)):
                codes[step] = min(codes[step], code)
        each.append(codes)
    return [
        kind_of([code % 3 for code in now if code < 9], len(each), level)
        for now in zip(*each, strict=True)
    ]


def kind_of(some: list[int], roles: int, level: ServiceLevel) -> int | None:
    """Return the kind of a moment at which some of the measured roles are down."""
    if level.measured.how == "any":
        return min(some) if some else None
    if len(some) < roles:
        return None
    return some[0] if len(set(some)) == 1 else MIXED


def close_gaps(kinds: list[int | None], merge: int) -> None:
    """Fill gaps shorter than so many steps with the kind of what is before."""
    last = None
    for step, kind in enumerate(list(kinds)):
        if kind is None:
            continue
        if last is not None and 0 < step - last - 1 < merge:
            for k in range(last + 1, step):
                kinds[k] = kinds[last]
        last = step


def leave_out_short(kinds: list[int | None], shortest: int) -> list[tuple[int, int]]:
    """Take out outages of fewer steps; return first step and end of those that stay."""
    found, first = [], None
    for step, kind in enumerate([*kinds, None]):
        if kind is not None and first is None:
            first = step
        if kind is None and first is not None:
            if step - first < shortest:
                kinds[first:step] = [None] * (step - first)
            else:
                found.append((first, step))
            first = None
    return found


def is_open(level: ServiceLevel, moment: dt.datetime) -> bool:
    """Return whether a step is in the hours, which are mon-fri 08:00-17:00 if there are any."""
    if level.hours is None:
        return True
    return moment.weekday() < 5 and 8 <= moment.hour < 17


def window_of(starts: dt.datetime, moment: dt.datetime, period: Period) -> int:
    """Return the number of the window of a moment; terms start on a day that every month has."""
    name, begins = period.name, period.begins
    if name == "term":
        return 0
    months = (moment.year - starts.year) * 12 + moment.month - starts.month
    if name == "fiscal_year":
        return moment.year - starts.year + (moment.month >= begins) - (starts.month >= begins)
    if (moment.day, moment.time()) < (starts.day, starts.time()):
        months -= 1
    return months // {"month": 1, "quarter": 3, "year": 12}[name]


def random_level(draw: random.Random) -> dict[str, object]:
    """Return a service level of any kind."""
    planned: object = draw.choice([True, False, {"free": f"{5 * draw.randint(1, 20)} min/month"}])
    if draw.random() < 0.2:
        planned = {"free": "100 min/year"}
    measures: object = draw.choice(["a", "b", {"any": ["a", "b"]}, {"all": ["a", "b"]}])
    return {
        "pacsim": 1,
        "name": "random",
        "measures": measures,
        "counts": {
            "planned": planned, "mixed": draw.random() < 0.7, "degraded": draw.random() < 0.5,
        },
        "merge": f"{draw.choice([0, 10, 60])} min",
        "shortest": f"{draw.choice([0, 10, 90])} min",
        "hours": draw.choice(["24x7", {"hours": ["mon-fri 08:00-17:00"]}]),
        "window": draw.choice(["month", "quarter", "term", {"fiscal_year": "march"}]),
        "target": "99 %",
    }  # fmt: skip
