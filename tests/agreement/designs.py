"""Random designs of all kinds of groups, balancers and lines: a function of one integer each.

`drawn` gives plain values that go through the loader like any file. What a kind of group or of line
adds is one function in `KINDS`; each number gets one pair of kinds, in turn, and others by chance,
so that all pairs meet. Lives are short, so that much happens in little time.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.core.model import Selector
from tests.field.designs import Drawing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pacsim.core import Batch, Model
    from pacsim.design import Design

WINDOWS = ("first sunday 02:00", "second tuesday 22:00", "third sunday 03:00", "last friday 12:00")
CLIENTS = {"type": "clients"}


class Site(Drawing):
    """One design being drawn: two places, a switch at the edge and one inside."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.rng = np.random.default_rng([number, 20261128])
        forced = PAIRS[number % len(PAIRS)]
        self.chosen = {
            *forced,
            *(kind for kind in KINDS if self.chance(0.3 if kind == "vrrp" else 0.15)),
        }
        self.feeds: list[str] = []
        self.needs: list[Any] = []
        self.full: list[Any] = []
        self.ways: list[str] = []
        """Addresses of balancers, behind which a pool may stand."""
        self.worked_on: list[str] = []

    def life(self, *lengths: int) -> dict[str, Any]:
        """Return slots of a time to failure of one of some days, and of a repair of hours."""
        days = self.one(*(lengths or (4, 8, 15)))
        ttf = self.one(
            {"mean": f"{days} d", "family": "exponential"}, {"scale": f"{days} d", "shape": 1.5}
        )
        return {"ttf": ttf, "ttr": self.delay("2 h", "9 h", "30 h")}

    def box(self, kind: str, network: list[str], **more: Any) -> dict[str, Any]:
        """Return a part with a life that is cabled and, if there is power, fed."""
        powered = {"power": self.feeds} if self.feeds else {}
        return {"type": kind, **self.life(), "network": network, **powered, **more}

    def nodes(self, stem: str, number: int, *, storage: bool) -> list[str]:
        """Add servers that fail often in every way; return their names."""
        names = [f"{stem}-{k + 1}" for k in range(number)]
        made = {
            **self.server(self.feeds, ["inner"], stored=storage),
            **self.life(10, 20),
        }
        if self.chance():
            made["os_crash"] = "25 d"
        software = {
            "crash": {"mean": self.one("6 d", "15 d"), "family": "exponential"},
            "hang_share": self.one(0, 0.3), "start": self.delay("5 s", "2 min"),
            "manual_restart": self.delay("10 min", "1 h"),
        }  # fmt: skip
        if self.chance():
            software |= {"watchdog": "20 s", "watchdog_cures": 0.7}
        if self.chance(0.3):
            software |= {"change_fails": 0.3, "change_fix": "2 h"}
        self.parts[names[0]] = {**made, "software": software}
        for name in names[1:]:
            self.parts[name] = {"like": names[0]}
        return names

    def check(self, **more: Any) -> dict[str, Any]:
        """Return a check of some depth."""
        return {
            "sees": self.one("host", "tcp", "http", "c_echo", "c_store"),
            "every": self.one("2 s", "1 min", "20 min"), "fall": self.one(1, 3),
            "timeout": self.one("0 s", "10 s"), **more,
        }  # fmt: skip

    def votes(self, members: list[str]) -> str:
        """Add voters to those that there are, and a witness; return the name of the quorum."""
        if "votes" not in self.groups:
            self.parts["witness"] = self.box("component", ["edge"])
            self.groups["votes"] = {"type": "quorum", "voters": ["witness"]}
        self.groups["votes"]["voters"] += members
        return "votes"

    def windows(self, stem: str, servers: list[str], *, rolling: bool) -> None:
        """Add regular work on some servers."""
        made = self.practices.setdefault("maintenance", {})
        for k, on in enumerate(WINDOWS[: self.one(2, 4, 4)]):
            made[f"{stem}-w{k + 1}"] = {
                "of": servers, "every": "1 month", "on": on,
                "lasts": self.delay("1 h", "5 h"), "rolling": rolling,
            }  # fmt: skip


