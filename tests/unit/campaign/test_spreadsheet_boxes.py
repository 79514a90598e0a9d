"""The spreadsheet's number box by box, against sums over every state of every box by hand."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.campaign.spreadsheet import spreadsheet_down
from pacsim.design import design_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Q = 10 / (1000 + 10)
"""Of a box with a mean life of 1 000 h that is down for 10 h."""
FAST, SLOW = 5 / (500 + 5), 40 / (800 + 40)
BOX = {"ttf": "1000 h", "ttr": {"exactly": "10 h"}}
HOURS_A_YEAR = 365 * 24
SERVER = {
    "type": "server", **BOX, "reboot": "5 min", "boot_after_power": "9 min",
}  # fmt: skip
DISK = {"size": "3.6 TB", "life": "500 h", "rebuild_rate": "1 GB/s"}
"""Down for 4 h until replaced and 1 h of rebuild: `FAST`."""
ARRAY = {
    "type": "disk_array", "disk": DISK, "disk_replace": {"exactly": "4 h"}, "replace": "1 week",
}  # fmt: skip
MAINS = {"type": "utility", "outages": "1 year", "duration": "1 h"}
UPS = {"type": "ups", **BOX, "runtime": "10 min", "recharge": "4 h"}
PDU = {"type": "pdu", **BOX}
SWITCH = {"type": "switch", **BOX}
PLACE = {"type": "clients", "network": ["s1"]}


def share_down(parts: Mapping[str, Any], needs: Any, **more: Any) -> float:
    """Return the share of time by the spreadsheet's number that a role of these needs is down."""
    used = {"used_from": more.pop("used_from")} if "used_from" in more else {}
    if "down_when" in more:
        used["down_when"] = more.pop("down_when")
    role = {"needs": needs, **used}
    design = design_of({"pacsim": 1, "parts": dict(parts), "roles": {"use": role}, **more})
    return spreadsheet_down(design.resolved, "use") / HOURS_A_YEAR


def summed(q: Mapping[str, float], down: Callable[[Mapping[str, bool]], bool]) -> float:
    """Return P(down), state by state: the product over the boxes, broken (True) or not."""
    total = []
    for state in itertools.product((False, True), repeat=len(q)):
        broken = dict(zip(q, state, strict=True))
        if down(broken):
            total.append(math.prod(q[x] if broken[x] else 1 - q[x] for x in q))
    return math.fsum(total)


def close(expected: float) -> Any:
    return pytest.approx(expected, rel=1e-12, abs=1e-300)


def survives(layout: str, broken: tuple[bool, ...]) -> bool:
    """Return whether data can be read with these disks broken, by what each layout stores."""
    n, lost = len(broken), sum(broken)
    match layout:
        case "raid0":  # every block once
            return lost == 0
        case "raid1":  # the same on every disk
            return lost <= n - 1
        case "raid5":  # one parity
            return lost <= 1
        case "raid6":  # two parities
            return lost <= 2
        case "raidz3":  # three parities
            return lost <= 3
        case _:  # mirrored pairs
            return not any(broken[k] and broken[k + 1] for k in range(0, n, 2))


@pytest.mark.parametrize(
    ("layout", "n"),
    [
        ("raid0", 1), ("raid0", 4), ("raid1", 2), ("raid1", 3), ("raid5", 3), ("raid5", 6),
        ("raid6", 4), ("raid6", 8), ("raidz3", 5), ("raidz3", 7), ("raid10", 4), ("raid10", 8),
    ],
)  # fmt: skip
def test_disks_of_a_set(layout: str, n: int) -> None:
    array = {**ARRAY, "layout": layout, "disks": n}
    expected = math.fsum(
        FAST ** sum(state) * (1 - FAST) ** (n - sum(state))
        for state in itertools.product((False, True), repeat=n)
        if not survives(layout, state)
    )
    assert share_down({"a": array}, ["a"]) == close(expected)
    # Spares and shelves are no boxes of it.
    assert share_down({"a": {**array, "hot_spares": 2}}, ["a"]) == close(expected)


