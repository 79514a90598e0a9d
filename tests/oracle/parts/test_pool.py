"""Pools against sums over independent chains, one for each node and its seat on the list."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Exponential as Exp
from pacsim.delays import Law
from pacsim.parts import pool as automaton
from pacsim.parts.active_active import DIAL
from pacsim.parts.group_shocks import COMMON
from tests.oracle.parts.making import made, part
from tests.oracle.parts.pooling import (
    DETECTION,
    LIFE,
    REPAIR,
    RISE,
    expected,
    figures,
    joint,
    pool,
    seat,
    summed,
)
from tests.oracle.parts.test_vrrp import address, nine_states

if TYPE_CHECKING:
    from collections.abc import Mapping

TOLERANCE = 1e-6


@pytest.fixture(autouse=True)
def _markov(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make detection and rise exponential with the means they have."""
    monkeypatch.setattr(automaton, "Shifted", lambda law, by: Exp(_mean(law) + by))


def _mean(law: Law) -> float:
    return law.mean()


def agree(found: dict[str, float], by_hand: dict[str, float]) -> None:
    assert found == {name: pytest.approx(x, rel=TOLERANCE) for name, x in by_hand.items()}


def test_the_share_in_of_one_node() -> None:
    """The chain of a seat is the formula of the design."""
    rate, mend, d, r = 1 / LIFE, 1 / REPAIR, 1 / DETECTION, 1 / RISE
    ui = 1 / (1 + rate / (mend + d) * (1 + d / r + (r + rate) * d / (r * mend)))
    assert seat()["up", "in"] == pytest.approx(ui, rel=1e-12)
    assert ui == pytest.approx(0.9900496062, rel=1e-9)


@pytest.mark.parametrize(
    ("n", "need", "least", "redispatch", "row"),
    [
        (2, 2, 1, False, {"down": 9.9010336e-5, "degraded": 0.019702767, "failing": 1.1857517e-4}),
        (2, 2, 1, True, {"down": 9.9010336e-5, "degraded": 0.019702767, "failing": 9.9010336e-5}),
        (3, 2, 1, False, {"down": 9.8519183e-7, "degraded": 3.5218590e-4, "failing": 2.0938996e-5}),
        (4, 3, 1, False, {"down": 9.8030467e-9}),
        (4, 3, 2, False, {"down": 3.9113582e-6, "degraded": 6.5900820e-4}),
    ],
)  # fmt: skip
def test_pools_of_independent_nodes(
    n: int, need: int, least: int, redispatch: bool, row: dict[str, float]
) -> None:
    """Rows 1 to 4: down, degraded, and the share of requests that fail."""
    # Sees: rise left out; least for need; redispatch that is none.
    group = pool("abcd"[:n], need, least=least, redispatch=redispatch)
    found = figures(group)
    by_hand = expected(seat(), n, need, least, redispatch=redispatch)
    agree(found, by_hand)
    for name, value in row.items():
        assert by_hand[name] == pytest.approx(value, rel=1e-7)


@pytest.mark.parametrize(
    ("sees", "redispatch", "failing"),
    [
        ("http", False, 7.9468482e-5),
        ("tcp", False, 3.2061432e-4),
        ("http", True, 6.4729253e-5),
        ("tcp", True, 3.0587473e-4),
    ],
)
def test_nodes_that_hang(sees: str, redispatch: bool, failing: float) -> None:
    """Rows 5 and 6: a quarter of the faults hang for an hour, and only some checks see it."""
    # Sees: redispatch of hung nodes; a hung node that tcp sees.
    group = pool("ab", 1, redispatch=redispatch, check={"sees": sees})
    by_hand = expected(seat(0.25, blind=sees == "tcp"), 2, 1, redispatch=redispatch)
    agree(figures(group, 0.25), by_hand)
    assert by_hand["failing"] == pytest.approx(failing, rel=1e-7)


@pytest.mark.parametrize(("n", "redispatch"), [(2, False), (3, True)])
def test_sessions_that_break(n: int, *, redispatch: bool) -> None:
    """Row 7: a good listed node fails at its rate and takes one of those listed with it."""
    # Sees: sessions of a member that is out already; one session for each member whatever the list.
    group = pool("abc"[:n], 1, redispatch=redispatch, sessions="per_node")
    rate = 0.0
    seats: Mapping[Any, float] = seat()
    for states in product(seats.items(), repeat=n):
        units = [unit for (unit, where), _ in states if where != "out"]
        if units:
            broken = units.count("up") / LIFE / len(units)
            rate += broken * prod(share for _, share in states)
    assert figures(group)["broken"] == pytest.approx(rate, rel=TOLERANCE)
    if n == 3:
        assert 8760 * rate == pytest.approx(8.7598166, rel=1e-7)