def bond(site: Site) -> None:
    """Add lines side by side between the edge and the inside."""
    site.parts["trunk"] = {
        "type": "bond", **site.life(), "between": ["edge", "inner"], "links": site.one(2, 3),
        "capacity": "1 Gbit/s",
    }  # fmt: skip
    site.parts["reading"]["peak"] = site.one("400 Mbit/s", "1.5 Gbit/s")


def firewall(site: Site) -> None:
    """Add a firewall or two between the edge and the inside."""
    site.parts["gate"] = site.box("firewall", ["edge", "inner"])
    if site.chance():
        site.parts["gate-b"] = {"like": "gate"}


def wan(site: Site) -> None:
    """Add one or two lines to a place elsewhere, by their life or by what is promised."""
    lasting = site.one(site.life(), {"availability": "97 %", "repair": site.delay("3 h", "20 h")})
    site.parts["isp"] = {"type": "wan", **lasting, "network": ["far", "edge"]}
    if site.chance():
        site.parts["isp-b"] = {"like": "isp"}
        site.parts["lines"] = {
            "type": "common_cause", "members": ["isp", "isp-b"], "share": "20 %",
        }  # fmt: skip


def cloud(site: Site) -> None:
    """Add a service elsewhere that is needed to be in full, or at all."""
    site.parts["object-store"] = {
        "type": "cloud", "outages": site.life()["ttf"], "repair": site.delay("1 h", "8 h"),
        "network": ["far"],
    }  # fmt: skip
    site.one(site.needs, site.full).append("object-store")


def balancer(site: Site, name: str) -> None:
    """Add a load balancer with one leg outside and one inside."""
    site.parts[name] = site.box(
        "load_balancer",
        ["edge", "inner"],
        soft_share=0.5,
        soft_repair=site.delay("3 min", "20 min"),
    )


def load_balancer(site: Site) -> None:
    """Add a balancer that stands alone."""
    balancer(site, "lb")
    site.ways.append("lb")


def vrrp(site: Site) -> None:
    """Add two or three that share an address: balancers, or routers to the inside."""
    kind = site.one("load_balancer", "load_balancer", "firewall", "switch")
    if "active_active" in site.chosen:
        kind = "load_balancer"
    members = [f"r-{k + 1}" for k in range(site.one(2, 2, 3))]
    if kind != "load_balancer":
        site.parts[members[0]] = site.box(kind, ["edge", "inner"])
    else:
        balancer(site, members[0])
        site.ways.append("address")
    for name in members[1:]:
        site.parts[name] = {"like": members[0]}
    site.groups["address"] = {
        "type": "vrrp", "members": members, "takeover": site.delay("4 s", "90 min"),
        "failover_fails": site.one(0, 0.6, 0.6), "preempt": site.chance(),
    }  # fmt: skip
    site.needs.append("address")


def active_passive(site: Site) -> None:
    """Add a pair or three with one that serves."""
    members = site.nodes("twin", site.one(2, 2, 3), storage="array" in site.parts)
    site.group(members, ["inner"])
    pair = site.groups["pair"] = site.groups.pop("pacs")
    if site.chance(0.7):
        pair |= {
            "latent": site.one("4 d", "10 d"),
            "check": {**pair["check"], "standby": site.chance()},
        }
    if site.chance(0.6):
        site.windows("pair", members, rolling=site.chance())
    site.needs.append("pair")