@pytest.mark.parametrize("controllers", [1, 2, 3])
def test_one_controller_suffices(controllers: int) -> None:
    repair = {"exactly": "40 h"}
    array = {
        **ARRAY, "layout": "raid0", "disks": 1, "controllers": controllers,
        "controller": "800 h", "controller_repair": {"value": repair, "covers": "all_in"},
    }  # fmt: skip
    expected = summed(
        {"disk": FAST, **{f"c{k}": SLOW for k in range(controllers)}},
        lambda b: b["disk"] or all(b[f"c{k}"] for k in range(controllers)),
    )
    assert share_down({"a": array}, ["a"]) == close(expected)


@pytest.mark.parametrize(("need", "feeds"), [(1, 1), (1, 2), (2, 2), (2, 3), (1, 3), (3, 3)])
def test_a_server_has_a_supply_for_each_feed(need: int, feeds: int) -> None:
    names = [f"p{k}" for k in range(feeds)]
    server = {
        **SERVER, "psu": "500 h", "psu_repair": {"value": {"exactly": "5 h"}, "covers": "all_in"},
        "power": {"need": need, "of": names},
    }  # fmt: skip
    parts = {"s": server, **{name: {**PDU, "power": ["m"]} for name in names}, "m": MAINS}
    q = {"box": Q, **dict.fromkeys(names, Q), **{f"psu {x}": FAST for x in names}}

    def down(b: Mapping[str, bool]) -> bool:
        live = sum(not b[x] and not b[f"psu {x}"] for x in names)
        return b["box"] or live < need

    assert share_down(parts, ["s"]) == close(summed(q, down))


def test_units_of_a_feed_are_in_series_and_a_shared_one_counts_once() -> None:
    parts = {
        "s": {**SERVER, "power": ["p1", "p2"]}, "m": MAINS, "u": {**UPS, "power": ["m"]},
        "p1": {**PDU, "power": ["u"]}, "p2": {**PDU, "power": ["u"]},
    }  # fmt: skip
    q = {"s": Q, "u": Q, "p1": Q, "p2": Q}
    expected = summed(q, lambda b: b["s"] or b["u"] or (b["p1"] and b["p2"]))
    assert share_down(parts, ["s"]) == close(expected)
    parts["p2"] = {**PDU, "power": ["m"]}
    expected = summed(q, lambda b: b["s"] or ((b["u"] or b["p1"]) and b["p2"]))
    assert share_down(parts, ["s"]) == close(expected)


def test_an_array_loses_its_power() -> None:
    array = {**ARRAY, "layout": "raid0", "disks": 1, "power": ["p"]}
    parts = {"a": array, "p": {**PDU, "power": ["m"]}, "m": MAINS}
    assert share_down(parts, ["a"]) == close(1 - (1 - FAST) * (1 - Q))


def network(*edges: tuple[str, str], end: str) -> dict[str, Any]:
    """Return a place, switches joined by edges, and a server cabled to one or more of them."""
    names = sorted({x for edge in edges for x in edge} | {"s1"})
    beside = {name: [b for a, b in edges if a == name] for name in names}
    parts: dict[str, Any] = {
        name: {**SWITCH, **({"network": to} if to else {})} for name, to in beside.items()
    }
    return {"x": PLACE, "s": {**SERVER, "network": end.split()}, **parts}


def test_switches_in_series() -> None:
    found = share_down(network(("s1", "s2"), ("s2", "s3"), end="s3"), ["s"], used_from=["x"])
    assert found == close(1 - (1 - Q) ** 4)


def test_switches_in_parallel() -> None:
    parts = network(("s1", "s2"), ("s1", "s3"), end="s2 s3")
    assert share_down(parts, ["s"], used_from=["x"]) == close(1 - (1 - Q) ** 2 * (1 - Q * Q))


