"""Observers: what held over an interval is added when time advances (R22-R24, R27-R28)."""

from typing import Any

from pacsim.engines.kernel.names import (
    DIRTY,
    EPISODE_ROWS,
    EPISODES,
    ERROR,
    FULL_BUFFER,
    GATE_TIME,
    KEPT,
    LAST,
    LEVEL_INTEGRAL,
    LEVEL_TIME,
    PASSAGE,
    QUANTITY_INTEGRAL,
    SHARE_ROWS,
    WINDOW,
)
from pacsim.engines.kernel.source.clocks import integrate
from pacsim.engines.kernel.source.gates import evaluate

EPISODE_WIDTH = 19
PHASES = 8


def kind_of_down_time(
    tr: Any,
    el: Any,
    lv: Any,
    gt: Any,
    gr: Any,
    ii: Any,
    st: Any,
    ls: Any,
    gs: Any,
    plan: Any,
    seen: Any,
    states: Any,
    gate: int,
) -> int:
    """Return 0 unplanned, 1 planned, 2 mixed for the present down time of a gate (R28)."""
    for cone in range(2):
        # Cone 0 reads planned work as absent, cone 1 reads faults as absent.
        bit = 2 if cone == 0 else 1
        cls = 1 if cone == 0 else 0
        differs = False
        for e in range(len(el)):
            state = st[e].state
            states[e] = state
            root = st[e].entry_root
            flagged = st[e].flagged
            if (flagged & bit) != 0 or (flagged == 0 and root >= 0 and tr[root].cls == cls):
                states[e] = el[e].initial
                differs = differs or state != el[e].initial
        if not differs:
            return cone
        evaluate(lv, gt, gr, ii, ls, gs, plan, seen, states)
        if gs[gate].other == 1:
            return cone
    return 2


def flush_time(
    ob: Any, ws: Any, values: Any, xx: Any, base: int, o: int, t: float, w: int, n: int
) -> None:
    """Add what has passed of an open episode to its columns."""
    length = t - ws[o].since
    ws[o].since = t
    first = base + ob[o].first
    values[first] += length
    windowed = ob[o].by_window == 1 and w > 0
    blocks = first + 2
    if ob[o].causes == 1:
        blocks += 3 + n
    if windowed:
        values[blocks + xx[WINDOW]] += length
    if ob[o].causes == 1:
        kind = ws[o].kind
        if kind == 0:
            ws[o].unplanned += length
        elif kind == 1:
            ws[o].planned += length
        else:
            ws[o].mixed += length
        values[first + 2 + kind] += length
        if windowed:
            values[blocks + (2 + kind) * w + xx[WINDOW]] += length


def flush_phase(ob: Any, ws: Any, phases: Any, o: int, t: float) -> None:
    """Add what has passed of an open episode's phase."""
    if ob[o].phase >= 0:
        phases[o * PHASES + ws[o].value] += t - ws[o].phase_since
    ws[o].phase_since = t


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
                values[first] += ws[o].value * (t - ws[o].since)
        ws[o].since = t
    elif kind == QUANTITY_INTEGRAL:
        q = ob[o].subject
        integrate(qt, qs, ca, starts, ends, speeds, sums, q, t)
        values[first] = qs[q].integral
    elif kind == EPISODES and ws[o].open == 1:
        flush_time(ob, ws, values, xx, base, o, t, w, n)
        flush_phase(ob, ws, phases, o, t)
        if ob[o].causes == 1:
            for e in range(n):
                if sh[o * n + e].flagged == 1:
                    values[first + 5 + e] += t - sh[o * n + e].since
                    sh[o * n + e].since = t


def end_episode(
    ob: Any,
    ws: Any,
    sh: Any,
    phases: Any,
    rows: Any,
    shares: Any,
    xx: Any,
    replication: int,
    o: int,
    t: float,
    after: int,
    censored: float,
    n: int,
) -> None:
    """Write an episode's row and its contributors."""
    row = xx[EPISODE_ROWS]
    at = row * EPISODE_WIDTH
    if at + EPISODE_WIDTH > len(rows) or 2 * (xx[SHARE_ROWS] + n) > len(shares):
        xx[ERROR] = FULL_BUFFER
        return
    rows[at] = replication
    rows[at + 1] = o
    rows[at + 2] = ws[o].start
    rows[at + 3] = t
    rows[at + 4] = censored
    rows[at + 5] = ws[o].root
    rows[at + 6] = ws[o].unplanned
    rows[at + 7] = ws[o].planned
    rows[at + 8] = ws[o].mixed
    rows[at + 9] = ws[o].at_start
    rows[at + 10] = after
    for k in range(PHASES):
        rows[at + 11 + k] = phases[o * PHASES + k]
    xx[EPISODE_ROWS] += 1
    if ob[o].causes == 1:
        for e in range(n):
            if sh[o * n + e].present == 1:
                shares[2 * xx[SHARE_ROWS]] = e
                shares[2 * xx[SHARE_ROWS] + 1] = row
                xx[SHARE_ROWS] += 1
    ws[o].open = 0