def active_active(site: Site) -> None:
    """Add a pool of two to four, behind what balancers there are."""
    members = site.nodes("node", site.one(2, 3, 3), storage="array" in site.parts)
    mode = site.one("round_robin", "first", "source")
    need = 1 if mode == "first" else site.one(*range(1, len(members) + 1))
    group: dict[str, Any] = {
        "type": "active_active", "members": members, "need": need,
        "least": site.one(*range(1, need + 1)), "check": site.check(rise=site.one(1, 2)),
        "dial": {"mode": mode}, "redispatch": site.chance(),
        "sessions": site.one("per_node", "per_node", "shared"),
    }  # fmt: skip
    if site.ways:
        group["behind"] = site.ways
    if site.chance():
        group["common"] = {"hardware": 0.5, "software": 0.4}
    drains = site.chance(0.9)
    if drains:
        # Long enough that something goes wrong meanwhile.
        group["drain"] = site.delay("30 min", "8 h", "20 h")
    rolling = drains or site.chance()
    servers = members
    if site.chance(0.8):
        # In turn with work on a server that is down now and then, so that who is drained may wait.
        spool = site.nodes("spool", 1, storage=False)
        site.parts["spool-1"] |= {"ttf": "2 d", "ttr": {"exactly": "30 h"}}
        servers = site.one([*spool, *members], [*members, *spool])
    site.windows("pool", servers, rolling=rolling)
    site.groups["pool"] = group
    site.needs.append("pool")


def mirror(site: Site) -> None:
    """Add two arrays that are copies of each other, with a line between them that breaks."""
    array = {
        "type": "disk_array", "from": "array_dual_controller", "layout": "raid6", "disks": 6,
        "disk": {"from": "disk_group", "size": "2 TB"}, "network": ["inner"],
        "shelf": {"mean": site.one("8 d", "20 d"), "family": "exponential"},
        "wipe": {"mean": site.one("20 d", "60 d"), "family": "exponential"},
    }  # fmt: skip
    if site.feeds:
        array["power"] = site.feeds
    site.parts |= {"copy-1": array, "copy-2": {"like": "copy-1"}}
    # No way but over it: what is cabled to it as well would join them.
    group: dict[str, Any] = {
        "type": "mirror", "members": ["copy-1", "copy-2"], "resync": site.delay("1 h", "20 h"),
    }  # fmt: skip
    if site.chance(0.3):
        group |= {
            "mode": "asynchronous", "lag": site.delay("2 min", "1 h"), "stops": "15 d",
            "notice": site.delay("2 h", "1 d"),
        }  # fmt: skip
    elif "quorum" in site.chosen:
        group["quorum"] = site.votes(["copy-1", "copy-2"])
    else:
        group |= {"split": site.one(0, 0.5), "split_repair": site.delay("2 h", "9 h")}
        group["force"] = site.chance()
    site.groups["images"] = group
    site.needs.append("images")
    if site.chance():
        site.parts["nightly"] = {
            "type": "backup", "from": "backup_nightly", "of": ["images"], "interval": "4 d"
        }  # fmt: skip


def primary_standby(site: Site) -> None:
    """Add the servers of a database of which one writes."""
    members = site.nodes("base", site.one(2, 2, 3), storage=False)
    group: dict[str, Any] = {
        "type": "primary_standby", "members": members, "failover": site.delay("40 s", "20 min"),
        "success": site.one(0.6, 0.9), "replica_stop": site.one("5 d", "15 d"),
        "notice": site.delay("1 h", "9 h"), "resync": site.delay("10 min", "3 h"),
    }  # fmt: skip
    if "quorum" in site.chosen:
        group["quorum"] = site.votes(members)
    site.groups["base"] = group
    site.parts["index"] = {
        "type": "database", "from": "database_single", "runs_on": "base",
        "crash": {"mean": "9 d", "family": "exponential"},
    }  # fmt: skip
    if site.chance(0.6):
        site.windows("base", members, rolling=True)
    site.needs += ["base", "index"]


def quorum(site: Site) -> None:
    """Add a database with a witness, if nobody votes yet."""
    if "votes" not in site.groups:
        primary_standby(site)


KINDS: dict[str, Callable[[Site], None]] = {
    "bond": bond,
    "firewall": firewall,
    "wan": wan,
    "cloud": cloud,
    "load_balancer": load_balancer,
    "vrrp": vrrp,
    "mirror": mirror,
    "active_passive": active_passive,
    "active_active": active_active,
    "primary_standby": primary_standby,
    "quorum": quorum,
}
"""What adds a kind, in the order in which they are added."""
PAIRS = tuple(combinations(KINDS, 2))


