"""The event loop: one call takes a range of replications from start to horizon (R15-R18)."""

import math
from typing import Any

import numpy as np

from pacsim.delays.intervals import fill_openings, fill_pieces
from pacsim.engines.kernel.names import (
    BEYOND_COUNTER,
    DIRTY,
    ENABLED,
    EPISODE_ROWS,
    EPISODES,
    ERROR,
    ERROR_AT,
    ERROR_TIME,
    EVENTS,
    FINE,
    FULL_BUFFER,
    INSTANT,
    INSTANT_LIMIT,
    KEPT,
    LAST,
    PASSAGE,
    QUANTITY_INTEGRAL,
    RECENT,
    RECENT_KEPT,
    ROOT,
    SAMPLE,
    SAMPLE_ROWS,
    SHARE_ROWS,
    STALE,
    STEP_LIMIT,
    STEPS,
    STEPS_PER_IMMEDIATE,
    TIES,
    TOO_MANY_INSTANTS,
    TOO_MANY_STEPS,
    TOUCHED,
    TRACE_ROWS,
    WEEK,
    WINDOW,
    WORK_ITEMS,
)
from pacsim.engines.kernel.source.clocks import settle_clocks, settle_tanks, store, tank_at
from pacsim.engines.kernel.source.draws import replication_keys, uniform
from pacsim.engines.kernel.source.gates import (
    add_to_level,
    evaluate,
    mark_watcher,
    propagate,
    refresh_immediates,
    touch,
)
from pacsim.engines.kernel.source.watches import advance, end_episode, flush


