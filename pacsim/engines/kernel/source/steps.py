"""One elementary step: which firing comes first, what it chooses and what it changes (R9, R16)."""

import math
from typing import Any

import numpy as np

from pacsim.engines.kernel.names import (
    BEYOND_COUNTER,
    CALENDARS,
    CHANGED,
    DIRTY_TANKS,
    ENABLED,
    ERROR,
    ERROR_AT,
    FIFO,
    FINE,
    FULL_BUFFER,
    INSTANT,
    KEPT,
    QUANTITIES,
    RECENT,
    RECENT_KEPT,
    ROOT,
    SAMPLE,
    SAMPLE_ROWS,
    SAMPLES,
    SELECTED,
    STEPS,
    TAKEN,
    TRACE_ROWS,
    TRACED,
)
from pacsim.engines.kernel.source.clocks import profile_work, store, tank_at
from pacsim.engines.kernel.source.draws import uniform
from pacsim.engines.kernel.source.gates import add_to_level, propagate, touch

SAMPLE_WIDTH, TRACE_WIDTH = 4, 3


def first_enabled(tr: Any, st: Any, enabled: Any, xx: Any) -> int:
    """Return the immediate to take first, -1 if none is enabled (R16)."""
    best = np.int64(-1)
    for k in range(xx[ENABLED]):
        i = enabled[k]
        if best < 0:
            best = np.int64(i)
        elif tr[i].priority != tr[best].priority:
            if tr[i].priority < tr[best].priority:
                best = np.int64(i)
        else:
            mine = np.int64(0)
            other = np.int64(0)
            if FIFO and tr[i].fifo == 1:
                mine = st[tr[i].element].stamp
                other = st[tr[best].element].stamp
            if mine < other or (mine == other and i < best):
                best = np.int64(i)
    return int(best)


def choose(tr: Any, oc: Any, ii: Any, k0: Any, k1: Any, index: Any, row: int, firing: Any) -> int:
    """Return which outcome of a row is taken (R9)."""
    at = ii[row]
    chosen = 0
    if ii[row + 1] > 1:
        u = uniform(k0, k1, tr[index].outcome_stream, firing)
        total = 0.0
        chosen = ii[row + 1] - 1
        for k in range(ii[row + 1]):
            total += oc[at + k].p
            if u < total:
                chosen = k
                break
    return int(chosen)


def take_sample(
    qt: Any,
    ob: Any,
    ca: Any,
    starts: Any,
    ends: Any,
    speeds: Any,
    sums: Any,
    qs: Any,
    xx: Any,
    values: Any,
    samples: Any,
    replication: int,
    column: int,
    o: int,
    t: float,
) -> None:
    """Read a quantity, an amount or the time at a firing (R23)."""
    q = ob[o].set_at
    row = xx[SAMPLE_ROWS]
    if row >= len(samples) // SAMPLE_WIDTH:
        xx[ERROR] = FULL_BUFFER
        xx[ERROR_AT] = TAKEN
        return
    value = math.nan
    now = t
    if QUANTITIES and q >= 0 and qs[q].never == 1:
        values[column + 1] += 1.0
    else:
        if QUANTITIES and q >= 0:
            now = tank_at(qt, qs, ca, starts, ends, speeds, sums, q, t)
        if CALENDARS and ob[o].profile >= 0:
            c = ob[o].profile
            since = profile_work(ca, starts, ends, speeds, sums, c, t - now)
            now = profile_work(ca, starts, ends, speeds, sums, c, t) - since
        value = ob[o].offset + ob[o].scale * now
        values[column + 2] += value
    samples[SAMPLE_WIDTH * row] = replication
    samples[SAMPLE_WIDTH * row + 1] = o
    samples[SAMPLE_WIDTH * row + 2] = t
    samples[SAMPLE_WIDTH * row + 3] = value
    xx[SAMPLE_ROWS] += 1


