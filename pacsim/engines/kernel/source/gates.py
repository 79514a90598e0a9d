"""Levels by differences and gates by thresholds, in acyclic order (R5, R7)."""

from typing import Any

from pacsim.engines.kernel.names import (
    CONNECTED,
    DIRTY,
    DIRTY_TANKS,
    ENABLED,
    INSTANT,
    QUANTITIES,
    SELECTED,
    STALE,
    TOUCHED,
    WORK_ITEMS,
)


def connected(gr: Any, ii: Any, gs: Any, row: int, seen: Any) -> int:
    """Return 1 if alive vertices and edges join a source to a target, else 0."""
    first = gr[row].vertex_first
    for k in range(gr[row].vertex_count):
        gate = ii[first + k]
        alive = 1
        if gate >= 0:
            alive = gs[gate].value ^ gs[gate].other
        seen[k] = alive - 1
    at = gr[row].source_first
    for k in range(gr[row].source_count):
        if seen[ii[at + k]] == 0:
            seen[ii[at + k]] = 1
    changed = True
    while changed:
        changed = False
        for k in range(gr[row].edge_count):
            e = gr[row].edge_first + 4 * k
            gate = ii[e + 3]
            alive = 1
            if gate >= 0:
                alive = gs[gate].value ^ gs[gate].other
            if alive == 1:
                a = ii[e]
                b = ii[e + 1]
                if seen[a] == 1 and seen[b] == 0:
                    seen[b] = 1
                    changed = True
                if ii[e + 2] == 0 and seen[b] == 1 and seen[a] == 0:
                    seen[a] = 1
                    changed = True
    at = gr[row].target_first
    for k in range(gr[row].target_count):
        if seen[ii[at + k]] == 1:
            return 1
    return 0


def list_item(xx: Any, items: Any, item: int, position: int, order: Any) -> None:
    """Put a level (or a connected gate) on the work list, which is kept in acyclic order."""
    n = xx[WORK_ITEMS]
    while n > 0 and order[n - 1] < position:
        order[n] = order[n - 1]
        items[n] = items[n - 1]
        n -= 1
    order[n] = position
    items[n] = item
    xx[WORK_ITEMS] += 1


def add_to_level(
    lv: Any, ls: Any, gs: Any, xx: Any, items: Any, order: Any, level: int, by: int
) -> None:
    """Change a level's value and see to it that its gates are read again, if that can matter."""
    before = ls[level].value
    ls[level].value += by
    if ls[level].listed == 1 or lv[level].unread == 1:
        return
    gate = lv[level].only_gate
    if gate >= 0:
        true = 1 if before + by >= lv[level].only_k else 0
        if gs[gate].value == true:
            return
    ls[level].listed = 1
    ls[level].old = before
    list_item(xx, items, level, lv[level].position, order)


def mark_watcher(ob: Any, ws: Any, xx: Any, dirty: Any, observation: int) -> None:
    """Have an observer look again when time advances."""
    if ws[observation].dirty == 0:
        ws[observation].dirty = 1
        dirty[xx[DIRTY]] = observation
        xx[DIRTY] += 1


def touch(tr: Any, cl: Any, xx: Any, touched: Any, stale: Any, index: int) -> None:
    """Have a clock settled at the end of the instant, or an immediate's enabling read again."""
    if cl[index].touched != xx[INSTANT] and tr[index].timed == 1:
        cl[index].touched = xx[INSTANT]
        touched[xx[TOUCHED]] = index
        xx[TOUCHED] += 1
    if tr[index].timed == 0 and cl[index].status == 0:
        cl[index].status = 1
        stale[xx[STALE]] = index
        xx[STALE] += 1