def drawn(number: int) -> dict[str, Any]:
    """Return the plain values of a legal design."""
    site = Site(number)
    if site.chance(0.3):
        site.feeds = site.power()
    site.parts |= {
        "reading": {**CLIENTS, "network": ["edge"], "share": "70 %"},
        "clinic": {**CLIENTS, "network": ["far"]},
        "edge": site.box("switch", []),
        "far": site.box("switch", [] if "wan" in site.chosen else ["edge"]),
        # Whoever has a way of its own inside is the only way.
        "inner": site.box("switch", [] if site.chosen & {"bond", "firewall"} else ["edge"]),
    }
    if site.chance(0.3):
        site.parts["array"] = site.box("component", ["inner"])
        site.needs.append("array")
    for kind, add in KINDS.items():
        if kind in site.chosen:
            add(site)
    if not site.needs or set(site.needs) <= {"array", "object-store"}:
        site.parts["ris"] = site.box("component", ["inner"])
        site.needs.append("ris")
    _database(site)
    site.people()
    if "monitoring" in site.practices and site.chance():
        site.practices["monitoring"]["finds"] += ["standby", "stopped_copy"]
    if "vrrp" in site.chosen:
        site.parts.setdefault("team", {"type": "crew", "from": "people", "size": 1})
    role: dict[str, Any] = {
        "needs": site.needs, "used_from": ["reading", "clinic"], "down_when": site.one("any", "all")
    }  # fmt: skip
    if site.full:
        role["full"] = site.full
    return {
        "pacsim": 1, "catalogue": "2026.3", "name": f"drawn-{number}",
        "contract": {"starts": "2026-01-05", "term": "2 years", "min_outage": "0 s"},
        "parts": site.parts, "groups": site.groups, "roles": {"store": role},
        "practices": site.practices,
    }  # fmt: skip


def _database(site: Site) -> None:
    """Add a database now and then, on a pair or on a server of its own."""
    if not site.chance(0.3):
        return
    where = "pair" if "pair" in site.groups else site.nodes("db", 1, storage=False)[0]
    site.parts["database"] = {"type": "database", "from": "database_single", "runs_on": where}
    site.needs.append("database")


def kinds_of(plain: dict[str, Any]) -> set[str]:
    """Return which kinds a design has, by the types that are written in it."""
    written = [*plain["parts"].values(), *plain["groups"].values()]
    return {one["type"] for one in written if "type" in one} & set(KINDS)


def pairs_of(kinds: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of some kinds, each as in `PAIRS`."""
    return combinations([kind for kind in KINDS if kind in kinds], 2)


def hastened(model: Model, times: float) -> Model:
    """Return a model in which every clock of class fault runs so many times as fast."""
    return replace(
        model,
        transitions=tuple(
            replace(
                t, speed=Selector(t.speed.level, tuple(times * value for value in t.speed.table))
            )
            if t.timed and t.cls == "fault"
            else t
            for t in model.transitions
        ),
    )


def moves_of(design: Design, model: Model) -> list[str]:
    """Return for each transition what it is: type, element and label without names and numbers."""
    resolved = design.resolved
    types = {part.name: part.type for part in (*resolved.parts.values(), *resolved.groups.values())}
    known = [*types, *(resolved.practices.values.get("maintenance") or {}), "upgrades"]
    found = []
    for transition in model.transitions:
        owner, _, rest = transition.name.partition("/")
        for name in sorted(known, key=len, reverse=True):
            rest = re.sub(rf"\b{re.escape(name)}\b", "*", rest)
        found.append(f"{types.get(owner, owner)}/{re.sub(r'-[0-9]+', '-*', rest)}")
    return found


def longest_instant(model: Model, batch: Batch) -> int:
    """Return the most immediate transitions in a row in a trace."""
    assert batch.trace is not None
    timed = [model.transitions[k].timed for k in batch.trace["transition"]]
    marks = np.flatnonzero([*timed, True])
    return int(np.diff(marks, prepend=-1).max()) - 1