def see_firing(
    tr: Any,
    qt: Any,
    ob: Any,
    ii: Any,
    ca: Any,
    starts: Any,
    ends: Any,
    speeds: Any,
    sums: Any,
    gs: Any,
    qs: Any,
    xx: Any,
    values: Any,
    samples: Any,
    replication: int,
    base: int,
    index: Any,
    t: float,
    chosen: int,
) -> None:
    """Count a firing, and read the samples that it takes (R23)."""
    for k in range(tr[index].watch_count):
        o = ii[tr[index].watch_first + k]
        if ob[o].outcome >= 0 and ob[o].outcome != chosen:
            continue
        if ob[o].when >= 0 and gs[ob[o].when].value == 0:
            continue
        column = base + ob[o].first
        values[column] += 1.0
        if SAMPLES and ob[o].kind == SAMPLE:
            take_sample(
                qt, ob, ca, starts, ends, speeds, sums, qs, xx, values, samples, replication,
                column, o, t,
            )  # fmt: skip


def plan_moves(
    tr: Any,
    oc: Any,
    ef: Any,
    ii: Any,
    st: Any,
    moved: Any,
    xx: Any,
    k0: Any,
    k1: Any,
    index: Any,
    firing: Any,
    out: int,
) -> int:
    """List the moves of an outcome, read before any is made; return their number (R9)."""
    e = tr[index].element
    n = 1
    moved[0] = e
    moved[1] = oc[out].target
    moved[2] = oc[out].renew
    for k in range(oc[out].effect_count):
        f = oc[out].effect_first + k
        if ef[f].p < 1.0 and uniform(k0, k1, ef[f].stream, firing) >= ef[f].p:
            continue
        other = ef[f].element
        state = st[other].state
        if ef[f].moves_at < 0:
            moved[3 * n] = other
            moved[3 * n + 1] = state
            moved[3 * n + 2] = 1
            n += 1
            continue
        target = ii[ef[f].moves_at + state]
        if target >= 0:
            moved[3 * n] = other
            moved[3 * n + 1] = target
            moved[3 * n + 2] = ef[f].renew
            n += 1
        elif ef[f].counter == 1:
            xx[ERROR] = BEYOND_COUNTER
            xx[ERROR_AT] = index
            moved[0] = other
            moved[1] = state
    return n


def jump(
    oc: Any,
    jp: Any,
    qt: Any,
    ca: Any,
    starts: Any,
    ends: Any,
    speeds: Any,
    sums: Any,
    qs: Any,
    xx: Any,
    t: float,
    out: int,
) -> None:
    """Let quantities jump together (R19)."""
    for k in range(oc[out].jump_count):
        j = oc[out].jump_first + k
        if jp[j].how == 2:
            q = jp[j].quantity
            qs[q].copied_never = qs[jp[j].other].never
            if qs[jp[j].other].never == 0:
                qs[q].copied = tank_at(qt, qs, ca, starts, ends, speeds, sums, jp[j].other, t)
    for k in range(oc[out].jump_count):
        j = oc[out].jump_first + k
        q = jp[j].quantity
        value = jp[j].value
        never = 0
        if jp[j].how == 2:
            value = qs[q].copied
            never = qs[q].copied_never
        elif jp[j].how == 1 and qs[q].never == 0:
            value = value + tank_at(qt, qs, ca, starts, ends, speeds, sums, q, t)
        store(qt, qs, ca, starts, ends, speeds, sums, q, t)
        qs[q].never = never
        if never == 0:
            qs[q].value = min(qt[q].high, max(qt[q].low, value))
        qs[q].jumped = xx[INSTANT]
        xx[DIRTY_TANKS] = 1


