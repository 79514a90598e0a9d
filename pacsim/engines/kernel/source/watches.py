"""Observers: what held over an interval is added when time advances (R22-R24, R27-R28)."""

from typing import Any

from pacsim.engines.kernel.names import (
    CHANGED,
    DIRTY,
    EPISODES,
    GATE_TIME,
    KEPT,
    LAST,
    LEVEL_INTEGRAL,
    LEVEL_TIME,
    PASSAGE,
    QUANTITIES,
    QUANTITY_INTEGRAL,
    WINDOW,
)
from pacsim.engines.kernel.source.clocks import integrate
from pacsim.engines.kernel.source.episodes import (
    begin_episode,
    end_episode,
    flush_phase,
    flush_time,
    see_causes,
)


def flush(
    ob: Any,
    qt: Any,
    ws: Any,
    qs: Any,
    sh: Any,
    ca: Any,
    starts: Any,
    ends: Any,
    speeds: Any,
    sums: Any,
    values: Any,
    phases: Any,
    xx: Any,
    base: int,
    o: int,
    t: float,
    w: int,
    n: int,
) -> None:
    """Close what an observer has open at t and open it again."""
    kind = ob[o].kind
    first = base + ob[o].first
    if kind == GATE_TIME:
        if ws[o].open == 1:
            values[first] += t - ws[o].since
            if ob[o].by_window == 1 and w > 0:
                values[first + 1 + xx[WINDOW]] += t - ws[o].since
            ws[o].since = t
    elif kind in (LEVEL_TIME, LEVEL_INTEGRAL):
        if ws[o].open == 1:
            if kind == LEVEL_TIME:
                values[first + ws[o].value] += t - ws[o].since
            else:
                values[first] += ob[o].scale * (ws[o].value * (t - ws[o].since))
        ws[o].since = t
    elif QUANTITIES and kind == QUANTITY_INTEGRAL:
        q = ob[o].subject
        integrate(qt, qs, ca, starts, ends, speeds, sums, q, t)
        values[first] = qs[q].integral
    elif kind == EPISODES and ws[o].open == 1:
        flush_time(ob, ws, values, xx, base, o, t, w, n)
        flush_phase(ob, ws, phases, o, t)
        if ob[o].causes == 1:
            for k in range(ws[o].listed):
                e = sh[o * n + k].item
                if sh[o * n + e].flagged == 1:
                    values[first + 5 + e] += t - sh[o * n + e].since
                    sh[o * n + e].since = t


def see(
    tr: Any,
    el: Any,
    lv: Any,
    gt: Any,
    gr: Any,
    qt: Any,
    ii: Any,
    ob: Any,
    st: Any,
    ls: Any,
    gs: Any,
    qs: Any,
    ws: Any,
    sh: Any,
    ca: Any,
    starts: Any,
    ends: Any,
    speeds: Any,
    sums: Any,
    seen: Any,
    changed: Any,
    flips: Any,
    items: Any,
    order: Any,
    values: Any,
    phases: Any,
    rows: Any,
    shares: Any,
    xx: Any,
    replication: int,
    base: int,
    o: int,
    t: float,
    w: int,
    n: int,
    levels: int,
) -> None:
    """Let one observer see the settled state that holds from t on."""
    kind = ob[o].kind
    was_open = ws[o].open == 1
    true = kind in (GATE_TIME, PASSAGE, EPISODES) and gs[ob[o].subject].value == 1
    level = kind in (LEVEL_TIME, LEVEL_INTEGRAL)
    over = was_open and not true and kind in (GATE_TIME, EPISODES)
    # One place for all kinds: what is inlined more than once makes the code too long to be quick.
    if over or (level and (ls[ob[o].subject].value != ws[o].value or not was_open)):
        flush(
            ob,
            qt,
            ws,
            qs,
            sh,
            ca,
            starts,
            ends,
            speeds,
            sums,
            values,
            phases,
            xx,
            base,
            o,
            t,
            w,
            n,
        )
    if level:
        ws[o].value = ls[ob[o].subject].value
        ws[o].open = 1
    elif kind == GATE_TIME:
        if true and not was_open:
            ws[o].since = t
        ws[o].open = 1 if true else 0
    elif kind == PASSAGE:
        if true and not was_open:
            ws[o].open = 1
            values[base + ob[o].first] = t
    elif kind == EPISODES:
        if true:
            if not was_open:
                begin_episode(ob, ls, ws, values, phases, xx, base, o, t, w, n)
            if ob[o].causes == 1:
                see_causes(
                    tr,
                    el,
                    lv,
                    gt,
                    gr,
                    ii,
                    ob,
                    st,
                    ls,
                    gs,
                    ws,
                    sh,
                    seen,
                    changed,
                    flips,
                    items,
                    order,
                    values,
                    xx,
                    base,
                    o,
                    t,
                    w,
                    n,
                    levels,
                    not was_open,
                )
            if ob[o].phase >= 0:
                phase = ls[ob[o].phase].value
                if phase != ws[o].value:
                    flush_phase(ob, ws, phases, o, t)
                    ws[o].value = phase
        elif over:
            after = ls[ob[o].at_end].value if ob[o].at_end >= 0 else -1
            end_episode(ob, ws, sh, phases, rows, shares, xx, replication, o, t, after, 0.0, n)


