"""What kind of down time it is: the state read without planned work, then without faults (R28).

A cone is read as differences to the state as it is, so it costs what depends on the few elements
that are read differently, and nothing if there is none.
"""

from typing import Any

from pacsim.engines.kernel.names import CONNECTED, WORK_ITEMS
from pacsim.engines.kernel.source.gates import connected, list_item


def shift_level(
    lv: Any, ii: Any, ls: Any, xx: Any, items: Any, order: Any, cone: int, level: int, by: int
) -> None:
    """Let a cone read a level as higher by so much, if it is on the way to the role."""
    if ii[cone + level] == 0:
        return
    if ls[level].listed == 0:
        ls[level].listed = 1
        list_item(xx, items, level, lv[level].position, order)
    ls[level].other += by


def turn_gates(
    lv: Any,
    gt: Any,
    gr: Any,
    ii: Any,
    ls: Any,
    gs: Any,
    xx: Any,
    items: Any,
    order: Any,
    seen: Any,
    flips: Any,
    cone: int,
    levels: int,
) -> int:
    """Read as their opposite all gates that the shifted levels turn; return their number."""
    turned = 0
    while xx[WORK_ITEMS] > 0:
        xx[WORK_ITEMS] -= 1
        item = items[xx[WORK_ITEMS]]
        first = 0
        count = 1
        value = 0
        if not CONNECTED or item < levels:
            ls[item].listed = 0
            value = ls[item].value + ls[item].other
            ls[item].other = 0
            first = lv[item].gate_first
            count = lv[item].gate_count
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
            gs[gate].other = 1
            flips[turned] = gate
            turned += 1
            sign = 2 * true - 1
            at = gt[gate].term_first
            for j in range(gt[gate].term_count):
                by = sign * ii[at + 2 * j + 1]
                shift_level(lv, ii, ls, xx, items, order, cone, ii[at + 2 * j], by)
            if CONNECTED:
                at = gt[gate].graph_first
                for j in range(gt[gate].graph_count):
                    other = ii[at + j]
                    if gs[other].listed == 0 and ii[cone + levels + other] == 1:
                        gs[other].listed = 1
                        list_item(xx, items, levels + other, gt[other].position, order)
    return turned


def kind_of_down_time(
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
    xx: Any,
    items: Any,
    order: Any,
    seen: Any,
    flips: Any,
    o: int,
    levels: int,
) -> int:
    """Return 0 unplanned, 1 planned, 2 mixed for the present down time of a role (R28)."""
    way = ob[o].cone_items
    for cone in range(2):
        # Cone 0 reads planned work as absent, cone 1 reads faults as absent.
        bit = 2 if cone == 0 else 1
        cls = 1 if cone == 0 else 0
        differs = False
        for k in range(ob[o].cone_count):
            e = ii[ob[o].cone_first + k]
            state = st[e].state
            initial = el[e].initial
            if state == initial:
                continue
            root = st[e].entry_root
            flagged = st[e].flagged
            if (flagged & bit) != 0 or (flagged == 0 and root >= 0 and tr[root].cls == cls):
                differs = True
                at = el[e].level_first
                for j in range(el[e].level_count):
                    w = ii[at + 2 * j + 1]
                    by = ii[w + initial] - ii[w + state]
                    if by != 0:
                        shift_level(lv, ii, ls, xx, items, order, way, ii[at + 2 * j], by)
        if not differs:
            return cone
        turned = turn_gates(lv, gt, gr, ii, ls, gs, xx, items, order, seen, flips, way, levels)
        down = gs[ob[o].subject].value ^ gs[ob[o].subject].other
        for k in range(turned):
            gs[flips[k]].other = 0
        if down == 1:
            return cone
    return 2