def propagate(
    tr: Any,
    lv: Any,
    gt: Any,
    gr: Any,
    qt: Any,
    ob: Any,
    ii: Any,
    cl: Any,
    ls: Any,
    gs: Any,
    qs: Any,
    ws: Any,
    xx: Any,
    items: Any,
    order: Any,
    dirty: Any,
    touched: Any,
    stale: Any,
    seen: Any,
    levels: int,
) -> None:
    """Bring levels and gates up to date, each once, and mark all that depends on them."""
    while xx[WORK_ITEMS] > 0:
        xx[WORK_ITEMS] -= 1
        item = items[xx[WORK_ITEMS]]
        first = 0
        count = 0
        value = 0
        if not CONNECTED or item < levels:
            ls[item].listed = 0
            value = ls[item].value
            if value == ls[item].old:
                continue
            if SELECTED:
                for k in range(lv[item].speed_count):
                    touch(tr, cl, xx, touched, stale, ii[lv[item].speed_first + k])
            if QUANTITIES:
                for k in range(lv[item].rate_count):
                    qs[ii[lv[item].rate_first + k]].dirty = xx[INSTANT]
                    xx[DIRTY_TANKS] = 1
            for k in range(lv[item].watch_count):
                mark_watcher(ob, ws, xx, dirty, ii[lv[item].watch_first + k])
            first = lv[item].gate_first
            count = lv[item].gate_count
        else:
            count = 1
        for k in range(count):
            gate = item - levels
            true = 0
            if not CONNECTED or item < levels:
                gate = ii[first + 2 * k]
                true = 1 if value >= ii[first + 2 * k + 1] else 0
            else:
                gs[gate].listed = 0
                true = connected(gr, ii, gs, gt[gate].graph, seen)
            if gs[gate].value == true:
                continue
            gs[gate].value = true
            sign = 2 * true - 1
            at = gt[gate].term_first
            for j in range(gt[gate].term_count):
                add_to_level(
                    lv, ls, gs, xx, items, order, ii[at + 2 * j], sign * ii[at + 2 * j + 1]
                )
            if CONNECTED:
                at = gt[gate].graph_first
                for j in range(gt[gate].graph_count):
                    other = ii[at + j]
                    if gs[other].listed == 0:
                        gs[other].listed = 1
                        list_item(xx, items, levels + other, gt[other].position, order)
            at = gt[gate].guard_first
            for j in range(gt[gate].guard_count):
                touch(tr, cl, xx, touched, stale, ii[at + j])
            at = gt[gate].watch_first
            for j in range(gt[gate].watch_count):
                mark_watcher(ob, ws, xx, dirty, ii[at + j])


def evaluate(
    lv: Any, gt: Any, gr: Any, ii: Any, st: Any, ls: Any, gs: Any, plan: Any, seen: Any
) -> None:
    """Evaluate every level and gate from scratch, in acyclic order."""
    for place in range(len(plan)):
        item = plan[place]
        if item >= 0:
            total = lv[item].constant
            at = lv[item].element_first
            for k in range(lv[item].element_count):
                total += ii[ii[at + 2 * k + 1] + st[ii[at + 2 * k]].state]
            at = lv[item].term_first
            for k in range(lv[item].term_count):
                if gs[ii[at + 2 * k]].value == 1:
                    total += ii[at + 2 * k + 1]
            ls[item].value = total
        else:
            gate = -item - 1
            if CONNECTED and gt[gate].graph >= 0:
                gs[gate].value = connected(gr, ii, gs, gt[gate].graph, seen)
            else:
                gs[gate].value = 1 if ls[gt[gate].level].value >= gt[gate].k else 0


def refresh_immediates(
    tr: Any, ii: Any, cl: Any, st: Any, gs: Any, xx: Any, stale: Any, enabled: Any
) -> None:
    """Bring the list of enabled immediates up to date."""
    for k in range(xx[STALE]):
        index = stale[k]
        cl[index].status = 0
        state = st[tr[index].element].state
        on = ii[tr[index].source_at + state] == 1
        if on and tr[index].guard >= 0:
            on = gs[tr[index].guard].value == 1
        place = cl[index].place
        if on and place < 0:
            cl[index].place = xx[ENABLED]
            enabled[xx[ENABLED]] = index
            xx[ENABLED] += 1
        elif place >= 0 and not on:
            xx[ENABLED] -= 1
            last = enabled[xx[ENABLED]]
            enabled[place] = last
            cl[last].place = place
            cl[index].place = -1
    xx[STALE] = 0
