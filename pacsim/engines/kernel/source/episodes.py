"""Episodes of a gate: what kind of down time it is, whose it is, and the rows (R24, R27-R28)."""

from typing import Any

from pacsim.engines.kernel.names import (
    CHANGED,
    EPISODE_ROWS,
    ERROR,
    ERROR_AT,
    FULL_BUFFER,
    ROWS,
    SHARE_ROWS,
    SHARES,
    WINDOW,
)
from pacsim.engines.kernel.source.cones import kind_of_down_time

EPISODE_WIDTH = 19
SHARE_WIDTH = 3
PHASES = 8


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


def begin_episode(
    ob: Any,
    ls: Any,
    ws: Any,
    values: Any,
    phases: Any,
    xx: Any,
    base: int,
    o: int,
    t: float,
    w: int,
    n: int,
) -> None:
    """Open an episode at t (R24)."""
    ws[o].open = 1
    ws[o].start = t
    ws[o].since = t
    ws[o].phase_since = t
    ws[o].root = ws[o].turn_root
    ws[o].unplanned = 0.0
    ws[o].planned = 0.0
    ws[o].mixed = 0.0
    ws[o].at_start = ls[ob[o].at_start].value if ob[o].at_start >= 0 else -1
    ws[o].value = ls[ob[o].phase].value if ob[o].phase >= 0 else 0
    for k in range(PHASES):
        phases[o * PHASES + k] = 0.0
    first = base + ob[o].first
    values[first + 1] += 1.0
    if ob[o].by_window == 1 and w > 0:
        blocks = first + 2
        if ob[o].causes == 1:
            blocks += 3 + n
        values[blocks + w + xx[WINDOW]] += 1.0


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
    full = row >= len(rows) // EPISODE_WIDTH
    if full or xx[SHARE_ROWS] + n > len(shares) // SHARE_WIDTH:
        xx[ERROR] = FULL_BUFFER
        xx[ERROR_AT] = ROWS if full else SHARES
        return
    rows[EPISODE_WIDTH * row] = replication
    rows[EPISODE_WIDTH * row + 1] = o
    rows[EPISODE_WIDTH * row + 2] = ws[o].start
    rows[EPISODE_WIDTH * row + 3] = t
    rows[EPISODE_WIDTH * row + 4] = censored
    rows[EPISODE_WIDTH * row + 5] = ws[o].root
    rows[EPISODE_WIDTH * row + 6] = ws[o].unplanned
    rows[EPISODE_WIDTH * row + 7] = ws[o].planned
    rows[EPISODE_WIDTH * row + 8] = ws[o].mixed
    rows[EPISODE_WIDTH * row + 9] = ws[o].at_start
    rows[EPISODE_WIDTH * row + 10] = after
    for k in range(PHASES):
        rows[EPISODE_WIDTH * row + (11 + k)] = phases[o * PHASES + k]
    xx[EPISODE_ROWS] += 1
    for k in range(ws[o].listed):
        e = sh[o * n + k].item
        place = xx[SHARE_ROWS]
        shares[SHARE_WIDTH * place] = e
        shares[SHARE_WIDTH * place + 1] = row
        shares[SHARE_WIDTH * place + 2] = 1 if sh[o * n + e].present == 2 else 0
        xx[SHARE_ROWS] += 1
    forget_shares(ws, sh, o, n)
    ws[o].open = 0


def forget_shares(ws: Any, sh: Any, o: int, n: int) -> None:
    """Empty the list of the elements that have been flagged in an episode."""
    for k in range(ws[o].listed):
        e = sh[o * n + k].item
        sh[o * n + e].flagged = 0
        sh[o * n + e].present = 0
    ws[o].listed = 0


def see_share(
    ob: Any,
    st: Any,
    ws: Any,
    sh: Any,
    values: Any,
    base: int,
    o: int,
    e: int,
    t: float,
    n: int,
    mark: int,
) -> None:
    """Read again whether an element is flagged; the list of those that were is kept in order.

    ``mark`` is what to put down for one that was not on it.
    """
    place = o * n + e
    now = 1 if st[e].flagged > 0 else 0
    if now != sh[place].flagged:
        if now == 1:
            sh[place].since = t
            if sh[place].present == 0:
                sh[place].present = mark
                k = ws[o].listed
                while k > 0 and sh[o * n + k - 1].item > e:
                    sh[o * n + k].item = sh[o * n + k - 1].item
                    k -= 1
                sh[o * n + k].item = e
                ws[o].listed += 1
        else:
            values[base + ob[o].first + 5 + e] += t - sh[place].since
        sh[place].flagged = now


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
    seen: Any,
    changed: Any,
    flips: Any,
    items: Any,
    order: Any,
    values: Any,
    xx: Any,
    base: int,
    o: int,
    t: float,
    w: int,
    n: int,
    levels: int,
    begun: bool,
) -> None:
    """Read again which elements are flagged, and what kind of down time it is if that can differ.

    An episode that has just begun looks at every element, later on at those that have changed.
    """
    matters = begun
    if begun:
        for e in range(n):
            if st[e].flagged == 0:
                continue
            see_share(ob, st, ws, sh, values, base, o, e, t, n, 2)
    else:
        for k in range(xx[CHANGED]):
            e = changed[k]
            see_share(ob, st, ws, sh, values, base, o, e, t, n, 1)
            matters = matters or ii[ob[o].cone_at + e] == 1
    if matters:
        kind = kind_of_down_time(
            tr, el, lv, gt, gr, ii, ob, st, ls, gs, xx, items, order, seen, flips, o, levels
        )
        if begun:
            ws[o].kind = kind
        elif kind != ws[o].kind:
            flush_time(ob, ws, values, xx, base, o, t, w, n)
            ws[o].kind = kind