def advance(
    tr: Any,
    el: Any,
    lv: Any,
    gt: Any,
    gr: Any,
    qt: Any,
    ii: Any,
    ob: Any,
    st: Any,
    ls: Any,
    gs: Any,
    qs: Any,
    ws: Any,
    sh: Any,
    ca: Any,
    starts: Any,
    ends: Any,
    speeds: Any,
    sums: Any,
    seen: Any,
    changed: Any,
    flips: Any,
    items: Any,
    order: Any,
    values: Any,
    phases: Any,
    rows: Any,
    shares: Any,
    xx: Any,
    yy: Any,
    dirty: Any,
    bounds: Any,
    replication: int,
    base: int,
    t: float,
    w: int,
    n: int,
    levels: int,
) -> None:
    """Let observers see the settled state that held from the last instant to t (R22)."""
    last = yy[LAST]
    if xx[DIRTY] > 0 or xx[CHANGED] > 0:
        # Elements are listed as changed while episodes with causes are open; their number is kept.
        still_open = 0
        for o in range(len(ob)):
            open_one = ob[o].kind == EPISODES and ob[o].causes == 1 and ws[o].open == 1
            if ws[o].dirty == 1 or (open_one and xx[CHANGED] > 0):
                ws[o].dirty = 0
                see(
                    tr,
                    el,
                    lv,
                    gt,
                    gr,
                    qt,
                    ii,
                    ob,
                    st,
                    ls,
                    gs,
                    qs,
                    ws,
                    sh,
                    ca,
                    starts,
                    ends,
                    speeds,
                    sums,
                    seen,
                    changed,
                    flips,
                    items,
                    order,
                    values,
                    phases,
                    rows,
                    shares,
                    xx,
                    replication,
                    base,
                    o,
                    last,
                    w,
                    n,
                    levels,
                )
            if ob[o].kind == EPISODES and ob[o].causes == 1 and ws[o].open == 1:
                still_open += 1
        for k in range(xx[CHANGED]):
            st[changed[k]].changed = 0
        xx[CHANGED] = 0
        xx[DIRTY] = 0
        xx[KEPT] = still_open
    while xx[WINDOW] < len(bounds) and bounds[xx[WINDOW]] <= t:
        boundary = bounds[xx[WINDOW]]
        for o in range(len(ob)):
            flush(
                ob,
                qt,
                ws,
                qs,
                sh,
                ca,
                starts,
                ends,
                speeds,
                sums,
                values,
                phases,
                xx,
                base,
                o,
                boundary,
                w,
                n,
            )
        xx[WINDOW] += 1
    yy[LAST] = t
