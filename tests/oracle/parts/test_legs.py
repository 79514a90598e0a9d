"""The way over a balancer, leg by leg, and parts that forward only while they hold an address."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from pacsim.core import ModelBuilder
from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.engines.exact import solve
from pacsim.parts.balancers import check_behind, cut_off, legs, reached, reaching
from pacsim.parts.build_context import BuildContext
from pacsim.parts.registry import all_types
from pacsim.parts.review import Review
from pacsim.parts.values import Part
from tests.close import close
from tests.oracle.parts.making import build_one, missing, model, part, practices, role
from tests.oracle.parts.pairing import HOUR, NEVER
from tests.oracle.parts.test_vrrp import gaps

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.core import Model
    from pacsim.core.writing.conditions import Condition

EXACT = 1e-9
AT_ONCE = 1e-13
"""Mean of a takeover that takes no time of it."""


def share_without(way: Callable[[BuildContext], Condition], *parts: Part, group: Any) -> float:
    """Return the long-run share of time without a way over some parts, by the exact engine."""
    m, none = ModelBuilder(), part("component", "none")
    groups = {group.name: group} if group is not None else {}
    context = BuildContext(
        m, {p.name: p for p in parts}, groups, {}, practices=practices(), archive=none
    )
    for one in [*parts, *groups.values()]:
        build_one(all_types()[one.type], context, one)
    m.gate_time("none", ~way(context))
    return float(solve(m.build(), steady=True).steady["none"][0])


def balancer(number: int, *cables: str) -> Part:
    """Return a balancer that is up eight parts of ten."""
    return part("load_balancer", f"lb-{number}", fails=Exp(8.0), ttr=Exp(2.0), network=cables)


def links(*names: str) -> list[Part]:
    """Return links that are up nine parts of ten, each between the two parts its name says."""
    return [
        part("link", x, between=tuple(x.split("=")), fails=Exp(9.0), ttr=Exp(1.0)) for x in names
    ]


PLACE, NODE = part("clients", "place"), part("component", "node", fails=Exp(1e9), ttr=Exp(1e-9))
WAYS = ("place=lb-1", "place=lb-2", "lb-1=node", "lb-2=node")


def enumerated(up: Callable[[dict[str, bool]], bool]) -> float:
    """Return the probability that a way is not there, over every set of parts that are up."""
    chances = {"lb-1": 0.8, "lb-2": 0.8, **dict.fromkeys(WAYS, 0.9)}
    total = 0.0
    for states in itertools.product((True, False), repeat=len(chances)):
        state, p = dict(zip(chances, states, strict=True)), 1.0
        for name, on in state.items():
            p *= chances[name] if on else 1.0 - chances[name]
        total += 0.0 if up(state) else p
    return total


def holder(state: dict[str, bool]) -> str:
    """Return who holds the address if the first one that is up does, or nobody."""
    return next((x for x in ("lb-1", "lb-2") if state[x]), "")


def over(state: dict[str, bool], x: str) -> bool:
    """Return whether both legs over one balancer are there."""
    return bool(x) and state[x] and state[f"place={x}"] and state[f"{x}=node"]


def test_legs_over_a_pair() -> None:
    """Only the holder counts, and both legs lead over it."""
    # Sees: place to one balancer and on from the other; a way over one that does not hold.
    group = part(
        "vrrp", "address", members=("lb-1", "lb-2"), takeover=Exp(AT_ONCE),
        failover_fails=0.0, preempt=True,
    )  # fmt: skip
    parts = [PLACE, NODE, balancer(1), balancer(2), *links(*WAYS)]
    ways: dict[str, tuple[Any, Callable[[dict[str, bool]], bool]]] = {
        "both": (
            lambda c: legs(c, "place", ("address",), "node"),
            lambda s: over(s, holder(s)),
        ),
        "first leg": (
            lambda c: reached(c, "place", "address"),
            lambda s: bool(holder(s)) and s[f"place={holder(s)}"],
        ),
        "second leg": (
            lambda c: reaching(c, "address", "node"),
            lambda s: bool(holder(s)) and s[f"{holder(s)}=node"],
        ),
        "from nowhere": (
            lambda c: legs(c, "", ("address",), "node"),
            lambda s: bool(holder(s)) and s[f"{holder(s)}=node"],
        ),
        "not cut off": (
            lambda c: ~cut_off(c, ("address",), "node"),
            lambda s: not holder(s) or s[f"{holder(s)}=node"],
        ),
    }
    for name, (way, up) in ways.items():
        assert share_without(way, *parts, group=group) == close(enumerated(up), EXACT), name


def test_legs_over_two_addresses() -> None:
    """Two balancers that stand alone: any of them, but no leg of one with the other's."""
    # Sees: a place that reaches one address, which reaches no node, beside one that does.
    parts = [PLACE, NODE, balancer(1), balancer(2), *links(*WAYS)]
    found = share_without(lambda c: legs(c, "place", ("lb-1", "lb-2"), "node"), *parts, group=None)
    assert found == close(enumerated(lambda s: over(s, "lb-1") or over(s, "lb-2")), EXACT)


