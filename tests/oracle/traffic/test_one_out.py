"""One part out (T32): what clients meet a day later, beside the drawn graph and lists by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pacsim.core import ModelBuilder, outcome
from pacsim.delays import Deterministic, Exponential
from pacsim.design.build import Built
from pacsim.parts.watch_handles import Belonging
from pacsim.traffic.answering import answering, met_by_clients
from pacsim.traffic.client_conditions import GROUP, HUNG, POOL, SERVER, SILENT, Conditions
from pacsim.traffic.one_out import FaultMet, Met, OneOut
from tests.oracle.traffic.drawn import ARCHIVES, SITES, drawn, serving

if TYPE_CHECKING:
    from pacsim.design.resolved import Resolved

BOXES = {
    *(("unit", "down"), ("module", "down"), ("shelf", "down")),
    *(("hardware", "failed"), ("hardware", "unseen or failed")),
}
"""What of a part takes the whole of it out, in which state."""
COMMON = {
    *("access-1/unit", "array/contents", "array/controller", "array/disk", "array/shelf"),
    *("ats/position", "core-1/unit", "database/contents", "database/engine", "mains/internal"),
    *("mains/momentary", "mains/outage", "operators/unit", "pdu-a/unit", "server-a/application"),
    *("server-a/hardware", "server-a/host", "server-a/psu", "site-network/unit", "ups-a/battery"),
    "ups-a/module",
}
"""What has a fault of its own in every design. A generator that does not run has none."""
TWO = {"core-2/unit", "pdu-b/unit", "san-1/unit", "san-2/unit", "ups-b/battery", "ups-b/module"}
SERVERS = {
    x: {f"{x}/{y}" for y in ("application", "hardware", "host", "psu")}
    for x in ("server-b", "server-c")
}
BARE = {f"{x}/{y}" for x in ("db-a", "db-b", "witness") for y in ("hardware", "host", "psu")}
ELEMENTS = {
    "single-server": COMMON,
    "active-passive": COMMON
    | TWO
    | SERVERS["server-b"]
    | {"heartbeat/cable", "pacs/standby-server-b"},
    "active-active": COMMON
    | TWO
    | SERVERS["server-b"]
    | SERVERS["server-c"]
    | BARE
    | {"balancer-1/unit", "balancer-2/unit", "db/replica-db-b"},
}
LOST = {"array/contents", "database/contents", "operators/unit", "site-network/unit"}
"""What has no box, and takes all roles down."""
HANGS = "hung"


@pytest.fixture(scope="module", params=list(ARCHIVES))
def asked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Resolved, OneOut, list[FaultMet]]:
    resolved = drawn(tmp_path_factory.mktemp("drawn"), request.param)
    one_out = OneOut.of(resolved)
    return request.param, resolved, one_out, list(one_out.faults())


def test_every_part_once(asked: tuple[str, Resolved, OneOut, list[FaultMet]]) -> None:
    # Sees: disks one by one, shared causes as parts, faults of what does not run.
    name, _, _, found = asked
    assert {x.element for x in found} == ELEMENTS[name]
    outcomes = [(x.element, x.fault, x.state) for x in found]
    assert len(set(outcomes)) == len(outcomes)
    assert len({(x.element, x.fault) for x in found}) == len(ELEMENTS[name])


def test_who_serves_is_what_the_graph_says(
    asked: tuple[str, Resolved, OneOut, list[FaultMet]],
) -> None:
    """Boxes out of the drawn graph; roles are down if a site is left with nobody."""
    # Sees: people's repairs that happen, reboots and resets that do not, a fault at another moment.
    name, resolved, one_out, found = asked
    for one in found:
        box = {one.part} if (one.kind, one.state) in BOXES else set()
        hung = {one.part} if HANGS in one.state else set()
        may = {site: some - hung for site, some in serving(resolved, name, box).items()}
        if one.element in {"array/contents", "database/contents"}:
            may = {site: set[str]() for site in SITES}
        conditions = one_out.conditions
        for k, site in enumerate(conditions.sites):
            answer = {conditions.members[x] for x in answering(conditions, one.met.values, k)}
            assert answer <= may[site], one
            assert bool(answer) == bool(may[site]), one
            if conditions.kind == POOL:
                assert answer == may[site], one
        nobody = one.element in LOST or not all(may.values())
        assert one.met.down == (("store", "read") if nobody else ()), one


OWNED_BY_B = {"heartbeat/cable", "server-a/hardware", "server-a/host"}
"""Who loses the heartbeat shoots the other, the standby as likely as not; a crash takes longer to
boot than the standby to take over."""


def test_who_owns_and_holds_by_hand(
    asked: tuple[str, Resolved, OneOut, list[FaultMet]],
) -> None:
    name, _, one_out, found = asked
    names = one_out.conditions.names
    for one in found:
        met = dict(zip(names, one.met.values, strict=True))
        if name == "active-passive":
            moved = one.element in OWNED_BY_B or (HANGS in one.state and one.part == "server-a")
            assert met["owner"] == int(moved), one
        if name == "active-active":
            assert met["holder"] == int(one.part == "balancer-1"), one


def test_nothing_fails_and_all_is_as_usual(
    asked: tuple[str, Resolved, OneOut, list[FaultMet]],
) -> None:
    _, _, one_out, _ = asked
    met = one_out.all_up()
    assert met.values == one_out.conditions.usual
    assert met.down == ()


def test_what_nobody_meets_reads_as_usual() -> None:
    """By hand: a standby that is down, one that is missing from a list, an idle balancer."""
    pair = Conditions(GROUP, ("a", "b"), ("s",))
    assert met_by_clients(pair, (SILENT, 0, 0, 1, 1)) == (0, 0, 1, 1, 1)
    assert met_by_clients(pair, (SILENT, 0, 0, 1, 0)) == (SILENT, 0, 0, 1, 0)
    pool = Conditions(POOL, ("a", "b"), ("s",), ("h", "i"))
    met = dict(zip(pool.names, pool.usual, strict=True))
    changed = met | {"member.a": HUNG, "listed.a": 0, "holder.i": SILENT, "back.h.a": 0}
    assert met_by_clients(pool, tuple(changed.values())) == tuple((met | {"listed.a": 0}).values())
    both = met | {"member.a": HUNG, "front.s.h": 0}
    assert met_by_clients(pool, tuple(both.values())) == tuple(both.values())
    alone = Conditions(SERVER, ("a",), ("s", "t"))
    assert met_by_clients(alone, (HUNG, 0, 1)) == (HUNG, 0, 1)
    assert answering(alone, (0, 0, 1), 0) == []
    assert answering(alone, (0, 0, 1), 1) == [0]
    behind = tuple((met | {"holder": 1, "front.s.i": 0}).values())
    assert answering(pool, behind, 0) == []
    assert answering(replace(pool, holders=("h", "i")), tuple(met.values()), 0) == [0, 1]


def small() -> OneOut:
    """A unit that fails; beside it other faults, work, repairs and choices, each within a day.

    The conditions show what happened: of the server how far its watch got, of the way what else
    has happened.
    """
    m = ModelBuilder()
    unit = m.element("unit", "up down gone", fault="down gone")
    watch = m.element("watch", "idle wrong good best", fault="wrong")
    other = m.element("other", "fine failed worked mended odd", fault="failed", planned="worked")
    unit.after("up -> down", Exponential(1e9), "fail", cls="fault")
    unit.after("down -> up", Deterministic(3600.0), "repaired", cls="repair", renew=True)
    watch.after(
        "idle",
        Exponential(3600.0 / math.log(2.0)),
        "found",
        when=unit == "down",
        outcomes=[outcome(0.6, "wrong"), outcome(0.1, "good"), outcome(0.3, "best")],
    )
    other.after("fine -> failed", Deterministic(100.0), "fail", cls="fault")
    other.after("fine -> worked", Deterministic(100.0), "work", cls="planned")
    other.after("fine -> mended", Deterministic(100.0), "mend", cls="repair")
    other.after("fine -> odd", Deterministic(100.0), "due", cls="tick")
    m.changes("x:member.a", m.first_of([watch == x for x in ("idle", "wrong", "good", "best")]))
    m.changes("x:path.s.a", m.count([other == "fine"]))
    model = m.build()
    belongings = tuple(Belonging(e.name, "", e.name) for e in model.elements)
    roots = tuple(t.name for t in model.transitions)
    return OneOut(Built(model, (), belongings, roots), Conditions(SERVER, ("a",), ("s",)), ())


def test_nothing_else_fails_or_is_worked_on() -> None:
    # Sees: another fault, planned work, a tick or a repair that happens; a flagged outcome taken
    # because it is likelier; the least likely of the others.
    found = {x.fault: x.met for x in small().faults()}
    assert found == {"unit.fail": Met((3, 1)), "other.fail": Met((0, 0))}
    assert small().all_up() == Met((0, 1))
