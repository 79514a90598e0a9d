"""Quantities and clocks at the end of an instant (R11-R14, R19-R20)."""

import math
from typing import Any

from pacsim.delays.intervals import (
    next_business_day,
    next_open,
    next_opening,
    next_tick,
    ramp,
    ramp_on_pieces,
    work,
    work_inverse,
)
from pacsim.delays.scalar import EXPONENTIAL, draw, draw_residual
from pacsim.engines.kernel.names import (
    BAD_DRAW,
    CALENDARS,
    DIRTY_TANKS,
    ERROR,
    ERROR_AT,
    ERROR_VALUE,
    INSTANT,
    LAW,
    NEXT_DAY,
    NEXT_OPEN,
    NEXT_OPENING,
    QUANTITIES,
    ROOT,
    SELECTED,
    TOUCHED,
    UNTIL,
)
from pacsim.engines.kernel.source.draws import uniform
from pacsim.engines.kernel.source.queue import fill_hole, reschedule


def profile_work(
    ca: Any, starts: Any, ends: Any, speeds: Any, sums: Any, c: int, t: float
) -> float:
    """Return W(t) of a calendar."""
    a = ca[c].piece_first
    b = a + ca[c].piece_count
    return work(starts[a:b], ends[a:b], speeds[a:b], sums[a:b], ca[c].pieces, t)


def profile_inverse(
    ca: Any, starts: Any, ends: Any, speeds: Any, sums: Any, c: int, w: float
) -> float:
    """Return the smallest t with W(t) >= w of a calendar."""
    a = ca[c].piece_first
    b = a + ca[c].piece_count
    return work_inverse(starts[a:b], ends[a:b], speeds[a:b], sums[a:b], ca[c].pieces, w)


def tank_at(
    qt: Any, qs: Any, ca: Any, starts: Any, ends: Any, speeds: Any, sums: Any, q: int, t: float
) -> float:
    """Return a quantity's value at t without storing it; it must not be never."""
    if not CALENDARS or qt[q].profile < 0:
        moved = qs[q].rate * (t - qs[q].since)
    else:
        c = qt[q].profile
        moved = qs[q].rate * (
            profile_work(ca, starts, ends, speeds, sums, c, t)
            - profile_work(ca, starts, ends, speeds, sums, c, qs[q].since)
        )
    return float(min(qt[q].high, max(qt[q].low, qs[q].value + moved)))


def integrate(
    qt: Any, qs: Any, ca: Any, starts: Any, ends: Any, speeds: Any, sums: Any, q: int, t: float
) -> None:
    """Add a quantity's integral since the last call."""
    length = t - qs[q].integrated
    begun = qs[q].integrated
    qs[q].integrated = t
    if qs[q].never == 1 or length <= 0.0:
        return
    start = tank_at(qt, qs, ca, starts, ends, speeds, sums, q, begun)
    rate, low, high = qs[q].rate, qt[q].low, qt[q].high
    if not CALENDARS or qt[q].profile < 0:
        qs[q].integral += ramp(start, rate, length, low, high)
        return
    c = qt[q].profile
    a = ca[c].piece_first
    b = a + ca[c].piece_count
    qs[q].integral += ramp_on_pieces(
        starts[a:b], ends[a:b], speeds[a:b], ca[c].pieces, begun, t, start, rate, low, high
    )


def store(
    qt: Any, qs: Any, ca: Any, starts: Any, ends: Any, speeds: Any, sums: Any, q: int, t: float
) -> None:
    """Make the value at t the stored one."""
    if qs[q].watched == 1:
        integrate(qt, qs, ca, starts, ends, speeds, sums, q, t)
    if qs[q].never == 0:
        qs[q].value = tank_at(qt, qs, ca, starts, ends, speeds, sums, q, t)
    qs[q].since = t


