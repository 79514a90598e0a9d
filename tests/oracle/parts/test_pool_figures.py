"""Pools in designs: the spreadsheet's number, the table of failovers, traces of a lively design."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING, Any

import pytest

import pacsim
from pacsim.campaign.spreadsheet import spreadsheet_down
from pacsim.campaign.tallies import DesignTally
from pacsim.design import Design, design_of
from pacsim.design.build import build
from pacsim.engines import kernel, reference
from tests.close import close

if TYPE_CHECKING:
    from pacsim.core import Model

HOURS = 8760.0
YEAR = HOURS * 3600.0
Q = 10 / 1010
BOX = {"ttf": "1000 h", "ttr": {"mean": "10 h", "family": "exponential"}}
SWITCH = {"type": "switch", **BOX}
CHECK = {"sees": "http", "every": "2 s", "fall": 3, "rise": 2, "timeout": "10 s"}


def server(**more: Any) -> dict[str, Any]:
    plain = {"type": "server", **BOX, "reboot": "1 min", "boot_after_power": "2 min"}
    return {**plain, **more}


def design(parts: dict[str, Any], group: dict[str, Any], **more: Any) -> Design:
    """Return a design with a pool that one role needs."""
    used = {"used_from": more.pop("used_from")} if "used_from" in more else {}
    groups = {**more.pop("beside", {}), "pacs": {"type": "active_active", "check": CHECK, **group}}
    roles = {"use": {"needs": ["pacs"], **used}}
    return design_of({"pacsim": 1, "parts": parts, "groups": groups, "roles": roles, **more})


def at_least(k: int, n: int, q: float) -> float:
    """Return how likely at least k of n boxes are broken."""
    return sum(comb(n, i) * q**i * (1 - q) ** (n - i) for i in range(k, n + 1))


@pytest.mark.parametrize(("n", "least"), [(2, 1), (3, 1), (3, 2), (4, 3)])
def test_spreadsheet_is_k_of_n(n: int, least: int) -> None:
    # Sees: need for least; one of n whatever is needed.
    parts = {f"s{k}": server() for k in range(n)}
    found = design(parts, {"members": list(parts), "need": n, "least": least})
    gone = n - least + 1
    assert spreadsheet_down(found.resolved, "use") / HOURS == close(at_least(gone, n, Q), 1e-9)


def test_spreadsheet_behind_balancers() -> None:
    """Either switch, both balancers, or two of three servers: the way is place, holder, member."""
    # Sees: a balancer that is passed through; a switch on one leg that is left out.
    inside = {x: server(network=["inner"]) for x in "stu"}
    lbs = {
        x: {"type": "load_balancer", **BOX, "network": ["outer", "inner"]} for x in ("lb-1", "lb-2")
    }
    parts = {
        "far": {"type": "clients", "network": ["outer"]},
        "outer": SWITCH, "inner": SWITCH, **lbs, **inside,
    }  # fmt: skip
    found = design(
        parts, {"members": list(inside), "need": 2, "least": 2, "behind": ["address"]},
        beside={"address": {"type": "vrrp", "members": ["lb-1", "lb-2"]}}, used_from=["far"],
    )  # fmt: skip
    up = (1 - Q) ** 2 * (1 - Q**2) * (1 - at_least(2, 3, Q))
    assert spreadsheet_down(found.resolved, "use") / HOURS == close(1 - up, 1e-9)


def test_gaps_are_in_the_table_of_failovers() -> None:
    """Host faults are left out after 34 to 36 s, processes that refuse after 4 to 6."""
    # Sees: gaps that nobody watches; a kind under the name of another.
    crash = {"mean": "500 h", "family": "exponential"}
    software = {"crash": crash, "start": "1 min", "manual_restart": "10 min"}
    parts = {x: server(software=software) for x in "st"}
    found = pacsim.run(
        design(parts, {"members": ["s", "t"], "need": 1}, contract={"term": "5 years"}),
        replications=64, seed=7, progress=False,
    )  # fmt: skip
    for kind, middle in (("host", 35.0), ("process", 5.0)):
        row = found.get("failover_latency_p50", role="pacs", by="fault_kind", of=kind)
        assert row.estimate == pytest.approx(middle, rel=0.02)
    ended = {row.of: row.estimate for row in found.rows if row.measure == "failover_ended"}
    assert set(ended) == {"in_place", "automatic", "repair"}
    assert (ended["automatic"] or 0.0) > 0.97
    said = str(found)
    assert "failover until it serves" in said


def test_what_fails_at_the_start_of_a_gap() -> None:
    """One of three that are listed, then one of two, then all; with redispatch only the last."""
    # Sees: members that the list has dropped counted; a gap without anybody left out.
    lives = {"s": "100 d", "t": "200 d", "u": "300 d"}
    parts = {
        x: server(ttf={"exactly": life}, ttr={"exactly": "900 d"}) for x, life in lives.items()
    }
    group = {"members": list(parts), "need": 1}
    for again, kinds in ((False, (1 / 3 + 1 / 2 + 1) / 3), (True, 1.0)):
        made = design(parts, {**group, "redispatch": again}, contract={"term": "1 year"})
        found = pacsim.run(made, replications=64, seed=3, progress=False)
        whole = found.get("failing_at_start", role="pacs", by="")
        host = found.get("failing_at_start", role="pacs", by="fault_kind", of="host")
        assert whole.estimate == close(kinds, 1e-12)
        assert host.estimate == close(kinds, 1e-12)


LIVELY: dict[str, Any] = {
    "pacsim": 1,
    "parts": {
        "far": {"type": "clients", "network": ["outer"]},
        "outer": {"type": "switch", "ttf": "200 days", "ttr": "8 h", "power": ["mains"]},
        "inner": {"type": "switch", "ttf": "200 days", "ttr": "8 h", "power": ["mains"]},
        "mains": {"type": "utility", "from": "utility"},
        "lb-1": {
            "type": "load_balancer", "ttf": "100 days", "ttr": "8 h", "power": ["mains"],
            "network": ["outer", "inner"],
        },
        "lb-2": {"like": "lb-1"},
        "array": {"type": "component", "ttf": "300 days", "ttr": "4 h", "network": ["inner"]},
        "s": {
            "type": "server", "from": "server_dual_psu", "power": ["mains"], "network": ["inner"],
            "storage": ["array"], "ttf": "180 days", "os_crash": "60 days",
            "software": {
                "crash": "9 days", "hang_share": 0.25, "start": "3 min", "watchdog": "20 s",
                "watchdog_cures": 0.8, "manual_restart": "20 min", "change_fails": 0.2,
                "change_fix": "3 h",
            },
        },
        "t": {"like": "s"},
        "u": {"like": "s"},
        "team": {"type": "crew", "size": 2, "respond": "20 min"},
    },
    "groups": {
        "address": {"type": "vrrp", "members": ["lb-1", "lb-2"]},
        "pacs": {
            "type": "active_active", "members": ["s", "t", "u"], "need": 2, "behind": ["address"],
            "check": CHECK, "drain": "10 min",
        },
    },
    "roles": {"use": {"needs": ["pacs"], "used_from": ["far"]}},
    "practices": {
        "maintenance": {
            "patch": {"of": ["s", "t", "u"], "on": "first sunday 02:00", "lasts": "1 h", "rolling": True}
        },
        "upgrades": {"of": ["pacs"], "on": "second saturday 06:00", "lasts": "5 h", "rolling": True},
    },
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("depth", "redispatch"), [("host", False), ("tcp", True), ("http", True), ("c_store", False)]
)
def test_a_lively_design_runs_the_same_on_both(depth: str, *, redispatch: bool) -> None:
    """Two years at some ten times the rates of faults: traces and outages equal to the bit."""
    pacs = {**LIVELY["groups"]["pacs"], "check": {**CHECK, "sees": depth}, "redispatch": redispatch}
    made = design_of({**LIVELY, "groups": {**LIVELY["groups"], "pacs": pacs}})
    model = build(made.resolved).model
    one = reference.simulate(model, horizon=2 * YEAR, trace=True, seed=5)
    same = kernel.simulate(model, horizon=2 * YEAR, trace=True, seed=5)
    assert one.trace is not None
    assert same.trace is not None
    assert one.trace.tobytes() == same.trace.tobytes()
    assert one.episodes.tobytes() == same.episodes.tobytes()
    names = [model.transitions[row].name for row in set(one.trace["transition"])]
    assert {"pacs/pool-s.left-out", "pacs/pool-s.back", "pacs/pool-s.patch-drain"} <= set(names)
    assert {"pacs/pool-s.drained", "pacs/pool-s.upgrades-drain", "address/phase.taken"} <= set(
        names
    )


def replayed(model: Model, replication: int, horizon: float) -> float:
    """Return the shares of sessions that break in one replication, from its trace of the list."""
    trace = kernel.simulate(model, horizon=horizon, first=replication, seed=3, trace=True).trace
    assert trace is not None
    listed, share = 3, 0.0
    for row in trace:
        name = model.transitions[row["transition"]].name
        if name.endswith(".miss"):
            share += 1.0 / listed
        listed += name.endswith(".back") - name.endswith(".left-out")
    return share


def test_sessions_are_tallied() -> None:
    """By the tally of a batch, and by the list as its trace has it: what is missed takes its share."""
    # Sees: a count that is not divided by those listed, or by the years.
    crash = {"mean": "200 h", "family": "exponential"}
    software = {"crash": crash, "start": "1 min", "manual_restart": "10 min"}
    parts = {x: server(software=software) for x in "stu"}
    contract = {"term": "2 years"}
    made = design(parts, {"members": list(parts), "need": 2}, contract=contract)
    tally = DesignTally.of(made)
    model, horizon = build(made.resolved).model, made.resolved.contract.number("term")
    tally.add(kernel.simulate(model, horizon=horizon, window=YEAR, count=4, seed=3))
    (found,) = [row for row in tally.rows() if row.measure == "sessions_broken"]
    by_hand = [replayed(model, k, horizon) * YEAR / horizon for k in range(4)]
    assert min(by_hand) > 20.0
    assert found.estimate == close(sum(by_hand) / 4.0, 1e-12)
    shared = design(parts, {"members": list(parts), "need": 2, "sessions": "shared"})
    (found,) = [row for row in DesignTally.of(shared).rows() if row.measure == "sessions_broken"]
    assert (found.estimate, found.upper) == (0.0, 0.0)
    assert found.note == "exactly 0: sessions of pacs are kept by all its members"
