"""What serves: pools of servers, databases, arrays and lines, and the work of an item (T6)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.design.wiring import Network, holders_of
from pacsim.parts.failover_group import needed_databases
from pacsim.parts.network import ends_of, most
from pacsim.parts.values import Part
from pacsim.traffic import client_tables as t

if TYPE_CHECKING:
    from pacsim.design.resolved import Resolved
    from pacsim.traffic.client_conditions import Conditions


@dataclass(frozen=True, slots=True)
class Served:
    """What the archive's servers share, and how long they work on an item (T6).

    Parameters
    ----------
    conditions : Conditions
        With the members.
    pools : list of SharedPool
        Workers and interface of each member, connections, arrays, lines of sites.
    serves : tuple of Part
        Slots ``serves`` of the members.
    base : Part or None
        Those of the database; None without one.
    arrays : dict of (write, read)
        Bytes a second of each array or mirror of which that is known, by name.
    stores : tuple of tuple of str
        Those of them on which each member keeps images: of several each has an equal share.
    lines : dict of (str, float)
        Pool of the line between a site and a member, and bytes a second on it.
    """

    conditions: Conditions
    pools: list[t.SharedPool]
    serves: tuple[Part, ...]
    base: Part | None
    arrays: dict[str, tuple[float, float]]
    stores: tuple[tuple[str, ...], ...]
    lines: dict[tuple[str, str], tuple[str, float]]

    @classmethod
    def of(cls, resolved: Resolved, conditions: Conditions) -> Served:
        """Return those of a design; pools are named after what they are of."""
        assert resolved.workload is not None
        pools: list[t.SharedPool] = []
        serves = []
        for name in conditions.members:
            one = resolved.parts[name].part("software").part("serves")
            serves.append(one)
            pools.append(t.SharedPool(f"workers of {name}", one.number("workers")))
            pools.append(t.SharedPool(f"interface of {name}", 1.0))
        name, base = _base(resolved)
        if base is not None:
            pools.append(t.SharedPool(f"connections of {name}", base.number("connections")))
        members = [resolved.parts[x] for x in conditions.members]
        arrays: dict[str, tuple[float, float]] = {}
        for store in dict.fromkeys(x for one in members for x in one.names("storage")):
            ends = [resolved.parts[x] for x in ends_of(resolved.groups, store)]
            known = [one.part("serves") for one in ends if "serves" in one]
            if known:
                # A mirror writes to both sides, and reads as fast as the slower one.
                rates = [(one.number("write"), one.number("read")) for one in known]
                arrays[store] = (min(w for w, _ in rates), min(r for _, r in rates))
                pools.append(t.SharedPool(store, 1.0))
        stores = tuple(tuple(x for x in one.names("storage") if x in arrays) for one in members)
        lines = _lines(resolved, conditions)
        pools += [t.SharedPool(x, 1.0) for x in dict.fromkeys(n for n, _ in lines.values() if n)]
        return cls(conditions, pools, tuple(serves), base, arrays, stores, lines)

    def stored(self, site: str, rate: float, latency: float, ratio: float) -> tuple[t.Work, ...]:
        """Return the work of an instance sent, at each member.

        Parameters
        ----------
        site : str
            Where it comes from.
        rate, latency : float
            Of the station's line, bytes/s, and its round trip, s.
        ratio : float
            Bytes stored for each that is sent.
        """
        return self._moved(site, (rate, latency), "store", ratio)

    def fetched(self, site: str, rate: float, latency: float) -> tuple[t.Work, ...]:
        """Return the work of an instance retrieved, at each member."""
        return self._moved(site, (rate, latency), "read", 1.0)

    def asked(self, latency: float) -> tuple[t.Work, ...]:
        """Return the work of a query, at each member; its service is drawn."""
        step = self.base.number("query") if self.base is not None else 0.0
        works = []
        for k, one in enumerate(self.serves):
            law, mean = one.law("query"), one.law("query").mean()
            uses = [(2 * k, mean), *self._steps(step)]
            works.append(t.Work(latency + mean, tuple(uses), law, 2 * k, mean, step=step))
        return tuple(works)

    def _steps(self, step: float) -> list[tuple[int, float]]:
        return [(2 * len(self.serves), step)] if self.base is not None and step else []

    def _moved(
        self, site: str, wire: tuple[float, float], what: str, ratio: float
    ) -> tuple[t.Work, ...]:
        rate, latency = wire
        stores = what == "store"
        step = self.base.number("store") if self.base is not None and stores else 0.0
        works = []
        for k, (member, one) in enumerate(zip(self.conditions.members, self.serves, strict=True)):
            mean, nic = one.law(what).mean(), one.number("nic")
            name, width = self.lines[site, member]
            each = self._on_arrays(k, ratio, writes=stores)
            sized = [*each, (2 * k + 1, 1.0 / nic)]
            if name:
                sized.append((self._number(name), 1.0 / width))
            uses = [(2 * k, mean), *self._steps(step)]
            works.append(
                t.Work(
                    latency + mean,
                    tuple(uses),
                    None,
                    2 * k,
                    mean,
                    1.0 / min(rate, nic, width),
                    tuple(sized),
                    step,
                    max((seconds for _, seconds in each), default=0.0),
                )
            )
        return tuple(works)

    def _on_arrays(self, member: int, ratio: float, *, writes: bool) -> list[tuple[int, float]]:
        """Return the pools of a member's own arrays, and their seconds for each byte moved."""
        names = self.stores[member]
        rates = [self.arrays[x][0 if writes else 1] for x in names]
        share = ratio / len(names) if names else 0.0
        return [(self._number(x), share / one) for x, one in zip(names, rates, strict=True)]

    def _number(self, name: str) -> int:
        return next(k for k, pool in enumerate(self.pools) if pool.name == name)


def _base(resolved: Resolved) -> tuple[str, Part | None]:
    """Return the database that a role needs beside the archive, else one that runs on it."""
    assert resolved.workload is not None
    archive, parts, roles = resolved.workload.archive, resolved.parts, resolved.roles.values()
    needs = [role["needs"].names() for role in roles]
    named = [name for names in needs if archive in names for name in names]
    for name in (*named, *needed_databases(archive, parts.values(), roles)):
        part = parts.get(name, Part("", ""))
        serves = part.values.get("serves")
        if isinstance(serves, Part) and "connections" in serves:
            return name, serves
    return "", None


def _lines(resolved: Resolved, conditions: Conditions) -> dict[tuple[str, str], tuple[str, float]]:
    """Return, by site and member, the narrowest part on the way and what it carries."""
    assert resolved.workload is not None
    network = Network(resolved.parts, resolved.groups)
    found = {}
    for site in conditions.sites:
        for member in conditions.members:
            legs = [(site, member)]
            if holders_of(resolved, resolved.workload.archive):
                holder = conditions.holders[0]
                legs = [(site, holder), (holder, member)]
            names = [x for leg in legs if (x := network.narrowest(*leg))]
            name = min(names, key=lambda x: most(resolved.parts[x]), default="")
            width = most(resolved.parts[name]) if name else math.inf
            found[site, member] = (f"line {name}" if name else "", width)
    return found
