"""The state at the beginning of a replication (R1, R15)."""

import math
from typing import Any

from pacsim.delays.intervals import fill_openings, fill_pieces
from pacsim.engines.kernel.names import (
    CHANGED,
    DIRTY,
    DIRTY_TANKS,
    ENABLED,
    ERROR,
    EVENTS,
    FINE,
    HEAP,
    HOLE,
    INSTANT,
    KEPT,
    LAST,
    PASSAGE,
    QUANTITIES,
    QUANTITY_INTEGRAL,
    RECENT,
    ROOT,
    STALE,
    STEPS,
    TIES,
    TOUCHED,
    WINDOW,
    WORK_ITEMS,
)
from pacsim.engines.kernel.source.episodes import forget_shares
from pacsim.engines.kernel.source.gates import evaluate, mark_watcher, touch


def set_calendars(
    ca: Any,
    base_opens: Any,
    base_closes: Any,
    base_starts: Any,
    base_ends: Any,
    base_speeds: Any,
    opens: Any,
    closes: Any,
    starts: Any,
    ends: Any,
    speeds: Any,
    sums: Any,
    civil: Any,
    shift: float,
) -> None:
    """Place the calendars of a replication on its time axis (R1)."""
    for c in range(len(ca)):
        a = ca[c].open_first
        b = a + ca[c].open_count
        fill_openings(base_opens[a:b], base_closes[a:b], shift, opens[a:b], closes[a:b])
        a = ca[c].piece_first
        b = a + ca[c].piece_count
        ca[c].pieces = fill_pieces(
            base_starts[a:b],
            base_ends[a:b],
            base_speeds[a:b],
            shift,
            starts[a:b],
            ends[a:b],
            speeds[a:b],
            sums[a:b],
        )
        ca[c].civil = civil[c] + shift


def begin(
    tr: Any,
    el: Any,
    lv: Any,
    gt: Any,
    gr: Any,
    qt: Any,
    ob: Any,
    ii: Any,
    plan: Any,
    cl: Any,
    st: Any,
    ls: Any,
    gs: Any,
    qs: Any,
    ws: Any,
    sh: Any,
    touched: Any,
    stale: Any,
    dirty: Any,
    seen: Any,
    refill: Any,
    xx: Any,
    yy: Any,
    values: Any,
    base: int,
    elements: int,
    levels: int,
    watchers: int,
) -> None:
    """Put everything in its state at t = 0; nothing is settled yet."""
    xx[INSTANT] = 1
    xx[STEPS] = 0
    xx[ROOT] = -1
    xx[TOUCHED] = 0
    xx[ENABLED] = 0
    xx[WORK_ITEMS] = 0
    xx[WINDOW] = 0
    xx[EVENTS] = 0
    xx[DIRTY] = 0
    xx[DIRTY_TANKS] = 1
    xx[STALE] = 0
    xx[HEAP] = 0
    xx[HOLE] = 0
    xx[TIES] = 0
    xx[RECENT] = 0
    xx[KEPT] = 0
    xx[CHANGED] = 0
    xx[ERROR] = FINE
    yy[LAST] = 0.0
    for e in range(elements):
        st[e].state = el[e].initial
        st[e].stamp = 0
        st[e].renewed = 0
        st[e].changed = 0
        st[e].flag_root = -1
        st[e].entry_root = -1
        st[e].flagged = ii[el[e].flag_at + el[e].initial]
    for k in range(levels):
        ls[k].other = 0
        ls[k].listed = 0
    for k in range(len(gt)):
        gs[k].other = 0
        gs[k].listed = 0
    evaluate(lv, gt, gr, ii, st, ls, gs, plan, seen)
    for q in range(len(qt)):
        qs[q].value = qt[q].start
        qs[q].never = qt[q].never
        qs[q].since = 0.0
        qs[q].rate = 0.0
        qs[q].integral = 0.0
        qs[q].integrated = 0.0
        qs[q].dirty = 1
        qs[q].jumped = 0
        qs[q].watched = 0
    for o in range(watchers):
        ws[o].open = 0
        forget_shares(ws, sh, o, elements)
        ws[o].dirty = 0
        ws[o].was_down = 0
        ws[o].turn_root = -1
        ws[o].since = 0.0
        mark_watcher(ob, ws, xx, dirty, o)
        if ob[o].kind == PASSAGE:
            values[base + ob[o].first] = math.inf
        if QUANTITIES and ob[o].kind == QUANTITY_INTEGRAL:
            qs[ob[o].subject].watched = 1
    for i in range(len(tr)):
        cl[i].fire = math.inf
        cl[i].status = 0
        cl[i].draws = 0
        cl[i].firings = 0
        cl[i].fired = 0
        cl[i].left = 0
        cl[i].touched = 0
        cl[i].root = -1
        refill[i] = 0
        cl[i].place = -1
        touch(tr, cl, xx, touched, stale, i)