def test_a_balancer_joins_no_two_switches() -> None:
    """It ends every path: two switches that only it is cabled to are apart."""
    # Sees: a balancer that passes traffic on.
    still = {"fails": Det(NEVER), "ttr": Det(HOUR)}
    parts = [
        part("clients", "place", network=("near",)), part("switch", "near", **still),
        part("load_balancer", "lb-1", network=("near", "far"), **still),
        part("switch", "far", **still), part("component", "ris", **still),
        part("server", "node", network=("far",), reboot=Det(1.0), boot_after_power=Det(1.0), **still),
    ]  # fmt: skip
    direct = model(*parts, roles=(role("use", "node", used_from=("place",)),), down=("role.use",))
    assert gaps(direct, "role.use", 100.0) == [(0.0, 100.0)]
    there = model(*parts, roles=(role("use", "lb-1", used_from=("place",)),), down=("role.use",))
    assert gaps(there, "role.use", 100.0) == []


def routed(*, shared: bool, crossed: bool) -> Model:
    """Return a place and a node on two switches of which the first fails at 100 s, for an hour."""
    kinds = {"fails": Det(NEVER), "ttr": Det(HOUR)}
    ends = ("one", "two") if crossed else ("one",)
    parts = [
        part("clients", "place", network=ends),
        part("switch", "one", **{**kinds, "fails": Det(100.0)}), part("switch", "two", **kinds),
        part("server", "node", network=("one", "two"), reboot=Det(1.0),
             boot_after_power=Det(1.0), **kinds),
    ]  # fmt: skip
    group = part("vrrp", "gateway", members=("one", "two"), takeover=Det(3.0), failover_fails=0.0)
    return model(
        *parts, groups=(group,) if shared else (),
        roles=(role("use", "node", used_from=("place",)),),
        down=("role.use", "one.forwards", "two.forwards", "one.ok", "two.ok"),
    )  # fmt: skip


def test_switches_that_share_an_address() -> None:
    """One that does not hold it passes nothing on, though it is up; no group, no such thing."""
    # Sees: a member that forwards while another holds; a switch alone that waits for an address.
    alone = routed(shared=False, crossed=True)
    assert gaps(alone, "role.use", 999.0) == []
    assert gaps(alone, "two.forwards", 999.0) == []
    pair = routed(shared=True, crossed=True)
    assert gaps(pair, "role.use", 999.0) == [(100.0, 103.0)]
    assert gaps(pair, "two.forwards", 999.0) == [(0.0, 103.0)]
    assert gaps(pair, "two.ok", 999.0) == []
    # The first switch comes back at 3700 s and does not hold: the place on it alone stays cut off.
    assert gaps(routed(shared=True, crossed=False), "role.use", 3790.0) == [(100.0, 3790.0)]
    assert gaps(routed(shared=True, crossed=False), "one.ok", 3790.0) == [(100.0, 3700.0)]


def test_a_role_that_needs_the_address() -> None:
    """A place reaches the one that holds it; the other's path is no help."""
    # Sees: a path to any member that is up.
    group = part(
        "vrrp", "address", members=("lb-1", "lb-2"), takeover=Exp(AT_ONCE),
        failover_fails=0.0, preempt=True,
    )  # fmt: skip
    built = model(
        PLACE, balancer(1), balancer(2), *links("place=lb-1", "place=lb-2"), groups=(group,),
        roles=(role("use", "address", used_from=("place",)),), down=("role.use",),
    )  # fmt: skip

    def up(state: dict[str, bool]) -> bool:
        return bool(holder(state)) and state[f"place={holder(state)}"]

    assert missing(built, "role.use") == close(enumerated(up), EXACT)


def test_addresses_that_no_pool_can_stand_behind() -> None:
    """A pair of switches, one of a pair, and one that is there twice; each with its place."""
    # Sees: a member taken for an address of its own; a pair of switches taken for balancers.
    plain = {"fails": Det(NEVER), "ttr": Det(HOUR)}
    parts = [part("load_balancer", f"lb-{k}", **plain) for k in (1, 2, 3)]
    parts += [part("switch", x, **plain) for x in ("one", "two")]
    pair = part("vrrp", "address", members=("lb-1", "lb-2"))
    gateway = part("vrrp", "gateway", members=("one", "two"))
    found: list[tuple[str, ...]] = []
    review = Review(
        {x.name: x for x in parts}, {x.name: x for x in (pair, gateway)},
        lambda *said: found.append(said), contract=pair, archive=pair,
    )  # fmt: skip
    behind = ("address", "lb-3", "lb-1", "gateway", "address")
    check_behind(review, Part("pacs", "pool", {"behind": behind}), "groups.pacs")
    assert found == [
        ("groups.pacs.behind[2]", '"lb-1" shares the address "address" with others', "name address"),
        ("groups.pacs.behind[3]", 'members of "gateway" pass traffic on: one, two', "name a load balancer, or a vrrp group of load balancers"),
        ("groups.pacs.behind[4]", '"address" is there twice', "name each address once"),
    ]  # fmt: skip
