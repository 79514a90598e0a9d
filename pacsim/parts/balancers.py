"""The way over a load balancer: place to holder, holder to member; parts that share an address.

A balancer is an end of every path, so a way through one has two legs. A server group names under
``behind`` the addresses that lead to it: balancers that stand alone, and vrrp groups of them, of
which the member that holds the address is meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.build_context import hooks
from pacsim.parts.network import path
from pacsim.parts.traits import BALANCES, FORWARDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacsim.core.writing.conditions import Condition
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part


def legs(
    context: BuildContext,
    place: str,
    behind: Sequence[str],
    member: str,
    *,
    carrying: float | None = None,
) -> Condition:
    """Return the condition that a place reaches a member over any address.

    Both legs are walked over the same address: place to holder, holder to member.

    Parameters
    ----------
    context : BuildContext
        Receives the gates of the legs.
    place : str
        A client site; empty for a role that is used from nowhere in particular, whose first leg
        is only that somebody holds the address.
    behind : sequence of str
        Load balancers and vrrp groups of them.
    member : str
        A server of the group behind them.
    carrying : float, optional
        What the first leg must carry, in bytes/s.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from pacsim.core import ModelBuilder
    >>> from pacsim.parts.values import Part
    >>> m, parts = ModelBuilder(), {x: Part(x, "x", {}) for x in ("lb", "node")}
    >>> context = SimpleNamespace(m=m, parts=parts, groups={}, paths={})
    >>> context.ok = lambda x: m.forward(f"{x}.ok")
    >>> way = legs(context, "", ["lb"], "node")
    >>> sorted(m.definitions)
    ['lb.held', 'lb.reaches.node']
    """
    ways = [
        reached(context, place, x, carrying=carrying) & reaching(context, x, member) for x in behind
    ]
    return context.m.any(ways)


def reached(
    context: BuildContext, place: str, address: str, *, carrying: float | None = None
) -> Condition:
    """Return gate ``ADDRESS.reached.PLACE``: the place has a path to the one that holds it.

    With ``carrying`` it is one that carries so much, and the gate's name says how much.
    """
    if not place:
        return held(context, address)
    name = f"{address}.reached.{place}" + ("" if carrying is None else f".{carrying:g}")

    def way(holder: str) -> Condition:
        return path(context, place, holder, carrying=carrying)

    return _over_holders(context, name, address, way)


def reaching(context: BuildContext, address: str, member: str) -> Condition:
    """Return gate ``ADDRESS.reaches.MEMBER``: the one that holds it has a path to the member."""
    name = f"{address}.reaches.{member}"
    return _over_holders(context, name, address, lambda x: path(context, x, member))


def held(context: BuildContext, address: str) -> Condition:
    """Return gate ``ADDRESS.held``: somebody who is up holds the address."""
    return _over_holders(context, f"{address}.held", address, lambda _x: context.m.always())


def cut_off(context: BuildContext, behind: Sequence[str], member: str) -> Condition:
    """Return the condition that some address is held and no holder has a path to a member.

    That is what a check sees bad at any depth. While nobody holds an address nobody looks.
    """
    some = context.m.any(held(context, x) for x in behind)
    return some & ~context.m.any(reaching(context, x, member) for x in behind)


def holds(context: BuildContext, address: str, balancer: str) -> Condition:
    """Return the condition that a balancer is up and the address is its own."""
    group = context.groups.get(address)
    active = hooks(group).active if group is not None else None
    if group is None or active is None:
        return context.ok(balancer)
    return active(context.m, group, balancer)


def held_last(context: BuildContext, address: str, balancer: str) -> Condition:
    """Return the condition that an address is a balancer's own, up or not, until another has it."""
    if address not in context.groups:
        return context.m.always()
    return context.made[f"{address}/active"] == balancer


def holders(context: BuildContext, address: str) -> tuple[str, ...]:
    """Return who may hold an address: the members of a group, or a balancer that stands alone."""
    group = context.groups.get(address)
    return group.names("members") if group is not None else (address,)


def _over_holders(
    context: BuildContext, name: str, address: str, way: Callable[[str], Condition]
) -> Condition:
    """Return a gate, made once: whoever holds the address has a way."""
    m = context.m
    if name in m.definitions:
        return m.forward(name)
    ways = [holds(context, address, x) & way(x) for x in holders(context, address)]
    return m.gate(name, m.any(ways))


def add_forwards(context: BuildContext, name: str, up: Condition) -> None:
    """Add gates ``.forwards`` and ``.ok`` of a part that passes traffic on while it is up.

    A member of a group that shares an address passes traffic on only while it holds the address,
    and is ok whether it does or not.
    """
    m, group = context.m, context.group_of(name)
    passes = hooks(group).passes if group is not None else None
    if group is None or passes is None:
        m.gate(f"{name}.forwards", up)
        m.gate(f"{name}.ok", m.forward(f"{name}.forwards"))
    else:
        m.gate(f"{name}.ok", up)
        m.gate(f"{name}.forwards", m.forward(f"{name}.ok") & passes(m, group, name))


def check_behind(review: Review, group: Part, where: str) -> None:
    """Note addresses that no pool can stand behind, for the type of a group with slot ``behind``.

    That a name is a balancer or a vrrp group at all is the slot's own ``refers``.
    """
    shared = {
        x: g.name for g in review.groups.values() if g.has(BALANCES) for x in g.names("members")
    }
    named: set[str] = set()
    for k, address in enumerate(group.names("behind")):
        here = f"{where}.behind[{k}]"
        one = review.groups.get(address)
        passing = [x.name for x in review.members(one) if x.has(FORWARDS)] if one else []
        if address in named:
            review.problem(here, f'"{address}" is there twice', "name each address once")
        elif passing:
            rule = f'members of "{address}" pass traffic on: {", ".join(passing)}'
            review.problem(here, rule, "name a load balancer, or a vrrp group of load balancers")
        elif address in shared:
            rule = f'"{address}" shares the address "{shared[address]}" with others'
            review.problem(here, rule, f"name {shared[address]}")
        named.add(address)