def move(
    tr: Any,
    el: Any,
    lv: Any,
    ob: Any,
    ii: Any,
    cl: Any,
    st: Any,
    ls: Any,
    gs: Any,
    touched: Any,
    stale: Any,
    items: Any,
    order: Any,
    moved: Any,
    changed: Any,
    xx: Any,
    values: Any,
    base: int,
    n: int,
) -> None:
    """Make the listed moves and mark all that depends on them."""
    for k in range(n):
        e = moved[3 * k]
        new = moved[3 * k + 1]
        old = st[e].state
        if moved[3 * k + 2] == 1:
            st[e].renewed = xx[INSTANT]
        if new != old or moved[3 * k + 2] == 1:
            at = el[e].transition_first
            for j in range(el[e].transition_count):
                i = ii[at + j]
                touch(tr, cl, xx, touched, stale, i)
                source = tr[i].source_at
                if new != old and ii[source + old] == 1 and ii[source + new] == 0:
                    cl[i].left = xx[INSTANT]
        if new == old:
            continue
        flag = ii[el[e].flag_at + new]
        if flag > 0 and st[e].flagged == 0:
            st[e].flag_root = xx[ROOT]
        st[e].flagged = flag
        if xx[KEPT] > 0 and st[e].changed == 0:
            st[e].changed = 1
            changed[xx[CHANGED]] = e
            xx[CHANGED] += 1
        st[e].entry_root = xx[ROOT]
        st[e].state = new
        st[e].stamp = xx[STEPS]
        at = el[e].level_first
        for j in range(el[e].level_count):
            w = ii[at + 2 * j + 1]
            by = ii[w + new] - ii[w + old]
            if by != 0:
                add_to_level(lv, ls, gs, xx, items, order, ii[at + 2 * j], by)
        at = el[e].entry_first
        for j in range(el[e].entry_count):
            o = ii[at + j]
            inside = ob[o].set_at
            if ii[inside + new] == 1 and ii[inside + old] == 0:
                values[base + ob[o].first] += 1.0


def step(
    tr: Any,
    oc: Any,
    ef: Any,
    jp: Any,
    el: Any,
    lv: Any,
    gt: Any,
    gr: Any,
    qt: Any,
    ob: Any,
    ii: Any,
    ca: Any,
    starts: Any,
    ends: Any,
    speeds: Any,
    sums: Any,
    cl: Any,
    st: Any,
    ls: Any,
    gs: Any,
    qs: Any,
    ws: Any,
    touched: Any,
    stale: Any,
    dirty: Any,
    items: Any,
    order: Any,
    seen: Any,
    moved: Any,
    changed: Any,
    recent: Any,
    xx: Any,
    values: Any,
    samples: Any,
    trace: Any,
    k0: Any,
    k1: Any,
    replication: int,
    base: int,
    index: Any,
    t: float,
    levels: int,
) -> None:
    """Take one elementary step: read, choose, apply everything together (R9)."""
    firing = cl[index].firings
    row = tr[index].rows_first
    if SELECTED and tr[index].outcome_level >= 0:
        row += 2 * ls[tr[index].outcome_level].value
    chosen = choose(tr, oc, ii, k0, k1, index, row, firing)
    out = ii[row] + chosen
    see_firing(
        tr,
        qt,
        ob,
        ii,
        ca,
        starts,
        ends,
        speeds,
        sums,
        gs,
        qs,
        xx,
        values,
        samples,
        replication,
        base,
        index,
        t,
        chosen,
    )
    n = plan_moves(tr, oc, ef, ii, st, moved, xx, k0, k1, index, firing, out)
    if xx[ERROR] != FINE:
        return
    if QUANTITIES:
        jump(oc, jp, qt, ca, starts, ends, speeds, sums, qs, xx, t, out)
    cl[index].firings += 1
    if tr[index].timed == 1:
        cl[index].fired = xx[INSTANT]
        touch(tr, cl, xx, touched, stale, index)
    xx[STEPS] += 1
    move(
        tr,
        el,
        lv,
        ob,
        ii,
        cl,
        st,
        ls,
        gs,
        touched,
        stale,
        items,
        order,
        moved,
        changed,
        xx,
        values,
        base,
        n,
    )
    propagate(
        tr,
        lv,
        gt,
        gr,
        qt,
        ob,
        ii,
        cl,
        ls,
        gs,
        qs,
        ws,
        xx,
        items,
        order,
        dirty,
        touched,
        stale,
        seen,
        levels,
    )
    recent[xx[RECENT] % RECENT_KEPT] = index
    xx[RECENT] += 1
    if len(trace) // TRACE_WIDTH > 0:
        place = xx[TRACE_ROWS]
        if place >= len(trace) // TRACE_WIDTH:
            xx[ERROR] = FULL_BUFFER
            xx[ERROR_AT] = TRACED
            return
        trace[TRACE_WIDTH * place] = t
        trace[TRACE_WIDTH * place + 1] = index
        trace[TRACE_WIDTH * place + 2] = chosen
        xx[TRACE_ROWS] += 1