def meets(
    qt: Any,
    qs: Any,
    dl: Any,
    ca: Any,
    starts: Any,
    ends: Any,
    speeds: Any,
    sums: Any,
    row: int,
    t: float,
) -> float:
    """Return when a quantity meets the value that a delay waits for (R20)."""
    q = dl[row].other
    if qs[q].never == 1:
        return math.inf
    now = tank_at(qt, qs, ca, starts, ends, speeds, sums, q, t)
    falls = dl[row].falls == 1
    if (falls and now <= dl[row].a) or (not falls and now >= dl[row].a):
        return t
    rate = qs[q].rate
    if rate == 0.0 or (rate < 0.0) != falls:
        return math.inf
    needed = (dl[row].a - qs[q].value) / rate
    if not CALENDARS or qt[q].profile < 0:
        return float(max(t, qs[q].since + needed))
    c = qt[q].profile
    w = profile_work(ca, starts, ends, speeds, sums, c, qs[q].since) + needed
    return max(t, profile_inverse(ca, starts, ends, speeds, sums, c, w))


def left(
    tr: Any,
    dl: Any,
    cl: Any,
    ca: Any,
    starts: Any,
    ends: Any,
    speeds: Any,
    sums: Any,
    i: int,
    t: float,
) -> float:
    """Return the work that remains on a running clock at t."""
    if (CALENDARS or QUANTITIES) and dl[cl[i].delay].kind != LAW:
        return 0.0
    c = tr[i].profile
    if not CALENDARS or c < 0:
        spent = t - cl[i].since
    else:
        spent = profile_work(ca, starts, ends, speeds, sums, c, t) - profile_work(
            ca, starts, ends, speeds, sums, c, cl[i].since
        )
    return float(max(0.0, cl[i].work - cl[i].speed * spent))


def fire_time(
    tr: Any,
    dl: Any,
    cl: Any,
    qt: Any,
    qs: Any,
    ca: Any,
    opens: Any,
    closes: Any,
    days: Any,
    starts: Any,
    ends: Any,
    speeds: Any,
    sums: Any,
    i: int,
    t: float,
) -> float:
    """Return when a running clock fires, seen from t (R11, R14)."""
    row = cl[i].delay
    kind = dl[row].kind
    if not (CALENDARS or QUANTITIES) or kind == LAW:
        if cl[i].speed == 0.0:
            return math.inf
        c = tr[i].profile
        if not CALENDARS or c < 0:
            return float(t + cl[i].work / cl[i].speed)
        w = profile_work(ca, starts, ends, speeds, sums, c, t) + cl[i].work / cl[i].speed
        return max(t, profile_inverse(ca, starts, ends, speeds, sums, c, w))
    if kind == UNTIL:
        return meets(qt, qs, dl, ca, starts, ends, speeds, sums, row, t)
    c = dl[row].other
    if kind == NEXT_OPEN:
        a = ca[c].open_first
        n = ca[c].open_count
        return next_open(opens[a : a + n], closes[a : a + n], n, t, dl[row].a)
    if kind == NEXT_OPENING:
        a = ca[c].open_first
        n = ca[c].open_count
        return next_opening(opens[a : a + n], n, t)
    if kind == NEXT_DAY:
        a = ca[c].open_first
        n = ca[c].open_count
        return next_business_day(opens[a : a + n], days[a : a + n], n, t, ca[c].civil)
    return next_tick(dl[row].a, dl[row].b, t)


def settle_tanks(
    qt: Any,
    ii: Any,
    ff: Any,
    qs: Any,
    ls: Any,
    cl: Any,
    ca: Any,
    starts: Any,
    ends: Any,
    speeds: Any,
    sums: Any,
    xx: Any,
    tr: Any,
    touched: Any,
    refill: Any,
    t: float,
) -> None:
    """Give quantities their new rates; clocks that wait for a changed one are touched (R16)."""
    if xx[DIRTY_TANKS] == 0:
        return
    for q in range(len(qt)):
        changed = qs[q].jumped == xx[INSTANT]
        if qs[q].dirty == xx[INSTANT]:
            place = qt[q].rate_first
            if qt[q].rate_level >= 0:
                place += ls[qt[q].rate_level].value
            if ff[place] != qs[q].rate:
                store(qt, qs, ca, starts, ends, speeds, sums, q, t)
                qs[q].rate = ff[place]
                changed = True
        if changed:
            for k in range(qt[q].wait_count):
                i = ii[qt[q].wait_first + k]
                refill[i] = xx[INSTANT]
                if cl[i].touched != xx[INSTANT]:
                    cl[i].touched = xx[INSTANT]
                    touched[xx[TOUCHED]] = i
                    xx[TOUCHED] += 1
    xx[DIRTY_TANKS] = 0