def see_causes(
    tr: Any,
    el: Any,
    lv: Any,
    gt: Any,
    gr: Any,
    ii: Any,
    ob: Any,
    st: Any,
    ls: Any,
    gs: Any,
    ws: Any,
    sh: Any,
    plan: Any,
    seen: Any,
    states: Any,
    values: Any,
    xx: Any,
    base: int,
    o: int,
    t: float,
    w: int,
    n: int,
) -> None:
    """Read again what kind of down time it is and which elements are flagged."""
    kind = kind_of_down_time(tr, el, lv, gt, gr, ii, st, ls, gs, plan, seen, states, ob[o].subject)
    if kind != ws[o].kind:
        flush_time(ob, ws, values, xx, base, o, t, w, n)
        ws[o].kind = kind
    for e in range(n):
        place = o * n + e
        now = 1 if st[e].flagged > 0 else 0
        if now != sh[place].flagged:
            if now == 1:
                sh[place].since = t
                sh[place].present = 1
            else:
                values[base + ob[o].first + 5 + e] += t - sh[place].since
            sh[place].flagged = now


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
    plan: Any,
    seen: Any,
    states: Any,
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
) -> None:
    """Let one observer see the settled state that holds from t on."""
    kind = ob[o].kind
    if kind == GATE_TIME:
        true = gs[ob[o].subject].value
        if true == 1 and ws[o].open == 0:
            ws[o].open = 1
            ws[o].since = t
        elif true == 0 and ws[o].open == 1:
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
            ws[o].open = 0
    elif kind in (LEVEL_TIME, LEVEL_INTEGRAL):
        value = ls[ob[o].subject].value
        if value != ws[o].value or ws[o].open == 0:
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
            ws[o].value = value
            ws[o].open = 1
    elif kind == PASSAGE:
        if ws[o].open == 0 and gs[ob[o].subject].value == 1:
            ws[o].open = 1
            values[base + ob[o].first] = t
    elif kind == EPISODES:
        if gs[ob[o].subject].value == 1:
            if ws[o].open == 0:
                ws[o].open = 1
                ws[o].start = t
                ws[o].since = t
                ws[o].phase_since = t
                ws[o].root = ws[o].turn_root
                ws[o].unplanned = 0.0
                ws[o].planned = 0.0
                ws[o].mixed = 0.0
                ws[o].kind = -1
                ws[o].at_start = ls[ob[o].at_start].value if ob[o].at_start >= 0 else -1
                ws[o].value = ls[ob[o].phase].value if ob[o].phase >= 0 else 0
                for k in range(PHASES):
                    phases[o * PHASES + k] = 0.0
                if ob[o].causes == 1:
                    ws[o].kind = kind_of_down_time(
                        tr, el, lv, gt, gr, ii, st, ls, gs, plan, seen, states, ob[o].subject
                    )
                    for e in range(n):
                        sh[o * n + e].flagged = 0
                        sh[o * n + e].present = 0
                first = base + ob[o].first
                values[first + 1] += 1.0
                if ob[o].by_window == 1 and w > 0:
                    blocks = first + 2
                    if ob[o].causes == 1:
                        blocks += 3 + n
                    values[blocks + w + xx[WINDOW]] += 1.0
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
                    plan,
                    seen,
                    states,
                    values,
                    xx,
                    base,
                    o,
                    t,
                    w,
                    n,
                )
            if ob[o].phase >= 0:
                phase = ls[ob[o].phase].value
                if phase != ws[o].value:
                    flush_phase(ob, ws, phases, o, t)
                    ws[o].value = phase
        elif ws[o].open == 1:
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
    plan: Any,
    seen: Any,
    states: Any,
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
) -> None:
    """Let observers see the settled state that held from the last instant to t (R22)."""
    last = yy[LAST]
    if xx[DIRTY] > 0 or yy[KEPT] > 0.0:
        # Episodes with causes look at every advance while they are open; their number is kept.
        still_open = 0.0
        for o in range(len(ob)):
            always = ob[o].kind == EPISODES and ob[o].causes == 1 and ws[o].open == 1
            if ws[o].dirty == 1 or always:
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
                    plan,
                    seen,
                    states,
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
                )
            if ob[o].kind == EPISODES and ob[o].causes == 1 and ws[o].open == 1:
                still_open += 1.0
        xx[DIRTY] = 0
        yy[KEPT] = still_open
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