def run(
    tr: Any,
    dl: Any,
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
    ff: Any,
    laws: Any,
    points: Any,
    plan: Any,
    ca: Any,
    base_opens: Any,
    base_closes: Any,
    days: Any,
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
    cl: Any,
    st: Any,
    ls: Any,
    gs: Any,
    qs: Any,
    ws: Any,
    sh: Any,
    heap: Any,
    enabled: Any,
    touched: Any,
    stale: Any,
    dirty: Any,
    items: Any,
    order: Any,
    seen: Any,
    states: Any,
    refill: Any,
    moved: Any,
    phases: Any,
    recent: Any,
    xx: Any,
    yy: Any,
    values: Any,
    events: Any,
    rows: Any,
    shares: Any,
    samples: Any,
    trace: Any,
    bounds: Any,
    seed: Any,
    first: int,
    count: int,
    horizon: float,
    columns: int,
    windows: int,
    timed: int,
    immediates: int,
    origin_stream: Any,
    random_origin: int,
) -> int:
    """Run replications ``first ..`` and return how many are done; less than asked on an error."""
    elements = len(el)
    levels = len(lv)
    watchers = len(ob)
    for done in range(count):
        replication = first + done
        base = done * columns
        kept_episodes = xx[EPISODE_ROWS]
        kept_shares = xx[SHARE_ROWS]
        kept_samples = xx[SAMPLE_ROWS]
        k0, k1 = replication_keys(seed, np.uint64(replication))
        # ---- everything as at t = 0
        shift = 0.0
        if random_origin == 1:
            shift = uniform(k0, k1, origin_stream, np.uint64(0)) * WEEK
        if random_origin == 1 or done == 0:
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
        xx[INSTANT] = 1
        xx[STEPS] = 0
        xx[ROOT] = -1
        xx[TOUCHED] = 0
        xx[ENABLED] = 0
        xx[WORK_ITEMS] = 0
        xx[WINDOW] = 0
        xx[EVENTS] = 0
        xx[DIRTY] = 0
        xx[STALE] = 0
        xx[TIES] = 0
        xx[RECENT] = 0
        xx[ERROR] = FINE
        yy[LAST] = 0.0
        yy[KEPT] = 0.0
        for e in range(elements):
            st[e].state = el[e].initial
            states[e] = el[e].initial
            st[e].stamp = 0
            st[e].renewed = 0
            st[e].flag_root = -1
            st[e].entry_root = -1
            st[e].flagged = ii[el[e].flag_at + el[e].initial]
        evaluate(lv, gt, gr, ii, ls, gs, plan, seen, states)
        for k in range(levels):
            ls[k].value = ls[k].other
            ls[k].listed = 0
        for k in range(len(gt)):
            gs[k].value = gs[k].other
            gs[k].listed = 0
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
            ws[o].dirty = 0
            ws[o].was_down = 0
            ws[o].turn_root = -1
            ws[o].since = 0.0
            mark_watcher(ob, ws, xx, dirty, o)
            if ob[o].kind == PASSAGE:
                values[base + ob[o].first] = math.inf
            if ob[o].kind == QUANTITY_INTEGRAL:
                qs[ob[o].subject].watched = 1
        place = 0
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
            if tr[i].timed == 1:
                heap[place] = i
                cl[i].place = place
                place += 1
            else:
                cl[i].place = -1
            touch(tr, cl, xx, touched, stale, i)
        t = 0.0
        pending: Any = -1
        initial = True
        while True:
            # ---- one instant: the timed firing, then immediates until none is enabled
            if not initial:
                pending = heap[0] if timed > 0 else -1
                if pending < 0 or not cl[pending].fire < horizon:
                    break
                t = cl[pending].fire
                if t > yy[LAST]:
                    advance(
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
                        yy,
                        dirty,
                        bounds,
                        replication,
                        base,
                        t,
                        windows,
                        elements,
                    )
                    xx[TIES] = 0
                    if xx[ERROR] != FINE:
                        break
                xx[EVENTS] += 1
                xx[INSTANT] += 1
                xx[ROOT] = pending if tr[pending].own_root == 1 else cl[pending].root
            xx[TIES] += 1
            if xx[TIES] > INSTANT_LIMIT:
                xx[ERROR] = TOO_MANY_INSTANTS
            steps = 0
            while xx[ERROR] == FINE:
                index = pending
                pending = -1
                if index < 0:
                    refresh_immediates(tr, ii, cl, st, gs, xx, stale, enabled)
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
                            if tr[i].fifo == 1:
                                mine = st[tr[i].element].stamp
                                other = st[tr[best].element].stamp
                            if mine < other or (mine == other and i < best):
                                best = np.int64(i)
                    if best < 0:
                        break
                    index = best
                    steps += 1
                    if steps > STEP_LIMIT + STEPS_PER_IMMEDIATE * immediates:
                        xx[ERROR] = TOO_MANY_STEPS
                        break
                # ---- one elementary step: read, choose, apply everything together
                e = tr[index].element
                firing = cl[index].firings
                row = tr[index].rows_first
                if tr[index].outcome_level >= 0:
                    row += 2 * ls[tr[index].outcome_level].value
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
                out = at + chosen
                for k in range(tr[index].watch_count):
                    o = ii[tr[index].watch_first + k]
                    if ob[o].outcome >= 0 and ob[o].outcome != chosen:
                        continue
                    if ob[o].when >= 0 and gs[ob[o].when].value == 0:
                        continue
                    column = base + ob[o].first
                    values[column] += 1.0
                    if ob[o].kind == SAMPLE:
                        q = ob[o].set_at
                        room = xx[SAMPLE_ROWS] * 4
                        if room + 4 > len(samples):
                            xx[ERROR] = FULL_BUFFER
                            break
                        value = math.nan
                        if qs[q].never == 1:
                            values[column + 1] += 1.0
                        else:
                            now = tank_at(qt, qs, ca, starts, ends, speeds, sums, q, t)
                            value = ob[o].offset + ob[o].scale * now
                            values[column + 2] += value
                        samples[room] = replication
                        samples[room + 1] = o
                        samples[room + 2] = t
                        samples[room + 3] = value
                        xx[SAMPLE_ROWS] += 1
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
                if xx[ERROR] != FINE:
                    break
                for k in range(oc[out].jump_count):
                    j = oc[out].jump_first + k
                    if jp[j].how == 2:
                        q = jp[j].quantity
                        qs[q].copied_never = qs[jp[j].other].never
                        if qs[jp[j].other].never == 0:
                            qs[q].copied = tank_at(
                                qt, qs, ca, starts, ends, speeds, sums, jp[j].other, t
                            )
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
                cl[index].firings += 1
                if tr[index].timed == 1:
                    cl[index].fired = xx[INSTANT]
                    touch(tr, cl, xx, touched, stale, index)
                xx[STEPS] += 1
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
                    st[e].entry_root = xx[ROOT]
                    st[e].state = new
                    st[e].stamp = xx[STEPS]
                    at = el[e].level_first
                    for j in range(el[e].level_count):
                        w = ii[at + 2 * j + 1]
                        by = ii[w + new] - ii[w + old]
                        if by != 0:
                            add_to_level(lv, ls, xx, items, order, ii[at + 2 * j], by)
                    at = el[e].entry_first
                    for j in range(el[e].entry_count):
                        o = ii[at + j]
                        inside = ob[o].set_at
                        if ii[inside + new] == 1 and ii[inside + old] == 0:
                            values[base + ob[o].first] += 1.0
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
                if len(trace) > 0:
                    room = xx[TRACE_ROWS] * 3
                    if room + 3 > len(trace):
                        xx[ERROR] = FULL_BUFFER
                        break
                    trace[room] = t
                    trace[room + 1] = index
                    trace[room + 2] = chosen
                    xx[TRACE_ROWS] += 1
            if xx[ERROR] != FINE:
                break
            # ---- settled: quantities, then clocks; causes of gates that turned
            settle_tanks(
                qt, ii, ff, qs, ls, cl, ca, starts, ends, speeds, sums, xx, tr, touched, refill, t
            )
            settle_clocks(
                tr,
                dl,
                el,
                qt,
                ii,
                ff,
                laws,
                points,
                cl,
                st,
                ls,
                gs,
                qs,
                ca,
                opens,
                closes,
                days,
                starts,
                ends,
                speeds,
                sums,
                xx,
                yy,
                touched,
                refill,
                heap,
                timed,
                k0,
                k1,
                t,
                initial,
            )
            if xx[ERROR] != FINE:
                break
            for k in range(xx[DIRTY]):
                o = dirty[k]
                if ob[o].kind == EPISODES:
                    down = gs[ob[o].subject].value
                    if down == 1 and ws[o].was_down == 0:
                        ws[o].turn_root = xx[ROOT]
                    ws[o].was_down = down
            initial = False
        if xx[ERROR] == FINE:
            advance(
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
                yy,
                dirty,
                bounds,
                replication,
                base,
                horizon,
                windows,
                elements,
            )
            for o in range(watchers):
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
                    horizon,
                    windows,
                    elements,
                )
                if ob[o].kind == EPISODES and ws[o].open == 1:
                    end_episode(
                        ob,
                        ws,
                        sh,
                        phases,
                        rows,
                        shares,
                        xx,
                        replication,
                        o,
                        horizon,
                        -1,
                        1.0,
                        elements,
                    )
        if xx[ERROR] != FINE:
            yy[ERROR_TIME] = t
            if xx[ERROR] == FULL_BUFFER:
                for k in range(columns):
                    values[base + k] = 0.0
                xx[EPISODE_ROWS] = kept_episodes
                xx[SHARE_ROWS] = kept_shares
                xx[SAMPLE_ROWS] = kept_samples
                xx[TRACE_ROWS] = 0
            return done
        events[done] = xx[EVENTS]
    return count
