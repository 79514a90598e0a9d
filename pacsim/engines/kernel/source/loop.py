"""The event loop: one call takes a range of replications from start to horizon (R15-R18)."""

import math
from typing import Any

import numpy as np

from pacsim.engines.kernel.names import (
    CALENDARS,
    DIRTY,
    EPISODE_ROWS,
    EPISODES,
    ERROR,
    ERROR_TIME,
    EVENTS,
    FINE,
    FULL_BUFFER,
    HEAP,
    INSTANT,
    INSTANT_LIMIT,
    LAST,
    QUANTITIES,
    ROOT,
    SAMPLE_ROWS,
    SHARE_ROWS,
    STEP_LIMIT,
    STEPS_PER_IMMEDIATE,
    TIES,
    TOO_MANY_INSTANTS,
    TOO_MANY_STEPS,
    TRACE_ROWS,
    WEEK,
)
from pacsim.engines.kernel.source.clocks import settle_clocks, settle_tanks
from pacsim.engines.kernel.source.draws import replication_keys, uniform
from pacsim.engines.kernel.source.episodes import end_episode
from pacsim.engines.kernel.source.gates import (
    refresh_immediates,
)
from pacsim.engines.kernel.source.start import begin, set_calendars
from pacsim.engines.kernel.source.steps import first_enabled, step
from pacsim.engines.kernel.source.watches import advance, flush


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
    changed: Any,
    flips: Any,
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
        kept_steps = xx[TRACE_ROWS]
        k0, k1 = replication_keys(seed, np.uint64(replication))
        # ---- everything as at t = 0
        shift = 0.0
        if random_origin == 1:
            # Whole 1024ths of a second: openings stay exact, whatever the shift.
            u = uniform(k0, k1, origin_stream, np.uint64(0))
            shift = math.floor(u * WEEK * 1024.0) / 1024.0
        if CALENDARS and (random_origin == 1 or done == 0):
            set_calendars(
                ca,
                base_opens,
                base_closes,
                base_starts,
                base_ends,
                base_speeds,
                opens,
                closes,
                starts,
                ends,
                speeds,
                sums,
                civil,
                shift,
            )
        begin(
            tr,
            el,
            lv,
            gt,
            gr,
            qt,
            ob,
            ii,
            plan,
            cl,
            st,
            ls,
            gs,
            qs,
            ws,
            sh,
            touched,
            stale,
            dirty,
            seen,
            refill,
            xx,
            yy,
            values,
            base,
            elements,
            levels,
            watchers,
        )
        t = 0.0
        pending: Any = -1
        initial = True
        while True:
            # ---- one instant: the timed firing, then immediates until none is enabled
            if not initial:
                over = xx[HEAP] == 0 or not heap[0].fire < horizon
                t = horizon if over else heap[0].fire
                pending = -1 if over else heap[0].item
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
                        yy,
                        dirty,
                        bounds,
                        replication,
                        base,
                        t,
                        windows,
                        elements,
                        levels,
                    )
                    xx[TIES] = 0
                    if xx[ERROR] != FINE:
                        break
                if over:
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
                    index = first_enabled(tr, st, enabled, xx)
                    if index < 0:
                        break
                    steps += 1
                    if steps > STEP_LIMIT + STEPS_PER_IMMEDIATE * immediates:
                        xx[ERROR] = TOO_MANY_STEPS
                        break
                step(
                    tr,
                    oc,
                    ef,
                    jp,
                    el,
                    lv,
                    gt,
                    gr,
                    qt,
                    ob,
                    ii,
                    ca,
                    starts,
                    ends,
                    speeds,
                    sums,
                    cl,
                    st,
                    ls,
                    gs,
                    qs,
                    ws,
                    touched,
                    stale,
                    dirty,
                    items,
                    order,
                    seen,
                    moved,
                    changed,
                    recent,
                    xx,
                    values,
                    samples,
                    trace,
                    k0,
                    k1,
                    replication,
                    base,
                    index,
                    t,
                    levels,
                )
            if xx[ERROR] != FINE:
                break
            # ---- settled: quantities, then clocks; causes of gates that turned
            if QUANTITIES:
                settle_tanks(
                    qt,
                    ii,
                    ff,
                    qs,
                    ls,
                    cl,
                    ca,
                    starts,
                    ends,
                    speeds,
                    sums,
                    xx,
                    tr,
                    touched,
                    refill,
                    t,
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
                xx[TRACE_ROWS] = kept_steps
            return done
        events[done] = xx[EVENTS]
    return count