def test_a_bridge_of_switches() -> None:
    edges = (("s1", "s2"), ("s1", "s3"), ("s2", "s3"), ("s2", "s4"), ("s3", "s5"), ("s4", "s5"))
    parts = network(*edges, end="s5")
    q = dict.fromkeys(["s", "s1", "s2", "s3", "s4", "s5"], Q)

    def down(b: Mapping[str, bool]) -> bool:
        seen = {"s1"} if not b["s1"] else set()
        for _ in edges:
            for one, two in (*edges, *((y, x) for x, y in edges)):
                if one in seen and not b[two]:
                    seen.add(two)
        return b["s"] or "s5" not in seen

    assert share_down(parts, ["s"], used_from=["x"]) == close(summed(q, down))


def test_a_link_and_the_power_of_a_switch_on_the_way() -> None:
    parts = {
        "x": PLACE, "s": SERVER, "m": MAINS, "p": {**PDU, "power": ["m"]},
        "s1": {**SWITCH, "power": ["p"]},
        "l": {"type": "link", **BOX, "between": ["s1", "s"]},
    }  # fmt: skip
    assert share_down(parts, ["s"], used_from=["x"]) == close(1 - (1 - Q) ** 4)


def test_two_places_must_both_reach_it() -> None:
    parts = {
        "x": PLACE, "y": {"type": "clients", "network": ["s2"]}, "s1": SWITCH, "s2": SWITCH,
        "s": {**SERVER, "network": ["s1", "s2"]},
    }  # fmt: skip
    assert share_down(parts, ["s"], used_from=["x", "y"]) == close(1 - (1 - Q) ** 3)


@pytest.mark.parametrize("when", ["any", "all"])
def test_each_place_reaches_what_it_needs(when: str) -> None:
    """Two servers of which one will do, each in reach of one place; a place may have one of its own."""
    # Sees: a server that counts as cut off for all because one place does not reach it.
    parts = {
        "x": PLACE, "y": {"type": "clients", "network": ["s2"]},
        "s1": {**SWITCH, "network": ["link"]}, "s2": SWITCH, "link": {"type": "link", **BOX, "between": ["s1", "s2"]},
        "s": {**SERVER, "network": ["s1"]}, "t": {**SERVER, "network": ["s2"]},
    }  # fmt: skip
    q = dict.fromkeys(["s", "t", "s1", "s2", "link"], Q)

    def down(b: Mapping[str, bool]) -> bool:
        beyond = b["link"] or b["s1"] or b["s2"]
        x = b["s1"] or (b["s"] and (b["t"] or beyond))
        y = b["s2"] or (b["t"] and (b["s"] or beyond))
        return (x or y) if when == "any" else (x and y)

    found = share_down(parts, {"any": ["s", "t"]}, used_from=["x", "y"], down_when=when)
    assert found == close(summed(q, down))


def test_what_is_reached_from_a_group() -> None:
    """An array behind a switch of its own to each member, out of the way of the place."""
    # Sees: a path that the array has to the place; a member that has failed and reaches it still.
    group = {
        "type": "active_passive", "members": ["s", "t"], "switchover": "1 min",
        "check": {"sees": "tcp", "every": "5 s", "fall": 2},
    }  # fmt: skip
    array = {**ARRAY, "layout": "raid0", "disks": 1, "network": ["s1", "s2"]}
    parts = {
        "s": {**SERVER, "network": ["s1"]}, "t": {**SERVER, "network": ["s2"]}, "a": array,
        "s1": SWITCH, "s2": SWITCH,
    }  # fmt: skip
    q = dict.fromkeys(["s", "t", "s1", "s2"], Q) | {"a": FAST}
    down = summed(q, lambda b: b["a"] or ((b["s"] or b["s1"]) and (b["t"] or b["s2"])))
    needs = ["g", {"reach": "a", "from": "g"}]
    assert share_down(parts, needs, groups={"g": group}) == close(down)