@pytest.mark.parametrize("sees", ["http", "tcp"])
def test_sessions_on_nodes_that_hang(sees: str) -> None:
    """A hang breaks them, whether the check sees it or not."""
    # Sees: only what the check misses; sessions of a node that has come back and hangs.
    group = pool("ab", 1, sessions="per_node", check={"sees": sees})
    rate = 0.0
    seats: Mapping[Any, float] = seat(0.25, blind=sees == "tcp")
    for states in product(seats.items(), repeat=2):
        units = [unit for (unit, where), _ in states if where != "out"]
        if units:
            broken = units.count("up") / LIFE / len(units)
            rate += broken * prod(share for _, share in states)
    assert figures(group, 0.25)["broken"] == pytest.approx(rate, rel=TOLERANCE)


@pytest.mark.parametrize(("n", "redispatch"), [(2, False), (3, False), (3, True)])
def test_all_requests_to_the_first_of_the_list(n: int, *, redispatch: bool) -> None:
    """Down while that one is bad: with no redispatch as long as the check has not found it."""
    # Sees: a second member that counts although the first one is listed.
    dial = made(DIAL, "dial", {"mode": "first"})
    down = 0.0
    seats: Mapping[Any, float] = seat()
    for states in product(seats.items(), repeat=n):
        tried = [unit for (unit, where), _ in states if where != "out"]
        # What a dead member refuses goes to the next one.
        tried = [unit for unit in tried if unit == "up"] if redispatch else tried[:1]
        down += prod(share for _, share in states) if tried[:1] != ["up"] else 0.0
    found = figures(pool("abc"[:n], 1, redispatch=redispatch, dial=dial))
    assert found.pop("degraded") == 0.0
    agree(found, {"down": down, "failing": down})


@pytest.mark.parametrize(("n", "need", "common"), [(2, 1, 0.2), (3, 2, 0.1), (3, 2, 0.0)])
def test_faults_in_common(n: int, need: int, common: float) -> None:
    """A share of the faults takes all nodes at once: a chain of all of them together."""
    # Sees: a shock on top of the members' own faults; one that nobody takes.
    shocks = {"common": made(COMMON, "common", {"hardware": common, "software": 0.0})}
    by_hand = summed(joint(n, common), need)
    agree(figures(pool("abc"[:n], need, **(shocks if common else {}))), by_hand)
    alone = expected(seat(), n, need)
    if common:
        assert by_hand["down"] > 5 * alone["down"]
    else:
        agree(by_hand, alone)


def behind(alone: dict[str, float], q: float) -> dict[str, float]:
    """Return the figures of a pool behind an address that nobody holds for a share ``q`` of time."""
    failing = q + (1 - q) * alone["failing"]
    down = q + (1 - q) * alone["down"]
    return {"down": down, "degraded": (1 - q) * alone["degraded"], "failing": failing}


@pytest.mark.parametrize("pair", [False, True])
def test_behind_an_address_that_nobody_may_hold(*, pair: bool) -> None:
    """Row 10: up only while the address is held, by a part or by a pair; the list goes on meanwhile."""
    # Sees: an address that does not count.
    q = nine_states(2000.0, 8.0, 0.05, 0.67)
    if pair:
        members = [
            part("load_balancer", f"lb-{k}", fails=Exp(2000.0), ttr=Exp(8.0)) for k in (1, 2)
        ]
        group = address(takeover=Exp(0.05), failover_fails=0.33)
        times = {"call": Exp(0.5), "manual_failover": Exp(1.0)}
        above = pool("ab", 2, behind=("address",))
        found = figures(above, 0.0, *members, beside=(group,), times=times)
    else:
        one = part("component", "lb", fails=Exp(1.0), ttr=Exp(q / (1.0 - q)))
        found = figures(pool("ab", 2, behind=("lb",)), 0.0, one)
    agree(found, behind(expected(seat(), 2, 2), q))
    row = {"down": 3.5298547e-4, "degraded": 0.019697762, "failing": 3.7254534e-4}
    assert found == {name: pytest.approx(x, rel=TOLERANCE) for name, x in row.items()}