def settle_clocks(
    tr: Any,
    dl: Any,
    el: Any,
    qt: Any,
    ii: Any,
    ff: Any,
    laws: Any,
    points: Any,
    cl: Any,
    st: Any,
    ls: Any,
    gs: Any,
    qs: Any,
    ca: Any,
    opens: Any,
    closes: Any,
    days: Any,
    starts: Any,
    ends: Any,
    speeds: Any,
    sums: Any,
    xx: Any,
    yy: Any,
    touched: Any,
    refill: Any,
    heap: Any,
    k0: Any,
    k1: Any,
    t: float,
    initial: bool,
) -> None:
    """Apply memory, then start, continue or change the speed of every touched clock (R11-R13)."""
    instant = xx[INSTANT]
    for k in range(xx[TOUCHED]):
        i = touched[k]
        e = tr[i].element
        status = cl[i].status
        fire = cl[i].fire
        if cl[i].fired == instant or st[e].renewed == instant:
            status = 0
        elif cl[i].left == instant:
            if tr[i].keep_left == 1:
                if status == 1:
                    cl[i].work = left(tr, dl, cl, ca, starts, ends, speeds, sums, i, t)
                    status = 2
            else:
                status = 0
        enabled = ii[tr[i].source_at + st[e].state] == 1
        if enabled and tr[i].guard >= 0:
            enabled = gs[tr[i].guard].value == 1
        if not enabled:
            if status == 1:
                if tr[i].keep_guard == 1:
                    cl[i].work = left(tr, dl, cl, ca, starts, ends, speeds, sums, i, t)
                    status = 2
                else:
                    status = 0
            fire = math.inf
        else:
            speed = 1.0
            if SELECTED and tr[i].plain_speed == 0:
                place = tr[i].speed_first
                if tr[i].speed_level >= 0:
                    place += ls[tr[i].speed_level].value
                speed = ff[place]
            again = False
            if status == 0:
                number = cl[i].draws
                cl[i].draws += 1
                row = tr[i].delay_first
                if SELECTED and tr[i].delay_level >= 0:
                    row += ls[tr[i].delay_level].value
                cl[i].delay = row
                cl[i].root = st[e].flag_root if st[e].flagged > 0 else xx[ROOT]
                if not (CALENDARS or QUANTITIES) or dl[row].kind == LAW:
                    u = uniform(k0, k1, tr[i].delay_stream, number)
                    if initial and tr[i].initial_age > 0.0:
                        x = draw_residual(laws, points, dl[row].law, u, tr[i].initial_age)
                    elif dl[row].code == EXPONENTIAL:
                        x = dl[row].shift + -math.log(u) * dl[row].a
                    else:
                        x = draw(laws, points, dl[row].law, u)
                    cl[i].work = x
                    if not x >= 0.0:
                        xx[ERROR] = BAD_DRAW
                        xx[ERROR_AT] = i
                        yy[ERROR_VALUE] = x
                        return
                again = True
            elif status == 2:
                again = True
            elif SELECTED and speed != cl[i].speed:
                cl[i].work = left(tr, dl, cl, ca, starts, ends, speeds, sums, i, t)
                again = True
            elif QUANTITIES and refill[i] == instant and dl[cl[i].delay].kind == UNTIL:
                fire = meets(qt, qs, dl, ca, starts, ends, speeds, sums, cl[i].delay, t)
            status = 1
            if again:
                cl[i].since = t
                cl[i].speed = speed
                fire = fire_time(
                    tr, dl, cl, qt, qs, ca, opens, closes, days, starts, ends, speeds, sums, i, t
                )
        cl[i].status = status
        if fire != cl[i].fire:
            cl[i].fire = fire
            reschedule(cl, heap, xx, i, fire)
    xx[TOUCHED] = 0
    fill_hole(cl, heap, xx)