def test_a_server_must_reach_its_storage() -> None:
    array = {**ARRAY, "layout": "raid0", "disks": 1, "network": ["s1"]}
    parts = {"s": {**SERVER, "network": ["s1"], "storage": ["a"]}, "s1": SWITCH, "a": array}
    assert share_down(parts, ["s"]) == close(1 - (1 - Q) ** 2)
    assert share_down(parts, ["s", "a"]) == close(1 - (1 - Q) ** 2 * (1 - FAST))


def test_a_group_is_one_of_its_members() -> None:
    group = {
        "type": "active_passive", "members": ["s", "t"], "switchover": "1 min",
        "check": {"sees": "tcp", "every": "5 s", "fall": 2},
    }  # fmt: skip
    parts = {
        "s": {**SERVER, "network": ["s1"]}, "t": {**SERVER, "network": ["s2"]}, "x": PLACE,
        "s1": {**SWITCH, "network": ["s2"]}, "s2": SWITCH,
    }  # fmt: skip
    groups = {"g": group}
    assert share_down(parts, ["g"], groups=groups) == close(Q * Q)
    q = dict.fromkeys(["s", "t", "s1", "s2"], Q)
    expected = summed(q, lambda b: b["s1"] or (b["s"] and (b["t"] or b["s2"])))
    assert share_down(parts, ["g"], groups=groups, used_from=["x"]) == close(expected)


def test_needs_of_which_some_suffice() -> None:
    parts = dict.fromkeys("abcd", SERVER)
    q = dict.fromkeys("abcd", Q)
    needs = {"at_least": 2, "of": ["a", "b", {"any": ["c", "d"]}]}
    expected = summed(q, lambda b: b["a"] + b["b"] + (b["c"] and b["d"]) >= 2)
    assert share_down(parts, needs) == close(expected)
    # The same box in two branches is broken in both.
    twice = [{"any": ["a", "b"]}, {"any": ["a", "c"]}]
    expected = summed(q, lambda b: b["a"] and (b["b"] or b["c"]))
    assert share_down(parts, twice) == close(expected)


def test_what_is_no_hardware_counts_nothing() -> None:
    parts = {
        "c": {"type": "component", **BOX}, "m": MAINS,
        "d": {"type": "database", "crash": "9 days", "recovery": "1 h", "runs_on": "s"},
        "s": {**SERVER, "os_crash": "9 days",
              "software": {"crash": "9 days", "start": "1 h", "manual_restart": "1 h"}},
    }  # fmt: skip
    assert share_down(parts, ["c", "d", "m"]) == 0.0
    assert share_down(parts, ["s", "c", "d"]) == close(Q)


HANDS = {key: value for key, value in SERVER.items() if key != "ttr"}
"""A server whose repair is hands-on work of 4 h."""
DESK = {"hours": ["mon-fri 08:00-17:00"]}


def server_down(contract: Any) -> float:
    practices = {"support": contract} if contract is not None else {}
    practices["times"] = {"no_contract": {"exactly": "100 h"}}
    server = {**HANDS, "repair": {"exactly": "4 h"}}
    return share_down({"s": server}, ["s"], practices=practices)


def test_hands_on_work_waits_for_the_vendor() -> None:
    assert server_down(None) == close(104 / 1104)
    assert server_down({"response": {"exactly": "6 h"}}) == close(10 / 1010)
    own = {**HANDS, "repair": {"exactly": "4 h"}, "support": {"response": {"exactly": "2 h"}}}
    practices = {"support": {"response": {"exactly": "6 h"}}}
    assert share_down({"s": own}, ["s"], practices=practices) == close(6 / 1006)


def test_the_next_business_day() -> None:
    """Monday to Thursday and Sunday 20 h on average, Friday 68 h, Saturday 44 h until 8 o'clock."""
    response = {"next_business_day": DESK, "then": {"exactly": "2 h"}}
    r = (5 * 20 + 68 + 44) / 7 + 2 + 4
    assert server_down({"response": response}) == pytest.approx(r / (1000 + r), rel=1e-6)
